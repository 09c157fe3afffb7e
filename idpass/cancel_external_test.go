package idpass_test

import (
	"errors"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/idpass/idpasstest"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/product"
	"github.com/kycle/kycle/refund"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/fault"
	"github.com/kycle/kycle/store/memory"
)

// The fee goes back exactly where no step was taken and there was a fee.
func TestCancelFee(t *testing.T) {
	rows := []struct {
		name     string
		from     idpass.Status
		minor    int64
		refunded bool
		why      string
	}{
		{"new", idpass.New, 500, true, "nobody opened the link"},
		{"opened", idpass.Opened, 500, true, "opening is no step"},
		{"in progress", idpass.InProgress, 500, false, "consent is the first step"},
		{"new and free", idpass.New, 0, false, "there is nothing to refund"},
		{"opened and free", idpass.Opened, 0, false, "there is nothing to refund"},
		{"in progress and free", idpass.InProgress, 0, false, "there is nothing to refund"},
		{"new at the largest fee", idpass.New, math.MaxInt64, true, "refunded exactly, in integers"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			h := newHost(t, nil)
			p := h.In(row.from, costing(row.minor))
			h.Clock.Advance(time.Hour)
			answer, err := h.Cancel(ctx, h.Person, p.ID)
			must(t, err)
			if answer.Pass.Status != idpass.Cancelled || answer.Pass.FeeRefunded != row.refunded {
				t.Errorf("%q, fee_refunded %v: %s", answer.Pass.Status, answer.Pass.FeeRefunded, row.why)
			}
			stored, trail := sound(t, h, p.ID)
			if e := last(trail); !reflect.DeepEqual(stored, answer.Pass) || e.Call != answer.Reference || answer.Reference == uuid.Nil || e.From != string(row.from) {
				t.Errorf("reference %s, entry %+v", answer.Reference, e)
			}
			if !row.refunded {
				return
			}
			subject := refund.Subject{Organization: idpasstest.Organization, Kind: idpass.Kind, ID: p.ID}
			if back := trail.Postings[1]; back.Key != refund.Key(subject, refund.Refund) || back.Reverses != trail.Postings[0].Key || back.Seq != last(trail).Seq {
				t.Errorf("the refund is %+v", back)
			}
		})
	}
}

// A cancel in a final status, a second one above all, is refused in the words of the
// specification.
func TestCancelFinal(t *testing.T) {
	messages := map[idpass.Status]string{
		idpass.Complete:  `Cannot cancel. Current status is "complete". Only passes in "new", "opened" or "in_progress" can be cancelled.`,
		idpass.Expired:   `Cannot cancel. Current status is "expired". Only passes in "new", "opened" or "in_progress" can be cancelled.`,
		idpass.Failed:    `Cannot cancel. Current status is "failed". Only passes in "new", "opened" or "in_progress" can be cancelled.`,
		idpass.Cancelled: `Cannot cancel. Current status is "cancelled". Only passes in "new", "opened" or "in_progress" can be cancelled.`,
	}
	for status, message := range messages {
		t.Run(string(status), func(t *testing.T) {
			h := newHost(t, nil)
			p := h.In(status)
			unchanged(t, h, p, func() {
				_, err := h.Cancel(ctx, h.Person, p.ID)
				var refusal *product.Refusal
				if !errors.As(err, &refusal) || err.Error() != message {
					t.Errorf("got the error %v, want a refusal that says %q", err, message)
				}
				if got, want := idpass.Explain(err), (product.Problem{HTTP: 400, Code: "INVALID_STATUS", Message: message}); got != want {
					t.Errorf("explained as %+v", got)
				}
			})
		})
	}
}

// Consent between the load and the commit of a cancel: the cancel decides anew, on the
// status that its commit leaves, and refunds nothing.
func TestCancelIsOvertaken(t *testing.T) {
	rows := []struct {
		name     string
		by       idpass.Event
		refunded bool
		refused  bool
		why      string
	}{
		{"by open", idpass.Open, true, false, "still no step"},
		{"by consent", idpass.Consent, false, false, "the first step came before the cancel"},
		{"by complete", idpass.CompleteCheck, false, true, "an outcome came before the cancel"},
		{"by fail", idpass.Fail, false, true, "the end came before the cancel"},
		{"by expire", idpass.Expire, false, true, "the end came before the cancel"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			repository := fault.New(memory.New(idpass.Schema))
			h := newHost(t, repository)
			p := h.Register()
			repository.Follow(before(func() error {
				_, err := on(h, row.by)(ctx, h.Provider, p.ID, idpass.Report{})
				return err
			}))
			answer, err := h.Cancel(ctx, h.Person, p.ID)
			stored, trail := sound(t, h, p.ID)
			if row.refused {
				wantError(t, err, lifecycle.ErrNotAllowed)
				if stored.FeeRefunded || len(trail.Postings) != 1 {
					t.Errorf("refused, and refunded: %s", row.why)
				}
				return
			}
			must(t, err)
			if answer.Pass.FeeRefunded != row.refunded || !reflect.DeepEqual(stored, answer.Pass) {
				t.Errorf("fee_refunded %v answered, %v stored: %s", answer.Pass.FeeRefunded, stored.FeeRefunded, row.why)
			}
		})
	}
}

