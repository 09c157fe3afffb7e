package storetest

import (
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/refund"
	"github.com/kycle/kycle/store"
)

// replacement gives a value that is there and holds its owner's exclusive key, the change by
// which it gives the key up, and the one of the successor that takes it.
func (s *suite[A]) replacement(n int, w with) (prior store.Change[A], up, successor store.Change[A]) {
	f := facts(n)
	prior = s.create(f)
	next := facts(n + 1000)
	next.Owner = f.Owner
	if key := s.Index(prior.Next).ExclusiveKey; key == "" || key != s.Index(s.Make(next)).ExclusiveKey {
		s.Fatalf("the subject's Make gives no common exclusive key to two values of one owner: %q", key)
	}
	f.Exclusive, f.Note = false, "replaced"
	up = s.change(s.load(f.key()), f, with{effects: w.effects})
	return prior, up, s.change(store.Record[A]{}, next, w)
}

func commitCases[A any]() []testCase[A] {
	return []testCase[A]{
		{1, "a change arrives whole", "state, entries, postings and receipts are one write", wholeChange[A]},
		{1, "a replacement arrives whole", "the exclusive key passes on in the same commit", wholeReplacement[A]},
		{1, "a stale prior leaves nothing of its successor", "each record's guard holds for both", stalePrior[A]},
		{1, "a successor that is ahead leaves its prior alone", "each record's guard holds for both", aheadSuccessor[A]},
		{1, "an existing successor leaves its prior alone", "each record's guard holds for both", existingSuccessor[A]},
		{1, "a duplicate in the second leaves nothing of the first", "the last thing looked at may refuse", lateDuplicate[A]},
		{1, "no changes are no commit", "there is nothing that could fail", func(s *suite[A]) { s.commit() }},
		{1, "readers see whole commits", "all or nothing holds for the eyes too", raceReaders[A]},
		{2, "versions count commits", "the next writer expects what the last one left", versionsCount[A]},
		{2, "every other version is refused", "stale, ahead, missing or there already", otherVersions[A]},
		{2, "a status that came round again is no licence", "a cycle defeats a guard by status", cycle[A]},
	}
}

func wholeChange[A any](s *suite[A]) {
	f := facts(1)
	made := s.change(store.Record[A]{}, f, with{effects: []string{refund.Charged}, receipts: map[string]string{"made": "1"}})
	s.commit(made)
	s.is(made)
	s.books(f.key(), 1, 1)
	ended := s.change(s.load(f.key()), f.ended("done"), with{entries: 2, effects: []string{refund.Refunded}, receipts: map[string]string{"ended": "2"}})
	s.commit(ended)
	s.is(ended)
	s.books(f.key(), 3, 2)
	if got := s.load(f.key(), "made", "ended").Receipts; len(got) != 2 || got["made"] != "1" || got["ended"] != "2" {
		s.Fatalf("receipts %v", got)
	}
	stay := s.change(s.load(f.key()), f.ended("a stay"), with{entries: -1})
	s.commit(stay)
	s.is(stay)
	if got, want := s.load(f.key()).Head, ended.Entries[1].Head(); got != want {
		s.Fatalf("a change without entries moved the head to %+v from %+v", got, want)
	}
}

func wholeReplacement[A any](s *suite[A]) {
	prior, up, successor := s.replacement(1, with{effects: []string{refund.Charged}, receipts: map[string]string{"made": "1"}})
	s.commit(up, successor)
	s.is(up)
	s.is(successor)
	s.books(s.Index(up.Next).Key(), 2, 1)
	s.books(s.Index(successor.Next).Key(), 1, 1)
	key := store.Key{Organization: "org_a", ExclusiveKey: s.Index(prior.Next).ExclusiveKey}
	if got, want := s.Index(s.load(key).Value).ID, s.Index(successor.Next).ID; got != want {
		s.Fatalf("%s holds the exclusive key, want the successor %s", got, want)
	}
}

// untouched wants a replacement to have left no trace, by trying its parts for real.
func (s *suite[A]) untouched(prior, successor store.Change[A]) {
	s.Helper()
	key := s.Index(successor.Next).Key()
	s.missing(key)
	if h := s.history(key, 0, 0); len(h.Entries)+len(h.Postings) > 0 {
		s.Fatalf("the successor is not there, and has %d entries and %d postings", len(h.Entries), len(h.Postings))
	}
	s.is(prior)
	s.books(s.Index(prior.Next).Key(), len(prior.Entries), len(prior.Postings))
}

func stalePrior[A any](s *suite[A]) {
	for i, expect := range []uint64{0, 2, 7} {
		prior, up, successor := s.replacement(i, with{effects: []string{refund.Charged}, receipts: map[string]string{"made": "1"}})
		good := up.Expect
		up.Expect = expect
		s.refused(store.ErrConflict, up, successor)
		s.untouched(prior, successor)
		free := facts(i + 2000) // one that no exclusive key keeps out
		free.Exclusive = false
		alone := s.change(store.Record[A]{}, free, with{})
		s.refused(store.ErrConflict, up, alone)
		s.untouched(prior, alone)
		up.Expect = good
		s.commit(up, successor) // nothing of the refused one is in its way
	}
}

