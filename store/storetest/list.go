package storetest

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/store"
)

func listCases[A any]() []testCase[A] {
	return []testCase[A]{
		{8, "list orders newest first", "ties by id, so that pages have one order", listOrder[A]},
		{8, "pages tile a listing", "also while its records are written", listPages[A]},
		{8, "list filters", "by status and by current, and the total counts what is left", listFilters[A]},
	}
}

// populate makes n values of one owner, several of an instant, and some of others.
func (s *suite[A]) populate(n int) (owner Facts, want []store.Index) {
	owner = facts(0)
	for i := range n {
		f := facts(100 + i)
		f.Owner, f.Seated, f.Created = owner.Owner, i == n-1, epoch.Add(time.Duration(i/3)*time.Second)
		if i%4 == 1 {
			f = f.ended("done")
		}
		want = append(want, s.Index(s.create(f).Next))
	}
	foreign := facts(98)
	foreign.Organization, foreign.Owner = "org_b", owner.Owner
	s.create(foreign)
	s.create(facts(99)) // another owner's
	newestFirst(want)
	return owner, want
}

// newestFirst sorts as a listing does.
func newestFirst(all []store.Index) {
	slices.SortFunc(all, func(a, b store.Index) int {
		if order := b.Created.Compare(a.Created); order != 0 {
			return order
		}
		return slices.Compare(a.ID[:], b.ID[:])
	})
}

func (s *suite[A]) list(q store.Query) store.Page[A] {
	s.Helper()
	page, err := s.two.List(s.ctx, q)
	if err != nil {
		s.Fatalf("list: %v", err)
	}
	return page
}

// lists wants one page to be exactly these records.
func (s *suite[A]) lists(q store.Query, want []store.Index, total int) {
	s.Helper()
	page := s.list(q)
	var got []uuid.UUID
	for _, r := range page.Records {
		index := s.Index(r.Value)
		got = append(got, index.ID)
		if alone := s.load(index.Key()); alone.Version != r.Version || alone.Head != r.Head || !s.Equal(alone.Value, r.Value) {
			s.Fatalf("listed as %+v, loaded as %+v", r, alone)
		}
	}
	var ids []uuid.UUID
	for _, w := range want {
		ids = append(ids, w.ID)
	}
	if !slices.Equal(got, ids) || page.Total != total {
		s.Fatalf("%+v lists %v of %d\nwant %v of %d", q, got, page.Total, ids, total)
	}
}

func listOrder[A any](s *suite[A]) {
	f, want := s.populate(14)
	s.lists(store.Query{Organization: f.Organization, Owner: f.Owner, Limit: 100}, want, len(want))
	s.lists(store.Query{Organization: "org_b", Owner: facts(1).Owner, Limit: 100}, nil, 0)
}

func listPages[A any](s *suite[A]) {
	f, want := s.populate(14)
	for _, limit := range []int{1, 2, 14} {
		for offset := 0; offset <= len(want)+limit; offset += limit {
			from := min(offset, len(want))
			part := want[from:min(from+limit, len(want))]
			s.lists(store.Query{Organization: f.Organization, Owner: f.Owner, Offset: offset, Limit: limit}, part, len(want))
			// What is written meanwhile must not change its place.
			key := want[offset%len(want)].Key()
			record := s.load(key)
			if err := s.one.Commit(s.ctx, store.Change[A]{Next: record.Value, Expect: record.Version}); err != nil {
				s.Fatalf("commit: %v", err)
			}
		}
	}
	s.lists(store.Query{Organization: f.Organization, Owner: f.Owner}, nil, len(want)) // Limit 0
}

func listFilters[A any](s *suite[A]) {
	f, all := s.populate(14)
	statuses, yes, no := map[string]bool{"": true, "unknown": true}, true, false
	for _, i := range all {
		statuses[i.Status] = true
	}
	if len(statuses) != 4 {
		s.Fatalf("the subject's Make gives no two statuses for Ended and not: %v", statuses)
	}
	for status := range statuses {
		for _, current := range []*bool{nil, &yes, &no} {
			var want []store.Index
			for _, i := range all {
				if (status == "" || i.Status == status) && (current == nil || i.Current == *current) {
					want = append(want, i)
				}
			}
			q := store.Query{Organization: f.Organization, Owner: f.Owner, Status: status, Current: current, Limit: 3}
			s.lists(q, want[:min(3, len(want))], len(want))
		}
	}
}

func dueCases[A any]() []testCase[A] {
	return []testCase[A]{
		{8, "due finds what is due, longest first", "a bounded batch must not starve anybody", dueOrder[A]},
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
