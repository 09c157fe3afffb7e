package idpass_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/idpass/idpasstest"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/store/fault"
	"github.com/kycle/kycle/store/memory"
)

// distant is a repository in memory that is as far away as a server is, by the clock of a
// synctest bubble, which moves only when everybody waits: so rivals meet on any machine,
// however few can run at once. A call takes two moments: between two of one rival there is
// time for one of another.
func distant(plans ...fault.Plan) *fault.Store[idpass.Pass] {
	away := fault.Wait(func(context.Context) error {
		time.Sleep(2 * time.Nanosecond)
		return nil
	})
	return fault.New(fault.New(memory.New(idpass.Schema), plans...), func(fault.Call) fault.Fault { return away })
}

// Any number of sweeps at once, with leases or without, expire each pass once.
func TestSweepsAtOnce(t *testing.T) {
	for _, lease := range []time.Duration{0, time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			repository := distant(fault.Every(5, fault.Commit, fault.Conflict))
			h := newHost(t, repository, func(s *idpass.Settings) { s.SweepBatch, s.SweepLease = 3, lease })
			var passes []idpass.Pass
			for range 40 {
				passes = append(passes, h.Register())
			}
			h.Clock.Advance(2 * week)
			var swept atomic.Int64
			var wg sync.WaitGroup
			for range 4 {
				wg.Go(func() {
					n, err := h.Sweep(ctx)
					if err != nil {
						t.Error(err)
					}
					swept.Add(int64(n))
				})
			}
			wg.Wait()
			if swept.Load() != 40 {
				t.Errorf("lease %v: %d swept of 40", lease, swept.Load())
			}
			for _, p := range passes {
				if now, trail := sound(t, h, p.ID); now.Status != idpass.Expired || len(trail.Entries) != 2 {
					t.Fatalf("%q after %d entries", now.Status, len(trail.Entries))
				}
			}
		})
	}
}

// Concurrent equal registrations make one pass and one charge, and all answer with it.
func TestRegisterConcurrently(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost(t, distant())
		var wg sync.WaitGroup
		answers := make([]idpass.Answer, 16)
		for i := range answers {
			wg.Go(func() {
				var err error
				if answers[i], err = h.Service.Register(ctx, h.Person, registration(keyed("key"), inSlot("slot"))); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		for _, a := range answers {
			if a.Pass.ID != answers[0].Pass.ID {
				t.Fatalf("passes %s and %s", a.Pass.ID, answers[0].Pass.ID)
			}
		}
		if _, trail := sound(t, h, answers[0].Pass.ID); len(trail.Entries) != 1 || len(trail.Postings) != 1 {
			t.Fatalf("%d entries, %d postings", len(trail.Entries), len(trail.Postings))
		}
	})
}

// Consent races cancel, on a store that also reports conflicts that were none. Both load
// before either commits; whoever commits first, fee_refunded, the posting and the entry's
// from-status agree.
func TestCancelRacesConsent(t *testing.T) {
	for _, spurious := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			repository := distant()
			if spurious {
				repository = distant(fault.Every(3, fault.Commit, fault.Conflict))
			}
			h := newHost(t, repository)
			refunded := map[bool]int{}
			for round := range 12 {
				p := h.In(idpass.Opened)
				before := repository.Calls(fault.Commit)
				answer := race(t, h, p, time.Duration(1+round%2*2)) // consent loads at 4 and commits at 6, cancel at 3 and 5, or at 5 and 7
				stored, trail := sound(t, h, p.ID)                  // the three agree
				if stored.Status != idpass.Cancelled || stored.FeeRefunded != answer.Pass.FeeRefunded {
					t.Fatalf("%q, fee_refunded %v answered, %v stored", stored.Status, answer.Pass.FeeRefunded, stored.FeeRefunded)
				}
				for _, e := range trail.Entries {
					if e.Event == "cancel" && (e.From == "opened") != answer.Pass.FeeRefunded {
						t.Fatalf("cancelled from %q, fee_refunded %v", e.From, answer.Pass.FeeRefunded)
					}
				}
				if n := repository.Calls(fault.Commit) - before; n < 3 { // the later one's first is in vain
					t.Errorf("they did not meet: %d commits", n)
				}
				refunded[answer.Pass.FeeRefunded]++
			}
			if refunded[true] == 0 || refunded[false] == 0 {
				t.Errorf("one was always first: %v", refunded)
			}
		})
	}
}

