package product

import (
	"errors"

	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/store"
)

// Problem is an error as the caller of a host's API gets it: one code, the HTTP status
// that goes with it, and a message without personal data or anything of the inside.
type Problem struct {
	HTTP    int    `json:"-"`
	Code    string `json:"error"`
	Message string `json:"message"`
}

// Case maps what errors.Is finds in an error to a problem. An empty Message is the
// error's own: that of the Explained in it.
type Case struct {
	Is error
	Problem
}

// Explained is an error whose text is written for a caller.
type Explained interface {
	error
	Explanation() string
}

// Explain gives the problem of the first case that applies. Any other error, nil and a
// context that has ended among them, is INTERNAL, which says nothing of the inside.
func Explain(err error, cases []Case) Problem {
	for _, c := range cases {
		if !errors.Is(err, c.Is) {
			continue
		}
		p := c.Problem
		var own Explained
		if p.Message == "" && errors.As(err, &own) {
			p.Message = own.Explanation()
		}
		return p
	}
	return Problem{500, "INTERNAL", "Something went wrong on our side"}
}

// Cases are the problems that every product has (spec 1.7); record is what a person calls
// one of its records, such as "Validation". A product's own cases go before them, or
// behind, as the order of the checks asks.
func Cases(record string) []Case {
	return []Case{
		{store.ErrUnknownOutcome, Problem{503, "UNKNOWN_OUTCOME",
			"It could not be found out whether this was done; read the record before trying again"}},
		{ErrForbidden, Problem{403, "FORBIDDEN", "This kind of actor may not do this"}},
		{lifecycle.ErrInvalid, Problem{400, "VALIDATION_ERROR", ""}},
		{store.ErrText, Problem{400, "VALIDATION_ERROR", "Text must be UTF-8 without NUL"}},
		{store.ErrNotFound, Problem{404, "NOT_FOUND", record + " not found"}},
		{lifecycle.ErrNotAllowed, Problem{400, "INVALID_STATUS", ""}},
		{ErrKeyReused, Problem{409, "CONFLICT", "The idempotency key was used before with other input"}},
		{store.ErrConflict, Problem{409, "CONFLICT", "Other writers came first; try again"}},
		{store.ErrUnavailable, Problem{503, "UNAVAILABLE", "The records cannot be reached at the moment; try again"}},
	}
}
