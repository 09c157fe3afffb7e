package idpass_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/fault"
	"github.com/kycle/kycle/store/memory"
)

// A customer's way through, with what each step leaves.
func TestReportsInOrder(t *testing.T) {
	h := newHost(t, nil)
	p := h.Register()
	opened, err := h.Open(ctx, h.Provider, p.ID, idpass.Report{})
	must(t, err)
	if p = opened.Value; p.Status != idpass.Opened || !p.ConsentGivenAt.IsZero() || opened.Verdict != lifecycle.Move {
		t.Errorf("opened: %+v", opened)
	}
	consent := h.Clock.Advance(time.Minute)
	h.Clock.Advance(time.Minute) // the news comes a minute later
	given, err := h.Consent(ctx, h.Provider, p.ID, idpass.Report{OccurredAt: consent})
	must(t, err)
	if p = given.Value; p.Status != idpass.InProgress || !p.ConsentGivenAt.Equal(consent) || !p.UpdatedAt.Equal(h.Clock.Now()) {
		t.Errorf("consent given: %+v", given)
	}
	done := h.Clock.Advance(time.Minute)
	ended, err := h.Complete(ctx, h.Provider, p.ID, idpass.CheckFailed, idpass.Report{EventID: "e1"})
	must(t, err)
	stored, trail := sound(t, h, p.ID)
	if !reflect.DeepEqual(stored, ended.Value) || stored.Verification != idpass.CheckFailed || !stored.CompletedAt.Equal(done) || !stored.ConsentGivenAt.Equal(consent) {
		t.Errorf("complete: %+v", stored)
	}
	if e := last(trail); e.Source != "provider_a/e1" || !e.OccurredAt.Equal(done) || len(e.Changes) != 2 {
		t.Errorf("entry is %+v", e)
	}
	if e := trail.Entries[2]; !e.OccurredAt.Equal(consent) || !e.RecordedAt.Equal(consent.Add(time.Minute)) {
		t.Errorf("consent occurred at %v and is recorded at %v", e.OccurredAt, e.RecordedAt)
	}
}

// An outcome is one of two; anything else is refused before anything is loaded.
func TestCompleteOutcome(t *testing.T) {
	h := newHost(t, nil)
	for _, outcome := range []idpass.Outcome{"", "PASSED", "maybe"} {
		p := h.In(idpass.InProgress)
		unchanged(t, h, p, func() {
			_, err := h.Complete(ctx, h.Provider, p.ID, outcome, idpass.Report{})
			wantError(t, err, lifecycle.ErrInvalid)
		})
	}
	for _, outcome := range []idpass.Outcome{idpass.Passed, idpass.CheckFailed} {
		d, err := h.Complete(ctx, h.Provider, h.Register().ID, outcome, idpass.Report{})
		if err != nil || d.Value.Verification != outcome || d.Value.Status != idpass.Complete {
			t.Errorf("%s: got %+v, error %v, want the pass complete", outcome, d, err)
		}
	}
}

// Received before, an event does nothing, whatever became of it the first time.
func TestReportReceivedTwice(t *testing.T) {
	for _, e := range reportEvents {
		for _, from := range statuses() {
			t.Run(string(from)+"+"+string(e), func(t *testing.T) {
				h := newHost(t, nil)
				p := h.In(from)
				first, err := on(h, e)(ctx, h.Provider, p.ID, idpass.Report{EventID: "event-1"})
				must(t, err)
				h.Clock.Advance(time.Minute)
				unchanged(t, h, p, func() {
					again, err := on(h, e)(ctx, h.Provider, p.ID, idpass.Report{EventID: "event-1"})
					must(t, err)
					if again.Verdict != lifecycle.Duplicate || !reflect.DeepEqual(again.Value, first.Value) {
						t.Errorf("the repeat is %+v after %+v", again, first)
					}
				})
			})
		}
	}
}

