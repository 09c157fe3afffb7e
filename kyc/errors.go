package kyc

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/product"
)

var (
	// ErrNoSession: the validation has no provider session to read.
	ErrNoSession = errors.New("kyc: no provider session")
	// ErrNotConfigured: no provider is registered under the integration code.
	ErrNotConfigured = errors.New("kyc: provider integration not configured")
	// ErrProvider is what every *ProviderError is.
	ErrProvider = errors.New("kyc: provider")
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

// worded is a refused command in words for a person (seed 001, spec 1.7).
func worded(denied *lifecycle.Denied, current Status) string {
	if denied.Rule != "" && denied.Rule != FreshlySynced.Code {
		return fmt.Sprintf("Cannot %s. This is only allowed if %s.", ownWording(denied.Event).verb, denied.Condition)
	}
	wording, known := wordings[Event(denied.Event)]
	if !known {
		wording = ownWording(denied.Event)
	}
	return fmt.Sprintf("Cannot %s. Current status is %q. %s is only allowed when status is %s%s.",
		wording.verb, current, wording.noun, denied.Sources(), wording.note)
}

const onReview = " (validation requires manual review from compliance team)"

type wording struct{ verb, noun, note string }

var wordings = map[Event]wording{
	Approve: {"manually approve", "Manual approval", onReview},
	Reject:  {"manually reject", "Manual rejection", onReview},
	Cancel:  {"cancel", "Cancellation", ""},
}

// ownWording is for an event that a host added: "hand_on" reads "hand on".
func ownWording(event string) wording {
	verb := strings.ReplaceAll(event, "_", " ")
	return wording{verb, "To " + verb, ""}
}

// Explain maps an error of this package to exactly one problem of spec 1.7; any other
// error, nil and a context that has ended among them, is INTERNAL.
func Explain(err error) product.Problem { return product.Explain(err, problems) }

// problems is spec 1.7. The order matters where an error is two things: a provider's
// failure may wrap anything, and what is in doubt is in doubt, whatever else was found.
var problems = slices.Concat(
	[]product.Case{{Is: ErrProvider, Problem: product.Problem{HTTP: 502, Code: "PROVIDER_ERROR"}}},
	product.Cases("Validation"),
	[]product.Case{
		{Is: ErrNoSession, Problem: product.Problem{HTTP: 400, Code: "NO_SESSION_ID", Message: "Validation has no provider session to sync"}},
		{Is: ErrNotConfigured, Problem: product.Problem{HTTP: 400, Code: "PROVIDER_INTEGRATION_NOT_CONFIGURED", Message: "Provider integration is not configured"}},
	})
