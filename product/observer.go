package product

import (
	"context"
	"errors"
	"time"

	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/store"
)

// Observer is told what a service does. It can change nothing: what it panics with is
// contained, and what it takes is time. It may be called from any number of goroutines. Embed
// Unobserved, so that a method that comes later breaks nothing. No field holds an id of a
// record or an actor, or free text: the sets of values are closed.
type Observer interface {
	// Begin is told that an operation begins, by product and event; the context that it gives
	// is that of all that the operation does.
	Begin(ctx context.Context, product, event string) context.Context
	// End is told what became of it, with the context that Begin gave.
	End(ctx context.Context, o Operation)
	// Called is told of a call to a provider.
	Called(ctx context.Context, c ProviderCall)
	// Swept is told of a sweep that has ended.
	Swept(ctx context.Context, s SweepReport)
}

// Operation is one event brought to one record, all attempts in the store included.
type Operation struct {
	Product   string // the kind of record (store.Schema.Kind)
	Event     string
	Verdict   lifecycle.Verdict // "" where it failed; Refuse for a refused command
	Why       string            // the reason of an Ignore or a Refuse: NoRow, or a rule's code
	From, To  string            // statuses, where an entry was written; both "" elsewhere
	Attempts  int               // decisions, 1 without a rival
	Conflicts int               // commits lost to other writers
	Duration  time.Duration
	Class     string // of the error: one of the Class constants; "" without
}

// ProviderCall is one call to a provider.
type ProviderCall struct {
	Product  string
	Provider string // the integration code
	Method   string // "open", "fetch", "terminate": the product's own words
	Duration time.Duration
	Class    string // one of the Class constants; "" without an error
}

// SweepReport is what one sweep found and did.
type SweepReport struct {
	Product  string
	Records  int // that had their turn
	Failed   int
	Duration time.Duration
	Oldest   time.Duration // how long the longest due of them had been due
}

// The classes of errors. Those of operations are the store's and the table's; those of
// calls are the provider's.
const (
	ClassRefused        = "refused"
	ClassInvalid        = "invalid"
	ClassForbidden      = "forbidden"
	ClassNotFound       = "not_found"
	ClassConflict       = "conflict"
	ClassKeyReused      = "key_reused"
	ClassUnavailable    = "unavailable"
	ClassUnknownOutcome = "unknown_outcome"
	ClassEnded          = "context_ended"
	ClassTimedOut       = "timed_out"
	ClassPanicked       = "panicked"
	ClassUnreachable    = "unreachable"
	ClassThrottled      = "throttled"
	ClassUntranslatable = "untranslatable"
	ClassImplausible    = "implausible"
	ClassOther          = "other"
)

// classes are the operations' errors, in the order in which they are asked for: what is in
// doubt is in doubt, whatever else was found.
var classes = []struct {
	is    error
	class string
}{
	{store.ErrUnknownOutcome, ClassUnknownOutcome},
	{ErrForbidden, ClassForbidden},
	{lifecycle.ErrInvalid, ClassInvalid},
	{store.ErrText, ClassInvalid},
	{store.ErrNotFound, ClassNotFound},
	{lifecycle.ErrNotAllowed, ClassRefused},
	{ErrKeyReused, ClassKeyReused},
	{store.ErrConflict, ClassConflict},
	{ErrTimedOut, ClassTimedOut},
	{ErrPanicked, ClassPanicked},
	{store.ErrUnavailable, ClassUnavailable},
	{context.Canceled, ClassEnded},
	{context.DeadlineExceeded, ClassEnded},
}

// Class is the class of an error; "" for nil.
func Class(err error) string {
	if err == nil {
		return ""
	}
	for _, c := range classes {
		if errors.Is(err, c.is) {
			return c.class
		}
	}
	return ClassOther
}

// Unobserved is told everything and does nothing.
type Unobserved struct{}

func (Unobserved) Begin(ctx context.Context, _, _ string) context.Context { return ctx }
func (Unobserved) End(context.Context, Operation)                         {}
func (Unobserved) Called(context.Context, ProviderCall)                   {}
func (Unobserved) Swept(context.Context, SweepReport)                     {}

// Observers tells several, in this order; each one's Begin gets the context of the one
// before, and a panic in one keeps it from no other.
func Observers(all ...Observer) Observer { return several(all) }

type several []Observer

func (s several) Begin(ctx context.Context, product, event string) context.Context {
	for _, o := range s {
		ctx = begun(ctx, o, product, event)
	}
	return ctx
}

func (s several) End(ctx context.Context, o Operation) {
	for _, one := range s {
		told(func() { one.End(ctx, o) })
	}
}

func (s several) Called(ctx context.Context, c ProviderCall) {
	for _, one := range s {
		told(func() { one.Called(ctx, c) })
	}
}

func (s several) Swept(ctx context.Context, r SweepReport) {
	for _, one := range s {
		told(func() { one.Swept(ctx, r) })
	}
}

// begun is the context that an observer gives, or ctx where it panics or gives none.
func begun(ctx context.Context, o Observer, product, event string) (given context.Context) {
	given = ctx
	told(func() {
		if c := o.Begin(ctx, product, event); c != nil {
			given = c
		}
	})
	return given
}

// told contains a panic of the observer's.
func told(tell func()) {
	defer func() { _ = recover() }()
	tell()
}
