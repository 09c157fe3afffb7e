package kyc_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/kyc/kyctest"
	"github.com/kycle/kycle/lifecycle/lifecycletest"
	"github.com/kycle/kycle/store/fault"
)

// operation is one call of the service, from a stage on which the hall was begun. It
// answers with what became of it, or with what is wrong with that.
type operation struct {
	event string
	do    func(h *hall) (verdict string, wrong error)
}

// answered is the verdict of an operation that ended in an error, or did not, as it
// should. What a test has broken (errCrash) is always as it should be.
func answered(v kyc.Validation, err error, allowed bool) (string, error) {
	switch {
	case errors.Is(err, errCrash):
		return "the process ends", nil
	case (err == nil) != allowed:
		return string(v.Status), fmt.Errorf("done: %t, and should be: %t (%v)", err == nil, allowed, err)
	case err != nil:
		return kyc.Explain(err).Code, nil
	}
	return string(v.Status), nil
}

// operations lists everything that can be asked of the service about the validations of a
// stage. What the provider reads is told with its time; if untimed, also without one.
func (s *stage) operations(untimed bool) (list []operation) {
	for i := range s.lives {
		list = append(list, s.reports(i)...)
		list = append(list, s.syncs(i, untimed)...)
		list = append(list, s.commands(i, untimed)...)
	}
	for _, w := range []weather{{}, {down: true}, {gone: true}} {
		list = append(list, operation{"sweep" + w.String(), func(h *hall) (string, error) {
			h.down, h.gone = w.down, w.gone
			done, err := h.Sweep(ctx)
			return fmt.Sprintf("%+v", done), unless(errCrash, err)
		}})
	}
	return append(list, s.creations()...)
}

func unless(ok, err error) error {
	if errors.Is(err, ok) {
		return nil
	}
	return err
}

// weather is how the provider is.
type weather struct{ down, gone bool }

func (w weather) String() string {
	return map[weather]string{{}: "", {down: true}: ", the provider is down", {gone: true}: ", the session is gone"}[w]
}

// named is an event about one of two validations.
func (s *stage) named(i int, format string, args ...any) string {
	prefix := ""
	if i > 0 {
		prefix = "of the newer one: "
	}
	return prefix + fmt.Sprintf(format, args...)
}

func (s *stage) reports(i int) (list []operation) {
	v, now := &s.lives[i].Value, s.next()
	put := func(event string, status kyc.ProviderStatus, at time.Time) {
		list = append(list, operation{s.named(i, "webhook %s%s", status, event), func(h *hall) (string, error) {
			d, err := h.Observe(ctx, kyc.ProviderReport{Source: kyctest.Code, EventID: h.now.String(), Session: v.ValidationSessionID, Status: status, OccurredAt: at})
			return strings.TrimSpace(string(d.Verdict) + " " + d.Why), unless(errCrash, err)
		}})
	}
	for _, status := range order {
		put("", status, now)
	}
	if v.LastWord.Status != "" {
		put(", the last word again", v.LastWord.Status, v.LastWord.At)
		put(", older", kyc.ProviderApproved, v.LastWord.At.Add(-time.Duration(s.lives[i].Version)*time.Microsecond))
	}
	return list
}

// reading is what the provider may answer, with a text that says so.
type reading struct {
	event string
	kyc.Reading
}

func (s *stage) readings(i int, untimed bool) (list []reading) {
	v := &s.lives[i].Value
	for _, status := range order {
		list = append(list, reading{string(status), kyc.Reading{Status: status, ChangedAt: s.next()}})
		if untimed {
			list = append(list, reading{string(status) + " without a time", kyc.Reading{Status: status}})
		}
	}
	if v.LastWord.Status != "" {
		list = append(list, reading{string(v.LastWord.Status) + " as before", kyc.Reading{Status: v.LastWord.Status, ChangedAt: v.LastWord.At}})
	}
	return list
}

func (s *stage) syncs(i int, untimed bool) (list []operation) {
	v := &s.lives[i].Value
	for _, r := range s.readings(i, untimed) {
		list = append(list, operation{s.named(i, "sync reads %s", r.event), func(h *hall) (string, error) {
			h.reading = r.Reading
			got, err := h.Sync(ctx, someone, v.ID, true)
			if err == nil && v.Status != kyc.Cancelled {
				if _, err = h.Sync(ctx, someone, v.ID, false); h.asked != 1 {
					return "", fmt.Errorf("the provider was asked %d times, one of them within the window", h.asked)
				}
				if again := r.ChangedAt.IsZero() && r.Status == v.LastWord.Status; again && got.LastWord != v.LastWord {
					return "", fmt.Errorf("a word without a time that repeats the last one is taken for another, of %v", got.LastWord.At)
				}
			}
			return answered(got, err, true)
		}})
	}
	return append(list, operation{s.named(i, "sync, the provider is down"), func(h *hall) (string, error) {
		h.down = true
		got, err := h.Sync(ctx, someone, v.ID, true)
		return answered(got, err, v.Status == kyc.Cancelled)
	}})
}

