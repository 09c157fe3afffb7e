package product_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/product"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/fault"
)

// ear writes down what it is told, without how long it took.
type ear struct {
	product.Unobserved
	mu     sync.Mutex
	name   string
	begun  []string
	heard  []string // of contexts: the names of those that began before
	ops    []product.Operation
	calls  []product.ProviderCall
	sweeps []product.SweepReport
}

type earKey struct{}

func (e *ear) Begin(ctx context.Context, kind, event string) context.Context {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.begun = append(e.begun, kind+" "+event)
	before, _ := ctx.Value(earKey{}).(string)
	return context.WithValue(ctx, earKey{}, before+e.name)
}

func (e *ear) End(ctx context.Context, o product.Operation) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if o.Duration < 0 {
		o.Why = "a duration below zero"
	}
	o.Duration = 0
	before, _ := ctx.Value(earKey{}).(string)
	e.heard, e.ops = append(e.heard, before), append(e.ops, o)
}

func (e *ear) Called(_ context.Context, c product.ProviderCall) {
	e.calls = append(e.calls, c)
}

func (e *ear) Swept(_ context.Context, s product.SweepReport) {
	s.Duration = 0
	e.sweeps = append(e.sweeps, s)
}

// overheard is an office with an ear at the door.
func overheard(t testing.TB, edits ...func(*product.Config[ticket])) (*office, *ear) {
	t.Helper()
	e := &ear{name: "e"}
	return open(t, append(edits, func(c *product.Config[ticket]) { c.Observer = e })...), e
}

func TestAnObserverIsToldOfOperations(t *testing.T) {
	past := func(o *office) { o.clock.Advance(48 * time.Hour) }
	rival := func(t *testing.T, o *office, v ticket) {
		quiet := &office{Runner: mustNew(t, o.config, func(c *product.Config[ticket]) { c.Observer, c.Repository = nil, o.shelf })}
		o.faulty.Follow(at(fault.Commit, 1, func() { quiet.told(t, clerk, v.ID, reprint) }))
	}
	for _, row := range []struct {
		name, why string
		by        audit.Actor
		on        event
		before    func(t *testing.T, o *office, v ticket)
		want      product.Operation
	}{
		{"a move", "from where to where", clerk, give, nil, product.Operation{Verdict: lifecycle.Move, From: "valid", To: "void", Attempts: 1}},
		{"a note", "it stays where it is",
			clerk, reprint, nil, product.Operation{Verdict: lifecycle.Note, From: "valid", To: "valid", Attempts: 1}},
		{"a stay", "no entry, no statuses", door, enter, func(t *testing.T, o *office, v ticket) { o.told(t, door, v.ID, enter) },
			product.Operation{Verdict: lifecycle.Stay, Attempts: 1}},
		{"ignored", "the rule's word", clockOf("org_a"), lapse, nil,
			product.Operation{Verdict: lifecycle.Ignore, Why: "not_over", From: "valid", To: "valid", Attempts: 1}},
		{"a lapse", "it was due", clockOf("org_a"), lapse, func(_ *testing.T, o *office, _ ticket) { past(o) },
			product.Operation{Verdict: lifecycle.Move, From: "valid", To: "void", Attempts: 1}},
		{"refused", "no row, and it is no trouble", clerk, give, func(t *testing.T, o *office, v ticket) { o.told(t, clerk, v.ID, give) },
			product.Operation{Verdict: lifecycle.Refuse, Why: lifecycle.NoRow, Attempts: 1, Class: product.ClassRefused}},
		{"after a rival", "one commit was lost", clerk, reprint, rival,
			product.Operation{Verdict: lifecycle.Note, From: "valid", To: "valid", Attempts: 2, Conflicts: 1}},
		{"every race lost", "as often as it may try", clerk, reprint,
			func(_ *testing.T, o *office, _ ticket) { o.faulty.Follow(fault.Always(fault.Commit, fault.Conflict)) },
			product.Operation{Attempts: 3, Conflicts: 3, Class: product.ClassConflict}},
		{"every key there", "a duplicate is a lost race too", clerk, reprint, func(_ *testing.T, o *office, _ ticket) {
			o.faulty.Follow(fault.Always(fault.Commit, fault.Fail(store.ErrDuplicate)))
		}, product.Operation{Attempts: 3, Conflicts: 3, Class: product.ClassConflict}},
		{"in doubt", "it may have happened", clerk, reprint,
			func(_ *testing.T, o *office, _ ticket) {
				o.faulty.Follow(fault.Always(fault.Commit, fault.LostRequest))
			},
			product.Operation{Attempts: 3, Class: product.ClassUnknownOutcome}},
		{"a store that fails", "nothing was decided", clerk, give,
			func(_ *testing.T, o *office, _ ticket) {
				o.faulty.Follow(fault.Always(fault.Load, fault.Fail(errDown)))
			},
			product.Operation{Class: product.ClassOther}},
	} {
		t.Run(row.name, func(t *testing.T) {
			o, e := overheard(t, func(c *product.Config[ticket]) { c.Settings.Attempts = 3 })
			v := o.sold(t, order{})
			if row.before != nil {
				row.before(t, o, v)
			}
			e.ops, e.begun = nil, nil
			_, _ = o.tell(t.Context(), row.by, v.ID, row.on, nil)
			want := row.want
			want.Product, want.Event = "ticket", string(row.on)
			if !reflect.DeepEqual(e.ops, in(want)) || !reflect.DeepEqual(e.begun, in("ticket "+string(row.on))) {
				t.Errorf("told %+v of %q, want %+v: %s", e.ops, e.begun, want, row.why)
			}
		})
	}
}

