package lifecycletest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kycle/kycle/lifecycle"
)

// Subject is a host's service as this package drives it. R is what the host knows one
// record by; its zero value is no record yet.
type Subject[S, E ~string, R any] struct {
	// Give lets c.Event happen to the record, in a world in which exactly the rule that
	// c.Why names says no, and all others hold. Where c.From is "", *record is R's zero
	// value, and a birth fills it in. What c.Verdict and c.To say is expected, and none of
	// its business. The error is the service's own.
	Give func(record *R, c lifecycle.Outcome[S, E]) (Answer[S], error)
	// Bring makes a record in c.From to which the case can happen. nil: Path, by Give.
	Bring func(record *R, c lifecycle.Outcome[S, E]) error
	// Impossible tells why a case cannot come about in the service; "": it can. nil:
	// every case can.
	Impossible func(c lifecycle.Outcome[S, E]) string
	// Effects are those that Answer.Does tells of; none: effects are not compared, and a
	// service that forgets one is not noticed. Each is an effect of some row. An outcome that
	// was made by hand has none.
	Effects []string
}

// Answer is what a service did, as far as it tells.
type Answer[S ~string] struct {
	State   S                 // where the record stands now, read from where it is kept; "": there is none
	Verdict lifecycle.Verdict // "": the service does not say, and State and refusals alone are compared
	Why     string            // the reason for a refusal or for ignoring; "": the service does not say
	Note    string            // the word of the note that it made; "": none, or the service does not say
	Does    []string          // which of Subject.Effects came about, in any order; what came about twice stands there twice
}

// Exhaust drives a service through every case of every cell, each on a record of its own,
// and compares what it did with the table: the state that holds afterwards, the verdict,
// the reason, a note's word, and the effects that it tells of, each as often as it came
// about. An error is a refusal if it is lifecycle.ErrNotAllowed, with the reason that a
// *lifecycle.Denied in it gives; any other fails the case. Each difference is one Errorf; cases
// of one state that cannot be tried for one reason are one together. What was tried and what is
// impossible is logged.
func Exhaust[S, E ~string, F, R any](t TB, m *lifecycle.Machine[S, E, F], s Subject[S, E, R]) {
	t.Helper()
	need(t, m != nil, "a machine")
	need(t, s.Give != nil, "Subject.Give")
	strange := slices.DeleteFunc(slices.Clone(s.Effects), func(effect string) bool { return len(m.Rows(lifecycle.Doing(effect))) > 0 })
	if len(strange) > 0 { // misspelt, it would compare nothing
		t.Fatalf("%s: no row has the effects %q of Subject.Effects", m.Name(), strange)
	}
	possible, tried, impossible, rows := 0, 0, map[string]int{}, rowsOf[S, E, F](m, nil)
	var untried []barrier[S]
	for _, c := range Cases(m) {
		if why := s.impossible(c); why != "" {
			impossible[why]++
			continue
		}
		possible++
		record := new(R)
		if err := s.bring(record, c, rows); err != nil {
			untried = blocked(untried, c.From, err.Error())
			continue
		}
		tried++
		if difference := s.give(record, c); difference != "" {
			t.Errorf("%s; %s", say(c), difference)
		}
	}
	for _, b := range untried {
		t.Errorf("%s", b)
	}
	if possible == 0 {
		t.Errorf("%s: no case is possible: nothing was tried", m.Name())
	}
	t.Logf("%s: %d cases tried%s", m.Name(), tried, reasons(impossible))
}

// barrier is why cases of one state could not be tried, and how many.
type barrier[S ~string] struct {
	from  S
	why   string
	cases int
}

// blocked counts one case more.
func blocked[S ~string](all []barrier[S], from S, why string) []barrier[S] {
	i := slices.IndexFunc(all, func(b barrier[S]) bool { return b.from == from && b.why == why })
	if i < 0 {
		return append(all, barrier[S]{from, why, 1})
	}
	all[i].cases++
	return all
}

// String reads `8 of the cases in "lost" could not be tried, because …`.
func (b barrier[S]) String() string {
	place := fmt.Sprintf("in %q", b.from)
	if b.from == "" {
		place = "without a record"
	}
	return fmt.Sprintf("%d of the cases %s could not be tried, because no record could be brought there: %s", b.cases, place, b.why)
}

