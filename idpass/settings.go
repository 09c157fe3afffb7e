package idpass

import (
	"time"

	"github.com/kycle/kycle/product"
	"github.com/kycle/kycle/store"
)

// Settings are the numbers of the product. Begin with DefaultSettings and change what
// differs.
type Settings struct {
	product.Settings
	LinkBase  string        // a pass's link is this, a slash, and its id
	ClockSkew time.Duration // how far in the future an occurred-at may lie
}

// DefaultSettings are those of the specification, with a link base that is an example.
func DefaultSettings() Settings {
	return Settings{Settings: product.DefaultSettings(), LinkBase: "https://pass.example.com", ClockSkew: 5 * time.Minute}
}

// check refuses settings that make no sense.
func (s Settings) check() error {
	return product.Checked(
		product.Check{Field: "LinkBase", Problem: "must be UTF-8 without NUL, and not empty", Holds: s.LinkBase != "" && store.ValidText(s.LinkBase)},
		product.Check{Field: "ClockSkew", Problem: "must not be negative", Holds: s.ClockSkew >= 0},
	)
}
