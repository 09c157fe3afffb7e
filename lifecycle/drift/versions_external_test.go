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
		to, note, ok := s.by.Next(status, s.event)
		if !ok {
			t.Fatalf("there is no row of %s in %q", s.event, status)
		}
		def := sketch{s.by.Definition()}
		by := audit.Actor{Organization: reader.Organization, Kind: def.event(s.event).By[0], ID: "somebody"}
		e := audit.Entry{Subject: reader, Event: s.event, From: status, To: to, Verdict: audit.Moved, Actor: by, Definition: definition}
		if note != "" {
			e.Verdict = audit.Verdict(note)
		}
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
	def.row("forget", "asked").To = "lent" // who forgets has it sent home
	def.row("cancel", "lent").From = []string{"asked"}
	after := chart(def)
	if class := drift.Diff(before, after).Class; class != drift.Breaking {
		t.Fatalf("the step between them is %s, and not breaking", class)
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
			t.Errorf("%s: it ends in %q (%v), and not in %q, or with a fault at entry %d", name, end, err, c.end, c.at)
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

// The witness of a difference is a history that was written and that the new definition by
// itself does not replay, in moves and in notes.
func TestWitnessIsAHistory(t *testing.T) {
	before := chart(loan())
	for _, c := range []struct {
		name, why string
		revise    func(*sketch)
	}{
		{"another target", "the status is another one", func(d *sketch) { d.row("forget", "asked").To = "lent" }},
		{"another word", "it stands in the entry", func(d *sketch) { d.row("remind", "lent").Note = "warned" }},
		{"a note gone", "nothing makes it", func(d *sketch) { d.row("mark", "void").From = []string{"asked", "lent", "back"} }},
		{"a note that became a move", "the status stayed", func(d *sketch) { r := d.row("remind", "lent"); r.Note, r.To = "", "void" }},
		{"a move that became a note", "the status did not stay", func(d *sketch) { r := d.row("forget", "asked"); d.dropDeadline("asked"); r.To, r.Note = "", "waited" }},
	} {
		def := loan()
		c.revise(&def)
		after := chart(def)
		report := drift.Diff(before, after)
		found := find(report.Differences, "witness of "+c.name, func(d drift.Difference) bool { return d.Replay != nil })
		var steps []judged
		for _, s := range found.Replay {
			steps = append(steps, judged{before, s.On})
		}
		entries := history(t, steps...)
		if _, err := audit.Replay(entries, before); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if _, err := audit.Replay(relabelled(t, entries, after), after); !errors.Is(err, audit.ErrFault) {
			t.Errorf("%s: %s, and it replays under the new definition: %s", c.name, c.why, found)
		}
	}
}
