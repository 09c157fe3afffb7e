package idpass_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/idpass/idpasstest"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/product"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/fault"
	"github.com/kycle/kycle/store/memory"
)

// The new pass takes applicant and slot over, the prior one is cancelled with its fee as
// the row says, and the two are one commit.
func TestSupersede(t *testing.T) {
	rows := []struct {
		name     string
		from     idpass.Status
		refunded bool
		why      string
	}{
		{"new", idpass.New, true, "no step was taken"},
		{"opened", idpass.Opened, true, "no step was taken"},
		{"in progress", idpass.InProgress, false, "the work had begun"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			repository := fault.New(memory.New(idpass.Schema))
			h := newHost(t, repository)
			prior := h.In(row.from, applicant("applicant-7"), inSlot("slot"), costing(300))
			now := h.Clock.Advance(time.Hour)
			earlier := repository.Calls(fault.Commit)
			answer, err := h.Supersede(ctx, h.Person, prior.ID, idpass.Registration{Fee: idpasstest.Fee, LinkValidityDays: new(int)})
			wantError(t, err, lifecycle.ErrInvalid) // the rest of the registration is checked as ever
			if commits := repository.Calls(fault.Commit) - earlier; commits != 0 || !reflect.DeepEqual(answer, idpass.Superseded{}) {
				t.Errorf("refused after %d commits with %+v", commits, answer)
			}
			answer, err = h.Supersede(ctx, h.Person, prior.ID, idpass.Registration{Fee: idpasstest.Fee})
			must(t, err)
			if commits := repository.Calls(fault.Commit) - earlier; commits != 1 {
				t.Errorf("%d commits", commits)
			}
			old, oldTrail := sound(t, h, prior.ID)
			next, nextTrail := sound(t, h, answer.Pass.ID)
			if !reflect.DeepEqual(old, answer.Prior) || !reflect.DeepEqual(next, answer.Pass) {
				t.Errorf("answered\n%+v, stored\n%+v and\n%+v", answer, old, next)
			}
			if old.Status != idpass.Cancelled || old.FeeRefunded != row.refunded || old.SupersededBy != next.ID {
				t.Errorf("prior is %+v: %s", old, row.why)
			}
			if next.Status != idpass.New || next.Applicant != "applicant-7" || next.Slot != "slot" || next.Supersedes != old.ID || !next.ExpiresAt.Equal(now.Add(week)) {
				t.Errorf("new is %+v", next)
			}
			if a, b := last(oldTrail), last(nextTrail); a.Call != answer.Reference || b.Call != answer.Reference || b.Seq != 1 {
				t.Errorf("calls %s and %s, want %s", a.Call, b.Call, answer.Reference)
			}
		})
	}
}

// A final prior pass refuses the whole, in the words of cancel, and nothing is registered.
func TestSupersedeFinal(t *testing.T) {
	for _, from := range []idpass.Status{idpass.Complete, idpass.Expired, idpass.Failed, idpass.Cancelled} {
		t.Run(string(from), func(t *testing.T) {
			h := newHost(t, nil)
			prior := h.In(from, inSlot("slot"))
			unchanged(t, h, prior, func() {
				_, err := h.Supersede(ctx, h.Person, prior.ID, registration(keyed("key")))
				var refusal *product.Refusal
				if !errors.As(err, &refusal) || refusal.Event != "cancel" || idpass.Explain(err).Code != "INVALID_STATUS" {
					t.Errorf("got the error %v, want a refusal", err)
				}
			})
			if l, err := h.List(ctx, h.Person, prior.Applicant, idpass.Filter{}); err != nil || l.Total != 1 {
				t.Errorf("%d passes, %v: one was registered after all", l.Total, err)
			}
			h.Register(inSlot("slot"), keyed("key")) // the slot and the key are free
		})
	}
}

