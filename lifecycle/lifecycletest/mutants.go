package lifecycletest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kycle/kycle/lifecycle"
)

// Score is what became of a machine's mutants.
type Score struct {
	Machine   string
	Mutants   int // made; the sum of the next four
	Defective int // lifecycle.New refuses them: nobody can run them
	Killed    int // the tests fail on them
	Excused   int // the tests do not notice, and a reason is given
	Survived  []string
	// ByPolicy are how many of those that run break a policy of the definition, so that
	// New would refuse them too, if policies were not left out of mutants.
	ByPolicy int
}

// String is the score in one line.
func (s Score) String() string {
	const form = "%s: %d mutants, %d are refused by the check, %d run: the tests kill %d, %d are excused, %d survive; " +
		"policies alone would stop %d"
	return fmt.Sprintf(form, s.Machine, s.Mutants, s.Defective, s.Mutants-s.Defective, s.Killed, s.Excused, len(s.Survived), s.ByPolicy)
}

// Mutants runs tests on every mutant of a machine: a machine with one mistake in it.
//
//   - Each cell loses its row, gets one to every state, or leads to every other state, also out
//     of a final state by a command; so does each row.
//   - Each note leads to every state, or has another word; each cell and row that is no note
//     makes one.
//   - Each rule says the opposite, is not asked, or is asked earlier.
//   - Each effect, of a move or a note, and each label is dropped or added.
//   - Each state is final or absorbing where it is not, and the other way round; its deadline
//     is another report of the clock, or none.
//   - Each event is a command where it is a report, and the other way round, and a kind of
//     actor more or less may bring it.
//
// What follows from the mistake, such as the permission MovesFinal, comes with it. What New
// refuses all the same, nobody can run.
//
// The tests must pass on the machine itself, and fail on every mutant. A mutant that they do
// not notice is an error of t that says in words what is wrong with it, unless excused gives a
// reason for those very words, such as that nobody could tell the difference. An excuse that
// excuses nothing is an error too.
//
// The tests get a TB of their own; they should be fast, and must draw what they decide from
// the machine that they are given, and what they expect from elsewhere.
func Mutants[S, E ~string, F any](t TB, m *lifecycle.Machine[S, E, F], tests func(TB, *lifecycle.Machine[S, E, F]), excused map[string]string) Score {
	t.Helper()
	need(t, m != nil, "a machine")
	need(t, tests != nil, "the tests")
	score := Score{Machine: m.Name()}
	if failures := Failures(func(t TB) { tests(t, m) }); len(failures) > 0 {
		t.Errorf("the tests fail on %s itself: %s", m.Name(), strings.Join(failures, "\n"))
		return score
	}
	policies := m.Definition().Policies
	stale := maps.Clone(excused)
	for _, mutation := range mutations(m) {
		score.Mutants++
		def := m.Definition()
		mutation.apply(&def)
		tidy(&def)
		mutant, err := lifecycle.New(def)
		if err != nil {
			score.Defective++
			continue
		}
		if len(mutant.Broken(policies...)) > 0 {
			score.ByPolicy++
		}
		switch {
		case len(Failures(func(t TB) { tests(t, mutant) })) > 0:
			score.Killed++
		case excused[mutation.words] != "":
			score.Excused++
			delete(stale, mutation.words)
		default:
			score.Survived = append(score.Survived, mutation.words)
		}
	}
	for _, words := range score.Survived {
		t.Errorf("the tests do not notice: %s", words)
	}
	for _, words := range slices.Sorted(maps.Keys(stale)) {
		t.Errorf("excused, and no mutant that the tests do not notice: %s", words)
	}
	t.Logf("%s", score)
	return score
}
