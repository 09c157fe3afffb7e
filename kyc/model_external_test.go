package kyc_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/kyc/kyctest"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/fault"
)

// model is the product once more, as plainly as it can be said: no table, no rules, no
// store. The service must agree with it after every step.
type model struct {
	id         uuid.UUID
	session    string
	entity     byte
	status     kyc.Status
	byHand     bool
	superseded bool
	charged    bool
	owed       bool
	failures   int       // to terminate, in a row
	tried      time.Time // the last of them
	created    time.Time
	deadline   time.Time
	verified   time.Time
	last       kyc.Word
	heard      map[string]bool
	entries    int
}

func (m *model) isCurrent() bool {
	return !m.superseded && (m.status == kyc.Pending || m.status == kyc.InProgress || m.status == kyc.InReview || m.status == kyc.Approved)
}

func (m *model) enter(status kyc.Status, at, now time.Time) {
	if status != kyc.InProgress || m.status != kyc.Pending {
		m.deadline = time.Time{}
	}
	if status == kyc.InProgress && m.status != kyc.Pending {
		m.deadline = now.Add(7 * 24 * time.Hour)
	}
	m.verified = time.Time{}
	if status == kyc.Approved {
		m.verified = at
	}
	if status == kyc.Approved || status == kyc.Rejected {
		m.charged = true
	}
	m.status = status
	m.entries++
}

var order = []kyc.ProviderStatus{kyc.ProviderNotStarted, kyc.ProviderInProgress, kyc.ProviderInReview, kyc.ProviderExpired,
	kyc.ProviderAbandoned, kyc.ProviderRejected, kyc.ProviderApproved}

func rank(s kyc.ProviderStatus) int {
	for i, o := range order {
		if o == s {
			return i
		}
	}
	return -1
}

// hear is what a word of the provider does to the model; it says what became of it.
func (m *model) hear(w kyc.Word, now time.Time) lifecycle.Verdict {
	key := fmt.Sprint(w)
	if m.heard[key] {
		return lifecycle.Duplicate
	}
	m.heard[key] = true
	older := m.last.Status != "" && (w.At.Before(m.last.At) || w.At.Equal(m.last.At) && rank(w.Status) < rank(m.last.Status))
	if w.Status == kyc.ProviderNotStarted || m.status == kyc.Cancelled || older {
		m.entries++
		return lifecycle.Ignore
	}
	m.last = w
	if m.byHand {
		m.entries++
		return lifecycle.Ignore
	}
	if string(w.Status) == string(m.status) {
		return lifecycle.Stay
	}
	m.enter(kyc.Status(w.Status), w.At, now)
	return lifecycle.Move
}

// world is the service beside the model.
type world struct {
	*rapid.T
	h   *kyctest.Host
	all []*model
	n   int
}

// faults are such as the answers do not show. A stay whose answer was lost is decided again,
// and is told as the duplicate that it is by then; so only commits with an entry are in doubt.
func faults(seed uint64) []fault.Plan {
	doubt := fault.Random(seed, fault.Commit, 0.3, fault.LostRequest, fault.LostAnswer, fault.Late)
	return []fault.Plan{
		fault.Random(seed, fault.Load, 0.1, fault.Stale),
		fault.Random(seed+1, fault.Commit, 0.2, fault.Conflict),
		func(c fault.Call) fault.Fault {
			if c.Entries == 0 {
				return fault.None
			}
			return doubt(c)
		},
	}
}

func TestTheServiceDoesAsTheModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		repo := fault.New(newStore(), faults(rapid.Uint64().Draw(rt, "seed of the faults"))...)
		w := &world{T: rt, h: newHost(t, repo, func(s *kyc.Settings) { s.SweepLease, s.SweepBatch = 0, 2 })}
		w.create(rt)
		rt.Repeat(map[string]func(*rapid.T){
			"create": w.create, "webhook": w.webhook, "sync": w.sync, "approve": w.approve, "reject": w.reject,
			"cancel": w.cancel, "clock": w.clock, "sweep": w.sweep, "": w.agree,
		})
	})
}

