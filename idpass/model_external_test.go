package idpass_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/idpass/idpasstest"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/product"
	"github.com/kycle/kycle/refund"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/fault"
	"github.com/kycle/kycle/store/memory"
)

// dumb is all that the model knows of a pass: plain fields, no table, no chain.
type dumb struct {
	id, supersedes, supersededBy uuid.UUID
	status, applicant, slot, key string
	fee                          int64
	refunded                     bool
	outcome                      string
	expires                      time.Time
	writes, entries              int
	seen                         map[string]bool
}

// model is the host and what the model believes of its passes.
type model struct {
	h      *idpasstest.Host
	passes []*dumb
}

func (d *dumb) flying() bool {
	return d.status == "new" || d.status == "opened" || d.status == "in_progress"
}
func (d *dumb) late(m *model) bool { return d.flying() && m.h.Clock.Now().After(d.expires) }

func (d *dumb) expire() {
	d.status, d.entries = "expired", d.entries+1
}

func (d *dumb) cancel() {
	d.refunded = d.fee > 0 && d.status != "in_progress"
	d.status, d.entries, d.writes = "cancelled", d.entries+1, d.writes+1
}

func (m *model) holder(slot string) *dumb {
	for _, d := range m.passes {
		if slot != "" && d.slot == slot && d.flying() {
			return d
		}
	}
	return nil
}

func (m *model) any(t *rapid.T) *dumb {
	if len(m.passes) == 0 {
		t.Skip("no pass yet")
	}
	return rapid.SampledFrom(m.passes).Draw(t, "pass")
}

func (m *model) drawn(t *rapid.T) (idpass.Registration, *dumb) {
	d := &dumb{status: "new", seen: map[string]bool{}, writes: 1, entries: 1}
	d.applicant = rapid.SampledFrom([]string{"applicant-1", "applicant-2"}).Draw(t, "applicant")
	d.slot = rapid.SampledFrom([]string{"", "slot_1", "slot_2"}).Draw(t, "slot")
	d.key = rapid.SampledFrom([]string{"", "", "key_1", "key_2"}).Draw(t, "key")
	d.fee = rapid.SampledFrom([]int64{0, 500}).Draw(t, "fee")
	n := rapid.IntRange(1, 14).Draw(t, "validity")
	d.expires = m.h.Clock.Now().AddDate(0, 0, n)
	return registration(applicant(d.applicant), inSlot(d.slot), keyed(d.key), costing(d.fee), days(n)), d
}

// used finds the pass that a key made, if it did.
func (m *model) used(key string) *dumb {
	i := slices.IndexFunc(m.passes, func(d *dumb) bool { return key != "" && d.key == key })
	if i < 0 {
		return nil
	}
	return m.passes[i]
}

func (m *model) register(t *rapid.T) {
	r, d := m.drawn(t)
	answer, err := m.h.Service.Register(ctx, m.h.Person, r)
	holder := m.holder(d.slot)
	switch before := m.used(d.key); {
	case before != nil:
		same := before.supersedes == uuid.Nil && before.applicant == d.applicant && before.slot == d.slot && before.fee == d.fee &&
			validity(before, m) == *r.LinkValidityDays
		if same && (err != nil || answer.Pass.ID != before.id) || !same && !errors.Is(err, product.ErrKeyReused) {
			t.Fatalf("a repeat of equal input %v: got the error %v, want ErrKeyReused where it is another", same, err)
		}
	case holder != nil && !holder.late(m):
		if !errors.Is(err, idpass.ErrSlotTaken) {
			t.Fatalf("into a taken slot: got the error %v, want ErrSlotTaken", err)
		}
	case err != nil:
		t.Fatal(err)
	default:
		if holder != nil {
			holder.expire()
			holder.writes++
		}
		d.id = answer.Pass.ID
		m.passes = append(m.passes, d)
	}
}

// validity is the days a pass was registered for; its registration is in the store.
func validity(d *dumb, m *model) int {
	p, _ := m.h.Details(ctx, m.h.Person, d.id)
	return p.Order.LinkValidityDays
}

func (m *model) supersede(t *rapid.T) {
	prior := m.any(t)
	r, d := m.drawn(t)
	r.Applicant, r.Slot = "", ""
	d.applicant, d.slot, d.supersedes = prior.applicant, prior.slot, prior.id
	answer, err := m.h.Supersede(ctx, m.h.Person, prior.id, r)
	switch before := m.used(d.key); {
	case before != nil:
		same := before.supersedes == prior.id && before.fee == d.fee && validity(before, m) == *r.LinkValidityDays
		if same && (err != nil || answer.Pass.ID != before.id) || !same && !errors.Is(err, product.ErrKeyReused) {
			t.Fatalf("a repeat of equal input %v: got the error %v, want ErrKeyReused where it is another", same, err)
		}
	case !prior.flying() || prior.late(m):
		if !errors.Is(err, lifecycle.ErrNotAllowed) {
			t.Fatalf("superseding %q: got the error %v, want a refusal", prior.status, err)
		}
	case err != nil:
		t.Fatal(err)
	default:
		prior.cancel()
		d.id, prior.supersededBy = answer.Pass.ID, answer.Pass.ID
		m.passes = append(m.passes, d)
	}
}

