package lifecycletest_test

import (
	"errors"
	"fmt"

	"github.com/kycle/kycle/lifecycle/lifecycletest"
)

type gate struct{ coin, unlocked bool }

// A search goes through everything that can happen, and tells the shortest way to a broken
// rule. This gate gives a coin back and forgets to lock.
func ExampleExplore() {
	steps := func(g gate) []lifecycletest.Step[gate] {
		if !g.unlocked {
			return []lifecycletest.Step[gate]{{Event: "insert a coin", Verdict: "unlocks", To: gate{coin: true, unlocked: true}}}
		}
		return []lifecycletest.Step[gate]{
			{Event: "walk through", Verdict: "locks", To: gate{}},
			{Event: "ask for the coin back", Verdict: "gives it", To: gate{unlocked: g.unlocked}},
		}
	}
	paid := func(g gate) error {
		if g.unlocked && !g.coin {
			return errors.New("anybody can walk through")
		}
		return nil
	}
	found, err := lifecycletest.Explore(lifecycletest.Space[gate, gate]{
		Start: []gate{{}}, Steps: steps, Key: func(g gate) gate { return g }, Bound: 100,
		Show:       func(g gate) string { return fmt.Sprintf("coin %t, unlocked %t", g.coin, g.unlocked) },
		Invariants: []lifecycletest.Invariant[gate]{{Name: "unlocked for a coin", Why: "terms of use, 2", State: paid}},
	})
	fmt.Println(found.States, "states,", found.Transitions, "transitions")
	fmt.Println(err)
	// Output:
	// 3 states, 3 transitions
	// unlocked for a coin (terms of use, 2): anybody can walk through
	//    coin false, unlocked false
	// 1. insert a coin: unlocks
	//    coin true, unlocked true
	// 2. ask for the coin back: gives it
	//    coin false, unlocked true
}
