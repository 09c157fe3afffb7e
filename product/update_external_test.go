package product_test

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/product"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/fault"
)

// What comes back is the verdict, and the ticket as the store has it.
func TestUpdateGivesWhatItLeft(t *testing.T) {
	for _, row := range []struct {
		name, why string
		by        audit.Actor
		on        event
		twice     bool // the same was told before
		verdict   lifecycle.Verdict
		word      string // Result.Why
		version   uint64 // of the record afterwards
		entries   int
	}{
		{"a move", "an entry, and the next version", door, enter, false, lifecycle.Move, "", 2, 2},
		{"a note", "an entry, and the next version", clerk, reprint, false, lifecycle.Note, "", 2, 2},
		{"a stay", "no entry, and the next version", door, enter, true, lifecycle.Stay, "", 3, 2},
		{"what a rule ignores", "an entry says why", clockOf("org_a"), lapse, false, lifecycle.Ignore, "not_over", 2, 2},
	} {
		t.Run(row.name, func(t *testing.T) {
			o := open(t)
			v := o.sold(t, order{})
			if row.twice {
				o.told(t, row.by, v.ID, row.on)
			}
			got, err := o.tell(t.Context(), row.by, v.ID, row.on, nil)
			after := o.stored(t, v.ID)
			if err != nil || got.Verdict != row.verdict || got.Why != row.word || got.Value != after.Value {
				t.Errorf("got %+v, error %v, want %s %q and the ticket %+v: %s", got, err, row.verdict, row.word, after.Value, row.why)
			}
			if entries := o.trail(t, v.ID).Entries; after.Version != row.version || len(entries) != row.entries {
				t.Errorf("version %d and %d entries, want %d and %d: %s", after.Version, len(entries), row.version, row.entries, row.why)
			}
		})
	}
}

func TestUpdateDecidesAgainAfterAConflict(t *testing.T) {
	o := open(t)
	v := o.sold(t, order{})
	rival := &office{Runner: o.Over(o.shelf), clock: o.clock}
	o.faulty.Follow(at(fault.Commit, 1, func() { rival.told(t, clerk, v.ID, reprint) }))
	call, seen := o.Call(clerk), []uint64{}
	got, err := o.Update(t.Context(), call, product.Key(clerk, v.ID), nil, func(r store.Record[ticket]) (product.Decision[ticket], error) {
		seen = append(seen, r.Version)
		return decide(r, reprint, call, nil)
	})
	if err != nil || got.Value.Prints != 2 || got.Value != o.stored(t, v.ID).Value {
		t.Errorf("got %+v, error %v, want what was decided last, on the rival's print", got, err)
	}
	if !reflect.DeepEqual(seen, []uint64{1, 2}) {
		t.Errorf("decided on the versions %v, want 1 and 2", seen)
	}
	if e := o.trail(t, v.ID).Entries; len(e) != 3 || e[2].Call != call.ID {
		t.Errorf("history %q, want the rival's reprint and then this one", events(o.trail(t, v.ID)))
	}
}

// The commit of the first attempt is under way, and the second attempt is refused before it
// lands. It is found to have happened: the answer is what it did.
func TestUpdateARefusalIsNotWhatWasDone(t *testing.T) {
	o := open(t)
	v := o.sold(t, order{})
	o.faulty.Follow(fault.Script(fault.Commit, fault.Late))
	call, decisions := o.Call(clerk), 0
	got, err := o.Update(t.Context(), call, product.Key(clerk, v.ID), nil, func(r store.Record[ticket]) (product.Decision[ticket], error) {
		if decisions++; decisions > 1 {
			return product.Decision[ticket]{}, errDown
		}
		return decide(r, give, call, nil)
	})
	if err != nil || got.Verdict != lifecycle.Move || got.Value != o.stored(t, v.ID).Value || got.Value.Status != void {
		t.Errorf("got %+v, error %v, want the ticket that the first attempt gave back", got, err)
	}
	if decisions != 2 {
		t.Errorf("%d decisions, want 2: the test is about the second", decisions)
	}
}

