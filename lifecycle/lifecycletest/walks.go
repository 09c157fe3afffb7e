package lifecycletest

import (
	"slices"

	"pgregory.net/rapid"

	"github.com/kycle/kycle/lifecycle"
)

// longest is how many steps a drawn walk has at most.
const longest = 20

// Legal draws walks from a record's birth in which every step is a row and every rule
// holds. It shrinks to few steps, and to events that come first in the definition. For
// last see Tour.
func Legal[S, E ~string, F any](m *lifecycle.Machine[S, E, F], last ...E) *rapid.Generator[Walk[S, E]] {
	g := rowsOf(m, last)
	return rapid.Custom(func(t *rapid.T) Walk[S, E] { return g.draw(t) })
}

// Illegal draws walks that depart from the table once: one step is a command that is
// refused or a report that is ignored, since there is no row or since the rule that its Why
// names says no. After that they go on legally from where they were, as if it had not
// been. For last see Tour; a walk may depart after such an event too.
func Illegal[S, E ~string, F any](m *lifecycle.Machine[S, E, F], last ...E) *rapid.Generator[Walk[S, E]] {
	g := rowsOf(m, last)
	wrong := map[S][]lifecycle.Outcome[S, E]{}
	for _, c := range Cases(m) {
		if !fires(c) {
			wrong[c.From] = append(wrong[c.From], c)
		}
	}
	return rapid.Custom(func(t *rapid.T) Walk[S, E] {
		walk := g.draw(t)
		var places []int // steps after which something is wrong
		for i, step := range walk {
			if len(wrong[step.To]) > 0 {
				places = append(places, i)
			}
		}
		if len(places) == 0 {
			t.Skip("everything is allowed all along this walk")
		}
		at := places[fair(t, len(places), "depart after step")]
		ways := wrong[walk[at].To]
		return slices.Insert(walk, at+1, ways[fair(t, len(ways), "departure")])
	})
}

// draw draws a legal walk.
func (g graph[S, E]) draw(t *rapid.T) (walk Walk[S, E]) {
	for range 1 + fair(t, longest, "steps") {
		exits := g.exits[walk.end()]
		step := exits[fair(t, len(exits), "step")]
		walk = append(walk, step)
		if g.ended(step) {
			break
		}
	}
	return walk
}

// fair draws an index below n, each about as likely: rapid's own ranges lean to their ends,
// and walks would hardly get beyond the first states. It shrinks to 0.
func fair(t *rapid.T, n int, what string) int {
	drawn := 0
	for span := 1; span < 8*n; span *= 2 {
		drawn *= 2
		if rapid.Bool().Draw(t, what) {
			drawn++
		}
	}
	return drawn % n
}
