package payout_test

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/examples/payout"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/product"
	"github.com/kycle/kycle/refund"
	"github.com/kycle/kycle/store"
)

func TestOnlyAVerifiedPersonIsPaid(t *testing.T) {
	h := newHost(t, nil)
	unknown := order()
	unknown.Verified = false
	_, err := h.Request(ctx, requester, unknown, "key")
	refused(t, err, "unverified")
	if _, err := h.Request(ctx, requester, order(), "key"); err != nil {
		t.Errorf("the refused request has used the key up: %v", err)
	}
}

// The first approval is a note and the second sends. Neither is the requester's, nor are
// both one person's, and the trail names the three.
func TestTwoOtherPersonsApprove(t *testing.T) {
	h := newHost(t, nil)
	p := h.requested()
	_, err := h.Approve(ctx, requester, p.ID)
	refused(t, err, "own_request")
	if p = h.must(h.Approve(ctx, first, p.ID)); p.Status != payout.Requested {
		t.Errorf("after one approval it is %q", p.Status)
	}
	_, err = h.Approve(ctx, first, p.ID)
	refused(t, err, "same_person")
	_, err = h.Approve(ctx, requester, p.ID)
	refused(t, err, "own_request")
	if p = h.must(h.Approve(ctx, second, p.ID)); p.Status != payout.Sent || !reflect.DeepEqual(p.ApprovedBy, []string{first.ID, second.ID}) {
		t.Errorf("after two approvals it is %q, approved by %q", p.Status, p.ApprovedBy)
	}
	_, err = h.Approve(ctx, person("user_third"), p.ID)
	refused(t, err, "")
	var got []string
	for _, e := range h.trail(p.ID).Entries {
		got = append(got, strings.Join([]string{e.Event, string(e.Verdict), e.Actor.ID}, " "))
	}
	want := []string{"request moved user_requester", "approve_first first_approval user_first", "approve_second moved user_second"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the trail tells %q, want %q", got, want)
	}
}

// An entry tells what its row changed.
func TestTheTrailTellsWhatChanged(t *testing.T) {
	h := newHost(t, nil)
	p := h.in(payout.Returned)
	want := [][]audit.Change{
		nil,
		{{Field: "approved_by", From: "", To: "user_first"}},
		{{Field: "approved_by", From: "user_first", To: "user_first, user_second"}},
		{{Field: "fee_refunded", From: "false", To: "true"}},
	}
	for i, e := range h.trail(p.ID).Entries {
		if !reflect.DeepEqual(e.Changes, want[i]) {
			t.Errorf("%s: changes %v, want %v", e.Event, e.Changes, want[i])
		}
	}
}

// A decision changes nothing that it was given: it may be made again.
func TestDecideIsPure(t *testing.T) {
	approvers := append(make([]string, 0, 4), first.ID)
	r := store.Record[payout.Payout]{Version: 1, Value: payout.Payout{
		ID: uuid.New(), OrganizationID: "org_a", Order: order(), Status: payout.Requested, RequestedBy: requester.ID, ApprovedBy: approvers,
	}}
	decide := func(a audit.Actor) payout.Payout {
		d, err := payout.Decide(r, payout.ApproveSecond, product.Origin{Call: audit.Call{ID: uuid.New(), Actor: a}})
		if err != nil {
			t.Fatal(err)
		}
		return d.Value
	}
	one, other := decide(second), decide(person("user_third"))
	if one.ApprovedBy[1] != second.ID || other.ApprovedBy[1] != "user_third" || len(r.Value.ApprovedBy) != 1 {
		t.Errorf("approved by %q and by %q, and the record says %q", one.ApprovedBy, other.ApprovedBy, r.Value.ApprovedBy)
	}
}

// The deadline is for both approvals. On its instant an approval is still in time.
func TestNobodyApprovesTooLate(t *testing.T) {
	h := newHost(t, nil)
	p := h.requested()
	h.clock.Advance(late - time.Second)
	h.must(h.Approve(ctx, first, p.ID))
	h.clock.Advance(time.Microsecond)
	_, err := h.Approve(ctx, second, p.ID)
	refused(t, err, "too_late")
	h = newHost(t, nil)
	p = h.requested()
	h.clock.Advance(late)
	_, err = h.Approve(ctx, first, p.ID)
	refused(t, err, "too_late")
}

