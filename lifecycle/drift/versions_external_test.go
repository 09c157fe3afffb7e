package drift_test

import (
	"errors"
	"testing"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/lifecycle/drift"
	"github.com/kycle/kycle/lifecycle/export"
)

// history seals steps into a chain, each judged by the chart given with it.
func history(t *testing.T, steps ...judged) []audit.Entry {
	t.Helper()
	var entries []audit.Entry
	var head audit.Head
	status := ""
	for _, s := range steps {
		definition, err := audit.ParseDigest(s.by.Fingerprint())
		if err != nil {
			t.Fatal(err)
		}
		to, _, ok := s.by.Next(status, s.event)
		if !ok {
			t.Fatalf("%s in %q", s.event, status)
		}
		e := audit.Entry{Subject: reader, Event: s.event, From: status, To: to, Verdict: audit.Moved, Definition: definition}
		e, head = audit.Append(head, e)
		entries, status = append(entries, e), to
	}
	return entries
}

type judged struct {
	by    *lifecycle.Chart
	event string
}

var reader = audit.Subject{Organization: "org_a", Kind: "loan", ID: uuid.MustParse("6c1a2f0e-0000-4000-8000-000000000001")}

// A history that begins under one definition and goes on under another, with a
// breaking difference between them, replays under both, the old one read from its file.
func TestHistoryAcrossDefinitions(t *testing.T) {
	before := chart(loan())
	def := loan()
	def.Rows[4].To = "lent" // who forgets has it sent home
	def.Rows[2].From = []string{"asked"}
	after := chart(def)
	if class := drift.Diff(before, after).Class; class != drift.Breaking {
		t.Fatal(class)
	}
	kept, err := export.Parse([]byte(export.JSON(before)))
	if err != nil {
		t.Fatal(err)
	}
	entries := history(t, judged{before, "ask"}, judged{before, "lend"}, judged{after, "returned"})
	other := history(t, judged{before, "ask"}, judged{after, "forget"}, judged{after, "returned"})
	old := history(t, judged{before, "ask"}, judged{before, "forget"})
	for name, c := range map[string]struct {
		entries []audit.Entry
		tables  []audit.Table
		end     string
		at      uint64 // of the fault; 0: none
	}{
		"both":                               {entries, []audit.Table{kept, after}, "back", 0},
		"in any order":                       {entries, []audit.Table{after, kept}, "back", 0},
		"the new one judged the middle":      {other, []audit.Table{kept, after}, "back", 0},
		"the old one alone":                  {other, []audit.Table{kept}, "", 2},
		"the new one alone":                  {old, []audit.Table{after}, "", 1},
		"old entries, both":                  {old, []audit.Table{kept, after}, "void", 0},
		"old entries said to be the new one": {relabelled(t, old, after), []audit.Table{kept, after}, "", 2},
	} {
		end, err := audit.Replay(c.entries, c.tables...)
		var fault *audit.Fault
		if errors.As(err, &fault) != (c.at > 0) || fault != nil && fault.Seq != c.at || end != c.end {
			t.Errorf("%s: %q %v", name, end, err)
		}
		if err := audit.Verify(reader, c.entries); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// relabelled seals the entries anew, as if the chart had judged them.
func relabelled(t *testing.T, entries []audit.Entry, by *lifecycle.Chart) []audit.Entry {
	t.Helper()
	definition, err := audit.ParseDigest(by.Fingerprint())
	if err != nil {
		t.Fatal(err)
	}
	var out []audit.Entry
	var head audit.Head
	for _, e := range entries {
		e.Definition = definition
		e, head = audit.Append(head, e)
		out = append(out, e)
	}
	return out
}

// The witness of a breaking difference is a history that was written and that the new
// definition by itself does not replay.
func TestWitnessIsAHistory(t *testing.T) {
	before := chart(loan())
	def := loan()
	def.Rows[4].To = "lent"
	after := chart(def)
	found := drift.Diff(before, after).Differences[0]
	var steps []judged
	for _, s := range found.Replay {
		steps = append(steps, judged{before, s.On})
	}
	entries := history(t, steps...)
	if _, err := audit.Replay(entries, before); err != nil {
		t.Error(err)
	}
	if _, err := audit.Replay(relabelled(t, entries, after), after); !errors.Is(err, audit.ErrFault) {
		t.Errorf("%s replays", found)
	}
}
