package idpass

import (
	"context"

	"github.com/google/uuid"

	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/product"
	"github.com/kycle/kycle/store"
)

// Details returns the pass as stored. It fails with store.ErrNotFound.
func (s *Service) Details(ctx context.Context, a Actor, id uuid.UUID) (Pass, error) {
	if err := s.runner.Authorize(a); err != nil {
		return Pass{}, err
	}
	r, err := s.runner.Load(ctx, product.Key(a, id))
	return r.Value, err
}

// Filter asks for one page of an applicant's passes.
type Filter = product.Filter[Status]

// List returns one page of the applicant's passes, newest first, as stored. It fails with
// lifecycle.ErrInvalid for a filter out of range, and for an applicant that is no text.
func (s *Service) List(ctx context.Context, a Actor, applicant string, f Filter) (product.Listing[Pass], error) {
	if !store.ValidText(applicant) {
		return product.Listing[Pass]{}, &lifecycle.Invalid{Field: "applicant", Problem: "must be UTF-8 without NUL"}
	}
	return s.runner.List(ctx, a, applicant, f.Plain())
}

// History returns the pass's audit trail and postings, checked. It fails with
// store.ErrNotFound; a trail that does not hold is no error, but its Fault.
func (s *Service) History(ctx context.Context, a Actor, id uuid.UUID) (product.Trail, error) {
	return s.runner.History(ctx, a, id)
}
