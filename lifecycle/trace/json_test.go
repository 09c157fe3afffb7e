package trace

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

func TestJSONLines(t *testing.T) {
	cases := []struct {
		name, why, text string
		want            []Line
	}{
		{"all members", "in any order", `{"seq": 3,"status":"paid", "actor":"u1","event":"approve","record":"r"}`,
			[]Line{{Record: "r", Event: "approve", Status: "paid", Actor: "u1", Seq: 3, Number: 1}}},
		{"a verdict", "as an audit entry has it", `{"record":"r","event":"propose","status":"asked","verdict":"proposed"}`,
			[]Line{{Record: "r", Event: "propose", Status: "asked", Verdict: "proposed", Number: 1}}},
		{"a verdict, escaped", "the long way reads it too", `{"record":"\u0072","event":"propose","status":"asked","verdict":"moved"}`,
			[]Line{{Record: "r", Event: "propose", Status: "asked", Verdict: "moved", Number: 1}}},
		{"no event", "a history of statuses has none", `{"record":"r","status":"asked","seq":1}`,
			[]Line{{Record: "r", Status: "asked", Seq: 1, Number: 1}}},
		{"no event, escaped", "the same", `{"record":"\u0072","status":"asked"}`, []Line{{Record: "r", Status: "asked", Number: 1}}},
		{"an empty event", "it says nothing", `{"record":"r","event":"","status":"asked","verdict":""}`, []Line{{Record: "r", Status: "asked", Number: 1}}},
		{"other members", "a host's log has more", `{"record":"r","at":{"x":[1]},"event":"ask","status":"asked","n":-1.5e3}`,
			[]Line{{Record: "r", Event: "ask", Status: "asked", Number: 1}}},
		{"other members twice", "they are nobody's here", `{"at":1,"record":"r","event":"ask","at":2,"status":"asked"}`,
			[]Line{{Record: "r", Event: "ask", Status: "asked", Number: 1}}},
		{"members of another case", "they are other members", `{"record":"r","Record":"x","event":"ask","EVENT":"DELETE /x","status":"asked","Status":201,"Actor":{"name":"x"},"SEQ":9}`,
			[]Line{{Record: "r", Event: "ask", Status: "asked", Number: 1}}},
		{"members of another case, escaped", "the long way reads like the short one", `{"record":"\u0072","Record":"x","event":"ask","EVENT":"DELETE /x","status":"asked","Status":201,"Actor":{"name":"x"},"SEQ":9}`,
			[]Line{{Record: "r", Event: "ask", Status: "asked", Number: 1}}},
		{"members by an escaped name", "an escape makes no other name", `{"r\u0065cord":"r","event":"ask","status":"asked"}`,
			[]Line{{Record: "r", Event: "ask", Status: "asked", Number: 1}}},
		{"escapes", "JSON is JSON", `{"record":"\u0072\"","event":"ask","status":"asked"}`,
			[]Line{{Record: `r"`, Event: "ask", Status: "asked", Number: 1}}},
		{"all of Unicode", "escaped or not", `{"record":"\ud83d\ude42\\ud800🙂é","event":"ask","status":"asked"}`,
			[]Line{{Record: `🙂\ud800🙂é`, Event: "ask", Status: "asked", Number: 1}}},
		{"a character for a broken one", "it may stand in a text by itself", `{"record":"\ufffd�","event":"ask","status":"asked"}`,
			[]Line{{Record: "\ufffd\ufffd", Event: "ask", Status: "asked", Number: 1}}},
		{"null", "what is optional may be null", `{"record":"r","event":"ask","status":"asked","actor":null,"seq":null,"verdict":null}`,
			[]Line{{Record: "r", Event: "ask", Status: "asked", Number: 1}}},
		{"null for an event", "the same", `{"record":"r","event":null,"status":"asked"}`, []Line{{Record: "r", Status: "asked", Number: 1}}},
		{"empty lines", "they are passed over and counted", "\n \r\n{\"record\":\"r\",\"event\":\"ask\",\"status\":\"\"}\r\n\n",
			[]Line{{Record: "r", Event: "ask", Number: 3}}},
		{"nothing", "an empty log", "", nil},
		{"no end of line", "the last line counts too", "{\"record\":\"r\",\"event\":\"a\",\"status\":\"b\"}\n{\"record\":\"s\",\"event\":\"a\",\"status\":\"b\"}",
			[]Line{{Record: "r", Event: "a", Status: "b", Number: 1}, {Record: "s", Event: "a", Status: "b", Number: 2}}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var got []Line
			for l, err := range JSONLines(strings.NewReader(c.text)) {
				if err != nil {
					t.Fatalf("%s: %v", c.why, err)
				}
				got = append(got, l)
			}
			if len(got) != len(c.want) {
				t.Fatalf("%s: %v", c.why, got)
			}
			for i := range got {
				if got[i] != c.want[i] {
					t.Errorf("%s: got %+v, want %+v", c.why, got[i], c.want[i])
				}
			}
		})
	}
}

