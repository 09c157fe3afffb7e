package product

import (
	"time"

	"github.com/kycle/kycle/lifecycle"
)

// Settings are the numbers that every product has. Begin with DefaultSettings.
type Settings struct {
	Attempts    int           // decisions in a race; 0: store.Attempts. Over a host's transaction it is one
	Within      time.Duration // one operation in the store, all its attempts included; 0: as long as its context lasts
	CallTimeout time.Duration // one call to a provider
	SweepBatch  int           // records that a sweep takes at once
	SweepLease  time.Duration // how long a taken record is left to the sweep that took it
	BackoffMin  time.Duration // the pause after the first failure of owed work; it doubles with each
	BackoffMax  time.Duration // the longest pause between two tries
}

// DefaultSettings are those of the specification (spec 1.4).
func DefaultSettings() Settings {
	return Settings{
		Within: 10 * time.Second, CallTimeout: 15 * time.Second, SweepBatch: 100, SweepLease: 30 * time.Second,
		BackoffMin: time.Second, BackoffMax: time.Hour,
	}
}

const (
	positive = "must be above zero"
	natural  = "must not be negative"
)

// check refuses settings that make no sense, with lifecycle.ErrInvalid.
func (s Settings) check() error {
	return Checked(
		Check{"Attempts", natural, s.Attempts >= 0},
		Check{"Within", natural, s.Within >= 0},
		Check{"CallTimeout", positive, s.CallTimeout > 0},
		Check{"SweepBatch", positive, s.SweepBatch > 0},
		Check{"SweepLease", natural, s.SweepLease >= 0},
		Check{"BackoffMin", positive, s.BackoffMin > 0},
		Check{"BackoffMax", "must not be below BackoffMin", s.BackoffMax >= s.BackoffMin},
	)
}

// Check is one setting, and whether it makes sense.
type Check struct {
	Field, Problem string
	Holds          bool
}

// Checked names the first setting that makes no sense, with lifecycle.ErrInvalid.
func Checked(checks ...Check) error {
	for _, c := range checks {
		if !c.Holds {
			return &lifecycle.Invalid{Field: "Settings." + c.Field, Problem: c.Problem}
		}
	}
	return nil
}
