package kyc

import (
	"context"
	"errors"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/store"
)

// clock is who makes deadlines happen.
func clock(organization string) Actor {
	return Actor{Organization: organization, Kind: audit.Clock, ID: "deadline"}
}

// Swept is what one sweep did.
type Swept struct {
	Expired    int // deadlines that happened
	Terminated int // owed terminations fulfilled
	Owed       int // terminations tried in vain: they stay owed, each with a pause of its own
}

// Sweep makes due deadlines and owed terminations happen, in batches, until every due
// record had its turn: deadlines first. It may run in any number of processes at once, and
// running it twice does nothing twice. A provider's failure is counted in Owed, and its
// record waits longer with each (Settings.Backoff); the error joins those of the store. No
// record that fails, and no panic, keeps another from its turn.
func (s *Service) Sweep(ctx context.Context) (done Swept, err error) {
	err = s.runner.Sweep(ctx, func(ctx context.Context, key store.Key) error { return s.sweep(ctx, key, &done) })
	return done, err
}

// sweep does what one record owes at this time.
func (s *Service) sweep(ctx context.Context, key store.Key, done *Swept) error {
	call := s.runner.Call(clock(key.Organization))
	call.Event = string(DeadlinePassed)
	result, err := s.runner.Update(ctx, call, key, nil, func(r store.Record[Validation]) (Decision, error) {
		if !r.Value.overdue(call.At) {
			return Decision{Result: Result{Value: r.Value}}, nil
		}
		due := s.settings.lifecycle().State(r.Value.Status).Deadline
		return Decide(r, Input{Event: due, Call: call}, s.settings)
	})
	if err != nil {
		return err
	}
	if result.Verdict == lifecycle.Move {
		done.Expired++
	}
	if v := result.Value; v.TerminationOwed.IsZero() || v.TerminationNext.After(call.At) {
		return nil
	}
	switch _, err = s.terminate(ctx, result.Value); {
	case err == nil:
		done.Terminated++
	case errors.Is(err, ErrProvider), errors.Is(err, ErrNotConfigured):
		done.Owed++
		return nil
	}
	return err
}

// terminate fulfils an owed termination and records the outcome. A failure is recorded too:
// the record waits before it is tried again. The validation is as it now stands, with an
// error also.
func (s *Service) terminate(ctx context.Context, v Validation) (Validation, error) {
	if v.TerminationOwed.IsZero() {
		return v, nil
	}
	gone, failed := s.end(ctx, v)
	call := s.runner.Call(Actor{Organization: v.OrganizationID, Kind: audit.System, ID: "termination"})
	in := Input{Event: Terminate, Call: call}
	if gone {
		in.Event = TerminateFoundGone
	}
	call.Event = string(in.Event)
	result, err := s.runner.Update(ctx, call, Index(v).Key(), nil, func(r store.Record[Validation]) (Decision, error) {
		switch {
		case failed != nil:
			return postponed(r, v.TerminationFailures, call, s.settings), nil
		case r.Value.TerminationOwed.IsZero(): // another sweep was quicker
			return Decision{Result: Result{Value: r.Value}}, nil
		}
		return Decide(r, in, s.settings)
	})
	if err != nil {
		return v, err
	}
	return result.Value, failed
}

// end ends the session at the provider.
func (s *Service) end(ctx context.Context, v Validation) (gone bool, err error) {
	return reach(ctx, s, v.Provider, methodTerminate, func(ctx context.Context, p Provider) (bool, error) {
		return p.Terminate(ctx, v.ValidationSessionID)
	}, plausible)
}
