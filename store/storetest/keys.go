package storetest

import (
	"errors"
	"fmt"

	"github.com/kycle/kycle/refund"
	"github.com/kycle/kycle/store"
)

// keyCases are of postings and receipts, which are there once, for ever.
func keyCases[A any]() []testCase[A] {
	return []testCase[A]{
		{5, "a second posting of a key is refused", "nobody is charged twice, whatever is retried", secondPosting[A]},
		{5, "a second receipt of a key is refused", "a webhook delivered twice is told once", secondReceipt[A]},
		{5, "a refused duplicate leaves nothing", "the state must not move without its posting", duplicateLeavesNothing[A]},
		{5, "receipts belong to their record", "another record may have been brought the same event", receiptsBelong[A]},
		{5, "racing writers bring one key once", "the receipt is what makes rivals agree", raceReceipt[A]},
	}
}

func secondPosting[A any](s *suite[A]) {
	f := facts(1)
	w := with{effects: []string{refund.Charged}}
	s.commit(s.change(store.Record[A]{}, f, w))
	for range 2 { // for ever: also after other commits
		s.refused(store.ErrDuplicate, s.change(s.load(f.key()), f.noted("charged again"), w))
		s.commit(s.change(s.load(f.key()), f.noted("not charged"), with{}))
	}
	s.books(f.key(), 3, 1)
	twice := s.change(store.Record[A]{}, facts(2), with{effects: []string{refund.Charged, refund.Charged}})
	s.refused(store.ErrDuplicate, twice)
	s.missing(facts(2).key())
}

func secondReceipt[A any](s *suite[A]) {
	f := facts(1)
	s.commit(s.change(store.Record[A]{}, f, with{receipts: map[string]string{"key": "first"}}))
	for _, fingerprint := range []string{"first", "other"} {
		w := with{entries: -1, receipts: map[string]string{"fresh": "1", "key": fingerprint}}
		s.refused(store.ErrDuplicate, s.change(s.load(f.key()), f.noted("again"), w))
		s.commit(s.change(s.load(f.key()), f.noted("between"), with{}))
	}
	got := s.load(f.key(), "key", "fresh", "never").Receipts
	if len(got) != 1 || got["key"] != "first" {
		s.Fatalf("receipts %v, want the first alone", got)
	}
}

func duplicateLeavesNothing[A any](s *suite[A]) {
	f := facts(1)
	made := s.change(store.Record[A]{}, f, with{effects: []string{refund.Charged}, receipts: map[string]string{"key": "1"}})
	s.commit(made)
	record := s.load(f.key())
	s.refused(store.ErrDuplicate, s.change(record, f.ended("refused"), with{effects: []string{refund.Charged}, receipts: map[string]string{"fresh": "1"}}))
	s.refused(store.ErrDuplicate, s.change(record, f.ended("refused"), with{effects: []string{refund.Refunded}, receipts: map[string]string{"key": "2", "fresh": "1"}}))
	s.is(made)
	s.books(f.key(), 1, 1)
	s.commit(s.change(record, f.ended("good"), with{effects: []string{refund.Refunded}, receipts: map[string]string{"fresh": "1"}}))
	s.books(f.key(), 2, 2)
}

func receiptsBelong[A any](s *suite[A]) {
	for n := range 3 {
		w := with{receipts: map[string]string{"key": fmt.Sprint(n), "own" + fmt.Sprint(n): ""}}
		s.commit(s.change(store.Record[A]{}, facts(n), w))
	}
	for n := range 3 {
		got := s.load(facts(n).key(), "key", "own0", "own1", "own2").Receipts
		if own, ok := got["own"+fmt.Sprint(n)]; len(got) != 2 || got["key"] != fmt.Sprint(n) || !ok || own != "" {
			s.Fatalf("record %d has the receipts %v", n, got)
		}
		if got := s.load(facts(n).key()).Receipts; len(got) > 0 {
			s.Fatalf("receipts that nobody asked for: %v", got)
		}
	}
}

func raceReceipt[A any](s *suite[A]) {
	f := facts(1)
	s.create(f)
	errs := s.race(rivals, func(i int, repo store.Repository[A]) error {
		call := name("call", i)
		var found store.Record[A]
		reads := []store.Read[A]{{Key: f.key(), Receipts: []string{"event"}, Into: &found}}
		return store.Update(s.ctx, repo, call, store.Limits{Attempts: 1000}, reads, func() ([]store.Change[A], error) {
			if _, seen := found.Receipts["event"]; seen {
				return nil, nil
			}
			w := with{call: call, receipts: map[string]string{"event": fmt.Sprint(i)}}
			return []store.Change[A]{s.change(found, f.noted("told"), w)}, nil
		})
	})
	if err := errors.Join(errs...); err != nil {
		s.Fatalf("update: %v", err)
	}
	s.books(f.key(), 2, 0)
}
