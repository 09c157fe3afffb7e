package storetest_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/kycle/kycle/refund"
	"github.com/kycle/kycle/store"
)

// altering commits what is left of a change after it was altered on its way to the store.
func altering(how func(c *store.Change[thing])) func(*broken, context.Context, []store.Change[thing]) error {
	return func(s *broken, ctx context.Context, changes []store.Change[thing]) error {
		for i := range changes {
			c := &changes[i]
			c.Postings, c.Receipts = slices.Clone(c.Postings), maps.Clone(c.Receipts)
			how(c)
		}
		return s.Shelf.Commit(ctx, changes...)
	}
}

// exactFlaws are of what a store does to what it is given.
var exactFlaws = []flaw{
	{
		name: "case folded", why: "the collation of the column", promise: 6,
		commit: altering(func(c *store.Change[thing]) {
			folded := map[string]string{}
			for key, fingerprint := range c.Receipts {
				folded[strings.ToLower(key)] = fingerprint
			}
			c.Receipts = folded
		}),
		load: func(s *broken, ctx context.Context, key store.Key, receipts []string) (store.Record[thing], error) {
			folded := make([]string, len(receipts))
			for i, name := range receipts {
				folded[i] = strings.ToLower(name)
			}
			r, err := s.Shelf.Load(ctx, key, folded...)
			asked := map[string]string{}
			for i, name := range receipts {
				if fingerprint, there := r.Receipts[folded[i]]; there {
					asked[name] = fingerprint
				}
			}
			r.Receipts = asked
			return r, err
		},
	},
	{
		name: "organization dropped from the key", why: "an id is thought to be unique anyway", promise: 6,
		commit: func(s *broken, ctx context.Context, changes []store.Change[thing]) error {
			s.Lock()
			for key := range s.boxes {
				if i := firstOf(changes).Next; i.ID == key.ID && i.Organization != key.Organization {
					s.Unlock()
					return store.ErrConflict
				}
			}
			s.Unlock()
			return s.Shelf.Commit(ctx, changes...)
		},
	},
	{
		name: "organization dropped from the history", why: "the WHERE has the id alone", promise: 6,
		history: func(s *broken, ctx context.Context, key store.Key, after uint64, limit int) (store.History, error) {
			s.Lock()
			for there := range s.boxes {
				if _, own := s.boxes[key]; there.ID == key.ID && !own {
					key = there
				}
			}
			s.Unlock()
			return s.Shelf.History(ctx, key, after, limit)
		},
	},
	{
		name: "time truncated to seconds", why: "the type of the column", promise: 6,
		commit: altering(func(c *store.Change[thing]) {
			c.Next.Due, c.Next.Created = c.Next.Due.Truncate(time.Second), c.Next.Created.Truncate(time.Second)
		}),
	},
	{
		name: "amount kept as a float", why: "there are whole numbers that it has not", promise: 6,
		commit: altering(func(c *store.Change[thing]) {
			for i := range c.Postings {
				if m := c.Postings[i].Minor; m < 1<<60 { // beyond, the conversion itself would fail
					c.Postings[i].Minor = int64(float64(m))
				}
			}
		}),
	},
	{
		name: "NUL dropped in silence", why: "what was hashed is not what is read", promise: 6,
		commit: altering(func(c *store.Change[thing]) {
			c.Next.Note = strings.ToValidUTF8(strings.ReplaceAll(c.Next.Note, "\x00", ""), "\ufffd")
		}),
	},
	{
		name: "body written as other JSON", why: "a JSON column keeps the meaning and not the bytes", promise: 6,
		history: func(s *broken, ctx context.Context, key store.Key, after uint64, limit int) (store.History, error) {
			h, err := s.Shelf.History(ctx, key, after, limit)
			for i, e := range h.Entries {
				var value any
				if json.Unmarshal(e.Body, &value) == nil {
					h.Entries[i].Body, _ = json.Marshal(value)
				}
			}
			return h, err
		},
	},
	{
		name: "slices shared with the writer", why: "the bytes are the caller's to use again", promise: 6,
		commit: func(s *broken, ctx context.Context, changes []store.Change[thing]) error {
			err := s.Shelf.Commit(ctx, changes...)
			for _, c := range changes {
				for _, e := range c.Entries {
					if err == nil {
						s.patch(c, func(b *box) { b.entries[e.Seq-1].body = e.Body })
					}
				}
			}
			return err
		},
	},
	{
		name: "maps shared among readers", why: "a cache hands one value to all", promise: 6,
		load: func(s *broken, ctx context.Context, key store.Key, receipts []string) (store.Record[thing], error) {
			r, err := s.Shelf.Load(ctx, key, receipts...)
			s.turn.Lock()
			defer s.turn.Unlock()
			if old, there := s.shared[key]; there && old.Version == r.Version {
				r.Value = old.Value
			}
			s.shared[key] = r
			return r, err
		},
	},
}