const secret = "Jane"

func TestUnreadableLines(t *testing.T) {
	good := `{"record":"r","event":"ask","status":"asked"}` + "\n"
	cases := []struct{ name, why, text, want string }{
		{"no JSON", "the text is not repeated", secret, "trace: line 2: it is not a JSON object"},
		{"null", "it is no object", "null", "trace: line 2: it is not a JSON object"},
		{"only in another case", "it is another member", `{"record":"r","event":"ask","Status":"asked"}`, "trace: line 2: it has no member status"},
		{"an array", "a line is an object", `["` + secret + `"]`, "trace: line 2: it is not a JSON object"},
		{"two objects", "a line is one", good[:len(good)-1] + good, "trace: line 2: it is not a JSON object"},
		{"cut short", "the file was truncated", `{"record":"` + secret, "trace: line 2: it is not a JSON object"},
		{"no record", "whose line is it", `{"event":"ask","status":"asked"}`, "trace: line 2: it has no member record"},
		{"empty record", "the same", `{"record":"","event":"ask","status":"asked"}`, "trace: line 2: it has no member record"},
		{"an event of another type", "a number is no event", `{"record":"r","event":7,"status":"asked"}`, "trace: line 2: its member event is not of the right type"},
		{"a verdict of another type", "the value is not repeated", `{"record":"r","event":"ask","status":"asked","verdict":["` + secret + `"]}`,
			"trace: line 2: its member verdict is not of the right type"},
		{"a verdict that is a number", "the short way leaves it to the long one", `{"record":"r","event":"ask","status":"asked","verdict":1}`,
			"trace: line 2: its member verdict is not of the right type"},
		{"no status", "a misspelt member must not read as no record", `{"record":"r","event":"ask","state":"asked"}`, "trace: line 2: it has no member status"},
		{"null status", "the same", `{"record":"r","event":"ask","status":null}`, "trace: line 2: it has no member status"},
		{"wrong type", "the value is not repeated", `{"record":"r","event":"ask","status":"asked","seq":"` + secret + `"}`, "trace: line 2: its member seq is not of the right type"},
		{"negative number", "they count from 1", `{"record":"r","event":"ask","status":"asked","seq":-1}`, "trace: line 2: its member seq is not of the right type"},
		{"zero", "0 is no way to say nothing", `{"record":"r","event":"ask","status":"asked","seq":0}`, "trace: line 2: its member seq is 0, and the lines of a record are numbered from 1"},
		{"zero, escaped", "the long way refuses it too", `{"record":"\u0072","event":"ask","status":"asked","seq":0}`, "trace: line 2: its member seq is 0, and the lines of a record are numbered from 1"},
		{"record twice", "readers differ on which one counts", `{"record":"` + secret + `","record":"r","event":"ask","status":"asked"}`, "trace: line 2: its member record stands twice"},
		{"event twice", "the same", `{"record":"r","event":"ask","event":"ask","status":"asked"}`, "trace: line 2: its member event stands twice"},
		{"status twice", "the same", `{"record":"r","event":"ask","status":"asked","at":1,"status":null}`, "trace: line 2: its member status stands twice"},
		{"verdict twice", "the same", `{"record":"r","event":"ask","verdict":"moved","status":"asked","verdict":"moved"}`, "trace: line 2: its member verdict stands twice"},
		{"actor twice", "the same", `{"record":"r","event":"ask","status":"asked","actor":"u1","actor":"u2"}`, "trace: line 2: its member actor stands twice"},
		{"seq twice", "the same", `{"seq":1,"record":"r","event":"ask","status":"asked","seq":1}`, "trace: line 2: its member seq stands twice"},
		{"twice by an escaped name", "an escape makes no other name", `{"record":"r","r\u0065cord":"s","event":"ask","status":"asked"}`, "trace: line 2: its member record stands twice"},
		{"number too large", "it does not fit", `{"record":"r","event":"ask","status":"asked","seq":18446744073709551616}`, "trace: line 2: its member seq is not of the right type"},
		{"a broken byte", "records that differ would be one", "{\"record\":\"\xff\",\"event\":\"ask\",\"status\":\"asked\"}", "trace: line 2: it is not UTF-8"},
		{"a broken byte in another member", "the log is broken", "{\"record\":\"r\",\"event\":\"ask\",\"status\":\"asked\",\"x\":\"\xc3\"}", "trace: line 2: it is not UTF-8"},
		{"half of a pair", "records that differ would be one", `{"record":"\ud800","event":"ask","status":"asked"}`, "trace: line 2: an escape in it is half of a surrogate pair"},
		{"the other half", "the same", `{"record":"x\uDFFFy","event":"ask","status":"asked"}`, "trace: line 2: an escape in it is half of a surrogate pair"},
		{"two first halves", "the same", `{"record":"\ud83d\ud83d\ude42","event":"ask","status":"asked"}`, "trace: line 2: an escape in it is half of a surrogate pair"},
		{"halves in the wrong order", "the same", `{"record":"\ude42\ud83d","event":"ask","status":"asked"}`, "trace: line 2: an escape in it is half of a surrogate pair"},
		{"half of a pair behind a backslash", "the backslash is one character", `{"record":"\\\ud800","event":"ask","status":"asked"}`, "trace: line 2: an escape in it is half of a surrogate pair"},
		{"a pair with a backslash within", "it is none", `{"record":"\ud83d\\\ude42","event":"ask","status":"asked"}`, "trace: line 2: an escape in it is half of a surrogate pair"},
		{"half of a pair in a name", "nor is a name another one", `{"record":"r","event":"ask","status":"asked","\ud800":1}`, "trace: line 2: an escape in it is half of a surrogate pair"},
		{"a long line", "memory is bounded", `{"record":"` + strings.Repeat("x", longest) + `"}`, "trace: line 2: it is longer than 1 MiB"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var problem *LineError
			n := 0
			for _, err := range JSONLines(strings.NewReader(good + c.text)) {
				if n++; n == 1 {
					continue
				}
				if !errors.As(err, &problem) || !errors.Is(err, ErrLine) {
					t.Fatalf("%s: got the error %v, want %s", c.why, err, c.want)
				}
			}
			if problem == nil || problem.Error() != c.want || strings.Contains(problem.Error(), secret) {
				t.Errorf("%s: got %v, want %s", c.why, problem, c.want)
			}
		})
	}
}