// What becomes of the fee on every way that a payout can go.
func TestTheFee(t *testing.T) {
	for _, row := range []struct {
		name, why string
		end       func(h host) payout.Payout
		refunded  bool
	}{
		{"requested", "nothing is decided yet", func(h host) payout.Payout { return h.in(payout.Requested) }, false},
		{"withdrawn", "nothing was sent", func(h host) payout.Payout { return h.in(payout.Withdrawn) }, true},
		{"withdrawn, approved once", "one approval sends nothing", func(h host) payout.Payout {
			p := h.requested()
			h.must(h.Approve(ctx, first, p.ID))
			return h.must(h.Withdraw(ctx, requester, p.ID))
		}, true},
		{"expired", "no transfer was made", func(h host) payout.Payout { return h.in(payout.Expired) }, true},
		{"sent", "it may yet be paid", func(h host) payout.Payout { return h.in(payout.Sent) }, false},
		{"paid", "the transfer was made", func(h host) payout.Payout { return h.in(payout.Paid) }, false},
		{"returned", "the transfer failed", func(h host) payout.Payout { return h.in(payout.Returned) }, true},
		{"recalled", "it was withdrawn too late", func(h host) payout.Payout { return h.in(payout.Recalled) }, false},
		{"recalled, returned", "the provider stopped it", func(h host) payout.Payout {
			return h.told(h.in(payout.Recalled).ID, payout.ReturnedByProvider, "stopped").Value
		}, false},
		{"recalled, paid", "it could not be stopped", func(h host) payout.Payout {
			return h.told(h.in(payout.Recalled).ID, payout.PaidByProvider, "paid").Value
		}, false},
		{"paid, returned", "the payee's bank sent it back", func(h host) payout.Payout {
			return h.told(h.in(payout.Paid).ID, payout.ReturnedByProvider, "bounced").Value
		}, false},
	} {
		h := newHost(t, nil)
		p := row.end(h)
		kinds := []refund.Kind{refund.Charge}
		if row.refunded {
			kinds = append(kinds, refund.Refund)
		}
		var got []refund.Kind
		for _, posting := range h.trail(p.ID).Postings {
			got = append(got, posting.Kind)
			if posting.Amount != order().Fee {
				t.Errorf("%s: a posting of %v", row.name, posting.Amount)
			}
		}
		if !reflect.DeepEqual(got, kinds) || p.FeeRefunded != row.refunded {
			t.Errorf("%s: postings %v, fee_refunded %v, want %v and %v (%s)", row.name, got, p.FeeRefunded, kinds, row.refunded, row.why)
		}
	}
}

func TestAFeeOfNothingPostsNothing(t *testing.T) {
	h := newHost(t, nil)
	free := order()
	free.Fee.Minor = 0
	p := h.must(h.Request(ctx, requester, free, ""))
	if p = h.must(h.Withdraw(ctx, requester, p.ID)); p.FeeRefunded || len(h.trail(p.ID).Postings) > 0 {
		t.Errorf("fee_refunded is %v, with %d postings", p.FeeRefunded, len(h.trail(p.ID).Postings))
	}
}

// The clock ends what waits for approvals, and nothing else; twice does nothing twice.
func TestSweep(t *testing.T) {
	h := newHost(t, nil)
	p := h.requested()
	other := order()
	other.Invoice = ""
	sent := h.must(h.Request(ctx, requester, other, ""))
	h.must(h.Approve(ctx, first, sent.ID))
	h.must(h.Approve(ctx, second, sent.ID))
	h.clock.Advance(late - time.Second)
	if n := h.sweep(); n != 0 {
		t.Errorf("%d expired on the instant of the deadline", n)
	}
	h.clock.Advance(time.Second)
	if n, again := h.sweep(), h.sweep(); n != 1 || again != 0 {
		t.Errorf("%d expired and then %d, want 1 and 0", n, again)
	}
	entries := h.trail(p.ID).Entries
	due := p.ExpiresAt.Add(time.Microsecond)
	if last := entries[len(entries)-1]; last.To != "expired" || last.Actor.Kind != audit.Clock || !last.OccurredAt.Equal(due) {
		t.Errorf("the last entry is %+v", last)
	}
	if n := len(h.trail(sent.ID).Entries); n != 3 {
		t.Errorf("what was sent has %d entries after the sweeps, want 3", n)
	}
}

// An invoice is held from the request until it is certain that the money did not get there.
func TestAnInvoiceIsPaidOnce(t *testing.T) {
	for status, held := range map[payout.Status]bool{
		payout.Requested: true, payout.Sent: true, payout.Recalled: true, payout.Paid: true,
		payout.Returned: false, payout.Withdrawn: false, payout.Expired: false,
	} {
		h := newHost(t, nil)
		h.in(status)
		_, err := h.Request(ctx, requester, order(), "")
		if errors.Is(err, product.ErrHeld) != held || (err != nil) != held {
			t.Errorf("%s: the invoice's next request got %v", status, err)
		}
		elsewhere := requester
		elsewhere.Organization = "org_b"
		if _, err := h.Request(ctx, elsewhere, order(), ""); err != nil {
			t.Errorf("%s: another organization's invoice got %v", status, err)
		}
	}
	h, nameless := newHost(t, nil), order()
	nameless.Invoice = ""
	for range 2 {
		if _, err := h.Request(ctx, requester, nameless, ""); err != nil {
			t.Errorf("a payout for no invoice got %v", err)
		}
	}
}

