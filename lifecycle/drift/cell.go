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
	note  string
	words []string // of the rules, in order
	does  []string // none of a stay
	final bool     // a command moves a record out of a final status, on purpose
}

func (s side) verdict(from, on string) verdict {
	cell, err := s.Cell(from, on)
	if err != nil { // it does not have the state, or the event
		return verdict{}
	}
	v := verdict{row: cell.Row >= 0, kind: cell.Verdict, to: cell.To}
	if v.row {
		row := &s.def.Rows[cell.Row]
		for _, rule := range row.If {
			v.words = append(v.words, rule.Code)
		}
		v.note = row.Note
		if v.kind != lifecycle.Stay {
			v.does = row.Does
		}
		v.final = row.MovesFinal && v.kind == lifecycle.Move && s.State(from).Final
	}
	return v
}

// String reads "move → cancelled", "note: superseded", "stay", "refused" or "ignored".
func (v verdict) String() string {
	switch v.kind {
	case lifecycle.Move:
		return "move → " + v.to
	case lifecycle.Note:
		return "note: " + v.note
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

// fresh is a cell that has a row only now. It breaks what was relied on where a status
// that was final is left, and where an effect comes, which may be money.
func fresh(was, is verdict, final bool) (all []change) {
	if was.kind != "" { // what is new is told as such
		all = append(all, change{Additive, fmt.Sprintf("was %s, is %s", was, is), false})
	}
	if is.kind == lifecycle.Move && final {
		all = append(all, change{Breaking, "leaves a status that was final" + either(is.final, ", on purpose", ""), false})
	}
	if len(is.does) > 0 {
		all = append(all, change{Breaking, fmt.Sprintf("now does %s", strings.Join(is.does, ", ")), false})
	}
	return all
}

// became says what another kind of row, or another word, does to whom; "" where the two
// verdicts say it.
func became(was, is verdict) string {
	switch {
	case was.kind == lifecycle.Note && is.kind == lifecycle.Note:
		return ": histories have the old word, and who reads them has to know both"
	case was.kind == lifecycle.Note && is.kind == lifecycle.Move:
		return ": the record leaves its status, where only a word was written"
	case was.kind == lifecycle.Note:
		return ": no entry says it any more"
	case was.kind == lifecycle.Move && is.kind == lifecycle.Note:
		return ": the record stays where it is, and only a word is written"
	case is.kind == lifecycle.Note:
		return ": an entry is written, with this word, where there was none"
	}
	return ""
}

// changes lists what became of one cell, where it leads first; final is whether no command
// acted on its status.
func changes(was, is verdict, final bool) (all []change) {
	switch {
	case !was.row && !is.row:
		return nil
	case !was.row:
		return fresh(was, is, final)
	case !is.row:
		return []change{{Tightening, fmt.Sprintf("was %s, is %s", was, is), was.kind != lifecycle.Stay}}
	case was.to != is.to || was.note != is.note:
		all = append(all, change{Breaking, fmt.Sprintf("was %s, is %s", was, is) + became(was, is), was.kind != lifecycle.Stay})
	}
	switch {
	case is.final && !was.final:
		all = append(all, change{Breaking, "now moves a record out of a final status, on purpose", false})
	case was.final && is.kind == lifecycle.Move && !is.final:
		all = append(all, change{None, "no longer moves a record out of a final status: its status is not final", false})
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

// cells compares the cells of the states and events that the new one has. Cells of one
// event that changed alike are one difference.
func (d *differ) cells() {
	for _, on := range joined(d.old.events, d.new.events) {
		type group struct {
			change
			states []string
			way    lifecycle.Path
		}
		var groups []group
		for _, from := range append([]string{""}, joined(d.old.states, d.new.states)...) {
			for _, c := range changes(d.old.verdict(from, on), d.new.verdict(from, on), d.old.State(from).Final) {
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
	way, old := d.old.paths[from]
	if !old {
		way = d.new.paths[from]
	}
	return append(slices.Clip(way), step)
}

// joined are the names that the new definition has, in the order of the old one, and then
// of the new one.
func joined(old, new []string) []string {
	kept := slices.DeleteFunc(slices.Clone(old), func(name string) bool { return !slices.Contains(new, name) })
	return append(kept, without(new, old)...)
}

// order tells where the fingerprint is another one, and nothing is judged otherwise.
func (d *differ) order() {
	if d.Class == None && d.Old != d.New {
		d.add(None, "order", nil, "the same is written in another order, or in other rows; the fingerprint is another one")
	}
}
