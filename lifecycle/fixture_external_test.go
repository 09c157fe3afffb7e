package lifecycle_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/kycle/kycle/lifecycle"
)

// The door is the machine that most tests here judge: small, and with one of everything
// (a birth, moves, a stay, a report without a row, two rules on a row, labels, effects).

type (
	state string
	event string
	facts struct{ newer, open bool }

	definition = lifecycle.Definition[state, event, facts]
	machine    = lifecycle.Machine[state, event, facts]
	row        = lifecycle.Row[state, event, facts]
	rule       = lifecycle.Rule[facts]
)

// door gives a fresh definition each time: tests break it.
func door() definition {
	newer := rule{Name: "newer than the last word", Code: "older", Holds: func(f facts) bool { return f.newer }}
	open := rule{Name: "within opening hours", Code: "closed", Holds: func(f facts) bool { return f.open }}
	return definition{
		Name: "door", Title: "Door", Doc: "A door that is rented by the hour.",
		States: []lifecycle.State[state, event]{
			{Name: "shut", Means: "nobody gets in", Deadline: "decay"},
			{Name: "ajar", Means: "somebody is in it", NoDeadline: "it waits for a person", Labels: []string{"drafty"}},
			{Name: "lost", Means: "nobody saw it", Final: true},
			{Name: "gone", Means: "taken out", Final: true, Absorbing: true},
		},
		Events: []lifecycle.Event[event]{
			{Name: "hang", Kind: lifecycle.Command, By: []string{"person"}, Means: "put in"},
			{Name: "push", Kind: lifecycle.Command, By: []string{"person"}, Means: "open it"},
			{Name: "remove", Kind: lifecycle.Command, By: []string{"person", "system"}, Means: "take out"},
			{Name: "seen_ajar", Kind: lifecycle.Report, By: []string{"provider"}, Means: "it stood ajar"},
			{Name: "decay", Kind: lifecycle.Report, By: []string{"clock"}, Means: "it was left too long"},
			{Name: "wind", Kind: lifecycle.Report, By: []string{"provider"}, Means: "it blew", NoRow: "wind moves no door"},
		},
		Rows: []row{
			{On: "hang", To: "shut", Does: []string{"charge"}, Why: "a door begins shut"},
			{On: "push", From: []state{"shut"}, To: "ajar", If: []rule{open}, Why: "that is what doors are for"},
			{On: "remove", From: []state{"shut"}, To: "gone", Does: []string{"refund"}, Why: "never used"},
			{On: "remove", From: []state{"ajar"}, To: "gone", Does: []string{"keep"}, Why: "used"},
			{On: "seen_ajar", From: []state{"shut", "ajar", "lost"}, To: "ajar", If: []rule{newer, open}, Does: []string{"note"},
				Why: "the newest word holds"},
			{On: "decay", From: []state{"shut"}, To: "lost", If: []rule{newer}, Why: "wood rots"},
		},
		Terms: []lifecycle.Term{
			{Name: "drafty", Means: "close the window"},
			{Name: "charge", Means: "the fee becomes due"},
			{Name: "refund", Means: "the fee is owed back"},
			{Name: "keep", Means: "the fee stays paid"},
			{Name: "note", Means: "the porter writes it down"},
		},
	}
}

var doors = lifecycle.Must(door())

// A test looks a row up by its event and one of its states ("" is no record), and never by
// its number: a row that is added moves the numbers. What is not there is a panic that says
// so; where a table of tests changes a door, changed makes a failure of it.
func rowOf(d *definition, on event, from state) *row {
	for i := range d.Rows {
		if d.Rows[i].On == on && slices.Contains(d.Rows[i].Sources(), from) {
			return &d.Rows[i]
		}
	}
	panic(fmt.Sprintf("there is no row of %q from %q", on, from))
}

func stateOf(d *definition, name state) *lifecycle.State[state, event] {
	for i := range d.States {
		if d.States[i].Name == name {
			return &d.States[i]
		}
	}
	panic(fmt.Sprintf("there is no state %q", name))
}

func eventOf(d *definition, name event) *lifecycle.Event[event] {
	for i := range d.Events {
		if d.Events[i].Name == name {
			return &d.Events[i]
		}
	}
	panic(fmt.Sprintf("there is no event %q", name))
}

func termOf(d *definition, name string) *lifecycle.Term {
	for i := range d.Terms {
		if d.Terms[i].Name == name {
			return &d.Terms[i]
		}
	}
	panic(fmt.Sprintf("there is no term %q", name))
}

// dropRow takes a whole row out, and with it the terms that it alone has used.
func dropRow(d *definition, on event, from state) {
	gone := *rowOf(d, on, from)
	d.Rows = slices.DeleteFunc(d.Rows, func(r row) bool { return r.On == on && slices.Contains(r.Sources(), from) })
	d.Terms = slices.DeleteFunc(d.Terms, func(term lifecycle.Term) bool {
		used := slices.ContainsFunc(d.Rows, func(r row) bool { return slices.Contains(r.Does, term.Name) })
		return slices.Contains(gone.Does, term.Name) && !used
	})
}

// changed gives a fresh definition that is changed so.
func changed(t testing.TB, fresh func() definition, change func(*definition)) definition {
	t.Helper()
	defer func() {
		if p := recover(); p != nil {
			t.Fatalf("the definition cannot be changed so: %v", p)
		}
	}()
	def := fresh()
	change(&def)
	return def
}
