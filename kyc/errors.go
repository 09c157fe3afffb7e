package kyc

import (
	"errors"
	"fmt"

	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/store"
)

var (
	// ErrNoSession: the validation has no provider session to read.
	ErrNoSession = errors.New("kyc: no provider session")
	// ErrNotConfigured: no provider is registered under the integration code.
	ErrNotConfigured = errors.New("kyc: provider integration not configured")
	// ErrProvider is what every *ProviderError is.
	ErrProvider = errors.New("kyc: provider")
	// ErrForbidden: this kind of actor may not do that.
	ErrForbidden = errors.New("kyc: forbidden")
	// ErrKeyReused: the idempotency key was used before, with other input.
	ErrKeyReused = errors.New("kyc: idempotency key used with other input")
)

// ProviderError is a provider that could not be reached, or talked nonsense. Its text
// names the provider and nothing that came from it: Unwrap gives the cause, which may
// hold secrets or personal data and belongs in no answer and no log.
type ProviderError struct {
	Provider string // integration code
	Err      error
}

func (e *ProviderError) Error() string { return "kyc: " + e.Explanation() }

// Explanation is the text for a caller.
func (e *ProviderError) Explanation() string {
	return fmt.Sprintf("provider %q could not be reached or gave no usable answer", e.Provider)
}
func (e *ProviderError) Is(target error) bool { return target == ErrProvider }
func (e *ProviderError) Unwrap() error        { return e.Err }

// Refusal is a command that may not be: a *lifecycle.Denied (ErrNotAllowed), with the
// status that is not the one required, which may be that of the provider's reading.
type Refusal struct {
	*lifecycle.Denied
	Current string
}

// Error is the message for a person (seed 001, spec 1.7).
func (r *Refusal) Error() string {
	wording := wordings[Event(r.Event)]
	return fmt.Sprintf("Cannot %s. Current status is %q. %s is only allowed when status is %s%s.",
		wording.verb, r.Current, wording.noun, r.Sources(), wording.note)
}

// Explanation is the text of Error, which holds names of the definition only.
func (r *Refusal) Explanation() string { return r.Error() }
func (r *Refusal) Unwrap() error       { return r.Denied }

const onReview = " (validation requires manual review from compliance team)"

var wordings = map[Event]struct{ verb, noun, note string }{
	Approve: {"manually approve", "Manual approval", onReview},
	Reject:  {"manually reject", "Manual rejection", onReview},
	Cancel:  {"cancel", "Cancellation", ""},
}

// Explain maps an error of this package to exactly one problem of spec 1.7; any other
// error, nil and a context that has ended among them, is INTERNAL.
func Explain(err error) lifecycle.Problem { return lifecycle.Explain(err, problems) }

// problems is spec 1.7; an empty message is the error's own. The order matters where an
// error is two things: a provider's failure may wrap anything, and what is in doubt is in
// doubt, whatever else was found.
var problems = []lifecycle.Case{
	{Is: ErrProvider, Problem: lifecycle.Problem{HTTP: 502, Code: "PROVIDER_ERROR"}},
	{Is: store.ErrUnknownOutcome, Problem: lifecycle.Problem{HTTP: 503, Code: "UNKNOWN_OUTCOME", Message: "It could not be found out whether this was done; read the validation before trying again"}},
	{Is: ErrForbidden, Problem: lifecycle.Problem{HTTP: 403, Code: "FORBIDDEN", Message: "This kind of actor may not do this"}},
	{Is: lifecycle.ErrInvalid, Problem: lifecycle.Problem{HTTP: 400, Code: "VALIDATION_ERROR"}},
	{Is: store.ErrText, Problem: lifecycle.Problem{HTTP: 400, Code: "VALIDATION_ERROR", Message: "Text must be UTF-8 without NUL"}},
	{Is: store.ErrNotFound, Problem: lifecycle.Problem{HTTP: 404, Code: "NOT_FOUND", Message: "Validation not found"}},
	{Is: lifecycle.ErrNotAllowed, Problem: lifecycle.Problem{HTTP: 400, Code: "INVALID_STATUS"}},
	{Is: ErrNoSession, Problem: lifecycle.Problem{HTTP: 400, Code: "NO_SESSION_ID", Message: "Validation has no provider session to sync"}},
	{Is: ErrNotConfigured, Problem: lifecycle.Problem{HTTP: 400, Code: "PROVIDER_INTEGRATION_NOT_CONFIGURED", Message: "Provider integration is not configured"}},
	{Is: ErrKeyReused, Problem: lifecycle.Problem{HTTP: 409, Code: "CONFLICT", Message: "The idempotency key was used before with other input"}},
	{Is: store.ErrConflict, Problem: lifecycle.Problem{HTTP: 409, Code: "CONFLICT", Message: "Other writers came first; try again"}},
}