// Follow takes one new record along a walk, and compares each step as Exhaust does. Steps
// that are Impossible are left out, if they would change nothing. It ends with the first
// difference, since what comes after stands on it.
func Follow[S, E ~string, R any](t TB, s Subject[S, E, R], walk Walk[S, E]) {
	t.Helper()
	need(t, s.Give != nil, "Subject.Give")
	record := new(R)
	for i, c := range walk {
		if !c.Verdict.Fires() && s.impossible(c) != "" {
			continue
		}
		if difference := s.give(record, c); difference != "" {
			t.Errorf("after %s: %s; %s", walk[:i], say(c), difference)
			return
		}
	}
}

func (s Subject[S, E, R]) impossible(c lifecycle.Outcome[S, E]) string {
	if s.Impossible == nil {
		return ""
	}
	return s.Impossible(c)
}

func (s Subject[S, E, R]) bring(record *R, c lifecycle.Outcome[S, E], rows graph[S, E]) error {
	if s.Bring != nil {
		return s.Bring(record, c)
	}
	for _, step := range rows.path(c.From) {
		if difference := s.give(record, step); difference != "" {
			return fmt.Errorf("%s; %s", say(step), difference)
		}
	}
	return nil
}

// give lets a case happen and tells in what the service differs from the table.
func (s Subject[S, E, R]) give(record *R, c lifecycle.Outcome[S, E]) string {
	got, err := s.Give(record, c)
	if err != nil && !errors.Is(err, lifecycle.ErrNotAllowed) {
		return fmt.Sprintf("the service failed: %v", err)
	}
	if err != nil {
		got.Verdict = lifecycle.Refuse
		var denied *lifecycle.Denied
		if errors.As(err, &denied) {
			got.Why = reason(denied)
		}
	}
	var wrong []string
	switch {
	case got.Verdict == c.Verdict:
	case got.Verdict != "":
		wrong = append(wrong, fmt.Sprintf("the service says %s", got.Verdict))
	case c.Verdict == lifecycle.Refuse: // a refusal is always told, so silence is none
		wrong = append(wrong, "it was not refused")
	}
	if got.State != c.To {
		wrong = append(wrong, fmt.Sprintf("it stands in %q and not in %q", got.State, c.To))
	}
	if got.Why != c.Why && got.Why != "" {
		wrong = append(wrong, fmt.Sprintf("the reason is %q and not %q", got.Why, c.Why))
	}
	switch {
	case got.Note == c.Word || got.Note == "":
	case c.Word == "":
		wrong = append(wrong, fmt.Sprintf("it made the note %q", got.Note))
	default:
		wrong = append(wrong, fmt.Sprintf("the note is %q and not %q", got.Note, c.Word))
	}
	return strings.Join(append(wrong, s.effects(got.Does, c)...), "; ")
}

// effects tells in what the effects that came about differ from the table's.
func (s Subject[S, E, R]) effects(does []string, c lifecycle.Outcome[S, E]) (wrong []string) {
	for _, effect := range s.Effects {
		switch did := count(does, effect); {
		case did > 0 && !c.Does(effect):
			wrong = append(wrong, fmt.Sprintf("the effect %s came about", effect))
		case did == 0 && c.Does(effect):
			wrong = append(wrong, fmt.Sprintf("the effect %s did not come about", effect))
		case did > 1: // a second charge is what matters most
			wrong = append(wrong, fmt.Sprintf("the effect %s came about %d times", effect, did))
		}
	}
	for _, effect := range does {
		if !slices.Contains(s.Effects, effect) {
			wrong = append(wrong, fmt.Sprintf("the effect %s came about, which is not among the subject's", effect))
		}
	}
	return wrong
}

func count(words []string, word string) (n int) {
	for _, w := range words {
		if w == word {
			n++
		}
	}
	return n
}

// reasons lists counted reasons, in order.
func reasons(counted map[string]int) string {
	var b strings.Builder
	for _, why := range slices.Sorted(maps.Keys(counted)) {
		fmt.Fprintf(&b, "\n  %d impossible: %s", counted[why], why)
	}
	return b.String()
}
