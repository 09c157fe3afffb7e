package payout_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/examples/payout"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/lifecycle/lifecycletest"
	"github.com/kycle/kycle/product"
	"github.com/kycle/kycle/refund"
	"github.com/kycle/kycle/store"
)

type (
	outcome = lifecycle.Outcome[payout.Status, payout.Event]
	answer  = lifecycletest.Answer[payout.Status]
)

// driven is one payout, in a host of its own.
type driven struct {
	host   *host
	id     uuid.UUID
	posted int // postings so far
}

// service lets the service be driven through the table.
func service(t testing.TB) lifecycletest.Subject[payout.Status, payout.Event, driven] {
	return lifecycletest.Subject[payout.Status, payout.Event, driven]{
		Effects: []string{refund.Charged, refund.Refunded},
		Impossible: func(c outcome) string {
			if c.Why == "approved_before" || c.Why == "not_approved" {
				return "Approve makes the other of the two approvals then"
			}
			return ""
		},
		Give: func(d *driven, c outcome) (answer, error) {
			if d.host == nil {
				h := newHost(t, nil)
				d.host = &h
			}
			verdict, err := d.give(c)
			if err != nil && !errors.Is(err, lifecycle.ErrNotAllowed) || d.id == uuid.Nil {
				return answer{Verdict: verdict}, err
			}
			p := d.host.must(d.host.Details(ctx, requester, d.id))
			trail := d.host.trail(d.id)
			got := answer{State: p.Status, Verdict: verdict}
			for _, posting := range trail.Postings[d.posted:] {
				got.Does = append(got.Does, string(posting.Kind)) // the effect's own word
			}
			d.posted = len(trail.Postings)
			return got, err
		},
	}
}

// give lets one thing happen in a world where the rule that the case names says no, and no
// other. Of what is not there the service says so in words of its own.
func (d *driven) give(c outcome) (verdict lifecycle.Verdict, err error) {
	h, who := d.host, second
	switch c.Why {
	case "too_late":
		h.clock.Advance(late)
	case "own_request":
		who = requester
	case "same_person":
		who = first
	}
	if c.Event == payout.ApproveSecond && c.From == payout.Requested && c.Why != "too_late" {
		h.must(h.Approve(ctx, first, d.id))
	}
	switch c.Event {
	case payout.Request:
		o := order()
		o.Verified, o.Invoice = c.Why != "unverified", ""
		if c.From != "" { // one that is there can only be named by its key
			o.Amount.Minor++
		}
		var p payout.Payout
		if p, err = h.Request(ctx, requester, o, "key"); err == nil {
			d.id = p.ID
		}
	case payout.ApproveFirst, payout.ApproveSecond:
		_, err = h.Approve(ctx, who, d.id)
	case payout.Withdraw:
		_, err = h.Withdraw(ctx, who, d.id)
	case payout.DeadlinePassed:
		if c.Why == "" {
			h.clock.Advance(late)
		}
		verdict = map[int]lifecycle.Verdict{0: lifecycle.Ignore, 1: lifecycle.Move}[h.sweep()]
	default:
		var r product.Result[payout.Payout]
		r, err = h.Report(ctx, provider, d.id, c.Event, product.Report{EventID: uuid.NewString()})
		verdict = r.Verdict
	}
	if errors.Is(err, store.ErrNotFound) && c.From == "" || errors.Is(err, product.ErrKeyReused) {
		return payout.Machine.Kind(c.Event).Veto(), nil
	}
	return verdict, err
}

func TestTheServiceKeepsToEveryCase(t *testing.T) {
	lifecycletest.Exhaust(t, payout.Machine, service(t))
}

