package integration

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"

	_ "modernc.org/sqlite"

	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/sqlite"
	"github.com/kycle/kycle/store/storetest"
)

// openFile gives a pool of its own on a SQLite file, as another process would have.
func openFile(t testing.TB, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return db
}

func openThings(t testing.TB, db *sql.DB) *sqlite.Store[storetest.Thing] {
	t.Helper()
	s, err := sqlite.New(context.Background(), db, storetest.ThingSchema())
	if err != nil {
		t.Fatalf("new: %v", err)
	}
	return s
}

func TestSQLitePromises(t *testing.T) {
	storetest.Run(t, storetest.Things(func(t *testing.T) (one, two store.Repository[storetest.Thing]) {
		path := filepath.Join(t.TempDir(), "kycle.db")
		return openThings(t, openFile(t, path)), openThings(t, openFile(t, path))
	}))
}
