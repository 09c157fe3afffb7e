package drift_test

import (
	"fmt"
	"slices"

	"github.com/kycle/kycle/lifecycle"
)

// The parts of a definition by name: a test that counts rows breaks when one is added.

// find gives the part that is looked for. A test cannot go on without it.
func find[T any](list []T, what string, is func(T) bool) *T {
	i := slices.IndexFunc(list, is)
	if i < 0 {
		panic(fmt.Sprintf("the definition has no %s", what))
	}
	return &list[i]
}

func (d *sketch) state(name string) *lifecycle.State[string, string] {
	return find(d.States, "state "+name, func(s lifecycle.State[string, string]) bool { return s.Name == name })
}

func (d *sketch) event(name string) *lifecycle.Event[string] {
	return find(d.Events, "event "+name, func(e lifecycle.Event[string]) bool { return e.Name == name })
}

// row is the row of the event in the state; "" is no record.
func (d *sketch) row(on, from string) *row {
	return find(d.Rows, fmt.Sprintf("row of %s in %q", on, from), func(r row) bool { return r.On == on && slices.Contains(r.Sources(), from) })
}

// rule is the rule of the row that has the word.
func (d *sketch) rule(on, from, word string) *rule {
	return find(d.row(on, from).If, "rule "+word, func(r rule) bool { return r.Code == word })
}

// nameRule names the rule of the word otherwise, wherever it guards.
func (d *sketch) nameRule(word, name string) {
	for i := range d.Rows {
		for j := range d.Rows[i].If {
			if d.Rows[i].If[j].Code == word {
				d.Rows[i].If[j] = lifecycle.Open(name, word)
			}
		}
	}
}

func (d *sketch) policy(id string) *lifecycle.Policy {
	return find(d.Policies, "policy "+id, func(p lifecycle.Policy) bool { return p.ID == id })
}

func (d *sketch) term(name string) *lifecycle.Term {
	return find(d.Terms, "term "+name, func(t lifecycle.Term) bool { return t.Name == name })
}

// drop takes a part out of a list.
func drop[T any](list []T, what string, is func(T) bool) []T {
	find(list, what, is)
	return slices.DeleteFunc(list, is)
}

func (d *sketch) dropState(name string) {
	d.States = drop(d.States, "state "+name, func(s lifecycle.State[string, string]) bool { return s.Name == name })
	for i := range d.Rows {
		d.Rows[i].From = slices.DeleteFunc(d.Rows[i].From, func(from string) bool { return from == name })
	}
}

// rename calls a state otherwise, wherever it stands.
func (d *sketch) rename(old, name string) {
	d.state(old).Name = name
	for i := range d.Rows {
		r := &d.Rows[i]
		if at := slices.Index(r.From, old); at >= 0 {
			r.From[at] = name
		}
		if r.To == old {
			r.To = name
		}
	}
}

// dropDeadline lets a record stay in the state for ever.
func (d *sketch) dropDeadline(name string) {
	d.state(name).Deadline, d.state(name).NoDeadline = "", "nobody minds"
}

func (d *sketch) dropEvent(name string) {
	d.Events = drop(d.Events, "event "+name, func(e lifecycle.Event[string]) bool { return e.Name == name })
	d.Rows = slices.DeleteFunc(d.Rows, func(r row) bool { return r.On == name })
}

func (d *sketch) dropTerm(name string) {
	d.Terms = drop(d.Terms, "term "+name, func(t lifecycle.Term) bool { return t.Name == name })
}
