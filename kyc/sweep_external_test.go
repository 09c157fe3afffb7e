package kyc_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/kyc/kyctest"
	"github.com/kycle/kycle/lifecycle"
)

func TestSweepMakesDeadlinesHappen(t *testing.T) {
	h := newHost(t, nil, func(s *kyc.Settings) { s.SweepBatch = 3; s.SweepLease = 0 })
	var pending, started []kyc.Validation
	for range 5 {
		pending, started = append(pending, h.Create()), append(started, h.In(kyc.InProgress))
	}
	waiting := h.In(kyc.InReview)
	h.Clock.Advance(started[4].ExpiresAt.Sub(h.Clock.Now()))
	if done, err := h.Sweep(ctx); err != nil || done.Expired != 8 {
		t.Fatalf("on the instant of their deadline the last two are in time: %+v %v", done, err)
	}
	h.Clock.Advance(time.Microsecond)
	if done, err := h.Sweep(ctx); err != nil || done.Expired != 2 {
		t.Fatalf("%+v %v", done, err)
	}
	if done, err := h.Sweep(ctx); err != nil || done != (kyc.Swept{}) {
		t.Fatalf("a second sweep has nothing to do: %+v %v", done, err)
	}
	for i := range pending {
		if got := stored(t, h, pending[i]).Value.Status; got != kyc.Expired {
			t.Errorf("pending became %s", got)
		}
		if got := stored(t, h, started[i]).Value.Status; got != kyc.Abandoned {
			t.Errorf("in progress became %s", got)
		}
		last := trail(t, h, pending[i]).Entries[1]
		if last.Actor.Kind != audit.Clock || !last.OccurredAt.Equal(pending[i].ExpiresAt) || !last.RecordedAt.After(last.OccurredAt) {
			t.Errorf("entry %+v", last)
		}
	}
	if got := stored(t, h, waiting).Value.Status; got != kyc.InReview {
		t.Errorf("in review waits for a person: %s", got)
	}
}

func TestTheClocksVerdictIsProvisional(t *testing.T) {
	h := newHost(t, nil)
	v := h.Create()
	h.Clock.Advance(v.ExpiresAt.Sub(h.Clock.Now()) - time.Minute)
	finished := h.Clock.Now()
	h.Clock.Advance(2 * time.Minute)
	if _, err := h.Sweep(ctx); err != nil {
		t.Fatal(err)
	}
	d, err := h.Observe(ctx, kyc.ProviderReport{Source: kyctest.Code, EventID: "late", Session: v.ValidationSessionID, Status: kyc.ProviderInReview, OccurredAt: finished})
	if err != nil || d.Verdict != lifecycle.Move || d.Value.Status != kyc.InReview || !d.Value.IsCurrent {
		t.Fatalf("a customer who finished a minute before the deadline is not lost: %+v %v", d, err)
	}
}

func TestAnOwedTerminationIsNeverLost(t *testing.T) {
	h := newHost(t, nil, func(s *kyc.Settings) { s.SweepLease = 0 })
	v := h.In(kyc.InReview)
	h.Provider.Down(true)
	v, err := h.Cancel(ctx, h.Person, v.ID, "because of it")
	if err != nil || v.Status != kyc.Cancelled || v.TerminationOwed.IsZero() {
		t.Fatalf("a failure of the provider does not undo the cancel: %+v, error %v", v, err)
	}
	sweep := func(after time.Duration, want kyc.Swept) {
		t.Helper()
		h.Clock.Advance(after)
		if done, err := h.Sweep(ctx); err != nil || done != want {
			t.Fatalf("swept %+v, error %v, want %+v", done, err, want)
		}
	}
	sweep(0, kyc.Swept{}) // it waits
	sweep(time.Second, kyc.Swept{Owed: 1})
	h.Provider.Down(false)
	sweep(2*time.Second, kyc.Swept{Terminated: 1})
	sweep(time.Hour, kyc.Swept{})
	if !h.Provider.Terminated(v.ValidationSessionID) {
		t.Error("the session was not terminated")
	}
	entries := trail(t, h, v).Entries
	if last := entries[len(entries)-1]; last.Verdict != "terminated" || last.Actor.Kind != audit.System || last.From != "cancelled" {
		t.Errorf("%+v", last)
	}
}

func TestASessionThatIsGoneIsSaidToBeGone(t *testing.T) {
	h := newHost(t, nil)
	v := h.In(kyc.InReview)
	if _, err := h.Provider.Terminate(ctx, v.ValidationSessionID); err != nil {
		t.Fatal(err)
	}
	v, err := h.Cancel(ctx, h.Person, v.ID, "because of it")
	if err != nil || !v.TerminationOwed.IsZero() {
		t.Fatalf("%+v %v", v, err)
	}
	entries := trail(t, h, v).Entries
	if last := entries[len(entries)-1]; last.Verdict != "gone" {
		t.Errorf("%+v", last)
	}
}

func TestManySweepersDoNothingTwice(t *testing.T) {
	synctest.Test(t, manySweepers)
}

func manySweepers(t *testing.T) {
	h := newHost(t, distant(), func(s *kyc.Settings) { s.SweepBatch = 4 })
	var all []kyc.Validation
	for range 12 {
		all = append(all, h.In(kyc.InProgress))
	}
	for range 12 {
		v := h.In(kyc.InReview)
		h.Provider.Down(true)
		if _, err := h.Cancel(ctx, h.Person, v.ID, "because of it"); err != nil {
			t.Fatal(err)
		}
		h.Provider.Down(false)
		all = append(all, v)
	}
	h.Clock.Advance(8 * 24 * time.Hour)
	var wait sync.WaitGroup
	var mu sync.Mutex
	var sum kyc.Swept
	for range 8 {
		wait.Go(func() {
			done, err := h.Sweep(ctx)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			sum.Expired, sum.Terminated, sum.Owed = sum.Expired+done.Expired, sum.Terminated+done.Terminated, sum.Owed+done.Owed
		})
	}
	wait.Wait()
	if sum != (kyc.Swept{Expired: 12, Terminated: 12}) {
		t.Errorf("%+v", sum)
	}
	for _, v := range all {
		ends := 0
		for _, e := range trail(t, h, v).Entries {
			if e.Actor.Kind == audit.Clock || e.Actor.Kind == audit.System {
				ends++
			}
		}
		if ends != 1 {
			t.Errorf("%s: %d entries of the sweep", v.Status, ends)
		}
	}
}

func TestFailingTerminationsKeepNobodyWaiting(t *testing.T) {
	h := newHost(t, nil, func(s *kyc.Settings) { s.SweepBatch = 3 })
	var owing []kyc.Validation
	for range 10 {
		owing = append(owing, h.In(kyc.InReview))
	}
	h.Provider.Down(true)
	for _, v := range owing {
		if _, err := h.Cancel(ctx, h.Person, v.ID, "because of it"); err != nil {
			t.Fatal(err)
		}
	}
	h.Provider.Down(false)
	h.Clock.Advance(time.Minute)
	v := h.In(kyc.InProgress)
	h.Clock.Advance(8 * 24 * time.Hour)
	h.Provider.Down(true)
	if done, err := h.Sweep(ctx); err != nil || done != (kyc.Swept{Expired: 1, Owed: 10}) || stored(t, h, v).Value.Status != kyc.Abandoned {
		t.Errorf("%+v %v", done, err)
	}
}
