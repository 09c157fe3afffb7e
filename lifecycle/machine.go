package lifecycle

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/looplab/fsm"
)

// Machine is a checked, frozen definition. It never changes and may be shared.
type Machine[S, E ~string, F any] struct {
	def         Definition[S, E, F] // a copy of the caller's
	states      names[S]            // def.States by name, after the state of no record at 0
	events      names[E]
	cells       []Cell[S] // dense, state-major
	fingerprint string
	sum         [sha256.Size]byte
}

// New checks the definition and freezes it. It fails with *Defects (ErrDefinition)
// that lists every defect, disagreement with looplab/fsm included.
func New[S, E ~string, F any](def Definition[S, E, F]) (*Machine[S, E, F], error) {
	def = clone(def)
	found := check(&def)
	if len(found) == 0 { // claims are judged on a sound table
		found = checkPolicies(&def)
	}
	if len(found) > 0 {
		return nil, &Defects{def.Name, found}
	}
	m := &Machine[S, E, F]{def: def}
	states, events := []S{none}, []E(nil)
	for _, s := range def.States {
		states = append(states, s.Name)
	}
	for _, e := range def.Events {
		events = append(events, e.Name)
	}
	m.states, m.events = namesOf(states), namesOf(events)
	for _, from := range m.states.list {
		for i := range def.Events {
			m.cells = append(m.cells, m.cell(from, &def.Events[i]))
		}
	}
	m.sum = fingerprint(&def)
	m.fingerprint = hex.EncodeToString(m.sum[:])
	if found := m.consult(); len(found) > 0 {
		return nil, &Defects{def.Name, found}
	}
	return m, nil
}

// cell works one cell out from the rows; Cell reads it ever after.
func (m *Machine[S, E, F]) cell(from S, on *Event[E]) Cell[S] {
	for i, row := range m.def.Rows {
		switch {
		case row.On != on.Name || !slices.Contains(row.Sources(), from):
		case row.Note != "":
			return Cell[S]{Note, from, i}
		case row.To == from:
			return Cell[S]{Stay, from, i}
		default:
			return Cell[S]{Move, row.To, i}
		}
	}
	return Cell[S]{on.Kind.Veto(), from, -1}
}

// Must is New for package-level tables. It panics on a defective definition.
func Must[S, E ~string, F any](def Definition[S, E, F]) *Machine[S, E, F] {
	m, err := New(def)
	if err != nil {
		panic(err)
	}
	return m
}

func clone[S, E ~string, F any](def Definition[S, E, F]) Definition[S, E, F] {
	def.States = slices.Clone(def.States)
	for i := range def.States {
		def.States[i].Labels = slices.Clone(def.States[i].Labels)
	}
	def.Events = slices.Clone(def.Events)
	for i := range def.Events {
		def.Events[i].By = slices.Clone(def.Events[i].By)
	}
	def.Rows = slices.Clone(def.Rows)
	for i := range def.Rows {
		r := &def.Rows[i]
		r.From, r.If, r.Does = slices.Clone(r.From), slices.Clone(r.If), slices.Clone(r.Does)
	}
	def.Terms, def.Policies = slices.Clone(def.Terms), clonePolicies(def.Policies)
	return def
}

// Definition returns a copy of what the machine was made from.
func (m *Machine[S, E, F]) Definition() Definition[S, E, F] { return clone(m.def) }

// Name is the machine's name, as it stands in errors and audit entries.
func (m *Machine[S, E, F]) Name() string { return m.def.Name }

// Fingerprint is the hex SHA-256 of what the definition decides: names, kinds, rows,
// rules by their word, effects and labels, in order; no prose. Two machines with one
// fingerprint judge alike as long as rules of one word do.
func (m *Machine[S, E, F]) Fingerprint() string { return m.fingerprint }

// Sum is the Fingerprint's bytes.
func (m *Machine[S, E, F]) Sum() [sha256.Size]byte { return m.sum }

