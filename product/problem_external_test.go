package product_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/product"
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
