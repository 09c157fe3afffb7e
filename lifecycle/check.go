package lifecycle

import (
	"fmt"
	"regexp"
	"slices"
)

var snake = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)

// none is the state of a record that does not exist yet.
const none = ""

// checker gathers defects; it never stops at the first one, so that an author mends a
// table in one go.
type checker[S, E ~string, F any] struct {
	def    *Definition[S, E, F]
	states map[S]*State[S, E]
	events map[E]*Event[E]
	exits  map[S]map[S]bool // where the rows lead, self-transitions left out
	cells  map[S]map[E]int
	words  map[string]string // the name of the rule that each veto is of
	found  []Defect
}

func (c *checker[S, E, F]) add(kind string, where any, format string, args ...any) {
	c.found = append(c.found, Defect{kind, fmt.Sprint(where), fmt.Sprintf(format, args...)})
}

func check[S, E ~string, F any](def *Definition[S, E, F]) []Defect {
	c := &checker[S, E, F]{
		def: def, states: map[S]*State[S, E]{}, events: map[E]*Event[E]{},
		exits: map[S]map[S]bool{}, cells: map[S]map[E]int{}, words: map[string]string{},
	}
	c.names()
	c.rows()
	c.reach()
	c.duties()
	c.terms()
	return c.found
}

func (c *checker[S, E, F]) name(kind, name string) {
	if !snake.MatchString(name) {
		c.add("bad name", fmt.Sprintf("%s %q", kind, name), "names are lower snake case: they are a file format")
	}
}

func (c *checker[S, E, F]) names() {
	states, events := map[string]string{}, map[string]string{} // names by their spelling
	c.name("machine", c.def.Name)
	for i := range c.def.States {
		s := &c.def.States[i]
		c.name("state", string(s.Name))
		if c.states[s.Name] != nil {
			c.add("duplicate name", s.Name, "two states have this name")
		}
		c.states[s.Name] = s
		c.once(s.Name, "Labels", s.Labels)
		c.spelled(states, string(s.Name), s.Spelled())
	}
	for i := range c.def.Events {
		e := &c.def.Events[i]
		c.name("event", string(e.Name))
		if c.events[e.Name] != nil {
			c.add("duplicate name", e.Name, "two events have this name")
		}
		if e.Kind != Command && e.Kind != Report {
			c.add("bad kind", e.Name, "an event is a command or a report, not %q", e.Kind)
		}
		if len(e.By) == 0 {
			c.add("nobody's event", e.Name, "no kind of actor may bring it")
		}
		for _, by := range e.By {
			c.name("actor", by)
		}
		c.events[e.Name] = e
		c.once(e.Name, "By", e.By)
		c.spelled(events, string(e.Name), e.Spelled())
	}
}

// spelled looks for two names that the outside calls alike.
func (c *checker[S, E, F]) spelled(names map[string]string, name, spelling string) {
	if other, taken := names[spelling]; taken && other != name {
		c.add("duplicate name", name, "%q is called %q too", other, spelling)
	}
	names[spelling] = name
}

// once looks for names that stand in a list before.
func (c *checker[S, E, F]) once(where any, list string, names []string) {
	seen := map[string]bool{}
	for _, name := range names {
		if seen[name] {
			c.add("duplicate name", where, "%q stands twice in its %s", name, list)
		}
		seen[name] = true
	}
}

func (c *checker[S, E, F]) rows() {
	births := 0
	for i, row := range c.def.Rows {
		where := row.place(i)
		event := c.events[row.On]
		if event == nil {
			c.add("unknown name", where, "there is no event %q", row.On)
		}
		c.aim(where, row)
		if row.Why == "" {
			c.add("no reason", where, "every row says why it is there")
		}
		c.rules(where, row)
		c.once(where, "Does", row.Does)
		from := row.Sources()
		if len(row.From) == 0 && row.Note == "" {
			births++
			if event != nil && event.Kind != Command {
				c.add("bad birth", where, "a record is brought into being by a command")
			}
		}
		for _, s := range from {
			c.cell(where, i, s, row)
		}
		if len(row.Does) > 0 && row.Note == "" && !slices.ContainsFunc(from, func(s S) bool { return s != row.To }) {
			c.add("idle effect", where, "only a move has effects, and this row only stays")
		}
	}
	if births == 0 {
		c.add("bad birth", c.def.Name, "no row brings a record into being (one that has no From)")
	}
	for _, e := range c.def.Events {
		used := slices.ContainsFunc(c.def.Rows, func(r Row[S, E, F]) bool { return r.On == e.Name })
		if !used && e.NoRow == "" {
			c.add("unused event", e.Name, "no row names it, and NoRow gives no reason")
		}
		if used && e.NoRow != "" {
			c.add("unused event", e.Name, "NoRow says that no row names it, and one does")
		}
	}
}

