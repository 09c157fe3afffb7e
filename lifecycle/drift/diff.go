package drift

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/kycle/kycle/lifecycle"
)

// Diff compares two definitions. It is pure, and never fails: two definitions that have
// nothing in common differ in everything.
func Diff(before, after *lifecycle.Chart) Report {
	d := differ{old: read(before), new: read(after)}
	d.Report = Report{Machine: after.Name(), Old: before.Fingerprint(), New: after.Fingerprint(), Class: None}
	if before.Name() != after.Name() {
		d.add(Breaking, "machine", nil, "was %s, is %s", before.Name(), after.Name())
	}
	d.states()
	d.events()
	d.cells()
	d.order()
	d.prose()
	d.policies()
	return d.Report
}

// side is one of the two definitions, with its lists by name.
type side struct {
	*lifecycle.Chart
	def            lifecycle.ChartDefinition
	states, events []string
	paths          map[string]lifecycle.Path // a shortest one to each state; none to ""
}

func read(chart *lifecycle.Chart) side {
	s := side{Chart: chart, def: chart.Definition(), paths: map[string]lifecycle.Path{"": nil}}
	for _, state := range s.def.States {
		s.states = append(s.states, state.Name)
		s.paths[state.Name] = chart.PathTo(state.Name)
	}
	for _, event := range s.def.Events {
		s.events = append(s.events, event.Name)
	}
	return s
}

// step is the row of a cell as a step; ok is false where there is none.
func (s side) step(from, on string) (step lifecycle.Step, ok bool) {
	cell, err := s.Cell(from, on)
	if err != nil || cell.Row < 0 {
		return lifecycle.Step{}, false
	}
	return lifecycle.Step{On: on, From: from, To: cell.To, Does: s.def.Rows[cell.Row].Does, Row: cell.Row}, true
}

func (s side) state(name string) lifecycle.State[string, string] {
	return s.def.States[slices.Index(s.states, name)]
}

func (s side) event(name string) lifecycle.Event[string] {
	return s.def.Events[slices.Index(s.events, name)]
}

// differ gathers differences.
type differ struct {
	Report
	old, new side
}

func (d *differ) add(class Class, where string, witness lifecycle.Path, format string, args ...any) *Difference {
	d.Differences = append(d.Differences, Difference{Class: class, Where: where, Text: fmt.Sprintf(format, args...), Witness: witness})
	if class.Worse(d.Class) {
		d.Class = class
	}
	return &d.Differences[len(d.Differences)-1]
}

func (d *differ) states() {
	for _, name := range d.old.states {
		where, way := "state "+name, d.old.paths[name]
		if !slices.Contains(d.new.states, name) {
			d.add(Breaking, where, way, "is gone").Replay = way
			continue
		}
		was, is := d.old.state(name), d.new.state(name)
		if was.Final != is.Final {
			d.add(Breaking, where, way, "was %s, is %s", either(was.Final, "final", "not final"), either(is.Final, "final", "not final"))
		}
		if was.Absorbing != is.Absorbing {
			d.add(Breaking, where, way, "was %s, is %s", either(was.Absorbing, "absorbing", "not absorbing"), either(is.Absorbing, "absorbing", "not absorbing"))
		}
		switch {
		case was.Deadline == is.Deadline:
		case was.Deadline == "":
			d.add(Tightening, where, way, "had no deadline, has %s", is.Deadline)
		default:
			d.add(Breaking, where, way, "had the deadline %s, has %s", was.Deadline, either(is.Deadline == "", "none", is.Deadline))
		}
		d.sets(where, way, "label", was.Labels, is.Labels, Breaking, Breaking)
	}
	for _, name := range d.new.states {
		if !slices.Contains(d.old.states, name) {
			d.add(Additive, "state "+name, d.new.paths[name], "is new")
		}
	}
}

func (d *differ) events() {
	for _, name := range d.old.events {
		where := "event " + name
		if !slices.Contains(d.new.events, name) {
			way := d.old.first(name)
			d.add(Breaking, where, way, "is gone").Replay = way
			continue
		}
		was, is := d.old.event(name), d.new.event(name)
		if was.Kind != is.Kind {
			d.add(Breaking, where, d.old.first(name), "was a %s, is a %s", was.Kind, is.Kind)
		}
		more := Additive
		if is.Kind == lifecycle.Command { // somebody else may decide now
			more = Breaking
		}
		d.sets(where, nil, "actor", was.By, is.By, Tightening, more)
	}
	for _, name := range d.new.events {
		if !slices.Contains(d.old.events, name) {
			d.add(Additive, "event "+name, d.new.first(name), "is new")
		}
	}
}

// first is a shortest path that ends in the event; nil: no row names it.
func (s side) first(on string) (way lifecycle.Path) {
	for _, from := range append([]string{""}, s.states...) {
		step, ok := s.step(from, on)
		if to := s.paths[from]; ok && (way == nil || len(to)+1 < len(way)) {
			way = append(slices.Clip(to), step)
		}
	}
	return way
}

