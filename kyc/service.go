package kyc

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/store"
)

// Config is what a service works with. Now and NewID may be nil: the system's clock, and
// random UUIDs.
type Config struct {
	Repository Repository
	Providers  map[string]Provider // by integration code
	Settings   Settings
	Now        func() time.Time
	NewID      func() uuid.UUID
}

// Service makes the operations of spec 1.5. It is safe for concurrent use.
type Service struct{ config Config }

// NewService checks the configuration. The error is lifecycle.ErrInvalid, and names the
// first field that cannot be.
func NewService(c Config) (*Service, error) {
	if c.Repository == nil {
		return nil, &lifecycle.Invalid{Field: "Repository", Problem: "is needed"}
	}
	for _, p := range c.Providers {
		if p == nil {
			return nil, &lifecycle.Invalid{Field: "Providers", Problem: "must not hold a nil provider"}
		}
	}
	if err := c.Settings.check(); err != nil {
		return nil, err
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.NewID == nil {
		c.NewID = uuid.New
	}
	c.Providers = maps.Clone(c.Providers)
	return &Service{config: c}, nil
}

func (s *Service) now() time.Time { return s.config.Now().UTC().Truncate(time.Microsecond) }

func (s *Service) call(a Actor) audit.Call {
	return audit.Call{ID: s.config.NewID(), Salt: s.config.NewID(), Actor: a, At: s.now()}
}

// authorize refuses an actor who is nobody, and one whose kind may not bring the event.
func authorize(a Actor, on Event) error {
	if err := identified(a); err != nil {
		return err
	}
	if !Machine.By(on, a.Kind) {
		return fmt.Errorf("%w: %s is not for the kind of actor", ErrForbidden, on)
	}
	return nil
}

func identified(a Actor) error {
	for _, part := range []string{a.Organization, a.Kind, a.ID} {
		if part == "" || !store.ValidText(part) {
			return &lifecycle.Invalid{Field: "actor", Problem: "needs an organization, a kind and an id"}
		}
	}
	return nil
}

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

func (s *Service) load(ctx context.Context, a Actor, id uuid.UUID) (store.Record[Validation], error) {
	return s.config.Repository.Load(ctx, store.Key{Organization: a.Organization, ID: id})
}

func (s *Service) limits() store.Limits { return store.Limits{Attempts: s.config.Settings.Attempts} }

// update is the road of every operation on one existing record: load, decide, commit.
func (s *Service) update(ctx context.Context, key store.Key, in Input) (decision Decision, err error) {
	var found store.Record[Validation]
	ask := store.Read[Validation]{Key: key, Into: &found}
	for receipt := range in.Receipts {
		ask.Receipts = append(ask.Receipts, receipt)
	}
	err = store.Update(ctx, s.config.Repository, in.Call.ID, s.limits(), []store.Read[Validation]{ask},
		func() ([]store.Change[Validation], error) {
			if found.Version == 0 {
				return nil, store.ErrNotFound
			}
			made, err := Decide(found, in, s.config.Settings)
			if err == nil {
				decision = made // a refusal does not replace what a commit in doubt may have done
			}
			return made.Changes, err
		})
	if err != nil {
		return Decision{}, err
	}
	return decision, nil
}

// Create opens a provider session with the validation's id as its reference and makes the
// validation, pending. The entity's newest validation until then is superseded in the same
// commit. With an idempotency key the id is derived from organization and key: concurrent
// equal creates make one validation, and a repeat answers with it as it now stands.
//
// It fails with ErrForbidden, lifecycle.ErrInvalid, ErrNotConfigured, ErrProvider
// (nothing is stored, and the key is free), ErrKeyReused, store.ErrConflict or
// store.ErrUnknownOutcome.
func (s *Service) Create(ctx context.Context, a Actor, n NewValidation) (Validation, error) {
	if err := authorize(a, Create); err != nil {
		return Validation{}, err
	}
	n, fingerprint, err := n.checked()
	if err != nil {
		return Validation{}, err
	}
	v := Validation{ID: s.config.NewID(), OrganizationID: a.Organization, EntityID: n.EntityID, Provider: n.Provider, Metadata: n.Metadata}
	var newest, own store.Record[Validation]
	asks := []store.Read[Validation]{{Key: store.Key{Organization: a.Organization, ExclusiveKey: n.EntityID.String()}, Into: &newest}}
	var receipts map[string]string
	if n.IdempotencyKey != "" {
		v.ID = store.IdempotentID(a.Organization, n.IdempotencyKey)
		receipts = map[string]string{createKey: fingerprint}
		r, err := s.config.Repository.Load(ctx, Index(v).Key(), createKey)
		if !errors.Is(err, store.ErrNotFound) {
			return repeated(r, fingerprint, err)
		}
	}
	asks = append(asks, store.Read[Validation]{Key: Index(v).Key(), Receipts: []string{createKey}, Into: &own})
	if err := s.open(ctx, &v); err != nil {
		return Validation{}, err
	}
	call, made := s.call(a), Validation{}
	err = store.Update(ctx, s.config.Repository, call.ID, s.limits(), asks,
		func() ([]store.Change[Validation], error) {
			if own.Version > 0 {
				again, err := repeated(own, fingerprint, nil)
				if err == nil {
					made = again
				}
				return nil, err
			}
			changes := create(newest, v, call, receipts, s.config.Settings)
			made = changes[len(changes)-1].Next
			return changes, nil
		})
	if err != nil {
		return Validation{}, err
	}
	return made, nil
}

// createKey is the receipt of a create with an idempotency key, under its own record.
const createKey = "create"

// repeated answers a create whose record is there already.
func repeated(r store.Record[Validation], fingerprint string, err error) (Validation, error) {
	if err == nil && r.Receipts[createKey] != fingerprint {
		return Validation{}, ErrKeyReused
	}
	return r.Value, err
}

// open opens the session of a validation that is about to be.
func (s *Service) open(ctx context.Context, v *Validation) error {
	provider := s.config.Providers[v.Provider]
	if provider == nil {
		return ErrNotConfigured
	}
	session, err := provider.Open(ctx, Opening{v.ID, v.OrganizationID, v.EntityID})
	switch {
	case err != nil:
		return &ProviderError{v.Provider, err}
	case session.ID == "" || len(session.ID) > keyMost || !store.ValidText(session.ID) || !store.ValidText(session.URL):
		return &ProviderError{v.Provider, errors.New("a session without a usable id")}
	}
	v.ValidationSessionID, v.ProviderSessionURL = session.ID, session.URL
	return nil
}

// Approve verifies by hand. In this order: the reason is checked, the validation loaded,
// one cancelled or decided by hand refused, a sync with the provider forced (what it
// brings is committed and stays), then the command decided. Without a reading there is
// no decision. A second call is refused like any command in a final status.
//
// It fails with ErrForbidden, lifecycle.ErrInvalid (the reason), store.ErrNotFound, a
// *Refusal, ErrNoSession, ErrNotConfigured, ErrProvider, store.ErrConflict or
// store.ErrUnknownOutcome.
func (s *Service) Approve(ctx context.Context, a Actor, id uuid.UUID, reason string) (Validation, error) {
	return s.review(ctx, a, id, Approve, reason)
}

// Reject refuses by hand, in the order and with the errors of Approve.
func (s *Service) Reject(ctx context.Context, a Actor, id uuid.UUID, reason string) (Validation, error) {
	return s.review(ctx, a, id, Reject, reason)
}

func (s *Service) review(ctx context.Context, a Actor, id uuid.UUID, on Event, reason string) (Validation, error) {
	if err := authorize(a, on); err != nil {
		return Validation{}, err
	}
	reason, err := trimmed(reason)
	if err != nil {
		return Validation{}, err
	}
	r, err := s.load(ctx, a, id)
	if err != nil {
		return Validation{}, err
	}
	in := Input{Event: on, Call: s.call(a), Reason: reason}
	if r.Value.settled() {
		_, err := Decide(r, in, s.config.Settings)
		return Validation{}, err
	}
	synced, reading, err := s.read(ctx, r.Value)
	if errors.Is(err, ErrProvider) {
		// It may have been cancelled meanwhile, and its session be gone for that.
		if r, again := s.load(ctx, a, id); again == nil && r.Value.settled() {
			_, err = Decide(r, in, s.config.Settings)
		}
	}
	if err != nil {
		return Validation{}, err
	}
	in.Reading, in.Call.At = reading, s.now()
	decision, err := s.update(ctx, Index(synced).Key(), in)
	return decision.Validation, err
}

// Cancel ends a validation that is not completed, on the stored status, without a sync.
// The session at the provider is then terminated, best effort: a failure of that neither
// undoes the cancel nor loses the duty, which a later Sweep fulfils.
//
// It fails with ErrForbidden, lifecycle.ErrInvalid (the reason), store.ErrNotFound, a
// *Refusal, store.ErrConflict or store.ErrUnknownOutcome.
func (s *Service) Cancel(ctx context.Context, a Actor, id uuid.UUID, reason string) (Validation, error) {
	if err := authorize(a, Cancel); err != nil {
		return Validation{}, err
	}
	reason, err := trimmed(reason)
	if err != nil {
		return Validation{}, err
	}
	key := store.Key{Organization: a.Organization, ID: id}
	decision, err := s.update(ctx, key, Input{Event: Cancel, Call: s.call(a), Reason: reason})
	if err != nil {
		return Validation{}, err
	}
	if v, err := s.terminate(ctx, decision.Validation); err == nil {
		return v, nil
	}
	return decision.Validation, nil // it stays owed
}
