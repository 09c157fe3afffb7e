package storetest_test

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/refund"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/storetest"
)

// Shelf is a whole store over a map, written from the comment of package store alone. What
// a host writes over its own tables has the same five methods and the same order of steps,
// and Count if it likes.
type Shelf struct {
	sync.Mutex
	boxes map[store.Key]box // by organization and id
}

// box is one record as it is kept: encoded, so that nothing is shared with a caller.
type box struct {
	index    store.Index
	value    []byte
	version  uint64
	leased   time.Time // no Due returns it before
	head     audit.Head
	entries  []packed
	postings []refund.Posting
	receipts map[string]string
}

// packed is an audit entry as its canonical bytes, with what they hold the digest of.
type packed struct{ bytes, salt, body []byte }

var schema = storetest.ThingSchema()

// Commit changes a copy of everything, which takes the place of what there is once nothing
// can fail any more: promises 1 and 4.
func (s *Shelf) Commit(ctx context.Context, changes ...store.Change[thing]) (err error) {
	s.Lock()
	defer s.Unlock()
	for _, c := range changes { // promise 2, and of all records before anything else: promise 3
		if s.boxes[schema.Index(c.Next).Key()].version != c.Expect {
			return store.ErrConflict
		}
	}
	next := maps.Clone(s.boxes)
	for _, c := range changes {
		key := schema.Index(c.Next).Key()
		if next[key], err = after(next, c); err != nil {
			return err
		}
	}
	if ctx.Err() != nil {
		return context.Cause(ctx) // promise 9
	}
	s.boxes = next
	return nil
}

// after is a record as a change leaves it, among the others as they are by then.
func after(boxes map[store.Key]box, c store.Change[thing]) (b box, err error) {
	b = boxes[schema.Index(c.Next).Key()] // the zero box for a creation
	b.index, b.version, b.leased = schema.Index(c.Next), c.Expect+1, time.Time{}
	b.entries, b.postings, b.receipts = slices.Clone(b.entries), slices.Clone(b.postings), maps.Collect(maps.All(b.receipts))
	if b.value, err = schema.Encode(c.Next); cmp.Or(c.Valid(schema), err) != nil {
		return b, cmp.Or(c.Valid(schema), err) // promise 6: ErrText
	}
	if c.Expect == 0 && taken(boxes, b.index) {
		return b, store.ErrConflict // promise 3
	}
	for key, fingerprint := range c.Receipts {
		if _, there := b.receipts[key]; there {
			return b, store.ErrDuplicate // promise 5
		}
		b.receipts[key] = fingerprint
	}
	for _, e := range c.Entries {
		if e.Seq != b.head.Seq+1 {
			return b, fmt.Errorf("shelf: entry %d does not follow entry %d", e.Seq, b.head.Seq) // promise 7
		}
		b.entries = append(b.entries, packed{e.Encode(), bytes.Clone(e.Salt), bytes.Clone(e.Body)})
		b.head = e.Head()
	}
	for _, p := range c.Postings {
		if slices.ContainsFunc(b.postings, func(q refund.Posting) bool { return q.Key == p.Key }) {
			return b, store.ErrDuplicate // promise 5
		}
		b.postings = append(b.postings, p)
	}
	return b, nil
}

// taken tells whether a record holds a new one's exclusive key, or has its session.
func taken(boxes map[store.Key]box, i store.Index) bool {
	for _, b := range boxes {
		if i.ExclusiveKey != "" && b.index.ExclusiveKey == i.ExclusiveKey && b.index.Organization == i.Organization ||
			i.Session != "" && b.index.Session == i.Session {
			return true
		}
	}
	return false
}

// Load finds a record in one of three ways; with it come those receipts asked for that it has.
func (s *Shelf) Load(ctx context.Context, k store.Key, receipts ...string) (r store.Record[thing], err error) {
	s.Lock()
	defer s.Unlock()
	for key, b := range s.boxes {
		if k == key || k.ExclusiveKey != "" && k == (store.Key{Organization: key.Organization, ExclusiveKey: b.index.ExclusiveKey}) ||
			k.Session != "" && k == (store.Key{Session: b.index.Session}) {
			r, err = b.record()
			r.Receipts = maps.Clone(b.receipts)
			maps.DeleteFunc(r.Receipts, func(name, _ string) bool { return !slices.Contains(receipts, name) })
			return r, cmp.Or(err, context.Cause(ctx))
		}
	}
	return r, cmp.Or(context.Cause(ctx), store.ErrNotFound)
}