// A key makes one payout, whatever became of it meanwhile. With other input it is refused.
func TestARepeatedRequest(t *testing.T) {
	h := newHost(t, nil)
	p := h.must(h.Request(ctx, requester, order(), "key"))
	h.must(h.Approve(ctx, first, p.ID))
	again := h.must(h.Request(ctx, requester, order(), "key"))
	if again.ID != p.ID || len(again.ApprovedBy) != 1 {
		t.Errorf("the repeat answers with %+v", again)
	}
	dearer := order()
	dearer.Amount.Minor++
	if _, err := h.Request(ctx, requester, dearer, "key"); !errors.Is(err, product.ErrKeyReused) {
		t.Errorf("another amount under the key got %v", err)
	}
	if n := len(h.trail(p.ID).Postings); n != 1 {
		t.Errorf("%d postings, want 1", n)
	}
}

// An event is told once. The same id with another event is told apart, and news that comes
// too late stands in the trail.
func TestReports(t *testing.T) {
	h := newHost(t, nil)
	p := h.in(payout.Sent)
	for i, row := range []struct {
		name, why string
		on        payout.Event
		event     string
		verdict   lifecycle.Verdict
		reason    string
		entries   int
	}{
		{"paid", "the first news", payout.PaidByProvider, "1", lifecycle.Move, "", 4},
		{"paid again", "a webhook is delivered twice", payout.PaidByProvider, "1", lifecycle.Duplicate, "", 4},
		{"another event under its id", "one of the two is wrong", payout.ReturnedByProvider, "1", lifecycle.Duplicate, store.EventReused, 4},
		{"returned", "the payee's bank sent it back", payout.ReturnedByProvider, "2", lifecycle.Move, "", 5},
		{"paid, late", "it is older news under an id of its own", payout.PaidByProvider, "3", lifecycle.Ignore, lifecycle.NoRow, 6},
	} {
		at := h.clock.Advance(time.Minute).Add(-time.Second)
		got, err := h.Report(ctx, provider, p.ID, row.on, product.Report{EventID: row.event, OccurredAt: at})
		trail := h.trail(p.ID).Entries
		if err != nil || got.Verdict != row.verdict || got.Why != row.reason || len(trail) != row.entries {
			t.Errorf("%s: %s (%q), %v, %d entries, want %s (%q) and %d: %s",
				row.name, got.Verdict, got.Why, err, len(trail), row.verdict, row.reason, row.entries, row.why)
		}
		if last := trail[len(trail)-1]; i == 0 && (last.Source != "bank/1" || !last.OccurredAt.Equal(at)) {
			t.Errorf("the entry says %s of %q", last.OccurredAt, last.Source)
		}
	}
}