func aheadSuccessor[A any](s *suite[A]) {
	prior, up, successor := s.replacement(1, with{effects: []string{refund.Charged}})
	ahead := successor
	ahead.Expect = 1 // and it is not there
	s.refused(store.ErrConflict, up, ahead)
	s.untouched(prior, successor)
	s.commit(up, successor)
}

func existingSuccessor[A any](s *suite[A]) {
	prior, up, successor := s.replacement(1, with{receipts: map[string]string{"made": "1"}})
	taken := facts(1001) // the successor's id
	there := s.create(taken)
	s.refused(store.ErrConflict, up, successor)
	s.is(prior)
	s.books(s.Index(prior.Next).Key(), 1, 0)
	s.is(there)
	s.books(taken.key(), 1, 0)
	if got := s.load(taken.key(), "made").Receipts; len(got) > 0 {
		s.Fatalf("the refused creation left the receipts %v", got)
	}
}

func lateDuplicate[A any](s *suite[A]) {
	prior, up, successor := s.replacement(1, with{effects: []string{refund.Charged}})
	twice := successor
	twice.Postings = append(twice.Postings[:1:1], successor.Postings...)
	err := s.one.Commit(s.ctx, up, twice)
	if err == nil {
		return // promise 5 is broken, and its cases say so
	}
	s.untouched(prior, successor)
	s.commit(up, successor)
}

// raceReaders lets one write, one entry and one version a commit, and all others read
// until it has done: version and head, entries and postings, must agree at every moment.
func raceReaders[A any](s *suite[A]) {
	const count = 30
	var done atomic.Bool
	write := func(repo store.Repository[A]) error {
		defer done.Store(true)
		for n := range count {
			made := s.change(store.Record[A]{}, facts(n), with{effects: []string{refund.Charged}})
			on := store.Record[A]{Value: made.Next, Version: 1, Head: made.Entries[0].Head()}
			ended := s.change(on, facts(n).ended("done"), with{effects: []string{refund.Refunded}})
			if err := errors.Join(repo.Commit(s.ctx, made), repo.Commit(s.ctx, ended)); err != nil {
				return err
			}
		}
		return nil
	}
	read := func(n int, repo store.Repository[A]) error {
		key := facts(n).key()
		h, err := repo.History(s.ctx, key, 0, 0)
		if err != nil {
			return err
		}
		subject := audit.Subject{Organization: key.Organization, Kind: s.Kind, ID: key.ID}
		if found := h.Reconcile(subject); len(found) > 0 {
			return fmt.Errorf("a history with half a commit: %v", found)
		}
		record, err := repo.Load(s.ctx, key)
		switch {
		case errors.Is(err, store.ErrNotFound):
			return nil
		case err == nil && record.Version != record.Head.Seq:
			return fmt.Errorf("version %d with the head of entry %d", record.Version, record.Head.Seq)
		}
		return err
	}
	errs := s.race(4, func(i int, repo store.Repository[A]) error {
		if i == 0 {
			return write(repo)
		}
		for n := 0; !done.Load(); n++ {
			if err := read(n%count, repo); err != nil {
				return err
			}
		}
		return nil
	})
	if err := errors.Join(errs...); err != nil {
		s.Fatalf("%v", err)
	}
}

func versionsCount[A any](s *suite[A]) {
	f := facts(1)
	s.create(f)
	for want := uint64(2); want < 6; want++ {
		c := s.change(s.load(f.key()), f.noted("again"), with{})
		s.commit(c)
		if got := s.load(f.key()).Version; got != want {
			s.Fatalf("version %d, want %d", got, want)
		}
	}
}

func otherVersions[A any](s *suite[A]) {
	f := facts(1)
	s.create(f)
	c := s.change(s.load(f.key()), f.noted("second"), with{})
	s.commit(c)
	record := s.load(f.key())
	for _, expect := range []uint64{0, 1, 3, 1 << 40} {
		for _, entries := range []int{1, -1} { // a stay has no entry whose place could save it
			bad := s.change(record, f.noted("refused"), with{entries: entries})
			bad.Expect = expect
			s.refused(store.ErrConflict, bad)
			s.is(c)
			s.books(f.key(), 2, 0)
		}
	}
	for _, expect := range []uint64{1, 2} {
		bad := s.change(store.Record[A]{}, facts(2), with{})
		bad.Expect = expect
		s.refused(store.ErrConflict, bad)
		s.missing(facts(2).key())
	}
}

func cycle[A any](s *suite[A]) {
	f := facts(1)
	f.Exclusive = false
	s.create(f)
	before := s.load(f.key())
	s.commit(s.change(before, f.ended("there"), with{}))
	s.commit(s.change(s.load(f.key()), f, with{}))
	if after := s.load(f.key()); !s.Equal(after.Value, before.Value) {
		s.Fatalf("the value came round as %+v, want %+v", after.Value, before.Value)
	}
	s.refused(store.ErrConflict, s.change(before, f.ended("stale"), with{}))
	s.refused(store.ErrConflict, s.change(before, f.noted("stale"), with{entries: -1}))
}
