package lifecycletest_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/kycle/kycle/lifecycle/lifecycletest"
)

type (
	space     = lifecycletest.Space[int, int]
	step      = lifecycletest.Step[int]
	invariant = lifecycletest.Invariant[int]
)

// ring goes one or two on, around a ring of ten; by two only from even places.
func ring(edits ...func(*space)) space {
	s := space{
		Start: []int{0}, Key: func(s int) int { return s % 10 }, Bound: 10,
		Steps: func(s int) []step {
			list := []step{{Event: "one", Verdict: "move", To: s + 1}}
			if s%2 == 0 {
				list = append(list, step{Event: "two", To: s + 2})
			}
			return list
		},
	}
	for _, edit := range edits {
		edit(&s)
	}
	return s
}

var errSix = errors.New("it is six")

func not(which int) func(int) error {
	return func(s int) error {
		if s == which {
			return errSix
		}
		return nil
	}
}

// second edits the steps that lead on from where the second round begins.
func second(edit func([]step) []step) func(*space) {
	return func(s *space) {
		steps := s.Steps
		s.Steps = func(s int) []step {
			if s == 10 {
				return edit(steps(s))
			}
			return steps(s)
		}
	}
}

var whole = lifecycletest.Explored{States: 10, Transitions: 15, Depth: 5}

const (
	hidden = "the key leaves out what decides the future: by another way to that key, "
	round  = "\n   0\n1. two\n   2\n2. two\n   4\n3. two\n   6\n4. two\n   8\n5. one: move\n   9\n6. one: move\n   0"
)

// unproven are the errors, and none, that are no way to a broken rule.
var unproven = []error{nil, lifecycletest.ErrIncomplete, lifecycletest.ErrNoStart, lifecycletest.ErrUnfinished}

// Each edit makes another space of the ring.
var explorations = []struct {
	name, why string
	edit      func(*space)
	want      lifecycletest.Explored
	is        error  // what the error is
	text      string // of the error
}{
	{"all of it", "fifteen steps lead out of ten states, six steps at most to one of them", func(*space) {},
		whole, nil, ""},
	{"two starts", "the second start is half way round", func(s *space) { s.Start = []int{0, 5, 5} },
		lifecycletest.Explored{States: 10, Transitions: 15, Depth: 3}, nil, ""},
	{"no start", "nothing was tried, and that proves nothing", func(s *space) { s.Start = nil }, lifecycletest.Explored{},
		lifecycletest.ErrNoStart, "lifecycletest: the space has no start"},
	{"no steps", "it is told, and does not panic", func(s *space) { s.Steps = nil }, lifecycletest.Explored{},
		lifecycletest.ErrIncomplete, "lifecycletest: the space is incomplete: it has no Steps"},
	{"no key", "the same", func(s *space) { s.Key = nil }, lifecycletest.Explored{}, lifecycletest.ErrIncomplete,
		"lifecycletest: the space is incomplete: it has no Key"},
	{"an empty invariant", "it would hold of anything", func(s *space) { s.Invariants = []invariant{{Name: "nothing", Why: "a test"}} },
		lifecycletest.Explored{}, lifecycletest.ErrIncomplete, `lifecycletest: the space is incomplete: the invariant "nothing" ` +
			`has neither State nor Edge`},
	{"a state", "the shortest way there", func(s *space) {
		s.Invariants = []invariant{{Name: "never six", Why: "a test",
			State: not(6)}}
	},
		lifecycletest.Explored{States: 7, Transitions: 8, Depth: 3}, errSix,
		"never six (a test): it is six\n   0\n1. two\n   2\n2. two\n   4\n3. two\n   6"},
	{"the start", "no step leads there", func(s *space) {
		s.Start, s.Invariants = []int{6}, []invariant{{Name: "never six", Why: "a test", State: not(6)}}
	}, lifecycletest.Explored{States: 1}, errSix, "never six (a test): it is six\n   6"},
	{"an edge", "also where the state is known", func(s *space) {
		s.Invariants = []invariant{{Name: "by one", Why: "a test", Edge: func(from, to int) error {
			if from == 2 && to == 3 {
				return errSix
			}
			return nil
		}}}
	}, lifecycletest.Explored{States: 3, Transitions: 4, Depth: 1}, errSix,
		"by one (a test): it is six\n   0\n1. two\n   2\n2. one: move\n   3"},
	{"a step", "that broke a rule itself", func(s *space) {
		s.Steps = func(s int) []step { return []step{{Event: "fall", Verdict: "down", To: s, Err: errSix}} }
	}, lifecycletest.Explored{States: 1, Transitions: 1}, errSix, "it is six\n   0\n1. fall: down\n   0"},
	{"the bound", "it fails, and does not say that all is well", func(s *space) { s.Bound = 9 },
		lifecycletest.Explored{States: 9, Transitions: 13, Depth: 4}, lifecycletest.ErrUnfinished,
		"lifecycletest: more states than the bound of 9"},
	{"no bound", "it is needed", func(s *space) { s.Bound = 0 }, lifecycletest.Explored{}, lifecycletest.ErrUnfinished,
		"lifecycletest: more states than the bound of 0"},
	{"another end", "the key hides whether the second round has begun, in which one is two", second(func(list []step) []step {
		list[0].To++
		return list
	}), whole, lifecycletest.ErrKey, hidden + "one leads to: 1" + round + "\n7. one: move\n   2"},
	{"another event", "the same step is called by the same words", second(func(list []step) []step {
		list[0].Event = "ten"
		return list
	}), whole, lifecycletest.ErrKey, hidden + "one leads to: 1" + round + "\n7. ten: move\n   1"},
	{"a step less", "it leads nowhere else, and yet", second(func(list []step) []step { return list[:1] }),
		whole, lifecycletest.ErrKey, hidden + "two leads to: 2" + round},
	{"a step more", "the first state of the key has none to compare it with",
		second(func(list []step) []step { return append(list, step{Event: "ten", To: 0}) }),
		whole, lifecycletest.ErrKey, hidden + "nothing more leads on" + round + "\n7. ten\n   0"},
	{"a rule in the second round", "it is asked there too", func(s *space) {
		s.Invariants = []invariant{{Name: "never ten",
			Why: "a test", State: not(10)}}
	},
		whole, errSix, "never ten (a test): it is six" + round},
	{"an edge in the second round", "it is asked there too", func(s *space) {
		s.Invariants = []invariant{{Name: "not so far", Why: "a test", Edge: func(_, to int) error { return not(11)(to) }}}
	},
		whole, errSix, "not so far (a test): it is six" + round + "\n7. one: move\n   1"},
}

func TestExplore(t *testing.T) {
	for _, row := range explorations {
		t.Run(row.name, func(t *testing.T) {
			got, err := lifecycletest.Explore(ring(row.edit))
			if got != row.want || !errors.Is(err, row.is) || row.is == nil && err != nil || err != nil && err.Error() != row.text {
				t.Errorf("%s: %+v\n%v", row.why, got, err)
			}
			var c *lifecycletest.Counterexample
			if broken := errors.As(err, &c); broken != errors.Is(err, lifecycletest.ErrBroken) ||
				broken == slices.Contains(unproven, row.is) {
				t.Errorf("%T", err)
			}
		})
	}
}