// aim looks at where a row leads: to a state, or to a note.
func (c *checker[S, E, F]) aim(where string, row Row[S, E, F]) {
	switch {
	case row.Note == "" && c.states[row.To] == nil:
		c.add("unknown name", where, "there is no state %q", row.To)
	case row.Note == "":
	case row.To != none:
		c.add("bad note", where, "a row leads to a state or makes a note, and this one does both")
	case !snake.MatchString(row.Note) || slices.Contains(taken, row.Note):
		c.add("bad note", where, "%q is no word for a note: it is lower snake case, and none of %q", row.Note, taken)
	case len(row.From) == 0:
		c.add("bad note", where, "a note is made of a record that is there")
	}
	acts := slices.ContainsFunc(row.From, func(s S) bool { return c.states[s] != nil && c.states[s].Final && s != row.To })
	if event := c.events[row.On]; row.MovesFinal && (!acts || row.Note != "" || event != nil && event.Kind != Command) {
		c.add("needless permission", where, "MovesFinal is for a command that moves a record out of a final state")
	}
}

// taken are the words that a history has for a move and for what was ignored.
var taken = []string{"moved", "ignored"}

// rules looks at the rules of a row. A word stands for one rule in all rows: claims, charts
// and the fingerprint know no more of a rule than that.
func (c *checker[S, E, F]) rules(where string, row Row[S, E, F]) {
	for i, rule := range row.If {
		if slices.ContainsFunc(row.If[:i], func(r Rule[F]) bool { return r.Name == rule.Name && r.Code == rule.Code }) {
			c.add("redundant rule", where, "%q was asked before", rule.Name)
		}
		switch first, taken := c.words[rule.Code]; {
		case rule.Name == "" || rule.Holds == nil || !snake.MatchString(rule.Code) || rule.Code == NoRow:
			c.add("bad rule", where, "a rule has a name, a condition and a word of its own for its veto, in lower snake case")
		case !taken:
			c.words[rule.Code] = rule.Name
		case first != rule.Name:
			c.add("one word, two rules", where, "%q is the word of %q, and here of %q", rule.Code, first, rule.Name)
		}
	}
}

// cell enters one (state, event) cell of a row.
func (c *checker[S, E, F]) cell(where string, i int, s S, row Row[S, E, F]) {
	state := c.states[s]
	if s == none && len(row.From) > 0 {
		c.add("bad birth", where, "a row that brings a record into being has no From at all")
	}
	if s != none && state == nil {
		c.add("unknown name", where, "there is no state %q", s)
	}
	if c.cells[s] == nil {
		c.cells[s], c.exits[s] = map[E]int{}, map[S]bool{}
	}
	switch other, taken := c.cells[s][row.On]; {
	case taken && other == i:
		c.add("duplicate name", where, "%q stands twice in its From", s)
	case taken:
		c.add("two rows for a cell", where, "%s in %s is also row %d", row.On, read(string(s)), other+1)
	}
	c.cells[s][row.On] = i
	if to := row.target(s); to != s {
		c.exits[s][to] = true
	}
	if state == nil || row.Note != "" {
		return // a note moves nothing
	}
	if state.Absorbing {
		c.add("exit from absorbing", where, "nothing moves %q", s)
	}
	event := c.events[row.On]
	if state.Final && row.To != s && !row.MovesFinal && event != nil && event.Kind == Command {
		c.add("command on final", where, "no command moves %q, unless the row says MovesFinal", s)
	}
}
