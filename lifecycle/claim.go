package lifecycle

import (
	"fmt"
	"slices"
	"strings"
)

// ClaimKind names what a claim says of the paths of a table.
type ClaimKind string

// The kinds of claims; each has a constructor of its name. The strings stand in files.
const (
	ClaimOffers          ClaimKind = "offers"
	ClaimNever           ClaimKind = "never"
	ClaimOnly            ClaimKind = "only"
	ClaimMustPass        ClaimKind = "must_pass"
	ClaimPrecedes        ClaimKind = "precedes"
	ClaimAtMostOnce      ClaimKind = "at_most_once"
	ClaimAbsorbing       ClaimKind = "absorbing"
	ClaimFrozenAfter     ClaimKind = "frozen_after"
	ClaimEventuallyFinal ClaimKind = "eventually_final"
	ClaimNoSingleActor   ClaimKind = "no_single_actor"
	ClaimLabelled        ClaimKind = "labelled"
	ClaimUnlabelled      ClaimKind = "unlabelled"
)

// Claim is one thing said of all paths of a table, as data. The constructors below make
// claims and say what they mean; rules are left open, so a path counts whatever its
// guards would say on the way.
type Claim struct {
	Kind   ClaimKind `json:"kind"`
	Of     *Pattern  `json:"of,omitempty"`     // the steps that it is about
	With   []Pattern `json:"with,omitempty"`   // the steps that they are measured by
	States []string  `json:"states,omitempty"` // the states that it is about, or leaves out
	Word   string    `json:"word,omitempty"`   // a rule's word or a label
	Clock  bool      `json:"clock,omitempty"`  // whether deadlines happen
}

// Offers: for every event of the pattern, from every state that it names, there is a step,
// and it matches the whole pattern. Where it names no state, one step of each event will do.
func Offers(of Pattern) Claim { return Claim{Kind: ClaimOffers, Of: &of} }

// Never: there is no such step.
func Never(of Pattern) Claim { return Claim{Kind: ClaimNever, Of: &of} }

// Only: there are such steps, and each also matches one of the others, none of which is
// the same pattern.
func Only(of Pattern, with ...Pattern) Claim { return Claim{Kind: ClaimOnly, Of: &of, With: with} }

// MustPass: on every path from a record's birth, such a step comes after a step that
// matches one of the others, or is one itself. None of them is the same pattern.
func MustPass(of Pattern, through ...Pattern) Claim {
	return Claim{Kind: ClaimMustPass, Of: &of, With: through}
}

// Precedes: on every path from a record's birth, a step that matches first has come
// before one that matches then.
func Precedes(first, then Pattern) Claim {
	return Claim{Kind: ClaimPrecedes, Of: &then, With: []Pattern{first}}
}

// AtMostOnce: no path has two such steps.
func AtMostOnce(of Pattern) Claim { return Claim{Kind: ClaimAtMostOnce, Of: &of} }

// Absorbing: no step leaves any of the states or stays in it, notes apart.
func Absorbing[S ~string](states ...S) Claim {
	return Claim{Kind: ClaimAbsorbing, States: texts(states)}
}

// FrozenAfter: such a step leads to a state in which every step but a note is guarded by the
// rule of that word, so that nothing moves any more while the rule says no; and there is one. That
// it says no from then on is the rule's own business and wants a test.
func FrozenAfter(of Pattern, word string) Claim {
	return Claim{Kind: ClaimFrozenAfter, Of: &of, Word: word}
}

// EndsByClock: from every state but the ones left out, deadlines alone lead to a final one.
func EndsByClock[S ~string](except ...S) Claim {
	return Claim{Kind: ClaimEventuallyFinal, States: texts(except), Clock: true}
}

// EndsWithoutClock: from every state a final one can be reached although no event that is
// the deadline of any state ever happens.
func EndsWithoutClock() Claim { return Claim{Kind: ClaimEventuallyFinal} }

