package product

import (
	"errors"

	"github.com/kycle/kycle/lifecycle"
)

var (
	// ErrForbidden: this kind of actor may not do that.
	ErrForbidden = errors.New("product: forbidden")
	// ErrKeyReused: the idempotency key was used before, with other input.
	ErrKeyReused = errors.New("product: idempotency key used with other input")
	// ErrHeld: another record holds the exclusive key.
	ErrHeld = errors.New("product: exclusive key held")
	// ErrTimedOut: a provider did not answer in time.
	ErrTimedOut = errors.New("product: the call took too long")
	// ErrPanicked is what every *Panic is.
	ErrPanicked = errors.New("product: panic")
	// ErrLacks: the repository lacks an interface beside the port that this needs.
	ErrLacks = errors.New("product: the store cannot do this")
	// ErrBooks: the audit trail and the postings do not agree.
	ErrBooks = errors.New("product: entries and postings differ")
	// ErrUnknownStatus is what every *Strangers is.
	ErrUnknownStatus = errors.New("product: records in a status that the table does not know")
)

// Refusal is a command that may not be: a *lifecycle.Denied (ErrNotAllowed), worded for a
// person.
type Refusal struct {
	*lifecycle.Denied
	Current string // the status that is not the one required
	Text    string // holds names of the definition only
}

func (r *Refusal) Error() string       { return r.Text }
func (r *Refusal) Explanation() string { return r.Text }
func (r *Refusal) Unwrap() error       { return r.Denied }
