package lifecycletest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Space is everything that can happen to something, said step by step, with the rules
// that must hold throughout. S is a state, as rich as the rules need it; K is what
// decides its future.
type Space[S any, K comparable] struct {
	Start []S // where it may begin; none is ErrNoStart
	// Steps lists every way out of a state, always in the same order; none: it ends there.
	Steps func(S) []Step[S]
	// Key is what decides the future of a state: two states of one key are one to the
	// search. Whether it leaves out too much is tried on two of them for each key: the one
	// that was found first and the one that was found last must go to the same keys by the same
	// events (ErrKey). What came between them is not compared.
	Key func(S) K
	// Show says in a few words where a state stands. nil: its key, as fmt prints it.
	Show       func(S) string
	Invariants []Invariant[S]
	// Bound is how many states there may be; one more is ErrUnfinished. A space without
	// an end fails so, and is never cut in silence.
	Bound int
}

// Step is one way out of a state. It may lead back to where it began.
type Step[S any] struct {
	Event   string // what came: the same words wherever the same thing comes
	Verdict string // what became of it; "": nothing to be told
	To      S
	Err     error // the step itself broke a rule
}

// Invariant is a rule that holds always. It has State, Edge or both.
type Invariant[S any] struct {
	Name  string
	Why   string                 // where the rule comes from
	State func(S) error          // of every state, once a key: what it looks at must follow from that
	Edge  func(from, to S) error // of every step, also of those that lead to a known state
}

// Explored is how much there was.
type Explored struct {
	States      int // by key
	Transitions int // steps out of them, those that lead back to the same state too
	Depth       int // steps to the state that is farthest from the start
}

var (
	// ErrBroken is what every *Counterexample is.
	ErrBroken = errors.New("lifecycletest: a rule is broken")
	// ErrIncomplete: a field without which nothing can be explored or checked is nil.
	ErrIncomplete = errors.New("lifecycletest: the space is incomplete")
	// ErrNoStart: there is no state to begin with, and nothing is proven.
	ErrNoStart = errors.New("lifecycletest: the space has no start")
	// ErrUnfinished: there are more states than the bound says, and nothing is proven.
	ErrUnfinished = errors.New("lifecycletest: more states than the bound")
	// ErrKey, in a *Counterexample: two states of one key go, by the same events, to
	// states of different keys.
	ErrKey = errors.New("the key leaves out what decides the future")
)

// Counterexample is a way to a broken rule (ErrBroken, and what Err is).
type Counterexample struct {
	Rule  string // name of the invariant; "": the step's own
	Why   string // of the invariant
	Err   error  // what is wrong
	Start string // where it began
	Lines []Line
}

// Line is one step of a counterexample: what came, what became of it, where it stood then.
type Line struct{ Event, Verdict, Stands string }

// Error is the rule, what is wrong, and the list of events, one line a step.
func (c *Counterexample) Error() string {
	var b strings.Builder
	if c.Rule != "" {
		fmt.Fprintf(&b, "%s (%s): ", c.Rule, c.Why)
	}
	fmt.Fprintf(&b, "%v\n   %s", c.Err, c.Start)
	for i, l := range c.Lines {
		fmt.Fprintf(&b, "\n%d. %s", i+1, l.Event)
		if l.Verdict != "" {
			fmt.Fprintf(&b, ": %s", l.Verdict)
		}
		fmt.Fprintf(&b, "\n   %s", l.Stands)
	}
	return b.String()
}

func (c *Counterexample) Is(target error) bool { return target == ErrBroken }
func (c *Counterexample) Unwrap() error        { return c.Err }

// Explore visits every state that can be reached, breadth first, and checks every
// invariant in every state and on every step. It returns the first violation as a
// *Counterexample; no shorter list of events leads to one. Only then does it take every
// step once more, from the state of each key that was found last, and check again: if
// the key is right, nothing new comes of it. It reads no clock and draws nothing: equal
// spaces give equal answers.
func Explore[S any, K comparable](space Space[S, K]) (Explored, error) {
	if err := space.complete(); err != nil {
		return Explored{}, err
	}
	if space.Show == nil {
		space.Show = func(s S) string { return fmt.Sprint(space.Key(s)) }
	}
	x := &explorer[S, K]{Space: space, known: map[K]*visit[S]{}}
	if len(space.Start) == 0 {
		return x.count, ErrNoStart
	}
	for _, s := range space.Start {
		if _, err := x.arrive(&visit[S]{state: s}); err != nil {
			return x.count, err
		}
	}
	for i := 0; i < len(x.queue); i++ {
		if err := x.expand(x.queue[i]); err != nil {
			return x.count, err
		}
	}
	for _, v := range x.queue {
		if err := x.again(v); err != nil {
			return x.count, err
		}
	}
	return x.count, nil
}

