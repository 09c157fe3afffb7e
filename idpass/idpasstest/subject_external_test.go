package idpasstest_test

import (
	"testing"

	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/idpass/idpasstest"
	"github.com/kycle/kycle/store/memory"
	"github.com/kycle/kycle/store/storetest"
)

func TestAStoreOfPassesKeepsThePromises(t *testing.T) {
	storetest.Run(t, idpasstest.Subject(func(*testing.T) (one, two idpass.Repository) {
		s := memory.New(idpass.Schema)
		return s, s
	}))
}
