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
		f.Owner, f.Exclusive, f.Created = owner.Owner, i == n-1, epoch.Add(time.Duration(i/3)*time.Second)
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
