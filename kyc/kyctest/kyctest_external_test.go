package kyctest_test

import (
	"testing"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/kyc/kyctest"
	"github.com/kycle/kycle/lifecycle"
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

// escalating is a table with a status more.
var escalating = func() *kyc.Lifecycle {
	m, err := kyc.Extend(kyc.Extension{
		States: []lifecycle.State[kyc.Status, kyc.Event]{{Name: "escalated", Means: "a lead decides", NoDeadline: "it waits for the lead"}},
		Events: []lifecycle.Event[kyc.Event]{{Name: "escalate", Kind: lifecycle.Command, By: []string{audit.Person}, Means: "hand it to a lead"}},
		Rows:   []kyc.Row{{On: "escalate", From: []kyc.Status{kyc.InReview}, To: "escalated", Why: "two pairs of eyes"}},
		SetAside: map[string]string{
			"KYC-22": "a lead decides in days, and is reminded by the host",
		},
	})
	if err != nil {
		panic(err)
	}
	return m
}()

func TestAHostTakesATableOfItsOwn(t *testing.T) {
	h := kyctest.NewHost(t, nil, func(s *kyc.Settings) { s.Lifecycle = escalating })
	v, err := h.Do(t.Context(), h.Person, h.In(kyc.InReview).ID, "escalate", "because of it")
	if err != nil || v.Status != "escalated" {
		t.Errorf("got %s, error %v, want it escalated, and stored", v.Status, err)
	}
}
