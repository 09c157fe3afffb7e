package linear

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/kyc/kyctest"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/memory"
)

// broken is a store with a flaw in its commits or loads, and how often that has shown. It
// is as far away as a server is, by a clock that moves only when every client waits: so
// they meet on any machine, however few can run at once.
type broken struct {
	kyc.Repository
	commit func(b *broken, ctx context.Context, changes []store.Change[kyc.Validation]) error
	load   func(b *broken, ctx context.Context, key store.Key, receipts []string) (store.Record[kyc.Validation], error)
	shown  atomic.Int64
	seen   sync.Map // of each key, the record that was loaded first
}

func (b *broken) Commit(ctx context.Context, changes ...store.Change[kyc.Validation]) error {
	travel()
	if b.commit == nil {
		return b.Repository.Commit(ctx, changes...)
	}
	return b.commit(b, ctx, changes)
}

func (b *broken) Load(ctx context.Context, key store.Key, receipts ...string) (store.Record[kyc.Validation], error) {
	travel()
	if b.load == nil {
		return b.Repository.Load(ctx, key, receipts...)
	}
	return b.load(b, ctx, key, receipts)
}

func travel() { time.Sleep(rand.N(time.Millisecond)) }

// A check that cannot fail proves nothing: stores that are broken are found out, and the
// same store without a flaw is not.
func TestABrokenStoreIsFoundOut(t *testing.T) {
	for _, c := range []struct {
		name, why string
		honest    bool
		commit    func(b *broken, ctx context.Context, changes []store.Change[kyc.Validation]) error
		load      func(b *broken, ctx context.Context, key store.Key, receipts []string) (store.Record[kyc.Validation], error)
	}{
		{name: "none", why: "clients who meet are no fault", honest: true},
		{name: "every fifth outcome unknown", why: "what is in doubt is settled, and a stay decided again", honest: true,
			commit: func(b *broken, ctx context.Context, changes []store.Change[kyc.Validation]) error {
				switch n := b.shown.Add(1); {
				case n%10 == 0:
					return fmt.Errorf("test: the request is lost: %w", store.ErrUnknownOutcome)
				case n%5 == 0:
					_ = b.Repository.Commit(ctx, changes...)
					return fmt.Errorf("test: the answer is lost: %w", store.ErrUnknownOutcome)
				}
				return b.Repository.Commit(ctx, changes...)
			}},
		{name: "every fourth conflict swallowed", why: "what was decided on a version that is gone is said to be done",
			commit: func(b *broken, ctx context.Context, changes []store.Change[kyc.Validation]) error {
				err := b.Repository.Commit(ctx, changes...)
				if errors.Is(err, store.ErrConflict) && b.shown.Add(1)%4 == 0 {
					return nil
				}
				return err
			}},
		{name: "version not compared where there is no entry", why: "a stay overwrites what it has not seen",
			commit: func(b *broken, ctx context.Context, changes []store.Change[kyc.Validation]) error {
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
		{name: "every twentieth success told as a failure", why: "the audit has an entry of what was told not to be",
			commit: func(b *broken, ctx context.Context, changes []store.Change[kyc.Validation]) error {
				err := b.Repository.Commit(ctx, changes...)
				if err == nil && len(changes[0].Entries) > 0 && b.shown.Add(1)%20 == 0 {
					return errors.New("test: a driver's error after the commit")
				}
				return err
			}},
		{name: "every twentieth entry left out", why: "the state has moved and nobody can tell how",
			commit: func(b *broken, ctx context.Context, changes []store.Change[kyc.Validation]) error {
				if len(changes[0].Entries) > 0 && b.shown.Add(1)%20 == 0 {
					changes[0].Entries, changes[0].Postings = nil, nil
				}
				return b.Repository.Commit(ctx, changes...)
			}},
		{name: "read from a replica that lags", why: "every chain is whole, and a client saw what was no longer so",
			load: func(b *broken, ctx context.Context, key store.Key, receipts []string) (store.Record[kyc.Validation], error) {
				now, err := b.Repository.Load(ctx, key, receipts...)
				if err != nil || now.Version == 0 || len(receipts) > 0 {
					return now, err
				}
				first, _ := b.seen.LoadOrStore(key, now)
				if then := first.(store.Record[kyc.Validation]); then.Version < now.Version && b.shown.Add(1) <= 5 { // it has caught up before the audit is read
					return then, nil
				}
				return now, nil
			}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := &broken{Repository: memory.New(kyc.Schema), commit: c.commit, load: c.load}
				h := kyctest.NewHost(t, memory.New(kyc.Schema)).Over(b)
				for round := range 5 {
					found, err := check(h, b, round, func() {})
					t.Logf("it has shown %d times in %s: %v", b.shown.Load(), found, err)
					switch {
					case err != nil && c.honest:
						t.Fatal(c.why)
					case err != nil:
						return
					}
				}
				if !c.honest {
					t.Errorf("nobody noticed: %s", c.why)
				}
			})
		})
	}
}
