package idpass_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/idpass/idpasstest"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/lifecycle/lifecycletest"
	"github.com/kycle/kycle/product"
	"github.com/kycle/kycle/refund"
	"github.com/kycle/kycle/store"
)

type (
	outcome = lifecycle.Outcome[idpass.Status, idpass.Event]
	answer  = lifecycletest.Answer[idpass.Status]
)

// driven is one pass, in a host of its own.
type driven struct {
	host    *idpasstest.Host
	id      uuid.UUID
	byClock bool // it expires by a sweep, and not by the provider's report
	posted  int  // postings so far
}

// service lets a service be driven through the table. No row has a rule, so every record
// comes by the shortest path.
func service(t testing.TB, byClock bool) lifecycletest.Subject[idpass.Status, idpass.Event, driven] {
	return lifecycletest.Subject[idpass.Status, idpass.Event, driven]{
		Effects: []string{refund.Charged, refund.Refunded},
		Give: func(d *driven, c outcome) (answer, error) {
			if d.host == nil {
				*d = driven{host: newHost(t, nil), byClock: byClock}
			}
			verdict, err := d.give(c)
			key := store.Key{Organization: idpasstest.Organization, ID: d.id}
			r, loadErr := d.host.Repository.Load(ctx, key)
			if errors.Is(loadErr, store.ErrNotFound) {
				return answer{Verdict: verdict}, err
			}
			h, readErr := d.host.Repository.History(ctx, key, 0, 0)
			if failed := errors.Join(loadErr, readErr); failed != nil {
				return answer{}, failed
			}
			got := answer{State: r.Value.Status, Verdict: verdict}
			for _, p := range h.Postings[d.posted:] {
				got.Does = append(got.Does, string(p.Kind)) // the effect's own word
			}
			d.posted = len(h.Postings)
			return got, err
		},
	}
}

// give lets one thing happen to the pass and tells what became of it. Of what is not
// there, and of a key that was used for another input, the service says so in words of its
// own.
func (d *driven) give(c outcome) (verdict lifecycle.Verdict, err error) {
	switch {
	case c.Event == idpass.Register: // one that is there can only be named by its idempotency key
		fee := map[bool]int64{true: 500, false: 600}[c.From == absent]
		var made idpass.Answer
		made, err = d.host.Service.Register(ctx, d.host.Person, registration(keyed("one"), costing(fee)))
		if err == nil {
			d.id = made.Pass.ID
		}
	case c.Event == idpass.Cancel:
		_, err = d.host.Cancel(ctx, d.host.Person, d.id)
	case c.Event == idpass.Expire && d.byClock:
		var expired int
		d.host.Clock.Advance(week + time.Second)
		expired, err = d.host.Sweep(ctx)
		verdict = map[int]lifecycle.Verdict{0: ignores, 1: moves}[expired]
	default:
		var decision idpass.Result
		decision, err = on(d.host, c.Event)(ctx, d.host.Provider, d.id, idpass.Report{})
		verdict = decision.Verdict
	}
	if errors.Is(err, store.ErrNotFound) && d.id == uuid.Nil || errors.Is(err, product.ErrKeyReused) {
		return map[lifecycle.Kind]lifecycle.Verdict{lifecycle.Command: refuses, lifecycle.Report: ignores}[idpass.Machine.Kind(c.Event)], nil
	}
	return verdict, err
}

func TestTheServiceKeepsToEveryCase(t *testing.T) {
	for name, byClock := range map[string]bool{"reports": false, "clock": true} {
		t.Run(name, func(t *testing.T) { lifecycletest.Exhaust(t, idpass.Machine, service(t, byClock)) })
	}
}

// One that lets a pass be cancelled after its end is found out, in each of the ends.
func TestAServiceThatTakesALateCancelIsFoundOut(t *testing.T) {
	s := service(t, false)
	honest := s.Give
	s.Give = func(d *driven, c outcome) (answer, error) {
		got, err := honest(d, c)
		if errors.Is(err, lifecycle.ErrNotAllowed) {
			return answer{State: idpass.Cancelled}, nil
		}
		return got, err
	}
	got := lifecycletest.Failures(func(t lifecycletest.TB) { lifecycletest.Exhaust(t, idpass.Machine, s) })
	var want []string
	for _, end := range []idpass.Status{complete, expired, failed} {
		want = append(want, fmt.Sprintf("cancel in %q: refuse; it was not refused; it stands in \"cancelled\" and not in %q", end, end))
	}
	want = append(want, `cancel in "cancelled": refuse; it was not refused`)
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

// Every walk of the table can be walked with the service.
func TestTheServiceFollowsTheTable(t *testing.T) {
	for _, w := range lifecycletest.CellTour(idpass.Machine) {
		lifecycletest.Follow(t, service(t, false), w)
	}
	rapid.Check(t, func(rt *rapid.T) {
		s := service(t, rapid.Bool().Draw(rt, "by the clock"))
		lifecycletest.Follow(rt, s, lifecycletest.Legal(idpass.Machine).Draw(rt, "legal"))
		lifecycletest.Follow(rt, s, lifecycletest.Illegal(idpass.Machine).Draw(rt, "illegal"))
	})
}
