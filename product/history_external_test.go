package product_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/product"
	"github.com/kycle/kycle/refund"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/fault"
)

// bent is a store beside which somebody has edited.
type bent struct {
	store.Repository[ticket]
	load    func(*store.Record[ticket]) error
	history func(*store.History)
}

func (b *bent) Load(ctx context.Context, key store.Key, receipts ...string) (store.Record[ticket], error) {
	r, err := b.Repository.Load(ctx, key, receipts...)
	if err == nil && b.load != nil {
		err = b.load(&r)
	}
	if err != nil {
		return store.Record[ticket]{}, err
	}
	return r, nil
}

func (b *bent) History(ctx context.Context, key store.Key, after uint64, limit int) (store.History, error) {
	h, err := b.Repository.History(ctx, key, after, limit)
	if b.history != nil {
		b.history(&h)
	}
	return h, err
}

// lived is a ticket with a history: sold, printed again, given back, and shown too late.
func lived(t testing.TB) (*office, *bent, ticket) {
	t.Helper()
	b := &bent{}
	o := open(t, func(c *product.Config[ticket]) { b.Repository, c.Repository = c.Repository, b })
	v := o.sold(t, order{Guest: "ann"})
	o.told(t, clerk, v.ID, reprint)
	o.told(t, clerk, v.ID, give)
	return o, b, o.told(t, door, v.ID, enter)
}

func TestHistoryOfWhatHolds(t *testing.T) {
	o, _, v := lived(t)
	trail, err := o.History(t.Context(), clerk, v.ID)
	if err != nil || trail.Fault != nil || trail.Differences != nil {
		t.Fatalf("error %v, fault %v, differences %v, want none", err, trail.Fault, trail.Differences)
	}
	if got := events(trail); !reflect.DeepEqual(got, in("sell", "reprint/reprinted", "give_back", "enter/ignored")) {
		t.Errorf("history %q", got)
	}
	if p := trail.Postings; len(p) != 2 || p[0].Kind != refund.Charge || p[1].Kind != refund.Refund || p[1].Seq != 3 {
		t.Errorf("postings %+v, want a charge and its refund", p)
	}
}

// rewritten is a chain that holds by itself, and is not the one that was written.
func rewritten(entries []audit.Entry) (list []audit.Entry) {
	var head audit.Head
	for _, e := range entries {
		e.Source = "another"
		e, head = audit.Append(head, e)
		list = append(list, e)
	}
	return list
}

func TestHistoryNamesTheFault(t *testing.T) {
	books := func(err error) bool { return errors.Is(err, product.ErrBooks) }
	kind := func(kind string, seq uint64) func(error) bool {
		return func(err error) bool {
			var fault *audit.Fault
			return errors.As(err, &fault) && fault.Kind == kind && fault.Seq == seq
		}
	}
	for _, row := range []struct {
		name, why   string
		bend        func(*store.History)
		want        func(error) bool
		differences int
	}{
		{"an entry was edited", "its hash is of something else",
			func(h *store.History) { h.Entries[1].Actor.ID = "other" }, kind("edit", 2), 0},
		{"an entry is missing", "sequences have no gap",
			func(h *store.History) { h.Entries = slices.Delete(h.Entries, 1, 2) }, kind("gap", 2), 0},
		{"an entry is there twice", "the head is that of the last of them",
			func(h *store.History) { h.Entries = append(h.Entries, h.Entries[3]) }, kind("fork", 5), 0},
		{"the end is missing", "the record's head says that it was there",
			func(h *store.History) { h.Entries = h.Entries[:3] }, kind("cut", 4), 0},
		{"all of it is missing", "the record's head says that it was there", func(h *store.History) { h.Entries = nil }, kind("cut", 1), 2},
		{"it was written anew", "the record's head is another",
			func(h *store.History) { h.Entries = rewritten(h.Entries) }, kind("fork", 4), 0},
		{"the last entry is unreadable now", "it comes back marked",
			func(h *store.History) { h.Entries[3] = audit.Entry{} }, kind("edit", 4), 0},
		{"a posting is missing", "its entry names it", func(h *store.History) { h.Postings = h.Postings[:1] }, books, 1},
		{"a posting of another amount", "its entry names another", func(h *store.History) { h.Postings[0].Minor = 1 }, books, 3},
		{"a posting under a later entry", "no entry names it so", func(h *store.History) { h.Postings[1].Seq = 4 }, books, 2},
		{"the chain and the books", "the chain comes first, and all differences are told", func(h *store.History) {
			h.Entries[1].Actor.ID, h.Postings = "other", nil
		}, kind("edit", 2), 2},
	} {
		t.Run(row.name, func(t *testing.T) {
			o, b, v := lived(t)
			b.history = row.bend
			trail, err := o.History(t.Context(), clerk, v.ID)
			if err != nil || !row.want(trail.Fault) || len(trail.Differences) != row.differences {
				t.Errorf("error %v, fault %v, differences %v, want another fault, and %d: %s", err, trail.Fault, trail.Differences,
					row.differences, row.why)
			}
			if books(trail.Fault) && !strings.Contains(trail.Fault.Error(), trail.Differences[0].String()) {
				t.Errorf("fault %q, want it to name the first difference", trail.Fault)
			}
		})
	}
}

