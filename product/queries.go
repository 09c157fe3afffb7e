package product

import (
	"context"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
)

// Queries are the operations of a product that only read (Verbs). A service that has
// nothing to add to them embeds them.
type Queries[A any] struct{ runner *Runner[A] }

// Details returns a record as stored. It fails with store.ErrNotFound.
func (q Queries[A]) Details(ctx context.Context, a audit.Actor, id uuid.UUID) (value A, err error) {
	if err = q.runner.Authorize(a); err != nil {
		return value, err
	}
	record, err := q.runner.Load(ctx, Key(a, id))
	return record.Value, err
}

// List is Runner.List.
func (q Queries[A]) List(ctx context.Context, a audit.Actor, owner string, f Filter[string]) (Listing[A], error) {
	return q.runner.List(ctx, a, owner, f)
}

// History is Runner.History.
func (q Queries[A]) History(ctx context.Context, a audit.Actor, id uuid.UUID) (Trail, error) {
	return q.runner.History(ctx, a, id)
}

// Ready is Runner.Ready: a service calls it at start.
func (q Queries[A]) Ready(ctx context.Context) error { return q.runner.Ready(ctx) }
