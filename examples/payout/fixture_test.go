package payout_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
	_ "modernc.org/sqlite"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/examples/payout"
	"github.com/kycle/kycle/product"
	"github.com/kycle/kycle/refund"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/memory"
	"github.com/kycle/kycle/store/sqlite"
	"github.com/kycle/kycle/store/storetest"
)

var ctx = context.Background()

// person is somebody of org_a.
func person(id string) audit.Actor {
	return audit.Actor{Organization: "org_a", Kind: audit.Person, ID: id}
}

var (
	requester = person("user_requester")
	first     = person("user_first")
	second    = person("user_second")
	provider  = audit.Actor{Organization: "org_a", Kind: audit.Provider, ID: "bank"}
	stranger  = audit.Actor{Organization: "org_b", Kind: audit.Person, ID: "user_b"}
)

// host is a service over a repository, with a clock that stands still.
type host struct {
	*payout.Service
	repository store.Repository[payout.Payout]
	clock      *storetest.Clock
	t          testing.TB
}

func newHost(t testing.TB, repository store.Repository[payout.Payout]) host {
	t.Helper()
	if repository == nil {
		repository = memory.New(payout.Schema)
	}
	h := host{repository: repository, clock: storetest.NewClock(), t: t}
	var err error
	h.Service, err = payout.NewService(product.Config[payout.Payout]{
		Repository: repository, Settings: product.DefaultSettings(), Now: h.clock.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// inFile opens a store in a SQLite file of its own, by as many handles as asked for.
func inFile(t testing.TB, handles int) (all []store.Repository[payout.Payout]) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "payouts.db")
	for range handles {
		db, err := sql.Open("sqlite", path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		s, err := sqlite.New(ctx, db, payout.Schema)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	return all
}

func order() payout.Order {
	return payout.Order{
		Payee: "payee-1", Verified: true, Invoice: "invoice-1",
		Amount: refund.Amount{Minor: 25_000, Currency: "AUD"}, Fee: refund.Amount{Minor: 150, Currency: "AUD"},
	}
}

// must ends a test where a payout could not be had.
func (h host) must(p payout.Payout, err error) payout.Payout {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
	return p
}

func (h host) requested() payout.Payout {
	h.t.Helper()
	return h.must(h.Request(ctx, requester, order(), ""))
}

// in makes a payout in any status.
func (h host) in(status payout.Status) payout.Payout {
	h.t.Helper()
	p := h.requested()
	if status == payout.Sent || status == payout.Recalled || status == payout.Paid || status == payout.Returned {
		h.must(h.Approve(ctx, first, p.ID))
		p = h.must(h.Approve(ctx, second, p.ID))
	}
	switch status {
	case payout.Recalled, payout.Withdrawn:
		p = h.must(h.Withdraw(ctx, requester, p.ID))
	case payout.Paid:
		p = h.told(p.ID, payout.PaidByProvider, "paid").Value
	case payout.Returned:
		p = h.told(p.ID, payout.ReturnedByProvider, "returned").Value
	case payout.Expired:
		h.clock.Advance(late)
		h.sweep()
		p = h.must(h.Details(ctx, requester, p.ID))
	}
	if p.Status != status {
		h.t.Fatalf("it is %q, want %q", p.Status, status)
	}
	return p
}

// late is longer than a payout waits for its approvals.
const late = 3*24*time.Hour + time.Second

func (h host) told(id uuid.UUID, on payout.Event, event string) product.Result[payout.Payout] {
	h.t.Helper()
	r, err := h.Report(ctx, provider, id, on, product.Report{EventID: event})
	if err != nil {
		h.t.Fatal(err)
	}
	return r
}

func (h host) sweep() int {
	h.t.Helper()
	n, err := h.Sweep(ctx)
	if err != nil {
		h.t.Fatal(err)
	}
	return n
}

// trail is a payout's history, and everything about it holds: the chain verifies, every
// entry finds its row, its end is the stored status, and the books agree.
func (h host) trail(id uuid.UUID) product.Trail {
	h.t.Helper()
	trail, err := h.History(ctx, requester, id)
	if err != nil || trail.Fault != nil || len(trail.Differences) > 0 {
		h.t.Fatalf("history: error %v, fault %v, differences %v", err, trail.Fault, trail.Differences)
	}
	return trail
}

// refused wants an error to be a refusal by a rule; "" is that of no row.
func refused(t testing.TB, err error, rule string) {
	t.Helper()
	var refusal *product.Refusal
	if !errors.As(err, &refusal) || refusal.Rule != rule {
		t.Errorf("got the error %v, want a refusal by the rule %q", err, rule)
	}
}
