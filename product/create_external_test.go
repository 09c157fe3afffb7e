package product_test

import (
	"context"
	"errors"
	"reflect"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/kycle/kycle/product"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/fault"
)

func TestCreationSaysWhichRecord(t *testing.T) {
	o := open(t)
	keyed := o.Creation(clerk, "key", "digest")
	if want := (product.Creation{ID: store.IdempotentID("org_a", "key"), Input: "digest", Keyed: true}); keyed != want {
		t.Errorf("with a key %+v, want %+v", keyed, want)
	}
	if got := keyed.Receipts(); !reflect.DeepEqual(got, map[string]string{"create": "digest"}) {
		t.Errorf("receipts %v, want the digest under create", got)
	}
	one, two := o.Creation(clerk, "", "digest"), o.Creation(clerk, "", "digest")
	if one.ID == two.ID || one.Keyed || one.Receipts() != nil {
		t.Errorf("without a key %+v and %+v, want two ids and no receipts", one, two)
	}
	other := clerk
	other.Organization = "org_b"
	if got := o.Creation(other, "key", "digest").ID; got == keyed.ID {
		t.Error("two organizations meet at one key")
	}
}

// Any number of equal creates at once make one record, and charge it once; all of them
// answer with it, and one of them says that it is new.
func TestCreateIsIdempotent(t *testing.T) {
	const rivals = 16
	for _, what := range []order{{Guest: "ann", Key: "key"}, {Guest: "ann", Seat: "1", Key: "key"}} {
		t.Run("seat "+what.Seat, func(t *testing.T) {
			o := open(t)
			var wait sync.WaitGroup
			var mu sync.Mutex
			made, ids := 0, map[uuid.UUID]bool{}
			for range rivals {
				wait.Go(func() {
					v, repeated, err := o.sell(t.Context(), clerk, what)
					mu.Lock()
					defer mu.Unlock()
					if err != nil || v.Guest != "ann" || v.Status != valid {
						t.Errorf("got %+v, error %v, want the ticket", v, err)
					}
					ids[v.ID] = true
					if !repeated {
						made++
					}
				})
			}
			wait.Wait()
			id := store.IdempotentID("org_a", "key")
			if made != 1 || !reflect.DeepEqual(ids, map[uuid.UUID]bool{id: true}) {
				t.Errorf("%d made, of the ids %v, want one: %s", made, ids, id)
			}
			if trail := o.trail(t, id); o.stored(t, id).Version != 1 || len(trail.Entries) != 1 || len(trail.Postings) != 1 {
				t.Errorf("version %d, %q, %d postings, want one sale, paid once", o.stored(t, id).Version, events(trail), len(trail.Postings))
			}
		})
	}
}

func TestCreateWithoutAKey(t *testing.T) {
	o := open(t)
	one, two := o.sold(t, order{Guest: "ann"}), o.sold(t, order{Guest: "ann"})
	l, err := o.List(t.Context(), clerk, "ann", product.Filter[string]{})
	if one.ID == two.ID || err != nil || l.Total != 2 {
		t.Errorf("ids %s and %s, %d tickets, error %v; want two", one.ID, two.ID, l.Total, err)
	}
	// Its id is new, so that nothing but the holder is read.
	before := o.faulty.Calls(fault.Load)
	o.sold(t, order{Guest: "ann", Seat: "1"})
	if got := o.faulty.Calls(fault.Load) - before; got != 1 {
		t.Errorf("%d loads, want 1", got)
	}
}

// An id that was drawn twice is a conflict: the record that has it is not this caller's
// answer, whatever its input was.
func TestCreateUnderAnIDThatIsTaken(t *testing.T) {
	o := open(t)
	v := o.sold(t, order{Guest: "ann"})
	o = &office{Runner: mustNew(t, o.config, func(c *product.Config[ticket]) {
		c.NewID, c.Settings.Attempts = func() uuid.UUID { return v.ID }, 3
	}), shelf: o.shelf, faulty: o.faulty}
	for _, guest := range []string{"bob", "ann"} {
		got, repeated, err := o.sell(t.Context(), clerk, order{Guest: guest})
		wants(t, "the id is another record's", err, store.ErrConflict)
		if repeated || got != (ticket{}) {
			t.Errorf("got %+v, repeated %t, want nothing", got, repeated)
		}
	}
}

