package lifecycle

import (
	"fmt"
	"slices"
	"strings"
)

// Breach is a claim that the table does not keep.
type Breach struct {
	Policy Policy
	Claim  Claim
	Path   Path   // a shortest one from a record's birth that shows it; nil where none could
	Text   string // what is wrong at its end
}

// String is the breach as its author, or a compliance officer, reads it.
func (b Breach) String() string { return b.Policy.ID + ": " + b.explain() }

func (b Breach) explain() string {
	text := fmt.Sprintf("%q (%s) is broken\n    claimed: %s\n    but: %s", b.Policy.Says, b.Policy.Source, b.Claim, b.Text)
	if b.Path != nil {
		text += "\n    for example: " + b.Path.String()
	}
	return text
}

// Broken lists the claims that the table does not keep, in the policies' order; none: all
// hold. A claim about names that the machine does not have, or about steps that no record
// can take, is broken too: it would hold of anything. A machine's own policies hold, or it
// would not have been constructed; a host may ask about others.
func (m *Machine[S, E, F]) Broken(policies ...Policy) []Breach {
	def := sketch(&m.def)
	return broken(&def, policies)
}

// checkPolicies finds what is wrong with the definition's own policies.
func checkPolicies[S, E ~string, F any](def *Definition[S, E, F]) []Defect {
	var found []Defect
	seen := map[string]bool{}
	for _, p := range def.Policies {
		switch {
		case p.ID == "" || p.Says == "" || p.Source == "":
			found = append(found, Defect{"bad policy", fmt.Sprintf("%q", p.ID), "a policy has an id, a sentence and its source"})
		case seen[p.ID]:
			found = append(found, Defect{"duplicate name", p.ID, "two policies have this id"})
		case len(p.Claims) == 0 && len(p.Tests) == 0:
			found = append(found, Defect{"bad policy", p.ID, "it claims nothing and names no test"})
		}
		seen[p.ID] = true
	}
	plain := sketch(def)
	for _, b := range broken(&plain, def.Policies) {
		found = append(found, Defect{"broken policy", b.Policy.ID, b.explain()})
	}
	return found
}

func broken(def *Sketch, policies []Policy) []Breach {
	t := &table{def: def, steps: steps(def)}
	var all []Breach
	for _, p := range policies {
		for _, c := range p.Claims {
			path, text := t.judge(c)
			if text != "" {
				all = append(all, Breach{p, c, path, text})
			}
		}
	}
	return all
}

// table is what claims are judged on.
type table struct {
	def   *Sketch
	steps []Step
}

// judge says what is wrong with a claim, and the path that shows it; "": it holds.
func (t *table) judge(c Claim) (Path, string) {
	if text := t.unknown(c); text != "" {
		return nil, text
	}
	switch c.Kind {
	case ClaimOffers:
		return t.offers(*c.Of)
	case ClaimEventuallyFinal:
		return t.ends(c)
	case ClaimLabelled:
		return t.labelled(c)
	case ClaimAbsorbing:
		return t.find(func(_ int, s Step) (int, bool, bool) { return 0, slices.Contains(c.States, s.From), true }, "the last step acts on it")
	case ClaimNever:
		return t.find(func(_ int, s Step) (int, bool, bool) { return 0, t.matches(s, *c.Of), true }, "the last step is such a step")
	}
	// The other kinds are about steps that there are.
	if path, _ := t.find(func(_ int, s Step) (int, bool, bool) { return 0, t.matches(s, *c.Of), true }, "found"); path == nil {
		return nil, "there is no such step, so nothing is claimed"
	}
	switch c.Kind {
	case ClaimOnly:
		return t.find(func(_ int, s Step) (int, bool, bool) {
			return 0, t.matches(s, *c.Of) && !t.matches(s, c.With...), true
		}, "the last step is not one of those")
	case ClaimMustPass:
		return t.find(func(_ int, s Step) (int, bool, bool) {
			passes := t.matches(s, c.With...)
			return 0, t.matches(s, *c.Of) && !passes, !passes
		}, "nothing of the kind came before the last step")
	case ClaimPrecedes:
		return t.find(func(_ int, s Step) (int, bool, bool) { return 0, t.matches(s, *c.Of), !t.matches(s, c.With...) },
			"nothing of the kind came before the last step")
	case ClaimAtMostOnce:
		return t.find(func(before int, s Step) (int, bool, bool) {
			is := t.matches(s, *c.Of)
			return count(before, is), is && before > 0, true
		}, "the last step is the second of its kind")
	case ClaimFrozenAfter:
		return t.find(func(frozen int, s Step) (int, bool, bool) {
			open := !t.matches(s, Guarded(c.Word))
			return count(frozen, t.matches(s, *c.Of)), frozen > 0 && open, frozen == 0
		}, "no rule "+c.Word+" guards the last step")
	}
	return t.actors(c)
}

func count(before int, is bool) int {
	if is {
		return 1
	}
	return before
}

// find is the path and the text if the search finds one.
func (t *table) find(w walk, text string) (Path, string) {
	if path := shortest(t.steps, w); path != nil {
		return path, text
	}
	return nil, ""
}

