package linear

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/kyc/kyctest"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/memory"
)

// broken is a store whose commit has a flaw, and how often that has shown.
type broken struct {
	kyc.Repository
	flaw  func(b *broken, ctx context.Context, changes []store.Change[kyc.Validation]) error
	shown atomic.Int64
}

func (b *broken) Commit(ctx context.Context, changes ...store.Change[kyc.Validation]) error {
	return b.flaw(b, ctx, changes)
}

// A check that cannot fail proves nothing: stores that are broken are found out.
func TestABrokenStoreIsFoundOut(t *testing.T) {
	for _, c := range []struct {
		name, why string
		flaw      func(b *broken, ctx context.Context, changes []store.Change[kyc.Validation]) error
	}{
		{"every fourth conflict swallowed", "what was decided on a version that is gone is said to be done",
			func(b *broken, ctx context.Context, changes []store.Change[kyc.Validation]) error {
				err := b.Repository.Commit(ctx, changes...)
				if errors.Is(err, store.ErrConflict) && b.shown.Add(1)%4 == 0 {
					return nil
				}
				return err
			}},
		{"version not compared where there is no entry", "a stay overwrites what it has not seen",
			func(b *broken, ctx context.Context, changes []store.Change[kyc.Validation]) error {
				err := b.Repository.Commit(ctx, changes...)
				for errors.Is(err, store.ErrConflict) && len(changes[0].Entries) == 0 {
					now, lost := b.Repository.Load(ctx, kyc.Index(changes[0].Next).Key())
					if lost != nil {
						return lost
					}
					b.shown.Add(1)
					changes[0].Expect = now.Version
					err = b.Repository.Commit(ctx, changes...)
				}
				return err
			}},
		{"every twentieth success told as a failure", "the audit has an entry of what was told not to be",
			func(b *broken, ctx context.Context, changes []store.Change[kyc.Validation]) error {
				err := b.Repository.Commit(ctx, changes...)
				if err == nil && len(changes[0].Entries) > 0 && b.shown.Add(1)%20 == 0 {
					return errors.New("test: a driver's error after the commit")
				}
				return err
			}},
		{"every twentieth entry left out", "the state has moved and nobody can tell how",
			func(b *broken, ctx context.Context, changes []store.Change[kyc.Validation]) error {
				if len(changes[0].Entries) > 0 && b.shown.Add(1)%20 == 0 {
					changes[0].Entries, changes[0].Postings = nil, nil
				}
				return b.Repository.Commit(ctx, changes...)
			}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := &broken{Repository: memory.New(kyc.Schema), flaw: c.flaw}
			h := kyctest.NewHost(t, memory.New(kyc.Schema)).Over(b)
			for round := range 20 { // until the clients meet
				if _, err := check(h, b, round, func() {}); err != nil {
					t.Log(err)
					return
				}
			}
			t.Errorf("it has shown %d times, and nobody noticed: %s", b.shown.Load(), c.why)
		})
	}
}
