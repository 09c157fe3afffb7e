package kyc

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/store"
)

// Validation returns the validation. If its last successful reading is older than
// Settings.RefreshAfter it is synced first, because the provider's image links die; where
// that fails the stored validation is returned and marked stale. One never read, or
// settled for ever, is returned as stored. It fails with store.ErrNotFound.
func (s *Service) Validation(ctx context.Context, a Actor, id uuid.UUID) (View, error) {
	return s.view(ctx, a, store.Key{Organization: a.Organization, ID: id})
}

// Current returns the entity's current validation, refreshed like Validation. It fails
// with store.ErrNotFound where there is none.
func (s *Service) Current(ctx context.Context, a Actor, entity uuid.UUID) (View, error) {
	seat := store.Key{Organization: a.Organization, ExclusiveKey: entity.String()}
	view, err := s.view(ctx, a, seat)
	if err == nil && view.SupersededBy != uuid.Nil {
		view, err = s.view(ctx, a, seat) // a newer one was created while this one was refreshed
	}
	if err == nil && !view.IsCurrent() {
		return View{}, store.ErrNotFound
	}
	return view, err
}

func (s *Service) view(ctx context.Context, a Actor, key store.Key) (View, error) {
	if err := identified(a); err != nil {
		return View{}, err
	}
	r, err := s.config.Repository.Load(ctx, key)
	if err != nil {
		return View{}, err
	}
	v := r.Value
	if age, read := v.readAge(s.now()); !read || v.settled() || age <= s.config.Settings.RefreshAfter {
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
	if err := identified(a); err != nil {
		return Summary{}, err
	}
	r, err := s.config.Repository.Load(ctx, store.Key{Organization: a.Organization, ExclusiveKey: entity.String()})
	if errors.Is(err, store.ErrNotFound) {
		return Summary{}, nil
	} else if err != nil {
		return Summary{}, err
	}
	last, err := s.lastVerified(ctx, r.Value)
	if err != nil {
		return Summary{}, err
	}
	sum := Summary{HasKYC: true, LastVerifiedAt: orNull(last)}
	if v := r.Value; v.IsCurrent() {
		sum.CurrentValidation = &SummaryRef{v.ID, v.Status, orNull(v.VerifiedAt)}
		if !v.VerifiedAt.IsZero() {
			until := v.VerifiedAt.AddDate(0, s.config.Settings.VerificationMonths, 0)
			sum.ExpiresAt, sum.IsVerified = &until, until.After(s.now())
		}
	}
	sum.NeedsReverification = !sum.IsVerified
	return sum, nil
}

// lastVerified is the newest verifiedAt that holds on any validation of the entity whose
// newest validation is given.
func (s *Service) lastVerified(ctx context.Context, newest Validation) (last time.Time, err error) {
	last = newest.VerifiedAt
	for offset := 0; ; offset += store.WindowMost {
		page, err := s.config.Repository.List(ctx, store.Query{
			Organization: newest.OrganizationID, Owner: newest.EntityID.String(), Status: string(Approved), Offset: offset, Limit: store.WindowMost,
		})
		if err != nil {
			return last, err
		}
		for _, r := range page.Records {
			if r.Value.VerifiedAt.After(last) {
				last = r.Value.VerifiedAt
			}
		}
		if len(page.Records) < store.WindowMost {
			return last, nil
		}
	}
}

// Filter asks for one page of an entity's validations.
type Filter struct {
	Page      int    // from 1; 0: 1
	Limit     int    // 1 to 100; 0: 100
	Status    Status // "": any
	IsCurrent *bool  // nil: any
}

// List returns one page of the entity's validations, newest first, as stored. It fails
// with lifecycle.ErrInvalid for a filter out of range.
func (s *Service) List(ctx context.Context, a Actor, entity uuid.UUID, f Filter) (Listing, error) {
	if err := identified(a); err != nil {
		return Listing{}, err
	}
	w, field, problem := store.Window{Page: f.Page, Limit: f.Limit}.Filled()
	switch {
	case field != "":
		return Listing{}, &lifecycle.Invalid{Field: field, Problem: problem}
	case f.Status != "" && !Machine.Has(f.Status):
		return Listing{}, &lifecycle.Invalid{Field: "status", Problem: "is not a status of a validation"}
	}
	page, err := s.config.Repository.List(ctx, store.Query{
		Organization: a.Organization, Owner: entity.String(), Status: string(f.Status), Current: f.IsCurrent,
		Offset: w.Offset(), Limit: w.Limit,
	})
	if err != nil {
		return Listing{}, err
	}
	l := Listing{Validations: make([]Validation, len(page.Records)), Total: page.Total, Page: w.Page, Limit: w.Limit}
	for i, r := range page.Records {
		l.Validations[i] = r.Value
	}
	return l, nil
}

// History returns the validation's audit trail and postings, checked. It fails with
// store.ErrNotFound; a trail that does not hold is no error, but its Fault.
func (s *Service) History(ctx context.Context, a Actor, id uuid.UUID) (store.Trail, error) {
	if err := identified(a); err != nil {
		return store.Trail{}, err
	}
	of := audit.Subject{Organization: a.Organization, Kind: Kind, ID: id}
	return store.Examine(ctx, s.config.Repository, store.Key{Organization: a.Organization, ID: id}, of,
		func(v Validation) string { return string(v.Status) }, Machine)
}
