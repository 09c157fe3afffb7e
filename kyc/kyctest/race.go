package kyctest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/lifecycle"
)

// Race lets 16 writers meet on one validation, again and again: a webhook that rejects,
// forced syncs that read the same, and people who approve, half of them through each of
// two handles on one store. Exactly one outcome may hold, with one charge, a history that
// holds, and the report accounted for.
func Race(t *testing.T, one, two kyc.Repository, rounds int) {
	first := NewHost(t, one)
	hosts := []*Host{first, first.Over(two)}
	for range rounds {
		v := first.In(kyc.InReview)
		rejected := first.Clock.Advance(time.Second)
		var byHand atomic.Int64
		var wait sync.WaitGroup
		for i := range 16 {
			wait.Go(func() {
				if err := hosts[i%2].write(v, i, rejected, &byHand); err != nil {
					t.Errorf("writer %d: %v", i, err)
				}
			})
		}
		wait.Wait()
		first.oneOutcome(v, byHand.Load())
	}
}

// write is one of the writers; a refusal is no failure.
func (h *Host) write(v kyc.Validation, i int, rejected time.Time, byHand *atomic.Int64) error {
	ctx := context.Background()
	switch i % 3 {
	case 0:
		_, err := h.Observe(ctx, kyc.ProviderReport{Source: Code, EventID: fmt.Sprint(v.ID, i), Session: v.ValidationSessionID,
			Status: kyc.ProviderRejected, OccurredAt: rejected})
		return err
	case 1:
		_, err := h.Sync(ctx, h.Person, v.ID, true)
		return err
	}
	_, err := h.Approve(ctx, h.Person, v.ID, "made for a test")
	if err == nil {
		byHand.Add(1)
	}
	if errors.Is(err, lifecycle.ErrNotAllowed) {
		return nil
	}
	return err
}

// oneOutcome checks what the writers left.
func (h *Host) oneOutcome(v kyc.Validation, byHand int64) {
	h.t.Helper()
	trail, err := h.History(context.Background(), h.Person, v.ID)
	if err != nil || trail.Fault != nil {
		h.t.Fatalf("history: %v, fault: %v", err, trail.Fault)
	}
	heard := 0
	for _, e := range trail.Entries {
		if e.Event == string(kyc.RejectedByProvider) {
			heard++
		}
	}
	want := map[int64]kyc.Status{0: kyc.Rejected, 1: kyc.Approved}[byHand]
	if last := trail.Entries[len(trail.Entries)-1]; last.To != string(want) || len(trail.Postings) != 1 || heard != 1 {
		h.t.Fatalf("%d decisions by hand, status %s, %d charges, the report heard %d times", byHand, last.To, len(trail.Postings), heard)
	}
}