// matches tells whether a step matches any of the patterns.
func (t *table) matches(s Step, patterns ...Steps) bool {
	row := &t.def.Rows[s.Row]
	event := t.event(s.On)
	return slices.ContainsFunc(patterns, func(p Steps) bool {
		has := func(word string) bool {
			return slices.ContainsFunc(row.If, func(r Rule[Vetoes]) bool { return r.Else == word })
		}
		return (p.On == nil || slices.Contains(p.On, s.On)) &&
			(p.Kind == "" || p.Kind == event.Kind) &&
			(p.By == nil || shared(p.By, event.By) != "") &&
			(p.From == nil || slices.Contains(p.From, s.From)) &&
			(p.To == nil || slices.Contains(p.To, s.To)) &&
			all(p.If, has) &&
			all(p.Does, func(effect string) bool { return slices.Contains(s.Does, effect) })
	})
}

// Rows lists the rows that have such a step, by their index in the definition.
func (m *Machine[S, E, F]) Rows(of Steps) []int {
	def := sketch(&m.def)
	t := &table{def: &def}
	var all []int
	for _, s := range steps(&def) {
		if t.matches(s, of) && !slices.Contains(all, s.Row) {
			all = append(all, s.Row)
		}
	}
	return all
}

func (t *table) event(name string) Event[string] {
	i := slices.IndexFunc(t.def.Events, func(e Event[string]) bool { return e.Name == name })
	return t.def.Events[i]
}

func all(list []string, holds func(string) bool) bool {
	return !slices.ContainsFunc(list, func(x string) bool { return !holds(x) })
}

// shared is the first of both lists; "": none is.
func shared(a, b []string) string {
	for _, x := range a {
		if slices.Contains(b, x) {
			return x
		}
	}
	return ""
}

// offers looks for a state and an event of the pattern without a step that matches it.
func (t *table) offers(of Steps) (Path, string) {
	from := of.From
	if from == nil {
		from = []string{none}
	}
	for _, on := range of.On {
		for _, state := range from {
			if !slices.ContainsFunc(t.steps, func(s Step) bool { return s.On == on && s.From == state && t.matches(s, of) }) {
				return pathTo(t.steps, state), fmt.Sprintf("%s has no such step from %s", on, read(state))
			}
		}
	}
	return nil, ""
}

// ends looks for a state from which no final one is reached: by deadlines alone, or
// although none happens.
func (t *table) ends(c Claim) (Path, string) {
	deadline, finals := map[string]string{}, []string{}
	for _, s := range t.def.States {
		deadline[s.Name] = s.Deadline
		if s.Final {
			finals = append(finals, s.Name)
		}
	}
	some := slices.DeleteFunc(slices.Clone(t.steps), func(s Step) bool { return (s.On == deadline[s.From]) != c.Clock })
	end := reaching(some, finals)
	for _, s := range t.def.States {
		path := pathTo(t.steps, s.Name)
		switch {
		case path == nil || slices.Contains(c.States, s.Name) || end[s.Name]:
		case c.Clock:
			return path, fmt.Sprintf("no deadline ends %s", read(s.Name))
		default:
			return path, fmt.Sprintf("without a deadline nothing ends %s", read(s.Name))
		}
	}
	return nil, ""
}

func (t *table) labelled(c Claim) (Path, string) {
	for _, s := range t.def.States {
		want, is := slices.Contains(c.States, s.Name), slices.Contains(s.Labels, c.Word)
		switch {
		case want && !is:
			return pathTo(t.steps, s.Name), fmt.Sprintf("%s does not carry it", read(s.Name))
		case is && !want:
			return pathTo(t.steps, s.Name), fmt.Sprintf("%s carries it", read(s.Name))
		}
	}
	return nil, ""
}

// actors looks for a path on which one kind of actor may bring both steps. What is
// remembered of it is the first maker's event.
func (t *table) actors(c Claim) (Path, string) {
	who := ""
	for i, maker := range t.def.Events {
		path := shortest(t.steps, func(made int, s Step) (int, bool, bool) {
			who = shared(maker.By, t.event(s.On).By)
			guarded := c.Word != "" && t.matches(s, Guarded(c.Word))
			bad := made > 0 && t.matches(s, c.With...) && who != "" && !guarded
			return count(made, s.On == t.def.Events[i].Name && t.matches(s, *c.Of)), bad, true
		})
		if path != nil {
			return path, fmt.Sprintf("one %s may bring both %s and the last step", who, maker.Name)
		}
	}
	return nil, ""
}

// read is a state as a person reads it.
func read(state string) string {
	if state == none {
		return "no record"
	}
	return fmt.Sprintf("%q", state)
}

// or reads "pending, in_progress or in_review".
func or(names []string) string {
	names = slices.Clone(names)
	for i, n := range names {
		if n == none {
			names[i] = "no record"
		}
	}
	last := len(names) - 1
	if last < 1 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:last], ", ") + " or " + names[last]
}
