package idpass

import (
	"context"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/store"
)

// Details returns the pass as stored. It fails with store.ErrNotFound.
func (s *Service) Details(ctx context.Context, a Actor, id uuid.UUID) (Pass, error) {
	if err := authorize(a); err != nil {
		return Pass{}, err
	}
	r, err := s.config.Repository.Load(ctx, store.Key{Organization: a.Organization, ID: id})
	return r.Value, err
}

// Filter asks for one page of an applicant's passes.
type Filter struct {
	Page   int    // from 1; 0: 1
	Limit  int    // 1 to 100; 0: 100
	Status Status // "": any
}

// Listing is one page of an applicant's passes, newest first.
type Listing struct {
	Passes []Pass `json:"passes"`
	Total  int    `json:"total"`
	Page   int    `json:"page"`
	Limit  int    `json:"limit"`
}

// List returns one page of the applicant's passes, newest first, as stored. It fails with
// lifecycle.ErrInvalid for a filter out of range, and for an applicant that is no text.
func (s *Service) List(ctx context.Context, a Actor, applicant string, f Filter) (Listing, error) {
	if err := authorize(a); err != nil {
		return Listing{}, err
	}
	w, field, problem := store.Window{Page: f.Page, Limit: f.Limit}.Filled()
	switch {
	case field != "":
		return Listing{}, &lifecycle.Invalid{Field: field, Problem: problem}
	case !store.ValidText(applicant):
		return Listing{}, &lifecycle.Invalid{Field: "applicant", Problem: "must be UTF-8 without NUL"}
	case f.Status != "" && !Machine.Has(f.Status):
		return Listing{}, &lifecycle.Invalid{Field: "status", Problem: "is not a status of a pass"}
	}
	page, err := s.config.Repository.List(ctx, store.Query{
		Organization: a.Organization, Owner: applicant, Status: string(f.Status), Offset: w.Offset(), Limit: w.Limit,
	})
	if err != nil {
		return Listing{}, err
	}
	l := Listing{Passes: make([]Pass, len(page.Records)), Total: page.Total, Page: w.Page, Limit: w.Limit}
	for i, r := range page.Records {
		l.Passes[i] = r.Value
	}
	return l, nil
}

// History returns the pass's audit trail and postings, checked. It fails with
// store.ErrNotFound; a trail that does not hold is no error, but its Fault.
func (s *Service) History(ctx context.Context, a Actor, id uuid.UUID) (store.Trail, error) {
	if err := authorize(a); err != nil {
		return store.Trail{}, err
	}
	of := audit.Subject{Organization: a.Organization, Kind: Kind, ID: id}
	return store.Examine(ctx, s.config.Repository, store.Key{Organization: a.Organization, ID: id}, of,
		func(p Pass) string { return string(p.Status) }, Machine)
}
