package kyc_test

import (
	"errors"
	"testing"
	"time"

	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/product"
	"github.com/kycle/kycle/refund"
)

func TestDefaultSettingsAreTheSpecifications(t *testing.T) {
	want := kyc.Settings{
		Fee: refund.Amount{Minor: 1, Currency: "CREDIT"}, LinkValidity: 168 * time.Hour, VerificationMonths: 12,
		RecencyWindow: 60 * time.Second, RefreshAfter: 210 * time.Minute, ClockSkew: 300 * time.Second,
		Settings: product.Settings{
			Within: 10 * time.Second, CallTimeout: 15 * time.Second, SweepBatch: 100, SweepLease: 30 * time.Second,
			BackoffMin: time.Second, BackoffMax: time.Hour,
		},
	}
	if got := kyc.DefaultSettings(); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// Each setting at the least that makes sense, and just below it.
func TestSettingsThatMakeNoSenseAreRefused(t *testing.T) {
	for _, row := range []struct {
		name, why string
		edit      func(*kyc.Settings)
		field     string // that is named; "": none
	}{
		{"no fee", "a free product posts nothing", func(s *kyc.Settings) { s.Fee.Minor = 0 }, ""},
		{"negative fee", "not an amount", func(s *kyc.Settings) { s.Fee.Minor = -1 }, "Settings.Fee"},
		{"fee of no currency", "an amount of what", func(s *kyc.Settings) { s.Fee.Currency = "" }, "Settings.Fee"},
		{"shortest link", "one nanosecond is a time", func(s *kyc.Settings) { s.LinkValidity = 1 }, ""},
		{"dead link", "it would be overdue when it is made", func(s *kyc.Settings) { s.LinkValidity = 0 }, "Settings.LinkValidity"},
		{"a month", "the shortest verification", func(s *kyc.Settings) { s.VerificationMonths = 1 }, ""},
		{"no months", "nobody would ever be verified", func(s *kyc.Settings) { s.VerificationMonths = 0 }, "Settings.VerificationMonths"},
		{"no recency window", "every sync asks the provider", func(s *kyc.Settings) { s.RecencyWindow = 0 }, ""},
		{"negative window", "no such time", func(s *kyc.Settings) { s.RecencyWindow = -1 }, "Settings.RecencyWindow"},
		{"refreshed at once", "as good as always", func(s *kyc.Settings) { s.RefreshAfter = 1 }, ""},
		{"refreshed before it is read", "no such time", func(s *kyc.Settings) { s.RefreshAfter = 0 }, "Settings.RefreshAfter"},
		{"clocks that agree", "no skew", func(s *kyc.Settings) { s.ClockSkew = 0 }, ""},
		{"negative skew", "what is in time would be refused", func(s *kyc.Settings) { s.ClockSkew = -1 }, "Settings.ClockSkew"},
		{"one at a time", "the smallest batch", func(s *kyc.Settings) { s.SweepBatch = 1 }, ""},
		{"no batch", "a sweep would take nothing, for ever", func(s *kyc.Settings) { s.SweepBatch = 0 }, "Settings.SweepBatch"},
		{"no lease", "one process alone needs none", func(s *kyc.Settings) { s.SweepLease = 0 }, ""},
		{"negative lease", "no such time", func(s *kyc.Settings) { s.SweepLease = -1 }, "Settings.SweepLease"},
		{"attempts left to the store", "0 is its default", func(s *kyc.Settings) { s.Attempts = 0 }, ""},
		{"one attempt", "inside a transaction", func(s *kyc.Settings) { s.Attempts = 1 }, ""},
		{"no time limit in the store", "its context may have one", func(s *kyc.Settings) { s.Within = 0 }, ""},
		{"negative time", "no such time", func(s *kyc.Settings) { s.Within = -1 }, "Settings.Within"},
		{"a moment for the provider", "it may be near", func(s *kyc.Settings) { s.CallTimeout = 1 }, ""},
		{"no time for the provider", "no call could succeed", func(s *kyc.Settings) { s.CallTimeout = 0 }, "Settings.CallTimeout"},
		{"the shortest pause", "a pause all the same", func(s *kyc.Settings) { s.BackoffMin = 1 }, ""},
		{"no pause", "what fails would fail all the time", func(s *kyc.Settings) { s.BackoffMin = 0 }, "Settings.BackoffMin"},
		{"one pause for all", "it need not grow", func(s *kyc.Settings) { s.BackoffMax = s.BackoffMin }, ""},
		{"pauses that shrink", "which of the two holds", func(s *kyc.Settings) { s.BackoffMax = s.BackoffMin - 1 }, "Settings.BackoffMax"},
		{"negative attempts", "no such number", func(s *kyc.Settings) { s.Attempts = -1 }, "Settings.Attempts"},
	} {
		settings := kyc.DefaultSettings()
		row.edit(&settings)
		_, err := kyc.NewService(kyc.Config{Repository: newStore(), Settings: settings})
		var invalid *lifecycle.Invalid
		if (err == nil) != (row.field == "") || err != nil && (!errors.As(err, &invalid) || invalid.Field != row.field) {
			t.Errorf("%s: got %v, want %q to be named (%s)", row.name, err, row.field, row.why)
		}
	}
}
