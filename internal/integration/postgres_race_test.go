package integration

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/postgres"
	"github.com/kycle/kycle/store/storetest"
)

// rivals is what two transactions of a host's commit at once.
type rivals struct {
	name, why     string
	first, second []store.Change[thing]
}

// everyRace gives the ways in which two commits can be in each other's way.
func everyRace(t *testing.T, s store.Repository[thing]) []rivals {
	t.Helper()
	for _, c := range []store.Change[thing]{charged(1), exclusive(2, "second"), exclusive(3, "third"), charged(4)} {
		if err := s.Commit(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	next := func(n int) store.Change[thing] {
		record, err := s.Load(t.Context(), keyOf(n))
		if err != nil {
			t.Fatal(err)
		}
		return told(record, n, idOf(2))
	}
	stay := next(1)
	stay.Entries = nil
	other, session := exclusive(20, "of nobody else"), exclusive(25, "")
	other.Next.Session, session.Next.Session = "of nobody else", exclusive(24, "").Next.Session
	one := func(c ...store.Change[thing]) []store.Change[thing] { return c }
	return []rivals{
		{"stays", "without an entry the version alone tells", one(stay), one(stay)},
		{"transitions", "the short form", one(next(4)), one(next(4))},
		{"an id", "creates with one idempotency key", one(exclusive(20, "")), one(other)},
		{"an exclusive key", "one that nobody held", one(exclusive(22, "new")), one(exclusive(23, "new"))},
		{"a session", "in all organizations", one(exclusive(24, "")), one(session)},
		{"replacements", "of one record", one(next(2), exclusive(26, "second")), one(next(2), exclusive(27, "second"))},
		{"a replacement and a transition", "the later one is the replacement", one(next(3)), one(next(3), exclusive(28, "third"))},
	}
}

// TestPostgresRacesInTransactions lets one transaction wait for another, which commits:
// the later one is told in an answer, and can go on.
func TestPostgresRacesInTransactions(t *testing.T) {
	t.Parallel()
	pool := openPool(t, newDatabase(t))
	for n, r := range everyRace(t, postgres.New(pool.Query, storetest.ThingSchema())) {
		name := "race_" + idOf(n).String()
		late, err := race(t, pool, name, r.first, r.second)
		if !errors.Is(err, store.ErrConflict) {
			t.Errorf("%s: error %v, want %v: %s", r.name, err, store.ErrConflict, r.why)
		}
		if _, err := late.Exec(t.Context(), "select 1"); err != nil {
			t.Errorf("%s: the transaction is of no use: %v: %s", r.name, err, r.why)
		}
		if err := late.Rollback(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// race commits first in one transaction, lets second wait for it in another, and then
// lets the first one commit. It gives the second, and what its commit said.
func race(t *testing.T, pool *pgxpool.Pool, name string, first, second []store.Change[thing]) (late pgx.Tx, said error) {
	t.Helper()
	early := begin(t, pool)
	if err := postgres.New(early.Query, storetest.ThingSchema()).Commit(t.Context(), first...); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	late = begin(t, pool)
	if _, err := late.Exec(t.Context(), "set local application_name = '"+name+"'"); err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() {
		done <- postgres.New(late.Query, storetest.ThingSchema()).Commit(context.Background(), second...)
	}()
	waiting(t, pool, name, 1)
	if err := early.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	return late, <-done
}

// begin begins a transaction that does not outlive a test that fails.
func begin(t *testing.T, pool *pgxpool.Pool) pgx.Tx {
	t.Helper()
	tx, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// The error is that it has ended, as it should have.
		_ = tx.Rollback(context.Background())
	})
	return tx
}

// TestPostgresOneIDFromTwoPredecessors races what even READ COMMITTED can only refuse
// with an error: it must be store.ErrConflict all the same, and leave nothing.
func TestPostgresOneIDFromTwoPredecessors(t *testing.T) {
	t.Parallel()
	pool := openPool(t, newDatabase(t))
	s := postgres.New(pool.Query, storetest.ThingSchema())
	for _, c := range []store.Change[thing]{exclusive(1, "first"), exclusive(2, "second")} {
		if err := s.Commit(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	replacement := func(prior int, key string) []store.Change[thing] {
		record, err := s.Load(t.Context(), keyOf(prior))
		if err != nil {
			t.Fatal(err)
		}
		next := exclusive(9, key)
		next.Next.Session = key // so that the id alone is in the way
		return []store.Change[thing]{told(record, prior, idOf(1)), next}
	}
	late, err := race(t, pool, "predecessors", replacement(1, "first"), replacement(2, "second"))
	if !errors.Is(err, store.ErrConflict) {
		t.Errorf("error %v, want %v", err, store.ErrConflict)
	}
	if err := late.Commit(t.Context()); !errors.Is(err, pgx.ErrTxCommitRollback) {
		t.Errorf("the transaction: %v, want that it was rolled back", err)
	}
	if record, err := s.Load(t.Context(), keyOf(2)); err != nil || record.Version != 1 || record.Value.ExclusiveKey != "second" {
		t.Errorf("the other predecessor: %+v, error %v; want it untouched", record, err)
	}
}
