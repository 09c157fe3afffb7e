package etcd

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/kyc/kyctest"
	"github.com/kycle/kycle/refund"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/etcd"
)

const (
	writers   = 16
	crowded   = 4  // validations that all writers report on
	rivalries = 2  // entities that all writers create validations for
	enough    = 10 // operations of each writer, at least, while the leader stops and after
	stops     = 2  // how often the leader stops
)

// writer is one client of the cluster, and what it was told.
type writer struct {
	*kyctest.Host
	n     int
	steps int
	told  map[uuid.UUID][]string // by validation: reports that were acknowledged
	paid  []kyc.Validation       // created and reported approved: both were acknowledged
	made  map[string]uuid.UUID   // by idempotency key: creates that were acknowledged
	doubt []func() error         // what was not acknowledged, to be said again
}

// counted counts the commits that nobody knew the outcome of, which store.Update settles.
type counted struct {
	kyc.Repository
	unknown *atomic.Int64
}

func (c counted) Commit(ctx context.Context, changes ...store.Change[kyc.Validation]) error {
	err := c.Repository.Commit(ctx, changes...)
	if errors.Is(err, store.ErrUnknownOutcome) {
		c.unknown.Add(1)
	}
	return err
}

// note keeps what was not acknowledged: it is to be said again, in the same words.
func (w *writer) note(say func() error) {
	if say() != nil {
		w.doubt = append(w.doubt, say)
	}
}

// step is one operation: mostly reports on records that all write to, some creates that
// take one exclusive key from one another, and some validations of its own that are charged for.
func (w *writer) step(pool []kyc.Validation, entities []uuid.UUID) {
	w.steps++
	step := w.steps
	event := fmt.Sprintf("writer %d step %d", w.n, w.steps)
	switch w.steps % 5 {
	case 0:
		entity, ctx := entities[w.steps/5%len(entities)], context.Background()
		w.note(func() error {
			v, err := w.Service.Create(ctx, w.Person, kyc.NewValidation{EntityID: entity, Provider: kyctest.Code, IdempotencyKey: event})
			if err == nil {
				w.made[event] = v.ID
			}
			return err
		})
	case 1:
		entity, ctx := uuid.NewSHA1(uuid.NameSpaceOID, []byte(event)), context.Background()
		w.note(func() error {
			v, err := w.Service.Create(ctx, w.Person, kyc.NewValidation{EntityID: entity, Provider: kyctest.Code, IdempotencyKey: event})
			if err == nil {
				err = w.report(v, event, kyc.ProviderApproved, step)
			}
			if err == nil {
				w.paid = append(w.paid, v)
			}
			return err
		})
	default:
		v := pool[(w.n+w.steps)%len(pool)]
		status := []kyc.ProviderStatus{kyc.ProviderInProgress, kyc.ProviderInReview}[w.steps%2]
		w.note(func() error { return w.report(v, event, status, step) })
	}
}

// report delivers a webhook. Said again it is the same, to the microsecond.
func (w *writer) report(v kyc.Validation, event string, status kyc.ProviderStatus, step int) error {
	at := v.CreatedAt.Add(time.Duration(w.n*10_000+step) * time.Microsecond)
	_, err := w.Observe(context.Background(), kyc.ProviderReport{
		Source: kyctest.Code, EventID: event, Session: v.ValidationSessionID, Status: status, OccurredAt: at,
	})
	if err == nil {
		w.told[v.ID] = append(w.told[v.ID], kyctest.Code+"/"+event)
	}
	return err
}

// TestTheLeaderStops lets 16 clients write, stops the leader in the middle as a crash would,
// lets them go on with two members, and gives the third back. What was acknowledged must be
// there, once, whatever else is; and what was not can be said again.
func TestTheLeaderStops(t *testing.T) {
	under := prefix()
	first := kyctest.NewHost(t, etcd.New(shared.dial(t), under, kyc.Schema))
	var pool []kyc.Validation
	for range crowded {
		pool = append(pool, first.In(kyc.InReview))
	}
	var entities []uuid.UUID
	for n := range rivalries {
		entities = append(entities, uuid.NewSHA1(uuid.NameSpaceOID, fmt.Append(nil, "rivalry", n)))
	}
	first.Clock.Advance(time.Hour) // no report is of the future
	all, unknown := make([]*writer, writers), new(atomic.Int64)
	for n := range all {
		all[n] = &writer{
			Host: first.Over(counted{etcd.New(shared.dial(t), under, kyc.Schema), unknown}), n: n,
			told: map[uuid.UUID][]string{}, made: map[string]uuid.UUID{},
		}
	}

	for range stops {
		leader := -1
		before := run(all, pool, entities, func() {
			if leader = shared.lead(); leader >= 0 {
				shared.halt(leader)
			}
		})
		if leader < 0 {
			t.Fatal("nobody leads")
		}
		if shared.lead() < 0 {
			t.Fatal("two members have found no leader")
		}
		after := run(all, pool, entities, func() {})
		t.Logf("acknowledged: %d while member %d stopped, %d with two members; so far %d commits of unknown outcome",
			before, leader, after, unknown.Load())
		if after == 0 {
			t.Error("two members acknowledged nothing")
		}
		shared.resume(t, leader)
	}
	for _, w := range all {
		for _, again := range w.doubt {
			if err := again(); err != nil {
				t.Errorf("said again: %v", err)
			}
		}
	}
	check(t, first, all, pool, entities)
}