// Who may not, and what cannot be, is refused before anything is looked up.
func TestWhatIsRefusedAtTheDoor(t *testing.T) {
	h := newHost(t, nil)
	p := h.in(payout.Sent)
	request := func(a audit.Actor, key string, edit func(*payout.Order)) func() error {
		return func() error {
			o := order()
			edit(&o)
			_, err := h.Request(ctx, a, o, key)
			return err
		}
	}
	edited := func(edit func(*payout.Order)) func() error { return request(requester, "", edit) }
	same := func(*payout.Order) {}
	command := func(do func(context.Context, audit.Actor, uuid.UUID) (payout.Payout, error), a audit.Actor, id uuid.UUID) func() error {
		return func() error {
			_, err := do(ctx, a, id)
			return err
		}
	}
	report := func(a audit.Actor, on payout.Event, event string) func() error {
		return func() error {
			_, err := h.Report(ctx, a, p.ID, on, product.Report{EventID: event})
			return err
		}
	}
	for _, row := range []struct {
		name, why string
		do        func() error
		want      error
	}{
		{"request by the provider", "a person asks for money", request(provider, "", same), product.ErrForbidden},
		{"approve by the provider", "a person approves", command(h.Approve, provider, p.ID), product.ErrForbidden},
		{"withdraw by the provider", "a person withdraws", command(h.Withdraw, provider, p.ID), product.ErrForbidden},
		{"report by a person", "where the money is, the provider says", report(second, payout.PaidByProvider, "1"), product.ErrForbidden},
		{"report of a command", "a wish is no news", report(second, payout.Withdraw, "1"), product.ErrForbidden},
		{"report of nothing", "the table has no such event", report(provider, "burnt", "1"), product.ErrForbidden},
		{"report without an id", "a repeat could not be known", report(provider, payout.PaidByProvider, ""), lifecycle.ErrInvalid},
		{"nobody", "an actor has a name", command(h.Details, audit.Actor{}, p.ID), lifecycle.ErrInvalid},
		{"no payee", "somebody is paid", edited(func(o *payout.Order) { o.Payee = "" }), lifecycle.ErrInvalid},
		{"no text for a payee", "no store keeps it", edited(func(o *payout.Order) { o.Payee = "\xff" }), lifecycle.ErrInvalid},
		{"a long invoice", "a key is short", edited(func(o *payout.Order) { o.Invoice = strings.Repeat("x", 256) }), lifecycle.ErrInvalid},
		{"nothing to pay", "a payout pays something", edited(func(o *payout.Order) { o.Amount.Minor = 0 }), lifecycle.ErrInvalid},
		{"an amount of no currency", "an amount of what", edited(func(o *payout.Order) { o.Amount.Currency = "" }), lifecycle.ErrInvalid},
		{"a fee below nothing", "a fee is 0 or more", edited(func(o *payout.Order) { o.Fee.Minor = -1 }), lifecycle.ErrInvalid},
		{"a long key", "a key is short", request(requester, strings.Repeat("x", 256), same), lifecycle.ErrInvalid},
		{"unknown", "there is none", command(h.Approve, first, uuid.New()), store.ErrNotFound},
		{"another organization's", "it is not there either", command(h.Withdraw, stranger, p.ID), store.ErrNotFound},
	} {
		if err := row.do(); !errors.Is(err, row.want) {
			t.Errorf("%s: got %v, want %v (%s)", row.name, err, row.want, row.why)
		}
	}
	if n := len(h.trail(p.ID).Entries); n != 3 {
		t.Errorf("refusals have left %d entries", n-3)
	}
}

// A caller's problem has one code, and words of the table.
func TestExplain(t *testing.T) {
	h := newHost(t, nil)
	p := h.in(payout.Paid)
	_, late := h.Withdraw(ctx, requester, p.ID)
	_, held := h.Request(ctx, requester, order(), "")
	unknown := order()
	unknown.Verified, unknown.Invoice = false, ""
	_, unverified := h.Request(ctx, requester, unknown, "")
	unknown.Verified = true
	_, own := h.Approve(ctx, requester, h.must(h.Request(ctx, requester, unknown, "")).ID)
	_, missing := h.Details(ctx, stranger, p.ID)
	for _, row := range []struct {
		name, why string
		err       error
		http      int
		code      string
		message   string
	}{
		{"the wrong status", "the command has its statuses", late, 400, "INVALID_STATUS",
			`Cannot withdraw. Current status is "paid". It is allowed when status is "requested" or "sent".`},
		{"a rule", "the rule has its words", own, 400, "INVALID_STATUS",
			`Cannot approve second. Current status is "requested". It is allowed only if another person requested it.`},
		{"a rule at the birth", "there is no status yet", unverified, 400, "INVALID_STATUS",
			`Cannot request. It is allowed only if the payee is a verified person.`},
		{"held", "it is this product's own", held, 409, "INVOICE_HELD", "Another payout holds the invoice"},
		{"missing", "every product has it", missing, 404, "NOT_FOUND", "Payout not found"},
	} {
		if got, want := payout.Explain(row.err), (product.Problem{HTTP: row.http, Code: row.code, Message: row.message}); got != want {
			t.Errorf("%s: got %+v, want %+v (%s)", row.name, got, want, row.why)
		}
	}
}

func TestLists(t *testing.T) {
	h := newHost(t, nil)
	p := h.in(payout.Withdrawn)
	h.clock.Advance(time.Minute)
	newer := h.requested()
	got, err := h.List(ctx, requester, "payee-1", product.Filter[string]{})
	if err != nil || got.Total != 2 || got.Values[0].ID != newer.ID || got.Values[1].ID != p.ID {
		t.Errorf("got %+v, %v", got, err)
	}
	got, err = h.List(ctx, requester, "payee-1", product.Filter[string]{Status: "withdrawn"})
	if err != nil || got.Total != 1 || got.Values[0].ID != p.ID {
		t.Errorf("of the withdrawn: got %+v, %v", got, err)
	}
	if err := h.Ready(ctx); err != nil {
		t.Errorf("ready: %v", err)
	}
}
