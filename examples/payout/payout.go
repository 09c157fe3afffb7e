package payout

import (
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/product"
	"github.com/kycle/kycle/refund"
	"github.com/kycle/kycle/store"
)

type (
	Status string // where a payout stands
	Event  string // a command or a report of this lifecycle
)

// Order is what is asked for.
type Order struct {
	Payee    string        `json:"payee"`            // the host's key for the person, 1 to 255 bytes
	Verified bool          `json:"verified"`         // the host says that the payee is a verified person (kyc.Service.Status)
	Invoice  string        `json:"invoice,omitzero"` // what is paid, by any key of the host's; "": nothing in particular
	Amount   refund.Amount `json:"amount"`           // what the payee gets, above 0
	Fee      refund.Amount `json:"fee"`              // what the transfer costs, 0 or more
}

// Payout is one payout. It is a value: changing a copy changes nothing stored. The tags are
// those of the stored form. Times are in UTC, to the microsecond.
type Payout struct {
	ID             uuid.UUID `json:"id"`
	OrganizationID string    `json:"organization_id"`
	Order
	Status      Status    `json:"status"`
	RequestedBy string    `json:"requested_by"`         // the id of a person
	ApprovedBy  []string  `json:"approved_by,omitzero"` // the ids of persons, the first before the second
	FeeRefunded bool      `json:"fee_refunded"`
	ExpiresAt   time.Time `json:"expires_at"` // until when it can be approved
	CreatedAt   time.Time `json:"created_at"`
	UpdatedAt   time.Time `json:"updated_at"`
}

func (p *Payout) overdue(now time.Time) bool { return p.ExpiresAt.Before(now) }

// Schema is what a store of the library needs to keep payouts.
var Schema = product.JSONSchema("payout", Index, Machine.Chart())

// Index tells what a payout is found by.
func Index(p Payout) store.Index {
	index := store.Index{
		Organization: p.OrganizationID, ID: p.ID, Owner: p.Payee, Status: string(p.Status),
		Current: Machine.Labelled(p.Status, holdsInvoice), Created: p.CreatedAt,
	}
	if index.Current {
		index.ExclusiveKey = p.Invoice
	}
	if Machine.State(p.Status).Deadline != "" {
		index.Due = p.ExpiresAt.Add(time.Microsecond) // on the instant itself it is in time
	}
	return index
}
