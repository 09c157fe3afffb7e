package integration

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/postgres"
	"github.com/kycle/kycle/store/storetest"
)

// forbidden are statements past the store, as an operator or another program would send
// them.
var forbidden = []struct{ name, why, statement string }{
	{"delete entry", "evidence", "delete from kycle_entry"},
	{"delete posting", "money", "delete from kycle_posting"},
	{"delete receipt", "what was told once is told twice", "delete from kycle_receipt"},
	{"truncate entries", "a delete by another name", "truncate kycle_entry"},
	{"truncate postings", "a delete by another name", "truncate kycle_posting"},
	{"truncate receipts", "a delete by another name", "truncate kycle_receipt"},
	{"truncate all", "in company", "truncate kycle_record, kycle_entry, kycle_posting, kycle_receipt cascade"},
	{"update entry", "evidence", "update kycle_entry set bytes = '\\x00'"},
	{"update entry to itself", "its body could be taken for another's", "update kycle_entry set bytes = bytes"},
	{"move entry", "to another place", "update kycle_entry set seq = 2, salt = null, body = null"},
	{"foist entry", "on another record", "update kycle_entry set organization = 'org_b', salt = null, body = null"},
	{"rewrite body", "only erasing is allowed", "update kycle_entry set body = '{}'"},
	{"erase body alone", "a salt without its body reads as an edit", "update kycle_entry set body = null"},
	{"erase salt alone", "so does a body without its salt", "update kycle_entry set salt = null"},
	{"change while erasing", "a hole in the fence", "update kycle_entry set salt = null, body = null, bytes = '\\x00'"},
	{"update posting", "money", "update kycle_posting set minor = 1"},
	{"update receipt", "the fingerprint tells other input", "update kycle_receipt set fingerprint = '2'"},
	{"upsert entry", "an update by another name", "insert into kycle_entry select * from kycle_entry on conflict (organization, kind, id, seq) do update set bytes = '\\x00'"},
	{"upsert posting", "the same", "insert into kycle_posting select * from kycle_posting on conflict (organization, key) do update set minor = 1"},
	{"merge", "the same", "merge into kycle_receipt r using kycle_receipt s on r.key = s.key when matched then delete"},
}

func TestPostgresAppendOnly(t *testing.T) {
	t.Parallel()
	for _, role := range []string{"origin", "replica"} {
		t.Run("session_replication_role = "+role, func(t *testing.T) {
			address := newDatabase(t)
			s := postgres.New(openPool(t, address).Query, storetest.ThingSchema())
			if err := s.Commit(t.Context(), charged(1)); err != nil {
				t.Fatal(err)
			}
			other := openPool(t, with(address, "session_replication_role", role))
			for _, c := range forbidden {
				if _, err := other.Exec(t.Context(), c.statement); code(err) != "23001" {
					t.Errorf("%s: error %v, want a restrict violation: %s", c.name, err, c.why)
				}
				if h := verified(t, s); len(h.Entries) != 1 || h.Entries[0].Erased() || len(h.Postings) != 1 {
					t.Errorf("%s left %+v: %s", c.name, h, c.why)
				}
			}
			for range 2 { // twice does no harm
				if _, err := other.Exec(t.Context(), "update kycle_entry set salt = null, body = null"); err != nil {
					t.Fatalf("erase: %v", err)
				}
			}
			if h := verified(t, s); len(h.Entries) != 1 || !h.Entries[0].Erased() {
				t.Errorf("after erasing: %+v, want a valid chain with an erased entry", h)
			}
		})
	}
}

// code is the server's code in an error.
func code(err error) string {
	var answer *pgconn.PgError
	if errors.As(err, &answer) {
		return answer.Code
	}
	return ""
}

// verified gives the history of record 1, whose chain must hold.
func verified(t *testing.T, s store.Repository[thing]) store.History {
	t.Helper()
	h, err := s.History(t.Context(), keyOf(1), 0, 0)
	if err == nil {
		err = audit.Verify(audit.Subject{Organization: "org_a", Kind: "thing", ID: idOf(1)}, h.Entries)
	}
	if err != nil {
		t.Error(err)
	}
	return h
}