func (w *world) pick(t *rapid.T) *model {
	return w.all[rapid.IntRange(0, len(w.all)-1).Draw(t, "validation")]
}

func (w *world) create(t *rapid.T) {
	if len(w.all) == 5 {
		t.Skip("enough")
	}
	entity := rapid.ByteRange(100, 101).Draw(t, "entity")
	v := w.h.CreateFor(kyctestID(entity))
	for _, m := range w.all {
		if m.entity == entity && !m.superseded {
			m.superseded = true
			m.entries++
		}
	}
	w.all = append(w.all, &model{id: v.ID, session: v.ValidationSessionID, entity: entity, status: kyc.Pending,
		created: w.h.Clock.Now(), deadline: w.h.Clock.Now().Add(7 * 24 * time.Hour), heard: map[string]bool{}, entries: 1})
}

// word draws what the provider says, and when that came to be: often late or repeated.
func (w *world) word(t *rapid.T, m *model) kyc.Word {
	minutes := int(w.h.Clock.Now().Sub(m.created).Minutes())
	ago := rapid.IntRange(0, min(minutes, 3)).Draw(t, "minutes ago")
	return kyc.Word{Status: rapid.SampledFrom(order).Draw(t, "status"), At: w.h.Clock.Now().Add(-time.Duration(ago) * time.Minute)}
}

func (w *world) webhook(t *rapid.T) {
	m := w.pick(t)
	word := w.word(t, m)
	w.n++
	d, err := w.h.Observe(ctx, kyc.ProviderReport{Source: kyctest.Code, EventID: fmt.Sprint(w.n), Session: m.session, Status: word.Status, OccurredAt: word.At})
	if want := m.hear(word, w.h.Clock.Now()); err != nil || d.Verdict != want {
		t.Fatalf("%v: got %s %v, want %s", word, d.Verdict, err, want)
	}
}

// read lets the provider say something and has the model hear it, if it is read at all.
func (w *world) read(t *rapid.T, m *model) kyc.Word {
	word := w.word(t, m)
	w.h.Provider.SayReading(m.session, kyc.Reading{Status: word.Status, ChangedAt: word.At})
	if m.status != kyc.Cancelled {
		m.hear(word, w.h.Clock.Now())
	}
	return word
}

func (w *world) sync(t *rapid.T) {
	m := w.pick(t)
	w.read(t, m)
	if _, err := w.h.Sync(ctx, w.h.Person, m.id, true); err != nil {
		t.Fatal(err)
	}
}

func (w *world) approve(t *rapid.T) { w.review(t, kyc.Approved, w.h.Approve) }
func (w *world) reject(t *rapid.T)  { w.review(t, kyc.Rejected, w.h.Reject) }

func (w *world) review(t *rapid.T, to kyc.Status, do verb) {
	m := w.pick(t)
	allowed := false
	if !m.byHand && m.status != kyc.Cancelled {
		word := w.read(t, m)
		allowed = m.status == kyc.InReview && word.Status == kyc.ProviderInReview
	}
	w.command(t, m, to, do, allowed)
}

func (w *world) cancel(t *rapid.T) {
	m := w.pick(t)
	overdue := !m.deadline.IsZero() && m.deadline.Before(w.h.Clock.Now())
	allowed := !overdue && (m.status == kyc.Pending || m.status == kyc.InProgress || m.status == kyc.InReview)
	down := rapid.Bool().Draw(t, "provider down")
	w.h.Provider.Down(down)
	w.command(t, m, kyc.Cancelled, w.h.Cancel, allowed)
	w.h.Provider.Down(false)
	if allowed {
		m.owed = true
		m.terminate(down, w.h.Clock.Now())
	}
}

// terminate is one try to end the session at the provider.
func (m *model) terminate(down bool, now time.Time) {
	if down {
		m.failures, m.tried = m.failures+1, now
		return
	}
	m.owed, m.failures = false, 0
	m.entries++
}

