package integration

import (
	"context"
	"errors"
	"flag"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/kyc/kyctest"
	"github.com/kycle/kycle/store"
)

var sweepRecords = flag.Int("sweep.records", 400, "due records that the sweepers share; 20000 for a long run")

// counting counts the commits that went through it, and those that did not come to be.
type counting struct {
	kyc.Repository
	commits, wasted *atomic.Int64
	before, after   func() // every commit
}

func (c counting) Commit(ctx context.Context, changes ...store.Change[kyc.Validation]) error {
	c.before()
	err := c.Repository.Commit(ctx, changes...)
	c.commits.Add(1)
	if err != nil {
		c.wasted.Add(1)
	}
	c.after()
	return err
}

// sweepers shares due records among four sweepers, two for each handle. None commits before
// all have leased their first batch, and one is cut off in the middle of its own. Every
// deadline must happen once, no commit may be wasted, and what the one that was cut off had
// leased may be late and never lost.
func sweepers(t *testing.T, one, two kyc.Repository, records int) {
	t.Helper()
	batch := max(records/40, 2)
	h := kyctest.NewHost(t, one, func(s *kyc.Settings) { s.SweepBatch = batch })
	validations := overdue(t, h, records)
	h.Clock.Advance(8 * 24 * time.Hour)
	var commits, wasted atomic.Int64
	var expired atomic.Int64
	var wait, leased sync.WaitGroup
	leased.Add(4)
	for i := range 4 {
		wait.Go(func() {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			here := sync.OnceFunc(leased.Done)
			defer here() // nobody waits for one that has failed
			own := 0
			done, err := h.Over(counting{
				Repository: []kyc.Repository{one, two}[i%2], commits: &commits, wasted: &wasted,
				before: func() { here(); leased.Wait() },
				after: func() {
					if own++; i == 0 && own == batch/2 {
						cancel()
					}
				},
			}).Sweep(ctx)
			if cut := errors.Is(err, context.Canceled); cut != (i == 0) || err != nil && !cut {
				t.Errorf("sweeper %d: %v", i, err)
			}
			expired.Add(int64(done.Expired))
		})
	}
	wait.Wait()
	if wasted.Load() > 0 {
		t.Errorf("%d of %d commits were wasted", wasted.Load(), commits.Load())
	}
	h.Clock.Advance(time.Minute) // the lease of the one that was cut off ends
	if done, err := h.Sweep(context.Background()); err != nil || int(expired.Load())+done.Expired != records {
		t.Errorf("%d deadlines happened, and %d after the lease had ended, of %d: %v", expired.Load(), done.Expired, records, err)
	}
	happened := map[kyc.Status]int{}
	for _, v := range validations {
		trail, err := h.History(context.Background(), h.Person, v)
		if err != nil || trail.Fault != nil {
			t.Fatalf("history: %v, fault: %v", err, trail.Fault)
		}
		deadlines := 0
		for _, e := range trail.Entries {
			if e.Actor.Kind == audit.Clock {
				deadlines++
			}
		}
		if deadlines != 1 {
			t.Fatalf("%d deadlines happened to one record", deadlines)
		}
		happened[kyc.Status(trail.Entries[len(trail.Entries)-1].To)]++
	}
	if happened[kyc.Expired] != records {
		t.Errorf("%v, want all expired", happened)
	}
}

// overdue makes pending validations with many clients.
func overdue(t *testing.T, h *kyctest.Host, records int) []uuid.UUID {
	t.Helper()
	made := make([]uuid.UUID, records)
	var wait sync.WaitGroup
	for c := range 16 {
		wait.Go(func() {
			for i := c; i < records; i += 16 {
				v, err := h.Service.Create(context.Background(), h.Person, kyc.NewValidation{EntityID: uuid.New(), Provider: kyctest.Code})
				if err != nil {
					t.Error(err)
					return
				}
				made[i] = v.ID
			}
		})
	}
	wait.Wait()
	return made
}

func TestOnSQLiteSweepersShare(t *testing.T) {
	one, two := sqliteFile(kyc.Schema)(t)
	sweepers(t, one, two, min(*sweepRecords, 2000))
}
