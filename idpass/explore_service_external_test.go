package idpass_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/internal/shelf"
	"github.com/kycle/kycle/lifecycle/lifecycletest"
	"github.com/kycle/kycle/store/fault"
)

// hall is the real service over a shelf, with everything that can go wrong in reach.
type hall struct {
	*idpass.Service
	shelf *shelf.Shelf[idpass.Pass]
	fault *fault.Store[idpass.Pass]
	now   time.Time
	n     byte // ids drawn since the hall was opened
}

var (
	someone = idpass.Actor{Organization: "org_a", Kind: "person", ID: "user_a"}
	outside = idpass.Actor{Organization: "org_a", Kind: "provider", ID: "provider_a"}
)

func newHall() *hall {
	h := &hall{shelf: &shelf.Shelf[idpass.Pass]{Schema: idpass.Schema}}
	h.fault = fault.New[idpass.Pass](h.shelf)
	settings := idpass.DefaultSettings()
	settings.SweepLease, settings.Attempts = 0, 3 // more would only wait
	s, err := watchedService(idpass.Config{Repository: h.fault, Settings: settings,
		Now: func() time.Time { return h.now }, NewID: func() uuid.UUID { h.n++; return dated(h.now, h.n) }})
	if err != nil {
		panic(err)
	}
	h.Service = s
	return h
}

// begin opens the hall on a stage, when the next thing comes.
func (h *hall) begin(s *stage) {
	h.shelf.Lives, h.now, h.n = s.lives, s.next(), 0
	h.fault.Follow()
}

// registered is the stage on which a search begins: one pass, just registered.
func (h *hall) registered(minor int64, slot string) *stage {
	s := &stage{now: time.Date(2025, 1, 15, 10, 30, 0, 0, time.UTC), pace: 72 * time.Hour}
	h.begin(s)
	if _, err := h.Register(ctx, someone, registration(costing(minor), inSlot(slot))); err != nil {
		panic(err)
	}
	return s.then(h.now, h.shelf.Lives...)
}

// passing is the time that passes the next deadline, if there is one ahead.
func (s *stage) passing() []lifecycletest.Step[*stage] {
	var next time.Time
	for _, l := range s.lives {
		ends := l.Value.ExpiresAt
		if open[l.Value.Status] && ends.After(s.next()) && (next.IsZero() || ends.Before(next)) {
			next = ends
		}
	}
	if next.IsZero() {
		return nil
	}
	return []lifecycletest.Step[*stage]{{Event: "time passes, past the next deadline", To: s.then(next, s.lives...)}}
}

// operation is one call of the service. It answers with what became of it, or with what
// is wrong with that.
type operation struct {
	event string
	do    func(h *hall) (verdict string, wrong error)
}

// errCrash is what the service meets where the process ends.
var errCrash = errors.New("the process ends here")

// answered is the verdict of an operation that ended in an error, or did not, as it should.
func answered(verdict string, err error, allowed bool) (string, error) {
	switch {
	case errors.Is(err, errCrash):
		return "the process ends", nil
	case (err == nil) != allowed:
		return verdict, fmt.Errorf("done: %t, and should be: %t (%v)", err == nil, allowed, err)
	case err != nil:
		return idpass.Explain(err).Code, nil
	}
	return verdict, nil
}

// operations lists everything that can be asked of the service about the passes of a stage.
func (s *stage) operations() (list []operation) {
	for i, l := range s.lives {
		p := &l.Value
		flying := open[p.Status] && !late(l, s.next())
		named := func(event string) string {
			if i == len(s.lives)-1 {
				return event
			}
			return "of the prior one: " + event
		}
		for _, e := range reportEvents {
			list = append(list, operation{named(string(e)), func(h *hall) (string, error) {
				d, err := report(h, e)(ctx, outside, p.ID, idpass.Report{EventID: h.now.String()})
				return answered(strings.TrimSpace(string(d.Verdict)+" "+d.Why), err, true)
			}})
		}
		list = append(list, operation{named("cancel"), func(h *hall) (string, error) {
			a, err := h.Cancel(ctx, someone, p.ID)
			refunded := p.Order.Fee.Minor > 0 && p.Status != idpass.InProgress
			if err == nil && a.Pass.FeeRefunded != refunded {
				err = fmt.Errorf("it says fee_refunded %t", a.Pass.FeeRefunded)
			}
			return answered("cancelled", err, flying)
		}})
		if !s.room() {
			continue
		}
		list = append(list, operation{named("supersede"), func(h *hall) (string, error) {
			a, err := h.Supersede(ctx, someone, p.ID, registration(applicant(""), costing(p.Order.Fee.Minor), keyed("after "+p.ID.String())))
			again := p.SupersededBy != uuid.Nil
			if err == nil && again && a.Pass.ID != p.SupersededBy {
				err = errors.New("a repeated supersede made another one")
			}
			return answered(fmt.Sprint(a.Prior.Status, ", then ", a.Pass.Status), err, flying || again)
		}})
	}
	if last := s.lives[len(s.lives)-1]; s.room() {
		list = append(list, operation{"register another", func(h *hall) (string, error) {
			a, err := h.Register(ctx, someone, registration(costing(last.Value.Order.Fee.Minor), inSlot(last.Value.Slot)))
			return answered(string(a.Pass.Status), err, last.Value.Slot == "" || !open[last.Value.Status] || late(last, s.next()))
		}})
	}
	return append(list, operation{"sweep", func(h *hall) (string, error) {
		n, err := h.Sweep(ctx)
		return answered(fmt.Sprint(n), err, true)
	}})
}

