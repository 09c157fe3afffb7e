package lifecycletest

import (
	"pgregory.net/rapid"

	"github.com/kycle/kycle/lifecycle"
)

// longest is how many steps are drawn in a row at most.
const longest = 20

// Legal draws walks from a record's birth in which every step is a row, notes included, and
// every rule holds. It shrinks to few steps, and to events that come first in the definition. For
// last see Tour. Walks prove nothing of what they do not meet: Exhaust is the proof of all
// cases, and walks try what comes of many steps.
func Legal[S, E ~string, F any](m *lifecycle.Machine[S, E, F], last ...E) *rapid.Generator[Walk[S, E]] {
	g := rowsOf(m, last)
	return rapid.Custom(func(t *rapid.T) Walk[S, E] { return g.draw(t, nil, 1) })
}

// Illegal draws walks that depart from the table once: one step is a command that is
// refused or a report that is ignored, since there is no row or since the rule that its Why
// names says no. Every such case of a record that is there is about as likely as the others,
// and a drawn walk leads to it. After it they go on legally from where they were, as if it
// had not been. For last see Tour; a walk may depart after such an event too. For what walks
// prove see Legal.
func Illegal[S, E ~string, F any](m *lifecycle.Machine[S, E, F], last ...E) *rapid.Generator[Walk[S, E]] {
	g := rowsOf(m, last)
	reached := map[S]bool{}
	for _, s := range states(m.Definition()) {
		reached[s] = len(g.path(s)) > 0
	}
	var departures []lifecycle.Outcome[S, E]
	for _, c := range Cases(m) {
		if !c.Verdict.Fires() && reached[c.From] {
			departures = append(departures, c)
		}
	}
	return rapid.Custom(func(t *rapid.T) Walk[S, E] {
		if len(departures) == 0 {
			t.Skip("everything is allowed wherever a walk leads")
		}
		departure := departures[fair(t, len(departures), "departure")]
		walk := g.lead(g.draw(t, nil, 1), departure.From)
		ended := g.ended(walk[len(walk)-1])
		walk = append(walk, departure)
		if ended {
			return walk
		}
		return g.draw(t, walk, 0)
	})
}

// draw goes on from where a walk ends, legally and by so many steps at least.
func (g graph[S, E]) draw(t *rapid.T, walk Walk[S, E], least int) Walk[S, E] {
	for range least + fair(t, longest, "steps") {
		exits := g.exits[walk.end()]
		step := exits[fair(t, len(exits), "step")]
		walk = append(walk, step)
		if g.ended(step) {
			break
		}
	}
	return walk
}

// lead cuts a walk back to the last place from which a way leads to the state, and goes it.
// One leads there from the birth.
func (g graph[S, E]) lead(walk Walk[S, E], state S) Walk[S, E] {
	for {
		if walk.end() == state {
			return walk
		}
		if len(walk) == 0 || !g.ended(walk[len(walk)-1]) {
			found := g.nearest(walk.end(), func(c lifecycle.Outcome[S, E]) bool { return c.To == state })
			if len(found) > 0 {
				return append(walk, found[0]...)
			}
		}
		walk = walk[:len(walk)-1]
	}
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
