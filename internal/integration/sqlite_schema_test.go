package integration

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/sqlite"
	"github.com/kycle/kycle/store/storetest"
)

var start = time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)

// TestSQLiteAppendOnly goes past the store, as an operator or another program would, and
// once as one that does not turn recursive triggers on.
func TestSQLiteAppendOnly(t *testing.T) {
	for _, recursive := range []string{"on", "off"} {
		path := filepath.Join(t.TempDir(), "kycle.db")
		s := openThings(t, openFile(t, path))
		if err := s.Commit(t.Context(), charged(1)); err != nil {
			t.Fatalf("commit: %v", err)
		}
		other := openFile(t, path)
		other.SetMaxOpenConns(1)
		if _, err := other.ExecContext(t.Context(), "pragma recursive_triggers = "+recursive); err != nil {
			t.Fatalf("pragma: %v", err)
		}
		for _, c := range []struct{ name, why, statement string }{
			{"delete entry", "evidence", "delete from kycle_entry"},
			{"delete posting", "money", "delete from kycle_posting"},
			{"delete receipt", "what was told once is told twice", "delete from kycle_receipt"},
			{"update entry", "evidence", "update kycle_entry set bytes = x'00'"},
			{"move entry", "to another place", "update kycle_entry set seq = 2"},
			{"foist entry", "on another record", "update kycle_entry set organization = 'org_b'"},
			{"rewrite body", "only erasing is allowed", "update kycle_entry set body = '{}'"},
			{"erase body alone", "a salt without its body reads as an edit", "update kycle_entry set body = null"},
			{"erase salt alone", "so does a body without its salt", "update kycle_entry set salt = null"},
			{"update posting", "money", "update kycle_posting set minor = 1"},
			{"update receipt", "the fingerprint tells other input", "update kycle_receipt set fingerprint = '2'"},
			{"replace entry", "a delete without a delete trigger", "insert or replace into kycle_entry select organization, kind, id, seq, x'00', null, null from kycle_entry"},
			{"upsert entry", "an update by another name", "insert into kycle_entry select * from kycle_entry where true on conflict do update set bytes = x'00'"},
			{"replace posting", "the same", "insert or replace into kycle_posting select * from kycle_posting"},
			{"replace receipt", "the same", "insert or replace into kycle_receipt select organization, kind, id, key, '2' from kycle_receipt"},
			{"update or replace entry", "the same", "update or replace kycle_entry set seq = seq"},
		} {
			t.Run(c.name+", recursive triggers "+recursive, func(t *testing.T) {
				result, err := other.ExecContext(t.Context(), c.statement)
				if err == nil && c.name != "update or replace entry" {
					t.Errorf("allowed: %v: %s", result, c.why)
				}
				h, err := s.History(t.Context(), keyOf(1), 0, 0)
				if err == nil {
					err = audit.Verify(audit.Subject{Organization: "org_a", Kind: "thing", ID: idOf(1)}, h.Entries)
				}
				if err != nil || len(h.Entries) != 1 || h.Entries[0].Erased() || len(h.Postings) != 1 {
					t.Errorf("left %+v, %v: %s", h, err, c.why)
				}
			})
		}
		eraseBodies(t, other, s)
	}
}

// eraseBodies does what alone is allowed.
func eraseBodies(t *testing.T, db *sql.DB, s *sqlite.Store[thing]) {
	t.Helper()
	for range 2 { // twice does no harm
		if _, err := db.ExecContext(t.Context(), "update kycle_entry set salt = null, body = null"); err != nil {
			t.Fatalf("erase: %v", err)
		}
	}
	h, err := s.History(t.Context(), keyOf(1), 0, 0)
	if err == nil {
		err = audit.Verify(audit.Subject{Organization: "org_a", Kind: "thing", ID: idOf(1)}, h.Entries)
	}
	if err != nil || len(h.Entries) != 1 || !h.Entries[0].Erased() {
		t.Errorf("after erasing: %+v, error %v; want a valid chain with an erased entry", h.Entries, err)
	}
}

func TestSQLiteOpens(t *testing.T) {
	t.Run("a database in memory is refused", func(t *testing.T) {
		db := openFile(t, ":memory:")
		if _, err := sqlite.New(t.Context(), db, storetest.ThingSchema()); !errors.Is(err, sqlite.ErrDatabase) {
			t.Errorf("error %v, want %v: it cannot write ahead", err, sqlite.ErrDatabase)
		}
	})
	t.Run("a cancelled context is honoured", func(t *testing.T) {
		db := openFile(t, filepath.Join(t.TempDir(), "kycle.db"))
		gone := errors.New("test: gone")
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(gone)
		if _, err := sqlite.New(ctx, db, storetest.ThingSchema()); !errors.Is(err, gone) {
			t.Errorf("error %v, want %v", err, gone)
		}
	})
	t.Run("many open a new file at once", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "kycle.db")
		var all sync.WaitGroup
		for n := range 8 {
			db := openFile(t, path)
			all.Go(func() {
				s, err := sqlite.New(t.Context(), db, storetest.ThingSchema())
				if err == nil {
					err = s.Commit(t.Context(), charged(n))
				}
				if err != nil {
					t.Errorf("open %d: %v", n, err)
				}
			})
		}
		all.Wait()
	})
	t.Run("one connection is enough", func(t *testing.T) {
		db := openFile(t, filepath.Join(t.TempDir(), "kycle.db"))
		db.SetMaxOpenConns(1)
		s := openThings(t, db)
		var all sync.WaitGroup
		for n := range 4 {
			all.Go(func() {
				if err := s.Commit(t.Context(), charged(n)); err != nil {
					t.Errorf("commit: %v", err)
				}
				if _, err := s.History(t.Context(), keyOf(n), 0, 0); err != nil {
					t.Errorf("history: %v", err)
				}
			})
		}
		all.Wait()
	})
}

