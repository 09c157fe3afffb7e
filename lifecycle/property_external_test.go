package lifecycle_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/looplab/fsm"
	"pgregory.net/rapid"

	"github.com/kycle/kycle/lifecycle"
)

// drawn gives random definitions that are sound by construction: state i is reached from
// state i-1, and every event without a row says so. The bits of the facts hold the rules.
func drawn(t *rapid.T) definition {
	d := definition{Name: "drawn", Terms: []lifecycle.Term{{Name: "effect"}}}
	states := rapid.IntRange(2, 6).Draw(t, "states")
	events := rapid.IntRange(2, 6).Draw(t, "events")
	stateName := func(i int) state { return state(fmt.Sprintf("s%d", i)) }
	eventName := func(i int) event { return event(fmt.Sprintf("e%d", i)) }
	rules := []rule{
		{Name: "newer", Code: "older", Holds: func(f facts) bool { return f.newer }},
		{Name: "open", Code: "closed", Holds: func(f facts) bool { return f.open }},
	}
	for i := range states {
		// Final in name, so that no chain of draws has to end well; commands never leave.
		d.States = append(d.States, lifecycle.State[state, event]{Name: stateName(i), Final: i > 0, NoDeadline: "drawn"})
	}
	d.Events = []lifecycle.Event[event]{{Name: "birth", Kind: lifecycle.Command, By: []string{"person"}}}
	d.Rows = []row{{On: "birth", To: "s0", Does: []string{"effect"}, Why: "drawn"}}
	taken := map[[2]int]bool{}
	put := func(on, from, to int, note string) {
		if taken[[2]int{on, from}] || note == "" && from > 0 && d.Events[on+1].Kind == lifecycle.Command {
			return
		}
		taken[[2]int{on, from}] = true
		r := row{On: eventName(on), From: []state{stateName(from)}, To: stateName(to), Why: "drawn"}
		if note != "" {
			r.To, r.Note = "", note
		}
		for _, x := range rules {
			if rapid.Bool().Draw(t, "ruled") {
				r.If = append(r.If, x)
			}
		}
		if (from != to || note != "") && rapid.Bool().Draw(t, "effect") { // a stay has none
			r.Does = []string{"effect"}
		}
		d.Rows = append(d.Rows, r)
	}
	for i := range events {
		kind := lifecycle.Report // e0 must be: it carries the chain that reaches every state
		if i > 0 && rapid.Bool().Draw(t, "command") {
			kind = lifecycle.Command
		}
		d.Events = append(d.Events, lifecycle.Event[event]{Name: eventName(i), Kind: kind, By: []string{"person"}})
	}
	for i := 1; i < states; i++ {
		put(0, i-1, i, "")
	}
	for range rapid.IntRange(0, 20).Draw(t, "rows") {
		on, from := rapid.IntRange(0, events-1).Draw(t, "on"), rapid.IntRange(0, states-1).Draw(t, "from")
		put(on, from, rapid.IntRange(0, states-1).Draw(t, "to"), rapid.SampledFrom([]string{"", "", "said", "done"}).Draw(t, "note"))
	}
	for i := range d.Events {
		if !slices.ContainsFunc(d.Rows, func(r row) bool { return r.On == d.Events[i].Name }) {
			d.Events[i].NoRow = "drawn"
		}
	}
	return d
}

// Whatever is drawn: New takes it, every answer follows from the rows, and looplab's own
// machine, asked from outside, goes where ours does.
func TestRandomDefinitionsAreDecidedByTheirRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		def := drawn(t)
		m, err := lifecycle.New(def)
		if err != nil {
			t.Fatal(err)
		}
		known := facts{newer: rapid.Bool().Draw(t, "newer"), open: rapid.Bool().Draw(t, "open")}
		authority := looplab(m)
		states := []state{""}
		for _, s := range def.States {
			states = append(states, s.Name)
		}
		for _, from := range states {
			for _, e := range def.Events {
				out, err := m.Decide(from, e.Name, known)
				follows(t, def, from, e, known, out, err)
				cell, _ := m.Cell(from, e.Name)
				authority.SetState(string(from))
				err = authority.Event(context.Background(), string(e.Name))
				var same fsm.NoTransitionError
				stays := cell.Verdict == lifecycle.Stay || cell.Verdict == lifecycle.Note
				if moved := err == nil; moved != (cell.Verdict == lifecycle.Move) || errors.As(err, &same) != stays {
					t.Fatalf("%s in %q: we say %s, looplab says %v", e.Name, from, cell.Verdict, err)
				}
				if authority.Current() != string(cell.To) {
					t.Fatalf("%s in %q: we lead to %q, looplab to %q", e.Name, from, cell.To, authority.Current())
				}
			}
		}
	})
}

// follows judges one cell from the rows again, in the plainest way.
func follows(t *rapid.T, def definition, from state, e lifecycle.Event[event], known facts, out lifecycle.Outcome[state, event], err error) {
	want, to, why, word, effect := lifecycle.Ignore, from, lifecycle.NoRow, "", false
	for _, r := range def.Rows {
		if r.On != e.Name || !(from == "" && r.From == nil || slices.Contains(r.From, from)) {
			continue
		}
		want, to, why, effect = lifecycle.Move, r.To, "", len(r.Does) > 0
		switch {
		case r.Note != "":
			want, to, word = lifecycle.Note, from, r.Note
		case r.To == from:
			want, effect = lifecycle.Stay, false
		}
		for _, rule := range r.If {
			if !rule.Holds(known) {
				want, to, why, word, effect = lifecycle.Ignore, from, rule.Code, "", false
				break
			}
		}
	}
	if want == lifecycle.Ignore && e.Kind == lifecycle.Command {
		if !errors.Is(err, lifecycle.ErrNotAllowed) {
			t.Fatalf("%s in %q: got %+v, %v, want a refusal", e.Name, from, out, err)
		}
		return
	}
	if err != nil || out.Verdict != want || out.To != to || out.Why != why || out.Word != word || out.Does("effect") != effect {
		t.Fatalf("%s in %q: got %+v, %v, want %s of %q to %q (%s)", e.Name, from, out, err, want, word, to, why)
	}
}
