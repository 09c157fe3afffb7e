package product_test

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/product"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/fault"
	"github.com/kycle/kycle/store/memory"
)

func TestNewNamesWhatCannotBe(t *testing.T) {
	for _, row := range []struct {
		name, why string
		edit      func(*product.Config[ticket])
		field     string
	}{
		{"no repository", "there is nowhere to write", func(c *product.Config[ticket]) { c.Repository = nil }, "Repository"},
		{"no chart", "nothing judges", func(c *product.Config[ticket]) { c.Chart = nil }, "Chart"},
		{"no kind", "an entry would be of no kind", func(c *product.Config[ticket]) { c.Schema.Kind = "" }, "Schema"},
		{"no index", "the stored status could not be read", func(c *product.Config[ticket]) { c.Schema.Index = nil }, "Schema"},
		{"a nil table among the earlier", "History would ask it",
			func(c *product.Config[ticket]) { c.Earlier = in(tickets.Chart(), nil) }, "Earlier"},
		{"two at once", "the first is named", func(c *product.Config[ticket]) { c.Chart, c.Schema.Kind = nil, "" }, "Chart"},
		{"attempts below zero", "no decision is ever made", func(c *product.Config[ticket]) { c.Settings.Attempts = -1 }, "Settings.Attempts"},
		{"within below zero", "it is over before it begins", func(c *product.Config[ticket]) { c.Settings.Within = -1 }, "Settings.Within"},
		{"no time for a call", "every call would be late",
			func(c *product.Config[ticket]) { c.Settings.CallTimeout = 0 }, "Settings.CallTimeout"},
		{"no batch", "a sweep would take nothing", func(c *product.Config[ticket]) { c.Settings.SweepBatch = 0 }, "Settings.SweepBatch"},
		{"a lease below zero", "it ends before it begins",
			func(c *product.Config[ticket]) { c.Settings.SweepLease = -1 }, "Settings.SweepLease"},
		{"no pause", "a failure would be tried in a loop",
			func(c *product.Config[ticket]) { c.Settings.BackoffMin = 0 }, "Settings.BackoffMin"},
		{"bounds the wrong way round", "no pause fits them",
			func(c *product.Config[ticket]) { c.Settings.BackoffMax = c.Settings.BackoffMin - 1 }, "Settings.BackoffMax"},
	} {
		t.Run(row.name, func(t *testing.T) {
			c := open(t).config
			row.edit(&c)
			r, err := product.New(c)
			var invalid *lifecycle.Invalid
			if r != nil || !errors.As(err, &invalid) || invalid.Field != row.field || invalid.Problem == "" {
				t.Errorf("runner %v, error %v, want an Invalid of %s: %s", r, err, row.field, row.why)
			}
		})
	}
}

// What is zero where zero is a choice is taken.
func TestNewTakesWhatIsNotSaid(t *testing.T) {
	c := product.Config[ticket]{
		Schema: store.Schema[ticket]{Kind: "ticket", Index: ticketSchema.Index}, Repository: memory.New(ticketSchema), Chart: tickets.Chart(),
		Settings: product.Settings{CallTimeout: 1, SweepBatch: 1, BackoffMin: 1, BackoffMax: 1},
	}
	r, err := product.New(c)
	if err != nil {
		t.Fatalf("no attempts, no bound, no lease, no clock and no ids are choices: %v", err)
	}
	before := time.Now().Truncate(time.Microsecond)
	if now := r.Now(); now.Before(before) || now.After(time.Now()) || now.Location() != time.UTC || now != now.Truncate(time.Microsecond) {
		t.Errorf("the system's clock says %v, want UTC to the microsecond", now)
	}
	if one, two := r.NewID(), r.NewID(); one == two || one.Version() != 4 {
		t.Errorf("ids %s and %s, want random ones", one, two)
	}
}

// The caller's list of earlier tables may be changed afterwards: nobody reads it.
func TestNewKeepsAListOfItsOwn(t *testing.T) {
	earlier := in(tickets.Chart()) // it judges what these tests decide
	o := open(t, func(c *product.Config[ticket]) { c.Chart, c.Earlier = earlierTable(t), earlier })
	v := o.sold(t, order{})
	earlier[0] = nil
	o.trail(t, v.ID)
}

func TestCallIsOneOperation(t *testing.T) {
	cut := time.Date(2025, 1, 15, 12, 30, 0, 123456789, time.FixedZone("here", 3600))
	var drawn []uuid.UUID
	o := open(t, func(c *product.Config[ticket]) {
		c.Now = func() time.Time { return cut }
		draw := c.NewID
		c.NewID = func() uuid.UUID { drawn = append(drawn, draw()); return drawn[len(drawn)-1] }
	})
	call := o.Call(clerk)
	if len(drawn) != 2 || call.ID == call.Salt || !reflect.DeepEqual(drawn, in(call.ID, call.Salt)) || call.Actor != clerk {
		t.Errorf("call %+v of the ids %v: want an id and a salt of its own, and the actor", call, drawn)
	}
	if want := time.Date(2025, 1, 15, 11, 30, 0, 123456000, time.UTC); call.At != want || o.Now() != want {
		t.Errorf("at %v and %v, want %v", call.At, o.Now(), want)
	}
}

