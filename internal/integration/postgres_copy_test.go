package integration

import (
	"context"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/kycle/kycle/store"
)

// copied are the tables in the order and with the columns that copyRecords fills.
var copied = []struct{ name, columns string }{
	{"kycle_record", "organization kind id version owner status current exclusive_key session due due_rank created data"},
	{"kycle_entry", "organization kind id seq attempt bytes salt body"},
	{"kycle_posting", "organization key kind id seq direction minor currency at"},
	{"kycle_receipt", "organization kind id key fingerprint"},
	{"kycle_exclusive", "scope kind what name organization id turn"},
}

// copyRecords copies records into the tables, without a commit for each, and lets the
// planner know. A change stands for its record: the last state, and all that was written.
func copyRecords[A any](t testing.TB, pool *pgxpool.Pool, schema store.Schema[A], changes iter.Seq[store.Change[A]]) {
	t.Helper()
	rows, filled := make([][][]any, len(copied)), make([]bool, len(copied))
	flush := func() {
		for i, table := range copied {
			_, err := pool.CopyFrom(context.Background(), pgx.Identifier{table.name}, strings.Fields(table.columns), pgx.CopyFromRows(rows[i]))
			if err != nil {
				t.Fatal(err)
			}
			filled[i] = filled[i] || len(rows[i]) > 0
			rows[i] = rows[i][:0]
		}
	}
	for c := range changes {
		addRows(t, rows, schema, c)
		if len(rows[0])+len(rows[1]) > 20_000 {
			flush()
		}
	}
	flush()
	for i, table := range copied {
		if !filled[i] {
			continue // one that is known to be empty is walked over by plans that outlive that
		}
		if _, err := pool.Exec(context.Background(), "vacuum analyze "+table.name); err != nil {
			t.Fatal(err)
		}
	}
}

// addRows adds those of one record, by table.
func addRows[A any](t testing.TB, rows [][][]any, schema store.Schema[A], c store.Change[A]) {
	t.Helper()
	id := func(id uuid.UUID) pgtype.UUID { return pgtype.UUID{Bytes: id, Valid: true} }
	x, kind := schema.Index(c.Next), schema.Kind
	data, err := schema.Encode(c.Next)
	if err != nil {
		t.Fatal(err)
	}
	add := func(table int, row ...any) { rows[table] = append(rows[table], row) }
	add(0, x.Organization, kind, id(x.ID), int64(c.Expect+1), x.Owner, x.Status, x.Current, orNil(x.ExclusiveKey), orNil(x.Session), due(x.Due), int16(x.DueRank), x.Created.UnixMicro(), string(data))
	for i := range c.Entries {
		e := &c.Entries[i]
		var body any
		if e.Body != nil {
			body = string(e.Body)
		}
		add(1, x.Organization, kind, id(x.ID), int64(e.Seq), id(uuid.Nil), e.Encode(), e.Salt, body)
	}
	for _, p := range c.Postings {
		add(2, x.Organization, id(p.Key), kind, id(x.ID), int64(p.Seq), string(p.Kind), p.Minor, p.Currency, p.At.UnixMicro())
	}
	for key, fingerprint := range c.Receipts {
		add(3, x.Organization, kind, id(x.ID), key, fingerprint)
	}
	if x.Session != "" {
		add(4, "", kind, "session", x.Session, x.Organization, id(x.ID), int64(1))
	}
	if x.ExclusiveKey != "" {
		add(4, x.Organization, kind, "exclusive_key", x.ExclusiveKey, x.Organization, id(x.ID), int64(1))
	}
}

func orNil(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func due(at time.Time) any {
	if at.IsZero() {
		return nil
	}
	return at.UnixMicro()
}

// chargedUpTo are n creations with everything that a commit can have.
func chargedUpTo(n int) iter.Seq[store.Change[thing]] {
	return func(yield func(store.Change[thing]) bool) {
		for i := range n {
			if !yield(charged(i)) {
				return
			}
		}
	}
}
