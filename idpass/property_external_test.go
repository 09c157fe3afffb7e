package idpass_test

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/refund"
	"github.com/kycle/kycle/store"
)

// walk is one pass on its way, with all that was ever written of it. Nothing but Decide
// moves it: no service, no store.
type walk struct {
	store.Record[idpass.Pass] // Receipts: all of them
	store.History
	now   time.Time
	calls uint32
}

// begin takes a registered pass over from a service.
func begin(t *rapid.T, tb testing.TB) *walk {
	h := newHost(tb, nil)
	p := h.Register(costing(rapid.SampledFrom([]int64{0, 1, 500}).Draw(t, "fee")), inSlot("slot"), days(rapid.IntRange(1, 14).Draw(t, "validity")))
	w := &walk{Record: record(tb, h.Repository, p), History: history(tb, h.Repository, p), now: h.Clock.Now()}
	w.Receipts = map[string]string{}
	return w
}

// draw makes an input: any event, by whoever may bring it, at a time that goes on, with a
// source event that may have been seen before.
func (w *walk) draw(t *rapid.T) idpass.Input {
	w.now = w.now.Add(rapid.SampledFrom([]time.Duration{0, time.Microsecond, time.Minute, time.Hour, 24 * time.Hour}).Draw(t, "later"))
	w.calls++
	call := audit.Call{ID: uuid.UUID{3: byte(w.calls), 15: 1}, Salt: uuid.UUID{3: byte(w.calls), 15: 2}, At: w.now}
	events := idpass.Machine.Definition().Events
	for _, e := range slices.Clone(events) {
		if e.Name == idpass.Open || e.Name == idpass.Consent { // more often, so that walks get further
			events = append(events, e, e)
		}
	}
	e := rapid.SampledFrom(events).Draw(t, "event")
	call.Actor = idpass.Actor{Organization: w.Value.OrganizationID, Kind: rapid.SampledFrom(e.By).Draw(t, "by"), ID: "actor_a"}
	in := idpass.Input{Event: e.Name, Call: call}
	if e.Name == idpass.CompleteCheck {
		in.Outcome = rapid.SampledFrom([]idpass.Outcome{idpass.Passed, idpass.CheckFailed}).Draw(t, "outcome")
	}
	if e.Name == idpass.Cancel && rapid.Bool().Draw(t, "superseded") {
		in.Newer = uuid.UUID{0: 9, 3: byte(w.calls)}
	}
	if e.Kind == lifecycle.Report && rapid.Bool().Draw(t, "keyed") {
		in.Source = fmt.Sprintf("source/%d", rapid.IntRange(0, 5).Draw(t, "source event"))
		in.Receipts = map[string]string{"event " + in.Source: string(e.Name)}
		in.OccurredAt = w.now.Add(-time.Minute)
	}
	return in
}

// decide asks twice and holds the answers, and what was given, against each other.
func (w *walk) decide(t *rapid.T, in idpass.Input) (idpass.Decision, error) {
	asked := w.Record
	asked.Receipts = map[string]string{}
	for key := range in.Receipts {
		if fingerprint, there := w.Receipts[key]; there {
			asked.Receipts[key] = fingerprint
		}
	}
	beforeRecord, beforeInput := asked, in
	beforeRecord.Receipts, beforeInput.Receipts = maps.Clone(asked.Receipts), maps.Clone(in.Receipts)
	beforeRecord.Value.Order.Document1 = slices.Clone(asked.Value.Order.Document1)
	first, err := idpass.Decide(asked, in)
	second, again := idpass.Decide(asked, in)
	if !reflect.DeepEqual(first, second) || (err == nil) != (again == nil) {
		t.Fatalf("one input, two decisions:\n%+v, %v\n%+v, %v", first, err, second, again)
	}
	if !reflect.DeepEqual(beforeRecord, asked) || !reflect.DeepEqual(beforeInput, in) {
		t.Fatalf("Decide changed what it was given: %+v, %+v", asked, in)
	}
	return first, err
}

// apply does what a store does with a change.
func (w *walk) apply(t *rapid.T, c store.Change[idpass.Pass]) {
	if err := c.Valid(idpass.Schema); err != nil {
		t.Fatal(err)
	}
	if c.Expect != w.Version || len(c.Entries) == 0 || c.Entries[0].Seq != w.Head.Seq+1 {
		t.Fatalf("the change expects version %d of %d, and adds %d entries", c.Expect, w.Version, len(c.Entries))
	}
	w.Value, w.Version, w.Head = c.Next, w.Version+1, c.Entries[len(c.Entries)-1].Head()
	w.Entries, w.Postings = append(w.Entries, c.Entries...), append(w.Postings, c.Postings...)
	maps.Copy(w.Receipts, c.Receipts)
}

