package idpass

import (
	"cmp"
	"context"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/product"
	"github.com/kycle/kycle/store"
)

// Superseded is what Supersede leaves: the prior pass, cancelled, and the new one.
type Superseded struct {
	Prior Pass
	Answer
}

// begin makes the pass that is to be registered, and how a repeat of it is known.
func (s *Service) begin(a Actor, r Registration, prior uuid.UUID) (Pass, product.Creation, error) {
	order, err := r.order()
	if err != nil {
		return Pass{}, product.Creation{}, err
	}
	c := s.runner.Creation(a, r.IdempotencyKey, r.fingerprint(order, prior))
	return Pass{ID: c.ID, OrganizationID: a.Organization, Applicant: r.Applicant, Slot: r.Slot, Order: order, Supersedes: prior}, c, nil
}

// Register makes a pass and charges its fee. With an idempotency key the id is derived
// from organization and key: concurrent equal registrations make one pass, and a repeat
// answers with it as it now stands. A slot that another pass in flight holds is
// ErrSlotTaken; one whose holder's deadline lies in the past is freed in the same commit.
//
// It also fails with product.ErrForbidden, lifecycle.ErrInvalid, product.ErrKeyReused,
// store.ErrConflict, store.ErrUnavailable or store.ErrUnknownOutcome.
func (s *Service) Register(ctx context.Context, a Actor, r Registration) (Answer, error) {
	if err := s.runner.Authorize(a, string(Register)); err != nil {
		return Answer{}, err
	}
	p, creation, err := s.begin(a, r, uuid.Nil)
	if err != nil {
		return Answer{}, err
	}
	if r.Slot != "" {
		creation.Holder = store.Key{Organization: a.Organization, ExclusiveKey: r.Slot}
	}
	call := s.runner.Call(a)
	call.Event = string(Register)
	made, _, err := s.runner.Create(ctx, call, creation, func(holder store.Record[Pass]) ([]store.Change[Pass], error) {
		freed, err := free(holder, call)
		if err != nil {
			return nil, err
		}
		change, err := register(p, call, creation.Receipts(), s.settings.LinkBase)
		return append(freed, change), err
	})
	if err != nil {
		return Answer{}, err
	}
	return Answer{made, call.ID}, nil
}

// free is the change that takes an overdue holder from its slot. A holder in time is
// ErrSlotTaken.
func free(holder store.Record[Pass], call audit.Call) ([]store.Change[Pass], error) {
	switch {
	case holder.Version == 0:
		return nil, nil
	case !holder.Value.overdue(call.At):
		return nil, ErrSlotTaken
	}
	call.Actor = clock(call.Actor.Organization)
	freed, err := Decide(holder, Input{Event: Expire, Call: call, OccurredAt: holder.Value.ExpiresAt})
	return freed.Changes, err
}

// Supersede cancels the prior pass, with its refund if one is due, and registers the new
// one in one commit, so that the two can never both be in flight. The new one keeps the
// applicant and takes the prior one's slot: r may leave both empty, and may not differ.
// A repeat with the same idempotency key answers with both passes as they now stand.
//
// It fails with a *product.Refusal if the prior pass is final (and registers nothing), with
// store.ErrNotFound, and like Register.
func (s *Service) Supersede(ctx context.Context, a Actor, prior uuid.UUID, r Registration) (Superseded, error) {
	if err := s.runner.Authorize(a, string(Register), string(Cancel)); err != nil {
		return Superseded{}, err
	}
	asked := r // what is wrong with it is said before the prior pass is looked up
	asked.Applicant = cmp.Or(r.Applicant, "inherited")
	if _, err := asked.order(); err != nil {
		return Superseded{}, err
	}
	found, err := s.runner.Load(ctx, product.Key(a, prior))
	if err != nil {
		return Superseded{}, err
	}
	if err := r.inherit(found.Value); err != nil {
		return Superseded{}, err
	}
	p, creation, err := s.begin(a, r, prior)
	if err != nil {
		return Superseded{}, err
	}
	creation.Holder = product.Key(a, prior)
	call := s.runner.Call(a)
	call.Event = string(Cancel)
	answer := Superseded{Answer: Answer{Reference: call.ID}}
	made, repeated, err := s.runner.Create(ctx, call, creation, func(holder store.Record[Pass]) ([]store.Change[Pass], error) {
		if holder.Version == 0 {
			return nil, store.ErrNotFound
		}
		cancelled, err := Decide(holder, Input{Event: Cancel, Call: call, Newer: p.ID})
		if err != nil {
			return nil, err
		}
		answer.Prior = cancelled.Value
		change, err := register(p, call, creation.Receipts(), s.settings.LinkBase)
		return append(cancelled.Changes, change), err
	})
	if err == nil && repeated {
		answer.Prior, err = s.Details(ctx, a, prior) // what was read above may be older than the repeat
	}
	if err != nil {
		return Superseded{}, err
	}
	answer.Pass = made
	return answer, nil
}

// inherit takes applicant and slot over from the prior pass, where they are not given.
func (r *Registration) inherit(prior Pass) error {
	for _, part := range []struct {
		field string
		mine  *string
		its   string
	}{{"applicant", &r.Applicant, prior.Applicant}, {"slot", &r.Slot, prior.Slot}} {
		if *part.mine != "" && *part.mine != part.its {
			return &lifecycle.Invalid{Field: part.field, Problem: "must be that of the pass that is superseded"}
		}
		*part.mine = part.its
	}
	return nil
}