// An erased body leaves the chain valid.
func TestHistoryOfWhatWasErased(t *testing.T) {
	o, b, v := lived(t)
	call := o.Call(clerk)
	_, err := o.Update(t.Context(), call, product.Key(clerk, v.ID), nil, func(r store.Record[ticket]) (product.Decision[ticket], error) {
		d := product.Begin(r, subjectOf(v), tickets.Sum())
		d.Enter(call, outcome(t, void, enter, facts{}), product.News{Body: []byte(`{"reason":"late"}`)})
		return product.Decision[ticket]{Changes: in(d.Change)}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	b.history = func(h *store.History) { h.Entries[4].Body, h.Entries[4].Salt = nil, nil }
	// A clerk shows nothing at the door: the chain holds, and the replay does not.
	trail, err := o.History(t.Context(), clerk, v.ID)
	if err := audit.Verify(subjectOf(v), trail.Entries); err != nil || !trail.Entries[4].Erased() {
		t.Errorf("verified with %v, erased %t, want none and true", err, trail.Entries[4].Erased())
	}
	var fault *audit.Fault
	if err != nil || !errors.As(trail.Fault, &fault) || fault.Kind != "replay" || fault.Seq != 5 {
		t.Errorf("error %v, fault %v, want a replay's at entry 5", err, trail.Fault)
	}
}

// The stored status is the one in which the history ends.
func TestHistoryAgainstTheStoredStatus(t *testing.T) {
	o, b, v := lived(t)
	b.load = func(r *store.Record[ticket]) error { r.Value.Status = valid; return nil }
	b.history = func(h *store.History) { h.Postings = nil } // the replay comes before the books
	trail, err := o.History(t.Context(), clerk, v.ID)
	var fault *audit.Fault
	if err != nil || !errors.As(trail.Fault, &fault) || fault.Kind != "replay" || fault.Seq != 4 || len(trail.Differences) != 2 {
		t.Fatalf("error %v, fault %v, differences %v, want a replay's at the end, and two", err, trail.Fault, trail.Differences)
	}
	if !errors.Is(trail.Fault, audit.ErrFault) || fault.Text != `it ends in "void", and "valid" is stored` {
		t.Errorf("fault %q, want both statuses named", fault.Text)
	}
}

// A history replays through the tables that judged it: the runner's own, and those of
// earlier releases.
func TestHistoryOfEarlierTables(t *testing.T) {
	o, _, v := lived(t) // by the table of these tests
	for _, row := range []struct {
		name, why string
		chart     *lifecycle.Chart
		earlier   []*lifecycle.Chart
		sound     bool
	}{
		{"its own", "the table that judged", tickets.Chart(), nil, true},
		{"another, and its own before", "a release later", earlierTable(t), in(tickets.Chart()), true},
		{"two before", "any of them", earlierTable(t), in(earlierTable(t), tickets.Chart()), true},
		{"another alone", "nobody knows what it was judged by", earlierTable(t), nil, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := mustNew(t, o.config, func(c *product.Config[ticket]) { c.Chart, c.Earlier = row.chart, row.earlier })
			trail, err := r.History(t.Context(), clerk, v.ID)
			var fault *audit.Fault
			if err != nil || (trail.Fault == nil) != row.sound {
				t.Errorf("error %v, fault %v, want sound %t: %s", err, trail.Fault, row.sound, row.why)
			}
			if !row.sound && (!errors.As(trail.Fault, &fault) || fault.Kind != "replay" || fault.Seq != 1) {
				t.Errorf("fault %v, want a replay's at entry 1: %s", trail.Fault, row.why)
			}
		})
	}
}

// What is committed between the two reads is left out, with its postings: nothing in it is
// wrong.
func TestHistoryLeavesOutWhatCameAfterTheLoad(t *testing.T) {
	o := open(t)
	v := o.sold(t, order{Guest: "ann"})
	rival := &office{Runner: o.Over(o.shelf), clock: o.clock}
	o.faulty.Follow(fault.Script(fault.Load, fault.Hold(func(context.Context) error {
		rival.told(t, clerk, v.ID, reprint)
		rival.told(t, clerk, v.ID, give)
		return nil
	})))
	trail := o.trail(t, v.ID)
	if got := events(trail); !reflect.DeepEqual(got, in("sell")) || len(trail.Postings) != 1 || trail.Differences != nil {
		t.Errorf("history %q, %d postings, differences %v; want the sale, as it was loaded", got, len(trail.Postings), trail.Differences)
	}
	trail = o.trail(t, v.ID)
	if got := events(trail); !reflect.DeepEqual(got, in("sell", "reprint/reprinted", "give_back")) || len(trail.Postings) != 2 {
		t.Errorf("then history %q, %d postings; want all", got, len(trail.Postings))
	}
}

// A posting under the sequence of a later entry that names none is not that entry's: it is
// told, and not left out with it.
func TestHistoryTellsAPostingUnderALaterEntry(t *testing.T) {
	o, b, v := lived(t)
	b.load = func(r *store.Record[ticket]) error { // as it was before the door
		h, err := o.shelf.History(t.Context(), product.Key(clerk, v.ID), 0, 0)
		r.Head = h.Entries[2].Head()
		return err
	}
	b.history = func(h *store.History) { h.Postings[1].Seq = 4 }
	trail, err := o.History(t.Context(), clerk, v.ID)
	if err != nil || len(trail.Entries) != 3 || len(trail.Postings) != 2 || !errors.Is(trail.Fault, product.ErrBooks) {
		t.Errorf("error %v, %q, %d postings, fault %v; want three entries, two postings, and the books' fault",
			err, events(trail), len(trail.Postings), trail.Fault)
	}
}

// A record that had no entry when it was loaded has none that is to be checked.
func TestHistoryOfARecordWithoutEntries(t *testing.T) {
	o := open(t)
	bare := ticket{ID: uuid.UUID{8}, Organization: "org_a", Guest: "ann"}
	if err := o.shelf.Commit(t.Context(), store.Change[ticket]{Next: bare}); err != nil {
		t.Fatal(err)
	}
	rival := &office{Runner: o.Over(o.shelf), clock: o.clock}
	o.faulty.Follow(fault.Script(fault.Load, fault.Hold(func(context.Context) error {
		rival.told(t, clerk, bare.ID, sell)
		return nil
	})))
	if trail := o.trail(t, bare.ID); len(trail.Entries) != 0 || len(trail.Postings) != 0 {
		t.Errorf("history %q, %d postings, want none", events(trail), len(trail.Postings))
	}
	if trail := o.trail(t, bare.ID); len(trail.Entries) != 1 {
		t.Errorf("then history %q, want the sale", events(trail))
	}
}

// A last entry that cannot be read fails every other operation. The history shows it.
func TestHistoryOfAnUnreadableEnd(t *testing.T) {
	unreadable := func(*store.Record[ticket]) error { return fmt.Errorf("test: the last entry: %w", audit.ErrFormat) }
	for _, row := range []struct {
		name, why   string
		bend        func(*store.History)
		want        error
		differences int
	}{
		{"it is marked", "the chain names its place", func(h *store.History) { h.Entries[3] = audit.Entry{} }, audit.ErrFault, 0},
		{"it can be read by now", "somebody mended it between the two reads: look again", nil, audit.ErrFormat, 0},
		{"and the books differ", "all differences are told",
			func(h *store.History) { h.Entries[3], h.Postings = audit.Entry{}, nil }, audit.ErrFault, 2},
	} {
		t.Run(row.name, func(t *testing.T) {
			o, b, v := lived(t)
			b.load, b.history = unreadable, row.bend
			trail, err := o.History(t.Context(), clerk, v.ID)
			if err != nil || !errors.Is(trail.Fault, row.want) || len(trail.Entries) != 4 || len(trail.Differences) != row.differences {
				t.Errorf("error %v, fault %v, %d entries, differences %v; want %v, 4 and %d: %s",
					err, trail.Fault, len(trail.Entries), trail.Differences, row.want, row.differences, row.why)
			}
		})
	}
}

func TestHistoryFails(t *testing.T) {
	o := open(t)
	v := o.sold(t, order{})
	stranger := clerk
	stranger.Organization = "org_b"
	for _, row := range []struct {
		name, why string
		actor     audit.Actor
		plan      fault.Plan
		want      error
	}{
		{"nobody asks", "who it is comes first", audit.Actor{}, nil, lifecycle.ErrInvalid},
		{"another organization", "it is not there for this one", stranger, nil, store.ErrNotFound},
		{"the load fails", "there is nothing to check against", clerk, fault.Always(fault.Load, fault.Fail(errDown)), errDown},
		{"the history fails", "there is nothing to check", clerk, fault.Always(fault.History, fault.Fail(errDown)), errDown},
	} {
		t.Run(row.name, func(t *testing.T) {
			o.faulty.Follow()
			if row.plan != nil {
				o.faulty.Follow(row.plan)
			}
			trail, err := o.History(t.Context(), row.actor, v.ID)
			wants(t, row.why, err, row.want)
			if trail.Entries != nil || trail.Fault != nil {
				t.Errorf("trail %+v beside an error: %s", trail, row.why)
			}
		})
	}
}
