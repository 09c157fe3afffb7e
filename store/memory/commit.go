package memory

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/refund"
	"github.com/kycle/kycle/store"
)

// errUnfit: a change that no decision on the present record can have made.
var errUnfit = errors.New("memory: the change does not fit the record")

// Commit makes one change, or two: the record replaced, then the new one. It fails with
// store.ErrConflict, store.ErrDuplicate or store.ErrText; its outcome is always known.
func (s *Store[A]) Commit(ctx context.Context, changes ...store.Change[A]) error {
	if err := alive(ctx, "commit"); err != nil {
		return err
	}
	if len(changes) > 2 {
		return fmt.Errorf("%w: more than a record and the one it replaces", errUnfit)
	}
	encoded := make([][]byte, len(changes))
	for i, c := range changes {
		if err := c.Valid(s.schema); err != nil {
			return fmt.Errorf("memory: commit: %w", err)
		}
		data, err := s.schema.Encode(c.Next)
		if err != nil {
			return fmt.Errorf("memory: encode: %w", err)
		}
		if !store.ValidText(string(data)) {
			return fmt.Errorf("memory: encode: %w", store.ErrText)
		}
		encoded[i] = bytes.Clone(data)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	rows, err := s.prepare(changes, encoded)
	if err != nil {
		return err
	}
	s.apply(rows)
	return nil
}

// prepare gives the rows as they will be, without a change to those that are: all
// versions first, then exclusive keys, then postings and receipts.
func (s *Store[A]) prepare(changes []store.Change[A], encoded [][]byte) ([]*row, error) {
	for i, c := range changes {
		at := s.rows[placeOf(s.schema.Index(c.Next))]
		twice := i > 0 && placeOf(s.schema.Index(c.Next)) == placeOf(s.schema.Index(changes[0].Next))
		if twice || (at == nil) != (c.Expect == 0) || at != nil && at.version != c.Expect {
			return nil, fmt.Errorf("memory: commit: version: %w", store.ErrConflict)
		}
	}
	rows := make([]*row, len(changes))
	for i, c := range changes {
		index := s.schema.Index(c.Next)
		// To the microsecond, as a database keeps them.
		index.Due, index.Created = index.Due.Truncate(time.Microsecond), index.Created.Truncate(time.Microsecond)
		next := &row{receipts: map[string]string{}}
		if at := s.rows[placeOf(index)]; at != nil {
			next = at.clone()
			if index.ExclusiveKey != "" && index.ExclusiveKey != at.index.ExclusiveKey || index.Session != at.index.Session ||
				!index.Created.Equal(at.index.Created) {
				return nil, fmt.Errorf("%w: exclusive key, session and creation are settled when it is made", errUnfit)
			}
		} else if s.taken(index, rows[:i]) {
			return nil, fmt.Errorf("memory: commit: exclusive key or session: %w", store.ErrConflict)
		}
		next.index, next.version, next.data, next.leased = index, c.Expect+1, encoded[i], time.Time{}
		if err := next.append(c.Entries, c.Postings, c.Receipts); err != nil {
			return nil, err
		}
		rows[i] = next
	}
	return rows, nil
}

func placeOf(i store.Index) place { return place{i.Organization, i.ID} }

// taken tells whether another record has the session or holds the exclusive key of a new
// one. A record that gives the key up in this same commit does not count.
func (s *Store[A]) taken(index store.Index, before []*row) bool {
	if _, there := s.sessions[index.Session]; there && index.Session != "" {
		return true
	}
	holder, there := s.holders[exclusive{index.Organization, index.ExclusiveKey}]
	if !there || index.ExclusiveKey == "" {
		return false
	}
	return !slices.ContainsFunc(before, func(r *row) bool {
		return placeOf(r.index) == holder && r.index.ExclusiveKey == ""
	})
}

// append adds to a row what is only ever added to.
func (r *row) append(entries []audit.Entry, postings []refund.Posting, receipts map[string]string) error {
	for i := range entries {
		e := &entries[i]
		var last uint64
		if n := len(r.entries); n > 0 {
			last = r.entries[n-1].seq
		}
		if e.Seq != last+1 {
			return fmt.Errorf("%w: entry %d after entry %d", errUnfit, e.Seq, last)
		}
		r.entries = append(r.entries, entry{e.Seq, e.Encode(), bytes.Clone(e.Salt), bytes.Clone(e.Body)})
	}
	for _, p := range postings {
		if slices.ContainsFunc(r.postings, func(q refund.Posting) bool { return q.Key == p.Key }) {
			return fmt.Errorf("memory: commit: posting: %w", store.ErrDuplicate)
		}
		p.At = p.At.UTC().Truncate(time.Microsecond)
		r.postings = append(r.postings, p)
	}
	for key, fingerprint := range receipts {
		if _, there := r.receipts[key]; there {
			return fmt.Errorf("memory: commit: receipt: %w", store.ErrDuplicate)
		}
		r.receipts[key] = fingerprint
	}
	return nil
}

func (s *Store[A]) apply(rows []*row) {
	for _, r := range rows {
		p := placeOf(r.index)
		if old := s.rows[p]; old != nil && old.index.ExclusiveKey != "" && r.index.ExclusiveKey == "" {
			delete(s.holders, exclusive{old.index.Organization, old.index.ExclusiveKey})
		}
		if r.index.ExclusiveKey != "" {
			s.holders[exclusive{p.organization, r.index.ExclusiveKey}] = p
		}
		if r.index.Session != "" {
			s.sessions[r.index.Session] = p
		}
		s.rows[p] = r
	}
}
