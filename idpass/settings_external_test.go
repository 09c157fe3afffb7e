package idpass_test

import (
	"testing"
	"time"

	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/product"
	"github.com/kycle/kycle/store/fault"
	"github.com/kycle/kycle/store/memory"
)

func TestDefaultSettingsAreTheSpecifications(t *testing.T) {
	want := idpass.Settings{LinkBase: "https://pass.example.com", ClockSkew: 300 * time.Second, Settings: product.Settings{
		Within: 10 * time.Second, CallTimeout: 15 * time.Second, SweepBatch: 100, SweepLease: 30 * time.Second,
		BackoffMin: time.Second, BackoffMax: time.Hour,
	}}
	if got := idpass.DefaultSettings(); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// What Supersede has committed is its answer: it does not look again, and no failure to
// look can take it back.
func TestASupersedeAnswersWithWhatItCommitted(t *testing.T) {
	f := fault.New(memory.New(idpass.Schema))
	h := newHost(t, f)
	prior := h.Register()
	f.Follow(failing(prior.ID, 2, errDown)) // it is read once before the decision, and once for it
	answer, err := h.Supersede(ctx, h.Person, prior.ID, registration(func(r *idpass.Registration) { r.Applicant = "" }))
	if err != nil || answer.Prior.Status != idpass.Cancelled || answer.Pass.Status != idpass.New {
		t.Errorf("got %v and %v, %v", answer.Prior.Status, answer.Pass.Status, err)
	}
}