func (s *stage) commands(i int, untimed bool) (list []operation) {
	v := &s.lives[i].Value
	for on, do := range []func(*hall) verb{func(h *hall) verb { return h.Approve }, func(h *hall) verb { return h.Reject }} {
		name := []string{"approve", "reject"}[on]
		for _, r := range s.readings(i, untimed) {
			list = append(list, operation{s.named(i, "%s reads %s", name, r.event), func(h *hall) (string, error) {
				h.reading = r.Reading
				got, err := do(h)(ctx, someone, v.ID, "because of it")
				if v.DecidedByHand && h.asked > 0 {
					return "", errors.New("the provider was asked, though a person has decided")
				}
				return answered(got, err, !v.DecidedByHand && r.Status == kyc.ProviderInReview)
			}})
		}
		list = append(list, operation{s.named(i, "%s, the provider is down", name), func(h *hall) (string, error) {
			h.down = true
			got, err := do(h)(ctx, someone, v.ID, "because of it")
			return answered(got, err, false)
		}})
	}
	for _, w := range []weather{{}, {down: true}, {gone: true}} {
		list = append(list, operation{s.named(i, "cancel%s", w), func(h *hall) (string, error) {
			h.down, h.gone = w.down, w.gone
			got, err := h.Cancel(ctx, someone, v.ID, "because of it")
			return answered(got, err, s.cancellable(i))
		}})
	}
	return list
}

func (s *stage) cancellable(i int) bool {
	v := &s.lives[i].Value
	overdue := !v.ExpiresAt.IsZero() && v.ExpiresAt.Before(s.next())
	return !overdue && (v.Status == kyc.Pending || v.Status == kyc.InProgress || v.Status == kyc.InReview)
}

// creations make the newer validation, or repeat the call that made it.
func (s *stage) creations() []operation {
	return []operation{
		{"create a newer one", func(h *hall) (string, error) {
			v, err := h.createSecond()
			if err == nil && v.ID != h.shelf.Lives[1].Value.ID {
				err = errors.New("a repeated create made another one")
			}
			return answered(v, err, true)
		}},
		{"create a newer one, the provider is down", func(h *hall) (string, error) {
			h.down = true
			v, err := h.createSecond()
			return answered(v, err, len(s.lives) == 2)
		}},
	}
}

// errCrash is what the service meets where the process ends.
var errCrash = errors.New("the process ends here")

// run makes one operation, with faults in its commits.
func (h *hall) run(s *stage, o operation, faults ...fault.Fault) lifecycletest.Step[*stage] {
	h.begin(s)
	h.fault.Follow(fault.Script(fault.Commit, faults...))
	verdict, err := o.do(h)
	if land := h.fault.Land(ctx); err == nil && len(faults) == 0 {
		err = land
	}
	return lifecycletest.Step[*stage]{Event: o.event, Verdict: verdict, Err: err, To: h.end(s)}
}

// passing is the time that passes the next deadline, if there is one ahead, and the time
// that passes whatever waits to be tried again.
func (s *stage) passing() (list []lifecycletest.Step[*stage]) {
	var next, tried time.Time
	for _, l := range s.lives {
		if ends := l.Value.ExpiresAt; ends.After(s.next()) && (next.IsZero() || ends.Before(next)) {
			next = ends
		}
		if again := l.Value.TerminationNext; again.After(s.next()) && again.After(tried) {
			tried = again
		}
	}
	if !next.IsZero() {
		list = append(list, lifecycletest.Step[*stage]{Event: "time passes, past the next deadline", To: s.then(next, s.lives...)})
	}
	if !tried.IsZero() {
		list = append(list, lifecycletest.Step[*stage]{Event: "time passes, past all that waits", To: s.then(tried, s.lives...)})
	}
	return list
}

// pair is what decides the future of two validations: that of each, and which deadline is
// the next. Where no word is older than the last one but by its event, times are no more.
type pair struct {
	first, second key
	secondsTurn   bool
}

func (s *stage) pair() (p pair) {
	coarse := func(l *life) key {
		k := keyOf(l, s.next())
		k.lastToCreation, k.readingToLast = 1, 1
		return k
	}
	p.first = coarse(s.lives[0])
	if len(s.lives) > 1 {
		p.second = coarse(s.lives[1])
		one, two := s.lives[0].Value.ExpiresAt, s.lives[1].Value.ExpiresAt
		p.secondsTurn = one.After(s.next()) && two.After(s.next()) && two.Before(one)
	}
	return p
}

// TestTwoValidationsOfOneEntity lets the second be created at any time, and everything
// happen to both of them, by the service.
func TestTwoValidationsOfOneEntity(t *testing.T) {
	h := newHall()
	found, err := lifecycletest.Explore(lifecycletest.Space[*stage, pair]{
		Start: []*stage{h.pending()}, Show: (*stage).show, Bound: 20_000, Key: (*stage).pair, Invariants: laws,
		Steps: func(s *stage) (list []lifecycletest.Step[*stage]) {
			for _, o := range s.operations(false) { // the first search has the others
				list = append(list, h.run(s, o))
			}
			return append(list, s.passing()...)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", found)
}
