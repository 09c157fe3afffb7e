package idpass

import (
	"context"
	"fmt"
	"strconv"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/product"
)

// Open, Consent, Complete, Fail and Expire take news of a pass from the provider that
// carries it out. Each may be called any number of times: with an event id, a repeat is a
// Duplicate, and so is another event or outcome under the same id (Why is
// store.EventReused then); without, what changes nothing is Ignored, and the audit trail
// says so. They fail with product.ErrForbidden, lifecycle.ErrInvalid, store.ErrNotFound,
// store.ErrConflict or store.ErrUnknownOutcome.
func (s *Service) Open(ctx context.Context, a Actor, id uuid.UUID, r Report) (Result, error) {
	return s.report(ctx, a, id, Input{Event: Open}, r)
}

// Consent: the customer gave consent. See Open.
func (s *Service) Consent(ctx context.Context, a Actor, id uuid.UUID, r Report) (Result, error) {
	return s.report(ctx, a, id, Input{Event: Consent}, r)
}

// Complete: the check came to an outcome, Passed or CheckFailed. See Open.
func (s *Service) Complete(ctx context.Context, a Actor, id uuid.UUID, outcome Outcome, r Report) (Result, error) {
	if outcome != Passed && outcome != CheckFailed {
		return Result{}, &lifecycle.Invalid{Field: "outcome", Problem: "must be passed or failed"}
	}
	return s.report(ctx, a, id, Input{Event: CompleteCheck, Outcome: outcome}, r)
}

// Fail: the check could not be carried through. See Open.
func (s *Service) Fail(ctx context.Context, a Actor, id uuid.UUID, r Report) (Result, error) {
	return s.report(ctx, a, id, Input{Event: Fail}, r)
}

// Expire: the provider ended the pass for its age. See Open. The host's own deadline is
// Sweep's, which looks at the clock: an actor of that kind is product.ErrForbidden here.
func (s *Service) Expire(ctx context.Context, a Actor, id uuid.UUID, r Report) (Result, error) {
	if a.Kind == audit.Clock {
		return Result{}, fmt.Errorf("%w: the clock's word is Sweep's", product.ErrForbidden)
	}
	return s.report(ctx, a, id, Input{Event: Expire}, r)
}

func (s *Service) report(ctx context.Context, a Actor, id uuid.UUID, in Input, r Report) (Result, error) {
	if err := s.runner.Authorize(a, string(in.Event)); err != nil {
		return Result{}, err
	}
	r, err := r.check(s.runner.Now(), s.settings.ClockSkew)
	if err != nil {
		return Result{}, err
	}
	in.Call, in.OccurredAt = s.runner.Call(a), r.OccurredAt
	if r.EventID != "" {
		in.Source = a.ID + "/" + r.EventID
		// Quoted, so that no two sources can meet in one key, whatever their ids hold.
		in.Receipts = map[string]string{"event " + strconv.Quote(a.ID) + " " + r.EventID: string(in.Event) + ":" + string(in.Outcome)}
	}
	key := product.Key(a, id)
	found, err := s.runner.Load(ctx, key)
	if err != nil {
		return Result{}, err
	}
	if r.OccurredAt.Before(found.Value.CreatedAt.Add(-s.settings.ClockSkew)) {
		return Result{}, &lifecycle.Invalid{Field: "occurredAt", Problem: "lies before the registration of the pass"}
	}
	return s.decide(ctx, key, in)
}
