package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/lifecycle/export"
	"github.com/kycle/kycle/refund"
)

var update = flag.Bool("update", false, "write the golden files anew")

// cases are command lines; what each prints stands in testdata/golden under its name.
var cases = []struct {
	name, why, args string
	stdin           string
	code            int
}{
	{"overview", "what there is", "-h", "", fine},
	{"nothing", "the same, and it is wrong usage", "", "", noAnswer},
	{"no such command", "the same", "explain kyc", "", noAnswer},
	{"doc help", "with examples", "doc -h", "", fine},
	{"check help", "with examples", "check -h", "", fine},
	{"diff help", "with examples", "diff -h", "", fine},
	{"conform help", "with examples", "conform -h", "", fine},
	{"verify help", "with examples", "verify -h", "", fine},

	{"doc of a file", "the flag may stand behind", "doc testdata/loan.json -format mermaid", "", fine},
	{"doc of nothing", "it takes a machine", "doc -format json", "", noAnswer},
	{"doc in no format", "the formats are listed", "doc kyc -format svg", "", noAnswer},
	{"an unknown flag", "nothing is guessed", "doc kyc -colour", "", noAnswer},
	{"doc of a defective file", "nothing can be done with it", "doc testdata/broken.json", "", noAnswer},

	{"check of a sound file", "and how many policies hold", "check testdata/loan.json", "", fine},
	{"check as JSON", "for programs", "check -json testdata/loan.json", "", fine},
	{"check of a defective file", "every defect at once", "check testdata/broken.json", "", no},
	{"check of a defective file as JSON", "for programs", "check testdata/broken.json -json", "", no},
	{"check of no file", "what to do", "check testdata/missing.json", "", noAnswer},
	{"check of no definition", "what to do, and nothing of the content", "check -", `{"Jane":1}`, noAnswer},
	{"check of two files", "it takes one", "check kyc idpass", "", noAnswer},

	{"diff of one", "nothing differs", "diff testdata/loan.json testdata/loan.json", "", fine},
	{"diff that tightens", "not as bad as breaking", "diff testdata/loan.json testdata/loan-strict.json", "", fine},
	{"diff that may not tighten", "a stricter gate", "diff -fail tightening testdata/loan.json testdata/loan-strict.json", "", no},
	{"diff that breaks", "with paths", "diff testdata/loan.json testdata/loan-free.json", "", no},
	{"diff as JSON", "for programs", "diff -json testdata/loan.json testdata/loan-free.json", "", no},
	{"diff at no class", "the classes are listed", "diff -fail none kyc kyc", "", noAnswer},
	{"diff of standard input twice", "it can be read once", "diff - -", file("testdata/loan.json"), noAnswer},
	{"diff worse than asked for", "tightening is worse than additive", "diff -fail additive testdata/loan.json testdata/loan-strict.json", "", no},

	{"conform of a log", "it follows", "conform -machine testdata/loan.json testdata/loans.jsonl", "", fine},
	{"conform of a wrong log", "with repairs", "conform testdata/wrong.jsonl -machine testdata/loan.json", "", no},
	{"conform as JSON", "for programs", "conform -json -machine testdata/loan.json testdata/wrong.jsonl", "", no},
	{"conform of a log that is not sorted", "as it was said to be", "conform -sorted -machine testdata/loan.json testdata/loans.jsonl", "", noAnswer},
	{"conform of a sorted log", "kyc is the machine that is meant", "conform -sorted -", `{"record":"a","event":"create","status":"pending"}`, fine},
	{"conform of no log", "where it cannot be read, and nothing of the content", "conform -", "{\"record\":\"Jane\"}\n", noAnswer},

	{"verify of one chain", "JSON lines", "verify -", lines(passHistory()), fine},
	{"verify of two chains", "entries of two subjects", "verify -", lines(passHistory(), loanHistory()), fine},
	{"verify of an answer", "with its postings", "verify -", answer(passHistory(), postings(passHistory())), fine},
	{"verify of an answer without a posting", "the books do not agree", "verify -", answer(passHistory(), []refund.Posting{}), no},
	{"verify of an edited chain", "the first fault", "verify -", strings.Replace(lines(passHistory()), `"to":"opened"`, `"to":"complete"`, 1), no},
	{"verify of an edited reason", "it stands beside the hash", "verify -", strings.Replace(lines(passHistory()), `"reason":"no longer needed"`, `"reason":"fraud"`, 1), no},
	{"verify of an erased reason", "it was erased, and the chain holds", "verify -", lines(erased(passHistory())), fine},
	{"verify with a gap", "a line is missing", "verify -", without(lines(passHistory()), 1), no},
	{"verify of the end", "no chain shows by itself that it was cut", "verify -", without(lines(passHistory()), 2), fine},
	{"verify of the end by a head", "kept elsewhere", "verify -head " + head(passHistory()) + " -", without(lines(passHistory()), 2), no},
	{"verify with a head", "it is there", "verify -head " + head(passHistory()) + " -", lines(passHistory()), fine},
	{"verify with a head of nothing", "how it is written", "verify -head 3 -", "", noAnswer},
	{"verify with a head of many", "whose is it", "verify -head " + head(passHistory()) + " -", lines(passHistory(), loanHistory()), noAnswer},
	{"verify under another machine", "the definition that judged it", "verify - -machine testdata/loan.json", lines(loanHistory()), fine},
	{"verify of a wrong move", "sealed, but no row of the table", "verify -", lines(wrongHistory()), no},
	{"verify as JSON", "for programs", "verify -json -", lines(passHistory(), loanHistory(), wrongHistory()), no},
	{"verify of nothing", "nothing can be said", "verify -", "", noAnswer},
	{"verify of no chain", "where, and nothing of the content", "verify -", "{\"Jane\":1}", noAnswer},
}

