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
	"github.com/kycle/kycle/lifecycle/export"
	"github.com/kycle/kycle/refund"
)

// Histories for the tests, with fixed ids and times.

var morning = time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC)

// sealed makes a chain of entries. A step says "event@actor to posting": by a person where it
// names no actor; a note stands in place of to, behind a colon; a posting may be left out.
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
		event, kind, named := strings.Cut(word[0], "@")
		actor := audit.Actor{Organization: "org_a", Kind: kind, ID: kind}
		if !named {
			actor.Kind, actor.ID = audit.Person, "user_a"
		}
		to, verdict := word[1], audit.Moved
		if note, is := strings.CutPrefix(to, ":"); is {
			to, verdict = status, audit.Verdict(note)
		}
		e := audit.Entry{
			Subject: subject, Call: uuid.NewSHA1(subject.ID, []byte{byte(i)}), Event: event, From: status, To: to, Verdict: verdict,
			Actor: actor, Definition: fingerprint,
			OccurredAt: morning.Add(time.Duration(i) * time.Minute), RecordedAt: morning.Add(time.Duration(i) * time.Minute),
		}
		if len(word) > 2 {
			p, _ := refund.Post(word[2], refund.Subject(subject), refund.Amount{Minor: 500, Currency: "AUD"}, uint64(i+1), e.RecordedAt)
			e.Postings = []string{p.Line()}
		}
		if event == "cancel" {
			e.Salt, e.Body = []byte("salt"), []byte(`{"reason":"no longer needed"}`)
		}
		e, head = audit.Append(head, e)
		out, status = append(out, e), to
	}
	return out
}

func passHistory() []audit.Entry {
	return sealed("id_pass", idpass.Machine.Fingerprint(), "register new charge", "open@provider opened", "cancel cancelled refund")
}

// loanHistory was judged by testdata/loan.json.
func loanHistory() []audit.Entry {
	return sealed("loan", judge("testdata/loan.json"), "ask asked", "lend lent", "returned@provider back")
}

// notedHistory was judged by testdata/loan-noted.json, if it is honest.
func notedHistory(reminder, keeper string) []audit.Entry {
	return sealed("loan", judge("testdata/loan-noted.json"), "ask asked", "lend lent", reminder, "returned@provider back", keeper)
}

// judge is the fingerprint of a definition in a file.
func judge(name string) string {
	chart, err := export.Parse([]byte(file(name)))
	if err != nil {
		panic(err)
	}
	return chart.Fingerprint()
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
