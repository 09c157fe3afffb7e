package idpass_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/idpass/idpasstest"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/product"
	"github.com/kycle/kycle/store/fault"
	"github.com/kycle/kycle/store/memory"
)

var flying = []idpass.Status{idpass.New, idpass.Opened, idpass.InProgress}

// A deadline that lies in the past is applied first, by every command and report, in the
// same commit; on its very instant the pass is in time. So no outcome depends on when a
// sweep ran: each row is also played with one, to the same end.
func TestDeadlineIsFirst(t *testing.T) {
	for _, from := range flying {
		for _, e := range append([]idpass.Event{idpass.Cancel}, reportEvents...) {
			for _, late := range []bool{false, true} {
				for _, swept := range []bool{false, true} {
					name := string(from) + "+" + string(e) + map[bool]string{false: " in time", true: " late"}[late] +
						map[bool]string{false: "", true: " after a sweep"}[swept]
					t.Run(name, func(t *testing.T) {
						h := newHost(t, nil)
						p := h.In(from)
						h.Clock.Advance(week)
						if late {
							h.Clock.Advance(time.Microsecond)
						}
						if swept {
							n, err := h.Sweep(ctx)
							must(t, err)
							if (n == 1) != late {
								t.Errorf("the sweep expired %d", n)
							}
						}
						if late {
							tooLate(t, h, p, e, swept)
						} else {
							inTime(t, h, p, e)
						}
					})
				}
			}
		}
	}
}

func inTime(t *testing.T, h *idpasstest.Host, p idpass.Pass, e idpass.Event) {
	t.Helper()
	want, err := idpass.Machine.Cell(p.Status, e)
	must(t, err)
	if e == idpass.Cancel {
		_, err = h.Cancel(ctx, h.Person, p.ID)
	} else {
		_, err = on(h, e)(ctx, h.Provider, p.ID, idpass.Report{})
	}
	must(t, err)
	if now, _ := sound(t, h, p.ID); now.Status != want.To {
		t.Errorf("on the instant of the deadline: %q, want %q", now.Status, want.To)
	}
}

func tooLate(t *testing.T, h *idpasstest.Host, p idpass.Pass, e idpass.Event, swept bool) {
	t.Helper()
	version, entries := record(t, h.Repository, p).Version, len(history(t, h.Repository, p).Entries)
	if e == idpass.Cancel {
		// Refused, so nothing is written: the deadline's move is left to the next sweep.
		unchanged(t, h, p, func() {
			_, err := h.Cancel(ctx, h.Person, p.ID)
			var refusal *product.Refusal
			if !errors.As(err, &refusal) || refusal.From != "expired" {
				t.Errorf("a late cancel: got the error %v, want a refusal", err)
			}
		})
		return
	}
	d, err := on(h, e)(ctx, h.Provider, p.ID, idpass.Report{EventID: "event-1"})
	if err != nil || d.Verdict != lifecycle.Ignore || d.Why != lifecycle.NoRow || d.Value.Status != idpass.Expired {
		t.Fatalf("a late report: %+v, %v", d, err)
	}
	now, trail := sound(t, h, p.ID)
	added := 2
	if swept {
		added = 1
	}
	if now.FeeRefunded || record(t, h.Repository, p).Version != version+1 || len(trail.Entries) != entries+added {
		t.Errorf("%d entries at version %d, %d before at %d", len(trail.Entries), record(t, h.Repository, p).Version, entries, version)
	}
	clock, report := trail.Entries[len(trail.Entries)-2], last(trail)
	if clock.Event != "expire" || clock.Actor.Kind != audit.Clock || clock.Verdict != audit.Moved || !clock.OccurredAt.Equal(p.ExpiresAt) || clock.Source != "" {
		t.Errorf("the deadline is entered as %+v", clock)
	}
	if report.Event != string(e) || report.Actor != h.Provider || report.Verdict != audit.Ignored || report.Source != "provider_a/event-1" {
		t.Errorf("the report is entered as %+v", report)
	}
}

// The validity is counted in days of UTC from the registration, and nothing moves it.
func TestDeadlineStays(t *testing.T) {
	h := newHost(t, nil)
	p := h.Register(days(1))
	h.Clock.Advance(23 * time.Hour)
	_, err := h.Consent(ctx, h.Provider, p.ID, idpass.Report{})
	must(t, err)
	now, _ := sound(t, h, p.ID)
	if !now.ExpiresAt.Equal(p.CreatedAt.Add(24*time.Hour)) || !idpass.Index(now).Due.Equal(now.ExpiresAt.Add(time.Microsecond)) {
		t.Errorf("expires at %v, due at %v", now.ExpiresAt, idpass.Index(now).Due)
	}
}

