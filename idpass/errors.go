package idpass

import (
	"errors"
	"fmt"

	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/store"
)

var (
	// ErrSlotTaken: another pass in flight holds the slot.
	ErrSlotTaken = errors.New("idpass: slot taken")
	// ErrForbidden: this kind of actor may not do that.
	ErrForbidden = errors.New("idpass: forbidden")
	// ErrKeyReused: the idempotency key was used before, with other input.
	ErrKeyReused = errors.New("idpass: idempotency key used with other input")
)

// Refusal is a command that may not be: a *lifecycle.Denied (ErrNotAllowed).
type Refusal struct{ *lifecycle.Denied }

// Error is the message for a person (spec 2.2). Cancel is the only command that an
// existing pass knows.
func (r *Refusal) Error() string {
	if len(r.AllowedFrom) == 0 {
		return fmt.Sprintf("Cannot %s. Current status is %q.", r.Event, r.From)
	}
	return fmt.Sprintf("Cannot %s. Current status is %q. Only passes in %s can be cancelled.", r.Event, r.From, r.Sources())
}

// Explanation is the text of Error, which holds names of the definition only.
func (r *Refusal) Explanation() string { return r.Error() }
func (r *Refusal) Unwrap() error       { return r.Denied }

// Explain maps an error of this package to exactly one problem of spec 1.7 and 2.2; any other
// error, nil and a context that has ended among them, is INTERNAL.
func Explain(err error) lifecycle.Problem { return lifecycle.Explain(err, problems) }

var problems = []lifecycle.Case{
	{Is: store.ErrUnknownOutcome, Problem: lifecycle.Problem{HTTP: 503, Code: "UNKNOWN_OUTCOME", Message: "It could not be found out whether this was done; read the pass before trying again"}},
	{Is: ErrForbidden, Problem: lifecycle.Problem{HTTP: 403, Code: "FORBIDDEN", Message: "This kind of actor may not do this"}},
	{Is: lifecycle.ErrInvalid, Problem: lifecycle.Problem{HTTP: 400, Code: "VALIDATION_ERROR"}},
	{Is: store.ErrText, Problem: lifecycle.Problem{HTTP: 400, Code: "VALIDATION_ERROR", Message: "Text must be UTF-8 without NUL"}},
	{Is: store.ErrNotFound, Problem: lifecycle.Problem{HTTP: 404, Code: "NOT_FOUND", Message: "ID Pass not found"}},
	{Is: lifecycle.ErrNotAllowed, Problem: lifecycle.Problem{HTTP: 400, Code: "INVALID_STATUS"}},
	{Is: ErrSlotTaken, Problem: lifecycle.Problem{HTTP: 409, Code: "SLOT_TAKEN", Message: "Another ID Pass in flight holds the slot"}},
	{Is: ErrKeyReused, Problem: lifecycle.Problem{HTTP: 409, Code: "CONFLICT", Message: "The idempotency key was used before with other input"}},
	{Is: store.ErrConflict, Problem: lifecycle.Problem{HTTP: 409, Code: "CONFLICT", Message: "Other writers came first; try again"}},
}
