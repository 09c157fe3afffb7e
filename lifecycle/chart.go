package lifecycle

import "slices"

// Chart is a machine with its names as plain strings and its rules left open: which of
// them say no is given with each decision. It is what exports, comparisons and traces
// work on, and what a definition read from a file makes.
type Chart = Machine[string, string, Vetoes]

// ChartDefinition is a chart's definition.
type ChartDefinition = Definition[string, string, Vetoes]

// Vetoes are the facts of a chart: the words (Rule.Code) of the rules that say no.
type Vetoes []string

// Open is a rule of a chart: it holds unless its word is among the vetoes.
func Open(name, otherwise string) Rule[Vetoes] {
	return Rule[Vetoes]{Name: name, Code: otherwise, Holds: func(no Vetoes) bool { return !slices.Contains(no, otherwise) }}
}

// Chart gives the machine as a chart. Both have one fingerprint, and every cell of the one
// is that of the other.
func (m *Machine[S, E, F]) Chart() *Chart {
	c := &Chart{def: chartDefinition(&m.def), states: namesOf(texts(m.states.list)), events: namesOf(texts(m.events.list)), fingerprint: m.fingerprint, sum: m.sum}
	for _, cell := range m.cells {
		c.cells = append(c.cells, Cell[string]{cell.Verdict, string(cell.To), cell.Row})
	}
	return c
}

func chartDefinition[S, E ~string, F any](def *Definition[S, E, F]) ChartDefinition {
	out := ChartDefinition{
		Name: def.Name, Title: def.Title, Doc: def.Doc, NoEnd: def.NoEnd,
		Terms: slices.Clone(def.Terms), Policies: clonePolicies(def.Policies),
	}
	for _, s := range def.States {
		out.States = append(out.States, State[string, string]{
			Name: string(s.Name), Means: s.Means, Spelling: s.Spelling, Final: s.Final, Absorbing: s.Absorbing,
			Deadline: string(s.Deadline), NoDeadline: s.NoDeadline, Labels: slices.Clone(s.Labels),
		})
	}
	for _, e := range def.Events {
		out.Events = append(out.Events, Event[string]{string(e.Name), e.Kind, slices.Clone(e.By), e.Means, e.NoRow, e.Spelling})
	}
	for _, r := range def.Rows {
		row := Row[string, string, Vetoes]{
			On: string(r.On), From: texts(r.From), To: string(r.To), Note: r.Note,
			Does: slices.Clone(r.Does), Why: r.Why, MovesFinal: r.MovesFinal,
		}
		for _, rule := range r.If {
			row.If = append(row.If, Open(rule.Name, rule.Code))
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}
