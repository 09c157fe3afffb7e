package integration

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/idpass/idpasstest"
	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/kyc/kyctest"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/sqlite"
	"github.com/kycle/kycle/store/storetest"
)

// sqliteFile gives two handles, two pools, on one new SQLite file that keeps aggregates of
// the schema.
func sqliteFile[A any](schema store.Schema[A]) func(*testing.T) (one, two store.Repository[A]) {
	return func(t *testing.T) (one, two store.Repository[A]) {
		t.Helper()
		path := filepath.Join(t.TempDir(), "kycle.db")
		open := func() store.Repository[A] {
			s, err := sqlite.New(context.Background(), openFile(t, path), schema)
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		return open(), open()
	}
}

func TestSQLiteKeepsThePromisesForValidations(t *testing.T) {
	storetest.Run(t, kyctest.Subject(sqliteFile(kyc.Schema)))
}

func TestSQLiteKeepsThePromisesForPasses(t *testing.T) {
	storetest.Run(t, idpasstest.Subject(sqliteFile(idpass.Schema)))
}

func TestOnSQLiteARaceEndsInOneOutcome(t *testing.T) {
	one, two := sqliteFile(kyc.Schema)(t)
	kyctest.Race(t, one, two, 10)
}
