package storetest_test

import (
	"context"
	"errors"
	"slices"

	"github.com/kycle/kycle/refund"
	"github.com/kycle/kycle/store"
)

// expecting commits at whatever version a record has where guard lets it, as a statement
// does whose WHERE has the guard in the version's place. The entries' key is still unique.
func expecting(guard func(b box, c store.Change[thing]) bool) func(*broken, context.Context, []store.Change[thing]) error {
	return func(s *broken, ctx context.Context, changes []store.Change[thing]) error {
		s.turn.Lock()
		defer s.turn.Unlock()
		for i, c := range changes {
			if b := s.look(c); c.Expect > 0 && b.version > 0 && guard(b, c) {
				changes[i].Expect = b.version
				if len(c.Entries) > 0 && c.Entries[0].Seq != b.head.Seq+1 {
					return store.ErrConflict
				}
			}
		}
		return s.Shelf.Commit(ctx, changes...)
	}
}

// commitFlaws are of what one commit is.
var commitFlaws = []flaw{
	{
		name: "version forgotten in the WHERE", why: "a stay overwrites what it has not seen", promise: 2, with: []int{1, 3},
		commit: expecting(func(box, store.Change[thing]) bool { return true }),
	},
	{
		name: "status compared in the version's place", why: "a status comes round again", promise: 2, with: []int{1, 3},
		commit: expecting(func(b box, c store.Change[thing]) bool {
			from := c.Next.Status
			if len(c.Entries) > 0 {
				from = c.Entries[0].From
			}
			return b.index.Status == from
		}),
	},
	{
		name: "one of two records committed", why: "UPDATE of two rows by id and version takes those that match", promise: 1,
		commit: func(s *broken, ctx context.Context, changes []store.Change[thing]) error {
			err := s.Shelf.Commit(ctx, changes...)
			if len(changes) == 2 && errors.Is(err, store.ErrConflict) {
				first, second := s.Shelf.Commit(ctx, changes[0]), s.Shelf.Commit(ctx, changes[1])
				if first == nil || second == nil {
					return nil
				}
			}
			return err
		},
	},
	{
		name: "two records in two transactions", why: "the second may be refused after the first", promise: 1,
		commit: func(s *broken, ctx context.Context, changes []store.Change[thing]) error {
			for _, c := range changes {
				if err := s.Shelf.Commit(ctx, c); err != nil {
					return err
				}
			}
			return nil
		},
	},
	{
		name: "entries written outside the transaction", why: "there is a moment with the state and without its entry", promise: 1,
		commit: func(s *broken, ctx context.Context, changes []store.Change[thing]) error {
			s.turn.Lock()
			defer s.turn.Unlock()
			bare := slices.Clone(changes)
			for i, c := range changes {
				if err := c.Valid(schema); err != nil {
					return err
				}
				if len(c.Entries) > 0 && c.Entries[0].Seq != s.look(c).head.Seq+1 {
					return store.ErrConflict
				}
				bare[i].Entries = nil
			}
			if err := s.Shelf.Commit(ctx, bare...); err != nil {
				return err
			}
			step()
			for _, c := range changes {
				s.patch(c, func(b *box) {
					b.entries = slices.Clone(b.entries)
					for _, e := range c.Entries {
						b.entries, b.head = append(b.entries, packed{e.Encode(), slices.Clone(e.Salt), slices.Clone(e.Body)}), e.Head()
					}
				})
			}
			return nil
		},
	},
	{
		name: "commit error swallowed", why: "an error that comes only with the last row is not looked at", promise: 4,
		commit: func(s *broken, ctx context.Context, changes []store.Change[thing]) error {
			alive := ctx.Err() == nil
			err := s.Shelf.Commit(ctx, changes...)
			if err != nil && alive && errors.Is(err, context.Cause(ctx)) {
				return nil
			}
			return err
		},
	},
	{
		name: "unknown outcome told as failure", why: "the connection was lost after the write had reached the server", promise: 4,
		commit: func(s *broken, ctx context.Context, changes []store.Change[thing]) error {
			err := s.Shelf.Commit(ctx, changes...)
			if err == nil && ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return err
		},
	},
	{
		name: "receipt ignored", why: "inserted with ON CONFLICT DO NOTHING", promise: 5,
		commit: func(s *broken, ctx context.Context, changes []store.Change[thing]) error {
			for i, c := range changes {
				fresh := map[string]string{}
				for key, fingerprint := range c.Receipts {
					if _, there := s.look(c).receipts[key]; !there {
						fresh[key] = fingerprint
					}
				}
				changes[i].Receipts = fresh
			}
			return s.Shelf.Commit(ctx, changes...)
		},
	},
	{
		name: "charge key not unique", why: "an index is missing", promise: 5,
		commit: func(s *broken, ctx context.Context, changes []store.Change[thing]) error {
			twice := make([][]refund.Posting, len(changes))
			for i, c := range changes {
				once := slices.Clone(s.look(c).postings)
				there := len(once)
				for _, p := range c.Postings {
					if slices.ContainsFunc(once, func(q refund.Posting) bool { return q.Key == p.Key }) {
						twice[i] = append(twice[i], p)
					} else {
						once = append(once, p)
					}
				}
				changes[i].Postings = once[there:]
			}
			err := s.Shelf.Commit(ctx, changes...)
			for i, c := range changes {
				if err == nil {
					s.patch(c, func(b *box) { b.postings = append(slices.Clone(b.postings), twice[i]...) })
				}
			}
			return err
		},
	},
	{
		name: "entries upserted", why: "what was recorded is written anew", promise: 7,
		commit: func(s *broken, ctx context.Context, changes []store.Change[thing]) error {
			for _, c := range changes {
				b := s.look(c)
				if b.version != c.Expect || len(c.Entries) == 0 || c.Entries[0].Seq > b.head.Seq {
					continue
				}
				s.patch(c, func(b *box) {
					b.entries, b.head.Seq = slices.Clone(b.entries[:c.Entries[0].Seq-1]), c.Entries[0].Seq-1
				})
			}
			return s.Shelf.Commit(ctx, changes...)
		},
	},
}