// A sweep expires what is overdue, all of it in batches, and nothing else; a second one
// does nothing.
func TestSweep(t *testing.T) {
	h := newHost(t, nil, func(s *idpass.Settings) { s.SweepBatch = 2 })
	var late []idpass.Pass
	for _, s := range statuses() {
		late = append(late, h.In(s, days(1)))
	}
	theirs, err := h.Service.Register(ctx, stranger, registration(days(1)))
	must(t, err)
	h.Clock.Advance(24 * time.Hour)
	fresh := h.Register(days(1))
	if n, err := h.Sweep(ctx); err != nil || n != 0 {
		t.Errorf("on the instant of the deadline: %d, %v", n, err)
	}
	h.Clock.Advance(time.Microsecond)
	n, err := h.Sweep(ctx)
	if err != nil || n != len(flying)+1 { // those of every organization
		t.Errorf("swept %d, %v", n, err)
	}
	for _, before := range late {
		now, trail := sound(t, h, before.ID)
		if !before.InFlight() {
			if !reflect.DeepEqual(now, before) {
				t.Errorf("a final pass became %+v", now)
			}
			continue
		}
		if e := last(trail); now.Status != idpass.Expired || now.FeeRefunded || e.Actor.Kind != audit.Clock || !e.OccurredAt.Equal(before.ExpiresAt) {
			t.Errorf("%q by %+v", now.Status, e)
		}
	}
	if p, err := h.Details(ctx, stranger, theirs.Pass.ID); err != nil || p.Status != idpass.Expired {
		t.Errorf("the other organization's: %+v, %v", p, err)
	}
	unchanged(t, h, fresh, func() {
		if n, err := h.Sweep(ctx); n != 0 || err != nil {
			t.Errorf("the second sweep: %d, %v", n, err)
		}
	})
}

// One record that fails does not keep the others of its batch from their turn; the next
// sweep tries it again.
func TestSweepPastAFailure(t *testing.T) {
	repository := fault.New(memory.New(idpass.Schema))
	h := newHost(t, repository, func(s *idpass.Settings) { s.SweepLease = 0 })
	passes := []idpass.Pass{h.Register(), h.Register(), h.Register()}
	h.Clock.Advance(2 * week)
	repository.Follow(failing(passes[1].ID, 0, errDown))
	n, err := h.Sweep(ctx)
	wantError(t, err, errDown)
	repository.Follow()
	again, err := h.Sweep(ctx)
	if n != 2 || again != 1 || err != nil {
		t.Errorf("swept %d, then %d, %v", n, again, err)
	}
	repository.Follow(fault.Always(fault.Due, fault.Fail(errDown)))
	_, err = h.Sweep(ctx)
	wantError(t, err, errDown)
}

// A record that failed is left alone until its lease is over.
func TestSweepLeases(t *testing.T) {
	repository := fault.New(memory.New(idpass.Schema))
	h := newHost(t, repository, func(s *idpass.Settings) { s.SweepLease = time.Minute })
	h.Register()
	h.Clock.Advance(2 * week)
	repository.Follow(fault.Always(fault.Load, fault.Fail(errDown)))
	_, err := h.Sweep(ctx)
	wantError(t, err, errDown)
	repository.Follow()
	for _, want := range []int{0, 1} {
		if n, err := h.Sweep(ctx); n != want || err != nil {
			t.Errorf("swept %d, %v, want %d", n, err, want)
		}
		h.Clock.Advance(2 * time.Minute)
	}
}

// A pass that comes to its end between Due and its turn is left as it is.
func TestSweepIsOvertaken(t *testing.T) {
	repository := fault.New(memory.New(idpass.Schema))
	h := newHost(t, repository)
	p := h.In(idpass.InProgress)
	h.Clock.Advance(2 * week)
	repository.Follow(before(func() error {
		_, err := h.Complete(ctx, h.Provider, p.ID, idpass.Passed, idpass.Report{}) // too late: it expires the pass
		return err
	}))
	n, err := h.Sweep(ctx)
	if _, trail := sound(t, h, p.ID); n != 0 || err != nil || len(trail.Entries) != 5 {
		t.Errorf("swept %d, %v; %d entries", n, err, len(trail.Entries))
	}
}
