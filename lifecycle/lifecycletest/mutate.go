package lifecycletest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kycle/kycle/lifecycle"
)

// mutation is one change of a definition that somebody could make by mistake.
type mutation[S, E ~string, F any] struct {
	words string // what is wrong now, as a report names it
	apply func(*lifecycle.Definition[S, E, F])
}

// mutations lists every one of them: cells, then rows, rules, effects, labels, and what
// events are and who may bring them, in the definition's order.
func mutations[S, E ~string, F any](m *lifecycle.Machine[S, E, F]) []mutation[S, E, F] {
	l := &list[S, E, F]{machine: m, def: m.Definition()}
	for _, from := range states(l.def) {
		for _, on := range l.def.Events {
			l.cell(from, on.Name)
		}
	}
	for i, row := range l.def.Rows {
		if len(row.From) > 1 { // else its one cell was done
			l.row(i)
		}
		l.rules(i)
		l.effects(i)
	}
	l.labels()
	l.events()
	return l.all
}

type list[S, E ~string, F any] struct {
	machine *lifecycle.Machine[S, E, F]
	def     lifecycle.Definition[S, E, F]
	all     []mutation[S, E, F]
}

func (l *list[S, E, F]) add(apply func(*lifecycle.Definition[S, E, F]), format string, args ...any) {
	l.all = append(l.all, mutation[S, E, F]{fmt.Sprintf(format, args...), apply})
}

// cell drops the cell's row here, or sends it to every other state; or gives a cell
// without a row one to every state.
func (l *list[S, E, F]) cell(from S, on E) {
	cell, _ := l.machine.Cell(from, on)
	if cell.Row >= 0 {
		l.add(func(d *lifecycle.Definition[S, E, F]) { split(d, cell.Row, from) }, "%s has no row", where(from, on))
	}
	for _, to := range states(l.def)[1:] {
		switch {
		case cell.Row < 0:
			row := lifecycle.Row[S, E, F]{On: on, From: []S{from}, To: to, Why: "a mutant"}
			if from == "" {
				row.From = nil
			}
			l.add(func(d *lifecycle.Definition[S, E, F]) { d.Rows = append(d.Rows, row) }, "%s leads to %q", where(from, on), to)
		case to != cell.To:
			l.add(func(d *lifecycle.Definition[S, E, F]) {
				row := split(d, cell.Row, from)
				row.To = to
				d.Rows = append(d.Rows, row)
			}, "%s leads to %q and not to %q", where(from, on), to, cell.To)
		}
	}
}

// split takes one source out of a row, and the row with it if it was the only one. It
// gives the row of that source alone.
func split[S, E ~string, F any](d *lifecycle.Definition[S, E, F], i int, from S) lifecycle.Row[S, E, F] {
	row := d.Rows[i]
	d.Rows[i].From = slices.DeleteFunc(slices.Clone(row.From), func(s S) bool { return s == from })
	if len(d.Rows[i].From) == 0 {
		d.Rows = slices.Delete(d.Rows, i, i+1)
		return row
	}
	row.From = []S{from}
	return row
}

// row drops a whole row, or sends it to every other state.
func (l *list[S, E, F]) row(i int) {
	row := l.def.Rows[i]
	l.add(func(d *lifecycle.Definition[S, E, F]) { d.Rows = slices.Delete(d.Rows, i, i+1) }, "%s is gone", title(row))
	for _, to := range states(l.def)[1:] {
		if to != row.To {
			l.add(func(d *lifecycle.Definition[S, E, F]) { d.Rows[i].To = to }, "%s leads to %q", title(row), to)
		}
	}
}

// title reads `row "push" from "shut", "lost" to "ajar"`.
func title[S, E ~string, F any](row lifecycle.Row[S, E, F]) string {
	from := make([]string, len(row.From))
	for i, s := range row.From {
		from[i] = fmt.Sprintf("%q", s)
	}
	return fmt.Sprintf("row %q from %s to %q", row.On, orNone(strings.Join(from, ", ")), row.To)
}

func orNone(text string) string {
	if text == "" {
		return "no record"
	}
	return text
}

