package storetest_test

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/kycle/kycle/store"
)

// dueBy is Due with another order, of a batch that was cut out by yet another.
func (s *broken) dueBy(
	ctx context.Context, now time.Time, lease time.Duration, limit int, cut, order func(a, b box) int,
) ([]store.Key, error) {
	s.Lock()
	defer s.Unlock()
	found := s.sorted(cut, func(b box) bool {
		return !b.index.Due.IsZero() && !b.index.Due.After(now) && !b.leased.After(now)
	})
	found = found[:min(limit, len(found))]
	slices.SortStableFunc(found, order)
	var keys []store.Key
	for _, b := range found {
		if ctx.Err() == nil {
			keys = append(keys, b.index.Key())
			b.leased = now.Add(lease)
			s.boxes[b.index.Key()] = b
		}
	}
	return keys, context.Cause(ctx)
}

func byDue(a, b box) int  { return a.index.Due.Compare(b.index.Due) }
func byRank(a, b box) int { return cmp.Compare(a.index.DueRank, b.index.DueRank) }
func bySignedRank(a, b box) int {
	return cmp.Or(cmp.Compare(int8(a.index.DueRank), int8(b.index.DueRank)), byDue(a, b))
}

// Stores that break promise 8 by the order of what is due.
var dueFlaws = []flaw{
	{
		name: "ranks ignored", why: "a hundred calls that fail stand before one deadline for ever", promise: 8,
		due: func(s *broken, ctx context.Context, now time.Time, lease time.Duration, limit int) ([]store.Key, error) {
			return s.dueBy(ctx, now, lease, limit, byDue, byDue)
		},
	},
	{
		name: "ranks within a batch", why: "the batch was cut out before anybody looked at a rank", promise: 8,
		due: func(s *broken, ctx context.Context, now time.Time, lease time.Duration, limit int) ([]store.Key, error) {
			return s.dueBy(ctx, now, lease, limit, byDue, byRank)
		},
	},
	{
		name: "ranks with a sign", why: "a rank above 127 is no negative number", promise: 8,
		due: func(s *broken, ctx context.Context, now time.Time, lease time.Duration, limit int) ([]store.Key, error) {
			return s.dueBy(ctx, now, lease, limit, bySignedRank, bySignedRank)
		},
	},
	{
		name: "lowest rank alone", why: "a batch has room for more, and those it leaves out wait for another sweep", promise: 8,
		due: func(s *broken, ctx context.Context, now time.Time, lease time.Duration, limit int) ([]store.Key, error) {
			keys, err := s.Shelf.Due(ctx, now, 0, limit)
			if len(keys) == 0 {
				return keys, err
			}
			lowest := s.look(of(keys[0])).index.DueRank
			n := slices.IndexFunc(keys, func(k store.Key) bool { return s.look(of(k)).index.DueRank > lowest })
			if n < 0 {
				n = len(keys)
			}
			return s.Shelf.Due(ctx, now, lease, n)
		},
	},
	{
		name: "rank settled at creation", why: "what is owed changes in the life of a record",
		promise: 8, only: "a commit changes the rank",
		commit: func(s *broken, ctx context.Context, changes []store.Change[thing]) error {
			there, rank := s.look(firstOf(changes)).version > 0, s.look(firstOf(changes)).index.DueRank
			err := s.Shelf.Commit(ctx, changes...)
			if err == nil && there {
				s.patch(changes[0], func(b *box) { b.index.DueRank = rank })
			}
			return err
		},
	},
}

// of names a record by a change of it.
func of(k store.Key) store.Change[thing] {
	return store.Change[thing]{Next: thing{Organization: k.Organization, ID: k.ID}}
}