// race lets cancel begin some moments after consent, and gives what it answers.
func race(t *testing.T, h *idpasstest.Host, p idpass.Pass, after time.Duration) (answer idpass.Answer) {
	var wg sync.WaitGroup
	wg.Go(func() {
		if _, err := h.Consent(ctx, h.Provider, p.ID, idpass.Report{EventID: "consent"}); err != nil {
			t.Error(err)
		}
	})
	wg.Go(func() {
		time.Sleep(after)
		var err error
		if answer, err = h.Cancel(ctx, h.Person, p.ID); err != nil {
			t.Error(err)
		}
	})
	wg.Wait()
	return answer
}

// Of many cancels at once exactly one succeeds, and refunds once.
func TestCancelRacesItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost(t, distant())
		p := h.Register()
		var wg sync.WaitGroup
		errs := make([]error, 8)
		for i := range errs {
			wg.Go(func() { _, errs[i] = h.Cancel(ctx, h.Person, p.ID) })
		}
		wg.Wait()
		done := 0
		for _, err := range errs {
			if err == nil {
				done++
			} else {
				wantError(t, err, lifecycle.ErrNotAllowed)
			}
		}
		if _, trail := sound(t, h, p.ID); done != 1 || len(trail.Postings) != 2 {
			t.Fatalf("%d cancels succeeded, %d postings", done, len(trail.Postings))
		}
	})
}

// Many supersede one pass at once. With one key: one new pass, and all answer with it.
// Without: one succeeds, and the others are refused by the pass that is cancelled by now.
func TestSupersedeConcurrently(t *testing.T) {
	for _, key := range []string{"key", ""} {
		synctest.Test(t, func(t *testing.T) {
			h := newHost(t, distant())
			prior := h.In(idpass.Opened, inSlot("slot"))
			var wg sync.WaitGroup
			answers, errs := make([]idpass.Superseded, 8), make([]error, 8)
			for i := range answers {
				wg.Go(func() { answers[i], errs[i] = h.Supersede(ctx, h.Person, prior.ID, registration(keyed(key))) })
			}
			wg.Wait()
			made := map[uuid.UUID]bool{}
			for i, err := range errs {
				switch {
				case err == nil:
					made[answers[i].Pass.ID] = true
				case key != "" || !errors.Is(err, lifecycle.ErrNotAllowed):
					t.Errorf("key %q: %v", key, err)
				}
			}
			l, err := h.List(ctx, h.Person, prior.Applicant, idpass.Filter{})
			if err != nil || len(made) != 1 || l.Total != 2 {
				t.Fatalf("key %q: %d made, %d listed, %v", key, len(made), l.Total, err)
			}
			for _, p := range l.Values {
				sound(t, h, p.ID)
			}
		})
	}
}

// Sixteen register into one slot at once: exactly one wins, and the others are told. A
// holder that is overdue is in the way of all.
func TestSlotRace(t *testing.T) {
	for _, held := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			h := newHost(t, distant(fault.Every(2, fault.Commit, fault.Conflict)))
			var overdue idpass.Pass
			if held {
				overdue = h.Register(inSlot("slot"))
				h.Clock.Advance(2 * week)
			}
			var wg sync.WaitGroup
			answers, errs := make([]idpass.Answer, 16), make([]error, 16)
			for i := range answers {
				wg.Go(func() { answers[i], errs[i] = h.Service.Register(ctx, h.Person, registration(inSlot("slot"))) })
			}
			wg.Wait()
			won := 0
			for i, err := range errs {
				if err == nil {
					won++
					sound(t, h, answers[i].Pass.ID)
				} else {
					wantError(t, err, idpass.ErrSlotTaken)
				}
			}
			if held {
				if _, trail := sound(t, h, overdue.ID); len(trail.Entries) != 2 {
					t.Errorf("the overdue holder has %d entries", len(trail.Entries))
				}
			}
			if won != 1 {
				t.Fatalf("%d won", won)
			}
		})
	}
}
