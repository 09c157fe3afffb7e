package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/refund"
	"github.com/kycle/kycle/store"
)

// suite is one case under way: a subject, and two handles on a store of its own.
type suite[A any] struct {
	reporter
	Subject[A]
	one, two store.Repository[A]
	ctx      context.Context
}

// epoch is when everything in the suite begins. It is a whole second, so that a store
// that keeps no more is found out where microseconds are the matter, and not everywhere.
var epoch = time.Date(2024, 2, 29, 23, 59, 59, 0, time.UTC)

// name gives a UUID that is the same for equal words.
func name(words ...any) uuid.UUID { return uuid.NewSHA1(uuid.NameSpaceOID, fmt.Append(nil, words...)) }

// facts are those of the n-th value: an id, an owner and a session of its own.
func facts(n int) Facts {
	return Facts{
		Organization: "org_a", ID: name("id", n), Owner: name("owner", n).String(), Session: name("session", n).String(),
		Exclusive: true, Created: epoch.Add(time.Duration(n) * time.Minute), Due: epoch.AddDate(1, 0, 0), Note: "made",
	}
}

// ended are the facts of a value after its end, with another note.
func (f Facts) ended(note string) Facts {
	f.Exclusive, f.Ended, f.Due, f.Note = false, true, time.Time{}, note
	return f
}

func (f Facts) noted(note string) Facts {
	f.Note = note
	return f
}

func (f Facts) key() store.Key { return store.Key{Organization: f.Organization, ID: f.ID} }

// with is what a change brings beside the value.
type with struct {
	call     uuid.UUID
	entries  int      // how many; 0: one; -1: none
	effects  []string // of refund; their postings name the change's first entry
	receipts map[string]string
	amount   int64 // of a posting; 0: 500
	salt     []byte
	body     []byte
	why      string
	at       time.Time // when everything happened; zero: the epoch
}

// change decides on a record, which is the zero Record for a creation.
func (s *suite[A]) change(on store.Record[A], f Facts, w with) store.Change[A] {
	next := s.Make(f)
	index := s.Index(next)
	subject := audit.Subject{Organization: f.Organization, Kind: s.Kind, ID: f.ID}
	c := store.Change[A]{Next: next, Expect: on.Version, Receipts: w.receipts}
	if w.at.IsZero() {
		w.at = epoch
	}
	if w.amount == 0 {
		w.amount = 500
	}
	for _, effect := range w.effects {
		amount := refund.Amount{Minor: w.amount, Currency: "AUD"}
		if p, ok := refund.Post(effect, refund.Subject(subject), amount, on.Head.Seq+1, w.at); ok {
			c.Postings = append(c.Postings, p)
		}
	}
	var from string
	if on.Version > 0 {
		from = s.Index(on.Value).Status
	}
	head := on.Head
	if w.entries == 0 {
		w.entries = 1
	}
	for i := range max(w.entries, 0) {
		e := audit.Entry{
			Subject: subject, Call: w.call, Event: "told", From: from, To: index.Status, Verdict: audit.Moved, Why: w.why,
			Actor:      audit.Actor{Organization: f.Organization, Kind: audit.Person, ID: "user_a"},
			OccurredAt: w.at, RecordedAt: w.at, Salt: w.salt, Body: w.body,
			Changes: []audit.Change{{Field: "status", From: from, To: index.Status}},
		}
		for _, p := range c.Postings {
			if i == 0 {
				e.Postings = append(e.Postings, p.Line())
			}
		}
		e, head = audit.Append(head, e)
		from = index.Status
		c.Entries = append(c.Entries, e)
	}
	return c
}

// create commits a new value and returns the change that made it.
func (s *suite[A]) create(f Facts) store.Change[A] {
	s.Helper()
	c := s.change(store.Record[A]{}, f, with{})
	s.commit(c)
	return c
}

