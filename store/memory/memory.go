package memory

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/refund"
	"github.com/kycle/kycle/store"
)

// Store is a store.Repository. All its methods may be called at once.
type Store[A any] struct {
	schema store.Schema[A]

	mu       sync.Mutex
	rows     map[place]*row
	holders  map[exclusive]place
	sessions map[string]place
}

// place is where a record is; an organization never sees another's.
type place struct {
	organization string
	id           uuid.UUID
}

// exclusive is an exclusive key, which one record of an organization holds at a time.
type exclusive struct{ organization, key string }

// row is all there is of one record. Nothing in it is shared with a caller.
type row struct {
	index    store.Index // strings and times only: a copy of its own
	version  uint64
	data     []byte
	leased   time.Time // no Due returns it before
	entries  []entry
	postings []refund.Posting
	receipts map[string]string
}

// entry is an audit entry as a database keeps it.
type entry struct {
	seq                uint64
	stored, salt, body []byte
}

// New makes an empty store for the aggregates of a schema.
func New[A any](schema store.Schema[A]) *Store[A] {
	return &Store[A]{schema: schema, rows: map[place]*row{}, holders: map[exclusive]place{}, sessions: map[string]place{}}
}

// Load returns the record of a key, with those of the receipts asked for that it has. It
// fails with store.ErrNotFound, and with audit.ErrFormat where the last entry cannot be
// read.
func (s *Store[A]) Load(ctx context.Context, key store.Key, receipts ...string) (store.Record[A], error) {
	if err := alive(ctx, "load"); err != nil {
		return store.Record[A]{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.find(key)
	if r == nil {
		return store.Record[A]{}, fmt.Errorf("memory: load: %w", store.ErrNotFound)
	}
	record, err := s.record(r)
	if err != nil {
		return store.Record[A]{}, err
	}
	record.Receipts = map[string]string{}
	for _, name := range receipts {
		if fingerprint, ok := r.receipts[name]; ok {
			record.Receipts[name] = fingerprint
		}
	}
	return record, nil
}

func (s *Store[A]) find(key store.Key) *row {
	switch {
	case key.ID != uuid.Nil:
		return s.rows[place{key.Organization, key.ID}]
	case key.ExclusiveKey != "":
		if p, ok := s.holders[exclusive{key.Organization, key.ExclusiveKey}]; ok {
			return s.rows[p]
		}
	case key.Session != "":
		p, ok := s.sessions[key.Session]
		if ok && (key.Organization == "" || key.Organization == p.organization) {
			return s.rows[p]
		}
	}
	return nil
}

// record decodes a row anew, so that what it returns is the caller's.
func (s *Store[A]) record(r *row) (record store.Record[A], err error) {
	if record.Value, err = s.schema.Decode(bytes.Clone(r.data)); err != nil {
		return store.Record[A]{}, fmt.Errorf("memory: decode: %w", err)
	}
	record.Version = r.version
	if n := len(r.entries); n > 0 {
		last, err := r.entries[n-1].decode()
		if err != nil {
			return store.Record[A]{}, fmt.Errorf("memory: the last entry: %w", err)
		}
		record.Head = last.Head()
	}
	return record, nil
}

func (e entry) decode() (audit.Entry, error) {
	return audit.Decode(bytes.Clone(e.stored), bytes.Clone(e.salt), bytes.Clone(e.body))
}

// List returns one page of an owner's records, newest first, ties by id.
func (s *Store[A]) List(ctx context.Context, q store.Query) (store.Page[A], error) {
	if err := alive(ctx, "list"); err != nil {
		return store.Page[A]{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var rows []*row
	for _, r := range s.rows {
		if r.index.Organization == q.Organization && r.index.Owner == q.Owner &&
			(q.Status == "" || r.index.Status == q.Status) &&
			(q.Current == nil || r.index.Current == *q.Current) {
			rows = append(rows, r)
		}
	}
	slices.SortFunc(rows, func(a, b *row) int {
		return cmp.Or(b.index.Created.Compare(a.index.Created), bytes.Compare(a.index.ID[:], b.index.ID[:]))
	})
	page := store.Page[A]{Total: len(rows)}
	from := min(max(q.Offset, 0), len(rows))
	for _, r := range rows[from : from+min(max(q.Limit, 0), len(rows)-from)] {
		record, err := s.record(r)
		if err != nil {
			return store.Page[A]{}, err
		}
		page.Records = append(page.Records, record)
	}
	return page, nil
}

// Due returns at most limit keys of records due at now, by rank, time and id, and leases
// them until now + lease. A lease of 0 leases nothing.
func (s *Store[A]) Due(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]store.Key, error) {
	if err := alive(ctx, "due"); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var rows []*row
	for _, r := range s.rows {
		if !r.index.Due.IsZero() && !r.index.Due.After(now) && !r.leased.After(now) {
			rows = append(rows, r)
		}
	}
	slices.SortFunc(rows, func(a, b *row) int {
		return cmp.Or(cmp.Compare(a.index.DueRank, b.index.DueRank), a.index.Due.Compare(b.index.Due),
			bytes.Compare(a.index.ID[:], b.index.ID[:]))
	})
	var keys []store.Key
	for _, r := range rows[:min(max(limit, 0), len(rows))] {
		if lease > 0 {
			r.leased = now.Add(lease)
		}
		keys = append(keys, r.index.Key())
	}
	return keys, nil
}

var _ store.Counter = (*Store[any])(nil)

// Count is that of store.Counter. It looks at every record.
func (s *Store[A]) Count(ctx context.Context, organization string, most int) ([]store.StatusCount, error) {
	if err := alive(ctx, "count"); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	found := map[string]int{}
	for _, r := range s.rows {
		if organization == "" || r.index.Organization == organization {
			found[r.index.Status]++
		}
	}
	counts := make([]store.StatusCount, 0, len(found))
	for _, status := range slices.Sorted(maps.Keys(found)) {
		counts = append(counts, store.CountOf(status, found[status], most))
	}
	return counts, nil
}

// History returns at most limit entries (0: all) after a sequence, and all postings. An
// entry that cannot be read comes back marked, for audit.Verify to name.
func (s *Store[A]) History(ctx context.Context, key store.Key, after uint64, limit int) (store.History, error) {
	if err := alive(ctx, "history"); err != nil {
		return store.History{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var h store.History
	r := s.find(key)
	if r == nil {
		return h, nil
	}
	for _, e := range r.entries {
		if e.seq <= after {
			continue
		}
		if limit > 0 && len(h.Entries) == limit {
			break
		}
		// The error is left out on purpose: the entry is marked, and is evidence.
		decoded, _ := e.decode()
		h.Entries = append(h.Entries, decoded)
	}
	h.Postings = slices.Clone(r.postings)
	slices.SortStableFunc(h.Postings, func(a, b refund.Posting) int { return cmp.Compare(a.Seq, b.Seq) })
	return h, nil
}

// alive ends a method whose context has ended.
func alive(ctx context.Context, what string) error {
	if ctx.Err() != nil {
		return fmt.Errorf("memory: %s: %w", what, context.Cause(ctx))
	}
	return nil
}

// clone gives a row that can be changed without the old one noticing.
func (r *row) clone() *row {
	c := *r
	c.entries, c.postings = slices.Clone(r.entries), slices.Clone(r.postings)
	c.receipts = maps.Clone(r.receipts)
	return &c
}
