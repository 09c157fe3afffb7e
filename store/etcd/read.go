package etcd

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/google/uuid"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kycle/kycle/store"
)

// pair is a key with what is there. Its value is the reader's own.
type pair struct {
	key     string
	value   []byte
	version int64 // how often it was put: a record's version
	mod     int64 // when it was last put; 0: it is not there
}

// batch is how many keys are asked for at once: fewer than a transaction may have, and few
// enough that an answer of ordinary records stays small.
const batch = 100

// find looks keys up, all at one revision: the one given, or the present one for 0. It
// gives those that are there, and the revision.
func (s *Store[A]) find(ctx context.Context, revision int64, keys ...string) (map[string]pair, int64, error) {
	found := make(map[string]pair, len(keys))
	for len(keys) > 0 {
		n := min(len(keys), batch)
		ops := make([]clientv3.Op, n)
		for i, key := range keys[:n] {
			ops[i] = clientv3.OpGet(key, clientv3.WithRev(revision))
		}
		answer, err := s.ask(ctx, ops...)
		if err != nil {
			return nil, 0, err
		}
		for _, response := range answer.Responses {
			for _, kv := range response.GetResponseRange().Kvs {
				found[string(kv.Key)] = pair{string(kv.Key), kv.Value, kv.Version, kv.ModRevision}
			}
		}
		// The next batch must see what this one saw, or it would be of another moment.
		if revision == 0 {
			revision = answer.Header.Revision
		}
		keys = keys[n:]
	}
	return found, revision, nil
}

// page is a part of a range of keys.
type page struct {
	pairs    []pair
	total    int   // keys in the range, those left out included
	revision int64 // at which it was so; the next page is asked for at the same
}

// scan reads the first keys of a range, at most limit, at a revision (0: the present one).
// A page shorter than limit is the last.
func (s *Store[A]) scan(ctx context.Context, revision int64, from, to string, limit int) (page, error) {
	answer, err := s.ask(ctx, clientv3.OpGet(from, clientv3.WithRange(to), clientv3.WithLimit(int64(limit)), clientv3.WithRev(revision)))
	if err != nil {
		return page{}, err
	}
	r := answer.Responses[0].GetResponseRange()
	p := page{total: int(r.Count), revision: revision}
	if revision == 0 {
		p.revision = answer.Header.Revision
	}
	for _, kv := range r.Kvs {
		p.pairs = append(p.pairs, pair{string(kv.Key), kv.Value, kv.Version, kv.ModRevision})
	}
	return p, nil
}

// Load returns the record of a key, with those of the receipts asked for that it has, in
// one read; by exclusive key or session in two, of one moment. It fails with store.ErrNotFound, and
// with store.ErrUnavailable where no member answered for 2.5 seconds or in the context's time.
func (s *Store[A]) Load(ctx context.Context, key store.Key, receipts ...string) (record store.Record[A], err error) {
	if err := alive(ctx, "load"); err != nil {
		return record, err
	}
	err = steady(func() error {
		record = store.Record[A]{}
		p, revision, err := s.place(ctx, key)
		if err != nil {
			return err
		}
		keys := []string{s.keys.record(p)}
		for _, name := range receipts {
			keys = append(keys, s.keys.receipt(p, name))
		}
		found, _, err := s.find(ctx, revision, keys...)
		if err != nil {
			return err
		}
		stored, ok := found[keys[0]]
		if !ok {
			return store.ErrNotFound
		}
		if record, err = s.record(stored); err != nil {
			return err
		}
		record.Receipts = map[string]string{}
		for i, name := range receipts {
			if fingerprint, ok := found[keys[i+1]]; ok {
				record.Receipts[name] = string(fingerprint.value)
			}
		}
		return nil
	})
	if err != nil {
		return store.Record[A]{}, failed(ctx, "load", err)
	}
	return record, nil
}

