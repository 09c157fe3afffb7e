package kyc_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/kyc/kyctest"
	"github.com/kycle/kycle/product"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/fault"
)

var ctx = context.Background()

func kyctestID(n byte) uuid.UUID { return uuid.UUID{6: 0x80, 8: 0x80, 15: n} }

// distant is a repository in memory that is as far away as a server is, by the clock of a
// synctest bubble, which moves only when everybody waits: so rivals meet on any machine,
// however few can run at once.
func distant(plans ...fault.Plan) kyc.Repository {
	away := fault.Wait(func(context.Context) error {
		time.Sleep(time.Nanosecond)
		return nil
	})
	return fault.New(fault.New(newStore(), plans...), func(fault.Call) fault.Fault { return away })
}

// trail is the validation's history, checked to hold.
func trail(t testing.TB, h *kyctest.Host, v kyc.Validation) product.Trail {
	t.Helper()
	trail, err := h.History(ctx, h.Person, v.ID)
	if err != nil || trail.Fault != nil {
		t.Fatalf("history: %v, fault %v", err, trail.Fault)
	}
	return trail
}

// stored is the validation as the repository has it.
func stored(t testing.TB, h *kyctest.Host, v kyc.Validation) store.Record[kyc.Validation] {
	t.Helper()
	r, err := h.Repository.Load(ctx, kyc.Index(v).Key())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// text is a metadata value as a string.
func text(t *testing.T, v kyc.Validation, key string) string {
	t.Helper()
	var s string
	if err := json.Unmarshal(v.Metadata[key], &s); err != nil {
		t.Fatalf("metadata %s: %v", key, err)
	}
	return s
}

// callAt is a call of a person at a time.
func callAt(now time.Time) audit.Call {
	return audit.Call{ID: kyctestID(1), Salt: kyctestID(2), At: now, Actor: kyc.Actor{Organization: kyctest.Organization, Kind: audit.Person, ID: "user_a"}}
}
