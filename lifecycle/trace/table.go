package trace

import (
	"slices"

	"github.com/kycle/kycle/lifecycle"
)

// table is a chart in numbers: states and events by their place, the state of no record
// at 0. unknown is the place of a name that the chart does not have.
type table struct {
	machine string
	states  []string
	events  []string
	cells   []cell // state-major
	// away[s*len(states)+t] is how many moves lead from s to t at least, far if none do;
	// first is the event of the first of them.
	away, first []int
	allowed     [][]Step // by state: the rows that lead from it
	claims      []string // the policies that keep two steps apart, by their ids
}

// cell is what the table makes of one event in one state.
type cell struct {
	row             bool // there is one
	to              int  // where it leads; the state itself where there is none
	held            bool // the status may stay: no row, or a rule that may say no
	makers, checker []int
}

const (
	unknown = -1
	far     = 1 << 16
)

func compile(chart *lifecycle.Chart) *table {
	def := chart.Definition()
	t := &table{machine: def.Name, states: []string{""}}
	for _, s := range def.States {
		t.states = append(t.states, s.Name)
	}
	for _, e := range def.Events {
		t.events = append(t.events, e.Name)
	}
	for _, from := range t.states {
		steps := []Step{}
		for _, on := range t.events {
			at, _ := chart.Cell(from, on) // the names are the definition's own
			if at.Row >= 0 {
				steps = append(steps, Step{on, at.To})
			}
			t.cells = append(t.cells, cell{
				row: at.Row >= 0, to: slices.Index(t.states, at.To), held: at.Row < 0 || len(def.Rows[at.Row].If) > 0,
			})
		}
		t.allowed = append(t.allowed, steps)
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

// legal tells whether a line may say that the event left the record in the status.
func (t *table) legal(state, event, status int) bool {
	if event == unknown || status == unknown {
		return false
	}
	c := t.at(state, event)
	return c.row && c.to == status || c.held && state == status
}

// taken tells whether such a line says that the row was taken. Where it leads back to the
// state itself, nobody can tell, and it counts as taken.
func (t *table) taken(state, event, status int) bool {
	c := t.at(state, event)
	return c.row && c.to == status
}