// A repeat answers with the record as it now stands, also through Created, which looks
// before anything is made.
func TestCreateRepeated(t *testing.T) {
	o := open(t)
	what := order{Guest: "ann", Seat: "1", Key: "key"}
	c, _ := o.begin(clerk, what)
	if v, found, err := o.Created(t.Context(), clerk, c); found || err != nil || v != (ticket{}) {
		t.Errorf("before it is made: %+v, %t, error %v, want nothing", v, found, err)
	}
	made := o.sold(t, what)
	if v, found, err := o.Created(t.Context(), clerk, c); !found || err != nil || v != made {
		t.Errorf("found %t, %+v, error %v, want %+v", found, v, err, made)
	}
	now := o.told(t, door, made.ID, enter)
	before := o.faulty.Calls(fault.Commit)
	if v, repeated, err := o.sell(t.Context(), clerk, what); err != nil || !repeated || v != now {
		t.Errorf("got %+v, repeated %t, error %v, want the used ticket", v, repeated, err)
	}
	if v, found, err := o.Created(t.Context(), clerk, c); !found || err != nil || v != now {
		t.Errorf("found %t, %+v, error %v, want %+v", found, v, err, now)
	}
	if after := o.faulty.Calls(fault.Commit); after != before {
		t.Errorf("%d commits of repeats, want none", after-before)
	}
	other := clerk
	other.Organization = "org_b"
	if v, repeated, err := o.sell(t.Context(), other, what); err != nil || repeated || v.ID == made.ID {
		t.Errorf("another organization got %+v, repeated %t, error %v, want a ticket of its own", v, repeated, err)
	}
}

func TestCreateUnderAKeyThatWasUsed(t *testing.T) {
	o := open(t)
	v := o.sold(t, order{Guest: "ann", Key: "key"})
	plain := order{Guest: "bob"} // a record that no create with a key has made
	imported, bare := o.begin(clerk, plain)
	bare.ID = store.IdempotentID("org_a", "imported")
	change, err := sold(bare, o.Call(clerk), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := o.shelf.Commit(t.Context(), change); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		name, why string
		what      order
	}{
		{"another guest", "the caller means another ticket", order{Guest: "bob", Key: "key"}},
		{"another seat", "the caller means another ticket", order{Guest: "ann", Seat: "1", Key: "key"}},
		{"a record without the receipt", "nobody can say that it is a repeat", order{Guest: "bob", Key: "imported"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, repeated, err := o.sell(t.Context(), clerk, row.what)
			if !errors.Is(err, product.ErrKeyReused) || repeated || got != (ticket{}) {
				t.Errorf("got %+v, repeated %t, error %v, want %v alone: %s", got, repeated, err, product.ErrKeyReused, row.why)
			}
			c, _ := o.begin(clerk, row.what)
			got, found, err := o.Created(t.Context(), clerk, c)
			if !errors.Is(err, product.ErrKeyReused) || found || got != (ticket{}) {
				t.Errorf("created: %+v, found %t, error %v, want %v alone: %s", got, found, err, product.ErrKeyReused, row.why)
			}
		})
	}
	if got := o.stored(t, v.ID); got.Value != v || got.Version != 1 {
		t.Errorf("the first ticket became %+v", got)
	}
	imported.Keyed, imported.Input = true, "" // a digest that is empty is not a receipt that is missing
	imported.ID = bare.ID
	if _, found, err := o.Created(t.Context(), clerk, imported); found || !errors.Is(err, product.ErrKeyReused) {
		t.Errorf("found %t, error %v, want %v", found, err, product.ErrKeyReused)
	}
}

func TestCreatedCannotLook(t *testing.T) {
	o := open(t, func(c *product.Config[ticket]) { c.Settings.Attempts = 1 })
	o.faulty.Follow(fault.Always(fault.Load, fault.Fail(errDown)))
	c, _ := o.begin(clerk, order{Key: "key"})
	_, found, err := o.Created(t.Context(), clerk, c)
	wants(t, "what cannot be seen is not known to be absent", err, errDown)
	if found {
		t.Error("found, want not")
	}
	c, _ = o.begin(clerk, order{})
	before := o.faulty.Calls(fault.Load)
	if _, found, err := o.Created(t.Context(), clerk, c); found || err != nil || o.faulty.Calls(fault.Load) != before {
		t.Errorf("found %t, error %v; without a key nothing is looked for", found, err)
	}
}

