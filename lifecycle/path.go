package lifecycle

import (
	"slices"
	"strings"
)

// Step is one row taken from one of its states.
type Step struct {
	On   string
	From string // "" is no record
	To   string
	Does []string // none where it stays: only a move and a note have effects
	Row  int      // index in the definition
	Note string   // the word of a note; "": it is none
}

// String reads "cancel → cancelled [refunded]", and of a note "terminate: terminated".
func (s Step) String() string {
	text := s.On + " → " + s.To
	if s.Note != "" {
		text = s.On + ": " + s.Note
	}
	if len(s.Does) > 0 {
		text += " [" + strings.Join(s.Does, ", ") + "]"
	}
	return text
}

// Path is a sequence of steps, each from where the one before it leads.
type Path []Step

// String reads "create → pending, cancel → cancelled [refunded]".
func (p Path) String() string {
	if len(p) == 0 {
		return "(nothing)"
	}
	read := make([]string, len(p))
	for i, s := range p {
		read[i] = s.String()
	}
	return strings.Join(read, ", ")
}

// steps lists every row from every of its states, in the definition's order.
func steps(def *ChartDefinition) []Step {
	var all []Step
	for i, r := range def.Rows {
		for _, from := range r.Sources() {
			step := Step{r.On, from, r.target(from), r.Does, i, r.Note}
			if from == r.To {
				step.Does = nil // a stay has no effects
			}
			all = append(all, step)
		}
	}
	return all
}

// walk is what a search remembers of a path beyond where it stands, and what it looks for.
// Given what is remembered and the next step, it says what to remember after it, whether
// the step is what is looked for, and whether paths over it matter at all.
type walk func(memory int, s Step) (next int, found, on bool)

// shortest is a shortest path from a record's birth whose last step is what the walk looks
// for; nil: there is none. It sees every path, since what a path can still do depends on
// where it stands and on what the walk remembers, and both are few.
func shortest(all []Step, w walk) Path {
	type node struct {
		state  string
		memory int
	}
	type visit struct {
		node
		step   Step
		before *visit
	}
	from := map[string][]Step{}
	for _, s := range all {
		from[s.From] = append(from[s.From], s)
	}
	seen := map[node]bool{{none, 0}: true}
	for queue := []*visit{{}}; len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		for _, s := range from[at.state] {
			next, found, on := w(at.memory, s)
			if found {
				path := Path{s}
				for v := at; v.before != nil; v = v.before {
					path = append(path, v.step)
				}
				slices.Reverse(path)
				return path
			}
			if to := (node{s.To, next}); on && !seen[to] {
				seen[to] = true
				queue = append(queue, &visit{to, s, at})
			}
		}
	}
	return nil
}

// PathTo is a shortest path from a record's birth to a state; nil: none leads there.
func (m *Machine[S, E, F]) PathTo(state S) Path {
	def := chartDefinition(&m.def)
	return pathTo(steps(&def), string(state))
}

// pathTo is a shortest path to a state; nil: none leads there.
func pathTo(all []Step, state string) Path {
	return shortest(all, func(_ int, s Step) (int, bool, bool) { return 0, s.To == state, true })
}

// reaching is the set of states from which steps lead to one of the goals, those included.
func reaching(all []Step, goals []string) map[string]bool {
	into := map[string][]string{}
	for _, s := range all {
		into[s.To] = append(into[s.To], s.From)
	}
	set := map[string]bool{}
	for queue := slices.Clone(goals); len(queue) > 0; queue = queue[1:] {
		if at := queue[0]; !set[at] {
			set[at] = true
			queue = append(queue, into[at]...)
		}
	}
	return set
}