// TestSQLiteKindsShareAFile gives two kinds equal ids, exclusive keys, sessions and receipts.
func TestSQLiteKindsShareAFile(t *testing.T) {
	db := openFile(t, filepath.Join(t.TempDir(), "kycle.db"))
	things := openThings(t, db)
	schema := storetest.ThingSchema()
	schema.Kind = "other"
	others, err := sqlite.New(t.Context(), db, schema)
	if err != nil {
		t.Fatalf("new: %v", err)
	}
	c := charged(1)
	c.Next.ExclusiveKey = "key"
	other := c
	other.Entries, other.Postings = nil, nil
	if err := errors.Join(things.Commit(t.Context(), c), others.Commit(t.Context(), other)); err != nil {
		t.Fatalf("commit: %v", err)
	}
	for _, key := range []store.Key{keyOf(1), {Organization: "org_a", ExclusiveKey: "key"}, {Session: c.Next.Session}} {
		a, errA := things.Load(t.Context(), key)
		b, errB := others.Load(t.Context(), key)
		if errA != nil || errB != nil || a.Head.Seq != 1 || b.Head.Seq != 0 {
			t.Errorf("%+v finds entries %d and %d, errors %v and %v; want 1 and 0", key, a.Head.Seq, b.Head.Seq, errA, errB)
		}
	}
}

// TestSQLiteSearches explains every statement that an operation runs, with and without
// statistics: none may walk over a table or sort one.
func TestSQLiteSearches(t *testing.T) {
	pool, db := openTap(t, filepath.Join(t.TempDir(), "kycle.db"))
	s := openThings(t, db)
	fill(t, db, storetest.ThingSchema(), chargedUpTo(2000))
	pool.mu.Lock()
	clear(pool.seen)
	pool.mu.Unlock()
	everyOperation(t, s, 5000)
	statements := pool.statements()
	if len(statements) < 15 {
		t.Fatalf("%d statements were seen, want all of them", len(statements))
	}
	for _, prepare := range []string{"select 1", "analyze"} {
		if _, err := db.ExecContext(t.Context(), prepare); err != nil {
			t.Fatalf("%s: %v", prepare, err)
		}
		for query, values := range statements {
			args := make([]any, len(values))
			for i, v := range values {
				args[i] = v.Value
			}
			rows, err := db.QueryContext(t.Context(), "explain query plan "+query, args...)
			if err != nil {
				t.Fatalf("explain %s: %v", query, err)
			}
			for rows.Next() {
				var id, parent, unused int
				var detail string
				if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
					t.Fatalf("scan: %v", err)
				}
				ofATable := strings.HasPrefix(detail, "SCAN") && detail != "SCAN CONSTANT ROW" && !strings.HasPrefix(detail, "SCAN (subquery")
				if ofATable || strings.Contains(detail, "TEMP B-TREE") {
					t.Errorf("after %s: %s\n%s", prepare, detail, query)
				}
			}
			if err := rows.Err(); err != nil {
				t.Fatalf("explain %s: %v", query, err)
			}
		}
	}
}

// everyOperation runs each way of each method once; the record fresh is not there yet.
func everyOperation(t *testing.T, s store.Repository[thing], fresh int) {
	t.Helper()
	ctx, yes := t.Context(), true
	c := charged(fresh)
	c.Next.ExclusiveKey = "key"
	on := store.Record[thing]{Version: 1, Head: c.Entries[0].Head()}
	errs := []error{s.Commit(ctx, c), s.Commit(ctx, told(on, fresh, idOf(2)))}
	for _, key := range []store.Key{
		keyOf(5), {Session: idOf(5).String()}, {Organization: "org_a", Session: idOf(5).String()},
	} {
		_, err := s.Load(ctx, key)
		_, asked := s.Load(ctx, key, "key", "other")
		errs = append(errs, err, asked)
	}
	if _, err := s.Load(ctx, store.Key{Organization: "org_a", ExclusiveKey: "key"}, "key"); !errors.Is(err, store.ErrNotFound) {
		errs = append(errs, err)
	}
	_, list := s.List(ctx, store.Query{Organization: "org_a", Owner: idOf(1).String(), Status: "open", Current: &yes, Limit: 10})
	_, due := s.Due(ctx, start.AddDate(20, 0, 0), 0, 10)
	_, leased := s.Due(ctx, start.AddDate(20, 0, 0), time.Hour, 10)
	_, history := s.History(ctx, keyOf(5), 0, 0)
	for _, organization := range []string{"", "org_a"} {
		counts, err := s.(store.Counter).Count(ctx, organization, 1000)
		if len(counts) == 0 {
			t.Errorf("count of %q: none", organization)
		}
		errs = append(errs, err)
	}
	if err := errors.Join(append(errs, list, due, leased, history)...); err != nil {
		t.Fatal(err)
	}
}
