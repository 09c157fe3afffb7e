package product

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/store"
)

// Config is what a product works with. Now and NewID may be nil: the system's clock, and
// random UUIDs.
type Config[A any] struct {
	Schema     store.Schema[A]
	Repository store.Repository[A]
	Chart      *lifecycle.Chart   // the table that judges (Machine.Chart)
	Earlier    []*lifecycle.Chart // tables of earlier releases, for histories that they judged
	Settings   Settings
	Observer   Observer // nil: nobody is told
	Now        func() time.Time
	NewID      func() uuid.UUID
}

// Runner does what every product does, for the records of one kind. It keeps nothing
// between calls and may be shared by any number of goroutines.
type Runner[A any] struct {
	config Config[A]
	within bool // in a transaction of the host's
}

// New checks the configuration. The error is lifecycle.ErrInvalid, and names the first
// field that cannot be.
func New[A any](c Config[A]) (*Runner[A], error) {
	missing := func(field string) (*Runner[A], error) {
		return nil, &lifecycle.Invalid{Field: field, Problem: "is needed"}
	}
	switch {
	case c.Repository == nil:
		return missing("Repository")
	case c.Chart == nil:
		return missing("Chart")
	case c.Schema.Kind == "" || c.Schema.Index == nil:
		return missing("Schema")
	}
	if slices.Contains(c.Earlier, nil) {
		return nil, &lifecycle.Invalid{Field: "Earlier", Problem: "must not hold a nil table"}
	}
	if err := c.Settings.check(); err != nil {
		return nil, err
	}
	c.Earlier = slices.Clone(c.Earlier)
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.NewID == nil {
		c.NewID = uuid.New
	}
	return &Runner[A]{config: c}, nil
}

// Over gives the same product over another repository: that of a transaction which the
// host began, and commits or rolls back. There an operation is tried once, since after a
// lost race the transaction is to begin anew, and no provider should be called (InTransaction).
func (r *Runner[A]) Over(repository store.Repository[A]) *Runner[A] {
	over := *r
	over.config.Repository, over.config.Settings.Attempts, over.within = repository, 1, true
	return &over
}

// InTransaction tells whether the runner was made by Over.
func (r *Runner[A]) InTransaction() bool { return r.within }

// Now is the host's clock: UTC, to the microsecond.
func (r *Runner[A]) Now() time.Time { return Moment(r.config.Now()) }

// NewID draws an id.
func (r *Runner[A]) NewID() uuid.UUID { return r.config.NewID() }

// Call begins an operation: who makes it, when, and the random values that it uses.
func (r *Runner[A]) Call(a audit.Actor) audit.Call {
	return audit.Call{ID: r.config.NewID(), Salt: r.config.NewID(), Actor: a, At: r.Now()}
}

// Authorize refuses an actor who is nobody (lifecycle.ErrInvalid), and one whose kind may
// not bring one of the events (ErrForbidden).
func (r *Runner[A]) Authorize(a audit.Actor, events ...string) error {
	for _, part := range [...]string{a.Organization, a.Kind, a.ID} {
		if part == "" || !store.ValidText(part) {
			return &lifecycle.Invalid{Field: "actor", Problem: "needs an organization, a kind and an id"}
		}
	}
	for _, on := range events {
		if !r.config.Chart.By(on, a.Kind) {
			return fmt.Errorf("%w: %s is not for the kind of actor", ErrForbidden, on)
		}
	}
	return nil
}

// Key names a record of the actor's organization by its id.
func Key(a audit.Actor, id uuid.UUID) store.Key {
	return store.Key{Organization: a.Organization, ID: id}
}

// Load returns a record as it is stored. It fails with store.ErrNotFound.
func (r *Runner[A]) Load(ctx context.Context, key store.Key) (store.Record[A], error) {
	return r.config.Repository.Load(ctx, key)
}

// limits bound one operation in the store.
func (r *Runner[A]) limits() store.Limits {
	return store.Limits{Attempts: r.config.Settings.Attempts, Within: r.config.Settings.Within}
}
