package lifecycletest_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/lifecycle/lifecycletest"
)

// stepsOf checks that a walk hangs together, and counts its departures from the table.
func stepsOf(t *rapid.T, w walk) (departures int) {
	var at state
	for _, c := range w {
		verdict, to, why, _ := expect(at, c.Event, factsOf(c.Why))
		if c.From != at || c.Verdict != verdict || c.To != to || c.Why != why || c.Word != wordOf(verdict, c.Event) {
			t.Fatalf("%s: %+v from %q, want %s to %q (%s)", w, c, at, verdict, to, why)
		}
		if verdict == lifecycle.Refuse || verdict == lifecycle.Ignore {
			departures++
		}
		at = to
	}
	return departures
}

// Walks are drawn until they have met every case, and one has gone on after it had departed
// from the table: how many that takes is luck, and no more than so many is not.
func TestDrawnWalksAreLegalOrDepartOnce(t *testing.T) {
	seen, goesOn := map[string]bool{}, false
	unmet := func() (all []string) {
		if !goesOn {
			all = append(all, "has gone on after it had departed from the table")
		}
		for _, c := range lifecycletest.Cases(parcels) {
			if c.From != "" && !seen[key(c)] {
				all = append(all, fmt.Sprintf("has met %+v", c))
			}
		}
		return all
	}
	for round := 0; round == 0 || round < 100 && len(unmet()) > 0; round++ {
		rapid.Check(t, func(t *rapid.T) {
			legal := lifecycletest.Legal(parcels).Draw(t, "legal")
			if n := stepsOf(t, legal); n != 0 || len(legal) == 0 {
				t.Fatalf("%d departures: %s", n, legal)
			}
			for range 100 {
				illegal := lifecycletest.Illegal(parcels).Draw(t, "illegal")
				if n := stepsOf(t, illegal); n != 1 {
					t.Fatalf("%d departures: %s", n, illegal)
				}
				last := illegal[len(illegal)-1]
				goesOn = goesOn || last.Verdict.Fires()
				for _, c := range append(legal, illegal...) {
					seen[key(c)] = true
				}
			}
		})
	}
	for _, what := range unmet() {
		t.Errorf("no walk %s: they prove nothing about it", what)
	}
}

func TestDrawnWalksEndWithALastEvent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		for _, g := range []*rapid.Generator[walk]{lifecycletest.Legal(parcels, "send"), lifecycletest.Illegal(parcels, "send")} {
			w, sent := g.Draw(t, "walk"), false
			for _, c := range w {
				if sent && c.Verdict.Fires() {
					t.Fatalf("%s goes on", w)
				}
				sent = sent || c.Event == "send" && c.Verdict == lifecycle.Move
			}
		}
	})
}

// A service keeps to the table on every walk; one that forgets a step that was refused
// does not.
func TestFollowTakesAServiceAlongAWalk(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lifecycletest.Follow(t, subject(), lifecycletest.Legal(parcels).Draw(t, "legal"))
		lifecycletest.Follow(t, subject(), lifecycletest.Illegal(parcels).Draw(t, "illegal"))
	})
	for _, w := range lifecycletest.CellTour(parcels) {
		lifecycletest.Follow(t, subject(), w)
	}
}