// A refusal that is in doubt is no refusal: the operation may have happened.
func TestAnObserverIsToldOfARefusalInDoubt(t *testing.T) {
	o, e := overheard(t, func(c *product.Config[ticket]) { c.Settings.Attempts = 2 })
	v := o.sold(t, order{})
	o.faulty.Follow(fault.Always(fault.Commit, fault.LostRequest))
	call, decisions := o.Call(clerk), 0
	_, err := o.Update(t.Context(), call, product.Key(clerk, v.ID), nil, func(r store.Record[ticket]) (product.Decision[ticket], error) {
		if decisions++; decisions > 1 {
			r.Value.Status = used
		}
		return decide(r, give, call, nil)
	})
	wants(t, "both are in it", err, store.ErrUnknownOutcome, lifecycle.ErrNotAllowed)
	if got := e.ops[1]; got.Verdict != "" || got.Why != "" || got.Class != product.ClassUnknownOutcome {
		t.Errorf("told %+v, want the class alone", got)
	}
}

func TestAnObserverIsToldOfCreates(t *testing.T) {
	o, e := overheard(t)
	what := order{Guest: "ann", Seat: "1", Key: "key"}
	o.sold(t, what)
	o.sold(t, what)
	_, _, _ = o.sell(t.Context(), clerk, order{Guest: "bob", Key: "key"})
	_, _, _ = o.sell(t.Context(), clerk, order{Guest: "bob", Seat: "1"})
	sale := product.Operation{Product: "ticket", Event: "sell", Attempts: 1}
	made, again, reused, taken := sale, sale, sale, sale
	made.Verdict, made.To = lifecycle.Move, "valid"
	again.Verdict = lifecycle.Duplicate
	reused.Class, taken.Class = product.ClassKeyReused, product.ClassOther
	if want := in(made, again, reused, taken); !reflect.DeepEqual(e.ops, want) {
		t.Errorf("told %+v, want %+v", e.ops, want)
	}
}

func TestAnObserverIsToldOfCalls(t *testing.T) {
	o, e := overheard(t)
	began := time.Now().Add(-time.Hour)
	o.Called(t.Context(), "sandbox", "open", began, product.ClassTimedOut)
	open(t).Called(t.Context(), "sandbox", "open", began, "") // without an observer nobody is told
	if len(e.calls) != 1 || e.calls[0].Duration < time.Hour {
		t.Fatalf("told %+v, want one call of an hour", e.calls)
	}
	e.calls[0].Duration = 0
	if want := (product.ProviderCall{Product: "ticket", Provider: "sandbox", Method: "open",
		Class: product.ClassTimedOut}); e.calls[0] != want {
		t.Errorf("told %+v, want %+v", e.calls[0], want)
	}
}

func TestAnObserverIsToldOfSweeps(t *testing.T) {
	s := dueTickets(t, 3, func(s *product.Settings) { s.SweepBatch = 2 })
	e := &ear{}
	s.Runner = mustNew(t, s.config, func(c *product.Config[ticket]) { c.Observer = e })
	longest := s.clock.Now().Sub(s.stored(t, s.due[0]).Value.Until)
	err := s.Sweep(t.Context(), func(ctx context.Context, key store.Key) error {
		err := s.end(ctx, key)
		if key.ID == s.due[1] {
			return errDown
		}
		return err
	})
	wants(t, "it is told, and returned", err, errDown)
	if want := in(product.SweepReport{Product: "ticket", Records: 3, Failed: 1, Oldest: longest}); !reflect.DeepEqual(e.sweeps, want) {
		t.Errorf("told %+v, want %+v", e.sweeps, want)
	}
	e.sweeps = nil
	if err := s.Sweep(t.Context(), s.end); err != nil || !reflect.DeepEqual(e.sweeps, in(product.SweepReport{Product: "ticket"})) {
		t.Errorf("error %v, told %+v, want a sweep of nothing", err, e.sweeps)
	}
	e.sweeps = nil
	s.faulty.Follow(fault.Always(fault.Due, fault.Fail(errDown)))
	if err := s.Sweep(t.Context(), s.end); err == nil || len(e.sweeps) != 1 {
		t.Errorf("error %v, told %+v, want one sweep that the store ended", err, e.sweeps)
	}
}