// NoSingleActor: nobody brings one of the maker's steps and, later on the same record, one
// of the checker's: no kind of actor may bring both, or the checker's is guarded by the rule
// of that word, which compares the persons. An empty word accepts no rule in place of
// different kinds. There is a path with one of each, in that order; where either may come
// first, claim it both ways.
func NoSingleActor(maker, checker Pattern, word string) Claim {
	return Claim{Kind: ClaimNoSingleActor, Of: &maker, With: []Pattern{checker}, Word: word}
}

// Labelled: exactly these states carry the label.
func Labelled[S ~string](label string, states ...S) Claim {
	return Claim{Kind: ClaimLabelled, States: texts(states), Word: label}
}

// Unlabelled: none of these states carries the label.
func Unlabelled[S ~string](label string, states ...S) Claim {
	return Claim{Kind: ClaimUnlabelled, States: texts(states), Word: label}
}

// String is the claim as a sentence.
func (c Claim) String() string {
	var with, only []string
	for _, s := range c.With {
		with, only = append(with, s.String()), append(only, s.only())
	}
	others := strings.Join(with, "; or ")
	switch of := orEmpty(c.Of).String(); c.Kind {
	case ClaimOffers:
		return orEmpty(c.Of).subject() + " can happen" + orEmpty(c.Of).rest()
	case ClaimNever:
		return "there is never " + of
	case ClaimOnly:
		return of + ": only " + strings.Join(only, "; or ")
	case ClaimMustPass:
		return of + ": only after, or as, " + others
	case ClaimPrecedes:
		return others + ": comes before " + of
	case ClaimAtMostOnce:
		return of + ": at most once"
	case ClaimAbsorbing:
		return "nothing moves " + or(c.States)
	case ClaimFrozenAfter:
		return "after " + of + ": nothing, while the rule " + c.Word + " stops it"
	case ClaimNoSingleActor:
		text := "nobody brings both " + of + " and, later, " + others
		if c.Word != "" {
			text += ", or the rule " + c.Word + " can stop the second"
		}
		return text
	case ClaimLabelled:
		if len(c.States) == 0 {
			return c.Word + " holds nowhere"
		}
		return c.Word + " holds in exactly " + or(c.States)
	case ClaimUnlabelled:
		return c.Word + " never holds in " + or(c.States)
	case ClaimEventuallyFinal:
		switch {
		case !c.Clock:
			return "every status can come to an end without a deadline"
		case len(c.States) > 0:
			return "deadlines alone end every status but " + or(c.States)
		}
		return "deadlines alone end every status"
	}
	return fmt.Sprintf("a claim of the unknown kind %q", c.Kind)
}

// unknown says what the claim speaks of that the table does not have.
func (t *table) unknown(c Claim) string {
	states, actors := []string{none}, t.actorKinds()
	var events, words, labels, effects, notes []string
	for _, s := range t.def.States {
		states, labels = append(states, s.Name), append(labels, s.Labels...)
	}
	for _, e := range t.def.Events {
		events = append(events, e.Name)
	}
	for _, r := range t.def.Rows {
		effects = append(effects, r.Does...)
		if r.Note != "" {
			notes = append(notes, r.Note)
		}
		for _, rule := range r.If {
			words = append(words, rule.Code)
		}
	}
	var missing []string
	look := func(kind string, known, names []string) {
		for _, n := range names {
			if !slices.Contains(known, n) {
				missing = append(missing, fmt.Sprintf("%s %q", kind, n))
			}
		}
	}
	patterns := append(slices.Clone(c.With), orEmpty(c.Of))
	for _, p := range patterns {
		look("event", events, p.On)
		look("kind of actor", actors, p.By)
		look("kind of actor", actors, p.OnlyBy)
		look("state", states, p.From)
		look("state", states, p.To)
		look("rule", words, p.If)
		look("effect", effects, p.Does)
		look("note", notes, p.Notes)
	}
	look("state", states[1:], c.States)
	switch {
	case c.Kind == ClaimLabelled || c.Kind == ClaimUnlabelled:
		look("label", labels, []string{c.Word})
	case c.Word != "":
		look("rule", words, []string{c.Word})
	}
	if text := shapeless(c); text != "" {
		return text
	}
	if missing != nil {
		return "the table does not have " + strings.Join(missing, ", ")
	}
	for _, p := range patterns {
		if p.Kind != "" && len(p.On) > 0 && all(p.On, func(on string) bool { return t.events[on].Kind != p.Kind }) {
			return fmt.Sprintf("no step matches %s: none of its events is a %s", p.subject(), p.Kind)
		}
	}
	return ""
}

