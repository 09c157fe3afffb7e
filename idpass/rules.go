package idpass

import (
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
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

// usable refuses settings that make no sense.
func (s Settings) usable() bool {
	return s.LinkBase != "" && store.ValidText(s.LinkBase) && s.ClockSkew >= 0 && s.SweepBatch > 0 && s.SweepLease >= 0 && s.Attempts >= 0
}

// clock is who makes deadlines happen.
func clock(organization string) Actor {
	return Actor{Organization: organization, Kind: audit.Clock, ID: "deadline"}
}

func link(base string, id uuid.UUID) string { return base + "/" + id.String() }
