package refund

import (
	"errors"
	"fmt"
	"regexp"
)

var (
	// ErrAmount: a negative amount, or a currency that is not one.
	ErrAmount = errors.New("refund: not an amount")
	// ErrOverflow: a sum that does not fit.
	ErrOverflow = errors.New("refund: amount overflow")
	// ErrCurrency: amounts of two currencies in one sum.
	ErrCurrency = errors.New("refund: currencies differ")
)

// Amount is money in minor units (cents, or whole credits) of a currency: an ISO 4217
// code, or a credit unit such as CREDIT. Never a float.
type Amount struct {
	Minor    int64  `json:"amount"`
	Currency string `json:"currency"`
}

var currency = regexp.MustCompile(`^[A-Z]{3,12}$`)

// Check refuses a negative amount and a currency that is not 3 to 12 capital letters,
// with ErrAmount.
func (a Amount) Check() error {
	switch {
	case a.Minor < 0:
		return fmt.Errorf("%w: it is negative", ErrAmount)
	case !currency.MatchString(a.Currency):
		return fmt.Errorf("%w: a currency is 3 to 12 capital letters", ErrAmount)
	}
	return nil
}

// Plus adds two amounts of one currency. It fails with ErrCurrency or ErrOverflow.
func (a Amount) Plus(b Amount) (Amount, error) {
	sum := a.Minor + b.Minor // where it does not fit, it wraps around to the wrong side of a
	switch {
	case a.Currency != b.Currency:
		return Amount{}, ErrCurrency
	case (sum > a.Minor) != (b.Minor > 0):
		return Amount{}, ErrOverflow
	}
	return Amount{sum, a.Currency}, nil
}
