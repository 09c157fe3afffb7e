package integration

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	_ "github.com/jackc/pgx/v5/stdlib"
	_ "github.com/lib/pq"

	"github.com/kycle/kycle/store/postgres"
)

// urlVariable names a running server, and a database of it, to use in place of our own.
const urlVariable = "KYCLE_POSTGRES_URL"

var (
	// postgresServer is the one of all tests but those that kill theirs.
	postgresServer  *server
	postgresAddress string
	postgresNumber  atomic.Int64
)

// preparePostgres runs once; its error is that of every test.
var preparePostgres = sync.OnceValue(func() error {
	if postgresAddress = os.Getenv(urlVariable); postgresAddress == "" {
		var err error
		// What is measured here is not the disk, and nothing outlives the process.
		if postgresServer, err = startServer("fsync=off", "synchronous_commit=off", "full_page_writes=off"); err != nil {
			return err
		}
		postgresAddress = postgresServer.url("postgres")
	}
	return nil
})

// manage runs statements as the owner of everything.
func manage(statements ...string) error {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, postgresAddress)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	for _, statement := range statements {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}

// needPostgres skips aloud, or fails where CI is set: there a skipped proof is none.
func needPostgres(t testing.TB, err error) {
	t.Helper()
	switch {
	case err == nil:
	case os.Getenv("CI") == "" && os.Getenv(urlVariable) == "":
		fmt.Fprintf(os.Stderr, "SKIPPED %s: %v\n", t.Name(), err)
		t.Skip(err)
	default:
		t.Fatal(err)
	}
}

// newDatabase gives the address of tables of the test's own: a schema that comes first in
// the search path. To make one takes a fifth of the time that a database takes.
func newDatabase(t testing.TB) string {
	t.Helper()
	address := emptyDatabase(t)
	pool := openPool(t, address)
	defer pool.Close()
	if err := postgres.Migrate(context.Background(), pool.Query); err != nil {
		t.Fatal(err)
	}
	return address
}

// emptyDatabase is newDatabase without our tables.
func emptyDatabase(t testing.TB) string {
	t.Helper()
	needPostgres(t, preparePostgres())
	name := fmt.Sprintf("kycle_%d_%d", os.Getpid(), postgresNumber.Add(1))
	if err := manage("create schema " + name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := manage("drop schema " + name + " cascade"); err != nil {
			t.Error(err)
		}
	})
	return with(postgresAddress, "search_path", name)
}

// inDatabase gives the address of another database of the same server.
func inDatabase(address, name string) string {
	u, err := url.Parse(address)
	if err != nil {
		panic(err) // of the variable: nothing can be tested
	}
	u.Path = "/" + name
	return u.String()
}

// with adds a parameter to an address.
func with(address, key, value string) string {
	u, err := url.Parse(address)
	if err != nil {
		panic(err)
	}
	values := u.Query()
	values.Set(key, value)
	u.RawQuery = strings.ReplaceAll(values.Encode(), "+", "%20") // as libpq reads an address
	return u.String()
}

// openPool gives pgx's own pool.
func openPool(t testing.TB, address string) *pgxpool.Pool {
	t.Helper()
	pool, err := pgxpool.New(context.Background(), with(address, "pool_max_conns", "16"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// openSQL gives a pool of database/sql; driver is "pgx" or "postgres", which is lib/pq.
func openSQL(t testing.TB, driver, address string) *sql.DB {
	t.Helper()
	db, err := sql.Open(driver, address)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(16)
	db.SetMaxIdleConns(16)
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}