// sets tells what two lists have and the other has not.
func (d *differ) sets(where string, way lifecycle.Path, what string, was, is []string, dropped, added Class) {
	if gone := without(was, is); gone != nil {
		d.add(dropped, where, way, "no longer has the %s %s", what, strings.Join(gone, ", "))
	}
	if come := without(is, was); come != nil {
		d.add(added, where, way, "now has the %s %s", what, strings.Join(come, ", "))
	}
}

// without lists what stands in a and not in b, in the order of a.
func without(a, b []string) (out []string) {
	for _, name := range a {
		if !slices.Contains(b, name) {
			out = append(out, name)
		}
	}
	return out
}

func either(first bool, a, b string) string {
	if first {
		return a
	}
	return b
}

// prose tells what changed and decides nothing.
func (d *differ) prose() {
	same := func(where string, was, is []string) {
		if !slices.Equal(was, is) {
			d.add(None, where, nil, "its prose changed")
		}
	}
	same("machine", []string{d.old.def.Title, d.old.def.Doc}, []string{d.new.def.Title, d.new.def.Doc})
	for _, name := range d.old.states {
		if slices.Contains(d.new.states, name) {
			was, is := d.old.state(name), d.new.state(name)
			same("state "+name, []string{was.Means, was.NoDeadline}, []string{is.Means, is.NoDeadline})
		}
	}
	for _, name := range d.old.events {
		if slices.Contains(d.new.events, name) {
			was, is := d.old.event(name), d.new.event(name)
			same("event "+name, []string{was.Means, was.NoRow}, []string{is.Means, is.NoRow})
		}
	}
	same("terms", d.old.terms(), d.new.terms())
	same("rows", d.old.whys(d.new), d.new.whys(d.old))
}

// policies tells what is no longer promised, which somebody relied on, and what is promised
// besides. Sentences, sources and names of tests are prose.
func (d *differ) policies() {
	at := func(list []lifecycle.Policy, id string) int {
		return slices.IndexFunc(list, func(p lifecycle.Policy) bool { return p.ID == id })
	}
	was, is := d.old.def.Policies, d.new.def.Policies
	for _, p := range was {
		where, i := "policy "+p.ID, at(is, p.ID)
		if i < 0 {
			d.add(Breaking, where, nil, "is gone")
			continue
		}
		next := is[i]
		for _, c := range lacking(p.Claims, next.Claims) {
			d.add(Breaking, where, nil, "no longer claims: %s", c)
		}
		for _, c := range lacking(next.Claims, p.Claims) {
			d.add(Additive, where, nil, "now claims: %s", c)
		}
		if p.Says != next.Says || p.Source != next.Source {
			d.add(None, where, nil, "has another sentence or source")
		}
		if !slices.Equal(p.Tests, next.Tests) {
			d.add(None, where, nil, "names other tests")
		}
	}
	for _, p := range is {
		if at(was, p.ID) < 0 {
			d.add(Additive, "policy "+p.ID, nil, "is new")
		}
	}
}

// lacking are the claims that only the first list has, compared as they stand in files,
// where a list without names is none.
func lacking(a, b []lifecycle.Claim) (out []lifecycle.Claim) {
	alike := func(c lifecycle.Claim) func(lifecycle.Claim) bool {
		one, wrongA := json.Marshal(c)
		return func(other lifecycle.Claim) bool {
			two, wrongB := json.Marshal(other)
			return wrongA == nil && wrongB == nil && bytes.Equal(one, two)
		}
	}
	for _, c := range a {
		if !slices.ContainsFunc(b, alike(c)) {
			out = append(out, c)
		}
	}
	return out
}

func (s side) terms() (all []string) {
	for _, t := range s.def.Terms {
		all = append(all, t.Name, t.Means)
	}
	return all
}

// whys are the reason of each cell that has a row in both, and the names of the rules
// whose words both have.
func (s side) whys(other side) (all []string) {
	for _, from := range append([]string{""}, s.states...) {
		for _, on := range s.events {
			step, ok := s.step(from, on)
			if _, both := other.step(from, on); ok && both {
				all = append(all, from+" "+on+": "+s.def.Rows[step.Row].Why)
			}
		}
	}
	words := other.rules()
	for _, rule := range s.rules() {
		if slices.ContainsFunc(words, func(r [2]string) bool { return r[0] == rule[0] }) {
			all = append(all, rule[0]+": "+rule[1])
		}
	}
	slices.Sort(all)
	return all
}

// rules are all of them once, word and name.
func (s side) rules() (all [][2]string) {
	for _, r := range s.def.Rows {
		for _, rule := range r.If {
			if pair := [2]string{rule.Code, rule.Name}; !slices.Contains(all, pair) {
				all = append(all, pair)
			}
		}
	}
	return all
}