// The holder's change and the new record are one commit: both or neither.
func TestCreateReplacesTheHolder(t *testing.T) {
	o := open(t)
	old := o.sold(t, order{Guest: "ann", Seat: "1"})
	before := o.faulty.Calls(fault.Commit)
	o.faulty.Follow(fault.Script(fault.Commit, fault.Fail(errDown)))
	v, _, err := o.sell(t.Context(), clerk, order{Guest: "ann", Seat: "1"})
	wants(t, "nothing was written", err, errDown)
	if got := o.stored(t, old.ID); got.Version != 1 || v != (ticket{}) {
		t.Errorf("after a failure the holder is %+v, and the answer %+v", got, v)
	}
	v = o.sold(t, order{Guest: "ann", Seat: "1"})
	if got := o.faulty.Calls(fault.Commit) - before; got != 2 {
		t.Errorf("%d commits, want the failure and one", got)
	}
	holder, err := o.Load(t.Context(), store.Key{Organization: "org_a", ExclusiveKey: "1"})
	if err != nil || holder.Value != v || v.Status != valid {
		t.Errorf("the seat is held by %+v, error %v, want %+v", holder.Value, err, v)
	}
	trail := o.trail(t, old.ID)
	if got := events(trail); o.stored(t, old.ID).Value.Status != void || !reflect.DeepEqual(got, in("sell", "replace")) ||
		len(trail.Postings) != 2 {
		t.Errorf("the old ticket's history is %q, with %d postings", got, len(trail.Postings))
	}
}

func TestCreateOnAStrangersSeat(t *testing.T) {
	o := open(t)
	old := o.sold(t, order{Guest: "ann", Seat: "1"})
	v, repeated, err := o.sell(t.Context(), clerk, order{Guest: "bob", Seat: "1", Key: "key"})
	if err != errTaken || repeated || v != (ticket{}) {
		t.Errorf("got %+v, repeated %t, error %v, want the decision's own", v, repeated, err)
	}
	if got := o.stored(t, old.ID); got.Version != 1 || got.Value != old {
		t.Errorf("the holder became %+v", got)
	}
	o.told(t, clerk, old.ID, give)
	if v = o.sold(t, order{Guest: "bob", Seat: "1", Key: "key"}); v.Guest != "bob" {
		t.Errorf("got %+v; the key was left free, and so is the seat", v)
	}
}

// What happens to the holder between its load and the commit is decided on.
func TestCreateMeetsAnotherHolder(t *testing.T) {
	for _, row := range []struct {
		name, why string
		meanwhile event // of the holder
		seen      []uint64
		history   []string
		err       error
	}{
		{"changed", "it is replaced as it now is", reprint, []uint64{1, 2}, in("sell", "reprint/reprinted", "replace"), nil},
		{"gone", "the seat is free", give, []uint64{1, 0}, in("sell", "give_back"), nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			o := open(t)
			old := o.sold(t, order{Guest: "ann", Seat: "1"})
			rival := &office{Runner: o.Over(o.shelf), clock: o.clock}
			o.faulty.Follow(at(fault.Commit, 1, func() { rival.told(t, clerk, old.ID, row.meanwhile) }))
			c, v := o.begin(clerk, order{Guest: "ann", Seat: "1"})
			call, seen := o.Call(clerk), []uint64{}
			got, repeated, err := o.Create(t.Context(), call, c, func(holder store.Record[ticket]) ([]store.Change[ticket], error) {
				seen = append(seen, holder.Version)
				made, err := sold(v, call, nil)
				if err != nil || holder.Version == 0 {
					return in(made), err
				}
				gone, err := decide(holder, replace, call, nil)
				return append(gone.Changes, made), err
			})
			if err != nil || repeated || got != o.stored(t, v.ID).Value {
				t.Errorf("got %+v, repeated %t, error %v, want the new ticket: %s", got, repeated, err, row.why)
			}
			if !reflect.DeepEqual(seen, row.seen) {
				t.Errorf("decided on the versions %v, want %v: %s", seen, row.seen, row.why)
			}
			if got := events(o.trail(t, old.ID)); !reflect.DeepEqual(got, row.history) {
				t.Errorf("the old ticket's history is %q, want %q: %s", got, row.history, row.why)
			}
		})
	}
}

