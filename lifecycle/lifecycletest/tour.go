package lifecycletest

import "github.com/kycle/kycle/lifecycle"

// Tour is a few short walks that fire every row at least once, from one of its states, notes
// included. CellTour fires it from each of them.
//
// A walk goes to the nearest row that is still to be fired, rather to one after which most
// of the others can be reached; where none can be, the next walk begins. So the tour is
// short, and not always the shortest there is; equal machines have equal tours.
//
// The table cannot see what rules remember. Name in last the events after which rules of
// yours say no for good, such as a decision by hand: no walk goes on after one. What could
// only be reached past them is not on the tour.
func Tour[S, E ~string, F any](m *lifecycle.Machine[S, E, F], last ...E) []Walk[S, E] {
	return tour(rowsOf(m, last), func(c lifecycle.Outcome[S, E]) int {
		cell, _ := m.Cell(c.From, c.Event)
		return cell.Row
	})
}

// CellTour is a Tour that fires every row from each of its states.
func CellTour[S, E ~string, F any](m *lifecycle.Machine[S, E, F], last ...E) []Walk[S, E] {
	type cell struct {
		from S
		on   E
	}
	return tour(rowsOf(m, last), func(c lifecycle.Outcome[S, E]) cell { return cell{c.From, c.Event} })
}

// tour visits a step of every id.
func tour[S, E ~string, K comparable](g graph[S, E], id func(lifecycle.Outcome[S, E]) K) []Walk[S, E] {
	todo := map[K]bool{}
	for _, exits := range g.exits {
		for _, step := range exits {
			todo[id(step)] = true
		}
	}
	wanted := func(c lifecycle.Outcome[S, E]) bool { return todo[id(c)] }
	var walks []Walk[S, E]
	var walk Walk[S, E]
	for len(todo) > 0 {
		next := best(g, g.nearest(walk.end(), wanted), todo, id)
		switch {
		case next == nil && walk == nil:
			return walks // what is left lies past the last events
		case next == nil:
			walks, walk = append(walks, walk), nil
			continue
		}
		walk = append(walk, next...)
		step := walk[len(walk)-1]
		delete(todo, id(step))
		if g.ended(step) {
			walks, walk = append(walks, walk), nil
		}
	}
	if walk != nil {
		walks = append(walks, walk)
	}
	return walks
}

// best is the first of the walks after which most of what is to do can still be reached.
func best[S, E ~string, K comparable](g graph[S, E], walks []Walk[S, E], todo map[K]bool, id func(lifecycle.Outcome[S, E]) K) Walk[S, E] {
	most, chosen := -1, Walk[S, E](nil)
	for _, w := range walks {
		if n := ahead(g, w, todo, id); n > most {
			most, chosen = n, w
		}
	}
	return chosen
}

// ahead counts what is still to do and can be reached after a walk.
func ahead[S, E ~string, K comparable](g graph[S, E], w Walk[S, E], todo map[K]bool, id func(lifecycle.Outcome[S, E]) K) int {
	if g.ended(w[len(w)-1]) {
		return 0
	}
	found, seen := map[K]bool{}, map[S]bool{w.end(): true}
	for queue := []S{w.end()}; len(queue) > 0; queue = queue[1:] {
		for _, step := range g.exits[queue[0]] {
			if todo[id(step)] {
				found[id(step)] = true
			}
			if !g.ended(step) && !seen[step.To] {
				seen[step.To] = true
				queue = append(queue, step.To)
			}
		}
	}
	return len(found)
}
