package integration

import (
	"context"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kycle/kycle/internal/integration/linear"
	"github.com/kycle/kycle/kyc"
	faults "github.com/kycle/kycle/store/fault"
	"github.com/kycle/kycle/store/memory"
)

// A store in memory answers before another client has run at all. Here it is as far away as
// a server is, each way, by a clock that moves only when every client waits.
func TestMemoryIsLinearizable(t *testing.T) {
	travel := func(context.Context) error {
		time.Sleep(rand.N(time.Millisecond))
		return nil
	}
	there, back := faults.Wait(travel), faults.Hold(travel)
	synctest.Test(t, func(t *testing.T) {
		linear.Check(t, func(*testing.T) (one, two kyc.Repository) {
			s := faults.New(memory.New(kyc.Schema), func(faults.Call) faults.Fault { return there })
			far := faults.New(s, func(faults.Call) faults.Fault { return back })
			return far, far
		}, nil)
	})
}

func TestSQLiteIsLinearizable(t *testing.T) {
	linear.Check(t, sqliteFile(kyc.Schema), nil)
}