// shapes say what a claim of each kind is made of.
var shapes = map[ClaimKind]struct {
	of          bool
	least, most int // patterns to measure by
	states      bool
	word        string // "needed" or "allowed"
	clock       bool
}{
	ClaimOffers:          {of: true},
	ClaimNever:           {of: true},
	ClaimOnly:            {of: true, least: 1, most: 100},
	ClaimMustPass:        {of: true, least: 1, most: 100},
	ClaimPrecedes:        {of: true, least: 1, most: 1},
	ClaimAtMostOnce:      {of: true},
	ClaimAbsorbing:       {states: true},
	ClaimFrozenAfter:     {of: true, word: "needed"},
	ClaimEventuallyFinal: {states: true, clock: true},
	ClaimNoSingleActor:   {of: true, least: 1, most: 1, word: "allowed"},
	ClaimLabelled:        {states: true, word: "needed"},
	ClaimUnlabelled:      {states: true, word: "needed"},
}

// shapeless tells a claim that says nothing, or that no constructor made: definitions are
// read from files too.
func shapeless(c Claim) string {
	shape, known := shapes[c.Kind]
	patterns := slices.Clone(c.With)
	if c.Of != nil {
		patterns = append(patterns, *c.Of)
	}
	for _, p := range patterns {
		switch {
		case p.clash != "":
			return "no step matches both sides of an And: " + p.clash
		case len(p.also) > 0:
			return "a pattern has one list of who may bring its steps, and this one has more (" + p.by() + "): name the events instead"
		case p.Kind != "" && p.Kind != Command && p.Kind != Report:
			return fmt.Sprintf("there is no kind of event %q", p.Kind)
		case len(p.Notes) > 0 && (p.Moves || len(p.To) > 0):
			return "no step matches a note that leads somewhere: " + p.String()
		case p.Moves && len(p.From) > 0 && len(p.To) > 0 && all(slices.Concat(p.From, p.To), func(state string) bool { return state == p.From[0] }):
			return fmt.Sprintf("no step matches a move from %s to itself", read(p.From[0]))
		}
	}
	switch {
	case !known:
		return fmt.Sprintf("there is no claim of the kind %q", c.Kind)
	case shape.of != (c.Of != nil):
		return "it does not say which steps it is about, or is about states"
	case len(c.With) < shape.least || len(c.With) > shape.most:
		return fmt.Sprintf("it is measured by %d patterns, where there can be %d to %d", len(c.With), shape.least, shape.most)
	case !shape.states && c.States != nil, c.Kind == ClaimEventuallyFinal && !c.Clock && len(c.States) > 0:
		return "a claim of its kind leaves out no states"
	case (c.Kind == ClaimAbsorbing || c.Kind == ClaimUnlabelled) && len(c.States) == 0:
		return "it names no states"
	case c.Word == "" && shape.word == "needed", c.Word != "" && shape.word == "":
		return "a claim of its kind names a word exactly where it needs one"
	case c.Clock && !shape.clock:
		return "a claim of its kind is not about the clock"
	case c.Kind == ClaimOffers && len(c.Of.On) == 0:
		return "it does not say which events are offered"
	case slices.ContainsFunc(patterns, Pattern.empty):
		return "one of its patterns asks for nothing, so that any step would do"
	case (c.Kind == ClaimOnly || c.Kind == ClaimMustPass) && slices.ContainsFunc(c.With, func(p Pattern) bool { return p.String() == c.Of.String() }):
		return "it is measured by the very steps that it is about, so nothing is claimed"
	}
	return ""
}

func orEmpty(s *Pattern) Pattern {
	if s == nil {
		return Pattern{}
	}
	return *s
}