// readFlaws are of listings, histories and contexts.
var readFlaws = []flaw{
	{
		name: "history newest first in parts", why: "a limit cuts off what the order puts last", promise: 7,
		history: func(s *broken, ctx context.Context, key store.Key, after uint64, limit int) (store.History, error) {
			h, err := s.Shelf.History(ctx, key, after, 0)
			if limit > 0 {
				slices.Reverse(h.Entries)
				h.Entries = h.Entries[:min(limit, len(h.Entries))]
			}
			return h, err
		},
	},
	{
		name: "postings newest first", why: "a refund before its charge", promise: 7,
		history: func(s *broken, ctx context.Context, key store.Key, after uint64, limit int) (store.History, error) {
			h, err := s.Shelf.History(ctx, key, after, limit)
			slices.SortStableFunc(h.Postings, func(a, b refund.Posting) int { return cmp.Compare(b.Seq, a.Seq) })
			return h, err
		},
	},
	{
		name: "last page repeated", why: "an offset beyond the end is thought to be a mistake", promise: 8,
		list: func(s *broken, ctx context.Context, q store.Query) (store.Page[thing], error) {
			page, err := s.Shelf.List(ctx, q)
			if q.Offset >= page.Total && q.Limit > 0 {
				q.Offset = max(page.Total-1, 0) / q.Limit * q.Limit
				return s.Shelf.List(ctx, q)
			}
			return page, err
		},
	},
	{
		name: "ties in any order", why: "a sort by time alone", promise: 8,
		list: func(s *broken, ctx context.Context, q store.Query) (store.Page[thing], error) {
			whole := q
			whole.Offset, whole.Limit = 0, 1<<20
			page, err := s.Shelf.List(ctx, whole)
			slices.SortFunc(page.Records, func(a, b store.Record[thing]) int {
				return cmp.Or(b.Value.Created.Compare(a.Value.Created), cmp.Compare(a.Version, b.Version), bytes.Compare(b.Value.ID[:], a.Value.ID[:]))
			})
			page.Records = page.Records[min(q.Offset, page.Total):min(q.Offset+q.Limit, page.Total)]
			return page, err
		},
	},
	{
		name: "total of the page alone", why: "whoever asks how many there are is told the limit", promise: 8,
		list: func(s *broken, ctx context.Context, q store.Query) (store.Page[thing], error) {
			page, err := s.Shelf.List(ctx, q)
			page.Total = len(page.Records)
			return page, err
		},
	},
	{
		name: "cancelled context ignored", why: "a shutdown waits for a caller that has gone", promise: 9,
		commit: func(s *broken, ctx context.Context, changes []store.Change[thing]) error {
			return s.Shelf.Commit(context.WithoutCancel(ctx), changes...)
		},
	},
	{
		name: "cancelled context ignored by Due", why: "it leases what nobody will do", promise: 9,
		due: func(s *broken, ctx context.Context, now time.Time, lease time.Duration, limit int) ([]store.Key, error) {
			return s.Shelf.Due(context.WithoutCancel(ctx), now, lease, limit)
		},
	},
	{
		name: "context's cause not told", why: "nobody learns why it ended", promise: 9,
		load: func(s *broken, ctx context.Context, key store.Key, receipts []string) (store.Record[thing], error) {
			r, err := s.Shelf.Load(ctx, key, receipts...)
			if ctx.Err() != nil {
				err = ctx.Err()
			}
			return r, err
		},
	},
}