func TestRun(t *testing.T) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			code := run(strings.Fields(c.args), strings.NewReader(c.stdin), &stdout, &stderr)
			if code != c.code {
				t.Errorf("%s: exit code %d instead of %d\n%s%s", c.why, code, c.code, &stdout, &stderr)
			}
			if (code == noAnswer) != (stderr.Len() > 0) || (code == noAnswer) == (stdout.Len() > 0) {
				t.Errorf("%s: an answer and an error do not go together:\n%s%s", c.why, &stdout, &stderr)
			}
			if strings.Contains(stderr.String(), "Jane") {
				t.Errorf("the error repeats the content: %s", &stderr)
			}
			golden(t, strings.ReplaceAll(c.name, " ", "-"), fmt.Sprintf("$ kycle %s\n%s%sexit %d\n", c.args, &stdout, &stderr, code))
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "golden", name+".txt")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("it does not print what %s holds; read the difference, then run: go test ./cmd/kycle -update\n%s", path, got)
	}
}

// Every format is the exporter's, of our own machines too; and what doc writes, check reads.
func TestDocWritesEveryFormat(t *testing.T) {
	for _, f := range export.Formats {
		var stdout, stderr bytes.Buffer
		if code := run([]string{"doc", "kyc", "-format", f.Name}, nil, &stdout, &stderr); code != fine || stdout.String() != f.Write(kyc.Machine.Chart()) {
			t.Errorf("%s: exit code %d, %s", f.Name, code, &stderr)
		}
	}
	var text, diff, stderr bytes.Buffer
	run([]string{"doc", "-format=json", "idpass"}, nil, &text, &stderr)
	if code := run([]string{"diff", "idpass", "-"}, &text, &diff, &stderr); code != fine || diff.String() != "id_pass: none\n" {
		t.Errorf("exit code %d, %s%s", code, &diff, &stderr)
	}
}

type full struct{}

var errFull = errors.New("the disk is full")

func (full) Write([]byte) (int, error) { return 0, errFull }

// Half an answer is none: a script must not take it for a whole one.
func TestAnswerThatCannotBeWritten(t *testing.T) {
	for _, args := range []string{"doc kyc", "check kyc", "check -json kyc", "diff kyc kyc", "conform testdata/loans.jsonl -machine testdata/loan.json", "doc -h"} {
		var stderr bytes.Buffer
		if code := run(strings.Fields(args), nil, full{}, &stderr); code != noAnswer || !strings.Contains(stderr.String(), errFull.Error()) {
			t.Errorf("%s: exit code %d, %s", args, code, &stderr)
		}
	}
}

// The program itself, built and run once.
func TestBinary(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds the program")
	}
	program := filepath.Join(t.TempDir(), "kycle")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	verify := exec.Command(program, "verify", "-")
	verify.Stdin = strings.NewReader(without(lines(passHistory()), 1))
	var exit *exec.ExitError
	if out, err := verify.Output(); !errors.As(err, &exit) || exit.ExitCode() != no || !strings.Contains(string(out), "gap") {
		t.Errorf("%v\n%s", err, out)
	}
	if out, err := exec.Command(program, "check", "idpass").Output(); err != nil || !strings.HasPrefix(string(out), "id_pass is sound") {
		t.Errorf("%v\n%s", err, out)
	}
}

// What follows makes histories, with fixed ids and times.

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
