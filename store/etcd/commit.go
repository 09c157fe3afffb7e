package etcd

import (
	"context"
	"fmt"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/store"
)

// row is a change as it will be written.
type row[A any] struct {
	store.Change[A]
	index store.Index
	place place
	data  []byte
}

// Commit makes one change, or two: the record replaced, then the new one, in one read and
// one transaction. It fails with store.ErrConflict, store.ErrDuplicate, store.ErrText,
// *TooLarge, store.ErrUnavailable, or store.ErrUnknownOutcome.
func (s *Store[A]) Commit(ctx context.Context, changes ...store.Change[A]) error {
	if err := alive(ctx, "commit"); err != nil || len(changes) == 0 {
		return err
	}
	if len(changes) > 2 {
		return fmt.Errorf("%w: more than a record and the one it replaces", errUnfit)
	}
	rows := make([]row[A], len(changes))
	for i, c := range changes {
		if err := c.Valid(s.schema); err != nil {
			return fmt.Errorf("etcd: commit: %w", err)
		}
		data, err := s.schema.Encode(c.Next)
		if err != nil {
			return fmt.Errorf("etcd: encode: %w", err)
		}
		if !store.ValidText(string(data)) {
			return fmt.Errorf("etcd: encode: %w", store.ErrText)
		}
		index := s.schema.Index(c.Next)
		rows[i] = row[A]{c, index, placeOf(index), data}
	}
	if err := s.commit(ctx, rows); err != nil {
		return failed(ctx, "commit", err)
	}
	return nil
}

// commit looks, and then writes if nothing of what it saw has changed: all versions first,
// then exclusive keys and sessions, then postings and receipts.
func (s *Store[A]) commit(ctx context.Context, rows []row[A]) error {
	there, _, err := s.find(ctx, 0, s.sights(rows)...)
	if err != nil {
		return err
	}
	for i, r := range rows {
		if uint64(there[s.keys.record(r.place)].version) != r.Expect || i > 0 && r.place == rows[0].place {
			return fmt.Errorf("version: %w", store.ErrConflict)
		}
	}
	// From here on the looks are facts: the transaction holds only if they still are.
	t := &transaction{there: there, writes: map[string]write{}}
	for _, r := range rows {
		if err := s.write(t, r); err != nil {
			return err
		}
	}
	compares, ops, err := t.operations()
	if err != nil {
		return err
	}
	return s.tell(ctx, compares, ops)
}

// sights are the keys that the rows rest on.
// A record that is there has its exclusive key and session already; its version guards them.
func (s *Store[A]) sights(rows []row[A]) (keys []string) {
	for _, r := range rows {
		keys = append(keys, s.keys.record(r.place), s.keys.status(r.index.Status))
		if r.Expect == 0 && r.index.ExclusiveKey != "" {
			keys = append(keys, s.keys.exclusive(r.place.organization, r.index.ExclusiveKey))
		}
		if r.Expect == 0 && r.index.Session != "" {
			keys = append(keys, s.keys.session(r.index.Session))
		}
		for _, p := range r.Postings {
			keys = append(keys, s.keys.posting(r.place.organization, p.Key))
		}
		for name := range r.Receipts {
			keys = append(keys, s.keys.receipt(r.place, name))
		}
	}
	return keys
}

// write adds one row to a transaction.
func (s *Store[A]) write(t *transaction, r row[A]) error {
	at := s.keys.record(r.place)
	t.version(at, r.Expect)
	var head audit.Head
	var err error
	if r.Expect == 0 {
		err = s.take(t, r)
	} else {
		head, err = s.leave(t, r)
	}
	if err != nil {
		return err
	}
	if head, err = s.append(t, r, head); err != nil {
		return err
	}
	value, err := recordValue(factsOf(r.index, head), r.data)
	if err != nil {
		return err
	}
	t.put(at, value) // once, or the version would count two
	t.put(s.keys.listed(r.index), listedValue(r.index))
	if status := s.keys.status(r.index.Status); t.there[status].mod == 0 {
		t.put(status, "") // nothing rests on it: whoever else puts it says the same
	}
	if !r.index.Due.IsZero() {
		t.put(s.keys.due(r.index), "") // also where it stays the same: a commit ends the lease
	}
	return nil
}

// take gives a new record its exclusive key and session. It fails where another holds one of
// them and does not give it up in this commit.
func (s *Store[A]) take(t *transaction, r row[A]) error {
	if r.index.ExclusiveKey != "" && !t.claim(s.keys.exclusive(r.place.organization, r.index.ExclusiveKey), string(r.place.id[:])) ||
		r.index.Session != "" && !t.claim(s.keys.session(r.index.Session), sessionValue(r.place)) {
		return fmt.Errorf("exclusive key or session: %w", store.ErrConflict)
	}
	t.put(s.keys.standing(r.index), "")
	return nil
}

// leave takes away the keys by which a record was found and no longer is, and gives the
// head of its chain.
func (s *Store[A]) leave(t *transaction, r row[A]) (audit.Head, error) {
	f, _, err := parseRecord(t.there[s.keys.record(r.place)].value)
	if err != nil {
		return audit.Head{}, err
	}
	before := f.index(r.place)
	if r.index.ExclusiveKey != "" && r.index.ExclusiveKey != f.ExclusiveKey || r.index.Session != f.Session || r.index.Created.UnixMicro() != f.Created {
		return audit.Head{}, fmt.Errorf("%w: exclusive key, session and creation are settled when it is made", errUnfit)
	}
	if f.ExclusiveKey != "" && r.index.ExclusiveKey == "" { // a successor in this commit may claim it
		t.remove(s.keys.exclusive(r.place.organization, f.ExclusiveKey))
	}
	t.remove(s.keys.listed(before)) // put again by the next write, mostly
	if before.Status != r.index.Status {
		t.remove(s.keys.standing(before))
		t.put(s.keys.standing(r.index), "")
	}
	if f.Due != nil {
		t.remove(s.keys.due(before))
	}
	return f.head(), nil
}

// append writes what is only ever added to, and gives the head behind it. That it is not
// there yet is certain as long as the record's version is the one looked at.
func (s *Store[A]) append(t *transaction, r row[A], head audit.Head) (audit.Head, error) {
	for i := range r.Entries {
		e := &r.Entries[i]
		if e.Seq != head.Seq+1 || e.Prev != head.Hash {
			return head, fmt.Errorf("%w: entry %d does not follow entry %d", errUnfit, e.Seq, head.Seq)
		}
		t.put(s.keys.entries(r.place)+number(e.Seq), entryValue(e))
		head = e.Head()
	}
	for _, p := range r.Postings {
		if !t.claim(s.keys.posting(r.place.organization, p.Key), s.schema.Kind+"\x00"+string(r.place.id[:])) {
			return head, fmt.Errorf("posting: %w", store.ErrDuplicate)
		}
		value, err := postingValue(p)
		if err != nil {
			return head, err
		}
		t.put(s.keys.books(r.place)+number(p.Seq)+string(p.Key[:]), value)
	}
	for name, fingerprint := range r.Receipts {
		if !t.claim(s.keys.receipt(r.place, name), fingerprint) {
			return head, fmt.Errorf("receipt: %w", store.ErrDuplicate)
		}
	}
	return head, nil
}
