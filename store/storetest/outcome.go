package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/google/uuid"

	"github.com/kycle/kycle/refund"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/fault"
)

// outcomeCases are of commits that somebody is not sure of.
func outcomeCases[A any]() []testCase[A] {
	return []testCase[A]{
		{4, "a commit that is cut off at any step is what it says", "an error means that nothing is there", cutOff[A]},
		{4, "a commit cancelled under way is what it says", "an error means that nothing is there", cancelledUnderWay[A]},
		{4, "an unknown outcome is settled by the call's entry", "who decides blindly again does it twice, who does not loses it", settled[A]},
		{4, "an unknown creation is settled by the call's entry", "its own record is no stranger's", settledCreation[A]},
		{4, "an unknown replacement is settled by the call's entry", "two records, and one entry of the call in each", settledReplacement[A]},
		{4, "racing writers in doubt lose nothing and do nothing twice", "answers are lost when a store is busiest", raceDoubt[A]},
	}
}

// cutOff ends the context of a commit at the first moment that the store looks at it, then
// at the second, and so on until a commit comes through with its context whole.
func cutOff[A any](s *suite[A]) {
	for n := range 200 {
		f := facts(n)
		c := s.change(store.Record[A]{}, f, with{effects: []string{refund.Charged}, receipts: map[string]string{"key": "1"}})
		ctx := ending(s.ctx, n+1)
		s.whatItSays(s.one.Commit(ctx, c), c)
		if ctx.left.Load() > 0 {
			return
		}
	}
}

// whatItSays holds the answer of a creation with a posting against what is there.
func (s *suite[A]) whatItSays(err error, c store.Change[A]) {
	s.Helper()
	switch key := s.Index(c.Next).Key(); {
	case err == nil:
		s.is(c)
		s.books(key, 1, 1)
	case errors.Is(err, store.ErrUnknownOutcome): // it says so, and is believed
	default:
		s.missing(key)
		s.books(key, 0, 0)
		s.commit(c) // nothing of it is in the way
	}
}

// finite is a context that ends once it has been looked at so many times.
type finite struct {
	context.Context
	end  context.CancelCauseFunc
	left atomic.Int64
}

func ending(ctx context.Context, looks int) *finite {
	f := &finite{}
	f.Context, f.end = context.WithCancelCause(ctx)
	f.left.Store(int64(looks))
	return f
}

func (f *finite) look() {
	if f.left.Add(-1) == 0 {
		f.end(errGone)
	}
}

func (f *finite) Done() <-chan struct{} {
	f.look()
	return f.Context.Done()
}

func (f *finite) Err() error {
	f.look()
	return f.Context.Err()
}

func cancelledUnderWay[A any](s *suite[A]) {
	for n := range 40 {
		c := s.change(store.Record[A]{}, facts(n), with{effects: []string{refund.Charged}, receipts: map[string]string{"key": "1"}})
		ctx, cancel := context.WithCancelCause(s.ctx)
		errs := s.race(2, func(i int, repo store.Repository[A]) error {
			if i == 0 {
				return repo.Commit(ctx, c)
			}
			cancel(errGone)
			return nil
		})
		s.whatItSays(errs[0], c)
	}
}

// doubts are the ways in which the outcome of a first commit is unknown.
var doubts = []struct {
	name  string
	fault fault.Fault
}{
	{"it happened", fault.LostAnswer}, {"it did not happen", fault.LostRequest}, {"it happens late", fault.Late},
}

// errDone: a decision that finds what it wants done already, and refuses.
var errDone = errors.New("storetest: done already")

// wish is a decision of one call, made on records that stand at these versions.
type wish[A any] struct {
	reads    []store.Read[A]
	versions []uint64 // one a read
	decide   func() []store.Change[A]
}