// run lets every writer take its steps, all at once, and does something once half of them
// are taken; nobody stops before that is done. It gives how many were acknowledged.
func run(all []*writer, pool []kyc.Validation, entities []uuid.UUID, meanwhile func()) (acknowledged int) {
	half, done := make(chan struct{}), make(chan struct{})
	var taken, failed atomic.Int64
	var wait sync.WaitGroup
	for _, w := range all {
		wait.Go(func() {
			defer func(doubts int) { failed.Add(int64(len(w.doubt) - doubts)) }(len(w.doubt))
			for n := 0; n < enough || !closed(done); n++ {
				w.step(pool, entities)
				if taken.Add(1) == writers*enough/2 {
					close(half)
				}
			}
		})
	}
	<-half
	meanwhile()
	close(done)
	wait.Wait()
	return int(taken.Load() - failed.Load())
}

func closed(done chan struct{}) bool {
	select {
	case <-done:
		return true
	default:
		return false
	}
}

// check reads everything back and compares it with what the writers were told.
func check(t *testing.T, host *kyctest.Host, all []*writer, pool []kyc.Validation, entities []uuid.UUID) {
	t.Helper()
	heard := map[uuid.UUID]map[string]int{} // by validation: how often a report is in its history
	charges := map[uuid.UUID]int{}
	examine := func(v kyc.Validation) {
		trail, err := host.History(context.Background(), host.Person, v.ID)
		if err != nil || trail.Fault != nil {
			t.Fatalf("history of %s: error %v, fault %v", v.ID, err, trail.Fault)
		}
		heard[v.ID] = map[string]int{}
		for _, e := range trail.Entries {
			if e.Source != "" {
				heard[v.ID][e.Source]++
			}
		}
		for _, p := range trail.Postings {
			if p.Kind == refund.Charge {
				charges[v.ID]++
			}
		}
		if len(trail.Postings) > 1 {
			t.Errorf("%s has %d postings", v.ID, len(trail.Postings))
		}
	}
	for _, v := range pool {
		examine(v)
	}
	made := map[uuid.UUID]bool{}
	for _, w := range all {
		for _, v := range w.paid {
			if examine(v); charges[v.ID] != 1 {
				t.Errorf("%s was reported approved, and has %d charges", v.ID, charges[v.ID])
			}
		}
		for _, id := range w.made {
			made[id] = true
		}
		for id, events := range w.told {
			for _, event := range events {
				if heard[id][event] != 1 {
					t.Errorf("the report %q was acknowledged, and is %d times in the history", event, heard[id][event])
				}
			}
		}
	}
	for _, entity := range entities {
		rivals(t, host, entity, made)
	}
	if len(made) > 0 {
		t.Errorf("%d creates were acknowledged, and no entity has what they made", len(made))
	}
}

// rivals wants all validations of an entity to have been acknowledged, and one of them to
// be the newest. It takes them off made.
func rivals(t *testing.T, host *kyctest.Host, entity uuid.UUID, made map[uuid.UUID]bool) {
	t.Helper()
	newest := 0
	for page := 1; ; page++ {
		listing, err := host.List(context.Background(), host.Person, entity, kyc.Filter{Page: page, Limit: 50})
		if err != nil {
			t.Fatalf("list: %v", err)
		}
		for _, v := range listing.Values {
			if !made[v.ID] {
				t.Errorf("%s is there, and nobody was told", v.ID)
			}
			delete(made, v.ID)
			if v.SupersededBy == uuid.Nil {
				newest++
			}
			trail, err := host.History(context.Background(), host.Person, v.ID)
			if err != nil || trail.Fault != nil {
				t.Errorf("history of %s: error %v, fault %v", v.ID, err, trail.Fault)
			}
		}
		if page*50 >= listing.Total {
			break
		}
	}
	if newest != 1 {
		t.Errorf("%d validations of one entity are the newest", newest)
	}
}
