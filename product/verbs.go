package product

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/store"
)

// Verbs makes the operations of a product whose decision is one pure function of a record,
// an event and the event's origin (Judge makes such a one of a table). A service holds it,
// and gives each operation a name, a comment and its events.
//
// Each fails with ErrForbidden, lifecycle.ErrInvalid, store.ErrConflict,
// store.ErrUnavailable or store.ErrUnknownOutcome, and with what it lists.
type Verbs[A any, E ~string] struct {
	Queries[A]
	decide func(r store.Record[A], on E, from Origin) (Decision[A], error)
}

// NewVerbs checks the configuration like New.
func NewVerbs[A any, E ~string](
	c Config[A], decide func(r store.Record[A], on E, from Origin) (Decision[A], error),
) (Verbs[A, E], error) {
	runner, err := New(c)
	return Verbs[A, E]{Queries[A]{runner}, decide}, err
}

// Over gives the same over a transaction of the host's (Runner.Over).
func (v Verbs[A, E]) Over(repository store.Repository[A]) Verbs[A, E] {
	v.runner = v.runner.Over(repository)
	return v
}

// Create makes a record by a command. With an idempotency key equal creates make one record,
// and a repeat answers with it as it now stands. It fails with the decision's refusal,
// ErrKeyReused or ErrHeld.
func (v Verbs[A, E]) Create(ctx context.Context, a audit.Actor, on E, b Birth[A]) (value A, err error) {
	from, err := v.begin(a, lifecycle.Command, on)
	if err == nil {
		err = CheckText("Idempotency-Key", b.IdempotencyKey, 0, KeyMost)
	}
	if err != nil {
		return value, err
	}
	creation := v.runner.Creation(a, b.IdempotencyKey, digest(b.Input))
	from.Receipts = creation.Receipts()
	if b.ExclusiveKey != "" {
		creation.Holder = store.Key{Organization: a.Organization, ExclusiveKey: b.ExclusiveKey}
	}
	value, _, err = v.runner.Create(ctx, from.Call, creation, func(holder store.Record[A]) ([]store.Change[A], error) {
		if holder.Version > 0 {
			return nil, ErrHeld
		}
		d, err := v.decide(store.Record[A]{Value: b.Value(creation.ID, from.Call.At)}, on, from)
		return d.Changes, err
	})
	return value, err
}

// Command makes a command or, where it is refused, the first of the others that is not, as
// the record stands when it is committed. It fails with store.ErrNotFound, and with the
// refusal of the last.
func (v Verbs[A, E]) Command(ctx context.Context, a audit.Actor, id uuid.UUID, on E, others ...E) (A, error) {
	events := append([]E{on}, others...)
	from, err := v.begin(a, lifecycle.Command, events...)
	if err != nil {
		var none A
		return none, err
	}
	r, err := v.update(ctx, Key(a, id), from, events...)
	return r.Value, err
}

// Report takes a report. The same event id again is a Duplicate to Judge, with
// store.EventReused where it tells something else. It fails with store.ErrNotFound.
func (v Verbs[A, E]) Report(ctx context.Context, a audit.Actor, id uuid.UUID, on E, report Report) (Result[A], error) {
	from, err := v.begin(a, lifecycle.Report, on)
	if err == nil {
		err = CheckText("eventId", report.EventID, 1, KeyMost)
	}
	if err != nil {
		return Result[A]{}, err
	}
	from.At, from.Source = Moment(report.OccurredAt), a.ID+"/"+report.EventID
	// Quoted, so that no two sources can meet in one key, whatever their ids hold.
	from.Receipts = map[string]string{"event " + strconv.Quote(a.ID) + " " + report.EventID: string(on)}
	return v.update(ctx, Key(a, id), from, on)
}

// Sweep makes the deadlines of due records happen (State.Deadline), as Runner.Sweep does,
// and tells how many records moved.
func (v Verbs[A, E]) Sweep(ctx context.Context) (moved int, err error) {
	index := v.runner.config.Schema.Index
	err = v.runner.Sweep(ctx, func(ctx context.Context, key store.Key) error {
		call := v.runner.Call(audit.Actor{Organization: key.Organization, Kind: audit.Clock, ID: "deadline"})
		call.Event = "deadline"
		result, err := v.runner.Update(ctx, call, key, nil, func(r store.Record[A]) (Decision[A], error) {
			now := index(r.Value)
			if now.Due.IsZero() || now.Due.After(call.At) { // another was quicker
				return Decision[A]{Result: Result[A]{Value: r.Value}}, nil
			}
			on := v.runner.config.Chart.State(now.Status).Deadline
			return v.decide(r, E(on), Origin{Call: call, At: now.Due})
		})
		if result.Verdict == lifecycle.Move {
			moved++
		}
		return err
	})
	return moved, err
}

// begin begins an operation of events of one kind, for an actor who may bring them.
func (v Verbs[A, E]) begin(a audit.Actor, kind lifecycle.Kind, events ...E) (Origin, error) {
	for _, on := range events {
		if err := v.runner.Authorize(a, string(on)); err != nil {
			return Origin{}, err
		}
		if v.runner.config.Chart.Kind(string(on)) != kind {
			return Origin{}, fmt.Errorf("%w: %s is no %s", ErrForbidden, on, kind)
		}
	}
	call := v.runner.Call(a)
	call.Event = string(events[0])
	return Origin{Call: call}, nil
}

func (v Verbs[A, E]) update(ctx context.Context, key store.Key, from Origin, on ...E) (Result[A], error) {
	return v.runner.Update(ctx, from.Call, key, from.Receipts, func(r store.Record[A]) (d Decision[A], err error) {
		for _, event := range on {
			if d, err = v.decide(r, event, from); !errors.Is(err, lifecycle.ErrNotAllowed) {
				break
			}
		}
		return d, err
	})
}
