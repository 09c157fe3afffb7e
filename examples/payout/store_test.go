package payout_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/kycle/kycle/examples/payout"
	"github.com/kycle/kycle/product"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/memory"
	"github.com/kycle/kycle/store/storetest"
)

// fromFacts makes a payout with the facts that the conformance suite asks for.
func fromFacts(f storetest.Facts) payout.Payout {
	p := payout.Payout{
		ID: f.ID, OrganizationID: f.Organization, Order: order(), Status: payout.Requested, RequestedBy: f.Note,
		ExpiresAt: f.Due.Add(-time.Microsecond), CreatedAt: f.Created, UpdatedAt: f.Created,
	}
	p.Payee, p.Invoice = f.Owner, ""
	if f.Exclusive {
		p.Invoice = f.Owner
	}
	if f.Ended {
		p.Status = payout.Withdrawn
	}
	return p
}

func TestStoresKeepTheirPromisesWithPayouts(t *testing.T) {
	for name, open := range map[string]func(t *testing.T) (one, two store.Repository[payout.Payout]){
		"memory": func(*testing.T) (one, two store.Repository[payout.Payout]) {
			s := memory.New(payout.Schema)
			return s, s
		},
		"sqlite": func(t *testing.T) (one, two store.Repository[payout.Payout]) {
			handles := inFile(t, 2)
			return handles[0], handles[1]
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Run(t, storetest.Subject[payout.Payout]{Kind: payout.Schema.Kind, Open: open, Make: fromFacts, Index: payout.Index})
		})
	}
}

// A payout in any status comes back from a file as it is, and its stored form is a format.
func TestTheStoredForm(t *testing.T) {
	h := newHost(t, inFile(t, 1)[0])
	p := h.in(payout.Sent)
	if got := h.must(h.Details(ctx, requester, p.ID)); !reflect.DeepEqual(got, p) {
		t.Errorf("got %+v, want %+v", got, p)
	}
	text, err := payout.Schema.Encode(p)
	want := fmt.Sprintf(`{"id":%q,"organization_id":"org_a","payee":"payee-1","verified":true,"invoice":"invoice-1",`+
		`"amount":{"amount":25000,"currency":"AUD"},"fee":{"amount":150,"currency":"AUD"},"status":"sent","requested_by":"user_requester",`+
		`"approved_by":["user_first","user_second"],"fee_refunded":false,"expires_at":"2025-01-18T10:30:00Z",`+
		`"created_at":"2025-01-15T10:30:00Z","updated_at":"2025-01-15T10:30:00Z"}`, p.ID)
	if err != nil || string(text) != want {
		t.Errorf("got  %s, %v\nwant %s", text, err, want)
	}
}

// What this version does not know is refused, where it is read and where it is written.
func TestTheStoredFormIsStrict(t *testing.T) {
	p := fromFacts(storetest.Facts{Owner: "payee-1"})
	text, err := payout.Schema.Encode(p)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		name, why, from, to string
		ok                  bool
	}{
		{"as it is", "nothing is wrong with it", "", "", true},
		{"another field", "the next commit would lose it", `"fee_refunded"`, `"priority":1,"fee_refunded"`, false},
		{"another status", "no table judges it", `"requested"`, `"burnt"`, false},
		{"no status", "nor this", `"status":"requested",`, "", false},
		{"another value behind it", "one of the two is lost", "}", "} {}", false},
		{"another type", "it is not a payout", `"fee_refunded":false`, `"fee_refunded":"no"`, false},
	} {
		got := text
		if row.from != "" {
			at := strings.LastIndex(string(text), row.from)
			got = []byte(string(text[:at]) + row.to + string(text[at+len(row.from):]))
		}
		if _, err := payout.Schema.Decode(got); (err == nil) != row.ok {
			t.Errorf("%s: got %v (%s)", row.name, err, row.why)
		}
	}
	p.Status = "burnt"
	if _, err := payout.Schema.Encode(p); err == nil {
		t.Error("an unknown status was written")
	}
	p.Status, p.ApprovedBy = payout.Requested, []string{"user_\xff"}
	if _, err := payout.Schema.Encode(p); !errors.Is(err, store.ErrText) {
		t.Errorf("no UTF-8 in an approver got %v", err)
	}
}

// In a transaction of the host's an operation is tried once: after a lost race the
// transaction begins anew.
func TestOverATransaction(t *testing.T) {
	h := newHost(t, nil)
	p := h.requested()
	lost := 0
	over := h.Over(losing{h.repository, &lost})
	if _, err := over.Approve(ctx, first, p.ID); !errors.Is(err, store.ErrConflict) || lost != 1 {
		t.Errorf("got %v after %d tries, want a conflict after one", err, lost)
	}
	within := h.Over(memory.New(payout.Schema))
	made := h.must(within.Request(ctx, requester, order(), ""))
	if got, err := within.Details(ctx, requester, made.ID); err != nil || got.ID != made.ID {
		t.Errorf("over the transaction: %+v, %v", got, err)
	}
	if _, err := h.Details(ctx, requester, made.ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("beside the transaction: got %v, want %v", err, store.ErrNotFound)
	}
}

// losing loses every race.
type losing struct {
	store.Repository[payout.Payout]
	lost *int
}

func (l losing) Commit(context.Context, ...store.Change[payout.Payout]) error {
	*l.lost++
	return store.ErrConflict
}

// A service that lacks what it needs is not made.
func TestTheConfigurationIsChecked(t *testing.T) {
	if s, err := payout.NewService(product.Config[payout.Payout]{Settings: product.DefaultSettings()}); err == nil || s != nil {
		t.Errorf("without a repository: %v, %v", s, err)
	}
}