// record decodes a box anew each time, so that a load is the caller's: promise 6.
func (b box) record() (r store.Record[thing], err error) {
	r.Version, r.Head = b.version, b.head
	r.Value, err = schema.Decode(b.value)
	return r, err
}

// List sorts by creation and id, and cuts the page out: promise 8.
func (s *Shelf) List(ctx context.Context, q store.Query) (page store.Page[thing], err error) {
	s.Lock()
	defer s.Unlock()
	found := s.sorted(func(a, b box) int { return b.index.Created.Compare(a.index.Created) }, func(b box) bool {
		return b.index.Organization == q.Organization && b.index.Owner == q.Owner &&
			(q.Status == "" || q.Status == b.index.Status) && (q.Current == nil || *q.Current == b.index.Current)
	})
	page.Total = len(found)
	for _, b := range found[min(q.Offset, len(found)):min(q.Offset+q.Limit, len(found))] {
		r, failed := b.record()
		page.Records, err = append(page.Records, r), cmp.Or(err, failed)
	}
	return page, cmp.Or(err, context.Cause(ctx))
}

// sorted gives the boxes that are asked for, ties by id.
func (s *Shelf) sorted(order func(a, b box) int, keep func(box) bool) []box {
	all := slices.Collect(maps.Values(s.boxes))
	return slices.SortedFunc(slices.Values(slices.DeleteFunc(all, func(b box) bool { return !keep(b) })), func(a, b box) int {
		return cmp.Or(order(a, b), bytes.Compare(a.index.ID[:], b.index.ID[:]))
	})
}

// Due finds what is due and not leased, and leases it: promise 8.
func (s *Shelf) Due(ctx context.Context, now time.Time, lease time.Duration, limit int) (keys []store.Key, err error) {
	s.Lock()
	defer s.Unlock()
	for _, b := range s.sorted(func(a, b box) int {
		return cmp.Or(cmp.Compare(a.index.DueRank, b.index.DueRank), a.index.Due.Compare(b.index.Due))
	}, func(b box) bool {
		return !b.index.Due.IsZero() && !b.index.Due.After(now) && !b.leased.After(now)
	}) {
		if len(keys) < limit && ctx.Err() == nil {
			keys = append(keys, b.index.Key())
			b.leased = now.Add(lease)
			s.boxes[b.index.Key()] = b
		}
	}
	return keys, context.Cause(ctx)
}

// History unpacks the entries; one that cannot be read comes back marked: promise 7.
func (s *Shelf) History(ctx context.Context, key store.Key, after uint64, limit int) (h store.History, err error) {
	s.Lock()
	defer s.Unlock()
	b := s.boxes[key]
	for i, e := range b.entries {
		if uint64(i) >= after && (limit == 0 || len(h.Entries) < limit) {
			entry, _ := audit.Decode(e.bytes, bytes.Clone(e.salt), bytes.Clone(e.body)) // the error is the mark
			h.Entries = append(h.Entries, entry)
		}
	}
	h.Postings = slices.Clone(b.postings) // they came in the order of their entries
	return h, context.Cause(ctx)
}

// Count makes the Shelf a store.Counter, which a store need not be: promises 10 and 11.
func (s *Shelf) Count(ctx context.Context, organization string, most int) (counts []store.StatusCount, err error) {
	s.Lock()
	defer s.Unlock()
	found := map[string]int{}
	for _, b := range s.boxes {
		if organization == "" || organization == b.index.Organization {
			found[b.index.Status]++
		}
	}
	for _, status := range slices.Sorted(maps.Keys(found)) {
		counts = append(counts, store.CountOf(status, found[status], most))
	}
	return counts, context.Cause(ctx)
}

func TestTheExampleKeepsThePromises(t *testing.T) {
	storetest.Run(t, storetest.Things(func(*testing.T) (one, two store.Repository[thing]) {
		shelf := &Shelf{boxes: map[store.Key]box{}}
		return shelf, shelf
	}))
}
