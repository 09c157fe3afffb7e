package kyc

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/product"
	"github.com/kycle/kycle/store"
)

// Config is what a service works with. Now and NewID may be nil: the system's clock, and
// random UUIDs.
type Config struct {
	Repository Repository
	Providers  map[string]Provider // by integration code
	Settings   Settings
	Earlier    []*lifecycle.Chart // tables of earlier releases, for histories that they judged
	Observer   product.Observer   // nil: nobody is told
	Now        func() time.Time
	NewID      func() uuid.UUID
}

// Service makes the operations of spec 1.5. It is safe for concurrent use.
type Service struct {
	runner    *product.Runner[Validation]
	providers map[string]Provider
	settings  Settings
	reviews   []Event // commands that are decided on fresh data
}

// NewService checks the configuration. The error is lifecycle.ErrInvalid, and names the
// first field that cannot be. It reads nothing that is stored: call Ready for that.
func NewService(c Config) (*Service, error) {
	for _, p := range c.Providers {
		if p == nil {
			return nil, &lifecycle.Invalid{Field: "Providers", Problem: "must not hold a nil provider"}
		}
	}
	table := c.Settings.lifecycle()
	runner, err := product.New(product.Config[Validation]{
		Schema: SchemaOf(table), Repository: c.Repository, Chart: table.Chart(), Earlier: c.Earlier,
		Settings: c.Settings.Settings, Observer: c.Observer, Now: c.Now, NewID: c.NewID,
	})
	if err == nil {
		err = c.Settings.check()
	}
	if err != nil {
		return nil, err
	}
	return &Service{runner, maps.Clone(c.Providers), c.Settings, reviews(table)}, nil
}

// reviews are the events of which a row asks for fresh data.
func reviews(table *Lifecycle) (list []Event) {
	for _, row := range table.Definition().Rows {
		if slices.ContainsFunc(row.If, func(r Rule) bool { return r.Code == FreshlySynced.Code }) {
			list = append(list, row.On)
		}
	}
	return list
}

// Over gives the same service over another repository: that of a transaction which the
// host began, and commits or rolls back. It is cheap, and made anew for each transaction.
// An operation is tried once there. A cancel leaves the termination of the session owed to
// the next Sweep, since the transaction may yet be rolled back.
func (s *Service) Over(repository Repository) *Service {
	over := *s
	over.runner = s.runner.Over(repository)
	return &over
}

// Ready tells whether the service can work on what is stored: whether its table knows every
// status that a record has. Call it at start. It fails with a *product.Strangers
// (product.ErrUnknownStatus), which names each status, how many records have it and what to
// do, or with product.ErrLacks where the store cannot count.
func (s *Service) Ready(ctx context.Context) error { return s.runner.Ready(ctx) }

const (
	reasonLeast = 5    // code points (seeds 000, 001)
	reasonMost  = 1000 // code points
)

// trimmed checks a reason and gives it without the white space around it.
func trimmed(reason string) (string, error) {
	switch reason = strings.TrimSpace(reason); {
	case !store.ValidText(reason):
		return "", &lifecycle.Invalid{Field: "reason", Problem: "must be UTF-8 without NUL"}
	case utf8.RuneCountInString(reason) < reasonLeast:
		return "", &lifecycle.Invalid{Problem: fmt.Sprintf("Reason must be at least %d characters", reasonLeast)}
	case utf8.RuneCountInString(reason) > reasonMost:
		return "", &lifecycle.Invalid{Problem: fmt.Sprintf("Reason must be at most %d characters", reasonMost)}
	}
	return reason, nil
}

// decide judges one input on one record, and commits what it brings.
func (s *Service) decide(ctx context.Context, key store.Key, in Input) (Result, error) {
	in.Call.Event = string(in.Event)
	return s.runner.Update(ctx, in.Call, key, in.Receipts, func(r store.Record[Validation]) (Decision, error) {
		return Decide(r, in, s.settings)
	})
}

