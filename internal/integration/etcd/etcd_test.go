package etcd

import (
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/idpass/idpasstest"
	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/kyc/kyctest"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/etcd"
	"github.com/kycle/kycle/store/storetest"
)

// prefixes counts them: a prefix that nobody used is a new and empty store.
var prefixes atomic.Int64

func prefix() string { return fmt.Sprintf("test/%d", prefixes.Add(1)) }

// handles gives two handles on a new store, each by a client of its own. The clients are
// those of the whole test: to connect is not what is tested.
func handles[A any](t *testing.T, schema store.Schema[A]) func(*testing.T) (one, two store.Repository[A]) {
	first, second := shared.dial(t), shared.dial(t)
	return func(*testing.T) (one, two store.Repository[A]) {
		under := prefix()
		return etcd.New(first, under, schema), etcd.New(second, under, schema)
	}
}

func TestThePromisesForThings(t *testing.T) {
	storetest.Run(t, storetest.Things(handles(t, storetest.ThingSchema())))
}

func TestThePromisesForValidations(t *testing.T) {
	storetest.Run(t, kyctest.Subject(handles(t, kyc.Schema)))
}

func TestThePromisesForPasses(t *testing.T) {
	storetest.Run(t, idpasstest.Subject(handles(t, idpass.Schema)))
}

func TestARaceEndsInOneOutcome(t *testing.T) {
	one, two := handles(t, kyc.Schema)(t)
	kyctest.Race(t, one, two, 10)
}