func TestAuthorize(t *testing.T) {
	o := open(t)
	with := func(organization, kind, id string) audit.Actor {
		return audit.Actor{Organization: organization, Kind: kind, ID: id}
	}
	for _, row := range []struct {
		name, why string
		actor     audit.Actor
		on        []event
		want      error
	}{
		{"a person's command", "the table says so", clerk, in(give), nil},
		{"two events of one kind", "both are a person's", clerk, in(sell, replace), nil},
		{"no event", "whoever is somebody may read", with("org_a", "robot", "r2"), nil, nil},
		{"another kind's", "a door sells nothing", door, in(sell), product.ErrForbidden},
		{"one of two is not his", "all of them are asked for", clerk, in(sell, enter), product.ErrForbidden},
		{"an event that there is not", "it is nobody's", clerk, in(event("burn")), product.ErrForbidden},
		{"no organization", "nobody", with("", "person", "clerk"), in(give), lifecycle.ErrInvalid},
		{"no kind", "nobody", with("org_a", "", "clerk"), nil, lifecycle.ErrInvalid},
		{"no id", "nobody", with("org_a", "person", ""), in(give), lifecycle.ErrInvalid},
		{"NUL", "no store would take the entry", with("org_a", "person", "a\x00b"), in(give), lifecycle.ErrInvalid},
		{"no text", "nor this one", with("org\xff", "person", "clerk"), in(give), lifecycle.ErrInvalid},
		{"nobody, and not his", "who it is comes first", with("org_a", "provider", ""), in(give), lifecycle.ErrInvalid},
	} {
		t.Run(row.name, func(t *testing.T) {
			var on []string
			for _, e := range row.on {
				on = append(on, string(e))
			}
			err := o.Authorize(row.actor, on...)
			if !errors.Is(err, row.want) || (err == nil) != (row.want == nil) {
				t.Errorf("error %v, want %v: %s", err, row.want, row.why)
			}
		})
	}
}

func TestKeyIsOfTheActorsOrganization(t *testing.T) {
	id := uuid.UUID{1}
	if got := product.Key(clerk, id); got != (store.Key{Organization: "org_a", ID: id}) {
		t.Errorf("key %+v", got)
	}
}

func TestLoad(t *testing.T) {
	o := open(t)
	v := o.sold(t, order{Guest: "ann"})
	r, err := o.Load(t.Context(), product.Key(clerk, v.ID))
	if err != nil || r.Value != v || r.Version != 1 || r.Head.Seq != 1 {
		t.Errorf("loaded %+v, error %v, want %+v at version 1 with one entry", r, err, v)
	}
	_, err = o.Load(t.Context(), store.Key{Organization: "org_b", ID: v.ID})
	wants(t, "another organization's is not there", err, store.ErrNotFound)
}

// Over a transaction there is one attempt; the runner it was made from keeps its own.
func TestOverTriesOnce(t *testing.T) {
	o := open(t, func(c *product.Config[ticket]) { c.Settings.Attempts = 3 })
	v := o.sold(t, order{})
	transaction := fault.New(store.Repository[ticket](o.shelf), fault.Always(fault.Commit, fault.Conflict))
	over := &office{Runner: o.Over(transaction), clock: o.clock}
	if o.InTransaction() || !over.InTransaction() || !over.Over(transaction).InTransaction() {
		t.Errorf("in a transaction: %t and %t, want false and true", o.InTransaction(), over.InTransaction())
	}
	if over.NewID() == o.NewID() || over.Now() != o.Now() {
		t.Error("clock and ids are the same source")
	}
	_, err := over.tell(t.Context(), clerk, v.ID, reprint, nil)
	wants(t, "the host begins anew", err, store.ErrConflict)
	_, _, err = over.sell(t.Context(), clerk, order{})
	wants(t, "a create too", err, store.ErrConflict)
	if got := transaction.Calls(fault.Commit); got != 2 {
		t.Errorf("%d commits over the transaction, want 1 for each operation", got)
	}
	if got := o.faulty.Calls(fault.Commit); got != 1 {
		t.Errorf("%d commits beside the transaction, want that of the sale alone", got)
	}

	o.faulty.Follow(fault.Always(fault.Commit, fault.Conflict))
	_, err = o.tell(t.Context(), clerk, v.ID, reprint, nil)
	wants(t, "three attempts were lost", err, store.ErrConflict)
	if got := o.faulty.Calls(fault.Commit); got != 1+3 {
		t.Errorf("%d commits, want the 3 that its settings say, and the sale", got)
	}
}

// What a transaction of the host's did is there once the host commits, which the fake of it
// does at once.
func TestOverWritesThroughTheTransaction(t *testing.T) {
	o := open(t)
	v := o.sold(t, order{})
	over := &office{Runner: o.Over(o.shelf), clock: o.clock}
	if got := over.told(t, clerk, v.ID, give); got.Status != void {
		t.Errorf("the ticket is %s", got.Status)
	}
	if got := events(o.trail(t, v.ID)); !reflect.DeepEqual(got, in("sell", "give_back")) {
		t.Errorf("history %q", got)
	}
	if got := o.faulty.Calls(fault.Commit); got != 1 {
		t.Errorf("%d commits beside the transaction, want 1", got)
	}
}

// One runner may be shared by any number of goroutines.
func TestARunnerIsShared(t *testing.T) {
	o := open(t)
	v := o.sold(t, order{})
	const tellers = 8
	done := make(chan error)
	for range tellers {
		go func() {
			_, err := o.tell(context.WithoutCancel(t.Context()), clerk, v.ID, reprint, nil)
			done <- err
		}()
	}
	for range tellers {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if got := o.stored(t, v.ID); got.Value.Prints != tellers || got.Version != 1+tellers {
		t.Errorf("%d prints at version %d, want %d at %d", got.Value.Prints, got.Version, tellers, 1+tellers)
	}
}
