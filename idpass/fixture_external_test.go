package idpass_test

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/idpass/idpasstest"
	"github.com/kycle/kycle/product"
	"github.com/kycle/kycle/refund"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/fault"
)

var ctx = context.Background()

// stranger is a person of another organization.
var stranger = idpass.Actor{Organization: "org_b", Kind: audit.Person, ID: "user_b"}

var errDown = errors.New("test: the store is down")

// week is the default validity of a link.
const week = 7 * 24 * time.Hour

type (
	edit    = func(*idpass.Registration)
	reports = func(context.Context, idpass.Actor, uuid.UUID, idpass.Report) (idpass.Result, error)
)

// on gives the operation that brings an event, as the service offers it.
func on(h *idpasstest.Host, e idpass.Event) reports {
	complete := func(ctx context.Context, a idpass.Actor, id uuid.UUID, r idpass.Report) (idpass.Result, error) {
		return h.Complete(ctx, a, id, idpass.Passed, r)
	}
	return map[idpass.Event]reports{
		idpass.Open: h.Open, idpass.Consent: h.Consent, idpass.CompleteCheck: complete, idpass.Fail: h.Fail, idpass.Expire: h.Expire,
	}[e]
}

var reportEvents = []idpass.Event{idpass.Open, idpass.Consent, idpass.CompleteCheck, idpass.Fail, idpass.Expire}

func statuses() (all []idpass.Status) {
	for _, s := range idpass.Machine.Definition().States {
		all = append(all, s.Name)
	}
	return all
}

func inSlot(slot string) edit { return func(r *idpass.Registration) { r.Slot = slot } }
func costing(minor int64) edit {
	return func(r *idpass.Registration) { r.Fee = refund.Amount{Minor: minor, Currency: "AUD"} }
}
func keyed(key string) edit { return func(r *idpass.Registration) { r.IdempotencyKey = key } }

func registration(edits ...edit) idpass.Registration {
	r := idpasstest.Registration()
	for _, e := range edits {
		e(&r)
	}
	return r
}

func record(t testing.TB, repository idpass.Repository, p idpass.Pass) store.Record[idpass.Pass] {
	t.Helper()
	r, err := repository.Load(ctx, idpass.Index(p).Key())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// sound reads a pass's trail and checks all that holds of every pass at every time.
func sound(t testing.TB, h *idpasstest.Host, id uuid.UUID) (idpass.Pass, product.Trail) {
	t.Helper()
	p, err := h.Details(ctx, h.Person, id)
	if err != nil {
		t.Fatal(err)
	}
	trail, err := h.History(ctx, h.Person, id)
	if err != nil {
		t.Fatal(err)
	}
	if trail.Fault != nil {
		t.Errorf("pass %s: %v", id, trail.Fault)
	}
	agree(t, p, trail.History)
	return p, trail
}

// agree checks that the pass, its postings and its entries tell one story of the money.
func agree(t rapid.TB, p idpass.Pass, history store.History) {
	t.Helper()
	charges, refunds := 0, 0
	for _, posting := range history.Postings {
		switch posting.Kind {
		case refund.Charge:
			charges++
		case refund.Refund:
			refunds++
		}
		if posting.Amount != p.Order.Fee {
			t.Errorf("posting of %v for a fee of %v", posting.Amount, p.Order.Fee)
		}
	}
	due := 0
	for _, e := range history.Entries {
		early := e.From == string(idpass.New) || e.From == string(idpass.Opened)
		if e.Event == string(idpass.Cancel) && e.Verdict == audit.Moved && early && p.Order.Fee.Minor > 0 {
			due++
		}
	}
	paid := 0
	if p.Order.Fee.Minor > 0 {
		paid = 1
	}
	if charges != paid || refunds != due || refunds > 1 || p.FeeRefunded != (refunds == 1) {
		t.Errorf("pass %s of %v, %q: %d charges, %d refunds where %d are due, fee_refunded %v",
			p.ID, p.Order.Fee, p.Status, charges, refunds, due, p.FeeRefunded)
	}
}

func last(trail product.Trail) audit.Entry { return trail.Entries[len(trail.Entries)-1] }

// unchanged runs an operation that must leave a pass and its history as they are.
func unchanged(t *testing.T, h *idpasstest.Host, p idpass.Pass, operation func()) {
	t.Helper()
	before, trail := record(t, h.Repository, p), history(t, h.Repository, p)
	operation()
	if after := record(t, h.Repository, p); !reflect.DeepEqual(before, after) {
		t.Errorf("the record was\n%+v and is\n%+v", before, after)
	}
	if after := history(t, h.Repository, p); !reflect.DeepEqual(trail, after) {
		t.Errorf("the history had %d entries and %d postings, and has %d and %d",
			len(trail.Entries), len(trail.Postings), len(after.Entries), len(after.Postings))
	}
}

func history(t testing.TB, repository idpass.Repository, p idpass.Pass) store.History {
	t.Helper()
	h, err := repository.History(ctx, idpass.Index(p).Key(), 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func wantError(t testing.TB, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("error is %v, want %v", err, want)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// before lets something happen before the next commit.
func before(happen func() error) fault.Plan {
	return fault.Script(fault.Commit, fault.Wait(func(context.Context) error { return happen() }))
}

// failing lets the loads of a record fail, after the first so many of them.
func failing(id uuid.UUID, after int, err error) fault.Plan {
	return func(c fault.Call) fault.Fault {
		if c.Method != fault.Load || c.Key.ID != id {
			return fault.None
		}
		if after--; after >= 0 {
			return fault.None
		}
		return fault.Fail(err)
	}
}
