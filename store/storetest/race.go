package storetest

import (
	"errors"
	"fmt"

	"github.com/kycle/kycle/refund"
	"github.com/kycle/kycle/store"
)

// rivals is how many race; rounds, how often, since a race that is lost once in ten is
// still lost.
const rivals, rounds = 8, 5

func raceCases[A any]() []testCase[A] {
	return []testCase[A]{
		{3, "one writer wins a version", "a lost update is a decision overruled in silence", raceVersion[A]},
		{3, "one writer without an entry wins a version", "a stay has no entry whose number could stand in for the version", raceStay[A]},
		{3, "one creator wins an id", "creates with one idempotency key meet at one id", raceID[A]},
		{3, "one creator wins an exclusive key", "two passes in one slot, or two current validations", raceExclusive[A]},
		{3, "one successor wins", "a prior that is replaced twice has two newest ones", raceReplacement[A]},
		{3, "a successor and a writer of its prior are rivals", "a commit of two that loses one of them has lost both", racePrior[A]},
		{3, "one creator wins a session", "a webhook must find one record", raceSession[A]},
		{3, "update loses nothing", "whoever decides anew on what it finds ends up counted", raceUpdate[A]},
		{3, "a stale version is told before a duplicate key", "the loser must load, and then sees the receipt", staleFirst[A]},
		{3, "a session that is there is a conflict", "a webhook must find one record", takenSession[A]},
		{3, "an exclusive key that is held is a conflict until it is given up", "any final status releases the slot", occupied[A]},
	}
}

func raceVersion[A any](s *suite[A]) {
	for n := range rounds {
		f := facts(n)
		s.create(f)
		record := s.load(f.key())
		changes := make([]store.Change[A], rivals)
		for i := range changes {
			changes[i] = s.change(record, f.noted(fmt.Sprint("writer ", i)), with{receipts: map[string]string{"key": fmt.Sprint(i)}})
		}
		winner := s.oneWon(s.race(rivals, func(i int, repo store.Repository[A]) error { return repo.Commit(s.ctx, changes[i]) }))
		s.is(changes[winner])
		s.books(f.key(), 2, 0)
		if got := s.load(f.key(), "key").Receipts["key"]; got != fmt.Sprint(winner) {
			s.Fatalf("the receipt is that of %q, the state that of %d", got, winner)
		}
	}
}

// raceStay races changes that bring nothing but a new value: the version alone guards them.
func raceStay[A any](s *suite[A]) {
	for n := range rounds {
		f := facts(n)
		s.create(f)
		record := s.load(f.key())
		changes := make([]store.Change[A], rivals)
		for i := range changes {
			changes[i] = s.change(record, f.noted(fmt.Sprint("writer ", i)), with{entries: -1})
		}
		winner := s.oneWon(s.race(rivals, func(i int, repo store.Repository[A]) error { return repo.Commit(s.ctx, changes[i]) }))
		s.is(changes[winner])
		s.books(f.key(), 1, 0)
	}
}

func raceID[A any](s *suite[A]) {
	for n := range rounds {
		f := facts(n)
		f.Exclusive = false // the id alone decides: no exclusive key, entry or posting may stand in for its guard
		changes := make([]store.Change[A], rivals)
		for i := range changes {
			g := f.noted(fmt.Sprint("creator ", i))
			if g.Session != "" {
				g.Session = fmt.Sprint(f.Session, i)
			}
			changes[i] = s.change(store.Record[A]{}, g, with{entries: -1})
		}
		winner := s.oneWon(s.race(rivals, func(i int, repo store.Repository[A]) error { return repo.Commit(s.ctx, changes[i]) }))
		s.is(changes[winner])
		s.books(f.key(), 0, 0)
	}
}

func raceExclusive[A any](s *suite[A]) {
	for n := range rounds {
		changes := make([]store.Change[A], rivals)
		for i := range changes {
			f := facts(n*rivals + i)
			f.Owner = facts(n * rivals).Owner
			changes[i] = s.change(store.Record[A]{}, f, with{})
		}
		winner := s.oneWon(s.race(rivals, func(i int, repo store.Repository[A]) error { return repo.Commit(s.ctx, changes[i]) }))
		for i, c := range changes {
			if i != winner {
				s.missing(s.Index(c.Next).Key())
			}
		}
		s.is(changes[winner])
		s.newest(changes[winner])
	}
}

// newest wants the last of an owner's records to hold its exclusive key, and those that are current
// to be listed so, and no others.
func (s *suite[A]) newest(all ...store.Change[A]) {
	s.Helper()
	index, yes := s.Index(all[len(all)-1].Next), true
	if got := s.Index(s.load(store.Key{Organization: index.Organization, ExclusiveKey: index.ExclusiveKey}).Value).ID; got != index.ID {
		s.Fatalf("%s holds the exclusive key, want %s", got, index.ID)
	}
	var want []store.Index
	for _, c := range all {
		if i := s.Index(c.Next); i.Current {
			want = append(want, i)
		}
	}
	newestFirst(want)
	s.lists(store.Query{Organization: index.Organization, Owner: index.Owner, Current: &yes, Limit: 9}, want, len(want))
}