// An answer that was lost is no second operation.
func TestUpdateFindsWhatItDid(t *testing.T) {
	o := open(t)
	v := o.sold(t, order{})
	o.faulty.Follow(fault.Script(fault.Commit, fault.LostAnswer))
	got, err := o.tell(t.Context(), clerk, v.ID, give, nil)
	if err != nil || got.Verdict != lifecycle.Move || got.Value.Status != void {
		t.Errorf("got %+v, error %v, want a move", got, err)
	}
	if trail := o.trail(t, v.ID); len(trail.Entries) != 2 || len(trail.Postings) != 2 {
		t.Errorf("%d entries and %d postings, want a sale and a refund", len(trail.Entries), len(trail.Postings))
	}
	v = o.sold(t, order{})
	o.faulty.Follow(fault.Always(fault.Commit, fault.LostRequest))
	got, err = o.tell(t.Context(), clerk, v.ID, give, nil)
	wants(t, "nobody can know", err, store.ErrUnknownOutcome)
	if got != (product.Result[ticket]{}) {
		t.Errorf("got %+v beside an error, want nothing", got)
	}
}

func TestUpdateReadsTheReceipts(t *testing.T) {
	o := open(t)
	v := o.sold(t, order{})
	told := func(fingerprint string) product.Result[ticket] {
		t.Helper()
		got, err := o.tell(t.Context(), door, v.ID, enter, map[string]string{"event": fingerprint})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := told("1"); got.Verdict != lifecycle.Move {
		t.Errorf("first: %+v, want a move", got)
	}
	if got := o.stored(t, v.ID).Receipts; !reflect.DeepEqual(got, map[string]string{"event": "1"}) {
		t.Errorf("receipts %v, want that of the event", got)
	}
	before := o.faulty.Calls(fault.Commit)
	if got := told("1"); got.Verdict != lifecycle.Duplicate || got.Why != "" || got.Value.Status != used {
		t.Errorf("again: %+v, want a duplicate, and the ticket as it stands", got)
	}
	if got := told("2"); got.Verdict != lifecycle.Duplicate || got.Why != store.EventReused {
		t.Errorf("the same event with other news: %+v, want a duplicate that says so", got)
	}
	if after := o.faulty.Calls(fault.Commit); after != before {
		t.Errorf("%d commits for what is there already, want none", after-before)
	}
}

// Of the receipts that are asked for, the decision sees those that are there, and no other.
func TestUpdateReadsEveryReceipt(t *testing.T) {
	o := open(t)
	v := o.sold(t, order{})
	all := map[string]string{"event": "1", "door": "north", "hour": "8"}
	if _, err := o.tell(t.Context(), door, v.ID, enter, all); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		name, why  string
		asked, see map[string]string
	}{
		{"all", "any of them makes it a duplicate", map[string]string{"event": "", "door": "", "hour": ""}, all},
		{"some", "the others are not this input's", map[string]string{"event": "", "day": ""}, map[string]string{"event": "1"}},
		{"none", "it is not remembered", nil, map[string]string{}},
	} {
		call, seen := o.Call(door), map[string]string(nil)
		_, err := o.Update(t.Context(), call, product.Key(door, v.ID), row.asked, func(r store.Record[ticket]) (product.Decision[ticket],
			error) {
			seen = r.Receipts
			return product.Decision[ticket]{}, nil
		})
		if err != nil || !reflect.DeepEqual(seen, row.see) {
			t.Errorf("%s: saw %v, error %v, want %v: %s", row.name, seen, err, row.see, row.why)
		}
	}
}

func TestUpdateOfWhatIsNotThere(t *testing.T) {
	o := open(t)
	v := o.sold(t, order{})
	for _, row := range []struct {
		name, why string
		key       store.Key
	}{
		{"no such id", "nothing to decide on", store.Key{Organization: "org_a", ID: uuid.UUID{1}}},
		{"another organization's", "it is not there for this one", store.Key{Organization: "org_b", ID: v.ID}},
		{"an empty seat", "nobody holds it", store.Key{Organization: "org_a", ExclusiveKey: "1"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			decisions := 0
			got, err := o.Update(t.Context(), o.Call(clerk), row.key, nil, func(store.Record[ticket]) (product.Decision[ticket], error) {
				decisions++
				return product.Decision[ticket]{}, nil
			})
			wants(t, row.why, err, store.ErrNotFound)
			if decisions != 0 || got != (product.Result[ticket]{}) {
				t.Errorf("%d decisions, result %+v, want none: %s", decisions, got, row.why)
			}
		})
	}
}

