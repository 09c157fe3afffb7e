package lifecycle

import (
	"fmt"
	"slices"
	"strings"
)

// Pattern is a pattern over the steps of a table; a step is one row taken from one of its
// states. Every field that is set has to match, and an empty one matches everything. A
// claim's patterns set at least one.
type Pattern struct {
	On   []string `json:"on,omitempty"`   // any of these events
	Kind Kind     `json:"kind,omitempty"` // events of this kind
	By   []string `json:"by,omitempty"`   // any of these kinds of actor may bring it
	From []string `json:"from,omitempty"` // from any of these states; "" is no record
	To   []string `json:"to,omitempty"`   // to any of these states; a note leads nowhere
	If   []string `json:"if,omitempty"`   // guarded by all of these rules, by their words
	Does []string `json:"does,omitempty"` // with all of these effects; a stay has none

	Notes  []string `json:"notes,omitempty"`   // notes of any of these words
	OnlyBy []string `json:"only_by,omitempty"` // nobody but these kinds of actor may bring it
	Moves  bool     `json:"moves,omitempty"`   // it leads to another state

	clash string     // a field that two joined patterns set so that nothing matches both
	also  [][]string // more lists like By, of joined patterns; each has to match
}

// The patterns, one for each field. They are joined by And.

// On matches the steps of any of the events.
func On[E ~string](events ...E) Pattern { return Pattern{On: texts(events)} }

// OfKind matches the steps of commands, or of reports.
func OfKind(k Kind) Pattern { return Pattern{Kind: k} }

// By matches the steps that any of the kinds of actor may bring.
func By(actors ...string) Pattern { return Pattern{By: actors} }

// OnlyBy matches the steps that nobody but the kinds of actor may bring.
func OnlyBy(actors ...string) Pattern { return Pattern{OnlyBy: actors} }

// From matches the steps that leave, or stay in, any of the states.
func From[S ~string](states ...S) Pattern { return Pattern{From: texts(states)} }

// Noting matches the notes of any of the words.
func Noting(words ...string) Pattern { return Pattern{Notes: words} }

// To matches the steps that lead to, or stay in, any of the states. A note leads nowhere.
func To[S ~string](states ...S) Pattern { return Pattern{To: texts(states)} }

// Into matches the steps that lead to any of the states from another one.
func Into[S ~string](states ...S) Pattern { return Pattern{To: texts(states), Moves: true} }

// Guarded matches the steps that all of the rules guard, by their words (Rule.Code).
func Guarded(words ...string) Pattern { return Pattern{If: words} }

// Doing matches the steps that have all of the effects.
func Doing(effects ...string) Pattern { return Pattern{Does: effects} }

// And matches what both match. A claim is broken, whatever it says, if one of its patterns
//   - joins two lists of On, of From, of To, of Notes or of OnlyBy that have no name in common;
//   - joins two kinds;
//   - names events of which none is of its kind;
//   - is of moves, from and to the same single state;
//   - is of notes, and of where they lead;
//   - joins two lists of By of which neither is within the other: they have no common form.
//
// Nothing else that two patterns ask for is held against each other: an event that never
// leaves a state, say, or that an actor never brings.
func (s Pattern) And(other Pattern) Pattern {
	s.If, s.Does = union(s.If, other.If), union(s.Does, other.Does)
	s.Moves = s.Moves || other.Moves
	either := func(field string, mine *[]string, theirs []string) {
		both := slices.DeleteFunc(slices.Clone(*mine), func(x string) bool { return !slices.Contains(theirs, x) })
		switch {
		case len(theirs) == 0:
		case len(*mine) == 0:
			*mine = theirs
		case len(both) == 0:
			s.clash = field
		default:
			*mine = both
		}
	}
	either("on", &s.On, other.On)
	either("from", &s.From, other.From)
	either("to", &s.To, other.To)
	either("notes", &s.Notes, other.Notes)
	either("only_by", &s.OnlyBy, other.OnlyBy)
	for _, by := range slices.Concat([][]string{other.By}, other.also) {
		s.bring(by)
	}
	switch {
	case s.Kind == "":
		s.Kind = other.Kind
	case other.Kind != "" && other.Kind != s.Kind:
		s.clash = "kind"
	}
	if other.clash != "" {
		s.clash = other.clash
	}
	return s
}

// bring adds a list like By. Who may bring a step is a list itself: of two lists the one
// within the other says all.
func (s *Pattern) bring(by []string) {
	switch {
	case len(by) == 0:
	case len(s.By) == 0, within(by, s.By):
		s.By = by
	case !within(s.By, by) && !slices.ContainsFunc(s.also, func(other []string) bool { return slices.Equal(other, by) }):
		s.also = slices.Concat(s.also, [][]string{by})
	}
}

// union is what stands in either list, each name once.
func union(one, other []string) []string {
	var both []string
	for _, name := range slices.Concat(one, other) {
		if !slices.Contains(both, name) {
			both = append(both, name)
		}
	}
	return both
}

// String reads "cancel from in_progress doing refund".
func (s Pattern) String() string { return s.subject() + s.rest() }

// subject reads "cancel", "cancel, as a command", or "any step".
func (s Pattern) subject() string {
	switch {
	case len(s.On) > 0 && s.Kind != "":
		return or(s.On) + ", as a " + string(s.Kind)
	case len(s.On) > 0:
		return or(s.On)
	case s.Kind != "":
		return "any " + string(s.Kind)
	}
	return "any step"
}

// rest reads " from in_progress doing refund".
func (s Pattern) rest() string {
	to, target := " to ", or(s.To)
	switch {
	case s.Moves && target == "":
		target = "another status"
	case s.Moves:
		to = " into "
	}
	text := ""
	for _, part := range []struct{ before, list, after string }{
		{" by ", s.by(), ""}, {" by ", or(s.OnlyBy), " alone"}, {" from ", or(s.From), ""}, {to, target, ""}, {" noting ", or(s.Notes), ""},
		{rules(s.If), strings.Join(s.If, " and "), " can stop"}, {" doing ", strings.Join(s.Does, " and "), ""},
	} {
		if part.list != "" {
			text += part.before + part.list + part.after
		}
	}
	return text
}

// rules: the word of a rule is that of its veto, so a step is what the rule can stop.
func rules(words []string) string {
	if len(words) == 1 {
		return " that the rule "
	}
	return " that the rules "
}

// by reads "agent or clerk, and by cardholder".
func (s Pattern) by() string {
	text := or(s.By)
	for _, actors := range s.also {
		text += ", and by " + or(actors)
	}
	return text
}

// only is the pattern as it reads behind the word: "by agent", "steps doing refund".
func (s Pattern) only() string {
	if len(s.If) == 0 && len(s.Does) == 0 {
		return strings.TrimPrefix(s.String(), "any step ")
	}
	return strings.Replace(s.String(), "any step", "steps", 1)
}

func (s Pattern) clone() Pattern {
	for _, list := range s.lists() {
		*list = slices.Clone(*list)
	}
	return s
}

// empty tells whether nothing is asked for, so that any step matches.
func (s Pattern) empty() bool {
	named := slices.ContainsFunc(s.lists(), func(list *[]string) bool { return len(*list) > 0 })
	return !named && s.Kind == "" && !s.Moves
}

func (s *Pattern) lists() []*[]string {
	return []*[]string{&s.On, &s.By, &s.OnlyBy, &s.From, &s.To, &s.If, &s.Does, &s.Notes}
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
