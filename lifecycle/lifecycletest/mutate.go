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

// mutations lists every one of them: cells, then rows, rules, effects, labels, what states
// are, and what events are and who may bring them, in the definition's order.
func mutations[S, E ~string, F any](m *lifecycle.Machine[S, E, F]) []mutation[S, E, F] {
	l := &list[S, E, F]{machine: m, def: m.Definition()}
	for _, row := range l.def.Rows {
		if row.Note != "" && !slices.Contains(l.notes, row.Note) {
			l.notes = append(l.notes, row.Note)
		}
	}
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
	l.states()
	l.events()
	return l.all
}

type list[S, E ~string, F any] struct {
	machine *lifecycle.Machine[S, E, F]
	def     lifecycle.Definition[S, E, F]
	notes   []string // the words of the definition, each once
	all     []mutation[S, E, F]
}

func (l *list[S, E, F]) add(apply func(*lifecycle.Definition[S, E, F]), format string, args ...any) {
	l.all = append(l.all, mutation[S, E, F]{fmt.Sprintf(format, args...), apply})
}

// cell drops the cell's row here, or sends it to every other state; or gives a cell
// without a row one to every state. A note becomes one of another word, or a move to every
// state; whatever is no note becomes one.
func (l *list[S, E, F]) cell(from S, on E) {
	cell, _ := l.machine.Cell(from, on)
	put := func(to S, note string) func(*lifecycle.Definition[S, E, F]) {
		return func(d *lifecycle.Definition[S, E, F]) {
			row := lifecycle.Row[S, E, F]{On: on, Why: "a mutant"}
			if from != "" {
				row.From = []S{from}
			}
			if cell.Row >= 0 {
				row = split(d, cell.Row, from)
			}
			row.To, row.Note = to, note
			d.Rows = append(d.Rows, row)
		}
	}
	if cell.Row >= 0 {
		l.add(func(d *lifecycle.Definition[S, E, F]) { split(d, cell.Row, from) }, "%s has no row", where(from, on))
	}
	for _, to := range states(l.def)[1:] {
		switch {
		case cell.Row < 0:
			l.add(put(to, ""), "%s leads to %q", where(from, on), to)
		case cell.Verdict == lifecycle.Note:
			l.add(put(to, ""), "%s leads to %q and is no note", where(from, on), to)
		case to != cell.To:
			l.add(put(to, ""), "%s leads to %q and not to %q", where(from, on), to, cell.To)
		}
	}
	switch {
	case from == "": // a note is made of a record that is there
	case cell.Verdict == lifecycle.Note:
		word := l.def.Rows[cell.Row].Note
		l.add(put("", l.another(word)), "%s makes the note %s and not %s", where(from, on), l.another(word), word)
	case cell.Verdict == lifecycle.Move:
		l.add(put("", l.own(on)), "%s makes the note %s and does not lead to %q", where(from, on), l.own(on), cell.To)
	default:
		l.add(put("", l.own(on)), "%s makes the note %s", where(from, on), l.own(on))
	}
}

// another is the known word of a note after that one, or a new one where it is the only one.
func (l *list[S, E, F]) another(word string) string {
	if len(l.notes) == 1 {
		return "another_note"
	}
	return l.notes[(slices.Index(l.notes, word)+1)%len(l.notes)]
}

// own is the word of a note that the event makes somewhere, or else any known one.
func (l *list[S, E, F]) own(on E) string {
	for _, row := range l.def.Rows {
		if row.On == on && row.Note != "" {
			return row.Note
		}
	}
	return append(slices.Clone(l.notes), "a_note")[0]
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

// row drops a whole row, or sends it to every other state; or makes a note of it, or one of
// another word.
func (l *list[S, E, F]) row(i int) {
	row := l.def.Rows[i]
	l.add(func(d *lifecycle.Definition[S, E, F]) { d.Rows = slices.Delete(d.Rows, i, i+1) }, "%s is gone", title(row))
	for _, to := range states(l.def)[1:] {
		if to != row.To {
			l.add(func(d *lifecycle.Definition[S, E, F]) { d.Rows[i].To, d.Rows[i].Note = to, "" }, "%s leads to %q", title(row), to)
		}
	}
	word := l.own(row.On)
	if row.Note != "" {
		word = l.another(row.Note)
	}
	l.add(func(d *lifecycle.Definition[S, E, F]) { d.Rows[i].To, d.Rows[i].Note = "", word }, "%s makes the note %s", title(row), word)
}

// title reads `row "push" from "shut", "lost" to "ajar"`, and of a note `row "paint" from
// "shut" noting "painted"`.
func title[S, E ~string, F any](row lifecycle.Row[S, E, F]) string {
	from := make([]string, len(row.From))
	for i, s := range row.From {
		from[i] = fmt.Sprintf("%q", s)
	}
	leads := fmt.Sprintf("to %q", row.To)
	if row.Note != "" {
		leads = fmt.Sprintf("noting %q", row.Note)
	}
	return fmt.Sprintf("row %q from %s %s", row.On, orNone(strings.Join(from, ", ")), leads)
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
