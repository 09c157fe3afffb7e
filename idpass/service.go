package idpass

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/store"
)

// Config is what a service works with. Now and NewID may be nil: the system's clock, and
// random UUIDs.
type Config struct {
	Repository Repository
	Settings   Settings
	Now        func() time.Time
	NewID      func() uuid.UUID
}

// Service makes the operations of spec 2.2. It is safe for concurrent use.
type Service struct{ config Config }

// NewService checks the configuration. The error is lifecycle.ErrInvalid, and names the
// first field that cannot be.
func NewService(c Config) (*Service, error) {
	if c.Repository == nil {
		return nil, &lifecycle.Invalid{Field: "Repository", Problem: "is needed"}
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
	return &Service{config: c}, nil
}

// Answer is what a command leaves, and the reference of this call, which stands in the
// audit entry that it wrote.
type Answer struct {
	Pass      Pass
	Reference uuid.UUID
}

// Superseded is what Supersede leaves: the prior pass, cancelled, and the new one.
type Superseded struct {
	Prior Pass
	Answer
}

func (s *Service) now() time.Time { return s.config.Now().UTC().Truncate(time.Microsecond) }

func (s *Service) call(a Actor) audit.Call {
	return audit.Call{ID: s.config.NewID(), Salt: s.config.NewID(), Actor: a, At: s.now()}
}

// authorize refuses an actor who is nobody, and one whose kind may not bring the events.
func authorize(a Actor, events ...Event) error {
	for _, part := range []string{a.Organization, a.Kind, a.ID} {
		if part == "" || !store.ValidText(part) {
			return &lifecycle.Invalid{Field: "actor", Problem: "needs an organization, a kind and an id"}
		}
	}
	for _, on := range events {
		if !Machine.By(on, a.Kind) {
			return fmt.Errorf("%w: %s is not for the kind of actor", ErrForbidden, on)
		}
	}
	return nil
}

func (s *Service) attempt(ctx context.Context, call audit.Call, asks []store.Read[Pass], decide func() ([]store.Change[Pass], error)) error {
	return store.Update(ctx, s.config.Repository, call.ID, store.Limits{Attempts: s.config.Settings.Attempts}, asks, decide)
}

// update is the road of every operation on one existing pass: load, decide, commit.
func (s *Service) update(ctx context.Context, key store.Key, in Input) (decision Decision, err error) {
	var found store.Record[Pass]
	ask := store.Read[Pass]{Key: key, Into: &found}
	for receipt := range in.Receipts {
		ask.Receipts = append(ask.Receipts, receipt)
	}
	err = s.attempt(ctx, in.Call, []store.Read[Pass]{ask}, func() ([]store.Change[Pass], error) {
		if found.Version == 0 {
			return nil, store.ErrNotFound
		}
		made, err := Decide(found, in)
		if err == nil {
			decision = made // a refusal does not replace what a commit in doubt may have done
		}
		return made.Changes, err
	})
	if err != nil {
		return Decision{}, err // not one that was made and then lost a race
	}
	return decision, nil
}

// registerKey is the receipt of a registration with an idempotency key, under its own
// record.
const registerKey = "register"

// ticket is a registration on its way: the pass to be, and how a repeat of it is known.
type ticket struct {
	pass        Pass
	fingerprint string
	receipts    map[string]string // nil without an idempotency key
}

func (s *Service) ticket(a Actor, r Registration, prior uuid.UUID) (ticket, error) {
	order, err := r.order()
	if err != nil {
		return ticket{}, err
	}
	t := ticket{fingerprint: r.fingerprint(order, prior)}
	t.pass = Pass{ID: s.config.NewID(), OrganizationID: a.Organization, Applicant: r.Applicant, Slot: r.Slot, Order: order, Supersedes: prior}
	if r.IdempotencyKey != "" {
		t.pass.ID = store.IdempotentID(a.Organization, r.IdempotencyKey)
		t.receipts = map[string]string{registerKey: t.fingerprint}
	}
	return t, nil
}

func (t *ticket) ask(into *store.Record[Pass]) store.Read[Pass] {
	return store.Read[Pass]{Key: Index(t.pass).Key(), Receipts: []string{registerKey}, Into: into}
}

// repeated tells whether the pass is there already, and refuses other input under its key.
func (t *ticket) repeated(found store.Record[Pass]) (bool, error) {
	if found.Version > 0 && found.Receipts[registerKey] != t.fingerprint {
		return false, ErrKeyReused
	}
	return found.Version > 0, nil
}

// Register makes a pass and charges its fee. With an idempotency key the id is derived
// from organization and key: concurrent equal registrations make one pass, and a repeat
// answers with it as it now stands. A slot that another pass in flight holds is
// ErrSlotTaken; one whose holder's deadline lies in the past is freed in the same commit.
//
// It also fails with ErrForbidden, lifecycle.ErrInvalid, ErrKeyReused,
// store.ErrConflict or store.ErrUnknownOutcome.
func (s *Service) Register(ctx context.Context, a Actor, r Registration) (Answer, error) {
	if err := authorize(a, Register); err != nil {
		return Answer{}, err
	}
	t, err := s.ticket(a, r, uuid.Nil)
	if err != nil {
		return Answer{}, err
	}
	call := s.call(a)
	var own, holder store.Record[Pass]
	asks := []store.Read[Pass]{t.ask(&own)}
	if r.Slot != "" {
		// Read before the pass itself: an equal registration that comes between the two
		// is then seen as the repeat that it is, and not as a stranger on the slot.
		slot := store.Key{Organization: a.Organization, ExclusiveKey: r.Slot}
		asks = []store.Read[Pass]{{Key: slot, Into: &holder}, asks[0]}
	}
	answer := Answer{Reference: call.ID}
	err = s.attempt(ctx, call, asks, func() ([]store.Change[Pass], error) {
		answer.Pass = own.Value
		if done, err := t.repeated(own); done || err != nil {
			return nil, err
		}
		change := register(t.pass, call, t.receipts, s.config.Settings.LinkBase)
		answer.Pass = change.Next
		if holder.Version == 0 {
			return []store.Change[Pass]{change}, nil
		}
		if !holder.Value.overdue(call.At) {
			return nil, ErrSlotTaken
		}
		clockCall := call
		clockCall.Actor = clock(a.Organization)
		freed, err := Decide(holder, Input{Event: Expire, Call: clockCall, OccurredAt: holder.Value.ExpiresAt})
		return append(freed.Changes, change), err
	})
	if err != nil {
		return Answer{}, err
	}
	return answer, nil
}

// Supersede cancels the prior pass, with its refund if one is due, and registers the new
// one in one commit, so that the two can never both be in flight. The new one keeps the
// applicant and takes the prior one's slot: r may leave both empty, and may not differ.
// A repeat with the same idempotency key answers with both passes as they now stand.
//
// It fails with a *Refusal if the prior pass is final (and registers nothing), with
// store.ErrNotFound, and like Register.
func (s *Service) Supersede(ctx context.Context, a Actor, prior uuid.UUID, r Registration) (Superseded, error) {
	if err := authorize(a, Register, Cancel); err != nil {
		return Superseded{}, err
	}
	asked := r // what is wrong with it is said before the prior pass is looked up
	asked.Applicant = cmp.Or(r.Applicant, "inherited")
	if _, err := asked.order(); err != nil {
		return Superseded{}, err
	}
	key := store.Key{Organization: a.Organization, ID: prior}
	old, err := s.config.Repository.Load(ctx, key)
	if err != nil {
		return Superseded{}, err
	}
	if err := r.inherit(old.Value); err != nil {
		return Superseded{}, err
	}
	t, err := s.ticket(a, r, prior)
	if err != nil {
		return Superseded{}, err
	}
	call := s.call(a)
	answer := Superseded{Answer: Answer{Reference: call.ID}}
	var repeated bool
	// The prior pass is read first, for the reason that Register has.
	var own store.Record[Pass]
	reads := []store.Read[Pass]{{Key: key, Into: &old}, t.ask(&own)}
	err = s.attempt(ctx, call, reads, func() ([]store.Change[Pass], error) {
		answer.Pass = own.Value
		if repeated, err = t.repeated(own); repeated || err != nil {
			return nil, err
		}
		if old.Version == 0 {
			return nil, store.ErrNotFound
		}
		cancelled, err := Decide(old, Input{Event: Cancel, Call: call, Newer: t.pass.ID})
		if err != nil {
			return nil, err
		}
		change := register(t.pass, call, t.receipts, s.config.Settings.LinkBase)
		answer.Pass, answer.Prior = change.Next, cancelled.Pass
		return append(cancelled.Changes, change), nil
	})
	if err == nil && repeated {
		answer.Prior, err = s.Details(ctx, a, prior) // what was read above may be older than the repeat
	}
	if err != nil {
		return Superseded{}, err
	}
	return answer, nil
}

// inherit takes applicant and slot over from the prior pass, where they are not given.
func (r *Registration) inherit(prior Pass) error {
	for _, part := range []struct {
		field string
		mine  *string
		its   string
	}{{"applicant", &r.Applicant, prior.Applicant}, {"slot", &r.Slot, prior.Slot}} {
		if *part.mine != "" && *part.mine != part.its {
			return &lifecycle.Invalid{Field: part.field, Problem: "must be that of the pass that is superseded"}
		}
		*part.mine = part.its
	}
	return nil
}

// Cancel ends a pass in flight. Whether the fee is refunded is the row's word on the
// status that the commit itself leaves. It fails with ErrForbidden, store.ErrNotFound, a
// *Refusal (a second call too), store.ErrConflict or store.ErrUnknownOutcome.
func (s *Service) Cancel(ctx context.Context, a Actor, id uuid.UUID) (Answer, error) {
	if err := authorize(a, Cancel); err != nil {
		return Answer{}, err
	}
	call := s.call(a)
	decision, err := s.update(ctx, store.Key{Organization: a.Organization, ID: id}, Input{Event: Cancel, Call: call})
	if err != nil {
		return Answer{}, err
	}
	return Answer{decision.Pass, call.ID}, nil
}
