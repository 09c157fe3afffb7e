package integration

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/postgres"
	"github.com/kycle/kycle/store/storetest"
)

// fillPostgres copies n records into the tables, ten to an owner, each with an entry, a
// posting, a receipt and the claim to its session, and lets the planner know.
func fillPostgres(t testing.TB, pool *pgxpool.Pool, n int) {
	t.Helper()
	schema := storetest.ThingSchema()
	var records, entries, postings, receipts, claims [][]any
	id := func(id uuid.UUID) pgtype.UUID { return pgtype.UUID{Bytes: id, Valid: true} }
	for i := range n {
		c := charged(i)
		x, e, p := schema.Index(c.Next), c.Entries[0], c.Postings[0]
		data, err := schema.Encode(c.Next)
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, []any{x.Organization, "thing", id(x.ID), int64(1), x.Owner, x.Status, x.Current, x.Session,
			x.Due.UnixMicro(), x.Created.UnixMicro(), string(data)})
		entries = append(entries, []any{x.Organization, "thing", id(x.ID), int64(1), id(uuid.Nil), e.Encode(), e.Salt, string(e.Body)})
		postings = append(postings, []any{x.Organization, id(p.Key), "thing", id(x.ID), int64(1), string(p.Kind), p.Minor, p.Currency, p.At.UnixMicro()})
		receipts = append(receipts, []any{x.Organization, "thing", id(x.ID), "key", "1"})
		claims = append(claims, []any{"", "thing", "session", x.Session, x.Organization, id(x.ID), int64(1)})
	}
	for _, table := range []struct {
		name, columns string
		rows          [][]any
	}{
		{"kycle_record", "organization kind id version owner status current session due created data", records},
		{"kycle_entry", "organization kind id seq attempt bytes salt body", entries},
		{"kycle_posting", "organization key kind id seq direction minor currency at", postings},
		{"kycle_receipt", "organization kind id key fingerprint", receipts},
		{"kycle_claim", "scope kind what name organization id turn", claims},
	} {
		_, err := pool.CopyFrom(context.Background(), pgx.Identifier{table.name}, strings.Fields(table.columns), pgx.CopyFromRows(table.rows))
		if err == nil {
			_, err = pool.Exec(context.Background(), "analyze "+table.name)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

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
		fillPostgres(t, pool, size)
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
	first := seated(fresh, "seat of two")
	on := store.Record[thing]{Version: 1, Head: first.Entries[0].Head()}
	up := told(on, fresh, idOf(2))
	full := charged(fresh + 2)
	later := told(store.Record[thing]{Version: 1, Head: full.Entries[0].Head()}, fresh+2, idOf(2))
	later.Receipts = map[string]string{"other": "1"}
	for _, changes := range [][]store.Change[thing]{{first}, {up, seated(fresh+1, "seat of two")}, {full}, {later}} {
		if err := s.Commit(t.Context(), changes...); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Load(t.Context(), store.Key{Organization: "org_a", Seat: "seat of two"}); err != nil {
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

// TestPostgresKindsShareTables gives two kinds equal ids, seats, sessions and receipts.
func TestPostgresKindsShareTables(t *testing.T) {
	t.Parallel()
	pool := openPool(t, newDatabase(t))
	schema := storetest.ThingSchema()
	things := postgres.New(pool.Query, schema)
	schema.Kind = "other"
	others := postgres.New(pool.Query, schema)
	c := charged(1)
	c.Next.Seat = "seat"
	other := c
	other.Entries, other.Postings = nil, nil
	if err := things.Commit(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if err := others.Commit(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	for _, key := range []store.Key{keyOf(1), {Organization: "org_a", Seat: "seat"}, {Session: c.Next.Session}} {
		a, errA := things.Load(t.Context(), key)
		b, errB := others.Load(t.Context(), key)
		if errA != nil || errB != nil || a.Head.Seq != 1 || b.Head.Seq != 0 {
			t.Errorf("%+v finds entries %d and %d, errors %v and %v; want 1 and 0", key, a.Head.Seq, b.Head.Seq, errA, errB)
		}
	}
}

// TestPostgresLeavesNoClaimBehind gives a seat up and takes it again, many times over:
// the table of claims has a row a seat, not a row a taking.
func TestPostgresLeavesNoClaimBehind(t *testing.T) {
	t.Parallel()
	pool := openPool(t, newDatabase(t))
	s := postgres.New(pool.Query, storetest.ThingSchema())
	for n := range 5 {
		c := seated(n, "one seat")
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
	var seats, turn int
	err := pool.QueryRow(t.Context(), "select count(*), max(turn) from kycle_claim where what = 'seat'").Scan(&seats, &turn)
	if err != nil || seats != 1 || turn != 5 {
		t.Errorf("%d rows, turn %d, error %v; want 1 row at turn 5", seats, turn, err)
	}
}