func raceReplacement[A any](s *suite[A]) {
	for n := range rounds {
		prior, up, _ := s.replacement(n, with{})
		successors := make([]store.Change[A], rivals)
		for i := range successors {
			f := facts(10_000 + n*rivals + i)
			f.Owner = s.Index(prior.Next).Owner
			successors[i] = s.change(store.Record[A]{}, f, with{})
		}
		winner := s.oneWon(s.race(rivals, func(i int, repo store.Repository[A]) error { return repo.Commit(s.ctx, up, successors[i]) }))
		s.is(up)
		for i, c := range successors {
			if i == winner {
				s.is(c)
			} else {
				s.missing(s.Index(c.Next).Key())
			}
		}
		s.newest(up, successors[winner])
	}
}

// racePrior lets every other rival write the prior alone, at the version that those who
// replace it expect: who commits the one record of two that is not stale is found out.
func racePrior[A any](s *suite[A]) {
	for n := range 2 * rounds {
		prior, up, _ := s.replacement(n, with{})
		alone := facts(n).noted("written alone")
		changes := make([][]store.Change[A], rivals)
		for i := range changes {
			f := facts(20_000 + n*rivals + i)
			f.Owner = s.Index(prior.Next).Owner
			changes[i] = []store.Change[A]{up, s.change(store.Record[A]{}, f, with{})}
			if i%4 < 2 {
				changes[i] = []store.Change[A]{s.change(store.Record[A]{Value: prior.Next, Version: 1, Head: prior.Entries[0].Head()}, alone, with{})}
			}
		}
		winner := s.oneWon(s.race(rivals, func(i int, repo store.Repository[A]) error { return repo.Commit(s.ctx, changes[i]...) }))
		for i, c := range changes {
			switch {
			case i == winner:
				s.is(c[0])
				s.newest(c...)
			case len(c) == 2:
				s.missing(s.Index(c[1].Next).Key())
			}
		}
		s.books(facts(n).key(), 2, 0)
	}
}

func raceSession[A any](s *suite[A]) {
	if s.Index(s.Make(facts(1))).Session == "" {
		s.Skip("this aggregate has no sessions")
	}
	changes := make([]store.Change[A], rivals)
	for i := range changes {
		f := facts(i)
		f.Organization, f.Session = fmt.Sprint("org_", i), "session of many"
		changes[i] = s.change(store.Record[A]{}, f, with{})
	}
	winner := s.oneWon(s.race(rivals, func(i int, repo store.Repository[A]) error { return repo.Commit(s.ctx, changes[i]) }))
	found := s.load(store.Key{Session: s.Index(changes[winner].Next).Session})
	if !s.Equal(found.Value, changes[winner].Next) {
		s.Fatalf("the session finds %+v, want %+v", found.Value, changes[winner].Next)
	}
}

func raceUpdate[A any](s *suite[A]) {
	const each = 4
	f := facts(1)
	s.create(f)
	errs := s.race(rivals, func(i int, repo store.Repository[A]) error {
		for n := range each {
			call := name("call", i, n)
			var found store.Record[A]
			reads := []store.Read[A]{{Key: f.key(), Into: &found}}
			err := store.Update(s.ctx, repo, call, store.Limits{Attempts: 1000}, reads,
				func() ([]store.Change[A], error) {
					return []store.Change[A]{s.change(found, f.noted("again"), with{call: call})}, nil
				})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err := errors.Join(errs...); err != nil {
		s.Fatalf("update: %v", err)
	}
	if got, want := s.load(f.key()).Version, uint64(1+rivals*each); got != want {
		s.Fatalf("version %d after %d updates, want %d", got, rivals*each, want)
	}
	s.books(f.key(), 1+rivals*each, 0)
}

func staleFirst[A any](s *suite[A]) {
	f := facts(1)
	s.create(f)
	record := s.load(f.key())
	w := with{effects: []string{refund.Charged}, receipts: map[string]string{"key": "1"}}
	s.commit(s.change(record, f.noted("first"), w))
	s.refused(store.ErrConflict, s.change(record, f.noted("second"), w))
	s.books(f.key(), 2, 1)
}

func takenSession[A any](s *suite[A]) {
	if s.Index(s.Make(facts(1))).Session == "" {
		s.Skip("this aggregate has no sessions")
	}
	first := s.create(facts(1))
	f := facts(2)
	f.Session = facts(1).Session
	s.refused(store.ErrConflict, s.change(store.Record[A]{}, f, with{}))
	s.missing(f.key())
	s.is(first)
}

func occupied[A any](s *suite[A]) {
	f := facts(1)
	first := s.create(f)
	g := facts(2)
	g.Owner = f.Owner
	second := s.change(store.Record[A]{}, g, with{effects: []string{refund.Charged}})
	s.refused(store.ErrConflict, second)
	s.missing(g.key())
	s.is(first)
	s.commit(s.change(s.load(f.key()), f.ended("up"), with{}))
	key := store.Key{Organization: f.Organization, ExclusiveKey: s.Index(first.Next).ExclusiveKey}
	s.missing(key)
	s.commit(second)
	if got := s.Index(s.load(key).Value).ID; got != g.ID {
		s.Fatalf("%s holds the exclusive key, want %s", got, g.ID)
	}
}