// waits holds when it is tried next: a second after the first failure, and longer with each.
func (m *model) waits(next time.Time) bool {
	pause := time.Second
	for range m.failures - 1 {
		pause = min(2*pause, time.Hour)
	}
	return !m.owed && next.IsZero() || m.owed && !next.Before(m.tried.Add(pause/2)) && !next.After(m.tried.Add(pause))
}

func (w *world) command(t *rapid.T, m *model, to kyc.Status, do verb, allowed bool) {
	_, err := do(ctx, w.h.Person, m.id, "because of it")
	if allowed != (err == nil) || err != nil && !errors.Is(err, lifecycle.ErrNotAllowed) {
		t.Fatalf("to %s from %s: %v", to, m.status, err)
	}
	if allowed {
		m.byHand = true
		m.enter(to, w.h.Clock.Now(), w.h.Clock.Now())
	}
}

func (w *world) clock(t *rapid.T) {
	w.h.Clock.Advance(rapid.SampledFrom([]time.Duration{time.Second, time.Minute, time.Hour, 4 * 24 * time.Hour}).Draw(t, "by"))
}

func (w *world) sweep(t *rapid.T) {
	now, want := w.h.Clock.Now(), kyc.Swept{}
	down := rapid.Bool().Draw(t, "provider down")
	for _, m := range w.all {
		if !m.deadline.IsZero() && m.deadline.Before(now) {
			to := map[kyc.Status]kyc.Status{kyc.Pending: kyc.Expired, kyc.InProgress: kyc.Abandoned}[m.status]
			m.enter(to, m.deadline, now)
			want.Expired++
		}
		if !m.owed || w.load(t, m).TerminationNext.After(now) {
			continue
		}
		m.terminate(down, now)
		if down {
			want.Owed++
		} else {
			want.Terminated++
		}
	}
	w.h.Provider.Down(down)
	done, err := w.h.Sweep(ctx)
	w.h.Provider.Down(false)
	if err != nil || done != want {
		t.Fatalf("swept %+v, error %v, want %+v", done, err, want)
	}
}

// load is a validation as it is stored.
func (w *world) load(t *rapid.T, m *model) kyc.Validation {
	r, err := w.h.Repository.Load(ctx, store.Key{Organization: kyctest.Organization, ID: m.id})
	if err != nil {
		t.Fatal(err)
	}
	return r.Value
}

// agree holds the whole of what is stored against the model.
func (w *world) agree(t *rapid.T) {
	current := map[byte]int{}
	for _, m := range w.all {
		trail, err := w.h.History(ctx, w.h.Person, m.id)
		if err != nil || trail.Fault != nil {
			t.Fatalf("history: %v %v", err, trail.Fault)
		}
		v := w.load(t, m)
		switch {
		case v.Status != m.status || v.IsCurrent != m.isCurrent() || v.DecidedByHand != m.byHand:
			t.Fatalf("status %s current %t by hand %t, want %+v", v.Status, v.IsCurrent, v.DecidedByHand, m)
		case !v.ExpiresAt.Equal(m.deadline) || !v.VerifiedAt.Equal(m.verified) || v.TerminationOwed.IsZero() == m.owed:
			t.Fatalf("deadline %v verified %v owed %v, want %+v", v.ExpiresAt, v.VerifiedAt, v.TerminationOwed, m)
		case v.TerminationFailures != m.failures || !m.waits(v.TerminationNext):
			t.Fatalf("%d failures, tried next at %v, want %+v", v.TerminationFailures, v.TerminationNext, m)
		case len(trail.Postings) > 1 || (len(trail.Postings) == 1) != m.charged:
			t.Fatalf("%d charges, want %t", len(trail.Postings), m.charged)
		case len(trail.Entries) != m.entries:
			t.Fatalf("%d entries, want %d", len(trail.Entries), m.entries)
		}
		if v.IsCurrent {
			current[m.entity]++
		}
	}
	for entity, n := range current {
		if n > 1 {
			t.Fatalf("entity %d has %d current validations", entity, n)
		}
	}
}
