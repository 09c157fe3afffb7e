package lifecycletest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/kycle/kycle/lifecycle"
)

// Cases lists every case of a machine: of every cell, in the definition's order and
// beginning with the state of no record, the outcome if all of its rules hold, and then
// one for each rule that says no. From, Event and Why make a case one of its kind; Why is
// "" where all rules hold, lifecycle.NoRow where there is no row, and else the rule's word.
func Cases[S, E ~string, F any](m *lifecycle.Machine[S, E, F]) []lifecycle.Outcome[S, E] {
	var all []lifecycle.Outcome[S, E]
	def := m.Definition()
	for _, from := range states(def) {
		for _, on := range def.Events {
			verdicts, _ := m.Verdicts(from, on.Name) // both names are the machine's own
			all = append(all, verdicts...)
		}
	}
	return all
}

// states are those of a definition, after that of no record.
func states[S, E ~string, F any](def lifecycle.Definition[S, E, F]) []S {
	all := []S{""}
	for _, s := range def.States {
		all = append(all, s.Name)
	}
	return all
}

// reason is the Why of the case that was denied.
func reason(d *lifecycle.Denied) string { return cmp.Or(d.Rule, lifecycle.NoRow) }

// where reads `push in "shut"`.
func where[S, E ~string](from S, on E) string {
	if from == "" {
		return fmt.Sprintf("%s without a record", on)
	}
	return fmt.Sprintf("%s in %q", on, from)
}

// say reads `push in "shut", if open says no: refuse`, and of a note `paint in "shut": note
// "painted"`.
func say[S, E ~string](c lifecycle.Outcome[S, E]) string {
	text := where(c.From, c.Event)
	if c.Why != "" && c.Why != lifecycle.NoRow {
		text += fmt.Sprintf(", if %s says no", c.Why)
	}
	text += ": " + string(c.Verdict)
	switch c.Verdict {
	case lifecycle.Move:
		text += fmt.Sprintf(" to %q", c.To)
	case lifecycle.Note:
		text += fmt.Sprintf(" %q", c.Word)
	}
	return text
}

// Walk is a record's life from before its birth, each step from where the one before it
// leads. A note is a step that stays: the record is where it was, and its history says the
// note's Word. A step that is refused or ignored leaves it where it is, and its Why tells which
// rule has to say no.
type Walk[S, E ~string] []lifecycle.Outcome[S, E]

// String reads "hang → shut, push refuse (closed), paint: painted, push → ajar".
func (w Walk[S, E]) String() string {
	if len(w) == 0 {
		return "(nothing)"
	}
	read := make([]string, len(w))
	for i, c := range w {
		switch {
		case c.Verdict == lifecycle.Note:
			read[i] = fmt.Sprintf("%s: %s", c.Event, c.Word)
		case c.Verdict.Fires():
			read[i] = fmt.Sprintf("%s → %s", c.Event, c.To)
		default:
			read[i] = fmt.Sprintf("%s %s (%s)", c.Event, c.Verdict, c.Why)
		}
	}
	return strings.Join(read, ", ")
}

// GoString is String: rapid prints what it draws with %#v.
func (w Walk[S, E]) GoString() string { return w.String() }

// Events are the walk's events.
func (w Walk[S, E]) Events() []E {
	all := make([]E, len(w))
	for i, c := range w {
		all[i] = c.Event
	}
	return all
}

// end is where a walk leads.
func (w Walk[S, E]) end() (s S) {
	if len(w) > 0 {
		s = w[len(w)-1].To
	}
	return s
}

// graph is a machine's rows, one from each of its states, and where walks end. A note leads
// back to its state.
type graph[S, E ~string] struct {
	exits map[S][]lifecycle.Outcome[S, E] // in the order of events
	last  []E
}

func rowsOf[S, E ~string, F any](m *lifecycle.Machine[S, E, F], last []E) graph[S, E] {
	g := graph[S, E]{map[S][]lifecycle.Outcome[S, E]{}, last}
	for _, c := range Cases(m) {
		if c.Verdict.Fires() {
			g.exits[c.From] = append(g.exits[c.From], c)
		}
	}
	return g
}

// ended tells whether a walk that has this step goes no further.
func (g graph[S, E]) ended(step lifecycle.Outcome[S, E]) bool {
	return slices.Contains(g.last, step.Event) || len(g.exits[step.To]) == 0
}

// nearest lists the shortest walks from a state whose last step, and no other, is wanted;
// all of them are equally long. None: no walk leads to such a step.
func (g graph[S, E]) nearest(from S, wanted func(lifecycle.Outcome[S, E]) bool) []Walk[S, E] {
	type visit struct {
		at  S
		way Walk[S, E]
	}
	var found []Walk[S, E]
	seen := map[S]bool{from: true}
	for queue := []visit{{at: from}}; len(queue) > 0; queue = queue[1:] {
		now := queue[0]
		if len(found) > 0 && len(now.way) >= len(found[0]) {
			break
		}
		for _, step := range g.exits[now.at] {
			way := append(slices.Clip(now.way), step)
			if wanted(step) {
				found = append(found, way)
			}
			if !g.ended(step) && !seen[step.To] {
				seen[step.To] = true
				queue = append(queue, visit{step.To, way})
			}
		}
	}
	return found
}

// Path is a shortest walk that brings a record into a state, in which every rule holds;
// empty for no record, and for a state that the machine does not have. Of several it is
// the one whose events come first in the definition.
func Path[S, E ~string, F any](m *lifecycle.Machine[S, E, F], state S) Walk[S, E] {
	return rowsOf[S, E, F](m, nil).path(state)
}

func (g graph[S, E]) path(state S) Walk[S, E] {
	found := g.nearest("", func(c lifecycle.Outcome[S, E]) bool { return c.To == state })
	if len(found) == 0 {
		return nil
	}
	return found[0]
}