// The receipt is of source and event id, and of one pass.
func TestReportsAreTold(t *testing.T) {
	h := newHost(t, nil)
	h.Provider.ID = "a"
	other := h.Provider
	other.ID = "a/b"
	say := func(t *testing.T, a idpass.Actor, p idpass.Pass, event string, want lifecycle.Verdict) {
		t.Helper()
		if d, err := h.Open(ctx, a, p.ID, idpass.Report{EventID: event}); err != nil || d.Verdict != want || want == lifecycle.Duplicate && d.Why != "" {
			t.Errorf("%s says %s: %s, %v, want %s", a.ID, event, d.Verdict, err, want)
		}
	}
	p, q := h.Register(), h.Register()
	say(t, h.Provider, p, "b/c", lifecycle.Move)
	say(t, h.Provider, p, "b/c", lifecycle.Duplicate)
	say(t, h.Provider, p, "b/d", lifecycle.Ignore) // another event of the same news
	say(t, other, p, "c", lifecycle.Ignore)        // another source, though "a/b/c" reads the same
	say(t, other, p, "b/c", lifecycle.Ignore)
	say(t, h.Provider, q, "b/c", lifecycle.Move) // another pass
	// One id for two kinds of news: the id decides, and the host is told.
	if d, err := h.Consent(ctx, h.Provider, p.ID, idpass.Report{EventID: "b/c"}); err != nil || d.Verdict != lifecycle.Duplicate || d.Why != store.EventReused {
		t.Errorf("consent under a used id: %s %q, %v", d.Verdict, d.Why, err)
	}
	if d, err := h.Complete(ctx, h.Provider, q.ID, idpass.CheckFailed, idpass.Report{EventID: "b/e"}); err != nil || d.Why != "" {
		t.Errorf("an outcome: %s %q, %v", d.Verdict, d.Why, err)
	}
	for outcome, want := range map[idpass.Outcome]string{idpass.CheckFailed: "", idpass.Passed: store.EventReused} {
		if d, err := h.Complete(ctx, h.Provider, q.ID, outcome, idpass.Report{EventID: "b/e"}); err != nil || d.Verdict != lifecycle.Duplicate || d.Why != want {
			t.Errorf("the outcome %s under a used id: %s %q, %v, want a duplicate %q", outcome, d.Verdict, d.Why, err, want)
		}
	}
	// Without an id nothing is a duplicate.
	say(t, h.Provider, p, "", lifecycle.Ignore)
	say(t, h.Provider, p, "", lifecycle.Ignore)
	if _, trail := sound(t, h, p.ID); len(trail.Entries) != 7 {
		t.Errorf("%d entries, want 7: register, open and one for each ignored report", len(trail.Entries))
	}
}

