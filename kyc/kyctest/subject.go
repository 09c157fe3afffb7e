package kyctest

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/store/storetest"
)

// Subject is what storetest.Run needs to run a host's own kyc.Repository: open gives two
// handles on one new and empty store.
func Subject(open func(*testing.T) (one, two kyc.Repository)) storetest.Subject[kyc.Validation] {
	return storetest.Subject[kyc.Validation]{Kind: kyc.Kind, Open: open, Make: fromFacts, Index: kyc.Index}
}

// fromFacts makes a validation with the facts that the suite asks for.
func fromFacts(f storetest.Facts) kyc.Validation {
	v := kyc.Validation{
		ID: f.ID, OrganizationID: f.Organization, EntityID: uuid.MustParse(f.Owner), Status: kyc.Pending,
		Provider: Code, ValidationSessionID: f.Session, ProviderSessionURL: f.Note,
		CreatedAt: f.Created, UpdatedAt: f.Created,
	}
	if !f.Due.IsZero() {
		v.ExpiresAt = f.Due.Add(-time.Microsecond) // due once the deadline lies in the past
	}
	if f.Ended {
		v.Status = kyc.Expired
	}
	if !f.Exclusive {
		v.SupersededBy = uuid.NewSHA1(f.ID, []byte("newer"))
	}
	return v
}
