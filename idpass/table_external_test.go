package idpass_test

import (
	"errors"
	"os"
	"reflect"
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/lifecycle/export"
	"github.com/kycle/kycle/product"
	"github.com/kycle/kycle/refund"
	"github.com/kycle/kycle/store"
)

// cell is one event in one status, and all that may come of it.
type cell struct {
	name string
	from idpass.Status // "": there is no pass
	on   idpass.Event
	verd lifecycle.Verdict
	to   idpass.Status
	fee  string // refund.Charged, Refunded, Kept, or "": no word on the fee
	why  string
}

// absent is the status of a pass that does not exist yet.
const absent idpass.Status = ""

// Shorter, so that the table below stays a table.
const (
	moves, refuses, ignores = lifecycle.Move, lifecycle.Refuse, lifecycle.Ignore

	isNew, opened, going = idpass.New, idpass.Opened, idpass.InProgress
	complete, expired    = idpass.Complete, idpass.Expired
	failed, cancelled    = idpass.Failed, idpass.Cancelled
)

// table is every cell of the lifecycle, written by hand from the specification: 8
// statuses (none counts as one) times 7 events.
var table = []cell{
	{"none+register", absent, idpass.Register, moves, isNew, refund.Charged, "a pass is paid for when it is registered"},
	{"none+cancel", absent, idpass.Cancel, refuses, absent, "", "there is nothing to cancel"},
	{"none+open", absent, idpass.Open, ignores, absent, "", "news of no pass"},
	{"none+consent", absent, idpass.Consent, ignores, absent, "", "news of no pass"},
	{"none+complete", absent, idpass.CompleteCheck, ignores, absent, "", "news of no pass"},
	{"none+fail", absent, idpass.Fail, ignores, absent, "", "news of no pass"},
	{"none+expire", absent, idpass.Expire, ignores, absent, "", "news of no pass"},

	{"new+register", isNew, idpass.Register, refuses, isNew, "", "a pass is registered once"},
	{"new+cancel", isNew, idpass.Cancel, moves, cancelled, refund.Refunded, "no step was taken: the fee goes back"},
	{"new+open", isNew, idpass.Open, moves, opened, "", "opening the link is no step"},
	{"new+consent", isNew, idpass.Consent, moves, going, "", "the news of the opening may be lost"},
	{"new+complete", isNew, idpass.CompleteCheck, moves, complete, "", "all news before the outcome may be lost"},
	{"new+fail", isNew, idpass.Fail, moves, failed, "", "all news before the failure may be lost"},
	{"new+expire", isNew, idpass.Expire, moves, expired, refund.Kept, "a link nobody opened expires too"},

	{"opened+register", opened, idpass.Register, refuses, opened, "", "a pass is registered once"},
	{"opened+cancel", opened, idpass.Cancel, moves, cancelled, refund.Refunded, "opening the link was no step: the fee goes back"},
	{"opened+open", opened, idpass.Open, ignores, opened, "", "it is open already"},
	{"opened+consent", opened, idpass.Consent, moves, going, "", "the first step"},
	{"opened+complete", opened, idpass.CompleteCheck, moves, complete, "", "the news of the consent may be lost"},
	{"opened+fail", opened, idpass.Fail, moves, failed, "", "the news of the consent may be lost"},
	{"opened+expire", opened, idpass.Expire, moves, expired, refund.Kept, "opened and left"},

	{"in_progress+register", going, idpass.Register, refuses, going, "", "a pass is registered once"},
	{"in_progress+cancel", going, idpass.Cancel, moves, cancelled, refund.Kept, "the work has begun: the fee stays"},
	{"in_progress+open", going, idpass.Open, ignores, going, "", "late news takes no step back"},
	{"in_progress+consent", going, idpass.Consent, ignores, going, "", "consent is given once"},
	{"in_progress+complete", going, idpass.CompleteCheck, moves, complete, "", "the usual end"},
	{"in_progress+fail", going, idpass.Fail, moves, failed, "", "the other end"},
	{"in_progress+expire", going, idpass.Expire, moves, expired, refund.Kept, "begun and left"},

	{"complete+register", complete, idpass.Register, refuses, complete, "", "a pass is registered once"},
	{"complete+cancel", complete, idpass.Cancel, refuses, complete, "", "the outcome is there and stays"},
	{"complete+open", complete, idpass.Open, ignores, complete, "", "final absorbs all"},
	{"complete+consent", complete, idpass.Consent, ignores, complete, "", "final absorbs all"},
	{"complete+complete", complete, idpass.CompleteCheck, ignores, complete, "", "a second outcome does not replace the first"},
	{"complete+fail", complete, idpass.Fail, ignores, complete, "", "final absorbs all"},
	{"complete+expire", complete, idpass.Expire, ignores, complete, "", "what is complete does not expire"},

	{"expired+register", expired, idpass.Register, refuses, expired, "", "a pass is registered once"},
	{"expired+cancel", expired, idpass.Cancel, refuses, expired, "", "what expired is not refunded by a late cancel"},
	{"expired+open", expired, idpass.Open, ignores, expired, "", "the deadline is the host's own, so it is final"},
	{"expired+consent", expired, idpass.Consent, ignores, expired, "", "the deadline is final"},
	{"expired+complete", expired, idpass.CompleteCheck, ignores, expired, "", "the deadline is final, unlike a validation's"},
	{"expired+fail", expired, idpass.Fail, ignores, expired, "", "the deadline is final"},
	{"expired+expire", expired, idpass.Expire, ignores, expired, "", "it expires once"},

	{"failed+register", failed, idpass.Register, refuses, failed, "", "a pass is registered once"},
	{"failed+cancel", failed, idpass.Cancel, refuses, failed, "", "it has ended"},
	{"failed+open", failed, idpass.Open, ignores, failed, "", "final absorbs all"},
	{"failed+consent", failed, idpass.Consent, ignores, failed, "", "final absorbs all"},
	{"failed+complete", failed, idpass.CompleteCheck, ignores, failed, "", "final absorbs all"},
	{"failed+fail", failed, idpass.Fail, ignores, failed, "", "final absorbs all"},
	{"failed+expire", failed, idpass.Expire, ignores, failed, "", "final absorbs all"},

	{"cancelled+register", cancelled, idpass.Register, refuses, cancelled, "", "a pass is registered once"},
	{"cancelled+cancel", cancelled, idpass.Cancel, refuses, cancelled, "", "a second cancel is an error, and refunds nothing"},
	{"cancelled+open", cancelled, idpass.Open, ignores, cancelled, "", "the customer of a cancelled pass is too late"},
	{"cancelled+consent", cancelled, idpass.Consent, ignores, cancelled, "", "final absorbs all"},
	{"cancelled+complete", cancelled, idpass.CompleteCheck, ignores, cancelled, "", "a superseded pass cannot complete in parallel"},
	{"cancelled+fail", cancelled, idpass.Fail, ignores, cancelled, "", "final absorbs all"},
	{"cancelled+expire", cancelled, idpass.Expire, ignores, cancelled, "", "final absorbs all"},
}

