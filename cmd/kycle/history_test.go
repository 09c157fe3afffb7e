package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/refund"
)

// Histories for the tests, with fixed ids and times.

var morning = time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC)

// sealed makes a chain of entries that say "event from to".
func sealed(kind string, definition string, steps ...string) []audit.Entry {
	subject := audit.Subject{Organization: "org_a", Kind: kind, ID: uuid.NewSHA1(uuid.Nil, []byte(kind))}
	fingerprint, err := audit.ParseDigest(definition)
	if err != nil {
		panic(err)
	}
	var head audit.Head
	var out []audit.Entry
	status := ""
	for i, step := range steps {
		word := strings.Fields(step)
		e := audit.Entry{
			Subject: subject, Call: uuid.NewSHA1(subject.ID, []byte{byte(i)}), Event: word[0], From: status, To: word[1], Verdict: audit.Moved,
			Actor: audit.Actor{Organization: "org_a", Kind: audit.Person, ID: "user_a"}, Definition: fingerprint,
			OccurredAt: morning.Add(time.Duration(i) * time.Minute), RecordedAt: morning.Add(time.Duration(i) * time.Minute),
		}
		if len(word) > 2 {
			p, _ := refund.Post(word[2], refund.Subject(subject), refund.Amount{Minor: 500, Currency: "AUD"}, uint64(i+1), e.RecordedAt)
			e.Postings = []string{p.Line()}
		}
		if word[0] == "cancel" {
			e.Salt, e.Body = []byte("salt"), []byte(`{"reason":"no longer needed"}`)
		}
		e, head = audit.Append(head, e)
		out, status = append(out, e), word[1]
	}
	return out
}

func passHistory() []audit.Entry {
	return sealed("id_pass", idpass.Machine.Fingerprint(), "register new charge", "open opened", "cancel cancelled refund")
}

// loanHistory was judged by testdata/loan.json.
func loanHistory() []audit.Entry {
	return sealed("loan", "d0f0dbad5530ad2f49d456d6c6b631c09fbc12b00b080a0b6c613cdd4ef772b7", "ask asked", "lend lent", "returned back")
}

func wrongHistory() []audit.Entry {
	return sealed("kyc_validation", kyc.Machine.Fingerprint(), "create pending", "approve approved")
}

func postings(entries []audit.Entry) []refund.Posting {
	subject := refund.Subject(entries[0].Subject)
	amount := refund.Amount{Minor: 500, Currency: "AUD"}
	charge, _ := refund.Post(refund.Charged, subject, amount, 1, morning)
	back, _ := refund.Post(refund.Refunded, subject, amount, 3, morning)
	return []refund.Posting{charge, back}
}

func file(name string) string {
	text, err := os.ReadFile(name)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func erased(entries []audit.Entry) []audit.Entry {
	entries[2].Salt, entries[2].Body = nil, nil
	return entries
}

func head(entries []audit.Entry) string {
	last := entries[len(entries)-1]
	return fmt.Sprintf("%d:%s", last.Seq, last.Hash)
}

func lines(histories ...[]audit.Entry) string {
	var b strings.Builder
	for _, entries := range histories {
		for _, e := range entries {
			text, err := json.Marshal(e)
			if err != nil {
				panic(err)
			}
			b.Write(append(text, '\n'))
		}
	}
	return b.String()
}

// answer is what a host's GET …/audit prints.
func answer(entries []audit.Entry, postings []refund.Posting) string {
	type posting struct {
		Key  uuid.UUID   `json:"key"`
		Kind refund.Kind `json:"kind"`
		refund.Amount
		Reverses *uuid.UUID `json:"reverses"`
		Seq      uint64     `json:"seq"`
	}
	printed := []posting{}
	for _, p := range postings {
		line := posting{Key: p.Key, Kind: p.Kind, Amount: p.Amount, Seq: p.Seq}
		if p.Reverses != uuid.Nil {
			line.Reverses = &p.Reverses
		}
		printed = append(printed, line)
	}
	text, err := json.MarshalIndent(map[string]any{"entries": entries, "postings": printed, "chain": map[string]any{"verified": true, "fault": nil}}, "", "  ")
	if err != nil {
		panic(err)
	}
	return string(text)
}

// without leaves one line out, counted from 0.
func without(text string, line int) string {
	all := strings.SplitAfter(text, "\n")
	return strings.Join(append(all[:line:line], all[line+1:]...), "")
}
