package audit_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/kycle/kycle/audit"
)

// exported writes entries as JSON lines.
func exported(t testing.TB, entries ...audit.Entry) string {
	t.Helper()
	var b strings.Builder
	for _, e := range entries {
		text, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(append(text, '\n'))
	}
	return b.String()
}

// other is the story of another subject.
func other() []audit.Entry {
	all := story()
	for i := range all {
		all[i].Subject.Kind = "id_pass"
	}
	return chain(all...)
}

func TestImport(t *testing.T) {
	mixed := exported(t, story()[0], other()[0], story()[1], other()[1])
	entries, err := json.MarshalIndent(story(), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	answer := `{"entries": ` + string(entries) + `, "postings": [ ], "chain": {"verified": false}}`
	cases := []struct {
		name, why, text string
		want            []audit.Exported
	}{
		{"one history", "an entry a line", exported(t, story()...), []audit.Exported{{Subject: subject, Entries: story()}}},
		{"two histories", "put together by subject", mixed,
			[]audit.Exported{{Subject: subject, Entries: story()[:2]}, {Subject: other()[0].Subject, Entries: other()[:2]}}},
		{"an answer", "as a host prints it", answer, []audit.Exported{{Subject: subject, Entries: story(), Postings: json.RawMessage("[ ]")}}},
		{"an answer and lines", "the answer is a history by itself", answer + exported(t, story()[0]),
			[]audit.Exported{{Subject: subject, Entries: story(), Postings: json.RawMessage("[ ]")}, {Subject: subject, Entries: story()[:1]}}},
		{"nothing", "an empty file", " \n", nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := audit.Import(strings.NewReader(c.text))
			if err != nil || !reflect.DeepEqual(got, c.want) {
				t.Errorf("%s: %v\n got %+v\nwant %+v", c.why, err, got, c.want)
			}
			for _, h := range got {
				if err := audit.Verify(h.Subject, h.Entries); err != nil {
					t.Errorf("%s: %v", c.why, err)
				}
			}
		})
	}
}

func TestImportRefuses(t *testing.T) {
	good := exported(t, story()[0])
	cases := []struct{ name, why, text, want string }{
		{"no JSON", "where it is", good + "Jane", "audit: value 2: it is not JSON"},
		{"cut short", "where it is", good[:len(good)-9], "audit: value 1: it is not JSON"},
		{"an array", "neither of the two", good + `["Jane"]`, "audit: value 2: it is neither an entry nor an answer with entries"},
		{"another object", "it has no hash", `{"seq":1,"event":"Jane"}`, "audit: value 1: it is no entry: it needs a seq and a hash"},
		{"a wrong member", "it has no form", strings.Replace(good, `"occurredAt":"`, `"occurredAt":"Jane`, 1), "audit: value 1: it is no entry: a member is not of the right form"},
		{"in an answer", "which of its entries", `{"entries":[` + good + `,{}]}`, "audit: value 1, entry 2: it is no entry: it needs a seq and a hash"},
		{"an empty answer", "nothing to verify", `{"entries":[]}`, "audit: value 1: it has no entries"},
		{"no answer", "entries are a list", `{"entries":"Jane"}`, "audit: value 1: it is neither an entry nor an answer with entries"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := audit.Import(strings.NewReader(c.text))
			var problem *audit.ImportError
			if !errors.As(err, &problem) || !errors.Is(err, audit.ErrFormat) || err.Error() != c.want {
				t.Errorf("%s: got the error %v, want %s", c.why, err, c.want)
			}
		})
	}
	broken := errors.New("broken")
	if _, err := audit.Import(io.MultiReader(strings.NewReader(good), failing{broken})); !errors.Is(err, broken) {
		t.Errorf("got the error %v, want the reader's own", err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// What an entry shows to a person and is not hashed must not differ from what is.
func TestImportNoticesWhatIsShown(t *testing.T) {
	sound := exported(t, story()...)
	cases := []struct {
		name, why, from, to string
		at                  uint64 // of the fault; 0: none
	}{
		{"nothing", "it is as it was", "", "", 0},
		{"another reason", "a person would read it", `"reason":"Document verified in a video call"`, `"reason":"none"`, 4},
		{"a reason without a body", "a person would read it", `"reason":null`, `"reason":"none"`, 1},
		{"no reason", "a person would miss it", `"reason":"Document verified in a video call"`, `"reason":null`, 4},
		{"the reason left out", "an export need not show it", `"reason":"Document verified in a video call",`, ``, 0},
		{"said to be erased", "it is there", `"erased":false`, `"erased":true`, 1},
		{"an edit", "of what is hashed", `"to":"in_review"`, `"to":"approved"`, 2},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			text := strings.Replace(sound, c.from, c.to, 1)
			if c.from != "" && text == sound {
				t.Fatal("nothing was changed")
			}
			got, err := audit.Import(strings.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			var fault *audit.Fault
			if errors.As(audit.Verify(subject, got[0].Entries), &fault) != (c.at > 0) || fault != nil && fault.Seq != c.at {
				t.Errorf("%s: got the fault %v, want one at entry %d (0: none)", c.why, fault, c.at)
			}
		})
	}
}

type table string

func (t table) Fingerprint() string                     { return string(t) }
func (t table) Next(_, _ string) (string, string, bool) { return "", "", false }

func (t table) Brings(_, _ string) (report, ok bool) { return true, true }

func TestUnknown(t *testing.T) {
	entries := story()
	definition := entries[0].Definition
	entries[4].Definition = audit.Digest{1} // a note has its table too
	if got := audit.Unknown(entries); !slices.Equal(got, []audit.Digest{definition, {1}}) {
		t.Errorf("without tables: got %v, want both definitions", got)
	}
	if got := audit.Unknown(entries, table("other"), table(definition.String()), table(audit.Digest{1}.String())); got != nil {
		t.Errorf("with both tables: got %v, want none", got)
	}
}

// Any bytes get histories or an error; and what was imported comes back as it was.
func FuzzImport(f *testing.F) {
	f.Add([]byte(exported(f, story()...)))
	f.Add([]byte(`{"entries":[{"seq":1,"hash":""}],"postings":null}`))
	f.Add([]byte("{}{}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := audit.Import(bytes.NewReader(text))
		if err != nil {
			if !errors.Is(err, audit.ErrFormat) {
				t.Errorf("got the error %v, want ErrFormat", err)
			}
			return
		}
		for _, h := range got {
			if audit.Verify(h.Subject, h.Entries) != nil {
				continue
			}
			again, err := audit.Import(strings.NewReader(exported(t, h.Entries...)))
			if err != nil || len(again) != 1 || audit.Verify(h.Subject, again[0].Entries) != nil {
				t.Errorf("%+v does not come back: %v", h, err)
			}
		}
	})
}
