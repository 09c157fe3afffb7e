package lifecycle

import (
	"fmt"
	"maps"
	"slices"
)

func broken(def *ChartDefinition, policies []Policy) []Breach {
	t := newTable(def)
	var all []Breach
	for _, p := range policies {
		if p.SetAside != "" {
			continue
		}
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
	def    *ChartDefinition
	steps  []Step
	events map[string]Event[string]
}

func newTable(def *ChartDefinition) *table {
	t := &table{def, steps(def), map[string]Event[string]{}}
	for _, e := range def.Events {
		t.events[e.Name] = e
	}
	return t
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
	case ClaimLabelled, ClaimUnlabelled:
		return t.labelled(c)
	case ClaimAbsorbing:
		return t.find(func(_ int, s Step) (int, bool, bool) {
			return 0, slices.Contains(c.States, s.From) && s.Note == "", true
		}, "the last step acts on it")
	case ClaimNever:
		return t.find(func(_ int, s Step) (int, bool, bool) { return 0, t.matches(s, *c.Of), true }, "the last step is such a step")
	}
	if text := t.idle(c); text != "" {
		return nil, text
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
		return t.find(func(before int, s Step) (int, bool, bool) {
			return count(0, t.matches(s, *c.Of)), before > 0 && s.Note == "" && !t.matches(s, Guarded(c.Word)), true
		}, "the rule "+c.Word+" cannot stop the last step")
	}
	return t.actors(c)
}