// The table above names every cell there is, once.
func TestTableIsWhole(t *testing.T) {
	d := idpass.Machine.Definition()
	names := map[string]bool{}
	for _, c := range table {
		if names[c.name] || c.why == "" {
			t.Errorf("row %q: its name is not its own, or it has no why", c.name)
		}
		names[c.name] = true
	}
	for _, from := range append([]idpass.Status{absent}, statuses()...) {
		for _, e := range d.Events {
			if n := len(slices.DeleteFunc(slices.Clone(table), func(c cell) bool { return c.from != from || c.on != e.Name })); n != 1 {
				t.Errorf("%q and %q: %d rows", from, e.Name, n)
			}
		}
	}
	if want := (len(d.States) + 1) * len(d.Events); len(table) != want {
		t.Errorf("%d rows for %d cells", len(table), want)
	}
}

// The machine says of every cell what the specification says, and nothing else.
func TestMachineSaysTheTable(t *testing.T) {
	for _, c := range table {
		t.Run(c.name, func(t *testing.T) {
			all, err := idpass.Machine.Verdicts(c.from, c.on)
			if err != nil || len(all) != 1 {
				t.Fatalf("%d verdicts, error %v: no row has a rule, so there is one", len(all), err)
			}
			if o := all[0]; o.Verdict != c.verd || o.To != c.to {
				t.Errorf("%s to %q, want %s to %q: %s", o.Verdict, o.To, c.verd, c.to, c.why)
			}
			for _, effect := range []string{refund.Charged, refund.Refunded, refund.Kept} {
				if got := all[0].Does(effect); got != (effect == c.fee) {
					t.Errorf("effect %s: %v: %s", effect, got, c.why)
				}
			}
		})
	}
}

