package lifecycletest

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/kycle/kycle/lifecycle"
)

// Coverage remembers which cases of a machine tests have seen. It is safe for concurrent
// use.
type Coverage[S, E ~string, F any] struct {
	machine    *lifecycle.Machine[S, E, F]
	impossible func(lifecycle.Outcome[S, E]) string

	mu   sync.Mutex
	seen map[seen[S, E]]bool
}

// seen is what makes a case one of its kind.
type seen[S, E ~string] struct {
	from S
	on   E
	why  string
}

// Cover makes a Coverage that is reported when the test ends. For impossible see Subject;
// nil: every case is to be seen.
func Cover[S, E ~string, F any](t TB, m *lifecycle.Machine[S, E, F], impossible func(lifecycle.Outcome[S, E]) string) *Coverage[S, E, F] {
	t.Helper()
	need(t, m != nil, "a machine")
	c := NewCoverage(m, impossible)
	t.Cleanup(func() { c.Report(t) })
	return c
}

// NewCoverage makes a Coverage for many tests, which Run or Report judges.
func NewCoverage[S, E ~string, F any](m *lifecycle.Machine[S, E, F], impossible func(lifecycle.Outcome[S, E]) string) *Coverage[S, E, F] {
	if impossible == nil {
		impossible = func(lifecycle.Outcome[S, E]) string { return "" }
	}
	return &Coverage[S, E, F]{machine: m, impossible: impossible, seen: map[seen[S, E]]bool{}}
}

// Decide is the machine's, observed.
func (c *Coverage[S, E, F]) Decide(from S, on E, facts F) (lifecycle.Outcome[S, E], error) {
	out, err := c.machine.Decide(from, on, facts)
	c.Observe(out, err)
	return out, err
}

// Observe takes what became of one event: From, Event and Why of the outcome, as an audit
// entry has them too (a note's Why is ""), or the *lifecycle.Denied in the error. Any other error says nothing
// of a case.
func (c *Coverage[S, E, F]) Observe(out lifecycle.Outcome[S, E], err error) {
	now := seen[S, E]{out.From, out.Event, out.Why}
	if err != nil {
		var denied *lifecycle.Denied
		if !errors.As(err, &denied) {
			return
		}
		now = seen[S, E]{S(denied.From), E(denied.Event), reason(denied)}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen[now] = true
}

// groups say what a case that nobody saw is, in the order of a report.
var groups = []string{"row never fired", "rule never said no", "refusal never met", "report never ignored"}

func group[S, E ~string](c lifecycle.Outcome[S, E]) string {
	switch {
	case c.Verdict.Fires():
		return groups[0]
	case c.Why != lifecycle.NoRow:
		return groups[1]
	case c.Verdict == lifecycle.Refuse:
		return groups[2]
	}
	return groups[3]
}

// Missing lists what no test has seen, and what a test has seen although it cannot be: a
// case that is said to be impossible, or that is none of the machine's. None: all is well.
func (c *Coverage[S, E, F]) Missing() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	known, lines := map[seen[S, E]]bool{}, map[string][]string{}
	var strange []string
	for _, o := range Cases(c.machine) {
		key := seen[S, E]{o.From, o.Event, o.Why}
		known[key] = true
		switch why := c.impossible(o); {
		case why == "" && !c.seen[key]:
			lines[group(o)] = append(lines[group(o)], fmt.Sprintf("%s: %s", group(o), say(o)))
		case why != "" && c.seen[key]:
			strange = append(strange, fmt.Sprintf("said to be impossible (%s), and seen: %s", why, say(o)))
		}
	}
	var all []string
	for _, g := range groups {
		all = append(all, lines[g]...)
	}
	for key := range c.seen {
		if !known[key] {
			strange = append(strange, fmt.Sprintf("seen, and no case of the machine: %s (%q)", where(key.from, key.on), key.why))
		}
	}
	slices.Sort(strange)
	return append(all, strange...)
}

// Report fails the test with the list of what is Missing.
func (c *Coverage[S, E, F]) Report(t TB) {
	t.Helper()
	if missing := c.Missing(); len(missing) > 0 {
		t.Errorf("%s", c.text(missing))
	}
}

func (c *Coverage[S, E, F]) text(missing []string) string {
	return fmt.Sprintf("the tests of %s leave %d open:\n  %s", c.machine.Name(), len(missing), strings.Join(missing, "\n  "))
}

// Run is for TestMain: os.Exit(coverage.Run(m)). It runs the tests, and where all of them
// pass and something is Missing, it lists that on standard error and returns 1. A run of
// some tests only (-run, -skip, -list) is not judged.
func (c *Coverage[S, E, F]) Run(tests interface{ Run() int }) int {
	code := tests.Run()
	for _, name := range []string{"test.run", "test.skip", "test.list"} {
		if f := flag.Lookup(name); f != nil && f.Value.String() != "" {
			return code
		}
	}
	if missing := c.Missing(); code == 0 && len(missing) > 0 {
		fmt.Fprintln(os.Stderr, c.text(missing))
		return 1
	}
	return code
}
