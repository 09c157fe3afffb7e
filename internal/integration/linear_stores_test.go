package integration

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

func TestMemoryIsLinearizable(t *testing.T) {
	s := memory.New(kyc.Schema)
	linearizable(t, s, s, nil)
}

func TestSQLiteIsLinearizable(t *testing.T) {
	one, two := sqliteFile(kyc.Schema)(t)
	linearizable(t, one, two, nil)
}

// forgetful is a store that swallows every fourth conflict: what was decided on a version
// that is gone is said to be done.
type forgetful struct {
	kyc.Repository
	n *atomic.Int64
}

func (f forgetful) Commit(ctx context.Context, c ...store.Change[kyc.Validation]) error {
	err := f.Repository.Commit(ctx, c...)
	if errors.Is(err, store.ErrConflict) && f.n.Add(1)%4 == 0 {
		return nil
	}
	return err
}

// A check that cannot fail proves nothing: a store that loses writes is found out.
func TestAForgetfulStoreIsFoundOut(t *testing.T) {
	s := forgetful{memory.New(kyc.Schema), new(atomic.Int64)}
	h := kyctest.NewHost(t, s)
	var begin []standing
	var keys []store.Key
	for range linearRecords {
		v := h.Create()
		begin, keys = append(begin, stand(1, v, map[string]string{})), append(keys, kyc.Index(v).Key())
	}
	history := gather(t, []kyc.Repository{s}, keys, h.Clock.Now(), 1, nil)
	if s.n.Load() < 4 {
		t.Skip("no conflict was swallowed: the clients did not meet")
	}
	if explained(begin, history) == nil {
		t.Errorf("%d conflicts were swallowed in part, and nobody noticed", s.n.Load())
	}
}