// hold checks what is true of every pass at every time.
func (w *walk) hold(t *rapid.T) {
	s := audit.Subject{Organization: w.Value.OrganizationID, Kind: idpass.Kind, ID: w.Value.ID}
	if err := audit.Verify(s, w.Entries, w.Head); err != nil {
		t.Fatal(err)
	}
	if end, err := audit.Replay(w.Entries, idpass.Machine); err != nil || end != string(w.Value.Status) {
		t.Fatalf("replayed to %q (%v), stored %q", end, err, w.Value.Status)
	}
	if differences := w.Reconcile(s); len(differences) > 0 {
		t.Fatalf("entries and postings differ: %v", differences)
	}
	agree(t, w.Value, w.History)
	p := w.Value
	if p.InFlight() == idpass.Machine.State(p.Status).Final || (idpass.Index(p).ExclusiveKey != "") != p.InFlight() || idpass.Index(p).Due.IsZero() == p.InFlight() {
		t.Fatalf("in %q: in flight %v, index %+v", p.Status, p.InFlight(), idpass.Index(p))
	}
	if (p.Verification != "") != (p.Status == idpass.Complete) || p.CompletedAt.IsZero() == (p.Status == idpass.Complete) {
		t.Fatalf("in %q: verification_status %q, completed_at %v", p.Status, p.Verification, p.CompletedAt)
	}
	if p.Status == idpass.InProgress && p.ConsentGivenAt.IsZero() {
		t.Fatal("past consent without its time")
	}
}

// Random walks of every command and report, with receipts and deadlines: whatever comes,
// in whatever order, the invariants hold. The walks go on until they have fired every row
// and met every verdict: how many that takes is luck, and no more than so many is not.
func TestWalks(t *testing.T) {
	fired := map[string]int{" register": 1} // by begin
	verdicts := map[lifecycle.Verdict]int{}
	for round := 0; round == 0 || round < 100 && len(unmet(fired, verdicts)) > 0; round++ {
		rapid.Check(t, func(rt *rapid.T) {
			for range 5 {
				w := begin(rt, t)
				w.hold(rt)
				for range rapid.IntRange(4, 12).Draw(rt, "steps") {
					w.step(rt, fired, verdicts)
				}
			}
		})
	}
	for _, what := range unmet(fired, verdicts) {
		t.Errorf("no walk has %s", what)
	}
}

// unmet is what no walk has fired or met yet.
func unmet(fired map[string]int, verdicts map[lifecycle.Verdict]int) (all []string) {
	for _, row := range idpass.Machine.Definition().Rows {
		for _, from := range append(row.From, make([]idpass.Status, 1-min(1, len(row.From)))...) {
			if fired[string(from)+" "+string(row.On)] == 0 {
				all = append(all, fmt.Sprintf("fired %s from %q", row.On, from))
			}
		}
	}
	for _, v := range []lifecycle.Verdict{lifecycle.Move, lifecycle.Ignore, lifecycle.Refuse, lifecycle.Duplicate} {
		if verdicts[v] == 0 {
			all = append(all, fmt.Sprintf("met the verdict %s", v))
		}
	}
	return all
}

// step draws an input, decides, and notes what came of it.
func (w *walk) step(t *rapid.T, fired map[string]int, verdicts map[lifecycle.Verdict]int) {
	before, in := w.Record, w.draw(t)
	overdue := before.Value.InFlight() && before.Value.ExpiresAt.Before(in.Call.At)
	d, err := w.decide(t, in)
	if err != nil {
		if !errors.Is(err, lifecycle.ErrNotAllowed) || idpass.Machine.Kind(in.Event) != lifecycle.Command || !reflect.DeepEqual(d, idpass.Decision{}) {
			t.Fatalf("%s: %v with %+v", in.Event, err, d)
		}
		verdicts[lifecycle.Refuse]++
		return
	}
	verdicts[d.Verdict]++
	w.settle(t, before, in, d, overdue)
	for _, e := range w.Entries[before.Head.Seq:] {
		if e.Verdict == audit.Moved {
			fired[e.From+" "+e.Event]++
		}
	}
	w.hold(t)
}

// settle applies a decision and checks what it may change.
func (w *walk) settle(t *rapid.T, before store.Record[idpass.Pass], in idpass.Input, d idpass.Decision, overdue bool) {
	if d.Verdict == lifecycle.Duplicate {
		if len(d.Changes) != 0 || !reflect.DeepEqual(d.Value, before.Value) {
			t.Fatalf("a duplicate changes %+v", d)
		}
		return
	}
	if len(d.Changes) != 1 || !reflect.DeepEqual(d.Changes[0].Next, d.Value) {
		t.Fatalf("%d changes", len(d.Changes))
	}
	w.apply(t, d.Changes[0])
	if idpass.Machine.State(before.Value.Status).Final && (d.Verdict != lifecycle.Ignore || !reflect.DeepEqual(w.Value, before.Value)) {
		t.Fatalf("%q does not absorb %s: %+v", before.Value.Status, in.Event, w.Value)
	}
	if overdue && w.Value.Status != idpass.Expired {
		t.Fatalf("%s of an overdue pass leaves it %q", in.Event, w.Value.Status)
	}
	if refunds := len(d.Changes[0].Postings) > 0; refunds && d.Changes[0].Postings[0].Kind != refund.Refund {
		t.Fatalf("a second charge: %+v", d.Changes[0].Postings)
	}
	was, is := before.Value, w.Value
	if is.ID != was.ID || is.Link != was.Link || is.Slot != was.Slot || !is.CreatedAt.Equal(was.CreatedAt) ||
		!is.ExpiresAt.Equal(was.ExpiresAt) || !reflect.DeepEqual(is.Order, was.Order) {
		t.Fatalf("what is settled at registration changed: %+v to %+v", was, is)
	}
}