// room tells whether one more pass fits in: of three, the first is let go, and must be final.
func (s *stage) room() bool { return len(s.lives) == 1 || !open[s.lives[0].Value.Status] }

func report(h *hall, e idpass.Event) reports {
	return map[idpass.Event]reports{
		idpass.Open: h.Open, idpass.Consent: h.Consent, idpass.Fail: h.Fail, idpass.Expire: h.Expire,
		idpass.CompleteCheck: func(ctx context.Context, a idpass.Actor, id uuid.UUID, r idpass.Report) (idpass.Result, error) {
			return h.Complete(ctx, a, id, idpass.Passed, r)
		},
	}[e]
}

// pair is what decides the future of two passes: that of each, which deadline is the next,
// and whether one took the place of the other.
type pair struct {
	first, second     key
	superseded        bool
	secondsTurn, only bool
}

func (s *stage) pair() pair {
	p := pair{first: keyOf(s.lives[0], s.next()), only: len(s.lives) == 1}
	if !p.only {
		one, two := &s.lives[0].Value, &s.lives[1].Value
		p.second, p.superseded = keyOf(s.lives[1], s.next()), one.SupersededBy == two.ID
		p.secondsTurn = open[one.Status] && open[two.Status] && two.ExpiresAt.Before(one.ExpiresAt)
	}
	return p
}

// run makes one operation, with faults in its commits.
func (h *hall) run(s *stage, o operation, faults ...fault.Fault) lifecycletest.Step[*stage] {
	h.begin(s)
	h.fault.Follow(fault.Script(fault.Commit, faults...))
	verdict, err := o.do(h)
	if land := h.fault.Land(ctx); err == nil && len(faults) == 0 {
		err = land
	}
	to := s.then(h.now, h.shelf.Lives[max(0, len(h.shelf.Lives)-2):]...)
	return lifecycletest.Step[*stage]{Event: o.event, Verdict: verdict, Err: err, To: to}
}

// TestEveryOperationUnderEveryFault is the service at two passes of an applicant, in one
// slot and in none, with each commit lost to a rival, in doubt in every way, or the last
// thing that the process did. What is settled must be as if nothing had been; what has
// crashed is a stage like any other, on which every operation, the same one too, is made
// again.
func TestEveryOperationUnderEveryFault(t *testing.T) {
	h := newHall()
	found, err := lifecycletest.Explore(lifecycletest.Space[*stage, pair]{
		Start: []*stage{h.registered(0, ""), h.registered(500, ""), h.registered(0, "slot_1"), h.registered(500, "slot_1")},
		Show:  (*stage).show, Bound: 20_000, Key: (*stage).pair, Invariants: laws,
		Steps: func(s *stage) (list []lifecycletest.Step[*stage]) {
			for _, o := range s.operations() {
				list = append(list, h.under(s, o)...)
			}
			return append(list, s.passing()...)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", found)
}

var settled = []struct {
	name string
	fault.Fault
}{
	{"a conflict", fault.Conflict}, {"a lost request", fault.LostRequest}, {"a lost answer", fault.LostAnswer}, {"a late commit", fault.Late},
}

var crashes = []struct {
	name string
	fault.Fault
}{
	{"before", fault.Fail(errCrash)}, {"after", fault.Hold(func(context.Context) error { return errCrash })},
}

// under is the operation by itself, and with every fault in each of its commits.
func (h *hall) under(s *stage, o operation) []lifecycletest.Step[*stage] {
	before := h.fault.Calls(fault.Commit)
	plain := h.run(s, o)
	list, commits := []lifecycletest.Step[*stage]{plain}, h.fault.Calls(fault.Commit)-before
	for n := range commits {
		script := make([]fault.Fault, n+1)
		for _, f := range settled {
			script[n] = f.Fault
			step := h.run(s, o, script...)
			step.Event += fmt.Sprintf(", with %s at commit %d", f.name, n+1)
			if step.Err == nil {
				step.Err = alike(plain.To, step.To)
			}
			list = append(list, step)
		}
		for _, f := range crashes {
			script[n] = f.Fault
			step := h.run(s, o, script...)
			step.Event += fmt.Sprintf(", and the process ends %s commit %d", f.name, n+1)
			list = append(list, step)
		}
	}
	return list
}

// alike tells whether a fault made a difference.
func alike(want, got *stage) error {
	for i, l := range got.lives {
		if i >= len(want.lives) || l.Head != want.lives[i].Head || l.Version != want.lives[i].Version || !reflect.DeepEqual(l.Value, want.lives[i].Value) {
			return fmt.Errorf("without the fault it is %s", want.show())
		}
	}
	return wrong(len(got.lives) != len(want.lives), "%d passes, and without the fault %d", len(got.lives), len(want.lives))
}