// Decide does with a real pass, in every status, what the table says, money included, and
// what it gives can be committed as it is.
func TestDecideDoesTheTable(t *testing.T) {
	for _, c := range table {
		if c.from == absent {
			continue // made by Register; tested there
		}
		t.Run(c.name, func(t *testing.T) {
			h := newHost(t, nil)
			p := h.In(c.from)
			r := record(t, h.Repository, p)
			call := audit.Call{ID: uuid.New(), Salt: uuid.New(), Actor: h.Person, At: h.Clock.Now()}
			if idpass.Machine.Kind(c.on) == lifecycle.Report {
				call.Actor = h.Provider
			}
			d, err := idpass.Decide(r, idpass.Input{Event: c.on, Call: call, Outcome: idpass.CheckFailed})
			if c.verd == refuses {
				var refusal *product.Refusal
				if !errors.As(err, &refusal) || !errors.Is(err, lifecycle.ErrNotAllowed) || refusal.From != string(c.from) {
					t.Errorf("got the error %v, want a refusal: %s", err, c.why)
				}
				if !reflect.DeepEqual(d, idpass.Decision{}) {
					t.Errorf("a refusal comes with %+v", d)
				}
				return
			}
			if err != nil || d.Verdict != c.verd || d.Value.Status != c.to || len(d.Changes) != 1 {
				t.Fatalf("%s to %q in %d changes, error %v: %s", d.Verdict, d.Value.Status, len(d.Changes), err, c.why)
			}
			judge(t, c, r, d, call)
			must(t, h.Repository.Commit(ctx, d.Changes...))
			if now, trail := sound(t, h, p.ID); now.Status != c.to || record(t, h.Repository, p).Version != r.Version+1 || last(trail).Call != call.ID {
				t.Errorf("committed, it is %q", now.Status)
			}
		})
	}
}

// judge looks at the one change of a move or of an ignored report.
func judge(t *testing.T, c cell, r store.Record[idpass.Pass], d idpass.Decision, call audit.Call) {
	t.Helper()
	change := d.Changes[0]
	if change.Expect != r.Version || len(change.Entries) != 1 || !reflect.DeepEqual(change.Next, d.Value) {
		t.Fatalf("expects version %d of %d, with %d entries", change.Expect, r.Version, len(change.Entries))
	}
	e := change.Entries[0]
	if e.Event != string(c.on) || e.From != string(c.from) || e.To != string(c.to) || e.Actor != call.Actor || e.Definition.String() != idpass.Machine.Fingerprint() {
		t.Errorf("entry is %+v", e)
	}
	refunds := c.fee == refund.Refunded
	if d.Value.FeeRefunded != (refunds || r.Value.FeeRefunded) || (len(change.Postings) == 1) != refunds || len(e.Postings) != len(change.Postings) {
		t.Errorf("fee_refunded %v, postings %v, entry %v: %s", d.Value.FeeRefunded, change.Postings, e.Postings, c.why)
	}
	if c.verd == ignores {
		if e.Verdict != audit.Ignored || e.Why != lifecycle.NoRow || d.Why != lifecycle.NoRow || !reflect.DeepEqual(d.Value, r.Value) {
			t.Errorf("an ignored report is entered as %s (%s) and leaves %+v", e.Verdict, e.Why, d.Value)
		}
		return
	}
	if e.Verdict != audit.Moved || e.Why != "" || !d.Value.UpdatedAt.Equal(call.At) {
		t.Errorf("a move is entered as %s (%s)", e.Verdict, e.Why)
	}
	outcome := idpass.Outcome("")
	if c.on == idpass.CompleteCheck {
		outcome = idpass.CheckFailed
	}
	if d.Value.Verification != outcome || d.Value.CompletedAt.IsZero() != (outcome == "") {
		t.Errorf("verification_status %q at %v", d.Value.Verification, d.Value.CompletedAt)
	}
}

