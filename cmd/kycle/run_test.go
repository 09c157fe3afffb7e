package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

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

	{"help of a command", "it is what people type first", "help diff", "", fine},
	{"help of no command", "what there is", "help explain", "", noAnswer},
	{"help of a flag", "it is no command", "help -version", "", noAnswer},
	{"drift help", "with examples", "drift -h", "", fine},
	{"doc of no machine", "what there is", "doc kcy", "", noAnswer},
	{"doc of a file", "the flag may stand behind", "doc testdata/loan.json -format mermaid", "", fine},
	{"doc of nothing", "it takes a machine", "doc -format json", "", noAnswer},
	{"doc in no format", "the formats are listed", "doc kyc -format svg", "", noAnswer},
	{"an unknown flag", "nothing is guessed", "doc kyc -colour", "", noAnswer},
	{"doc of a defective file", "nothing can be done with it", "doc testdata/broken.json", "", noAnswer},

	{"check of a sound file", "and how many policies hold", "check testdata/loan.json", "", fine},
	{"check of a file with notes", "a policy that is set aside does not hold", "check testdata/loan-noted.json", "", fine},
	{"check of a file with notes as JSON", "for programs", "check -json testdata/loan-noted.json", "", fine},
	{"check of a lifecycle without an end", "why it has none", "check -", endless, fine},
	{"check of a policy that is set aside for nothing", "the table keeps it", "check -", strings.Replace(file("testdata/loan-noted.json"), `"notes": ["reminded"]`, `"notes": ["kept"], "from": ["lent"]`, 1), no},
	{"check as JSON", "for programs", "check -json testdata/loan.json", "", fine},
	{"check of a defective file", "every defect at once", "check testdata/broken.json", "", no},
	{"check of a defective file as JSON", "for programs", "check testdata/broken.json -json", "", no},
	{"check of no file", "what to do", "check testdata/missing.json", "", noAnswer},
	{"check of no definition", "what to do, and nothing of the content", "check -", `{"Jane":1}`, noAnswer},
	{"check of a file that would move the cursor", "no name of a file reaches the terminal as it stands", "check -", "{\"format\":\"kycle lifecycle 1\",\"name\":\"x\\u001b[2J\\nx is sound\",\"states\":[{\"name\":\"a\\u001b[31m\\u009b\\u202e\\n  a\"},{\"name\":\"a\\u001b[31m\\u009b\\u202e\\n  a\"}],\"events\":[],\"rows\":[]}", no},
	{"doc of a file that would move the cursor", "nor by way of an error", "doc -", "{\"format\":\"kycle lifecycle 1\",\"name\":\"x\\u001b[2J\",\"states\":[],\"events\":[],\"rows\":[]}", noAnswer},
	{"check of a broken policy", "what is claimed, and a path that breaks it", "check -", strings.Replace(file("testdata/loan.json"), `"states": ["back"]`, `"states": ["back", "lent"]`, 1), no},
	{"check of a file with a byte order mark", "editors leave it, and nobody sees it", "check -", "\ufeff" + file("testdata/loan.json"), noAnswer},
	{"check of a file nested too deep", "what is wrong, and where", "check -", `{"states":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + "}", noAnswer},
	{"check of a directory", "what to do", "check testdata", "", noAnswer},
	{"check of two files", "it takes one", "check kyc idpass", "", noAnswer},

	{"diff of one", "nothing differs", "diff testdata/loan.json testdata/loan.json", "", fine},
	{"diff that tightens", "not as bad as breaking", "diff testdata/loan.json testdata/loan-strict.json", "", fine},
	{"diff that may not tighten", "a stricter gate", "diff -fail tightening testdata/loan.json testdata/loan-strict.json", "", no},
	{"diff that breaks", "with paths", "diff testdata/loan.json testdata/loan-free.json", "", no},
	{"diff that adds notes", "with paths", "diff testdata/loan.json testdata/loan-noted.json", "", no},
	{"diff of another word of a note", "histories have the old one", "diff testdata/loan-noted.json -", strings.ReplaceAll(file("testdata/loan-noted.json"), `"reminded"`, `"warned"`), no},
	{"diff without a policy", "what nothing promises any more can be broken unnoticed", "diff testdata/loan.json -", strings.Split(file("testdata/loan.json"), `,
  "policies"`)[0] + "}", no},
	{"diff as JSON", "for programs", "diff -json testdata/loan.json testdata/loan-free.json", "", no},
	{"diff at no class", "the classes are listed", "diff -fail none kyc kyc", "", noAnswer},
	{"diff of standard input twice", "it can be read once", "diff - -", file("testdata/loan.json"), noAnswer},
	{"diff worse than asked for", "tightening is worse than additive", "diff -fail additive testdata/loan.json testdata/loan-strict.json", "", no},

	{"conform of a log", "it follows", "conform -machine testdata/loan.json testdata/loans.jsonl", "", fine},
	{"conform of a wrong log", "with repairs", "conform testdata/wrong.jsonl -machine testdata/loan.json", "", no},
	{"conform as JSON", "for programs", "conform -json -machine testdata/loan.json testdata/wrong.jsonl", "", no},
	{"conform of a log that is not sorted", "as it was said to be", "conform -sorted -machine testdata/loan.json testdata/loans.jsonl", "", noAnswer},
	{"conform of a log with notes", "the status stays", "conform -machine testdata/loan-noted.json -",
		`{"record":"a","event":"ask","status":"asked"}
{"record":"a","event":"lend","status":"lent"}
{"record":"a","event":"remind","status":"lent"}
{"record":"a","event":"returned","status":"back"}
{"record":"a","event":"keep","status":"back"}
`, fine},
	{"conform of a log with a note that moves", "with a repair", "conform -machine testdata/loan-noted.json -",
		`{"record":"a","event":"ask","status":"asked"}
{"record":"a","event":"lend","status":"lent"}
{"record":"a","event":"remind","status":"back"}
`, no},
	{"conform of an audit export", "what it is for", "conform -machine kyc -", lines(passHistory()), noAnswer},
	{"conform of a sorted log", "no record comes twice", "conform -machine kyc -sorted -", `{"record":"a","event":"create","status":"pending"}`, fine},
	{"conform of no log", "where it cannot be read, and nothing of the content", "conform -machine kyc -", "{\"record\":\"Jane\"}\n", noAnswer},

	{"conform without a machine", "nothing is guessed", "conform testdata/loans.jsonl", "", noAnswer},
	{"conform of an empty log", "nothing followed anything", "conform -machine kyc -", "\n \n", noAnswer},
	{"conform of an empty log as JSON", "the same", "conform -json -machine kyc -", "", noAnswer},
	{"conform of a log with a byte order mark", "editors leave it, and nobody sees it", "conform -machine kyc -", "\ufeff" + `{"record":"a","event":"create","status":"pending"}`, noAnswer},
	{"conform of a directory", "what to do", "conform -machine kyc testdata", "", noAnswer},
	{"verify of a directory", "what to do", "verify testdata", "", noAnswer},

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
	{"verify of a history with notes", "each by the word of its table", "verify - -machine testdata/loan-noted.json", lines(notedHistory("remind@clock :reminded", "keep@system :kept")), fine},
	{"verify of a note by another word", "sealed, but the table has another", "verify - -machine testdata/loan-noted.json", lines(notedHistory("remind@clock :warned", "keep@system :kept")), no},
	{"verify of a note by nobody", "the table lets nobody else make it", "verify - -machine testdata/loan-noted.json", lines(notedHistory("remind@clock :reminded", "keep@provider :kept")), no},
	{"verify of a note that moved", "a note leads nowhere", "verify - -machine testdata/loan-noted.json", lines(notedHistory("remind@clock asked", "keep@system :kept")), no},

	{"drift of a schema", "it lists every status", "drift -machine testdata/loan.json -sql loans.status testdata/loans.sql", "", fine},
	{"drift of a schema that lacks one", "which, by both of its names", "drift -sql loans.status -machine testdata/loan-noted.json -", schema("'asked', 'lent', 'back', 'lost'"), no},
	{"drift of a schema as JSON", "for programs", "drift -json -sql public.loans.status -machine testdata/loan-noted.json -", schema("'asked', 'back'"), no},
	{"drift of a schema without the table", "nothing is compared", "drift -machine testdata/loan.json -sql others.status -", schema("'asked'"), noAnswer},
	{"drift of an API", "its enum", "drift -machine testdata/loan.json -openapi Status -", `{"components": {"schemas": {"Status": {"enum": ["asked", "lent", "back"]}}}}`, fine},
	{"drift of a chart", "its arrows", "drift -mermaid -machine testdata/loan.json -", "stateDiagram-v2\n[*] --> asked\nasked --> lent\nasked --> back\n", no},
	{"drift without a machine", "nothing is guessed", "drift -mermaid -", "", noAnswer},
	{"drift of what", "nothing is guessed", "drift -machine kyc -", "", noAnswer},
	{"drift of two things", "one at a time", "drift -machine kyc -mermaid -sql a.b -", "", noAnswer},
	{"drift of a column alone", "of which table", "drift -machine kyc -sql status -", "", noAnswer},
	{"drift of no file", "what to do", "drift -machine kyc -mermaid testdata/missing.md", "", noAnswer},

	{"verify as JSON", "for programs", "verify -json -", lines(passHistory(), loanHistory(), wrongHistory()), no},
	{"verify of nothing", "nothing can be said", "verify -", "", noAnswer},
	{"verify of no chain", "where, and nothing of the content", "verify -", "{\"Jane\":1}", noAnswer},
}

// endless has no final status.
const endless = `{"format": "kycle lifecycle 1", "name": "door", "no_end": "a door is used for as long as there is a house",
"states": [{"name": "shut", "no_deadline": "nobody minds"}, {"name": "ajar", "no_deadline": "nobody minds"}],
"events": [{"name": "hang", "kind": "command", "by": ["person"]}, {"name": "push", "kind": "command", "by": ["person"]}, {"name": "pull", "kind": "command", "by": ["person"]}],
"rows": [{"on": "hang", "to": "shut", "why": "x"}, {"on": "push", "from": ["shut"], "to": "ajar", "why": "x"}, {"on": "pull", "from": ["ajar"], "to": "shut", "why": "x"}]}`

func schema(list string) string {
	return "CREATE TABLE loans (id uuid PRIMARY KEY, status text NOT NULL CHECK (status IN (" + list + ")));"
}

// What is built tells what it was built from.
func TestVersion(t *testing.T) {
	for _, args := range []string{"-version", "--version", "version"} {
		var stdout, stderr bytes.Buffer
		code := run([]string{args}, nil, &stdout, &stderr)
		if want := regexp.MustCompile(`^kycle \S+(, commit [0-9a-f]+)?, go1\S*( .*)?\n$`); code != fine || !want.MatchString(stdout.String()) || stderr.Len() > 0 {
			t.Errorf("%s: exit code %d, %q, %q", args, code, &stdout, &stderr)
		}
	}
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
	if code := run([]string{"diff", "idpass", "-"}, &text, &diff, &stderr); code != fine || diff.String() != "id_pass: no difference\n" {
		t.Errorf("exit code %d, %s%s", code, &diff, &stderr)
	}
}

type full struct{}

var errFull = errors.New("the disk is full")

func (full) Write([]byte) (int, error) { return 0, errFull }

// Half an answer is none: a script must not take it for a whole one.
func TestAnswerThatCannotBeWritten(t *testing.T) {
	for _, args := range []string{"doc kyc", "version", "help diff", "check kyc", "check -json kyc", "drift -sql loans.status -machine testdata/loan.json testdata/loans.sql", "-h", "diff kyc kyc", "conform testdata/loans.jsonl -machine testdata/loan.json", "doc -h"} {
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
		t.Errorf("got %v, want the exit code %d and a gap\n%s", err, no, out)
	}
	if out, err := exec.Command(program, "check", "idpass").Output(); err != nil || !strings.HasPrefix(string(out), "id_pass is sound") {
		t.Errorf("got %v, want that it is sound\n%s", err, out)
	}
}
