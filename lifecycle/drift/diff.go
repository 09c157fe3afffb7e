package drift

import (
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
	d.ends()
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
	row := &s.def.Rows[cell.Row]
	return lifecycle.Step{On: on, From: from, To: cell.To, Does: row.Does, Row: cell.Row, Note: row.Note}, true
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

// ends tells of a lifecycle that has an end in one definition alone.
func (d *differ) ends() {
	switch was, is := d.old.def.NoEnd, d.new.def.NoEnd; {
	case was == "" && is != "":
		d.add(Breaking, "machine", nil, "no status is final any more: %s", is)
	case was != "" && is == "":
		d.add(Additive, "machine", nil, "a status is final now: no command moves a record out of it")
	}
}

// spelled tells of another spelling. Nothing is judged by it, and the outside relies on it.
func (d *differ) spelled(where string, way lifecycle.Path, was, is string) {
	if was != is {
		d.add(Breaking, where, way, "was spelled %q, is spelled %q: schemas, APIs, charts and logs have the old spelling", was, is)
	}
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
		d.spelled(where, way, was.Spelled(), is.Spelled())
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
		d.spelled(where, nil, was.Spelled(), is.Spelled())
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
	was, is := []string{d.old.def.Title, d.old.def.Doc}, []string{d.new.def.Title, d.new.def.Doc}
	if d.old.def.NoEnd != "" && d.new.def.NoEnd != "" {
		was, is = append(was, d.old.def.NoEnd), append(is, d.new.def.NoEnd)
	}
	same("machine", was, is)
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
