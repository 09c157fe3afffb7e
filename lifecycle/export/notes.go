package export

import (
	"cmp"
	"slices"
	"strings"

	"github.com/kycle/kycle/lifecycle"
)

// A note leaves a record in its status, so it is no arrow. A drawing writes it as a line: in
// the status where it is made, or in the legend where it is made in many.

// common is a line of the legend: the notes that are made in the same many statuses.
type common struct {
	where string // "in any status but cancelled"
	rows  []row
}

// widespread tells whether a note is made in so many statuses that a line in each would hide
// the others: in more than three, or in all there are.
func widespread(def lifecycle.ChartDefinition, r row) bool {
	return r.Note != "" && (len(r.From) > 3 || len(r.From) > 1 && len(r.From) == len(def.States))
}

// commonNotes lists what the legend says of notes, in the order of their first rows.
func commonNotes(def lifecycle.ChartDefinition) []common {
	var all []common
	for _, r := range def.Rows {
		if !widespread(def, r) {
			continue
		}
		where := "in " + crowd(def, r.From)
		i := slices.IndexFunc(all, func(c common) bool { return c.where == where })
		if i < 0 {
			i = len(all)
			all = append(all, common{where: where})
		}
		all[i].rows = append(all[i].rows, r)
	}
	return all
}

// ownNotes lists the rows of the notes that a drawing writes in the status.
func ownNotes(def lifecycle.ChartDefinition, status string) []row {
	var all []row
	for _, r := range def.Rows {
		if r.Note != "" && !widespread(def, r) && slices.Contains(r.From, status) {
			all = append(all, r)
		}
	}
	return all
}

// hasNotes tells whether the table has a note at all.
func hasNotes(def lifecycle.ChartDefinition) bool {
	return slices.ContainsFunc(def.Rows, func(r row) bool { return r.Note != "" })
}

// notedIn tells whether any note is made in the status.
func notedIn(def lifecycle.ChartDefinition, status string) bool {
	return slices.ContainsFunc(def.Rows, func(r row) bool { return r.Note != "" && slices.Contains(r.From, status) })
}

// noteNotation explains the lines of notes; every diagram that can hold a sentence has it.
const noteNotation = "A line \"event: word\" is a note: the record stays in its status, and its history gets an entry with the word."

// label is a row as a drawing writes it: "approve [unless older] / charge" on an arrow, and
// "hold: held [unless locked] / send" of a note. The format sets what the outside calls the
// event, which may hold anything; all else is names and our own marks.
func label(def lifecycle.ChartDefinition, r row, set func(string) string) string {
	text := set(calledEvent(def, r.On))
	if r.Note != "" {
		text += ": " + r.Note
	}
	for _, part := range []string{conditions(r), effects(r)} {
		if part != "" {
			text += " " + part
		}
	}
	return text
}

// asItIs sets a text that is set later, with what stands around it.
func asItIs(text string) string { return text }

// crowd names many statuses, by the few that are not among them if those are few.
func crowd(def lifecycle.ChartDefinition, names []string) string {
	var among, others []string
	for _, s := range def.States {
		list := &others
		if slices.Contains(names, s.Name) {
			list = &among
		}
		*list = append(*list, called(s.Spelling, s.Name))
	}
	switch {
	case len(others) == 0:
		return "any status"
	case len(others) <= 2 && len(others) < len(among):
		return "any status but " + strings.Join(others, " and ")
	case len(among) == 1:
		return among[0]
	}
	last := len(among) - 1
	return strings.Join(among[:last], ", ") + " or " + among[last]
}

// called is a name as the outside has it, in one line; where nothing of the spelling can be
// seen, it is the name.
func called(spelling, name string) string {
	return cmp.Or(strings.TrimSpace(plain(spelling)), name)
}

func calledEvent(def lifecycle.ChartDefinition, name string) string {
	if i := slices.IndexFunc(def.Events, func(e lifecycle.Event[string]) bool { return e.Name == name }); i >= 0 {
		return called(def.Events[i].Spelling, name)
	}
	return name
}

// leavesFinal lists the rows by which a command moves a record out of a final status.
func leavesFinal(def lifecycle.ChartDefinition) []row {
	return slices.DeleteFunc(slices.Clone(def.Rows), func(r row) bool { return !r.MovesFinal })
}

// onPurpose is what a page says of such a row.
const onPurpose = "it moves a record out of a final status, on purpose"

// noteTable lists the rows that lead nowhere.
func (p *page) noteTable() {
	if !hasNotes(p.def) {
		return
	}
	p.para("## Notes")
	p.para("A note leaves the record in its status. Its word is the verdict in the audit entry, " +
		"and its effects happen like those of a move. Notes are made in final statuses too.")
	p.table("note", "event", "in", "only if", "effects", "why")
	for _, r := range p.def.Rows {
		if r.Note == "" {
			continue
		}
		in := code(r.From...)
		if len(r.From) == len(p.def.States) && len(r.From) > 1 {
			in = "any status"
		}
		p.row(code(r.Note), code(r.On), in, onlyIf(r), code(r.Does...), prose(r.Why))
	}
}