// idle tells a claim about steps that no record can take, or not in the claim's order:
// anything would hold of them.
func (t *table) idle(c Claim) string {
	about := []Pattern{*c.Of}
	var then []Pattern // what comes after
	switch c.Kind {
	case ClaimNoSingleActor:
		about, then = append(about, c.With...), c.With
	case ClaimFrozenAfter:
		then = []Pattern{{}}
	}
	for _, of := range about {
		if shortest(t.steps, func(_ int, s Step) (int, bool, bool) { return 0, t.matches(s, of), true }) == nil {
			return "there is no such step as " + of.String() + ", so nothing is claimed"
		}
	}
	for _, last := range then {
		if shortest(t.steps, func(before int, s Step) (int, bool, bool) {
			after := t.matches(s, last) && (c.Kind != ClaimFrozenAfter || s.Note == "")
			return count(before, t.matches(s, *c.Of)), before > 0 && after, true
		}) == nil {
			what := "there is never " + last.String()
			if c.Kind == ClaimFrozenAfter {
				what = "nothing but notes ever comes"
			}
			return what + " after " + c.Of.String() + ", so nothing is claimed"
		}
	}
	return ""
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
func (t *table) matches(s Step, patterns ...Pattern) bool {
	row, event := &t.def.Rows[s.Row], t.events[s.On]
	anyOf := func(list []string, name string) bool { return len(list) == 0 || slices.Contains(list, name) }
	brings := func(actors []string) bool {
		return slices.ContainsFunc(actors, func(by string) bool { return slices.Contains(event.By, by) })
	}
	return slices.ContainsFunc(patterns, func(p Pattern) bool {
		return p.clash == "" && anyOf(p.On, s.On) && anyOf(p.From, s.From) && anyOf(p.Notes, s.Note) &&
			(len(p.To) == 0 || s.Note == "" && slices.Contains(p.To, s.To)) &&
			(p.Kind == "" || p.Kind == event.Kind) &&
			(!p.Moves || s.From != s.To) &&
			(len(p.By) == 0 || brings(p.By)) && !slices.ContainsFunc(p.also, func(by []string) bool { return !brings(by) }) &&
			(len(p.OnlyBy) == 0 || within(event.By, p.OnlyBy)) &&
			all(p.If, func(word string) bool {
				return slices.ContainsFunc(row.If, func(r Rule[Vetoes]) bool { return r.Code == word })
			}) &&
			within(p.Does, s.Does)
	})
}

// Rows lists the rows that have such a step, by their index in the definition.
func (m *Machine[S, E, F]) Rows(of Pattern) []int {
	def := chartDefinition(&m.def)
	t := newTable(&def)
	var all []int
	for _, s := range t.steps {
		if t.matches(s, of) && !slices.Contains(all, s.Row) {
			all = append(all, s.Row)
		}
	}
	return all
}

func all(list []string, holds func(string) bool) bool {
	return !slices.ContainsFunc(list, func(x string) bool { return !holds(x) })
}

// within tells whether all of a list stands in another.
func within(list, in []string) bool {
	return all(list, func(x string) bool { return slices.Contains(in, x) })
}

// offers looks for an event, and a state if the pattern names any, without a step that
// matches it.
func (t *table) offers(of Pattern) (Path, string) {
	has := func(p Pattern) bool {
		return slices.ContainsFunc(t.steps, func(s Step) bool { return t.matches(s, p) })
	}
	for _, on := range of.On {
		one := of
		one.On = []string{on}
		if !has(one) {
			return nil, "there is no such step of " + on
		}
		for _, state := range of.From {
			if one.From = []string{state}; !has(one) {
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
	clock := slices.Collect(maps.Values(deadline))
	some := slices.DeleteFunc(slices.Clone(t.steps), func(s Step) bool {
		if c.Clock {
			return s.On != deadline[s.From]
		}
		return slices.Contains(clock, s.On) // also where it is the deadline of another state
	})
	if len(finals) == 0 {
		return nil, "no status is final, so no record ever ends"
	}
	end, judged := reaching(some, finals), false
	for _, s := range t.def.States {
		path := pathTo(t.steps, s.Name)
		judged = judged || !s.Final && !slices.Contains(c.States, s.Name)
		switch {
		case path == nil || slices.Contains(c.States, s.Name) || end[s.Name]:
		case c.Clock:
			return path, fmt.Sprintf("no deadline ends %s", read(s.Name))
		default:
			return path, fmt.Sprintf("without a deadline nothing ends %s", read(s.Name))
		}
	}
	if !judged {
		return nil, "every status that is not final is left out, so nothing is claimed"
	}
	return nil, ""
}

func (t *table) labelled(c Claim) (Path, string) {
	for _, s := range t.def.States {
		named, is := slices.Contains(c.States, s.Name), slices.Contains(s.Labels, c.Word)
		want := named && c.Kind == ClaimLabelled
		switch {
		case c.Kind == ClaimUnlabelled && !named:
		case want && !is:
			return pathTo(t.steps, s.Name), fmt.Sprintf("%s does not carry it", read(s.Name))
		case is && !want:
			return pathTo(t.steps, s.Name), fmt.Sprintf("%s carries it", read(s.Name))
		}
	}
	return nil, ""
}

// actors looks for a shortest path on which one kind of actor may bring both steps. What
// is remembered is whether it may have brought the maker's.
func (t *table) actors(c Claim) (found Path, text string) {
	for _, who := range t.actorKinds() {
		may := func(s Step) bool { return slices.Contains(t.events[s.On].By, who) }
		path := shortest(t.steps, func(made int, s Step) (int, bool, bool) {
			guarded := c.Word != "" && t.matches(s, Guarded(c.Word))
			bad := made > 0 && may(s) && t.matches(s, c.With...) && !guarded
			return count(made, may(s) && t.matches(s, *c.Of)), bad, true
		})
		if path != nil && (found == nil || len(path) < len(found)) {
			found, text = path, fmt.Sprintf("one %s may bring both steps, the last as the second of them", who)
			if c.Word != "" {
				text += ", and the rule " + c.Word + " cannot stop it"
			}
		}
	}
	return found, text
}

// actorKinds lists who may bring anything, each once, in the definition's order.
func (t *table) actorKinds() []string {
	var all []string
	for _, e := range t.def.Events {
		for _, by := range e.By {
			if !slices.Contains(all, by) {
				all = append(all, by)
			}
		}
	}
	return all
}
