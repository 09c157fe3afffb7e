package idpass

import (
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/store"
)

// Facts is what the rules of a row may look at. No row of a pass has a rule: what may be
// is in the table alone.
type Facts struct{}

// Settings are the numbers of the product. Begin with DefaultSettings and change what
// differs.
type Settings struct {
	LinkBase   string        // a pass's link is this, a slash, and its id
	ClockSkew  time.Duration // how far in the future an occurred-at may lie
	SweepBatch int           // records a sweep takes at once
	SweepLease time.Duration // how long a taken record is left to the sweep that took it
	Attempts   int           // decisions in a race; 1 inside a transaction of the host's; 0: store.Attempts
}

// DefaultSettings are those of the specification, with a link base that is an example.
func DefaultSettings() Settings {
	return Settings{LinkBase: "https://pass.example.com", ClockSkew: 5 * time.Minute, SweepBatch: 100, SweepLease: 30 * time.Second}
}

// check refuses settings that make no sense.
func (s Settings) check() error {
	const natural = "must not be negative"
	for _, want := range []struct {
		field, problem string
		holds          bool
	}{
		{"LinkBase", "must be UTF-8 without NUL, and not empty", s.LinkBase != "" && store.ValidText(s.LinkBase)},
		{"ClockSkew", natural, s.ClockSkew >= 0},
		{"SweepBatch", "must be above zero", s.SweepBatch > 0},
		{"SweepLease", natural, s.SweepLease >= 0},
		{"Attempts", natural, s.Attempts >= 0},
	} {
		if !want.holds {
			return &lifecycle.Invalid{Field: "Settings." + want.field, Problem: want.problem}
		}
	}
	return nil
}

// clock is who makes deadlines happen.
func clock(organization string) Actor {
	return Actor{Organization: organization, Kind: audit.Clock, ID: "deadline"}
}

func link(base string, id uuid.UUID) string { return base + "/" + id.String() }
