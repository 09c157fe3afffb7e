package kyc

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/product"
	"github.com/kycle/kycle/store"
)

// Validation returns the validation. If its last successful reading is older than
// Settings.RefreshAfter it is synced first, because the provider's image links die; where
// that fails the stored validation is returned and marked stale. One never read, or
// settled for ever, is returned as stored. It fails with store.ErrNotFound.
func (s *Service) Validation(ctx context.Context, a Actor, id uuid.UUID) (View, error) {
	return s.view(ctx, a, product.Key(a, id))
}

// Current returns the entity's current validation, refreshed like Validation. It fails
// with store.ErrNotFound where there is none.
func (s *Service) Current(ctx context.Context, a Actor, entity uuid.UUID) (View, error) {
	seat := store.Key{Organization: a.Organization, ExclusiveKey: entity.String()}
	view, err := s.view(ctx, a, seat)
	if err == nil && view.SupersededBy != uuid.Nil {
		view, err = s.view(ctx, a, seat) // a newer one was created while this one was refreshed
	}
	if err == nil && !view.IsCurrent {
		return View{}, store.ErrNotFound
	}
	return view, err
}

func (s *Service) view(ctx context.Context, a Actor, key store.Key) (View, error) {
	if err := s.runner.Authorize(a); err != nil {
		return View{}, err
	}
	r, err := s.runner.Load(ctx, key)
	if err != nil {
		return View{}, err
	}
	v := r.Value
	if age, read := v.readAge(s.runner.Now()); !read || s.settled(&v) || age <= s.settings.RefreshAfter {
		return View{Validation: v}, nil
	}
	synced, _, err := s.read(ctx, v)
	if err != nil {
		return View{Validation: v, Stale: true}, nil
	}
	return View{Validation: synced}, nil
}

// Status tells how an entity stands, from what is stored. An entity without validations
// has the summary that says so; that is no error.
func (s *Service) Status(ctx context.Context, a Actor, entity uuid.UUID) (Summary, error) {
	if err := s.runner.Authorize(a); err != nil {
		return Summary{}, err
	}
	r, err := s.runner.Load(ctx, store.Key{Organization: a.Organization, ExclusiveKey: entity.String()})
	if errors.Is(err, store.ErrNotFound) {
		return Summary{}, nil
	} else if err != nil {
		return Summary{}, err
	}
	last, err := s.lastVerified(ctx, r.Value)
	if err != nil {
		return Summary{}, err
	}
	sum := Summary{HasKYC: true, LastVerifiedAt: product.OrNull(last)}
	if v := r.Value; v.IsCurrent {
		sum.CurrentValidation = &SummaryRef{v.ID, v.Status, product.OrNull(v.VerifiedAt)}
		if !v.VerifiedAt.IsZero() {
			until := addMonths(v.VerifiedAt, s.settings.VerificationMonths)
			sum.ExpiresAt, sum.IsVerified = &until, until.After(s.runner.Now())
		}
	}
	sum.NeedsReverification = !sum.IsVerified
	return sum, nil
}

// addMonths adds calendar months. Where the month meant has no such day it is the last one
// that it has (spec 1.5).
func addMonths(t time.Time, months int) time.Time {
	then := t.AddDate(0, months, 0)
	if then.Day() != t.Day() { // it ran over into the month after
		then = then.AddDate(0, 0, -then.Day())
	}
	return then
}

// lastVerified is the newest verifiedAt that holds on any validation of the entity whose
// newest validation is given.
func (s *Service) lastVerified(ctx context.Context, newest Validation) (time.Time, error) {
	last := newest.VerifiedAt
	of := store.Query{Organization: newest.OrganizationID, Owner: newest.EntityID.String(), Status: string(Approved)}
	err := s.runner.Each(ctx, of, func(v Validation) {
		if v.VerifiedAt.After(last) {
			last = v.VerifiedAt
		}
	})
	return last, err
}

// Filter asks for one page of an entity's validations.
type Filter = product.Filter[Status]

// List returns one page of the entity's validations, newest first, as stored. It fails
// with lifecycle.ErrInvalid for a filter out of range.
func (s *Service) List(ctx context.Context, a Actor, entity uuid.UUID, f Filter) (product.Listing[Validation], error) {
	return s.runner.List(ctx, a, entity.String(), f.Plain())
}

// History returns the validation's audit trail and postings, checked. It fails with
// store.ErrNotFound; a trail that does not hold is no error, but its Fault.
func (s *Service) History(ctx context.Context, a Actor, id uuid.UUID) (product.Trail, error) {
	return s.runner.History(ctx, a, id)
}
