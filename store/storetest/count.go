package storetest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/kycle/kycle/store"
)

// countCases are of store.Counter, which a store need not be.
func countCases[A any]() []testCase[A] {
	return []testCase[A]{
		{10, "a count is of what is there", "a dashboard must not show records that nobody finds", countThere[A]},
		{10, "a count ends at most", "a status with a million records must not be walked through", countMost[A]},
		{10, "a count follows every commit", "a record is counted where it stands, and nowhere else", countFollows[A]},
		{10, "statuses of any text are parted and in order", "one that begins like another is another", countTexts[A]},
		{11, "a count is of one moment", "a record that moves is neither counted twice nor left out", countMoment[A]},
		{9, "no count begins under a context that has ended", "a shutdown must not wait for a database", countCancelled[A]},
	}
}

// counter gives the second handle as what it must be, and skips the case where it is not.
func (s *suite[A]) counter() store.Counter {
	s.Helper()
	counter, ok := s.two.(store.Counter)
	if ok {
		_, err := counter.Count(s.ctx, "", 0)
		ok = !errors.Is(err, errors.ErrUnsupported) // around a store that does not count
	}
	if !ok {
		s.Skip("SKIPPED: this store is no store.Counter, so its promises 10 and 11 were not looked at")
	}
	return counter
}

// counts wants exactly these.
func (s *suite[A]) counts(organization string, most int, want []store.StatusCount) {
	s.Helper()
	got, err := s.counter().Count(s.ctx, organization, most)
	if err != nil {
		s.Fatalf("count: %v", err)
	}
	if !slices.Equal(got, want) {
		s.Fatalf("count of %q up to %d: %+v\nwant %+v", organization, most, got, want)
	}
}

// tally is what a count must be of these values, exact up to most.
func tally(most int, all ...store.Index) (want []store.StatusCount) {
	numbers := map[string]int{}
	for _, i := range all {
		numbers[i.Status]++
	}
	for status, n := range numbers {
		want = append(want, store.StatusCount{Status: status, Count: min(n, most), More: n > most})
	}
	slices.SortFunc(want, func(a, b store.StatusCount) int { return cmp.Compare(a.Status, b.Status) })
	return want
}

// muster makes values of several organizations, some of which have ended.
func (s *suite[A]) muster() (all map[string][]store.Index) {
	s.counter()
	all = map[string][]store.Index{}
	for i, organization := range []string{"org_a", "org_a2", "org"} {
		for n := range 7 - 2*i {
			f := facts(10*i + n)
			if f.Organization = organization; n%3 == 1 {
				f = f.ended("done")
			}
			index := s.Index(s.create(f).Next)
			all[organization], all[""] = append(all[organization], index), append(all[""], index)
		}
	}
	return all
}

func countThere[A any](s *suite[A]) {
	s.counts("", 10, nil)
	for organization, indexes := range s.muster() {
		s.counts(organization, 100, tally(100, indexes...))
	}
	for _, unknown := range []string{"org_", "nobody", "\x00", "org\x00"} {
		s.counts(unknown, 100, nil)
	}
}

func countMost[A any](s *suite[A]) {
	for organization, indexes := range s.muster() {
		for most := range 11 {
			s.counts(organization, most, tally(most, indexes...))
		}
		s.counts(organization, math.MaxInt, tally(math.MaxInt, indexes...))
		s.counts(organization, -1, tally(0, indexes...))
	}
}

// countFollows lets records end one by one, the last two of them together: by then no
// record has their first status.
func countFollows[A any](s *suite[A]) {
	s.counter()
	const size = 4
	indexes := make([]store.Index, size)
	for i := range indexes {
		indexes[i] = s.Index(s.create(facts(i)).Next)
	}
	for i := range indexes {
		s.counts("org_a", 100, tally(100, indexes...))
		f := facts(i).ended("done")
		c := s.change(s.load(f.key()), f, with{})
		s.commit(c)
		indexes[i] = s.Index(c.Next)
		s.refused(store.ErrConflict, c) // what is refused is not counted
	}
	s.counts("org_a", 100, tally(100, indexes...))
	prior, up, successor := s.replacement(size, with{})
	s.counts("org_a", 100, tally(100, append(indexes, s.Index(prior.Next))...))
	s.commit(up, successor)
	indexes = append(indexes, s.Index(up.Next), s.Index(successor.Next))
	s.counts("org_a", 100, tally(100, indexes...))
	s.counts("", 1, tally(1, indexes...))
}

func countTexts[A any](s *suite[A]) {
	s.counter()
	var indexes []store.Index
	// In no order, and in an order that a language would change.
	for i, status := range []string{"b", "a b", "B", "a_b", "ab", "a", "ä", "\U0001f4a1", "a\x01", "z", "É", "e", "a "} {
		for n := range i%3 + 1 {
			f := facts(10*i + n)
			f.Status = status
			index := s.Index(s.create(f).Next)
			if index.Status != status {
				s.Skip("this aggregate has statuses of its own alone")
			}
			indexes = append(indexes, index)
		}
	}
	s.counts("org_a", 2, tally(2, indexes...))
	s.counts("", 100, tally(100, indexes...))
}

// countMoment counts while writers move records to and fro: each is somewhere at any time.
func countMoment[A any](s *suite[A]) {
	counter := s.counter()
	const counts = 30
	for i := range rivals {
		f := facts(i)
		f.Exclusive = false
		s.create(f)
	}
	var over atomic.Bool
	var all sync.WaitGroup
	failed := make([]error, rivals)
	for i := range rivals {
		all.Go(func() {
			for n := 0; !over.Load() && failed[i] == nil; n++ {
				failed[i] = s.move(i, n%2 == 0)
			}
		})
	}
	var err error
	var seen []store.StatusCount
	for n := 0; n < counts && err == nil; n++ {
		sum := 0
		seen, err = counter.Count(s.ctx, "org_a", 100)
		for _, c := range seen {
			sum += c.Count
		}
		if err == nil && sum != rivals {
			err = fmt.Errorf("%d records at one moment, want %d: %+v", sum, rivals, seen)
		}
	}
	over.Store(true)
	all.Wait()
	if err = errors.Join(append(failed, err)...); err != nil {
		s.Fatalf("count: %v", err)
	}
}

// move writes the i-th record once more, ended or not.
func (s *suite[A]) move(i int, end bool) error {
	f := facts(i)
	if f.Exclusive = false; end {
		f = f.ended("moved")
	}
	record, err := s.one.Load(s.ctx, f.key())
	if err != nil {
		return err
	}
	return s.one.Commit(s.ctx, store.Change[A]{Next: s.Make(f), Expect: record.Version})
}

func countCancelled[A any](s *suite[A]) {
	counter := s.counter()
	ctx, cancel := context.WithCancelCause(s.ctx)
	cancel(errGone)
	if _, err := counter.Count(ctx, "org_a", 1); !errors.Is(err, errGone) {
		s.Fatalf("count: error %v, want one that wraps the context's cause", err)
	}
}
