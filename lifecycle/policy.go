package lifecycle

import "strings"

// Policy is one sentence of the requirements, and what it claims of the table. New checks
// every claim by listing the paths of the table, and refuses to construct where one is
// broken, with a shortest path that breaks it.
type Policy struct {
	ID     string   // of the requirement, such as "KYC-07"
	Source string   // where the sentence stands
	Says   string   // the sentence
	Claims []Claim  // all of them hold
	Tests  []string // tests that show what a table cannot: times, writes, other systems
}

// Steps is a pattern over the steps of a table; a step is one row taken from one of its
// states. Every field that is set has to match, and an empty one matches everything.
type Steps struct {
	On   []string `json:"on,omitempty"`   // any of these events
	Kind Kind     `json:"kind,omitempty"` // events of this kind
	By   []string `json:"by,omitempty"`   // any of these kinds of actor may bring it
	From []string `json:"from,omitempty"` // from any of these states; "" is no record
	To   []string `json:"to,omitempty"`   // to any of these states
	If   []string `json:"if,omitempty"`   // guarded by all of these rules, by their words
	Does []string `json:"does,omitempty"` // with all of these effects
}

// The patterns, one for each field. They are joined by And.

// On matches the steps of any of the events.
func On[E ~string](events ...E) Steps { return Steps{On: texts(events)} }

// OfKind matches the steps of commands, or of reports.
func OfKind(k Kind) Steps { return Steps{Kind: k} }

// By matches the steps that any of the kinds of actor may bring.
func By(actors ...string) Steps { return Steps{By: actors} }

// From matches the steps that leave, or stay in, any of the states.
func From[S ~string](states ...S) Steps { return Steps{From: texts(states)} }

// To matches the steps that lead to, or stay in, any of the states.
func To[S ~string](states ...S) Steps { return Steps{To: texts(states)} }

// Guarded matches the steps that all of the rules guard, by their words (Rule.Else).
func Guarded(words ...string) Steps { return Steps{If: words} }

// Doing matches the steps that have all of the effects.
func Doing(effects ...string) Steps { return Steps{Does: effects} }

// And matches what both match. A field that both set is the other's.
func (s Steps) And(other Steps) Steps {
	pick := func(mine *[]string, theirs []string) {
		if theirs != nil {
			*mine = theirs
		}
	}
	pick(&s.On, other.On)
	pick(&s.By, other.By)
	pick(&s.From, other.From)
	pick(&s.To, other.To)
	pick(&s.If, other.If)
	pick(&s.Does, other.Does)
	if other.Kind != "" {
		s.Kind = other.Kind
	}
	return s
}

// String reads "cancel from in_progress doing refund".
func (s Steps) String() string {
	text := "any step"
	switch {
	case s.On != nil:
		text = or(s.On)
	case s.Kind != "":
		text = "any " + string(s.Kind)
	}
	for _, part := range []struct{ word, list string }{
		{" by ", or(s.By)}, {" from ", or(s.From)}, {" to ", or(s.To)},
		{" guarded by ", strings.Join(s.If, " and ")}, {" doing ", strings.Join(s.Does, " and ")},
	} {
		if part.list != "" {
			text += part.word + part.list
		}
	}
	return text
}
