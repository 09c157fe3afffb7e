package product_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/product"
	"github.com/kycle/kycle/store"
)

func TestExplain(t *testing.T) {
	lost, odd := errors.New("lost"), errors.New("odd")
	cases := []product.Case{
		{Is: lifecycle.ErrInvalid, Problem: product.Problem{HTTP: 400, Code: "VALIDATION_ERROR"}},
		{Is: lost, Problem: product.Problem{HTTP: 404, Code: "NOT_FOUND", Message: "Door not found"}},
		{Is: lifecycle.ErrNotAllowed, Problem: product.Problem{HTTP: 400, Code: "INVALID_STATUS"}},
	}
	invalid := &lifecycle.Invalid{Field: "reason", Problem: "too short"}
	for _, tc := range []struct {
		name, why string
		err       error
		http      int
		code      string
		message   string
	}{
		{"own words", "an Invalid is written for a caller", fmt.Errorf("place: %w", invalid), 400, "VALIDATION_ERROR", "reason: too short"},
		{"the case's words", "the error's are not for a caller", fmt.Errorf("row 7: %w", lost), 404, "NOT_FOUND", "Door not found"},
		{"the first case that applies", "order is the host's to choose", errors.Join(lost, invalid), 400, "VALIDATION_ERROR",
			"reason: too short"},
		{"no words", "neither the case nor the error has any", &lifecycle.Denied{}, 400, "INVALID_STATUS", ""},
		{"no case", "nothing of the inside", odd, 500, "INTERNAL", "Something went wrong on our side"},
	} {
		got := product.Explain(tc.err, cases)
		if got != (product.Problem{HTTP: tc.http, Code: tc.code, Message: tc.message}) {
			t.Errorf("%s: got %+v (%s)", tc.name, got, tc.why)
		}
	}
}