// limited gives the address of the same tables for a role that has what Grants gives it.
func limited(t *testing.T, address string) string {
	t.Helper()
	role := fmt.Sprintf("kycle \"role\" %d_%d", os.Getpid(), postgresNumber.Add(1))
	quoted := `"` + strings.ReplaceAll(role, `"`, `""`) + `"`
	pool := openPool(t, address)
	defer pool.Close()
	grants := append([]string{"create role " + quoted, "do $$ begin execute 'grant usage on schema ' || current_schema || ' to " + quoted + "'; end $$"},
		strings.Split(postgres.Grants(role), ";")...)
	for _, statement := range grants {
		if _, err := pool.Exec(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	t.Cleanup(func() {
		owner := openPool(t, address)
		for _, statement := range []string{"drop owned by " + quoted, "drop role " + quoted} {
			if _, err := owner.Exec(context.Background(), statement); err != nil {
				t.Error(err)
			}
		}
	})
	return with(address, "role", role)
}

// TestPostgresPromisesForTheLimitedRole runs the suite as the role that a host should be.
func TestPostgresPromisesForTheLimitedRole(t *testing.T) {
	t.Parallel()
	storetest.Run(t, storetest.Things(func(t *testing.T) (one, two store.Repository[thing]) {
		address := limited(t, newDatabase(t))
		return postgresModes[0].open(t, address), postgresModes[0].open(t, address)
	}))
}

func TestPostgresLimitedRole(t *testing.T) {
	t.Parallel()
	address := newDatabase(t)
	pool := openPool(t, limited(t, address))
	s := postgres.New(pool.Query, storetest.ThingSchema())
	if err := s.Commit(t.Context(), charged(1)); err != nil {
		t.Fatal(err)
	}
	const denied = "42501"
	for _, c := range forbidden {
		if c.name == "merge" {
			continue // it is refused for the same reason, which the others show
		}
		if _, err := pool.Exec(t.Context(), c.statement); code(err) != denied {
			t.Errorf("%s: error %v, want that it has no right to: %s", c.name, err, c.why)
		}
	}
	for _, statement := range []string{
		"update kycle_entry set salt = null, body = null", "alter table kycle_entry disable trigger all",
		"drop trigger kycle_entry_keep on kycle_entry", "create or replace function kycle_keep() returns trigger language sql as 'select null'",
	} {
		if _, err := pool.Exec(t.Context(), statement); code(err) != denied {
			t.Errorf("%s: error %v, want that it has no right to", statement, err)
		}
	}
	if h := verified(t, s); len(h.Entries) != 1 || h.Entries[0].Erased() {
		t.Errorf("left %+v", h)
	}
}

// TestPostgresMigrateAtOnce lets many processes make the tables where there are none.
func TestPostgresMigrateAtOnce(t *testing.T) {
	t.Parallel()
	address := emptyDatabase(t)
	var all sync.WaitGroup
	for n := range 8 {
		pool := openPool(t, address)
		all.Go(func() {
			err := postgres.Migrate(t.Context(), pool.Query)
			if err == nil {
				err = postgres.New(pool.Query, storetest.ThingSchema()).Commit(t.Context(), charged(n))
			}
			if err != nil {
				t.Errorf("process %d: %v", n, err)
			}
		})
	}
	all.Wait()
}

func TestPostgresMigrateThroughEveryDriver(t *testing.T) {
	t.Parallel()
	for _, driver := range []string{"pgx", "postgres"} {
		address := emptyDatabase(t)
		for _, address := range []string{address, address, with(address, "default_transaction_isolation", "serializable")} {
			db := openSQL(t, driver, address)
			if err := postgres.Migrate(t.Context(), db.QueryContext); err != nil {
				t.Errorf("%s: %v", driver, err)
			}
		}
	}
}

// TestPostgresMigrateWaitsForNobody holds every table while it runs again: were it to wait
// for a writer, all others would wait for it.
func TestPostgresMigrateWaitsForNobody(t *testing.T) {
	t.Parallel()
	pool := openPool(t, newDatabase(t))
	tx := begin(t, pool)
	if _, err := tx.Exec(t.Context(), "lock table kycle_record, kycle_entry, kycle_exclusive, kycle_posting, kycle_receipt"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := postgres.Migrate(ctx, pool.Query); err != nil {
		t.Error(err)
	}
}

func TestPostgresMigrateMakesGood(t *testing.T) {
	t.Parallel()
	pool := openPool(t, newDatabase(t))
	for _, harm := range []string{
		"alter table kycle_entry disable trigger kycle_entry_keep", "alter table kycle_posting enable trigger kycle_posting_keep",
		"drop trigger kycle_receipt_keep on kycle_receipt", "drop index kycle_record_due",
	} {
		if _, err := pool.Exec(t.Context(), harm); err != nil {
			t.Fatal(err)
		}
		if err := postgres.Migrate(t.Context(), pool.Query); err != nil {
			t.Fatalf("%s: %v", harm, err)
		}
		whole(t, pool, harm)
	}
}

func TestPostgresMigrateRefusesAnotherEncoding(t *testing.T) {
	t.Parallel()
	needPostgres(t, preparePostgres())
	name := fmt.Sprintf("kycle_latin_%d", os.Getpid())
	if err := manage("create database " + name + " template template0 encoding 'LATIN1' locale 'C'"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // after the pool has been closed
		if err := manage("drop database " + name); err != nil {
			t.Error(err)
		}
	})
	pool := openPool(t, inDatabase(postgresAddress, name))
	if err := postgres.Migrate(t.Context(), pool.Query); !errors.Is(err, postgres.ErrDatabase) {
		t.Errorf("error %v, want %v: it cannot hold every text", err, postgres.ErrDatabase)
	}
}

// whole wants all that Migrate makes to be there and at work.
func whole(t *testing.T, pool *pgxpool.Pool, harm string) {
	t.Helper()
	var triggers, indexes int
	err := pool.QueryRow(t.Context(), `select
  (select count(*) from pg_trigger where tgenabled = 'A' and tgrelid in (
    cast('kycle_entry' as regclass), cast('kycle_posting' as regclass), cast('kycle_receipt' as regclass))),
  (select count(*) from pg_indexes where schemaname = current_schema)`).Scan(&triggers, &indexes)
	if err != nil || triggers != 4 || indexes != 11 {
		t.Errorf("after %q: %d triggers and %d indexes, error %v; want 4 and 11", harm, triggers, indexes, err)
	}
}

// TestPostgresSQLIsWhatMigrateRuns makes the tables from the text alone.
func TestPostgresSQLIsWhatMigrateRuns(t *testing.T) {
	t.Parallel()
	pool := openPool(t, emptyDatabase(t))
	for _, statement := range strings.Split(postgres.SQL(), "\n\n") {
		if _, err := pool.Exec(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	whole(t, pool, "nothing")
}