// A mark that nobody sees begins what editors save; the first line is then no JSON.
func TestByteOrderMark(t *testing.T) {
	for _, err := range JSONLines(strings.NewReader("\ufeff" + `{"record":"r","event":"ask","status":"asked"}`)) {
		var problem *LineError
		if !errors.As(err, &problem) || problem.Error() != "trace: line 1: it begins with a byte order mark; save the log without one" {
			t.Errorf("got the error %v, want one about the mark in line 1", err)
		}
		return
	}
	t.Error("it was read")
}

var errBroken = errors.New("broken")

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errBroken }

func TestReaderThatFails(t *testing.T) {
	for _, err := range JSONLines(broken{}) {
		if !errors.Is(err, errBroken) {
			t.Errorf("got the error %v, want the reader's own", err)
		}
		return
	}
	t.Error("the failure of the reader was lost")
}

// What the fast path takes, the standard library reads alike, and neither puts a character in for what is none.
func FuzzJSONLines(f *testing.F) {
	for _, seed := range []string{
		`{"record":"r","event":"e","status":"s","actor":"a","seq":12}`, `{"record":"r","Record":"x","event":"e","status":"s"}`,
		`{"record":"r","event":"e","status":"s","seq":01}`, `{"record":"\u0000","event":"e","status":""}`, `{ "a" : 1 , "record" : "r" }`,
		"{\"record\":\"r\",\"event\":\"e\",\"status\":\"\xff\"}\n{}", `{"record":"r","record":"s","event":"e","status":"s"}`, `{"record":"r","event":"e","status":"s","seq":0}`, `{"record":"r","event":"e","status":"s"}}`,
		`{"record":"\ud800","event":"e","status":"s"}`, `{"record":"\ud83d\ude42","event":"e","status":"s"}`, `{"record":"\\ud800","event":"e","status":"s"}`,
		`{"record":"r","status":"s","verdict":"v"}`, `{"record":"r","event":"","status":"s","verdict":""}`, `{"record":"r","verdict":"v","verdict":"v","status":"s"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if trimmed := bytes.TrimSpace(text); len(trimmed) > 0 {
			if fast, ok := plain(trimmed, interner{}); ok {
				if slow, problem := decode(trimmed); slow != fast || problem != "" {
					t.Errorf("%+v is %+v to the standard library: %s", fast, slow, problem)
				}
			}
		}
		lines := 0
		for line, err := range JSONLines(bytes.NewReader(text)) {
			if strings.Contains(line.Record, "\ufffd") && !bytes.Contains(text, []byte("\ufffd")) && !bytes.Contains(bytes.ToLower(text), []byte(`\ufffd`)) {
				t.Errorf("%q is another record than the text has", line.Record)
			}
			if err != nil && !errors.Is(err, ErrLine) {
				t.Error(err)
			}
			lines++
		}
		if lines > bytes.Count(text, []byte("\n"))+1 {
			t.Errorf("%d lines", lines)
		}
	})
}

// The fast path is there to be taken: a log as hosts write it never leaves it.
func TestPlainReadsWhatLogsHold(t *testing.T) {
	if _, ok := plain([]byte(`{"record":"9b2f6c1e-0000-4000-8000-000000000001", "event":"approve", "status":"approved", "verdict":"moved", "actor":"user_a", "seq":4, "at":"2026-03-01T09:30:00Z"}`), interner{}); !ok {
		t.Error("it does not")
	}
}
