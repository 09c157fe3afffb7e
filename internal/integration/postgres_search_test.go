package integration

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/postgres"
	"github.com/kycle/kycle/store/storetest"
)

// heard keeps each statement that a store sends, with the arguments of one run.
type heard struct {
	mu         sync.Mutex
	statements map[string][]any
}

func (h *heard) over(pool *pgxpool.Pool) func(context.Context, string, ...any) (pgx.Rows, error) {
	h.statements = map[string][]any{}
	return func(ctx context.Context, statement string, args ...any) (pgx.Rows, error) {
		h.mu.Lock()
		h.statements[statement] = args
		h.mu.Unlock()
		return pool.Query(ctx, statement, args...)
	}
}

// TestPostgresSearches explains every statement that an operation sends, as planned for
// its arguments and for any: none may walk over a table of ours. A few thousand records
// tempt a planner to, where it believes in long lists; a hundred thousand make it dear.
func TestPostgresSearches(t *testing.T) {
	t.Parallel()
	for _, size := range []int{4_000, 100_000} {
		pool := openPool(t, newDatabase(t))
		copyRecords(t, pool, storetest.ThingSchema(), chargedUpTo(size))
		var h heard
		s := postgres.New(h.over(pool), storetest.ThingSchema())
		everyOperation(t, s, size)
		everyCommit(t, s, size+1)
		if len(h.statements) < 12 {
			t.Fatalf("%d statements were seen, want all of them", len(h.statements))
		}
		n := 0
		err := pool.AcquireFunc(t.Context(), func(conn *pgxpool.Conn) error {
			for statement, args := range h.statements {
				n++
				for _, mode := range []string{"force_custom_plan", "force_generic_plan"} {
					plan := explain(t, conn.Conn(), fmt.Sprintf("explained_%s_%d", mode, n), mode, statement, args)
					if strings.Contains(plan, "Seq Scan on kycle_") || !strings.Contains(plan, "kycle_") {
						t.Errorf("%d records, %s: it walks over a table, or there is no plan:\n%s\n%s", size, mode, statement, plan)
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// everyCommit makes those commits that everyOperation leaves out: a replacement, and one
// of everything that a change can have.
func everyCommit(t *testing.T, s store.Repository[thing], fresh int) {
	t.Helper()
	first := exclusive(fresh, "key of two")
	on := store.Record[thing]{Version: 1, Head: first.Entries[0].Head()}
	up := told(on, fresh, idOf(2))
	full := charged(fresh + 2)
	later := told(store.Record[thing]{Version: 1, Head: full.Entries[0].Head()}, fresh+2, idOf(2))
	later.Receipts = map[string]string{"other": "1"}
	for _, changes := range [][]store.Change[thing]{{first}, {up, exclusive(fresh+1, "key of two")}, {full}, {later}} {
		if err := s.Commit(t.Context(), changes...); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Load(t.Context(), store.Key{Organization: "org_a", ExclusiveKey: "key of two"}); err != nil {
		t.Fatal(err)
	}
}

// explain gives the plan of a statement under a name of its own.
func explain(t *testing.T, conn *pgx.Conn, name, mode, statement string, args []any) string {
	t.Helper()
	literals := make([]string, len(args))
	for i, arg := range args {
		switch arg := arg.(type) {
		case nil:
			literals[i] = "null"
		case string:
			literals[i] = "'" + strings.ReplaceAll(arg, "'", "''") + "'"
		case []byte:
			literals[i] = fmt.Sprintf("'\\x%x'", arg)
		default:
			literals[i] = fmt.Sprint(arg)
		}
	}
	execute := "explain execute " + name
	if len(args) > 0 {
		execute += "(" + strings.Join(literals, ", ") + ")"
	}
	for _, prepare := range []string{"set plan_cache_mode = " + mode, "prepare " + name + " as " + statement} {
		if _, err := conn.Exec(t.Context(), prepare, pgx.QueryExecModeSimpleProtocol); err != nil {
			t.Fatalf("%s: %v", prepare, err)
		}
	}
	rows, err := conn.Query(t.Context(), execute, pgx.QueryExecModeSimpleProtocol)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

// TestPostgresKindsShareTables gives two kinds equal ids, exclusive keys, sessions and receipts.
func TestPostgresKindsShareTables(t *testing.T) {
	t.Parallel()
	pool := openPool(t, newDatabase(t))
	schema := storetest.ThingSchema()
	things := postgres.New(pool.Query, schema)
	schema.Kind = "other"
	others := postgres.New(pool.Query, schema)
	c := charged(1)
	c.Next.ExclusiveKey = "key"
	other := c
	other.Entries, other.Postings = nil, nil
	if err := things.Commit(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if err := others.Commit(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	for _, key := range []store.Key{keyOf(1), {Organization: "org_a", ExclusiveKey: "key"}, {Session: c.Next.Session}} {
		a, errA := things.Load(t.Context(), key)
		b, errB := others.Load(t.Context(), key)
		if errA != nil || errB != nil || a.Head.Seq != 1 || b.Head.Seq != 0 {
			t.Errorf("%+v finds entries %d and %d, errors %v and %v; want 1 and 0", key, a.Head.Seq, b.Head.Seq, errA, errB)
		}
	}
}

// TestPostgresKeepsOneRowAnExclusiveKey gives a key up and takes it again, many times over:
// its table has one row a key, and not one a taking.
func TestPostgresKeepsOneRowAnExclusiveKey(t *testing.T) {
	t.Parallel()
	pool := openPool(t, newDatabase(t))
	s := postgres.New(pool.Query, storetest.ThingSchema())
	for n := range 5 {
		c := exclusive(n, "one key")
		c.Next.Session = uuid.NewString()
		if err := s.Commit(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		up := told(store.Record[thing]{Version: 1, Head: c.Entries[0].Head()}, n, idOf(2))
		up.Next.Session = c.Next.Session
		if err := s.Commit(t.Context(), up); err != nil {
			t.Fatal(err)
		}
	}
	var keys, turn int
	err := pool.QueryRow(t.Context(), "select count(*), max(turn) from kycle_exclusive where what = 'exclusive_key'").Scan(&keys, &turn)
	if err != nil || keys != 1 || turn != 5 {
		t.Errorf("%d rows, turn %d, error %v; want 1 row at turn 5", keys, turn, err)
	}
}
