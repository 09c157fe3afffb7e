package storetest_test

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/fault"
	"github.com/kycle/kycle/store/storetest"
)

// Stores whose counts are wrong. Each alters what the honest one says.
var countFlaws = []flaw{
	{
		name: "organizations by their beginning", why: "a pattern in place of an equals sign", promise: 10,
		count: func(s *broken, ctx context.Context, organization string, most int) ([]store.StatusCount, error) {
			s.Lock()
			found := map[string]int{}
			for _, b := range s.boxes {
				if strings.HasPrefix(b.index.Organization, organization) {
					found[b.index.Status]++
				}
			}
			s.Unlock()
			var counts []store.StatusCount
			for status, n := range found {
				counts = append(counts, store.CountOf(status, n, most))
			}
			slices.SortFunc(counts, byStatus)
			return counts, context.Cause(ctx)
		},
	},
	{
		name: "no bound", why: "a dashboard counts a million records every second", promise: 10,
		count: func(s *broken, ctx context.Context, organization string, most int) ([]store.StatusCount, error) {
			return s.Shelf.Count(ctx, organization, math.MaxInt)
		},
	},
	{
		name: "a bound that nobody is told of", why: "a hundred and more reads as a hundred", promise: 10,
		count: altered(func(c store.StatusCount, _ int) store.StatusCount {
			c.More = false
			return c
		}),
	},
	{
		name: "more at the bound", why: "exactly a hundred are no more than a hundred", promise: 10,
		count: altered(func(c store.StatusCount, most int) store.StatusCount {
			c.More = c.More || c.Count >= most
			return c
		}),
	},
	{
		name: "one bound for all", why: "the first status would leave nothing for the others", promise: 10,
		count: func(s *broken, ctx context.Context, organization string, most int) (counts []store.StatusCount, err error) {
			all, err := s.Shelf.Count(ctx, organization, math.MaxInt)
			left := max(most, 0)
			for _, c := range all {
				counts = append(counts, store.CountOf(c.Status, c.Count, left))
				left = max(left-c.Count, 0)
			}
			return counts, err
		},
	},
	{
		name: "most numerous first", why: "two answers can be compared only in one order", promise: 10,
		count: func(s *broken, ctx context.Context, organization string, most int) ([]store.StatusCount, error) {
			counts, err := s.Shelf.Count(ctx, organization, most)
			slices.SortStableFunc(counts, func(a, b store.StatusCount) int { return b.Count - a.Count })
			return counts, err
		},
	},
	{
		name: "in a language's order", why: "a database sorts by its collation", promise: 10, only: "statuses of any text are parted and in order",
		count: func(s *broken, ctx context.Context, organization string, most int) ([]store.StatusCount, error) {
			counts, err := s.Shelf.Count(ctx, organization, most)
			slices.SortStableFunc(counts, func(a, b store.StatusCount) int {
				return cmp.Compare(strings.ToLower(a.Status), strings.ToLower(b.Status))
			})
			return counts, err
		},
	},
	{
		name: "a status that nobody has", why: "a status is there as long as a record has it", promise: 10, only: "a count follows every commit",
		count: func(s *broken, ctx context.Context, organization string, most int) ([]store.StatusCount, error) {
			counts, err := s.Shelf.Count(ctx, organization, most)
			if len(counts) == 1 && counts[0].Status == "ended" && counts[0].Count > 3 {
				counts = append(counts, store.StatusCount{Status: "open"})
			}
			return counts, err
		},
	},
	{
		name: "counted where it was made", why: "a counter that only goes up, for births", promise: 10,
		commit: func(s *broken, ctx context.Context, changes []store.Change[thing]) error {
			before := s.look(firstOf(changes))
			err := s.Shelf.Commit(ctx, changes...)
			if err == nil && before.version > 0 {
				s.patch(changes[0], func(b *box) { b.index.Status = before.index.Status })
			}
			return err
		},
	},
	{
		name: "status by status", why: "a record that moves meanwhile is in both, or in neither", promise: 11,
		count: func(s *broken, ctx context.Context, organization string, most int) (counts []store.StatusCount, err error) {
			statuses, err := s.Shelf.Count(ctx, organization, 0)
			for _, c := range statuses {
				step()
				now, _ := s.Shelf.Count(ctx, organization, most)
				if i := slices.IndexFunc(now, func(n store.StatusCount) bool { return n.Status == c.Status }); i >= 0 {
					counts = append(counts, now[i])
				}
			}
			return counts, err
		},
	},
	{
		name: "cancelled context ignored by Count", why: "a shutdown waits for a count", promise: 9,
		count: func(s *broken, ctx context.Context, organization string, most int) ([]store.StatusCount, error) {
			return s.Shelf.Count(context.WithoutCancel(ctx), organization, most)
		},
	},
}

func byStatus(a, b store.StatusCount) int { return cmp.Compare(a.Status, b.Status) }

// altered is a Count of which each line is said in another way.
func altered(line func(c store.StatusCount, most int) store.StatusCount) func(*broken, context.Context, string, int) ([]store.StatusCount, error) {
	return func(s *broken, ctx context.Context, organization string, most int) ([]store.StatusCount, error) {
		counts, err := s.Shelf.Count(ctx, organization, most)
		for i := range counts {
			counts[i] = line(counts[i], most)
		}
		return counts, err
	}
}

// uncounted hides that a store counts.
type uncounted struct{ store.Repository[thing] }

// A store that does not count keeps the other promises, and each case that was not run says so.
func TestAStoreNeedNotCount(t *testing.T) {
	around := func(wrap func(store.Repository[thing]) store.Repository[thing]) func(context.Context) (storetest.Handles[thing], error) {
		return func(context.Context) (storetest.Handles[thing], error) {
			s := wrap(&Shelf{boxes: map[store.Key]box{}})
			return storetest.Handles[thing]{One: s, Two: s}, nil
		}
	}
	for _, c := range []struct {
		name, why string
		wrap      func(store.Repository[thing]) store.Repository[thing]
		skipped   int
	}{
		{"a counter", "nothing is left out", func(s store.Repository[thing]) store.Repository[thing] { return s }, 0},
		{"no counter", "counting is beside the port", func(s store.Repository[thing]) store.Repository[thing] { return uncounted{s} }, 6},
		{"around no counter", "a wrapper cannot say so by its type", func(s store.Repository[thing]) store.Repository[thing] {
			return fault.New[thing](uncounted{s})
		}, 6},
	} {
		skipped, err := storetest.Skipped(t.Context(), storetest.Things(nil), around(c.wrap))
		if err != nil || len(skipped) != c.skipped {
			t.Errorf("%s: error %v, skipped %v; want %d: %s", c.name, err, skipped, c.skipped, c.why)
		}
		for name, says := range skipped {
			if !strings.Contains(says, "SKIPPED") || !strings.Contains(says, "promises 10 and 11") {
				t.Errorf("%s: %q says only %q", c.name, name, says)
			}
		}
		if err := storetest.Check(t.Context(), storetest.Things(nil), around(c.wrap)); err != nil {
			t.Errorf("%s: %v: %s", c.name, err, c.why)
		}
	}
	if _, err := fault.New[thing](uncounted{}).Count(t.Context(), "", 1); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("error %v, want %v", err, errors.ErrUnsupported)
	}
}