// Through the service: a refusal writes nothing, an ignored report one entry, a move one
// entry, and each write is one version.
func TestServiceWritesWhatTheTableSays(t *testing.T) {
	for _, c := range table {
		if c.from == absent || c.on == idpass.Register {
			continue // no operation brings these to a pass
		}
		t.Run(c.name, func(t *testing.T) {
			h := newHost(t, nil)
			p := h.In(c.from)
			if c.verd == refuses {
				unchanged(t, h, p, func() {
					answer, err := h.Cancel(ctx, h.Person, p.ID)
					wantError(t, err, lifecycle.ErrNotAllowed)
					if !reflect.DeepEqual(answer, idpass.Answer{}) {
						t.Errorf("a refusal answers %+v", answer)
					}
				})
				return
			}
			before, trail := record(t, h.Repository, p), history(t, h.Repository, p)
			if c.on == idpass.Cancel {
				_, err := h.Cancel(ctx, h.Person, p.ID)
				must(t, err)
			} else {
				d, err := on(h, c.on)(ctx, h.Provider, p.ID, idpass.Report{})
				must(t, err)
				if d.Verdict != c.verd {
					t.Errorf("verdict %s, want %s: %s", d.Verdict, c.verd, c.why)
				}
			}
			now, after := sound(t, h, p.ID)
			if now.Status != c.to || record(t, h.Repository, p).Version != before.Version+1 || len(after.Entries) != len(trail.Entries)+1 {
				t.Errorf("%q with %d new entries: %s", now.Status, len(after.Entries)-len(trail.Entries), c.why)
			}
		})
	}
}

// The generated page is the one of this table.
func TestPageIsCurrent(t *testing.T) {
	page, err := os.ReadFile("LIFECYCLE.md")
	if err != nil || string(page) != "<!-- Code generated by go generate; DO NOT EDIT. -->\n\n"+export.Illustrated(idpass.Machine.Chart(), "LIFECYCLE.svg") {
		t.Errorf("LIFECYCLE.md is not the page of lifecycle.go (%v); run: go generate ./idpass", err)
	}
}

// The strings are stored, sent and hashed: a file format.
func TestStringsStay(t *testing.T) {
	var events []idpass.Event
	for _, e := range idpass.Machine.Definition().Events {
		events = append(events, e.Name)
	}
	if want := []idpass.Status{"new", "opened", "in_progress", "complete", "expired", "failed", "cancelled"}; !slices.Equal(statuses(), want) {
		t.Errorf("statuses are %q", statuses())
	}
	if want := []idpass.Event{"register", "cancel", "open", "consent", "complete", "fail", "expire"}; !slices.Equal(events, want) {
		t.Errorf("events are %q", events)
	}
	if idpass.Machine.Name() != "id_pass" || idpass.Kind != "id_pass" || idpass.Passed != "passed" || idpass.CheckFailed != "failed" {
		t.Error("the name of the machine, the kind or an outcome has changed")
	}
}
