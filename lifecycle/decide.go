package lifecycle

import (
	"fmt"
	"slices"
)

// Cell is what the table says of one event in one state if no rule says no.
type Cell[S ~string] struct {
	Verdict Verdict // Move, Note, Stay, Refuse or Ignore
	To      S       // where the record is afterwards
	Row     int     // index of its row in the definition; -1: none
}

// Cell looks one cell up. The state "" is that of a record that does not exist yet.
// It fails with ErrUnknown for names that the machine does not have. It allocates
// nothing otherwise.
func (m *Machine[S, E, F]) Cell(from S, on E) (Cell[S], error) {
	s, e := m.states.index(from), m.events.index(on)
	if s < 0 || e < 0 {
		return Cell[S]{}, m.unknown(s < 0, e < 0)
	}
	return m.cells[s*len(m.events.list)+e], nil
}

// unknown says which kind of name is unknown and never the name: it may come from
// outside.
func (m *Machine[S, E, F]) unknown(state, event bool) error {
	switch {
	case state && event:
		return fmt.Errorf("%s: state and event: %w", m.def.Name, ErrUnknown)
	case state:
		return fmt.Errorf("%s: state: %w", m.def.Name, ErrUnknown)
	}
	return fmt.Errorf("%s: event: %w", m.def.Name, ErrUnknown)
}

// Outcome is the verdict on one event in one state under given facts.
type Outcome[S, E ~string] struct {
	Event   E
	From    S
	To      S // equal to From unless Verdict is Move
	Verdict Verdict
	Why     string // for Ignore: NoRow, or the Code of the rule that said no
	Word    string // for Note: its word
	does    []string
}

// Does tells whether the row carries the effect. Only a move or a note has effects.
func (o Outcome[S, E]) Does(effect string) bool {
	return (o.Verdict == Move || o.Verdict == Note) && slices.Contains(o.does, effect)
}

// Plain gives the outcome in plain strings, as a chart has it.
func (o Outcome[S, E]) Plain() Outcome[string, string] {
	return Outcome[string, string]{string(o.Event), string(o.From), string(o.To), o.Verdict, o.Why, o.Word, o.does}
}

// Decide gives the verdict on an event. It is pure: the same arguments give the same
// answer, and nothing is kept. A refused command is a *Denied (ErrNotAllowed); a name
// that the machine does not have is ErrUnknown.
func (m *Machine[S, E, F]) Decide(from S, on E, facts F) (Outcome[S, E], error) {
	cell, err := m.Cell(from, on)
	if err != nil {
		return Outcome[S, E]{}, err
	}
	out, condition := Outcome[S, E]{Event: on, From: from, To: cell.To, Verdict: cell.Verdict}, ""
	if cell.Row < 0 {
		out.Why = NoRow
	} else {
		row := &m.def.Rows[cell.Row]
		out.does, out.Word = row.Does, row.Note
		for i := range row.If {
			if !row.If[i].Holds(facts) {
				out.Verdict, out.To, out.Why, out.Word = m.Kind(on).Veto(), from, row.If[i].Code, ""
				condition = row.If[i].Name
				break
			}
		}
	}
	if out.Verdict == Refuse {
		return Outcome[S, E]{}, m.denied(from, on, out.Why, condition)
	}
	return out, nil
}

func (m *Machine[S, E, F]) denied(from S, on E, why, condition string) error {
	d := &Denied{
		Machine: m.def.Name, From: string(from), Event: string(on), Condition: condition, AllowedFrom: texts(m.Sources(on)),
	}
	if why != NoRow {
		d.Rule = why
	}
	for _, e := range m.events.list {
		if cell, _ := m.Cell(from, e); cell.Row >= 0 && m.Kind(e) == Command {
			d.Allowed = append(d.Allowed, string(e))
		}
	}
	return d
}