// Approve verifies by hand. In this order: the reason is checked, the validation loaded,
// one cancelled or decided by hand refused, a sync with the provider forced (what it
// brings is committed and stays), then the command decided. Without a reading there is
// no decision. A second call is refused like any command in a final status.
//
// It fails with product.ErrForbidden, lifecycle.ErrInvalid (the reason), store.ErrNotFound, a
// *product.Refusal, ErrNoSession, ErrNotConfigured, ErrProvider, store.ErrConflict,
// store.ErrUnavailable or store.ErrUnknownOutcome.
func (s *Service) Approve(ctx context.Context, a Actor, id uuid.UUID, reason string) (Validation, error) {
	return s.Do(ctx, a, id, Approve, reason)
}

// Reject refuses by hand, in the order and with the errors of Approve.
func (s *Service) Reject(ctx context.Context, a Actor, id uuid.UUID, reason string) (Validation, error) {
	return s.Do(ctx, a, id, Reject, reason)
}

// Cancel ends a validation that is not completed, on the stored status, without a sync.
// The session at the provider is then terminated, best effort: a failure of that neither
// undoes the cancel nor loses the duty, which a later Sweep fulfils.
//
// It fails with product.ErrForbidden, lifecycle.ErrInvalid (the reason), store.ErrNotFound, a
// *product.Refusal, store.ErrConflict, store.ErrUnavailable or store.ErrUnknownOutcome.
func (s *Service) Cancel(ctx context.Context, a Actor, id uuid.UUID, reason string) (Validation, error) {
	return s.Do(ctx, a, id, Cancel, reason)
}

// Do makes any command of the table on a validation that is there: those above, and the
// commands that a host added (Extend). Where a row of the command asks for fresh data
// (FreshlySynced), a sync is forced first, as by Approve; what the row owes to the provider
// is tried at once, as by Cancel. The errors are those of both. An event that is a report,
// or that the service brings itself, is product.ErrForbidden.
func (s *Service) Do(ctx context.Context, a Actor, id uuid.UUID, on Event, reason string) (Validation, error) {
	table := s.settings.lifecycle()
	if slices.Contains(ownEvents, on) || table.Kind(on) != lifecycle.Command {
		return Validation{}, fmt.Errorf("%w: the event is not one that a person wishes for", product.ErrForbidden)
	}
	if err := s.runner.Authorize(a, string(on)); err != nil {
		return Validation{}, err
	}
	reason, err := trimmed(reason)
	if err != nil {
		return Validation{}, err
	}
	in := Input{Event: on, Call: s.runner.Call(a), Reason: reason}
	key := product.Key(a, id)
	if slices.Contains(s.reviews, on) {
		return s.review(ctx, key, in)
	}
	result, err := s.decide(ctx, key, in)
	if err != nil || s.runner.InTransaction() {
		return result.Value, err
	}
	v, _ := s.terminate(ctx, result.Value) // where that fails it stays owed
	return v, nil
}

// ownEvents are those that the service brings itself, with what they say.
var ownEvents = in(Create, Supersede, Terminate, TerminateFoundGone)

// review reads the provider before a command is decided.
func (s *Service) review(ctx context.Context, key store.Key, in Input) (Validation, error) {
	r, err := s.runner.Load(ctx, key)
	if err != nil {
		return Validation{}, err
	}
	if s.settled(&r.Value) { // refused, and told to an observer like any other
		_, err := s.decide(ctx, key, in)
		return Validation{}, err
	}
	_, reading, err := s.read(ctx, r.Value)
	if errors.Is(err, ErrProvider) {
		// It may have been cancelled meanwhile, and its session be gone for that.
		if r, again := s.runner.Load(ctx, key); again == nil && s.settled(&r.Value) {
			_, err = Decide(r, in, s.settings)
		}
	}
	if err != nil {
		return Validation{}, err
	}
	in.Reading, in.Call.At = reading, s.runner.Now()
	result, err := s.decide(ctx, key, in)
	return result.Value, err
}

// settled tells whether nothing can change the status any more: spec 1.1, "absorbing".
func (s *Service) settled(v *Validation) bool {
	return v.DecidedByHand || s.settings.lifecycle().State(v.Status).Absorbing
}
