package idpasstest

import (
	"testing"
	"time"

	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/refund"
	"github.com/kycle/kycle/store/storetest"
)

// Subject is what storetest.Run needs to run a host's own idpass.Repository: open gives
// two handles on one new and empty store.
func Subject(open func(*testing.T) (one, two idpass.Repository)) storetest.Subject[idpass.Pass] {
	return storetest.Subject[idpass.Pass]{Kind: idpass.Kind, Open: open, Make: fromFacts, Index: idpass.Index}
}

// fromFacts makes a pass with the facts that the suite asks for.
func fromFacts(f storetest.Facts) idpass.Pass {
	p := idpass.Pass{
		ID: f.ID, OrganizationID: f.Organization, Applicant: f.Owner, Status: idpass.New, Link: f.Note,
		Order:     idpass.Order{LinkValidityDays: 7, Fee: refund.Amount{Minor: 500, Currency: "AUD"}},
		CreatedAt: f.Created, UpdatedAt: f.Created,
	}
	if f.Exclusive {
		p.Slot = f.Owner
	}
	if f.Ended {
		p.Status = idpass.Cancelled
	}
	if !f.Due.IsZero() {
		p.ExpiresAt = f.Due.Add(-time.Microsecond) // due once the deadline lies in the past
	}
	return p
}
