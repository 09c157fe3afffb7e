package storetest

import (
	"context"
	"errors"

	"github.com/kycle/kycle/refund"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/fault"
)

// cancelCases are of contexts that end.
func cancelCases[A any]() []testCase[A] {
	return []testCase[A]{
		{9, "no method begins under a context that has ended", "a shutdown must not wait for a database", cancelled[A]},
		{9, "an update ends at whatever step its context does", "a caller that has gone must not leave half a decision", cancelledAtEachStep[A]},
	}
}

// errGone is why contexts end here: context.Cause, not context.Canceled.
var errGone = errors.New("storetest: the caller has gone")

func cancelled[A any](s *suite[A]) {
	f := facts(1)
	made := s.create(f)
	record := s.load(f.key())
	ctx, cancel := context.WithCancelCause(s.ctx)
	cancel(errGone)
	ended := s.change(record, f.ended("done"), with{effects: []string{refund.Charged}})
	_, load := s.one.Load(ctx, f.key())
	_, list := s.one.List(ctx, store.Query{Organization: f.Organization, Owner: f.Owner, Limit: 1})
	_, due := s.one.Due(ctx, f.Due, 1, 1)
	_, history := s.one.History(ctx, f.key(), 0, 0)
	for method, err := range map[string]error{
		"load": load, "list": list, "due": due, "history": history,
		"commit": s.one.Commit(ctx, ended), "commit of a creation": s.one.Commit(ctx, s.change(store.Record[A]{}, facts(2), with{})),
	} {
		if !errors.Is(err, errGone) {
			s.Errorf("%s: error %v, want one that wraps the context's cause", method, err)
		}
	}
	s.is(made)
	s.books(f.key(), 1, 0)
	s.missing(facts(2).key())
	s.due(f.Due, 0, 1, []store.Key{f.key()}) // and it is not leased
}

// cancelledAtEachStep ends the context of an update before its n-th call of the store, and
// right after it, for every n that there is. The first commit is in doubt, so that the calls
// which settle it are steps too.
func cancelledAtEachStep[A any](s *suite[A]) {
	for n := 1; n < 40; n++ {
		f := facts(n)
		s.create(f)
		ctx, cancel := context.WithCancelCause(s.ctx)
		end := func(context.Context) error {
			cancel(errGone)
			return nil
		}
		step := 0
		repo := fault.New(s.one, func(fault.Call) fault.Fault {
			switch step++; step {
			case (n + 1) / 2:
				if n%2 == 1 {
					return fault.Wait(end)
				}
				return fault.Hold(end)
			case 2:
				return fault.LostRequest // the first commit
			}
			return fault.None
		})
		call := name("call", n)
		var found store.Record[A]
		reads := []store.Read[A]{{Key: f.key(), Into: &found}}
		err := store.Update(ctx, repo, call, store.Limits{}, reads, func() ([]store.Change[A], error) {
			return []store.Change[A]{s.change(found, f.noted("done"), with{call: call, effects: []string{refund.Charged}})}, nil
		})
		over := ctx.Err() == nil
		cancel(nil)
		switch got := s.calls(f.key(), call); {
		case err != nil && !errors.Is(err, errGone):
			s.Fatalf("step %d: update: error %v, want one that wraps the context's cause", n, err)
		case err == nil && got != 1, err != nil && got != 0 && !errors.Is(err, store.ErrUnknownOutcome):
			s.Fatalf("step %d: update: error %v, and %d entries of the call", n, err, got)
		default:
			s.books(f.key(), 1+got, got)
		}
		if over {
			return
		}
	}
}
