package product

import (
	"context"
	"math"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/store"
)

// Filter asks for one page of an owner's records; S is the product's own type of status.
type Filter[S ~string] struct {
	Page    int   // from 1; 0: 1
	Limit   int   // 1 to PageMost; 0: PageMost
	Status  S     // "": any
	Current *bool // nil: any
}

// Plain is the filter in plain strings.
func (f Filter[S]) Plain() Filter[string] {
	return Filter[string]{f.Page, f.Limit, string(f.Status), f.Current}
}

// PageMost is how many records a page has at most, and where nothing is said.
const PageMost = 100

// Listing is one page of an owner's records, newest first, as stored.
type Listing[A any] struct {
	Values []A
	Total  int // of all pages
	Page   int
	Limit  int
}

// filled gives the filter with what was not said filled in, and refuses, with
// lifecycle.ErrInvalid, what is out of range or unknown.
func (r *Runner[A]) filled(f Filter[string]) (Filter[string], error) {
	if f.Page == 0 {
		f.Page = 1
	}
	if f.Limit == 0 {
		f.Limit = PageMost
	}
	invalid := func(field, problem string) (Filter[string], error) {
		return f, &lifecycle.Invalid{Field: field, Problem: problem}
	}
	switch {
	case f.Page < 1 || f.Page > math.MaxInt32:
		return invalid("page", "must be from 1 to 2147483647")
	case f.Limit < 1 || f.Limit > PageMost:
		return invalid("limit", "must be from 1 to 100")
	case f.Status != "" && !r.config.Chart.Has(f.Status):
		return invalid("status", "is not a status that the table has")
	}
	return f, nil
}

// List returns one page of an owner's records, newest first, ties by id. It fails with
// lifecycle.ErrInvalid for a filter out of range, and for an owner that is no text.
func (r *Runner[A]) List(ctx context.Context, a audit.Actor, owner string, f Filter[string]) (Listing[A], error) {
	if err := r.Authorize(a); err != nil {
		return Listing[A]{}, err
	}
	f, err := r.filled(f)
	if err == nil && !store.ValidText(owner) {
		err = &lifecycle.Invalid{Field: "owner", Problem: "must be UTF-8 without NUL"}
	}
	if err != nil {
		return Listing[A]{}, err
	}
	page, err := r.config.Repository.List(ctx, store.Query{
		Organization: a.Organization, Owner: owner, Status: f.Status, Current: f.Current, Offset: (f.Page - 1) * f.Limit, Limit: f.Limit,
	})
	if err != nil {
		return Listing[A]{}, err
	}
	l := Listing[A]{Values: make([]A, len(page.Records)), Total: page.Total, Page: f.Page, Limit: f.Limit}
	for i, record := range page.Records {
		l.Values[i] = record.Value
	}
	return l, nil
}

// Each gives visit every record that q finds, page by page. Offset and Limit of q are its
// own to set.
func (r *Runner[A]) Each(ctx context.Context, q store.Query, visit func(A)) error {
	for q.Offset, q.Limit = 0, PageMost; ; q.Offset += q.Limit {
		page, err := r.config.Repository.List(ctx, q)
		if err != nil {
			return err
		}
		for _, record := range page.Records {
			visit(record.Value)
		}
		if len(page.Records) < q.Limit {
			return nil
		}
	}
}
