package kyc_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/kyc/kyctest"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/refund"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/fault"
)

// walker takes one record through random inputs, by Decide alone, and keeps the history.
type walker struct {
	record  store.Record[kyc.Validation]
	now     time.Time
	history store.History
	n       byte
}

func newWalker(t testing.TB) *walker {
	h := newHost(t, nil)
	v := h.Create()
	return &walker{record: stored(t, h, v), now: h.Clock.Now(), history: trail(t, h, v).History}
}

// step decides one input and applies what it writes, as a store would.
func (w *walker) step(t *rapid.T, in kyc.Input) lifecycle.Verdict {
	w.n++
	in.Call = audit.Call{ID: kyctestID(w.n), Salt: kyctestID(w.n), At: w.now, Actor: kyc.Actor{Organization: kyctest.Organization, Kind: bringer(in.Event), ID: "user_a"}}
	before := w.record.Value
	d, err := kyc.Decide(w.record, in, kyc.DefaultSettings())
	again, _ := kyc.Decide(w.record, in, kyc.DefaultSettings())
	if !reflect.DeepEqual(d, again) || !reflect.DeepEqual(before, w.record.Value) {
		t.Fatalf("%s: same input, another change, or its argument was changed", in.Event)
	}
	if err != nil {
		if !errors.Is(err, lifecycle.ErrNotAllowed) || d.Changes != nil {
			t.Fatalf("%s: %v", in.Event, err)
		}
		return lifecycle.Refuse
	}
	for _, c := range d.Changes {
		if c.Expect != w.record.Version {
			t.Fatalf("expects version %d of %d", c.Expect, w.record.Version)
		}
		w.history.Entries = append(w.history.Entries, c.Entries...)
		w.history.Postings = append(w.history.Postings, c.Postings...)
		w.record.Value, w.record.Version = c.Next, w.record.Version+1
		if n := len(c.Entries); n > 0 {
			w.record.Head = c.Entries[n-1].Head()
		}
	}
	return d.Verdict
}

// bringer is a kind of actor that may bring the event.
func bringer(on kyc.Event) string {
	for _, e := range kyc.Machine.Definition().Events {
		if e.Name == on {
			return slices.Min(e.By)
		}
	}
	return ""
}

// input draws any event with any facts.
func (w *walker) input(t *rapid.T) kyc.Input {
	if v := w.record.Value; !v.ExpiresAt.IsZero() && rapid.IntRange(0, 4).Draw(t, "too late") == 0 {
		w.now = v.ExpiresAt.Add(time.Microsecond) // few walks would wait that long by chance
		return kyc.Input{Event: kyc.DeadlinePassed}
	}
	events := slices.DeleteFunc(kyc.Machine.Definition().Events, func(e lifecycle.Event[kyc.Event]) bool { return e.Name == kyc.Create })
	if rapid.IntRange(0, 3).Draw(t, "likely") > 0 { // mostly what has a row here, or the walk would stand still
		var likely []lifecycle.Event[kyc.Event]
		for _, e := range events {
			if _, _, ok := kyc.Machine.Next(string(w.record.Value.Status), string(e.Name)); ok {
				likely = append(likely, e)
			}
		}
		if len(likely) > 0 {
			events = likely
		}
	}
	in := kyc.Input{Event: events[rapid.IntRange(0, len(events)-1).Draw(t, "event")].Name, Reason: "because of it"}
	if rapid.IntRange(0, 3).Draw(t, "fresh") > 0 {
		in.Reading, in.Newer = kyc.ProviderInReview, kyctestID(255)
	}
	for _, said := range order {
		if event, _ := said.Event(); event == in.Event {
			in.Word = kyc.Word{Status: said, At: w.now.Add(-time.Duration(rapid.IntRange(0, 2).Draw(t, "late")) * time.Minute)}
		}
	}
	w.now = w.now.Add(rapid.SampledFrom([]time.Duration{time.Minute, time.Hour, 8 * 24 * time.Hour}).Draw(t, "by"))
	return in
}