// A writer that loses every attempt it may make says so, and answers with nothing that is
// not so.
func TestCancelLosesEveryAttempt(t *testing.T) {
	repository := fault.New(memory.New(idpass.Schema))
	h := newHost(t, repository, func(s *idpass.Settings) { s.Attempts = 3 })
	p := h.Register()
	repository.Follow(fault.Always(fault.Commit, fault.Conflict))
	unchanged(t, h, p, func() {
		answer, err := h.Cancel(ctx, h.Person, p.ID)
		wantError(t, err, store.ErrConflict)
		if !reflect.DeepEqual(answer, idpass.Answer{}) {
			t.Errorf("answers %+v", answer)
		}
		d, err := h.Open(ctx, h.Provider, p.ID, idpass.Report{})
		wantError(t, err, store.ErrConflict)
		if !reflect.DeepEqual(d, idpass.Result{}) {
			t.Errorf("a lost race comes with %+v", d)
		}
		_, err = h.Supersede(ctx, h.Person, p.ID, registration())
		wantError(t, err, store.ErrConflict)
		_, err = h.Service.Register(ctx, h.Person, registration())
		wantError(t, err, store.ErrConflict)
	})
	if commits := repository.Calls(fault.Commit) - 1; commits != 4*3 {
		t.Errorf("%d commits by four writers of three attempts each", commits)
	}
}

// In doubt whether the commit happened, and unable to find out, every writer says that.
func TestUnknownOutcomeIsTold(t *testing.T) {
	operations := map[string]func(*idpasstest.Host, uuid.UUID) error{
		"cancel": func(h *idpasstest.Host, id uuid.UUID) error { _, err := h.Cancel(ctx, h.Person, id); return err },
		"open": func(h *idpasstest.Host, id uuid.UUID) error {
			_, err := h.Open(ctx, h.Provider, id, idpass.Report{})
			return err
		},
		"register": func(h *idpasstest.Host, _ uuid.UUID) error {
			_, err := h.Service.Register(ctx, h.Person, registration())
			return err
		},
		"supersede": func(h *idpasstest.Host, id uuid.UUID) error {
			_, err := h.Supersede(ctx, h.Person, id, registration())
			return err
		},
		"sweep": func(h *idpasstest.Host, _ uuid.UUID) error {
			h.Clock.Advance(2 * week)
			_, err := h.Sweep(ctx)
			return err
		},
	}
	for name, operation := range operations {
		t.Run(name, func(t *testing.T) {
			repository := fault.New(memory.New(idpass.Schema))
			h := newHost(t, repository)
			p := h.Register()
			// The store goes down with the commit, so nothing can settle it.
			down := false
			repository.Follow(func(c fault.Call) fault.Fault {
				switch {
				case c.Method == fault.Commit:
					down = true
					return fault.LostAnswer
				case down:
					return fault.Fail(errDown)
				}
				return fault.None
			})
			err := operation(h, p.ID)
			wantError(t, err, store.ErrUnknownOutcome)
			if got := idpass.Explain(err); got.HTTP != 503 || got.Code != "UNKNOWN_OUTCOME" {
				t.Errorf("explained as %+v", got)
			}
		})
	}
}

// A commit that happened, though nobody said so, is not made twice: one cancel, one
// refund, and the answer is as stored.
func TestCancelThroughUnknownOutcomes(t *testing.T) {
	for n, doubt := range []fault.Fault{fault.LostAnswer, fault.LostRequest, fault.Late} {
		repository := fault.New(memory.New(idpass.Schema))
		h := newHost(t, repository)
		p := h.In(idpass.Opened)
		repository.Follow(fault.Script(fault.Commit, doubt))
		answer, err := h.Cancel(ctx, h.Person, p.ID)
		must(t, err)
		stored, trail := sound(t, h, p.ID)
		if !answer.Pass.FeeRefunded || !reflect.DeepEqual(stored, answer.Pass) || last(trail).Call != answer.Reference {
			t.Errorf("doubt %d: answered %+v, stored %+v", n, answer.Pass, stored)
		}
	}
}