// inDoubt updates with a first commit in doubt, in each of the ways. At other versions than
// those of the wish it is refused.
func (s *suite[A]) inDoubt(set func(n int, call uuid.UUID) wish[A]) {
	for n, doubt := range doubts {
		call := name("call", n)
		wish := set(n, call)
		repo := fault.New(s.one, fault.Script(fault.Commit, doubt.fault))
		var made []store.Change[A]
		err := store.Update(s.ctx, repo, call, store.Limits{}, wish.reads, func() ([]store.Change[A], error) {
			for i, read := range wish.reads {
				if read.Into.Version != wish.versions[i] {
					return nil, errDone
				}
			}
			made = wish.decide()
			return made, nil
		})
		if err != nil {
			s.Fatalf("%s: update: %v", doubt.name, err)
		}
		for _, c := range made {
			s.is(c)
			key := s.Index(c.Next).Key()
			if got := s.calls(key, call); got != 1 {
				s.Fatalf("%s: %d entries carry the call's id, want 1", doubt.name, got)
			}
			s.books(key, int(c.Entries[0].Seq), len(c.Postings))
		}
	}
}

// calls counts the entries of a call.
func (s *suite[A]) calls(key store.Key, call uuid.UUID) (n int) {
	s.Helper()
	for _, e := range s.history(key, 0, 0).Entries {
		if e.Call == call {
			n++
		}
	}
	return n
}

func settled[A any](s *suite[A]) {
	s.inDoubt(func(n int, call uuid.UUID) wish[A] {
		f, found := facts(n), new(store.Record[A])
		s.create(f)
		return wish[A]{[]store.Read[A]{{Key: f.key(), Into: found}}, []uint64{1}, func() []store.Change[A] {
			return []store.Change[A]{s.change(*found, f.noted("done"), with{call: call, effects: []string{refund.Charged}})}
		}}
	})
}

func settledCreation[A any](s *suite[A]) {
	s.inDoubt(func(n int, call uuid.UUID) wish[A] {
		f, found := facts(n), new(store.Record[A])
		return wish[A]{[]store.Read[A]{{Key: f.key(), Into: found}}, []uint64{0}, func() []store.Change[A] {
			return []store.Change[A]{s.change(*found, f, with{call: call, effects: []string{refund.Charged}})}
		}}
	})
}

func settledReplacement[A any](s *suite[A]) {
	s.inDoubt(func(n int, call uuid.UUID) wish[A] {
		f, next := facts(n), facts(n+1000)
		next.Owner = f.Owner
		s.create(f)
		f.Exclusive = false
		var prior, none store.Record[A]
		reads := []store.Read[A]{{Key: f.key(), Into: &prior}, {Key: next.key(), Into: &none}}
		return wish[A]{reads, []uint64{1, 0}, func() []store.Change[A] {
			return []store.Change[A]{s.change(prior, f, with{call: call}), s.change(none, next, with{call: call})}
		}}
	})
}

// raceDoubt gives each call a receipt of its own, as a webhook has, by which a decision
// knows that the call's late commit has landed between its history and its load.
func raceDoubt[A any](s *suite[A]) {
	const each = 3
	f := facts(1)
	s.create(f)
	errs := s.race(rivals, func(i int, repo store.Repository[A]) error {
		repo = fault.New(repo, fault.Random(uint64(i), fault.Commit, 0.5, fault.Conflict, fault.LostRequest, fault.LostAnswer, fault.Late))
		for n := range each {
			call := name("call", i, n)
			var found store.Record[A]
			reads := []store.Read[A]{{Key: f.key(), Into: &found}}
			err := store.Update(s.ctx, repo, call, store.Limits{Attempts: 1000}, reads, func() ([]store.Change[A], error) {
				return []store.Change[A]{s.change(found, f.noted(fmt.Sprint(i, n)), with{call: call})}, nil
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
	for i := range rivals {
		for n := range each {
			if got := s.calls(f.key(), name("call", i, n)); got != 1 {
				s.Fatalf("%d entries carry the id of one call, want 1", got)
			}
		}
	}
	s.books(f.key(), 1+rivals*each, 0)
}