func TestDeniedReadsItsSourcesAloud(t *testing.T) {
	for want, names := range map[string][]string{
		"": nil, `"new"`: {"new"}, `"new" or "opened"`: {"new", "opened"}, `"new", "opened" or "ajar"`: {"new", "opened", "ajar"},
	} {
		if got := (&lifecycle.Denied{AllowedFrom: names}).Sources(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// Every error that an operation of a product ends with is one problem of spec 1.7, however
// it is wrapped; every other is INTERNAL, and says nothing of the inside.
func TestCasesAreSpec17(t *testing.T) {
	cases := product.Cases("Ticket")
	internal := product.Problem{HTTP: 500, Code: "INTERNAL", Message: "Something went wrong on our side"}
	invalid := &lifecycle.Invalid{Field: "seat", Problem: "is too long"}
	refusal := &product.Refusal{Denied: &lifecycle.Denied{Event: "give_back", From: "used"}, Current: "used", Text: "Cannot give it back."}
	for _, row := range []struct {
		name, why string
		err       error
		want      product.Problem
	}{
		{"unknown outcome", "it may have happened", store.ErrUnknownOutcome,
			product.Problem{HTTP: 503, Code: "UNKNOWN_OUTCOME",
				Message: "It could not be found out whether this was done; read the record before trying again"}},
		{"refused while in doubt", "the case has words, and the refusal's are not for it",
			fmt.Errorf("%w: %w", store.ErrUnknownOutcome, refusal),
			product.Problem{HTTP: 503, Code: "UNKNOWN_OUTCOME",
				Message: "It could not be found out whether this was done; read the record before trying again"}},
		{"forbidden", "of a kind that may not",
			product.ErrForbidden, product.Problem{HTTP: 403, Code: "FORBIDDEN", Message: "This kind of actor may not do this"}},
		{"invalid", "in its own words", invalid, product.Problem{HTTP: 400, Code: "VALIDATION_ERROR", Message: "seat: is too long"}},
		{"text", "no store takes it",
			store.ErrText, product.Problem{HTTP: 400, Code: "VALIDATION_ERROR", Message: "Text must be UTF-8 without NUL"}},
		{"not found", "as a person calls the record",
			store.ErrNotFound, product.Problem{HTTP: 404, Code: "NOT_FOUND", Message: "Ticket not found"}},
		{"refused", "in its own words", refusal, product.Problem{HTTP: 400, Code: "INVALID_STATUS", Message: "Cannot give it back."}},
		{"key reused", "with other input", product.ErrKeyReused,
			product.Problem{HTTP: 409, Code: "CONFLICT", Message: "The idempotency key was used before with other input"}},
		{"conflict", "every retry was lost",
			store.ErrConflict, product.Problem{HTTP: 409, Code: "CONFLICT", Message: "Other writers came first; try again"}},
		{"unavailable", "nothing was written", store.ErrUnavailable,
			product.Problem{HTTP: 503, Code: "UNAVAILABLE", Message: "The records cannot be reached at the moment; try again"}},
		{"none", "it is no problem, and nobody asks", nil, internal},
		{"timed out", "a product says of which call", product.ErrTimedOut, internal},
		{"panic", "of which nothing is to be said", &product.Panic{Value: "secret"}, internal},
		{"lacks", "the host chose the store", product.ErrLacks, internal},
		{"books", "the operator's to look at", product.ErrBooks, internal},
		{"unknown status", "the operator's to look at", product.ErrUnknownStatus, internal},
		{"fault", "the operator's to look at", &audit.Fault{Kind: "edit"}, internal},
		{"unreadable", "the operator's to look at", audit.ErrFormat, internal},
		{"duplicate", "Update takes it for a conflict", store.ErrDuplicate, internal},
		{"unknown name", "a product asked its table for what it has not", lifecycle.ErrUnknown, internal},
		{"cancelled", "nobody waits for the answer", context.Canceled, internal},
		{"late", "nobody waits for the answer", context.DeadlineExceeded, internal},
		{"another", "nothing of the inside", errDown, internal},
	} {
		for _, err := range []error{row.err, fmt.Errorf("place: %w", row.err), errors.Join(errDown, row.err)} {
			if got := product.Explain(err, cases); got != row.want {
				t.Errorf("%s: %v became %+v, want %+v: %s", row.name, err, got, row.want, row.why)
			}
		}
	}
}

// Where an error is two things, the case that stands first is said: in doubt is in doubt,
// whatever else was found.
func TestCasesGoByTheirOrder(t *testing.T) {
	cases := product.Cases("Ticket")
	var order []error
	for i, c := range cases {
		order = append(order, c.Is)
		for _, later := range cases[i+1:] {
			if errors.Is(c.Is, later.Is) || errors.Is(later.Is, c.Is) {
				t.Errorf("%v and %v are one error with two problems", c.Is, later.Is)
			}
			want := c.Problem
			for _, err := range []error{errors.Join(c.Is, later.Is), errors.Join(later.Is, c.Is)} {
				if got := product.Explain(err, cases); got != want {
					t.Errorf("%v became %+v, want that of %v", err, got, c.Is)
				}
			}
		}
	}
	want := in(store.ErrUnknownOutcome, product.ErrForbidden, lifecycle.ErrInvalid, store.ErrText, store.ErrNotFound,
		lifecycle.ErrNotAllowed, product.ErrKeyReused, store.ErrConflict, store.ErrUnavailable)
	if len(order) != len(want) {
		t.Fatalf("%d cases, want %d", len(order), len(want))
	}
	for i := range want {
		if order[i] != want[i] {
			t.Errorf("case %d is %v, want %v", i+1, order[i], want[i])
		}
	}
}

// A product's own cases stand before those of every product, or behind them.
func TestCasesOfAProductsOwn(t *testing.T) {
	own := product.Case{Is: errTaken, Problem: product.Problem{HTTP: 409, Code: "SEAT_TAKEN", Message: "Another ticket holds the seat"}}
	both := fmt.Errorf("%w: %w", errTaken, store.ErrConflict)
	if got := product.Explain(both, append([]product.Case{own}, product.Cases("Ticket")...)); got != own.Problem {
		t.Errorf("before them: %+v, want %+v", got, own.Problem)
	}
	if got := product.Explain(both, append(product.Cases("Ticket"), own)); got.Code != "CONFLICT" {
		t.Errorf("behind them: %+v, want a conflict", got)
	}
	if got := product.Explain(errTaken, append(product.Cases("Ticket"), own)); got != own.Problem {
		t.Errorf("alone: %+v, want %+v", got, own.Problem)
	}
}

func TestAProblemAsJSON(t *testing.T) {
	got, err := json.Marshal(product.Explain(store.ErrNotFound, product.Cases("Ticket")))
	if want := `{"error":"NOT_FOUND","message":"Ticket not found"}`; err != nil || string(got) != want {
		t.Errorf("got %s, error %v, want %s", got, err, want)
	}
}

func TestARefusalIsTheTablesWordForAPerson(t *testing.T) {
	_, err := tickets.Decide(used, give, facts{})
	var denied *lifecycle.Denied
	if !errors.As(err, &denied) {
		t.Fatal(err)
	}
	err = fmt.Errorf("place: %w", &product.Refusal{Denied: denied, Current: "used", Text: "Cannot give it back."})
	var refusal *product.Refusal
	var found *lifecycle.Denied
	if !errors.Is(err, lifecycle.ErrNotAllowed) || !errors.As(err, &found) || found != denied {
		t.Errorf("error %v, want %v and the table's refusal", err, lifecycle.ErrNotAllowed)
	}
	if !errors.As(err, &refusal) || refusal.Error() != "Cannot give it back." || refusal.Explanation() != refusal.Error() ||
		refusal.Event != "give_back" {
		t.Errorf("refusal %+v, want its text twice, and the fields of the table's", refusal)
	}
}