// Verdicts lists every outcome that one cell can have: first the one in which all
// rules hold, then one for each rule that could say no. It fails like Cell.
func (m *Machine[S, E, F]) Verdicts(from S, on E) ([]Outcome[S, E], error) {
	cell, err := m.Cell(from, on)
	if err != nil {
		return nil, err
	}
	first := Outcome[S, E]{Event: on, From: from, To: cell.To, Verdict: cell.Verdict}
	if cell.Row < 0 {
		first.Why = NoRow
		return []Outcome[S, E]{first}, nil
	}
	row := m.def.Rows[cell.Row]
	first.does, first.Word = row.Does, row.Note
	all := []Outcome[S, E]{first}
	for _, rule := range row.If {
		all = append(all, Outcome[S, E]{Event: on, From: from, To: from, Verdict: m.Kind(on).Veto(), Why: rule.Code})
	}
	return all, nil
}

// Redundant tries every rule on listed facts and tells the rules that never are the only
// one to say no, so that the table without them would judge alike, and the rows that never
// fire. The answer is as exact as the list: facts that differ in what no rule looks at need
// not be listed twice.
func (m *Machine[S, E, F]) Redundant(facts ...F) []Defect {
	var found []Defect
	for i, row := range m.def.Rows {
		alone, fires := make([]bool, len(row.If)), false
		for _, f := range facts {
			var no []int
			for j, rule := range row.If {
				if !rule.Holds(f) {
					no = append(no, j)
				}
			}
			fires = fires || no == nil
			if len(no) == 1 {
				alone[no[0]] = true
			}
		}
		where := row.place(i)
		if !fires {
			found = append(found, Defect{"idle row", where, "its rules never hold together"})
		}
		for j, decides := range alone {
			if !decides {
				found = append(found, Defect{"redundant rule", where, fmt.Sprintf("without %q it would judge alike", row.If[j].Name)})
			}
		}
	}
	return found
}

// Kind is the kind of an event; "" for one that the machine does not have.
func (m *Machine[S, E, F]) Kind(on E) Kind {
	if i := m.events.index(on); i >= 0 {
		return m.def.Events[i].Kind
	}
	return ""
}

// By tells whether a kind of actor may bring the event.
func (m *Machine[S, E, F]) By(on E, actor string) bool {
	i := m.events.index(on)
	return i >= 0 && slices.Contains(m.def.Events[i].By, actor)
}

// Has tells whether the machine has the state.
func (m *Machine[S, E, F]) Has(s S) bool { return s != none && m.states.index(s) >= 0 }

// State returns the state of that name, without its labels, which Labelled tells; the
// zero State for one that it does not have.
func (m *Machine[S, E, F]) State(name S) State[S, E] {
	if i := m.states.index(name); i > 0 {
		s := m.def.States[i-1]
		s.Labels = nil
		return s
	}
	return State[S, E]{}
}

// Labelled tells whether the state carries the label.
func (m *Machine[S, E, F]) Labelled(name S, label string) bool {
	i := m.states.index(name)
	return i > 0 && slices.Contains(m.def.States[i-1].Labels, label)
}

// Sources lists the states in which the event has a row, in the definition's order.
func (m *Machine[S, E, F]) Sources(on E) []S {
	var out []S
	for _, s := range m.states.list[1:] {
		if cell, err := m.Cell(s, on); err == nil && cell.Row >= 0 {
			out = append(out, s)
		}
	}
	return out
}

// Next is the table alone, in plain strings, for replaying a history: where the event
// leads from a state ("" is no record), rules left aside, and the note's word if it is a
// note. ok is false where no row is.
func (m *Machine[S, E, F]) Next(from, on string) (to, note string, ok bool) {
	cell, err := m.Cell(S(from), E(on))
	if err != nil || cell.Row < 0 {
		return string(cell.To), "", false
	}
	return string(cell.To), m.def.Rows[cell.Row].Note, true
}

// Brings tells, in plain strings, whether the kind of actor may bring the event, and
// whether that is a report. An event that the machine does not have is nobody's.
func (m *Machine[S, E, F]) Brings(actor, on string) (report, ok bool) {
	return m.Kind(E(on)) == Report, m.By(E(on), actor)
}