func (s *suite[A]) commit(changes ...store.Change[A]) {
	s.Helper()
	if err := s.one.Commit(s.ctx, changes...); err != nil {
		s.Fatalf("commit: %v", err)
	}
}

// refused commits and wants an error: target, or any where target is nil.
func (s *suite[A]) refused(target error, changes ...store.Change[A]) {
	s.Helper()
	err := s.one.Commit(s.ctx, changes...)
	if err == nil || target != nil && !errors.Is(err, target) {
		s.Fatalf("commit: error %v, want %v", err, target)
	}
}

// load reads through the second handle what the first has committed.
func (s *suite[A]) load(key store.Key, receipts ...string) store.Record[A] {
	s.Helper()
	record, err := s.two.Load(s.ctx, key, receipts...)
	if err != nil {
		s.Fatalf("load: %v", err)
	}
	return record
}

func (s *suite[A]) missing(key store.Key) {
	s.Helper()
	if _, err := s.two.Load(s.ctx, key); !errors.Is(err, store.ErrNotFound) {
		s.Fatalf("load of a record that must not be there: error %v, want %v", err, store.ErrNotFound)
	}
}

func (s *suite[A]) history(key store.Key, after uint64, limit int) store.History {
	s.Helper()
	h, err := s.two.History(s.ctx, key, after, limit)
	if err != nil {
		s.Fatalf("history: %v", err)
	}
	return h
}

// is wants a record to be exactly what a change left.
func (s *suite[A]) is(c store.Change[A]) {
	s.Helper()
	record := s.load(s.Index(c.Next).Key())
	if record.Version != c.Expect+1 {
		s.Fatalf("version %d, want %d", record.Version, c.Expect+1)
	}
	if !s.Equal(record.Value, c.Next) {
		s.Fatalf("value %+v\nwant  %+v", record.Value, c.Next)
	}
	if n := len(c.Entries); n > 0 && record.Head != c.Entries[n-1].Head() {
		s.Fatalf("head %+v, want %+v", record.Head, c.Entries[n-1].Head())
	}
}

// books wants a record to have so many entries and postings, whole and in agreement.
func (s *suite[A]) books(key store.Key, entries, postings int) {
	s.Helper()
	h := s.history(key, 0, 0)
	subject := audit.Subject{Organization: key.Organization, Kind: s.Kind, ID: key.ID}
	if err := audit.Verify(subject, h.Entries); err != nil {
		s.Fatalf("verify: %v", err)
	}
	if found := h.Reconcile(subject); len(found) > 0 {
		s.Fatalf("reconcile: %v", found)
	}
	if len(h.Entries) != entries || len(h.Postings) != postings {
		s.Fatalf("%d entries and %d postings, want %d and %d", len(h.Entries), len(h.Postings), entries, postings)
	}
}

// race runs n calls at once, on both handles by turns, and returns their errors.
func (s *suite[A]) race(n int, call func(i int, repo store.Repository[A]) error) []error {
	errs := make([]error, n)
	start := make(chan struct{})
	var all sync.WaitGroup
	for i := range n {
		repo := s.one
		if i%2 == 1 {
			repo = s.two
		}
		all.Go(func() {
			<-start // so that none has finished before the last has begun
			errs[i] = call(i, repo)
		})
	}
	close(start)
	all.Wait()
	return errs
}

// oneWon wants exactly one success, and ErrConflict for everybody else.
func (s *suite[A]) oneWon(errs []error) (winner int) {
	s.Helper()
	winner = -1
	for i, err := range errs {
		switch {
		case err == nil && winner < 0:
			winner = i
		case err == nil:
			s.Fatalf("both %d and %d succeeded", winner, i)
		case !errors.Is(err, store.ErrConflict):
			s.Fatalf("a loser got %v, want %v", err, store.ErrConflict)
		}
	}
	if winner < 0 {
		s.Fatalf("nobody succeeded: %v", errs[0])
	}
	return winner
}
