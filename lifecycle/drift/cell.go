package drift

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kycle/kycle/lifecycle"
)

// verdict is a cell, reduced to what it decides.
type verdict struct {
	row   bool
	kind  lifecycle.Verdict
	to    string
	words []string // of the rules, in order
	does  []string
}

func (s side) verdict(from, on string) verdict {
	cell, _ := s.Cell(from, on) // only names that it has are asked for
	v := verdict{row: cell.Row >= 0, kind: cell.Verdict, to: cell.To}
	if v.row {
		for _, rule := range s.def.Rows[cell.Row].If {
			v.words = append(v.words, rule.Else)
		}
		v.does = s.def.Rows[cell.Row].Does
	}
	return v
}

// String reads "move → cancelled", "stay", "refused" or "ignored".
func (v verdict) String() string {
	switch v.kind {
	case lifecycle.Move:
		return "move → " + v.to
	case lifecycle.Refuse:
		return "refused"
	case lifecycle.Ignore:
		return "ignored"
	}
	return string(v.kind)
}

// change is what became of a cell.
type change struct {
	class  Class
	text   string
	replay bool // a history over the cell would not replay
}

// changes lists what became of one cell, where it leads first.
func changes(was, is verdict) (all []change) {
	switch {
	case !was.row && !is.row:
		return nil
	case !was.row:
		return []change{{Additive, fmt.Sprintf("was %s, is %s", was, is), false}}
	case !is.row:
		return []change{{Tightening, fmt.Sprintf("was %s, is %s", was, is), was.kind == lifecycle.Move}}
	case was.to != is.to:
		all = append(all, change{Breaking, fmt.Sprintf("was %s, is %s", was, is), was.kind == lifecycle.Move})
	}
	more := func(class Class, format string, names []string) {
		if names != nil {
			all = append(all, change{class, fmt.Sprintf(format, strings.Join(names, ", ")), false})
		}
	}
	more(Tightening, "now has the rule %s", without(is.words, was.words))
	more(Breaking, "no longer has the rule %s", without(was.words, is.words))
	if kept := without(was.words, without(was.words, is.words)); !slices.Equal(kept, without(is.words, without(is.words, was.words))) {
		all = append(all, change{Breaking, "its rules are asked in another order, so that another one may give the reason", false})
	}
	more(Breaking, "no longer does %s", without(was.does, is.does))
	more(Breaking, "now does %s", without(is.does, was.does))
	return all
}

// cells compares the cells of the states and events that both have. Cells of one event
// that changed alike are one difference.
func (d *differ) cells() {
	for _, on := range d.old.events {
		if !slices.Contains(d.new.events, on) {
			continue
		}
		type group struct {
			change
			states []string
			way    lifecycle.Path
		}
		var groups []group
		for _, from := range append([]string{""}, d.old.states...) {
			if from != "" && !slices.Contains(d.new.states, from) {
				continue
			}
			for _, c := range changes(d.old.verdict(from, on), d.new.verdict(from, on)) {
				i := slices.IndexFunc(groups, func(g group) bool { return g.change == c })
				if i < 0 {
					i = len(groups)
					groups = append(groups, group{change: c})
				}
				way := d.over(from, on)
				groups[i].states = append(groups[i].states, either(from == "", "(no record)", from))
				if groups[i].way == nil || len(way) < len(groups[i].way) {
					groups[i].way = way
				}
			}
		}
		for _, g := range groups {
			found := d.add(g.class, on+" in "+strings.Join(g.states, ", "), g.way, "%s", g.text)
			if g.replay {
				found.Replay = g.way
			}
		}
	}
}

// over is a shortest path over the cell: with the old step, or with the new one if only the
// new definition has it.
func (d *differ) over(from, on string) lifecycle.Path {
	step, ok := d.old.step(from, on)
	if !ok {
		step, _ = d.new.step(from, on)
	}
	return append(slices.Clip(d.old.paths[from]), step)
}

// order tells where the fingerprint is another one, and nothing is judged otherwise.
func (d *differ) order() {
	if d.Class == None && d.Old != d.New {
		d.add(None, "order", nil, "the same is written in another order, or in other rows; the fingerprint is another one")
	}
}

// prose tells what changed and decides nothing.
func (d *differ) prose() {
	same := func(where string, was, is any) {
		if fmt.Sprint(was) != fmt.Sprint(is) {
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
	same("terms", d.old.def.Terms, d.new.def.Terms)
	same("rows", d.old.whys(d.new), d.new.whys(d.old))
	was, is := d.old.policies(), d.new.policies()
	for _, p := range was {
		if !slices.Contains(is, p) {
			d.add(None, "policy "+p[0], nil, "is gone, or says or claims something else")
		}
	}
	for _, p := range is {
		if !slices.ContainsFunc(was, func(old [2]string) bool { return old[0] == p[0] }) {
			d.add(None, "policy "+p[0], nil, "is new")
		}
	}
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
			if pair := [2]string{rule.Else, rule.Name}; !slices.Contains(all, pair) {
				all = append(all, pair)
			}
		}
	}
	return all
}

// policies gives each policy's id, and all of it as text.
func (s side) policies() (all [][2]string) {
	for _, p := range s.def.Policies {
		text := fmt.Sprint(p.Source, p.Says, p.Tests)
		for _, c := range p.Claims {
			text += fmt.Sprint(c.Kind, c.States, c.Word, c.Clock, c.With)
			if c.Of != nil {
				text += fmt.Sprint(*c.Of)
			}
		}
		all = append(all, [2]string{p.ID, text})
	}
	return all
}
