package kyc

import (
	"time"

	"github.com/kycle/kycle/product"
	"github.com/kycle/kycle/refund"
)

// Settings are the table and the numbers of the product. Begin with DefaultSettings and
// change what differs.
type Settings struct {
	product.Settings
	Lifecycle          *Lifecycle    // nil: Machine; else what Extend gave
	Fee                refund.Amount // of the first entry into approved or rejected; 0 posts nothing
	LinkValidity       time.Duration // of pending and in_progress: the deadline
	VerificationMonths int           // how long a verification is valid, in calendar months
	RecencyWindow      time.Duration // within it, an unforced sync answers with what is stored
	RefreshAfter       time.Duration // a reading older than this is refreshed before it is shown
	ClockSkew          time.Duration // how far an occurred-at may lie in the future, or before the creation
}

// DefaultSettings are those of the specification.
func DefaultSettings() Settings {
	return Settings{
		Settings: product.DefaultSettings(), Fee: refund.Amount{Minor: 1, Currency: "CREDIT"},
		LinkValidity: 7 * 24 * time.Hour, VerificationMonths: 12, RecencyWindow: time.Minute,
		RefreshAfter: 3*time.Hour + 30*time.Minute, ClockSkew: 5 * time.Minute,
	}
}

// check refuses settings under which a rule would make no sense.
func (s Settings) check() error {
	const positive, natural = "must be above zero", "must not be negative"
	return product.Checked(
		product.Check{Field: "Fee", Problem: "needs an amount of 0 or more minor units and a currency of 3 to 12 capital letters", Holds: s.Fee.Check() == nil},
		product.Check{Field: "LinkValidity", Problem: positive, Holds: s.LinkValidity > 0},
		product.Check{Field: "VerificationMonths", Problem: positive, Holds: s.VerificationMonths > 0},
		product.Check{Field: "RecencyWindow", Problem: natural, Holds: s.RecencyWindow >= 0},
		product.Check{Field: "RefreshAfter", Problem: positive, Holds: s.RefreshAfter > 0},
		product.Check{Field: "ClockSkew", Problem: natural, Holds: s.ClockSkew >= 0},
	)
}

// lifecycle is the table that judges.
func (s *Settings) lifecycle() *Lifecycle {
	if s.Lifecycle == nil {
		return Machine
	}
	return s.Lifecycle
}
