package kyctest_test

import (
	"testing"

	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/kyc/kyctest"
	"github.com/kycle/kycle/store/memory"
	"github.com/kycle/kycle/store/storetest"
)

func TestAStoreOfValidationsKeepsThePromises(t *testing.T) {
	storetest.Run(t, kyctest.Subject(func(*testing.T) (one, two kyc.Repository) {
		s := memory.New(kyc.Schema)
		return s, s
	}))
}

func TestAHostHasAValidationInAnyStatus(t *testing.T) {
	h := kyctest.NewHost(t, nil)
	for _, state := range kyc.Machine.Definition().States {
		if v := h.In(state.Name); v.Status != state.Name || v.DecidedByHand != (state.Name == kyc.Cancelled) {
			t.Errorf("asked for %s, got %s", state.Name, v.Status)
		}
	}
	for _, status := range []kyc.Status{kyc.Approved, kyc.Rejected, kyc.Cancelled} {
		if v := h.ByHand(status); v.Status != status || !v.DecidedByHand {
			t.Errorf("asked for %s by hand, got %s", status, v.Status)
		}
	}
}