func (m *model) cancel(t *rapid.T) {
	d := m.any(t)
	answer, err := m.h.Cancel(ctx, m.h.Person, d.id)
	switch {
	case !d.flying() || d.late(m):
		if !errors.Is(err, lifecycle.ErrNotAllowed) {
			t.Fatalf("cancelling %q: got the error %v, want a refusal", d.status, err)
		}
	case err != nil:
		t.Fatal(err)
	default:
		if d.cancel(); answer.Pass.FeeRefunded != d.refunded {
			t.Fatalf("fee_refunded %v, want %v", answer.Pass.FeeRefunded, d.refunded)
		}
	}
}

func (m *model) report(e idpass.Event) func(*rapid.T) {
	from := map[idpass.Event][]string{idpass.Open: {"new"}, idpass.Consent: {"new", "opened"}}[e]
	if from == nil {
		from = []string{"new", "opened", "in_progress"}
	}
	to := map[idpass.Event]string{idpass.Open: "opened", idpass.Consent: "in_progress", idpass.CompleteCheck: "complete", idpass.Fail: "failed", idpass.Expire: "expired"}[e]
	return func(t *rapid.T) {
		d := m.any(t)
		event := rapid.SampledFrom([]string{"", "event_1", "event_2"}).Draw(t, "event id")
		decision, err := on(m.h, e)(ctx, m.h.Provider, d.id, idpass.Report{EventID: event})
		if err != nil {
			t.Fatal(err)
		}
		want := lifecycle.Ignore
		switch {
		case d.seen[event]:
			if decision.Verdict != lifecycle.Duplicate {
				t.Fatalf("verdict %s of a repeat", decision.Verdict)
			}
			return
		case d.late(m):
			d.expire()
		case slices.Contains(from, d.status):
			want, d.status = lifecycle.Move, to
			if e == idpass.CompleteCheck {
				d.outcome = "passed"
			}
		}
		d.writes, d.entries = d.writes+1, d.entries+1
		if event != "" {
			d.seen[event] = true
		}
		if decision.Verdict != want {
			t.Fatalf("verdict %s, want %s", decision.Verdict, want)
		}
	}
}

func (m *model) sweep(t *rapid.T) {
	want := 0
	for _, d := range m.passes {
		if d.late(m) {
			d.expire()
			d.writes++
			want++
		}
	}
	if n, err := m.h.Sweep(ctx); err != nil || n != want {
		t.Fatalf("swept %d of %d, %v", n, want, err)
	}
}

// check holds every pass against the model, and the listing against all of them.
func (m *model) check(t *rapid.T) {
	listed := map[string]int{}
	for _, d := range m.passes {
		listed[d.applicant]++
		r, err := m.h.Repository.Load(ctx, store.Key{Organization: idpasstest.Organization, ID: d.id})
		if err != nil {
			t.Fatal(err)
		}
		p := r.Value
		trail, err := m.h.History(ctx, m.h.Person, d.id)
		if err != nil || trail.Fault != nil {
			t.Fatalf("error %v, fault %v, want a history that holds", err, trail.Fault)
		}
		got := fmt.Sprint(p.Status, p.Applicant, p.Slot, p.Order.Fee, p.FeeRefunded, p.Verification, p.ExpiresAt, p.Supersedes, p.SupersededBy, r.Version, len(trail.Entries))
		want := fmt.Sprint(d.status, d.applicant, d.slot, refund.Amount{Minor: d.fee, Currency: "AUD"}, d.refunded, d.outcome, d.expires, d.supersedes, d.supersededBy, d.writes, d.entries)
		if got != want {
			t.Fatalf("pass %s is\n%s, the model has\n%s", d.id, got, want)
		}
		agree(t, p, trail.History)
	}
	for who, n := range listed {
		if l, err := m.h.List(ctx, m.h.Person, who, idpass.Filter{Limit: 1}); err != nil || l.Total != n {
			t.Fatalf("%s has %d passes listed (%v), the model %d", who, l.Total, err, n)
		}
	}
}

// The service does what a model too dumb to be wrong does, on a store that refuses
// commits without a reason, loses them, and loses the answers to them.
func TestModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		seed := rapid.Uint64().Draw(rt, "seed of the faults")
		repository := fault.New(memory.New(idpass.Schema),
			fault.Random(seed, fault.Commit, 0.3, fault.Conflict, fault.LostRequest, fault.LostAnswer, fault.Late))
		m := &model{h: newHost(t, repository, func(s *idpass.Settings) { s.SweepBatch, s.SweepLease = 2, 0 })}
		rt.Repeat(map[string]func(*rapid.T){
			"register": m.register, "supersede": m.supersede, "cancel": m.cancel, "sweep": m.sweep,
			"open": m.report(idpass.Open), "consent": m.report(idpass.Consent), "complete": m.report(idpass.CompleteCheck),
			"fail": m.report(idpass.Fail), "expire": m.report(idpass.Expire),
			"wait": func(t *rapid.T) {
				m.h.Clock.Advance(rapid.SampledFrom([]time.Duration{time.Hour, 12 * time.Hour, 24 * time.Hour, 96 * time.Hour}).Draw(t, "wait"))
			},
			"": m.check,
		})
	})
}
