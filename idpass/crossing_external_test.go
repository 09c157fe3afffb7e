package idpass_test

import (
	"context"
	"testing"

	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/store/fault"
	"github.com/kycle/kycle/store/memory"
)

// The answer to a cancel can never disagree with what it committed, though it was decided
// a second time, and refused by its own doing.
func TestACancelThatLandsLateIsAnsweredAsItWasMade(t *testing.T) {
	repository := fault.New(memory.New(idpass.Schema))
	h := newHost(t, repository)
	p := h.Register()
	repository.Follow(fault.Script(fault.Commit, fault.Late)) // the worst moment there is
	answer, err := h.Cancel(context.Background(), h.Person, p.ID)
	if err != nil || answer.Pass.ID != p.ID || answer.Pass.Status != idpass.Cancelled || !answer.Pass.FeeRefunded {
		t.Fatalf("answered %+v, error %v, want it cancelled and refunded", answer, err)
	}
	trail, err := h.History(context.Background(), h.Person, p.ID)
	if err != nil || trail.Fault != nil || len(trail.Postings) != 2 {
		t.Errorf("the history is %+v, error %v, want a charge and its refund", trail, err)
	}
}
