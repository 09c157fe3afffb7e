package idpass

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/product"
	"github.com/kycle/kycle/store"
)

// Config is what a service works with. Now and NewID may be nil: the system's clock, and
// random UUIDs.
type Config struct {
	Repository Repository
	Settings   Settings
	Earlier    []*lifecycle.Chart // tables of earlier releases, for histories that they judged
	Observer   product.Observer   // nil: nobody is told
	Now        func() time.Time
	NewID      func() uuid.UUID
}

// Service makes the operations of spec 2.2. It is safe for concurrent use.
type Service struct {
	runner   *product.Runner[Pass]
	settings Settings
}

// NewService checks the configuration. The error is lifecycle.ErrInvalid, and names the
// first field that cannot be. It reads nothing that is stored: call Ready for that.
func NewService(c Config) (*Service, error) {
	runner, err := product.New(product.Config[Pass]{
		Schema: Schema, Repository: c.Repository, Chart: Machine.Chart(), Earlier: c.Earlier,
		Settings: c.Settings.Settings, Observer: c.Observer, Now: c.Now, NewID: c.NewID,
	})
	if err == nil {
		err = c.Settings.check()
	}
	if err != nil {
		return nil, err
	}
	return &Service{runner, c.Settings}, nil
}

// Over gives the same service over another repository: that of a transaction which the
// host began, and commits or rolls back. It is cheap, and made anew for each transaction.
// An operation is tried once there.
func (s *Service) Over(repository Repository) *Service {
	return &Service{s.runner.Over(repository), s.settings}
}

// Ready tells whether the service can work on what is stored: whether its table knows every
// status that a record has. Call it at start. It fails with a *product.Strangers
// (product.ErrUnknownStatus), which names each status, how many records have it and what to
// do, or with product.ErrLacks where the store cannot count.
func (s *Service) Ready(ctx context.Context) error { return s.runner.Ready(ctx) }

// Answer is what a command leaves, and the reference of this call, which stands in the
// audit entry that it wrote.
type Answer struct {
	Pass      Pass
	Reference uuid.UUID
}

// decide judges one input on one pass, and commits what it brings.
func (s *Service) decide(ctx context.Context, key store.Key, in Input) (Result, error) {
	in.Call.Event = string(in.Event)
	return s.runner.Update(ctx, in.Call, key, in.Receipts, func(r store.Record[Pass]) (Decision, error) {
		return Decide(r, in)
	})
}

// Cancel ends a pass in flight. Whether the fee is refunded is the row's word on the
// status that the commit itself leaves. It fails with product.ErrForbidden,
// store.ErrNotFound, a *product.Refusal (a second call too), store.ErrConflict,
// store.ErrUnavailable or store.ErrUnknownOutcome.
func (s *Service) Cancel(ctx context.Context, a Actor, id uuid.UUID) (Answer, error) {
	if err := s.runner.Authorize(a, string(Cancel)); err != nil {
		return Answer{}, err
	}
	call := s.runner.Call(a)
	result, err := s.decide(ctx, product.Key(a, id), Input{Event: Cancel, Call: call})
	if err != nil {
		return Answer{}, err
	}
	return Answer{result.Value, call.ID}, nil
}