func fingerprint[S, E ~string, F any](def *Definition[S, E, F]) [sha256.Size]byte {
	h := sha256.New()
	put := func(parts ...string) {
		var n [4]byte
		for _, p := range parts {
			binary.BigEndian.PutUint32(n[:], uint32(len(p)))
			h.Write(n[:])
			h.Write([]byte(p))
		}
	}
	list := func(parts []string) { put(append([]string{fmt.Sprint(len(parts))}, parts...)...) }
	put("kycle lifecycle 1", def.Name)
	for _, s := range def.States {
		put("state", string(s.Name), fmt.Sprint(s.Final), fmt.Sprint(s.Absorbing), string(s.Deadline))
		list(s.Labels)
	}
	for _, e := range def.Events {
		put("event", string(e.Name), string(e.Kind))
		list(e.By)
	}
	for _, r := range def.Rows {
		put("row", string(r.On), string(r.To))
		list(texts(r.From))
		list(r.Does)
		for _, rule := range r.If {
			put("if", rule.Code) // its name is prose
		}
		if r.Note != "" {
			put("note", r.Note)
		}
	}
	return [sha256.Size]byte(h.Sum(nil))
}

func texts[T ~string](names []T) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = string(n)
	}
	return out
}

// consult asks looplab/fsm, the authority on what a state machine does, about every
// cell and reports each answer that differs from the frozen table. It runs without
// callbacks and with a background context, where none of looplab's traps can be met
// (one cancelled context jams a looplab machine for good: looplab/fsm#115), and the
// looplab machine is dropped at the end: the frozen table is what runs.
func (m *Machine[S, E, F]) consult() []Defect {
	var found []Defect
	differ := func(from S, on E, format string, args ...any) {
		found = append(found, Defect{"looplab disagrees", fmt.Sprintf("%s in %q", on, from), fmt.Sprintf(format, args...)})
	}
	var rows fsm.Events
	for _, r := range m.def.Rows {
		for _, from := range r.Sources() { // a note is a self-transition of each of its states
			rows = append(rows, fsm.EventDesc{Name: string(r.On), Src: []string{string(from)}, Dst: string(r.target(from))})
		}
	}
	authority := fsm.NewFSM(none, rows, nil)
	for _, from := range m.states.list {
		authority.SetState(string(from))
		available := authority.AvailableTransitions()
		for _, on := range m.events.list {
			authority.SetState(string(from))
			cell, _ := m.Cell(from, on)
			has := cell.Verdict.Fires()
			if authority.Can(string(on)) != has || slices.Contains(available, string(on)) != has {
				differ(from, on, "whether there is a row")
			}
			err := authority.Event(context.Background(), string(on))
			var same fsm.NoTransitionError
			switch want := cell.Verdict; {
			case want == Move && err != nil, has && want != Move && !errors.As(err, &same), !has && err == nil:
				differ(from, on, "the table says %s, looplab says %v", want, err)
			case has && authority.Current() != string(cell.To), !has && authority.Current() != string(from):
				differ(from, on, "the table leads to %q, looplab to %q", cell.To, authority.Current())
			}
		}
	}
	return found
}

// Parse takes the stored string of a state. An unknown one is *Invalid (ErrInvalid), so
// that none gets in or out at the edges to text, JSON and SQL.
func (m *Machine[S, E, F]) Parse(text string) (S, error) {
	if s := S(text); m.Has(s) {
		return s, nil
	}
	return none, &Invalid{Field: "status", Problem: fmt.Sprintf("is not a status of the machine %q", m.def.Name)}
}

// Text is the way out: it fails like Parse.
func (m *Machine[S, E, F]) Text(s S) (string, error) {
	known, err := m.Parse(string(s))
	return string(known), err
}

// Scan takes a state from a driver of database/sql. What is no text is *Invalid too.
func (m *Machine[S, E, F]) Scan(from any) (S, error) {
	switch text := from.(type) {
	case string:
		return m.Parse(text)
	case []byte:
		return m.Parse(string(text))
	}
	return none, &Invalid{Field: "status", Problem: fmt.Sprintf("is %T and no text", from)}
}