// The decision's error comes back as it is; no changes are a success.
func TestUpdateWritesNothing(t *testing.T) {
	o := open(t)
	v := o.sold(t, order{Seat: "1"})
	before := o.faulty.Calls(fault.Commit)
	_, err := o.tell(t.Context(), clerk, v.ID, sell, nil)
	var denied *lifecycle.Denied
	if !errors.As(err, &denied) || denied.Event != string(sell) {
		t.Errorf("error %v, want the table's refusal", err)
	}
	_, err = o.Update(t.Context(), o.Call(clerk), product.Key(clerk, v.ID), nil, func(store.Record[ticket]) (product.Decision[ticket],
		error) {
		return product.Decision[ticket]{Result: product.Result[ticket]{Value: v}}, errDown
	})
	if err != errDown {
		t.Errorf("error %v, want the decision's own", err)
	}
	seat := store.Key{Organization: "org_a", ExclusiveKey: "1"} // another way to name it
	got, err := o.Update(t.Context(), o.Call(clerk), seat, nil, func(r store.Record[ticket]) (product.Decision[ticket], error) {
		return product.Decision[ticket]{Result: product.Result[ticket]{Verdict: lifecycle.Stay, Value: r.Value}}, nil
	})
	if err != nil || got != (product.Result[ticket]{Verdict: lifecycle.Stay, Value: v}) {
		t.Errorf("got %+v, error %v, want the ticket as it is", got, err)
	}
	if after := o.faulty.Calls(fault.Commit); after != before {
		t.Errorf("%d commits, want none", after-before)
	}
}

// One bound holds for the whole operation, however many attempts it makes and whatever the
// store does with each (fault C7).
func TestUpdateIsBoundByWithin(t *testing.T) {
	hang := fault.Wait(func(ctx context.Context) error {
		<-ctx.Done()
		return context.Cause(ctx)
	})
	slow := fault.Wait(func(context.Context) error {
		time.Sleep(3 * time.Second) // of the bubble's clock
		return store.ErrConflict
	})
	for _, row := range []struct {
		name, why string
		plan      fault.Plan
		want      error
	}{
		{"a load that hangs", "the store could not be asked", fault.Always(fault.Load, hang), store.ErrUnavailable},
		{"a commit that hangs", "it was never sent", fault.Always(fault.Commit, hang), store.ErrUnavailable},
		{"a lock that others hold", "each attempt is short, and all of them are long", fault.Always(fault.Commit, slow), store.ErrConflict},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := open(t, func(c *product.Config[ticket]) { c.Settings.Within = 7 * time.Second })
				v := o.sold(t, order{})
				o.faulty.Follow(row.plan)
				for name, operation := range map[string]func() error{
					"update": func() error { _, err := o.tell(t.Context(), clerk, v.ID, reprint, nil); return err },
					"create": func() error { _, _, err := o.sell(t.Context(), clerk, order{Key: "key"}); return err },
				} {
					began := time.Now()
					err := operation()
					wants(t, row.why, err, row.want)
					if took := time.Since(began); took < 7*time.Second || took > 9*time.Second {
						t.Errorf("%s took %v, want 7 s, and the end of what was under way: %s", name, took, row.why)
					}
				}
			})
		})
	}
}

func TestUpdateEndsWithItsContext(t *testing.T) {
	o := open(t)
	v := o.sold(t, order{})
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errDown)
	_, err := o.tell(ctx, clerk, v.ID, give, nil)
	wants(t, "nobody waits any more", err, errDown)
	_, _, err = o.sell(ctx, clerk, order{})
	wants(t, "nobody waits any more", err, errDown)
	if got := o.faulty.Calls(fault.Commit); got != 1 {
		t.Errorf("%d commits, want that of the sale", got)
	}
}