// The holder is read before the record itself. An equal create that comes between the two is
// the repeat that it is; in the other order its record would be a stranger on the seat.
func TestCreateSeesARepeatBetweenItsReads(t *testing.T) {
	for _, row := range []struct {
		name, why string
		holder    string // who holds the seat before
	}{
		{"the seat was free", "the rival holds it now", ""},
		{"the seat was the guest's", "the rival has replaced the ticket that was read", "ann"},
	} {
		t.Run(row.name, func(t *testing.T) {
			o := open(t)
			if row.holder != "" {
				o.sold(t, order{Guest: row.holder, Seat: "1"})
			}
			what := order{Guest: "ann", Seat: "1", Key: "key"}
			rival, first := &office{Runner: o.Over(o.shelf), clock: o.clock}, ticket{}
			o.faulty.Follow(fault.Script(fault.Load, fault.Hold(func(context.Context) error {
				first = rival.sold(t, what)
				return nil
			})))
			c, _ := o.begin(clerk, what)
			got, repeated, err := o.Create(t.Context(), o.Call(clerk), c, func(holder store.Record[ticket]) ([]store.Change[ticket], error) {
				t.Errorf("decided on the holder %+v: %s", holder, row.why)
				return nil, errTaken
			})
			if err != nil || !repeated || got != first {
				t.Errorf("got %+v, repeated %t, error %v, want %+v: %s", got, repeated, err, first, row.why)
			}
		})
	}
}

// A create whose answer was lost is found by the entry of its call, with or without a key
// and a holder.
func TestCreateFindsWhatItDid(t *testing.T) {
	for _, what := range []order{{}, {Key: "key"}, {Seat: "1"}, {Seat: "1", Key: "key"}} {
		o := open(t)
		if what.Seat != "" {
			o.sold(t, order{Seat: what.Seat})
		}
		o.faulty.Follow(fault.Script(fault.Commit, fault.LostAnswer))
		v, repeated, err := o.sell(t.Context(), clerk, what)
		if err != nil || repeated || v != o.stored(t, v.ID).Value {
			t.Errorf("%+v: got %+v, repeated %t, error %v, want what it made", what, v, repeated, err)
		}
	}
}

// A holder whose change has no entry, such as one whose due time moves, is committed with
// the new record: it is the new record's entry by which a lost answer is found.
func TestCreateFindsWhatItDidBesideAQuietHolder(t *testing.T) {
	o := open(t)
	old := o.sold(t, order{Guest: "ann", Seat: "1"})
	o.faulty.Follow(fault.Script(fault.Commit, fault.LostAnswer))
	c, v := o.begin(clerk, order{Guest: "bob"})
	c.Holder = product.Key(clerk, old.ID)
	call := o.Call(clerk)
	got, repeated, err := o.Create(t.Context(), call, c, func(holder store.Record[ticket]) ([]store.Change[ticket], error) {
		made, err := sold(v, call, c.Receipts())
		return in(store.Change[ticket]{Next: holder.Value, Expect: holder.Version}, made), err
	})
	if err != nil || repeated || got.Guest != "bob" || o.stored(t, v.ID).Value != got {
		t.Errorf("got %+v, repeated %t, error %v, want what it made", got, repeated, err)
	}
}

func TestCreateOfNothing(t *testing.T) {
	o := open(t)
	c, _ := o.begin(clerk, order{Key: "key"})
	v, repeated, err := o.Create(t.Context(), o.Call(clerk), c, func(store.Record[ticket]) ([]store.Change[ticket], error) {
		return nil, nil
	})
	if err == nil || repeated || v != (ticket{}) {
		t.Errorf("got %+v, repeated %t, error %v, want an error: there is no record to answer with", v, repeated, err)
	}
	if _, err := o.Load(t.Context(), product.Key(clerk, c.ID)); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("loaded with %v, want %v", err, store.ErrNotFound)
	}
}
