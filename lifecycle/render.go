package lifecycle

import (
	"fmt"
	"slices"
	"strings"
)

// What the formats share: the words for a cell, the arrows of a diagram, and where a
// rule or a term is used. Everything comes in the definition's order, so that one
// definition always gives one page.

// noRecord is how a page calls the state "".
const noRecord = "(no record)"

// arrow is every move between two states, whatever the event.
type arrow struct {
	from, to string // "" is no record
	labels   []string
}

// arrows lists the moves; a stay leads nowhere and is none. Events that lead from one
// state to the same other one share an arrow, in the order of the rows.
func (m *Machine[S, E, F]) arrows() []arrow {
	var all []arrow
	for _, row := range m.def.Rows {
		label := string(row.On)
		if len(row.Does) > 0 {
			label += " [" + strings.Join(row.Does, ", ") + "]"
		}
		for _, from := range sources(row) {
			if from == row.To {
				continue
			}
			i := slices.IndexFunc(all, func(a arrow) bool { return a.from == string(from) && a.to == string(row.To) })
			if i < 0 {
				i = len(all)
				all = append(all, arrow{from: string(from), to: string(row.To)})
			}
			all[i].labels = append(all[i].labels, label)
		}
	}
	return all
}

// words says every verdict that a cell can have, the one in which all rules hold first.
// A veto of a report is told by its word, as the audit entry will bear it; a refusal by
// the condition, since nothing is written of it.
func (m *Machine[S, E, F]) words(from S, on E) []string {
	outcomes, _ := m.Verdicts(from, on) // the names are the definition's own
	cell, _ := m.Cell(from, on)
	var all []string
	for i, o := range outcomes {
		word := string(o.Verdict)
		switch {
		case o.Verdict == Move:
			word = fmt.Sprintf("move → %s", o.To)
		case o.Verdict == Ignore:
			word = fmt.Sprintf("ignore (%s)", o.Why)
		case o.Verdict == Refuse && i > 0:
			word = "refuse unless " + m.def.Rows[cell.row].If[i-1].Name
		}
		if !slices.Contains(all, word) { // two rules may share a word
			all = append(all, word)
		}
	}
	return all
}

// usage is one rule and the rows that it guards.
type usage struct {
	name, otherwise string
	verdicts, rows  []string
}

// rules lists each rule once, by its name and the word for its veto.
func (m *Machine[S, E, F]) rules() []usage {
	var all []usage
	for _, row := range m.def.Rows {
		for _, rule := range row.If {
			i := slices.IndexFunc(all, func(u usage) bool { return u.name == rule.Name && u.otherwise == rule.Else })
			if i < 0 {
				i = len(all)
				all = append(all, usage{name: rule.Name, otherwise: rule.Else})
			}
			all[i].rows = append(all[i].rows, title(row))
			if v := string(m.veto(row.On)); !slices.Contains(all[i].verdicts, v) {
				all[i].verdicts = append(all[i].verdicts, v)
			}
		}
	}
	return all
}

// uses tells where a term stands: on which states as a label, on which rows as an effect.
func (m *Machine[S, E, F]) uses(term string) (states, rows []string) {
	for _, s := range m.def.States {
		if slices.Contains(s.Labels, term) {
			states = append(states, string(s.Name))
		}
	}
	for _, row := range m.def.Rows {
		if slices.Contains(row.Does, term) {
			rows = append(rows, title(row))
		}
	}
	return states, rows
}

// title is a row in a few words: "cancel: new, opened → cancelled".
func title[S, E ~string, F any](row Row[S, E, F]) string {
	return fmt.Sprintf("%s: %s → %s", row.On, froms(row), row.To)
}

func froms[S, E ~string, F any](row Row[S, E, F]) string {
	if len(row.From) == 0 {
		return noRecord
	}
	return strings.Join(texts(row.From), ", ")
}
