package idpass

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/store"
)

// Open, Consent, Complete, Fail and Expire take news of a pass from the provider that
// carries it out. Each may be called any number of times: with an event id, a repeat is a
// Duplicate, and so is another event or outcome under the same id (Why is
// store.EventReused then); without, what changes nothing is Ignored, and the audit trail
// says so. They fail with ErrForbidden, lifecycle.ErrInvalid, store.ErrNotFound,
// store.ErrConflict or store.ErrUnknownOutcome.
func (s *Service) Open(ctx context.Context, a Actor, id uuid.UUID, r Report) (Decision, error) {
	return s.report(ctx, a, id, Input{Event: Open}, r)
}

// Consent: the customer gave consent. See Open.
func (s *Service) Consent(ctx context.Context, a Actor, id uuid.UUID, r Report) (Decision, error) {
	return s.report(ctx, a, id, Input{Event: Consent}, r)
}

// Complete: the check came to an outcome, Passed or NotPassed. See Open.
func (s *Service) Complete(ctx context.Context, a Actor, id uuid.UUID, outcome Outcome, r Report) (Decision, error) {
	if outcome != Passed && outcome != NotPassed {
		return Decision{}, &lifecycle.Invalid{Field: "outcome", Problem: "must be passed or failed"}
	}
	return s.report(ctx, a, id, Input{Event: Finish, Outcome: outcome}, r)
}

// Fail: the check could not be carried through. See Open.
func (s *Service) Fail(ctx context.Context, a Actor, id uuid.UUID, r Report) (Decision, error) {
	return s.report(ctx, a, id, Input{Event: Fail}, r)
}

// Expire: the provider ended the pass for its age. See Open. The host's own deadline is
// Sweep's, which looks at the clock: an actor of that kind is ErrForbidden here.
func (s *Service) Expire(ctx context.Context, a Actor, id uuid.UUID, r Report) (Decision, error) {
	if a.Kind == audit.Clock {
		return Decision{}, fmt.Errorf("%w: the clock's word is Sweep's", ErrForbidden)
	}
	return s.report(ctx, a, id, Input{Event: Expire}, r)
}

func (s *Service) report(ctx context.Context, a Actor, id uuid.UUID, in Input, r Report) (Decision, error) {
	if err := authorize(a, in.Event); err != nil {
		return Decision{}, err
	}
	r, err := r.check(s.now(), s.config.Settings.ClockSkew)
	if err != nil {
		return Decision{}, err
	}
	in.Call, in.OccurredAt = s.call(a), r.OccurredAt
	if r.EventID != "" {
		in.Source = a.ID + "/" + r.EventID
		// Quoted, so that no two sources can meet in one key, whatever their ids hold.
		in.Receipts = map[string]string{"event " + strconv.Quote(a.ID) + " " + r.EventID: string(in.Event) + ":" + string(in.Outcome)}
	}
	key := store.Key{Organization: a.Organization, ID: id}
	found, err := s.config.Repository.Load(ctx, key)
	if err != nil {
		return Decision{}, err
	}
	if r.OccurredAt.Before(found.Value.CreatedAt.Add(-s.config.Settings.ClockSkew)) {
		return Decision{}, &lifecycle.Invalid{Field: "occurredAt", Problem: "lies before the registration of the pass"}
	}
	return s.update(ctx, key, in)
}

// Sweep makes due deadlines happen, in batches, until every due record had its turn, and
// returns how many. It may run in any number of processes at once, and running it twice
// does nothing twice. A record that fails does not keep the others of its batch from
// their turn; the error joins those of the store.
func (s *Service) Sweep(ctx context.Context) (expired int, err error) {
	tried, failed := map[store.Key]bool{}, []error{}
	for {
		keys, err := s.config.Repository.Due(ctx, s.now(), s.config.Settings.SweepLease, s.config.Settings.SweepBatch)
		if err != nil {
			return expired, errors.Join(append(failed, err)...)
		}
		fresh := false
		for _, key := range keys {
			fresh, tried[key] = fresh || !tried[key], true
			done, err := s.expire(ctx, key)
			failed = append(failed, err)
			if done {
				expired++
			}
		}
		if len(keys) < s.config.Settings.SweepBatch || !fresh {
			return expired, errors.Join(failed...)
		}
	}
}

// expire makes one pass's deadline happen, if it is still due.
func (s *Service) expire(ctx context.Context, key store.Key) (done bool, err error) {
	call := s.call(clock(key.Organization))
	var found store.Record[Pass]
	reads := []store.Read[Pass]{{Key: key, Into: &found}}
	err = s.attempt(ctx, call, reads, func() ([]store.Change[Pass], error) {
		p := found.Value
		if done = p.overdue(call.At); !done {
			return nil, nil
		}
		decision, err := Decide(found, Input{Event: Expire, Call: call, OccurredAt: p.ExpiresAt})
		return decision.Changes, err
	})
	return done && err == nil, err
}