// holds are the invariants of the specification, in every state.
func (w *walker) holds(t *rapid.T) {
	v := &w.record.Value
	of := audit.Subject{Organization: v.OrganizationID, Kind: kyc.Kind, ID: v.ID}
	if err := audit.Verify(of, w.history.Entries); err != nil {
		t.Fatal(err)
	}
	if end, err := audit.Replay(w.history.Entries, kyc.Machine); err != nil || end != string(v.Status) {
		t.Fatalf("replays to %s, stored is %s: %v", end, v.Status, err)
	}
	if diff := w.history.Reconcile(of); len(diff) > 0 {
		t.Fatal(diff)
	}
	charges := 0
	for _, p := range w.history.Postings {
		if p.Kind == refund.Charge {
			charges++
		}
	}
	state := kyc.Machine.State(v.Status)
	switch {
	case charges > 1 || len(w.history.Postings) != charges || (charges == 1) != v.Charged:
		t.Fatalf("%d charges, charged %t", charges, v.Charged)
	case (v.Status == kyc.Approved) == v.VerifiedAt.IsZero():
		t.Fatal("verifiedAt is set exactly while approved")
	case (state.Deadline == "") != v.ExpiresAt.IsZero():
		t.Fatal("a deadline belongs to a status that has one")
	case v.IsCurrent != (alive[v.Status] && v.SupersededBy == uuid.Nil):
		t.Fatal("isCurrent follows from the status, and from whether a newer one exists")
	case !v.TerminationOwed.IsZero() && v.Status != kyc.Cancelled || v.TerminationOwed.IsZero() != v.TerminationNext.IsZero():
		t.Fatal("what is cancelled owes the end of its session, and nothing else does")
	}
}

// The walks go on until they have fired every row: how many that takes is luck, and no more
// than so many is not.
func TestRandomWalksKeepEveryInvariantAndFireEveryRow(t *testing.T) {
	fired := map[string]int{}
	for round := 0; round == 0 || round < 100 && len(unfired(fired)) > 0; round++ {
		rapid.Check(t, func(rt *rapid.T) {
			w := newWalker(t)
			rt.Repeat(map[string]func(*rapid.T){
				"event": func(rt *rapid.T) {
					from, byHand := w.record.Value.Status, w.record.Value.DecidedByHand
					in := w.input(rt)
					verdict := w.step(rt, in)
					fired[fmt.Sprint(from, in.Event, verdict)]++
					if byHand && (w.record.Value.Status != from || verdict == lifecycle.Move) {
						rt.Fatalf("%s moved what was decided by hand", in.Event)
					}
				},
				"": w.holds,
			})
		})
	}
	for _, row := range unfired(fired) {
		t.Errorf("the walks never fired %s: they prove nothing about it", row)
	}
}

// unfired are the rows that no walk has fired, from each status apart.
func unfired(fired map[string]int) (all []string) {
	for _, row := range kyc.Machine.Definition().Rows {
		for _, from := range row.From {
			want := lifecycle.Move
			switch {
			case row.Note != "":
				want = lifecycle.Note
			case from == row.To:
				want = lifecycle.Stay
			}
			if fired[fmt.Sprint(from, row.On, want)] == 0 {
				all = append(all, fmt.Sprintf("%s in %s", row.On, from))
			}
		}
	}
	return all
}

// TestEveryOrderOfArrivalEndsAlike shuffles and repeats one provider's words.
func TestEveryOrderOfArrivalEndsAlike(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var said []kyc.Word
		base := newWalker(t).now
		for range rapid.IntRange(1, 6).Draw(rt, "words") {
			said = append(said, kyc.Word{Status: rapid.SampledFrom(order).Draw(rt, "status"),
				At: base.Add(time.Duration(rapid.IntRange(0, 3).Draw(rt, "minute")) * time.Minute)})
		}
		end := func(arrival []kyc.Word) kyc.Validation {
			w := newWalker(t)
			w.now = w.now.Add(time.Hour)
			for _, word := range arrival {
				event, _ := word.Status.Event()
				w.step(rt, kyc.Input{Event: event, Word: word})
			}
			return w.record.Value
		}
		first := end(said)
		other := end(append(rapid.Permutation(said).Draw(rt, "order"), said...))
		if first.Status != other.Status || first.IsCurrent != other.IsCurrent || first.LastWord != other.LastWord {
			rt.Fatalf("one order ends in %s, another in %s", first.Status, other.Status)
		}
	})
}

func TestWebhookSyncAndDecisionRaceToOneOutcome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		repo := distant(fault.Every(7, fault.Commit, fault.Conflict))
		kyctest.Race(t, repo, repo, 20)
	})
}
