package refund_test

import (
	"errors"
	"math"
	"testing"

	"github.com/kycle/kycle/refund"
)

// Where a sum just fits and where it just does not, each pair by name and not by luck.
func TestSumsAtTheEdges(t *testing.T) {
	for _, tc := range []struct {
		name, why string
		a, b      int64
		err       error
	}{
		{"nothing to nothing", "0 is an amount", 0, 0, nil},
		{"nothing to the most", "it stays what it is", math.MaxInt64, 0, nil},
		{"nothing to the least", "the same", math.MinInt64, 0, nil},
		{"up to the most", "the last that fits", math.MaxInt64 - 1, 1, nil},
		{"beyond the most", "the first that does not", math.MaxInt64, 1, refund.ErrOverflow},
		{"down to the least", "the last that fits", math.MinInt64 + 1, -1, nil},
		{"beyond the least", "the first that does not", math.MinInt64, -1, refund.ErrOverflow},
		{"the most twice", "it would come round to less than nothing", math.MaxInt64, math.MaxInt64, refund.ErrOverflow},
		{"the least twice", "it would come round to nothing", math.MinInt64, math.MinInt64, refund.ErrOverflow},
		{"the most and the least", "far apart, and it fits", math.MaxInt64, math.MinInt64, nil},
	} {
		want := refund.Amount{Minor: tc.a + tc.b, Currency: "AUD"}
		if tc.err != nil {
			want = refund.Amount{}
		}
		got, err := refund.Amount{Minor: tc.a, Currency: "AUD"}.Plus(refund.Amount{Minor: tc.b, Currency: "AUD"})
		if !errors.Is(err, tc.err) || got != want {
			t.Errorf("%s: got %v, %v (%s)", tc.name, got, err, tc.why)
		}
	}
}
