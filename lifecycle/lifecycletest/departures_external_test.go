package lifecycletest_test

import (
	"testing"

	"github.com/kycle/kycle/lifecycle/lifecycletest"
)

// Every case that changes nothing is about as likely to be where a walk departs, however far
// from the birth it is. What is drawn from a seed stays the same.
func TestDeparturesAreDrawnAlike(t *testing.T) {
	var cases []outcome
	for _, c := range lifecycletest.Cases(parcels) {
		if verdict, _, _, _ := expect(c.From, c.Event, factsOf(c.Why)); c.From != "" && (verdict == "refuse" || verdict == "ignore") {
			cases = append(cases, c)
		}
	}
	seen, walks := map[string]int{}, lifecycletest.Illegal(parcels)
	const each = 40
	for seed := range each * len(cases) {
		for _, c := range walks.Example(seed) {
			if c.Verdict == "refuse" || c.Verdict == "ignore" {
				seen[key(c)]++
			}
		}
	}
	for _, c := range cases {
		if n := seen[key(c)]; n < each/2 || n > each*2 {
			t.Errorf("%d walks of %d depart by %+v, and %d are its share", n, each*len(cases), c, each)
		}
	}
}
