package trace

import (
	"slices"

	"github.com/kycle/kycle/lifecycle"
)

// table is a chart in numbers: states and events by their place, the state of no record
// at 0.
type table struct {
	machine        string
	states, events []string // names
	spelled        struct{ states, events []string }
	verdicts       []string // Moved, Ignored, Refused, and the words of notes; "": none says it
	cells          []cell   // state-major
	// away[s*len(states)+t] is how many moves lead from s to t at least, far if none do;
	// first is the event of the first of them.
	away, first []int
	claims      []string // the policies that keep two steps apart, by their ids
}

// cell is what the table makes of one event in one state.
type cell struct {
	row             bool // there is one
	to              int  // where it leads; the state itself where there is none, and of a note
	note            int  // the place of its word; unknown: it is none
	held            bool // the status may stay: no row, or a rule that may say no
	report          bool
	makers, checker []int
}

const (
	unknown = -1 // the place of a name that the chart does not have
	unsaid  = -2 // the place of what a line does not say
	far     = 1 << 16

	// The places of the verdicts that are no notes.
	moved, ignored, refused, firstNote = 0, 1, 2, 3
)

func compile(chart *lifecycle.Chart) *table {
	def := chart.Definition()
	t := &table{machine: def.Name, states: []string{""}, verdicts: []string{Moved, Ignored, Refused}}
	t.spelled.states = []string{""}
	for _, s := range def.States {
		t.states, t.spelled.states = append(t.states, s.Name), append(t.spelled.states, s.Spelled())
	}
	for _, e := range def.Events {
		t.events, t.spelled.events = append(t.events, e.Name), append(t.spelled.events, e.Spelled())
	}
	for _, r := range def.Rows {
		if r.Note != "" && !slices.Contains(t.verdicts[firstNote:], r.Note) {
			t.verdicts = append(t.verdicts, r.Note)
		}
		if r.Note == Refused {
			t.verdicts[refused] = "" // no line can say it
		}
	}
	for _, from := range t.states {
		for _, on := range t.events {
			at, _ := chart.Cell(from, on) // the names are the definition's own
			c := cell{
				row: at.Row >= 0, to: slices.Index(t.states, at.To), note: unknown,
				held: at.Row < 0 || len(def.Rows[at.Row].If) > 0, report: chart.Kind(on) == lifecycle.Report,
			}
			if at.Verdict == lifecycle.Note {
				c.note = t.verdict(def.Rows[at.Row].Note)
			}
			t.cells = append(t.cells, c)
		}
	}
	for _, p := range def.Policies {
		for _, c := range p.Claims {
			if c.Kind == lifecycle.ClaimNoSingleActor {
				t.keepApart(chart, def, p.ID, c)
			}
		}
	}
	t.measure()
	return t
}

// verdict is the place of a line's verdict.
func (t *table) verdict(word string) int {
	if word == "" {
		return unsaid
	}
	return slices.Index(t.verdicts, word)
}

func (t *table) at(state, event int) *cell { return &t.cells[state*len(t.events)+event] }

// keepApart notes in the cells which steps the claim is about.
func (t *table) keepApart(chart *lifecycle.Chart, def lifecycle.ChartDefinition, policy string, c lifecycle.Claim) {
	n := len(t.claims)
	t.claims = append(t.claims, policy)
	for _, cell := range t.matching(chart, def, *c.Of) {
		cell.makers = append(cell.makers, n)
	}
	for _, with := range c.With {
		for _, cell := range t.matching(chart, def, with) {
			if !slices.Contains(cell.checker, n) { // two patterns may match one step
				cell.checker = append(cell.checker, n)
			}
		}
	}
}

// matching are the cells whose steps the pattern matches, as the judge of claims has it:
// the rows of each state alone.
func (t *table) matching(chart *lifecycle.Chart, def lifecycle.ChartDefinition, p lifecycle.Pattern) (cells []*cell) {
	for s, from := range t.states {
		if len(p.From) > 0 && !slices.Contains(p.From, from) {
			continue
		}
		here := p
		here.From = []string{from}
		for _, row := range chart.Rows(here) {
			cells = append(cells, t.at(s, slices.Index(t.events, def.Rows[row].On)))
		}
	}
	return cells
}

// measure walks from every state, the nearest first, events in the definition's order.
func (t *table) measure() {
	n := len(t.states)
	t.away, t.first = make([]int, n*n), make([]int, n*n)
	for s := range n {
		for to := range n {
			t.away[s*n+to], t.first[s*n+to] = far, unknown
		}
		t.away[s*n+s] = 0
		for queue := []int{s}; len(queue) > 0; queue = queue[1:] {
			for e := range t.events {
				c := t.at(queue[0], e)
				if !c.row || t.away[s*n+c.to] != far {
					continue
				}
				t.away[s*n+c.to] = t.away[s*n+queue[0]] + 1
				t.first[s*n+c.to] = t.first[s*n+queue[0]]
				if queue[0] == s {
					t.first[s*n+c.to] = e
				}
				queue = append(queue, c.to)
			}
		}
	}
}
