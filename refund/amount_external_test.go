package refund_test

import (
	"errors"
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/kycle/kycle/refund"
)

func TestAmountCheck(t *testing.T) {
	for _, tc := range []struct {
		name, why string
		amount    refund.Amount
		ok        bool
	}{
		{"ISO code", "money", refund.Amount{Minor: 500, Currency: "AUD"}, true},
		{"credits", "a unit of the host's own", refund.Amount{Minor: 1, Currency: "CREDIT"}, true},
		{"nothing", "a free product has a fee of 0", refund.Amount{Currency: "AUD"}, true},
		{"everything", "no limit but the type's", refund.Amount{Minor: math.MaxInt64, Currency: "AUD"}, true},
		{"twelve letters", "the longest", refund.Amount{Currency: "ABCDEFGHIJKL"}, true},
		{"negative", "a refund is a kind, not a sign", refund.Amount{Minor: -1, Currency: "AUD"}, false},
		{"no currency", "an amount of what", refund.Amount{Minor: 1}, false},
		{"two letters", "too short", refund.Amount{Currency: "AU"}, false},
		{"thirteen letters", "too long", refund.Amount{Currency: "ABCDEFGHIJKLM"}, false},
		{"small letters", "one way to write it", refund.Amount{Currency: "aud"}, false},
		{"line break", "the currency stands in a line of the audit trail", refund.Amount{Currency: "AUD\n"}, false},
		{"blank", "the same", refund.Amount{Currency: "AU D"}, false},
	} {
		if err := tc.amount.Check(); (err == nil) != tc.ok || !tc.ok && !errors.Is(err, refund.ErrAmount) {
			t.Errorf("%s: got %v (%s)", tc.name, err, tc.why)
		}
	}
}

// Sums agree with numbers that cannot overflow, and fail exactly where those do not fit.
func TestSumsNeverOverflowInSilence(t *testing.T) {
	minor := rapid.OneOf(rapid.Int64(), rapid.SampledFrom([]int64{0, 1, -1, math.MaxInt64, math.MinInt64, math.MaxInt64 - 1, math.MinInt64 + 1}))
	rapid.Check(t, func(t *rapid.T) {
		a := refund.Amount{Minor: minor.Draw(t, "a"), Currency: "AUD"}
		b := refund.Amount{Minor: minor.Draw(t, "b"), Currency: "AUD"}
		judge := func(what string, got refund.Amount, err error, want *big.Int) {
			if !want.IsInt64() {
				if !errors.Is(err, refund.ErrOverflow) || got != (refund.Amount{}) {
					t.Fatalf("%d %s %d: got %v, %v", a.Minor, what, b.Minor, got, err)
				}
				return
			}
			if err != nil || got.Minor != want.Int64() || got.Currency != "AUD" {
				t.Fatalf("%d %s %d: got %v, %v", a.Minor, what, b.Minor, got, err)
			}
		}
		x, y := big.NewInt(a.Minor), big.NewInt(b.Minor)
		sum, err := a.Plus(b)
		judge("plus", sum, err, new(big.Int).Add(x, y))
	})
}

// The currency is asked about first: what cannot be added cannot overflow.
func TestSumsKeepCurrenciesApart(t *testing.T) {
	a := refund.Amount{Minor: math.MaxInt64, Currency: "AUD"}
	for _, minor := range []int64{0, 1, math.MinInt64} {
		b := refund.Amount{Minor: minor, Currency: "CREDIT"}
		if _, err := a.Plus(b); !errors.Is(err, refund.ErrCurrency) {
			t.Errorf("plus: got %v", err)
		}
	}
}
