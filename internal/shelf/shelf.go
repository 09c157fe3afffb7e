// Package shelf is a repository for tests that search: its content is a value. Lives never
// change, so a search takes any of them off the shelf, tries a step, and puts back what was
// there. It keeps the promises of package store that one goroutine can see, and no others.
package shelf

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/refund"
	"github.com/kycle/kycle/store"
)

// Life is one record as one commit left it, on top of all that was committed before.
type Life[A any] struct {
	store.Record[A] // without receipts: see Receipt
	Change          store.Change[A]
	Before          *Life[A] // nil: this commit brought it into being
}

// Take is the life after one more commit, as any store would keep it; of nil, the first.
func (l *Life[A]) Take(c store.Change[A]) *Life[A] {
	next := &Life[A]{Record: store.Record[A]{Value: c.Next, Version: c.Expect + 1}, Change: c, Before: l}
	if l != nil {
		next.Head = l.Head
	}
	if n := len(c.Entries); n > 0 {
		next.Head = c.Entries[n-1].Head()
	}
	return next
}

// Since lists the commits after another life, the oldest first; after nil, all.
func (l *Life[A]) Since(start *Life[A]) (list []*Life[A]) {
	for ; l != start && l != nil; l = l.Before {
		list = append(list, l)
	}
	slices.Reverse(list)
	return list
}

// History is everything that was ever written.
func (l *Life[A]) History() (h store.History) {
	for _, commit := range l.Since(nil) {
		h.Entries = append(h.Entries, commit.Change.Entries...)
		h.Postings = append(h.Postings, commit.Change.Postings...)
	}
	return h
}

// Receipt is what the record remembers under a key.
func (l *Life[A]) Receipt(key string) (fingerprint string, there bool) {
	for ; l != nil && !there; l = l.Before {
		fingerprint, there = l.Change.Receipts[key]
	}
	return fingerprint, there
}

// Asked is the record with those of the receipts that it has, as Load gives it.
func (l *Life[A]) Asked(keys ...string) store.Record[A] {
	r := l.Record
	r.Receipts = map[string]string{}
	for _, key := range keys {
		if fingerprint, there := l.Receipt(key); there {
			r.Receipts[key] = fingerprint
		}
	}
	return r
}

// Shelf is a store.Repository over lives, in the order of their creation.
type Shelf[A any] struct {
	Schema store.Schema[A]
	Lives  []*Life[A]
}

func (s *Shelf[A]) find(k store.Key) int {
	return slices.IndexFunc(s.Lives, func(l *Life[A]) bool {
		index := s.Schema.Index(l.Value)
		switch {
		case k.ID != uuid.Nil:
			return k.ID == index.ID
		case k.ExclusiveKey != "":
			return k.ExclusiveKey == index.ExclusiveKey
		}
		return k.Session == index.Session
	})
}

func (s *Shelf[A]) Load(_ context.Context, k store.Key, receipts ...string) (store.Record[A], error) {
	i := s.find(k)
	if i < 0 {
		return store.Record[A]{}, store.ErrNotFound
	}
	return s.Lives[i].Asked(receipts...), nil
}

func (s *Shelf[A]) Commit(_ context.Context, changes ...store.Change[A]) error {
	next := slices.Clone(s.Lives)
	for _, c := range changes {
		if err := c.Valid(s.Schema); err != nil {
			return err
		}
		var life *Life[A]
		i := s.find(s.Schema.Index(c.Next).Key())
		if i < 0 {
			i, next = len(next), append(next, nil)
		} else {
			life = next[i]
		}
		switch {
		case life == nil && c.Expect != 0, life != nil && life.Version != c.Expect:
			return store.ErrConflict
		case life.posted(c.Postings), life.received(c.Receipts):
			return store.ErrDuplicate
		}
		next[i] = life.Take(c)
	}
	held := map[string]bool{}
	for _, l := range next {
		key := s.Schema.Index(l.Value).ExclusiveKey
		if key != "" && held[key] {
			return store.ErrConflict
		}
		held[key] = true
	}
	s.Lives = next
	return nil
}

func (l *Life[A]) posted(postings []refund.Posting) bool {
	for ; l != nil && len(postings) > 0; l = l.Before {
		for _, p := range postings {
			if slices.ContainsFunc(l.Change.Postings, func(q refund.Posting) bool { return q.Key == p.Key }) {
				return true
			}
		}
	}
	return false
}

func (l *Life[A]) received(receipts map[string]string) bool {
	for key := range receipts {
		if _, there := l.Receipt(key); there {
			return true
		}
	}
	return false
}

// List fails: no search lists anything.
func (s *Shelf[A]) List(context.Context, store.Query) (store.Page[A], error) {
	return store.Page[A]{}, errors.New("shelf: nothing is listed")
}

// Due orders as every store does, and leases nothing.
func (s *Shelf[A]) Due(_ context.Context, now time.Time, _ time.Duration, limit int) (keys []store.Key, err error) {
	var due []store.Index
	for _, l := range s.Lives {
		if index := s.Schema.Index(l.Value); !index.Due.IsZero() && !index.Due.After(now) {
			due = append(due, index)
		}
	}
	slices.SortFunc(due, func(a, b store.Index) int {
		return cmp.Or(cmp.Compare(a.DueRank, b.DueRank), a.Due.Compare(b.Due), bytes.Compare(a.ID[:], b.ID[:]))
	})
	for _, index := range due[:min(max(limit, 0), len(due))] {
		keys = append(keys, index.Key())
	}
	return keys, nil
}

func (s *Shelf[A]) History(_ context.Context, k store.Key, after uint64, _ int) (store.History, error) {
	i := s.find(k)
	if i < 0 {
		return store.History{}, nil
	}
	h := s.Lives[i].History()
	h.Entries = h.Entries[min(after, uint64(len(h.Entries))):]
	return h, nil
}