// One that lets the requester approve is found out.
func TestAServiceThatForgetsThePersonsIsFoundOut(t *testing.T) {
	s := service(t)
	honest := s.Give
	s.Give = func(d *driven, c outcome) (answer, error) {
		got, err := honest(d, c)
		if c.Why == "own_request" || c.Why == "same_person" {
			return answer{State: c.From}, nil
		}
		return got, err
	}
	if got := lifecycletest.Failures(func(t lifecycletest.TB) { lifecycletest.Exhaust(t, payout.Machine, s) }); len(got) != 3 {
		t.Errorf("got %q, want the two rules on the approvals of each", got)
	}
}

// firing is a case that fires: what it does, and the rules that may say no, in the order in
// which they are asked.
type firing struct {
	from     payout.Status
	on       payout.Event
	to       payout.Status
	note     string
	does, no []string
	why      string
}

// table is every one of them, written by hand.
var table = []firing{
	{"", "request", "requested", "", []string{"charge"}, []string{"unverified"}, "paid in advance, for a verified person"},
	{"requested", "approve_first", "requested", "first_approval", []string{"record_approval"},
		[]string{"too_late", "own_request", "approved_before"}, "one approval sends nothing"},
	{"requested", "approve_second", "sent", "", []string{"record_approval"},
		[]string{"too_late", "own_request", "not_approved", "same_person"}, "two do"},
	{"requested", "withdraw", "withdrawn", "", []string{"refund"}, nil, "nothing was sent"},
	{"requested", "deadline_passed", "expired", "", []string{"refund"}, []string{"not_due"}, "nothing was sent"},
	{"sent", "withdraw", "recalled", "", []string{"keep"}, nil, "the provider has the order"},
	{"sent", "paid_by_provider", "paid", "", nil, nil, "the transfer was made"},
	{"sent", "returned_by_provider", "returned", "", []string{"refund"}, nil, "the transfer failed"},
	{"recalled", "paid_by_provider", "paid", "", nil, nil, "it could not be stopped"},
	{"recalled", "returned_by_provider", "returned", "", []string{"keep"}, nil, "it was stopped"},
	{"paid", "returned_by_provider", "returned", "", []string{"keep"}, nil, "the payee's bank sent it back"},
}

// commands are a person's; the other events are reports, of the provider or of the clock.
var commands = []payout.Event{"request", "approve_first", "approve_second", "withdraw"}

// facts are those under which the rules say no that are named.
func facts(on payout.Event, no ...string) payout.Facts {
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	p := payout.Payout{Order: order(), RequestedBy: requester.ID, ExpiresAt: noon}
	f := payout.Facts{Actor: second, Payout: &p, Now: noon}
	if on == "approve_second" {
		p.ApprovedBy = []string{first.ID}
	}
	if (on == "deadline_passed") != slices.Contains(no, "not_due") || slices.Contains(no, "too_late") {
		f.Now = noon.Add(1)
	}
	if slices.Contains(no, "own_request") {
		f.Actor = requester
	}
	switch {
	case slices.Contains(no, "not_approved"):
		p.ApprovedBy = nil
	case slices.Contains(no, "same_person"):
		p.ApprovedBy = []string{f.Actor.ID}
	case slices.Contains(no, "approved_before"):
		p.ApprovedBy = []string{first.ID}
	}
	p.Verified = !slices.Contains(no, "unverified")
	return f
}

// decide is what judges a case.
type decide = func(payout.Status, payout.Event, payout.Facts) (outcome, error)

