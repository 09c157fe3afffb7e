package idpass_test

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/idpass/idpasstest"
	"github.com/kycle/kycle/store/fault"
	"github.com/kycle/kycle/store/memory"
)

// A slot is taken while its pass is in flight, and released by every final status.
func TestSlotFollowsTheStatus(t *testing.T) {
	inFlight := map[idpass.Status]bool{idpass.New: true, idpass.Opened: true, idpass.InProgress: true}
	for _, s := range statuses() {
		t.Run(string(s), func(t *testing.T) {
			h := newHost(t, nil)
			holder := h.In(s, inSlot("slot"))
			if holder.InFlight() != inFlight[s] || (idpass.Index(holder).ExclusiveKey == "slot") != inFlight[s] {
				t.Errorf("in flight %v on seat %q", holder.InFlight(), idpass.Index(holder).ExclusiveKey)
			}
			unchanged(t, h, holder, func() {
				answer, err := h.Service.Register(ctx, h.Person, registration(inSlot("slot"), applicant("applicant-2")))
				if !inFlight[s] {
					must(t, err)
					sound(t, h, answer.Pass.ID)
					return
				}
				wantError(t, err, idpass.ErrSlotTaken)
				if got := idpass.Explain(err); got.HTTP != 409 || got.Code != "SLOT_TAKEN" {
					t.Errorf("explained as %+v", got)
				}
				if !reflect.DeepEqual(answer, idpass.Answer{}) {
					t.Errorf("a refusal answers %+v", answer)
				}
			})
		})
	}
}

// No slot is no limit; slots are each their own, and each organization's own.
func TestSlotsAreApart(t *testing.T) {
	h := newHost(t, nil)
	h.Register()
	h.Register()
	h.Register(inSlot("slot"))
	h.Register(inSlot("Slot")) // strings are exact
	if _, err := h.Service.Register(ctx, stranger, registration(inSlot("slot"))); err != nil {
		t.Errorf("another organization's slot of one name: %v", err)
	}
}

// A holder whose deadline lies in the past, though no sweep has seen it, gives its slot
// up in the commit that takes it; on the instant of the deadline it is still in time.
func TestSlotOfAnOverdueHolder(t *testing.T) {
	for _, s := range []idpass.Status{idpass.New, idpass.Opened, idpass.InProgress} {
		t.Run(string(s), func(t *testing.T) {
			repository := fault.New(memory.New(idpass.Schema))
			h := newHost(t, repository)
			holder := h.In(s, inSlot("slot"))
			h.Clock.Advance(week)
			_, err := h.Service.Register(ctx, h.Person, registration(inSlot("slot")))
			wantError(t, err, idpass.ErrSlotTaken)

			now := h.Clock.Advance(time.Microsecond)
			earlier := repository.Calls(fault.Commit)
			answer, err := h.Service.Register(ctx, h.Person, registration(inSlot("slot")))
			must(t, err)
			old, trail := sound(t, h, holder.ID)
			e := last(trail)
			if commits := repository.Calls(fault.Commit) - earlier; commits != 1 || old.Status != idpass.Expired || e.Event != "expire" || e.Call != answer.Reference {
				t.Errorf("in %d commits the holder is %q by %+v", commits, old.Status, e)
			}
			if e.Actor.Kind != "clock" || e.Actor.Organization != idpasstest.Organization || !e.OccurredAt.Equal(holder.ExpiresAt) || !e.RecordedAt.Equal(now) {
				t.Errorf("the deadline is entered as %+v", e)
			}
			if next, _ := sound(t, h, answer.Pass.ID); next.Status != idpass.New || next.Slot != "slot" {
				t.Errorf("the new pass is %+v", next)
			}
		})
	}
}

// An equal call that comes between the loads of another is the repeat that it is: not a
// stranger on the slot, and not somebody else's cancel.
func TestEqualCallsOvertake(t *testing.T) {
	t.Run("register", func(t *testing.T) {
		repository := fault.New(memory.New(idpass.Schema))
		h := newHost(t, repository)
		var first idpass.Pass
		repository.Follow(atLoad(2, func() { first = h.Register(inSlot("slot"), keyed("key")) }))
		if second := h.Register(inSlot("slot"), keyed("key")); second.ID != first.ID {
			t.Errorf("%s and %s", first.ID, second.ID)
		}
	})
	for n := 2; n <= 3; n++ { // the first is the check of the prior pass
		t.Run("supersede", func(t *testing.T) {
			repository := fault.New(memory.New(idpass.Schema))
			h := newHost(t, repository)
			prior := h.Register(inSlot("slot"))
			var first idpass.Superseded
			repository.Follow(atLoad(n, func() {
				var err error
				first, err = h.Supersede(ctx, h.Person, prior.ID, registration(keyed("key")))
				must(t, err)
			}))
			second, err := h.Supersede(ctx, h.Person, prior.ID, registration(keyed("key")))
			must(t, err)
			if !reflect.DeepEqual(first.Prior, second.Prior) || !reflect.DeepEqual(first.Pass, second.Pass) {
				t.Errorf("load %d: %+v and %+v", n, first, second)
			}
		})
	}
}

// atLoad lets something happen before the n-th load, once.
func atLoad(n int, happen func()) fault.Plan {
	script := make([]fault.Fault, n)
	script[n-1] = fault.Wait(func(context.Context) error {
		happen()
		return nil
	})
	return fault.Script(fault.Load, script...)
}

// The holder ends between the look at the slot and the commit: the slot is free then.
func TestSlotIsFreedInBetween(t *testing.T) {
	repository := fault.New(memory.New(idpass.Schema))
	h := newHost(t, repository)
	holder := h.Register(inSlot("slot"))
	h.Clock.Advance(2 * week) // overdue, so that the registration wants to free it
	repository.Follow(before(func() error {
		_, err := h.Sweep(ctx)
		return err
	}))
	next := h.Register(inSlot("slot"))
	if _, trail := sound(t, h, holder.ID); len(trail.Entries) != 2 {
		t.Errorf("the holder has %d entries: it expired twice", len(trail.Entries))
	}
	sound(t, h, next.ID)
	// The other way round: the slot was free, and is taken before the commit.
	must(t, func() error { _, err := h.Cancel(ctx, h.Person, next.ID); return err }())
	repository.Follow(before(func() error {
		_, err := h.Service.Register(ctx, h.Person, registration(inSlot("slot")))
		return err
	}))
	if _, err := h.Service.Register(ctx, h.Person, registration(inSlot("slot"))); !errors.Is(err, idpass.ErrSlotTaken) {
		t.Errorf("got the error %v, want ErrSlotTaken", err)
	}
}
