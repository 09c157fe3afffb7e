package main

import (
	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/product"
	"github.com/kycle/kycle/refund"
)

// auditTrail is the answer about a record's history. An entry writes itself, with
// everything that a stranger needs to recompute its hash.
type auditTrail struct {
	Entries  []audit.Entry `json:"entries"`
	Postings []posting     `json:"postings"`
	Chain    chain         `json:"chain"`
}

// posting is a line of the books without its subject, which is the record asked about.
type posting struct {
	Key  uuid.UUID   `json:"key"`
	Kind refund.Kind `json:"kind"`
	refund.Amount
	Reverses *uuid.UUID `json:"reverses"` // null for a charge
	Seq      uint64     `json:"seq"`
}

// chain is what was found when the whole trail was checked: hashes, replay and books.
type chain struct {
	Verified bool    `json:"verified"`
	Fault    *string `json:"fault"`
}

// auditOf never hides a trail that does not hold: it shows what is there, and the fault.
func auditOf(t product.Trail) auditTrail {
	a := auditTrail{
		Entries: append([]audit.Entry{}, t.Entries...), Postings: []posting{}, Chain: chain{Verified: t.Fault == nil},
	}
	for _, p := range t.Postings {
		line := posting{Key: p.Key, Kind: p.Kind, Amount: p.Amount, Seq: p.Seq}
		if p.Reverses != uuid.Nil {
			line.Reverses = &p.Reverses
		}
		a.Postings = append(a.Postings, line)
	}
	if t.Fault != nil {
		text := t.Fault.Error() // names sequences and statuses only
		a.Chain.Fault = &text
	}
	return a
}