// rules negates each rule of a row, drops it, and asks it before its predecessor.
func (l *list[S, E, F]) rules(i int) {
	row := l.def.Rows[i]
	for n, rule := range row.If {
		l.add(func(d *lifecycle.Definition[S, E, F]) {
			d.Rows[i].If[n].Holds = func(f F) bool { return !rule.Holds(f) }
		}, "%s: the rule %s says the opposite", title(row), rule.Code)
		l.add(func(d *lifecycle.Definition[S, E, F]) { d.Rows[i].If = slices.Delete(d.Rows[i].If, n, n+1) },
			"%s: nobody asks the rule %s", title(row), rule.Code)
		if n > 0 {
			l.add(func(d *lifecycle.Definition[S, E, F]) {
				d.Rows[i].If[n-1], d.Rows[i].If[n] = d.Rows[i].If[n], d.Rows[i].If[n-1]
			}, "%s: the rule %s is asked before %s", title(row), rule.Code, row.If[n-1].Code)
		}
	}
}

// effects drops each effect of a row, and adds each that it does not have.
func (l *list[S, E, F]) effects(i int) {
	var known []string // those of any row; the other terms are labels
	for _, row := range l.def.Rows {
		known = append(known, row.Does...)
	}
	for _, word := range l.terms(known) {
		l.add(func(d *lifecycle.Definition[S, E, F]) { d.Rows[i].Does = toggle(d.Rows[i].Does, word) },
			"%s: %s", title(l.def.Rows[i]), toggled("effect", l.def.Rows[i].Does, word))
	}
}

// labels drops each label of a state, and adds each that it does not have.
func (l *list[S, E, F]) labels() {
	var known []string
	for _, s := range l.def.States {
		known = append(known, s.Labels...)
	}
	for i, s := range l.def.States {
		for _, word := range l.terms(known) {
			l.add(func(d *lifecycle.Definition[S, E, F]) { d.States[i].Labels = toggle(d.States[i].Labels, word) },
				"state %q: %s", s.Name, toggled("label", s.Labels, word))
		}
	}
}

// events makes each event one of the other kind, and adds or drops each kind of actor that
// may bring any.
func (l *list[S, E, F]) events() {
	var actors []string
	for _, e := range l.def.Events {
		for _, who := range e.By {
			if !slices.Contains(actors, who) {
				actors = append(actors, who)
			}
		}
	}
	other := map[lifecycle.Kind]lifecycle.Kind{lifecycle.Command: lifecycle.Report, lifecycle.Report: lifecycle.Command}
	for i, e := range l.def.Events {
		l.add(func(d *lifecycle.Definition[S, E, F]) { d.Events[i].Kind = other[e.Kind] }, "event %q is a %s", e.Name, other[e.Kind])
		for _, who := range actors {
			l.add(func(d *lifecycle.Definition[S, E, F]) { d.Events[i].By = toggle(d.Events[i].By, who) },
				"event %q: %s", e.Name, toggled("actor", e.By, who))
		}
	}
}

// terms are the known ones, in the definition's order.
func (l *list[S, E, F]) terms(known []string) []string {
	var all []string
	for _, t := range l.def.Terms {
		if slices.Contains(known, t.Name) {
			all = append(all, t.Name)
		}
	}
	return all
}

func toggle(words []string, word string) []string {
	if i := slices.Index(words, word); i >= 0 {
		return slices.Delete(slices.Clone(words), i, i+1)
	}
	return append(slices.Clone(words), word)
}

func toggled(kind string, words []string, word string) string {
	if slices.Contains(words, word) {
		return fmt.Sprintf("the %s %s is missing", kind, word)
	}
	return fmt.Sprintf("the %s %s is there too", kind, word)
}

// tidy keeps a mutant from being refused for its prose alone: terms that nothing names any
// more, events that lost their last row, or got their first.
func tidy[S, E ~string, F any](d *lifecycle.Definition[S, E, F]) {
	d.Policies = nil // they would refuse what the tests are to notice
	d.Terms = slices.DeleteFunc(d.Terms, func(t lifecycle.Term) bool {
		row := func(r lifecycle.Row[S, E, F]) bool { return slices.Contains(r.Does, t.Name) }
		state := func(s lifecycle.State[S, E]) bool { return slices.Contains(s.Labels, t.Name) }
		return !slices.ContainsFunc(d.Rows, row) && !slices.ContainsFunc(d.States, state)
	})
	for i, e := range d.Events {
		used := slices.ContainsFunc(d.Rows, func(r lifecycle.Row[S, E, F]) bool { return r.On == e.Name })
		if used != (e.NoRow == "") {
			d.Events[i].NoRow = map[bool]string{false: "a mutant"}[used]
		}
	}
}
