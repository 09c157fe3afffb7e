package storetest_test

import (
	"context"
	"errors"
	"time"

	"github.com/kycle/kycle/store"
)

// rivals tells whether another record holds the exclusive key of a creation, or has its session,
// which is looked at outside of the commit.
func (s *broken) rivals(i store.Index) bool {
	s.Lock()
	defer s.Unlock()
	return taken(s.boxes, i)
}

// creating commits a creation alone with some of its facts left out, and puts them back
// afterwards: nothing in the store guards them.
func creating(leave func(s *broken, next *thing) error) func(*broken, context.Context, []store.Change[thing]) error {
	return func(s *broken, ctx context.Context, changes []store.Change[thing]) error {
		if len(changes) != 1 || changes[0].Expect != 0 {
			return s.Shelf.Commit(ctx, changes...)
		}
		whole := changes[0]
		if err := whole.Valid(schema); err != nil {
			return err
		}
		if err := leave(s, &changes[0].Next); err != nil {
			return err
		}
		err := s.Shelf.Commit(ctx, changes[0])
		if err == nil {
			value, _ := schema.Encode(whole.Next) // it went through the commit
			s.patch(whole, func(b *box) { b.index, b.value = schema.Index(whole.Next), value })
		}
		return err
	}
}

// racingFlaws are of what rivals get.
var racingFlaws = []flaw{
	{
		name: "guarded by the entry's number", why: "without an entry the version is only looked at before", promise: 3,
		only: "one writer without an entry wins a version",
		commit: func(s *broken, ctx context.Context, changes []store.Change[thing]) error {
			if len(changes) != 1 || changes[0].Expect == 0 || len(changes[0].Entries) > 0 {
				return s.Shelf.Commit(ctx, changes...)
			}
			if s.look(changes[0]).version != changes[0].Expect {
				return store.ErrConflict
			}
			step()
			s.turn.Lock()
			defer s.turn.Unlock()
			changes[0].Expect = s.look(changes[0]).version
			return s.Shelf.Commit(ctx, changes[0])
		},
	},
	{
		name: "current flag checked by a read first", why: "two rivals may both have looked before either writes", promise: 3,
		commit: creating(func(s *broken, next *thing) error {
			if held := (store.Index{Organization: next.Organization, ExclusiveKey: next.ExclusiveKey}); s.rivals(held) {
				return store.ErrConflict
			}
			step()
			next.ExclusiveKey = ""
			return nil
		}),
	},
	{
		name: "session not unique", why: "a webhook finds either of two", promise: 3,
		commit: creating(func(_ *broken, next *thing) error {
			next.Session = ""
			return nil
		}),
	},
	{
		name: "exclusive key never given up", why: "an update does not write that column", promise: 3,
		commit: func(s *broken, ctx context.Context, changes []store.Change[thing]) error {
			key := s.look(firstOf(changes)).index.ExclusiveKey
			err := s.Shelf.Commit(ctx, changes...)
			if err == nil && len(changes) == 1 && key != "" {
				s.patch(changes[0], func(b *box) { b.index.ExclusiveKey = key })
			}
			return err
		},
	},
	{
		name: "duplicate key told before a stale version", why: "the loser does not load again, and never sees why", promise: 3,
		commit: func(s *broken, ctx context.Context, changes []store.Change[thing]) error {
			for _, c := range changes {
				for key := range c.Receipts {
					if _, there := s.look(c).receipts[key]; there {
						return store.ErrDuplicate
					}
				}
			}
			return s.Shelf.Commit(ctx, changes...)
		},
	},
	{
		name: "driver's error for a loser", why: "the unique index speaks, and nobody translates", promise: 3,
		commit: func(s *broken, ctx context.Context, changes []store.Change[thing]) error {
			err := s.Shelf.Commit(ctx, changes...)
			if errors.Is(err, store.ErrConflict) && len(changes) == 1 && changes[0].Expect == 0 && s.look(changes[0]).version == 0 {
				return errors.New("test: UNIQUE constraint failed")
			}
			return err
		},
	},
	{
		name: "lease ignored", why: "two sweepers do everything twice", promise: 8,
		due: func(s *broken, ctx context.Context, now time.Time, _ time.Duration, limit int) ([]store.Key, error) {
			return s.Shelf.Due(ctx, now, 0, limit)
		},
	},
	{
		name: "leased after it was read", why: "two sweepers may both have read before either leases", promise: 8,
		due: func(s *broken, ctx context.Context, now time.Time, lease time.Duration, limit int) ([]store.Key, error) {
			keys, err := s.Shelf.Due(ctx, now, 0, limit)
			step()
			for _, key := range keys {
				s.patch(of(key), func(b *box) { b.leased = now.Add(lease) })
			}
			return keys, err
		},
	},
	{
		name: "lease outlives a commit", why: "what falls due anew waits for a sweeper that has done", promise: 8,
		commit: func(s *broken, ctx context.Context, changes []store.Change[thing]) error {
			leased := s.look(firstOf(changes)).leased
			err := s.Shelf.Commit(ctx, changes...)
			if err == nil && len(changes) > 0 {
				s.patch(changes[0], func(b *box) { b.leased = leased })
			}
			return err
		},
	},
}

// firstOf is the first change, or one of no record.
func firstOf(changes []store.Change[thing]) (c store.Change[thing]) {
	if len(changes) > 0 {
		c = changes[0]
	}
	return c
}
