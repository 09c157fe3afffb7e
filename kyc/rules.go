package kyc

import (
	"time"

	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/refund"
)

// Facts is what the rules of a row may look at.
type Facts struct {
	Reading  ProviderStatus // what a reading begun by this very call said; "": none succeeded
	Word     Word           // the provider's word that is judged
	LastWord Word           // the newest one heard before
	ByHand   bool           // a person has decided
	Deadline time.Time      // zero: none
	Now      time.Time
}

type rule = lifecycle.Rule[Facts]

var (
	// Spec 1.3. That the status is in_review too is in the rows: it is judged anew after
	// every conflict, while the reading may be used again.
	freshlySynced = rule{
		Name:  "a reading of the provider begun by this very call says in_review",
		Code:  "not_freshly_synced",
		Holds: func(f Facts) bool { return f.Reading == ProviderInReview },
	}

	// Spec 1.3. Newest by the time at which it occurred, not at which it arrived.
	newer = rule{
		Name:  "it is newer than the provider's last word",
		Code:  "older",
		Holds: func(f Facts) bool { return f.Word.newer(f.LastWord) },
	}

	// Seed 002, "Manual decisions are protected".
	unprotected = rule{
		Name:  "no decision made by hand stands",
		Code:  "protected",
		Holds: func(f Facts) bool { return !f.ByHand },
	}

	// Spec 1.3. On the instant of the deadline the customer is still in time.
	overdue = rule{
		Name:  "the deadline lies in the past",
		Code:  "not_due",
		Holds: func(f Facts) bool { return !f.Deadline.IsZero() && f.Deadline.Before(f.Now) },
	}
)

// Settings are the numbers of the product. Begin with DefaultSettings and change what
// differs.
type Settings struct {
	Fee                refund.Amount // of the first entry into approved or rejected; 0 posts nothing
	LinkValidity       time.Duration // of pending and in_progress: the deadline
	VerificationMonths int           // how long a verification is valid, in calendar months
	RecencyWindow      time.Duration // within it, an unforced sync answers with what is stored
	RefreshAfter       time.Duration // a reading older than this is refreshed before it is shown
	ClockSkew          time.Duration // how far an occurred-at may lie in the future, or before the creation
	SweepBatch         int           // records a sweep takes at once
	SweepLease         time.Duration // how long a taken record is left to the sweep that took it
	Attempts           int           // decisions in a race; 1 inside a transaction of the host's; 0: store.Attempts
}

// DefaultSettings are those of the specification.
func DefaultSettings() Settings {
	return Settings{
		Fee: refund.Amount{Minor: 1, Currency: "CREDIT"}, LinkValidity: 7 * 24 * time.Hour, VerificationMonths: 12,
		RecencyWindow: time.Minute, RefreshAfter: 3*time.Hour + 30*time.Minute, ClockSkew: 5 * time.Minute,
		SweepBatch: 100, SweepLease: 30 * time.Second,
	}
}

// check refuses settings under which a rule would make no sense.
func (s Settings) check() error {
	const positive, natural = "must be above zero", "must not be negative"
	for _, want := range []struct {
		field, problem string
		holds          bool
	}{
		{"Fee", "needs an amount of 0 or more minor units and a currency of 3 to 12 capital letters", s.Fee.Check() == nil},
		{"LinkValidity", positive, s.LinkValidity > 0},
		{"VerificationMonths", positive, s.VerificationMonths > 0},
		{"RecencyWindow", natural, s.RecencyWindow >= 0},
		{"RefreshAfter", positive, s.RefreshAfter > 0},
		{"ClockSkew", natural, s.ClockSkew >= 0},
		{"SweepBatch", positive, s.SweepBatch > 0},
		{"SweepLease", natural, s.SweepLease >= 0},
		{"Attempts", natural, s.Attempts >= 0},
	} {
		if !want.holds {
			return &lifecycle.Invalid{Field: "Settings." + want.field, Problem: want.problem}
		}
	}
	return nil
}