// What is superseded must be there, the organization's own, and its applicant's.
func TestSupersedeRefused(t *testing.T) {
	rows := []struct {
		name string
		by   func(*idpasstest.Host) idpass.Actor
		edit edit
		want error
		why  string
	}{
		{"foreign", func(*idpasstest.Host) idpass.Actor { return stranger }, keyed(""), store.ErrNotFound, "another's is not found, never forbidden"},
		{"other applicant", person, applicant("applicant-9"), lifecycle.ErrInvalid, "the new one keeps the applicant"},
		{"other slot", person, inSlot("other"), lifecycle.ErrInvalid, "the new one takes the prior one's slot"},
		{"slot for none", person, inSlot("slot"), lifecycle.ErrInvalid, "the prior one has no slot to give"},
		{"bad fee", person, costing(-1), lifecycle.ErrInvalid, "a registration like any other"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			h := newHost(t, nil)
			prior := h.Register(inSlot("taken"))
			if row.name == "slot for none" {
				prior = h.Register()
			}
			unchanged(t, h, prior, func() {
				_, err := h.Supersede(ctx, row.by(h), prior.ID, registration(row.edit))
				if wantError(t, err, row.want); t.Failed() {
					t.Log(row.why)
				}
			})
		})
	}
	h := newHost(t, nil)
	for _, id := range []uuid.UUID{uuid.Nil, uuid.New()} {
		_, err := h.Supersede(ctx, h.Person, id, registration())
		wantError(t, err, store.ErrNotFound)
	}
}

func person(h *idpasstest.Host) idpass.Actor { return h.Person }

// A repeat with its key answers with both passes as they now stand; other input, another
// prior pass included, is refused.
func TestSupersedeRepeated(t *testing.T) {
	h := newHost(t, nil)
	prior, other := h.Register(keyed("first")), h.Register()
	r := registration(keyed("key"))
	first, err := h.Supersede(ctx, h.Person, prior.ID, r)
	must(t, err)
	_, err = h.Consent(ctx, h.Provider, first.Pass.ID, idpass.Report{})
	must(t, err)
	again, err := h.Supersede(ctx, h.Person, prior.ID, r)
	must(t, err)
	if again.Pass.ID != first.Pass.ID || again.Pass.Status != idpass.InProgress || !reflect.DeepEqual(again.Prior, first.Prior) {
		t.Errorf("repeated: %+v", again)
	}
	unchanged(t, h, other, func() {
		for name, reuse := range map[string]func() error{
			"other fee": func() error {
				_, err := h.Supersede(ctx, h.Person, prior.ID, registration(keyed("key"), costing(1)))
				return err
			},
			"other prior": func() error { _, err := h.Supersede(ctx, h.Person, other.ID, r); return err },
			"register":    func() error { _, err := h.Service.Register(ctx, h.Person, r); return err },
			// The key under which the pass to be superseded was itself registered.
			"its own": func() error { _, err := h.Supersede(ctx, h.Person, prior.ID, registration(keyed("first"))); return err },
		} {
			if err := reuse(); !errors.Is(err, product.ErrKeyReused) {
				t.Errorf("%s: got the error %v, want ErrKeyReused", name, err)
			}
		}
	})
}

// Superseding on and on: each pass names the one before and the one after.
func TestSupersedeChain(t *testing.T) {
	h := newHost(t, nil)
	p := h.Register(inSlot("slot"))
	for range 5 {
		answer, err := h.Supersede(ctx, h.Person, p.ID, registration())
		must(t, err)
		if answer.Pass.Supersedes != p.ID || answer.Prior.SupersededBy != answer.Pass.ID || answer.Pass.Slot != "slot" {
			t.Errorf("%s supersedes %s, superseded by %s", answer.Pass.ID, answer.Pass.Supersedes, answer.Prior.SupersededBy)
		}
		p = answer.Pass
	}
	_, err := h.Service.Register(ctx, h.Person, registration(inSlot("slot")))
	wantError(t, err, idpass.ErrSlotTaken)
}

// Consent comes between load and commit: the prior pass is cancelled without its refund.
func TestSupersedeIsOvertaken(t *testing.T) {
	repository := fault.New(memory.New(idpass.Schema))
	h := newHost(t, repository)
	prior := h.Register(inSlot("slot"))
	repository.Follow(before(func() error {
		_, err := h.Consent(ctx, h.Provider, prior.ID, idpass.Report{})
		return err
	}))
	answer, err := h.Supersede(ctx, h.Person, prior.ID, registration())
	must(t, err)
	old, _ := sound(t, h, prior.ID)
	if old.FeeRefunded || answer.Prior.FeeRefunded || old.ConsentGivenAt.IsZero() {
		t.Errorf("prior is %+v", old)
	}
}

// A prior pass that is gone when the decision is made is not found, and nothing is made.
func TestSupersedeOfAPassThatVanishes(t *testing.T) {
	repository := fault.New(memory.New(idpass.Schema))
	h := newHost(t, repository)
	prior := h.Register()
	repository.Follow(failing(prior.ID, 1, store.ErrNotFound))
	_, err := h.Supersede(ctx, h.Person, prior.ID, registration())
	wantError(t, err, store.ErrNotFound)
}