// complete names what is nil and needed.
func (s Space[S, K]) complete() error {
	switch {
	case s.Steps == nil:
		return fmt.Errorf("%w: it has no Steps", ErrIncomplete)
	case s.Key == nil:
		return fmt.Errorf("%w: it has no Key", ErrIncomplete)
	}
	for _, rule := range s.Invariants {
		if rule.State == nil && rule.Edge == nil { // it would hold of anything
			return fmt.Errorf("%w: the invariant %q has neither State nor Edge", ErrIncomplete, rule.Name)
		}
	}
	return nil
}

type explorer[S any, K comparable] struct {
	Space[S, K]
	queue []*visit[S] // the first visit of every key, in the order of arrival
	known map[K]*visit[S]
	count Explored
}

// visit is one arrival in a state.
type visit[S any] struct {
	state          S
	from           *visit[S] // nil: it is a start
	depth          int
	event, verdict string
	last           *visit[S] // the last other arrival in a state of this key
	leads          []lead[S] // of a first visit: where its steps lead
}

type lead[S any] struct {
	event string
	to    *visit[S]
}

// expand takes every step out of a state.
func (x *explorer[S, K]) expand(v *visit[S]) error {
	for _, step := range x.Steps(v.state) {
		x.count.Transitions++
		next := &visit[S]{state: step.To, from: v, depth: v.depth + 1, event: step.Event, verdict: step.Verdict}
		if err := x.pass(next, step.Err); err != nil {
			return err
		}
		first, err := x.arrive(next)
		if err != nil {
			return err
		}
		v.leads = append(v.leads, lead[S]{step.Event, first})
	}
	return nil
}

// again takes the same steps from the last state of a key, and must find the same keys.
func (x *explorer[S, K]) again(first *visit[S]) error {
	v := first.last
	if v == nil {
		return nil
	}
	if err := x.hold(v); err != nil {
		return err
	}
	steps := x.Steps(v.state)
	for i, step := range steps {
		next := &visit[S]{state: step.To, from: v, event: step.Event, verdict: step.Verdict}
		if err := x.pass(next, step.Err); err != nil {
			return err
		}
		if i >= len(first.leads) || first.leads[i] != (lead[S]{step.Event, x.known[x.Key(step.To)]}) {
			return x.differ(first, i, next)
		}
	}
	if len(steps) < len(first.leads) {
		return x.differ(first, len(steps), v)
	}
	return nil
}

// differ says what the first state of a key does where the last one goes another way.
func (x *explorer[S, K]) differ(first *visit[S], i int, v *visit[S]) error {
	other := "nothing more leads on"
	if i < len(first.leads) {
		other = first.leads[i].event + " leads to: " + x.Show(first.leads[i].to.state)
	}
	return x.broken("", "", fmt.Errorf("%w: by another way to that key, %s", ErrKey, other), v)
}

// arrive gives the first visit of the state's key, which is v itself if it is new.
func (x *explorer[S, K]) arrive(v *visit[S]) (*visit[S], error) {
	key := x.Key(v.state)
	if first := x.known[key]; first != nil {
		first.last = v
		return first, nil
	}
	if len(x.queue) >= x.Bound {
		return nil, fmt.Errorf("%w of %d", ErrUnfinished, x.Bound)
	}
	x.known[key] = v
	x.queue = append(x.queue, v)
	x.count.States, x.count.Depth = len(x.queue), v.depth
	return v, x.hold(v)
}

// pass checks the step that led to a visit, and hold the state that it led to.
func (x *explorer[S, K]) pass(v *visit[S], err error) error {
	if err != nil {
		return x.broken("", "", err, v)
	}
	for _, rule := range x.Invariants {
		if rule.Edge == nil {
			continue
		}
		if err := rule.Edge(v.from.state, v.state); err != nil {
			return x.broken(rule.Name, rule.Why, err, v)
		}
	}
	return nil
}

func (x *explorer[S, K]) hold(v *visit[S]) error {
	for _, rule := range x.Invariants {
		if rule.State == nil {
			continue
		}
		if err := rule.State(v.state); err != nil {
			return x.broken(rule.Name, rule.Why, err, v)
		}
	}
	return nil
}

// broken tells the way to a visit.
func (x *explorer[S, K]) broken(rule, why string, err error, v *visit[S]) error {
	c := &Counterexample{Rule: rule, Why: why, Err: err}
	for ; v.from != nil; v = v.from {
		c.Lines = append(c.Lines, Line{v.event, v.verdict, x.Show(v.state)})
	}
	slices.Reverse(c.Lines)
	c.Start = x.Show(v.state)
	return c
}
