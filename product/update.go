package product

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/store"
)

// Decision is the verdict on one input and what is to be written for it. Without Changes
// there is nothing to write.
type Decision[A any] struct {
	Result[A]
	Changes []store.Change[A]
}

// Result is what an operation leaves: the verdict, and the value as it now stands.
type Result[A any] struct {
	Verdict lifecycle.Verdict
	Why     string // of an Ignore; store.EventReused of a Duplicate that tells something else
	Value   A
}

// Update is the road of an operation on one record: load, decide, commit. decide is pure:
// it runs once an attempt, on a record that is there. receipts are the keys under which the
// input is remembered: decide sees those that the record has already (store.Record.Received).
//
// An error of decide ends it as it is, nothing written. Otherwise it fails with
// store.ErrNotFound, or like store.Update: with store.ErrConflict, store.ErrUnknownOutcome,
// store.ErrUnavailable, the cause of a context that has ended, or what the repository says.
func (r *Runner[A]) Update(
	ctx context.Context, call audit.Call, key store.Key, receipts map[string]string,
	decide func(store.Record[A]) (Decision[A], error),
) (Result[A], error) {
	var found store.Record[A]
	var last Decision[A]
	read := store.Read[A]{Key: key, Into: &found}
	for receipt := range receipts {
		read.Receipts = append(read.Receipts, receipt)
	}
	ctx, w := r.watch(ctx, call.Event)
	err := store.Update(ctx, w.counting(r.config.Repository), call.ID, r.limits(), []store.Read[A]{read}, func() ([]store.Change[A], error) {
		if found.Version == 0 {
			return nil, store.ErrNotFound
		}
		if w != nil {
			w.found(ctx, r.config.Schema.Index(found.Value).Due)
		}
		w.decided()
		made, err := decide(found)
		if err == nil { // a refusal of a later attempt is not what a commit in doubt has done
			last = made
		}
		return made.Changes, err
	})
	w.end(ctx, last, err)
	if err != nil {
		return Result[A]{}, err
	}
	return last.Result, nil
}

// Creation is a create that is about to be made: of which record, and how a repeat of it is
// known. Runner.Creation begins one.
type Creation struct {
	ID    uuid.UUID // of the new record
	Input string    // a digest of the caller's input, by which a repeat is told from a reused key
	Keyed bool      // the caller brought an idempotency key, and ID is derived from it
	// Holder is the record that the new one may replace: by its id, or by the exclusive key
	// that both are for. The zero Key: none.
	Holder store.Key
}

// errNoChange: decide gave Create no record to make.
var errNoChange = errors.New("product: a create without a change")

// createReceipt is the receipt of a create with an idempotency key, under its own record.
const createReceipt = "create"

// Receipts are those of the change that creates the record; nil without an idempotency key.
func (c Creation) Receipts() map[string]string {
	if !c.Keyed {
		return nil
	}
	return map[string]string{createReceipt: c.Input}
}

// Creation begins a create. With an idempotency key the id is derived from organization
// and key, so that all rivals meet at one record; input is the digest of what the caller
// gave. Without one ("") every create makes a record of its own.
func (r *Runner[A]) Creation(a audit.Actor, idempotencyKey, input string) Creation {
	if idempotencyKey == "" {
		return Creation{ID: r.NewID(), Input: input}
	}
	return Creation{ID: store.IdempotentID(a.Organization, idempotencyKey), Input: input, Keyed: true}
}

// Created finds the record that an earlier create with the same key has made. found is
// false where there is none; other input under the key is ErrKeyReused.
func (r *Runner[A]) Created(ctx context.Context, a audit.Actor, c Creation) (value A, found bool, err error) {
	if !c.Keyed {
		return value, false, nil
	}
	record, err := r.config.Repository.Load(ctx, Key(a, c.ID), createReceipt)
	if errors.Is(err, store.ErrNotFound) {
		return value, false, nil
	}
	if err == nil {
		err = c.repeats(record.Receipts)
	}
	if err != nil {
		return value, false, err
	}
	return record.Value, true, nil
}

// repeats refuses other input under the same key, and a record that no create with a key
// has made.
func (c Creation) repeats(receipts map[string]string) error {
	if input, there := receipts[createReceipt]; !there || input != c.Input {
		return ErrKeyReused
	}
	return nil
}

// Create makes a record and, in the same commit, what becomes of the holder that it
// replaces. decide is pure and runs once an attempt: it gets the holder as it is (Version 0:
// there is none) and gives the changes, the holder's first, the new record's last. Where an
// equal create came first, its record is the answer, as it now stands, and repeated is true.
//
// An error of decide ends it as it is, nothing written. Otherwise it fails with
// ErrKeyReused, or like store.Update (see Update).
func (r *Runner[A]) Create(
	ctx context.Context, call audit.Call, c Creation, decide func(holder store.Record[A]) ([]store.Change[A], error),
) (value A, repeated bool, err error) {
	var own, holder store.Record[A]
	var reads []store.Read[A]
	if c.Holder != (store.Key{}) {
		// It is read before the record itself: an equal create that comes between the two is
		// then seen as the repeat that it is, and not as a stranger who holds the key.
		reads = append(reads, store.Read[A]{Key: c.Holder, Into: &holder})
	}
	if c.Keyed { // else its id is new, and there is nothing to read
		reads = append(reads, store.Read[A]{Key: Key(call.Actor, c.ID), Receipts: []string{createReceipt}, Into: &own})
	}
	var last Decision[A]
	ctx, w := r.watch(ctx, call.Event)
	err = store.Update(ctx, w.counting(r.config.Repository), call.ID, r.limits(), reads, func() ([]store.Change[A], error) {
		w.decided()
		if own.Version > 0 {
			err := c.repeats(own.Receipts)
			if err == nil {
				value, repeated, last = own.Value, true, Decision[A]{Result: Result[A]{Verdict: lifecycle.Duplicate}}
			}
			return nil, err
		}
		changes, err := decide(holder)
		switch {
		case err != nil: // as in Update
		case len(changes) == 0:
			err = errNoChange
		default:
			value, repeated = changes[len(changes)-1].Next, false
			last = Decision[A]{Result[A]{Verdict: lifecycle.Move}, changes}
		}
		return changes, err
	})
	w.end(ctx, last, err)
	if err != nil {
		var none A
		return none, false, err
	}
	return value, repeated, nil
}