// A report that cannot be right is refused and writes nothing: it may be a forged or a
// misread one, and an entry would keep it for ever.
func TestReportBounds(t *testing.T) {
	rows := []struct {
		name  string
		event string
		at    time.Duration // from the registration, which is an hour ago
		field string
		why   string
	}{
		{"now", "", time.Hour, "", "the usual"},
		{"future within skew", "", time.Hour + 5*time.Minute, "", "clocks differ"},
		{"future beyond skew", "", time.Hour + 5*time.Minute + time.Microsecond, "occurredAt", "it has not happened"},
		{"before within skew", "", -5 * time.Minute, "", "clocks differ"},
		{"before beyond skew", "", -5*time.Minute - time.Microsecond, "occurredAt", "there was no pass"},
		{"ages before", "", -20 * 365 * 24 * time.Hour, "occurredAt", "there was no pass"},
		{"event of 255 bytes", strings.Repeat("e", 255), time.Hour, "", "the longest"},
		{"event of 256 bytes", strings.Repeat("e", 256), time.Hour, "eventId", "too long for a key"},
		{"event with NUL", "e\x00", time.Hour, "eventId", "no store takes it"},
		{"event not UTF-8", "e\xff", time.Hour, "eventId", "no store takes it"},
	}
	for _, row := range rows {
		for _, e := range reportEvents {
			t.Run(row.name+"+"+string(e), func(t *testing.T) {
				h := newHost(t, nil)
				p := h.Register()
				h.Clock.Advance(time.Hour)
				report := idpass.Report{EventID: row.event, OccurredAt: p.CreatedAt.Add(row.at)}
				if row.field == "" {
					d, err := on(h, e)(ctx, h.Provider, p.ID, report)
					if err != nil || d.Verdict != lifecycle.Move {
						t.Errorf("the verdict %s, error %v, want a move: %s", d.Verdict, err, row.why)
					}
					sound(t, h, p.ID)
					return
				}
				unchanged(t, h, p, func() {
					d, err := on(h, e)(ctx, h.Provider, p.ID, report)
					var invalid *lifecycle.Invalid
					if !errors.As(err, &invalid) || invalid.Field != row.field || !reflect.DeepEqual(d, idpass.Result{}) {
						t.Errorf("error is %v with %+v, want one of %s: %s", err, d, row.field, row.why)
					}
				})
			})
		}
	}
}

// Times of a report come in any zone and precision, and are kept in UTC to the
// microsecond, in the answer as in the store.
func TestReportTimes(t *testing.T) {
	h := newHost(t, nil)
	p := h.Register()
	at := h.Clock.Advance(time.Minute)
	zone := time.FixedZone("east", 10*60*60)
	d, err := h.Consent(ctx, h.Provider, p.ID, idpass.Report{OccurredAt: at.Add(999 * time.Nanosecond).In(zone)})
	must(t, err)
	stored, _ := sound(t, h, p.ID)
	if d.Value.ConsentGivenAt != at || stored.ConsentGivenAt != at {
		t.Errorf("answered %v, stored %v, want %v", d.Value.ConsentGivenAt, stored.ConsentGivenAt, at)
	}
}

// Decide is told the time of the call where a report does not say its own.
func TestDecideTakesTheCallsTime(t *testing.T) {
	h := newHost(t, nil)
	p := h.Register()
	call := audit.Call{Actor: h.Provider, At: h.Clock.Advance(time.Minute)}
	d, err := idpass.Decide(record(t, h.Repository, p), idpass.Input{Event: idpass.Consent, Call: call})
	if err != nil || !d.Value.ConsentGivenAt.Equal(call.At) || !d.Changes[0].Entries[0].OccurredAt.Equal(call.At) {
		t.Errorf("decided %+v, error %v, want the time of the call", d, err)
	}
}

// An event that the table does not know is an error, and no panic.
func TestDecideUnknownEvent(t *testing.T) {
	h := newHost(t, nil)
	r := record(t, h.Repository, h.Register())
	d, err := idpass.Decide(r, idpass.Input{Event: "celebrate", Call: audit.Call{At: h.Clock.Now()}})
	wantError(t, err, lifecycle.ErrUnknown)
	if !reflect.DeepEqual(d, idpass.Decision{}) {
		t.Errorf("an error comes with %+v", d)
	}
	// Nor is a stored status that it does not know.
	r.Value.Status = "lost"
	_, err = idpass.Decide(r, idpass.Input{Event: idpass.Cancel, Call: audit.Call{At: h.Clock.Now()}})
	wantError(t, err, lifecycle.ErrUnknown)
}

// A pass that is removed between the check and the decision is not found.
func TestReportOfAPassThatVanishes(t *testing.T) {
	repository := fault.New(memory.New(idpass.Schema))
	h := newHost(t, repository)
	p := h.Register()
	repository.Follow(failing(p.ID, 1, store.ErrNotFound))
	_, err := h.Open(ctx, h.Provider, p.ID, idpass.Report{})
	wantError(t, err, store.ErrNotFound)
}
