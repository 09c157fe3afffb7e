package storetest

import (
	"bytes"
	"slices"
	"time"

	"github.com/kycle/kycle/store"
)

func dueCases[A any]() []testCase[A] {
	return []testCase[A]{
		{8, "due finds what is due, longest first", "a bounded batch must not starve anybody", dueOrder[A]},
		{8, "a lower rank comes first", "owed calls that fail again and again must not keep a deadline from its turn", dueRank[A]},
		{8, "a commit changes the rank", "what is owed last decides, and not what was owed at first", dueRankChanges[A]},
		{8, "a lease holds until it ends", "a sweeper that died must not take its records with it", dueLease[A]},
		{8, "a commit ends the lease", "what became due anew is found at once", dueCommit[A]},
		{8, "racing sweepers share", "safe in many processes at once", dueRace[A]},
	}
}

// fall makes n values that fall due a second after one another, and one that never does.
func (s *suite[A]) fall(n int) (want []store.Key, last time.Time) {
	for i := range n {
		f := facts(i)
		f.Due = epoch.Add(time.Duration(i) * time.Second)
		if got := s.Index(s.create(f).Next).Due; !got.Equal(f.Due) {
			s.Fatalf("the subject's Make gives a value due at %v, want %v", got, f.Due)
		}
		want, last = append(want, f.key()), f.Due
	}
	s.create(facts(n).ended("never"))
	return want, last
}

func (s *suite[A]) due(now time.Time, lease time.Duration, limit int, want []store.Key) {
	s.Helper()
	got, err := s.one.Due(s.ctx, now, lease, limit)
	if err != nil {
		s.Fatalf("due: %v", err)
	}
	if !slices.Equal(got, want) {
		s.Fatalf("due at %v, limit %d: %v\nwant %v", now, limit, got, want)
	}
	s.one, s.two = s.two, s.one // the next to ask is another process
}

func dueOrder[A any](s *suite[A]) {
	want, last := s.fall(6)
	s.due(epoch.Add(-time.Second), 0, 10, nil)
	s.due(epoch, 0, 10, want[:1])
	s.due(last, 0, 4, want[:4])
	s.due(last, 0, 10, want)
	s.due(last, 0, 10, want) // a lease of 0 leased nothing
	s.due(last, 0, 0, nil)
	s.due(epoch.AddDate(100, 0, 0), 0, 10, want)
}

// ranked makes values by rank, the highest first: three of each, of which the last two fall
// due at one moment. The lower the rank, the later they fall due. It gives them in the order
// in which Due must, and when all of them are due.
func (s *suite[A]) ranked(ranks ...uint8) (want []store.Key, last time.Time) {
	for i, rank := range ranks {
		due := epoch.Add(time.Duration(i) * time.Hour)
		var three []store.Key
		for n := range 3 {
			f := facts(10*i + n)
			f.Due, f.DueRank = due.Add(time.Duration(min(n, 1))*time.Second), rank
			if got := s.Index(s.create(f).Next).DueRank; got != rank {
				s.Skip("this aggregate has one rank")
			}
			three = append(three, f.key())
		}
		slices.SortFunc(three[1:], func(a, b store.Key) int { return bytes.Compare(a.ID[:], b.ID[:]) })
		want, last = append(three, want...), due.Add(time.Second)
	}
	return want, last
}

func dueRank[A any](s *suite[A]) {
	want, last := s.ranked(255, 128, 2, 1, 0)
	s.due(epoch, 0, 100, want[12:13])
	s.due(last.Add(-time.Hour), 0, 100, want[3:]) // the lowest rank is not due yet
	for _, limit := range []int{1, 2, 4, 10, len(want), 100} {
		s.due(last, 0, limit, want[:min(limit, len(want))])
	}
	// Sweeps that get nowhere: their leases end, and what has the lower rank comes first again.
	for n := range 3 {
		now := last.Add(time.Duration(n) * time.Minute)
		s.due(now, time.Minute, 4, want[:4])
		s.due(now, time.Minute, 4, want[4:8])
	}
	s.due(last.Add(2*time.Minute), 0, 100, want[8:])
}

func dueRankChanges[A any](s *suite[A]) {
	want, last := s.ranked(3, 1)
	low, moved, next := want[:3], want[3], want[4] // moved is due before the others of either rank
	f := facts(0)
	f.Due = epoch
	for n, step := range []struct {
		rank uint8
		want []store.Key
	}{
		{0, append([]store.Key{moved}, low...)}, {2, append(slices.Clone(low), moved)},
		{1, append([]store.Key{moved}, low...)}, {200, append(slices.Clone(low), next)},
	} {
		f.DueRank = step.rank
		s.commit(s.change(s.load(moved), f.noted("again"), with{}))
		s.due(last.Add(time.Duration(n)*time.Second), time.Second, 4, step.want)
	}
}

func dueLease[A any](s *suite[A]) {
	want, last := s.fall(6)
	s.due(last, time.Minute, 2, want[:2])
	s.due(last, time.Minute, 3, want[2:5])
	s.due(last.Add(30*time.Second), time.Hour, 10, want[5:])
	s.due(last.Add(time.Minute-time.Second), 0, 10, nil)
	s.due(last.Add(time.Minute), 0, 10, want[:5])
	s.due(last.Add(2*time.Hour), 0, 10, want)
}

func dueCommit[A any](s *suite[A]) {
	want, last := s.fall(3)
	s.due(last, time.Hour, 10, want)
	f := facts(1)
	f.Due = epoch.Add(time.Second)
	s.commit(s.change(s.load(f.key()), f.noted("again"), with{}))
	s.due(last, time.Hour, 10, want[1:2])
	s.commit(s.change(s.load(f.key()), f.ended("done"), with{}))
	s.due(last.AddDate(1, 0, 0), 0, 10, []store.Key{want[0], want[2]})
}

func dueRace[A any](s *suite[A]) {
	want, last := s.fall(40)
	got := make([][]store.Key, rivals)
	errs := s.race(rivals, func(i int, repo store.Repository[A]) error {
		for range len(want) { // a store that leases nothing would hand them out for ever
			keys, err := repo.Due(s.ctx, last, time.Hour, 3)
			if err != nil || len(keys) == 0 {
				return err
			}
			got[i] = append(got[i], keys...)
		}
		return nil
	})
	seen := map[store.Key]bool{}
	for i, keys := range got {
		if errs[i] != nil {
			s.Fatalf("due: %v", errs[i])
		}
		for _, k := range keys {
			if seen[k] {
				s.Fatalf("%v was leased twice", k)
			}
			seen[k] = true
		}
	}
	if len(seen) != len(want) {
		s.Fatalf("%d were leased, want %d", len(seen), len(want))
	}
}