// fright panics whatever it is told.
type fright struct{ product.Observer }

// Several are told in their order, and each one's context is the next one's. One that
// panics, or gives no context, keeps nobody from anything.
func TestObserversAreTold(t *testing.T) {
	one, two := &ear{name: "1"}, &ear{name: "2"}
	o := open(t, func(c *product.Config[ticket]) {
		c.Observer = product.Observers(one, fright{}, contextless{}, two, product.Unobserved{})
	})
	v := o.sold(t, order{})
	if v.Status != valid || !reflect.DeepEqual(one.heard, in("12")) || !reflect.DeepEqual(two.heard, in("12")) {
		t.Errorf("ticket %+v; heard %q and %q, want both under the context of both", v, one.heard, two.heard)
	}
	o.Called(t.Context(), "sandbox", "open", time.Now(), "")
	if err := o.Sweep(t.Context(), func(context.Context, store.Key) error { return nil }); err != nil {
		t.Error(err)
	}
	for _, e := range in(one, two) {
		if len(e.begun) != 1 || len(e.ops) != 1 || len(e.calls) != 1 || len(e.sweeps) != 1 {
			t.Errorf("%s was told %d, %d, %d and %d times, want once of each", e.name, len(e.begun), len(e.ops), len(e.calls), len(e.sweeps))
		}
	}
	alone := open(t, func(c *product.Config[ticket]) { c.Observer = fright{} })
	alone.sold(t, order{})
	alone.Called(t.Context(), "sandbox", "open", time.Now(), "")
	if err := alone.Sweep(t.Context(), func(context.Context, store.Key) error { return nil }); err != nil {
		t.Error(err)
	}
}

// contextless gives no context.
type contextless struct{ product.Unobserved }

func (contextless) Begin(context.Context, string, string) context.Context { return nil }

// Each error is of one class; where it is two things, it is of the class that Explain would
// name first.
func TestClass(t *testing.T) {
	codes := map[string]string{
		"UNKNOWN_OUTCOME": product.ClassUnknownOutcome, "FORBIDDEN": product.ClassForbidden, "VALIDATION_ERROR": product.ClassInvalid,
		"NOT_FOUND": product.ClassNotFound, "INVALID_STATUS": product.ClassRefused, "UNAVAILABLE": product.ClassUnavailable,
	}
	cases := product.Cases("Ticket")
	for i, c := range cases {
		want, known := codes[c.Code]
		if !known { // two are CONFLICT to a caller
			want = map[error]string{product.ErrKeyReused: product.ClassKeyReused, store.ErrConflict: product.ClassConflict}[c.Is]
		}
		for _, err := range []error{c.Is, fmt.Errorf("place: %w", c.Is), errors.Join(append([]error{c.Is}, of(cases[i:])...)...)} {
			if got := product.Class(err); got != want {
				t.Errorf("%v is of class %q, want %q", err, got, want)
			}
		}
	}
	for _, row := range []struct {
		name, why, want string
		err             error
	}{
		{"none", "no error, no class", "", nil},
		{"timed out", "a call of a provider's", product.ClassTimedOut, product.ErrTimedOut},
		{"panic", "the host's code", product.ClassPanicked, &product.Panic{Value: "secret"}},
		{"cancelled", "nobody waits", product.ClassEnded, context.Canceled},
		{"late", "nobody waits", product.ClassEnded, fmt.Errorf("place: %w", context.DeadlineExceeded)},
		{"the store's own time", "it is the store that was not there",
			product.ClassUnavailable, errors.Join(store.ErrUnavailable, context.DeadlineExceeded)},
		{"another", "it is to be looked into", product.ClassOther, errDown},
	} {
		if got := product.Class(row.err); got != row.want {
			t.Errorf("%s: class %q, want %q: %s", row.name, got, row.want, row.why)
		}
	}
}

func of(cases []product.Case) (all []error) {
	for _, c := range cases {
		all = append(all, c.Is)
	}
	return all
}
