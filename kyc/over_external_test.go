package kyc_test

import (
	"errors"
	"testing"
	"time"

	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/kyc/kyctest"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/fault"
)

// overs are the operations that commit, as a service over a host's transaction makes them.
var overs = []struct {
	name, why string
	do        func(h *kyctest.Host, s *kyc.Service, v kyc.Validation) error
}{
	{"create", "the newest one is superseded with it", func(h *kyctest.Host, s *kyc.Service, v kyc.Validation) error {
		return second(s.Create(ctx, h.Person, kyc.NewValidation{EntityID: v.EntityID, Provider: kyctest.Code}))
	}},
	{"approve", "the reading's commit is the first", func(h *kyctest.Host, s *kyc.Service, v kyc.Validation) error {
		return second(s.Approve(ctx, h.Person, v.ID, "because of it"))
	}},
	{"reject", "the reading's commit is the first", func(h *kyctest.Host, s *kyc.Service, v kyc.Validation) error {
		return second(s.Reject(ctx, h.Person, v.ID, "because of it"))
	}},
	{"cancel", "a command", func(h *kyctest.Host, s *kyc.Service, v kyc.Validation) error {
		return second(s.Cancel(ctx, h.Person, v.ID, "because of it"))
	}},
	{"sync", "a report", func(h *kyctest.Host, s *kyc.Service, v kyc.Validation) error {
		return second(s.Sync(ctx, h.Person, v.ID, true))
	}},
	{"observe", "a report", func(h *kyctest.Host, s *kyc.Service, v kyc.Validation) error {
		return second(s.Observe(ctx, kyc.ProviderReport{
			Source: kyctest.Code, EventID: "e", Session: v.ValidationSessionID, Status: kyc.ProviderApproved, OccurredAt: h.Clock.Now(),
		}))
	}},
}

// TestOverATransactionEverythingIsTriedOnce: after a lost race the transaction is to begin
// anew, and a second try in the old one would meet what the first met. The service that the
// other was made of tries as often as before, meanwhile and afterwards.
func TestOverATransactionEverythingIsTriedOnce(t *testing.T) {
	for _, row := range overs {
		t.Run(row.name, func(t *testing.T) {
			own := fault.New(newStore())
			h := newHost(t, own)
			v := h.In(kyc.InReview)
			h.Clock.Advance(time.Second)
			transaction := fault.New[kyc.Validation](own, fault.Always(fault.Commit, fault.Conflict))
			over := h.Service.Over(transaction)
			if err := row.do(h, over, v); !errors.Is(err, store.ErrConflict) {
				t.Errorf("over it: got error %v, want ErrConflict: %s", err, row.why)
			}
			if n := transaction.Calls(fault.Commit); n != 1 {
				t.Errorf("it was tried %d times, want once", n)
			}
			own.Follow(fault.Script(fault.Commit, fault.Conflict, fault.Conflict))
			commits := own.Calls(fault.Commit)
			if err := row.do(h, h.Service, v); err != nil || own.Calls(fault.Commit) < commits+3 {
				t.Errorf("the service itself, after two races lost: error %v after %d commits", err, own.Calls(fault.Commit)-commits)
			}
		})
	}
}

// TestOverATransactionACancelOwes: the transaction may yet be rolled back, so the session is
// left to a later sweep.
func TestOverATransactionACancelOwes(t *testing.T) {
	h := newHost(t, nil, func(s *kyc.Settings) { s.SweepLease = 0 })
	v, other := h.In(kyc.InReview), h.In(kyc.InReview)
	over := h.Service.Over(h.Repository)
	got, err := over.Cancel(ctx, h.Person, v.ID, "because of it")
	if err != nil || got.Status != kyc.Cancelled || h.Provider.Terminated(v.ValidationSessionID) {
		t.Fatalf("got %s, error %v, terminated %t, want it cancelled and the provider not asked", got.Status, err, h.Provider.Terminated(v.ValidationSessionID))
	}
	now := h.Clock.Now()
	for what, v := range map[string]kyc.Validation{"answered": got, "stored": stored(t, h, v).Value} {
		if !v.TerminationOwed.Equal(now) || !v.TerminationNext.Equal(now) || v.TerminationFailures != 0 {
			t.Errorf("%s: owed since %v, next at %v after %d failures, want now and no failure", what, v.TerminationOwed, v.TerminationNext, v.TerminationFailures)
		}
	}
	if _, err := h.Cancel(ctx, h.Person, other.ID, "because of it"); err != nil || !h.Provider.Terminated(other.ValidationSessionID) {
		t.Errorf("the service itself: error %v, want the session terminated at once", err)
	}
	if done, err := h.Sweep(ctx); err != nil || done != (kyc.Swept{Terminated: 1}) || !h.Provider.Terminated(v.ValidationSessionID) {
		t.Errorf("after it has committed: swept %+v, error %v, want it terminated", done, err)
	}
	entries := trail(t, h, v).Entries
	if last := entries[len(entries)-1]; last.Event != string(kyc.Terminate) || last.Verdict != "terminated" {
		t.Errorf("the last entry is %s of %s, want terminated", last.Verdict, last.Event)
	}
}

// TestARolledBackCancelNeverWas is fault A2: the shelf is put back to where it was before.
func TestARolledBackCancelNeverWas(t *testing.T) {
	h := newHall()
	s := h.pending()
	h.begin(s)
	id := s.lives[0].Value.ID
	if v, err := h.Service.Over(h.fault).Cancel(ctx, someone, id, "because of it"); err != nil || v.Status != kyc.Cancelled || h.asked > 0 {
		t.Fatalf("got %s, error %v, the provider asked %d times, want it cancelled and nobody asked", v.Status, err, h.asked)
	}
	h.shelf.Lives = s.lives
	h.reading = kyc.Reading{Status: kyc.ProviderInReview, ChangedAt: h.now}
	if v, err := h.Sync(ctx, someone, id, true); err != nil || v.Status != kyc.InReview || !v.IsCurrent {
		t.Errorf("after the rollback: got %s, error %v, want it to live on", v.Status, err)
	}
	if v, err := h.Cancel(ctx, someone, id, "because of it"); err != nil || v.Status != kyc.Cancelled || !v.TerminationOwed.IsZero() {
		t.Errorf("cancelled in earnest: got %s, owed since %v, error %v", v.Status, v.TerminationOwed, err)
	}
}