// place finds out where the record of a key is. The revision is the one at which it was
// there, or 0 if there was nothing to look up. A text that no key can hold is not asked
// for: nothing is there.
func (s *Store[A]) place(ctx context.Context, key store.Key) (p place, revision int64, err error) {
	switch {
	case !store.ValidText(key.Organization) || !store.ValidText(key.ExclusiveKey) || !store.ValidText(key.Session):
		return p, 0, store.ErrNotFound
	case key.ID != uuid.Nil:
		return place{key.Organization, key.ID}, 0, nil
	case key.ExclusiveKey != "":
		at := s.keys.exclusive(key.Organization, key.ExclusiveKey)
		found, revision, err := s.find(ctx, 0, at)
		if err != nil {
			return p, 0, err
		}
		if _, ok := found[at]; !ok {
			return p, 0, store.ErrNotFound
		}
		if p, err = parseHolder(key.Organization, found[at].value); err != nil {
			return p, 0, err
		}
		return p, revision, nil
	case key.Session != "":
		at := s.keys.session(key.Session)
		found, revision, err := s.find(ctx, 0, at)
		if err != nil {
			return p, 0, err
		}
		if _, ok := found[at]; !ok {
			return p, 0, store.ErrNotFound
		}
		p, err = parseSession(found[at].value)
		if err == nil && key.Organization != "" && key.Organization != p.organization {
			err = store.ErrNotFound
		}
		return p, revision, err
	}
	return p, 0, store.ErrNotFound
}

// record decodes what was read. The head stands beside the value: the entries are not read.
func (s *Store[A]) record(stored pair) (store.Record[A], error) {
	facts, data, err := parseRecord(stored.value)
	if err != nil {
		return store.Record[A]{}, err
	}
	value, err := s.schema.Decode(data)
	if err != nil {
		return store.Record[A]{}, fmt.Errorf("decode: %w", err)
	}
	return store.Record[A]{Value: value, Version: uint64(stored.version), Head: facts.head()}, nil
}

// History returns at most limit entries (0: all) after a sequence, and all postings, of
// one moment. An entry that cannot be read comes back marked, for audit.Verify to name.
func (s *Store[A]) History(ctx context.Context, key store.Key, after uint64, limit int) (h store.History, err error) {
	if err := alive(ctx, "history"); err != nil {
		return h, err
	}
	err = steady(func() error {
		h = store.History{}
		p, revision, err := s.place(ctx, key)
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		// The books first: they have at least one answer, and so settle the revision.
		books := s.keys.books(p)
		revision, err = s.each(ctx, revision, books, books, 0, func(at pair) error {
			posting, err := parsePosting(at.value)
			h.Postings = append(h.Postings, posting)
			return err
		})
		if err != nil || after == math.MaxUint64 { // no entry can follow that one
			return err
		}
		entries := s.keys.entries(p)
		_, err = s.each(ctx, revision, entries, entries+number(after+1), limit, func(at pair) error {
			h.Entries = append(h.Entries, parseEntry(at.value))
			return nil
		})
		return err
	})
	if err != nil {
		return store.History{}, failed(ctx, "history", err)
	}
	return h, nil
}

// each hands on what begins with a prefix, from a key on, at most limit (0: all), a batch
// at a time and all at one revision, which it returns.
func (s *Store[A]) each(ctx context.Context, revision int64, prefix, from string, limit int, do func(pair) error) (int64, error) {
	if limit <= 0 {
		limit = math.MaxInt
	}
	for {
		n := min(batch, limit)
		page, err := s.scan(ctx, revision, from, clientv3.GetPrefixRangeEnd(prefix), n)
		if err != nil {
			return 0, err
		}
		revision = page.revision
		for _, at := range page.pairs {
			if err := do(at); err != nil {
				return 0, err
			}
			from = at.key + "\x00" // the least key behind this one
		}
		if limit -= len(page.pairs); len(page.pairs) < n || limit == 0 {
			return revision, nil
		}
	}
}