// everyCase asks for every case: what fires, each rule alone, and each with all behind it.
func everyCase(t lifecycletest.TB, decide decide) {
	for _, from := range []payout.Status{"", "requested", "sent", "recalled", "paid", "returned", "withdrawn", "expired"} {
		for _, on := range slices.Concat(commands, []payout.Event{"paid_by_provider", "returned_by_provider", "deadline_passed"}) {
			row := slices.IndexFunc(table, func(r firing) bool { return r.from == from && r.on == on })
			if row < 0 {
				vetoed(t, decide, from, on, lifecycle.NoRow, facts(on))
				continue
			}
			r := table[row]
			out, err := decide(from, on, facts(on))
			if err != nil || !out.Verdict.Fires() || out.To != r.to || out.Word != r.note || (out.Verdict == lifecycle.Note) != (r.note != "") {
				t.Errorf("%s in %q: %s to %q (%q), %v: %s", on, from, out.Verdict, out.To, out.Word, err, r.why)
			}
			for _, effect := range []string{"charge", "refund", "keep", "record_approval"} {
				if out.Does(effect) != slices.Contains(r.does, effect) {
					t.Errorf("%s in %q: effect %s: %s", on, from, effect, r.why)
				}
			}
			for i, no := range r.no {
				vetoed(t, decide, from, on, no, facts(on, no))
				vetoed(t, decide, from, on, no, facts(on, r.no[i:]...))
			}
		}
	}
}

// vetoed wants a case to come to nothing, for a reason.
func vetoed(t lifecycletest.TB, decide decide, from payout.Status, on payout.Event, why string, f payout.Facts) {
	out, err := decide(from, on, f)
	var denied *lifecycle.Denied
	command := slices.Contains(commands, on)
	switch {
	case command && (!errors.As(err, &denied) || denied.Rule != why && (why != lifecycle.NoRow || denied.Rule != "")):
		t.Errorf("%s in %q: got %s, %v, want a refusal by %s", on, from, out.Verdict, err, why)
	case !command && (err != nil || out.Verdict != lifecycle.Ignore || out.Why != why || out.To != from):
		t.Errorf("%s in %q: got %s (%s), %v, want it ignored for %s", on, from, out.Verdict, out.Why, err, why)
	}
}

// everyActor is who may bring what.
func everyActor(t lifecycletest.TB, m *lifecycle.Machine[payout.Status, payout.Event, payout.Facts]) {
	for _, e := range payout.Machine.Definition().Events {
		want := "provider"
		switch {
		case slices.Contains(commands, e.Name):
			want = "person"
		case e.Name == "deadline_passed":
			want = "clock"
		}
		for _, who := range []string{"person", "provider", "clock", "system"} {
			if m.By(e.Name, who) != (who == want) {
				t.Errorf("%s by %s", e.Name, who)
			}
		}
	}
}

// everyState is what each status says of its records.
func everyState(t lifecycletest.TB, m *lifecycle.Machine[payout.Status, payout.Event, payout.Facts]) {
	for _, s := range []struct {
		name             payout.Status
		final, absorbing bool
		deadline         payout.Event
		holds            bool
		why              string
	}{
		{"requested", false, false, "deadline_passed", true, "it waits for approvals, and not for ever"},
		{"sent", false, false, "", true, "the provider will say"},
		{"recalled", false, false, "", true, "the provider will say"},
		{"paid", true, false, "", true, "the payee's bank may yet return it"},
		{"returned", true, true, "", false, "the money is back"},
		{"withdrawn", true, true, "", false, "nothing was sent"},
		{"expired", true, true, "", false, "nothing was sent"},
	} {
		got := m.State(s.name)
		if got.Final != s.final || got.Absorbing != s.absorbing || got.Deadline != s.deadline || m.Labelled(s.name, "holds_invoice") != s.holds {
			t.Errorf("%q: got %+v, want %+v", s.name, got, s)
		}
	}
}

func TestTheTableNoticesEveryMutant(t *testing.T) {
	lifecycletest.Mutants(t, payout.Machine, func(t lifecycletest.TB, m *lifecycle.Machine[payout.Status, payout.Event, payout.Facts]) {
		everyCase(t, m.Decide)
		everyActor(t, m)
		everyState(t, m)
	}, map[string]string{
		`row "approve_second" from "requested" to "sent": the rule same_person is asked before not_approved`: "they never say no together",
	})
}

func TestTheTableCoversEveryCase(t *testing.T) {
	everyCase(t, lifecycletest.Cover(t, payout.Machine, nil).Decide)
}
