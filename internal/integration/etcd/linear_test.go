package etcd

import (
	"sync/atomic"
	"testing"

	"github.com/kycle/kycle/internal/integration/linear"
	"github.com/kycle/kycle/kyc"
)

func TestEtcdIsLinearizable(t *testing.T) {
	linear.Check(t, handles(t, kyc.Schema), nil)
}

// TestEtcdIsLinearizableThoughTheLeaderStops stops the leader in the middle of each
// history, as a crash would, and in the middle of the next one gives it back and stops the
// one that leads by then.
func TestEtcdIsLinearizableThoughTheLeaderStops(t *testing.T) {
	stopped := -1
	giveBack := func() {
		if stopped >= 0 {
			shared.resume(t, stopped)
		}
	}
	t.Cleanup(giveBack)
	unknown := new(atomic.Int64)
	linear.Check(t, func(t *testing.T) (one, two kyc.Repository) {
		one, two = handles(t, kyc.Schema)(t)
		return counted{one, unknown}, counted{two, unknown}
	}, func() {
		giveBack()
		if stopped = shared.lead(); stopped < 0 {
			t.Fatal("nobody leads")
		}
		shared.halt(stopped)
		if shared.lead() < 0 {
			t.Fatal("two members have found no leader")
		}
	})
	t.Logf("%d commits had an unknown outcome, which the audit settled", unknown.Load())
}
