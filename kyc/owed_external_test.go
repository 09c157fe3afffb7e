package kyc_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/kyc/kyctest"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/store/fault"
	"github.com/kycle/kycle/store/storetest"
)

// failing is a provider that ends no session, and takes its time to say so.
type failing struct {
	*kyctest.Provider
	clock *storetest.Clock
	takes time.Duration
	tries map[string]int // by session
	works bool
}

func (p *failing) Terminate(ctx context.Context, session string) (bool, error) {
	p.clock.Advance(p.takes)
	p.tries[session]++
	if p.works {
		return p.Provider.Terminate(ctx, session)
	}
	return false, kyctest.ErrDown
}

// owing makes a host, and a service of it whose provider fails to end sessions.
func owing(t *testing.T, edit ...func(*kyc.Settings)) (*kyctest.Host, *kyc.Service, *failing) {
	t.Helper()
	h := newHost(t, nil, edit...)
	p := &failing{Provider: h.Provider, clock: h.Clock, tries: map[string]int{}}
	settings := kyc.DefaultSettings()
	for _, e := range edit {
		e(&settings)
	}
	s, err := kyc.NewService(kyc.Config{
		Repository: h.Repository, Providers: map[string]kyc.Provider{kyctest.Code: p}, Settings: settings, Now: h.Clock.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return h, s, p
}

// TestFailingTerminationsDelayNoDeadline is fault C3: more terminations fail than a batch
// takes, and together they take longer than its lease lasts.
func TestFailingTerminationsDelayNoDeadline(t *testing.T) {
	h, s, p := owing(t)
	var sessions []string
	for range 120 {
		v := h.In(kyc.InReview)
		if _, err := s.Cancel(ctx, h.Person, v.ID, "because of it"); err != nil {
			t.Fatal(err)
		}
		sessions = append(sessions, v.ValidationSessionID)
	}
	h.Clock.Advance(time.Hour)
	late := h.In(kyc.InProgress)
	h.Clock.Advance(late.ExpiresAt.Sub(h.Clock.Now()) + time.Second)
	p.takes = 400 * time.Millisecond
	began := h.Clock.Now()
	done, err := s.Sweep(ctx)
	if err != nil || done != (kyc.Swept{Expired: 1, Owed: 120}) {
		t.Errorf("the first sweep did %+v, error %v, want the deadline and every termination once", done, err)
	}
	if got := stored(t, h, late).Value.Status; got != kyc.Abandoned {
		t.Errorf("the deadline behind them: got %s, want abandoned", got)
	}
	if took := h.Clock.Now().Sub(began); took <= kyc.DefaultSettings().SweepLease {
		t.Errorf("it took %v: the leases did not end before it, so nothing was tried", took)
	}
	for _, session := range sessions {
		if p.tries[session] != 2 { // by the cancel, and by the sweep
			t.Fatalf("a session was tried %d times, want 2", p.tries[session])
		}
	}
}

// TestAFailingTerminationBacksOff takes one through all its pauses (spec 1.4): from a
// second, doubling, to an hour, each between a half and the whole.
func TestAFailingTerminationBacksOff(t *testing.T) {
	h, s, p := owing(t, func(s *kyc.Settings) { s.SweepLease = 0 })
	answer, err := s.Cancel(ctx, h.Person, h.In(kyc.InReview).ID, "because of it")
	if err != nil {
		t.Fatal(err)
	}
	if v := stored(t, h, answer).Value; !answer.TerminationNext.Equal(v.TerminationNext) || answer.TerminationFailures != 1 {
		t.Errorf("the cancel answers with next %v after %d failures, and %v is stored", answer.TerminationNext, answer.TerminationFailures, v.TerminationNext)
	}
	session, parts := answer.ValidationSessionID, map[float64]bool{}
	for failures := 1; failures <= 16; failures++ {
		v := stored(t, h, answer).Value
		whole := min(time.Second<<(failures-1), time.Hour)
		pause := v.TerminationNext.Sub(h.Clock.Now())
		if v.TerminationFailures != failures || pause < whole/2 || pause > whole || !v.TerminationOwed.Equal(answer.TerminationOwed) {
			t.Fatalf("after failure %d: counted %d, a pause of %v, want %v to %v", failures, v.TerminationFailures, pause, whole/2, whole)
		}
		parts[float64(pause)/float64(whole)] = true
		h.Clock.Advance(pause - time.Microsecond)
		if done, err := s.Sweep(ctx); err != nil || done != (kyc.Swept{}) || p.tries[session] != failures {
			t.Fatalf("before the pause is over: swept %+v, error %v, tried %d times", done, err, p.tries[session])
		}
		h.Clock.Advance(time.Microsecond)
		if done, err := s.Sweep(ctx); err != nil || done != (kyc.Swept{Owed: 1}) || p.tries[session] != failures+1 {
			t.Fatalf("when it is over: swept %+v, error %v, tried %d times", done, err, p.tries[session])
		}
	}
	if len(parts) < 10 {
		t.Errorf("16 pauses are %d parts of the whole: where many fail at once they would all be tried at once", len(parts))
	}
}

// TestABackOffEndsWithTheDuty lets it succeed at last. Nothing remains of the failures, and
// no command of a person tries any earlier.
func TestABackOffEndsWithTheDuty(t *testing.T) {
	h, s, p := owing(t, func(s *kyc.Settings) { s.SweepLease = 0 })
	v, err := s.Cancel(ctx, h.Person, h.In(kyc.InReview).ID, "because of it")
	if err != nil {
		t.Fatal(err)
	}
	before := stored(t, h, v)
	if _, err := s.Cancel(ctx, h.Person, v.ID, "because of it"); !errors.Is(err, lifecycle.ErrNotAllowed) {
		t.Errorf("a second cancel: got error %v, want a refusal", err)
	}
	if after := stored(t, h, v); p.tries[v.ValidationSessionID] != 1 || after.Version != before.Version {
		t.Errorf("a second cancel tried again: %d times, version %d after %d", p.tries[v.ValidationSessionID], after.Version, before.Version)
	}
	p.works = true
	h.Clock.Advance(time.Second)
	if done, err := s.Sweep(ctx); err != nil || done != (kyc.Swept{Terminated: 1}) {
		t.Fatalf("swept %+v, error %v, want it terminated", done, err)
	}
	after := stored(t, h, v).Value
	if !after.TerminationOwed.IsZero() || !after.TerminationNext.IsZero() || after.TerminationFailures != 0 || !kyc.Index(after).Due.IsZero() {
		t.Errorf("owed since %v, next %v, %d failures, due %v, want nothing left", after.TerminationOwed, after.TerminationNext, after.TerminationFailures, kyc.Index(after).Due)
	}
	h.Clock.Advance(24 * time.Hour)
	if done, err := s.Sweep(ctx); err != nil || done != (kyc.Swept{}) || p.tries[v.ValidationSessionID] != 2 {
		t.Errorf("a day later: swept %+v, error %v, tried %d times, want no more", done, err, p.tries[v.ValidationSessionID])
	}
}

// TestAFailureInDoubtCountsOnce loses the answer of the commit that counts a failure: it is
// decided again, and must not count again.
func TestAFailureInDoubtCountsOnce(t *testing.T) {
	f := fault.New(newStore())
	h := newHost(t, f)
	v := h.In(kyc.InReview)
	h.Provider.Down(true)
	f.Follow(fault.Script(fault.Commit, fault.None, fault.LostAnswer))
	v, err := h.Cancel(ctx, h.Person, v.ID, "because of it")
	if err != nil {
		t.Fatal(err)
	}
	if got := stored(t, h, v).Value; got.TerminationFailures != 1 || v.TerminationFailures != 1 {
		t.Errorf("one failure is stored as %d, and answered as %d", got.TerminationFailures, v.TerminationFailures)
	}
}

// TestAnOwedTerminationIsDueWhateverIsKnownOfIt is for records of a host's own tables, which
// may not know when it is tried next.
func TestAnOwedTerminationIsDueWhateverIsKnownOfIt(t *testing.T) {
	since := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, row := range []struct {
		name, why  string
		owed, next time.Time
		want       time.Time
	}{
		{"nothing is owed", "nothing is due", time.Time{}, time.Time{}, time.Time{}},
		{"a try has failed", "it waits", since, since.Add(time.Hour), since.Add(time.Hour)},
		{"next is not known", "it is owed all the same", since, time.Time{}, since},
		{"a clock was set back", "it is tried by that clock", since, since.Add(-time.Hour), since.Add(-time.Hour)},
	} {
		v := kyc.Validation{ID: kyctestID(1), Status: kyc.Cancelled, TerminationOwed: row.owed, TerminationNext: row.next}
		if got := kyc.Index(v).Due; !got.Equal(row.want) {
			t.Errorf("%s: due %v, want %v (%s)", row.name, got, row.want, row.why)
		}
	}
}
