package integration

import (
	"context"
	"database/sql"
	"iter"
	"testing"

	"github.com/kycle/kycle/store"
)

// fill puts records into the tables of a file, without a commit for each: a store of that
// age in a moment. A change stands for its record: the last state, and all its entries.
func fill[A any](t testing.TB, db *sql.DB, schema store.Schema[A], changes iter.Seq[store.Change[A]]) {
	t.Helper()
	tx, err := db.BeginTx(context.Background(), nil)
	if err != nil {
		t.Fatalf("begin: %v", err)
	}
	record, err := tx.Prepare(`insert into kycle_record
  (organization, kind, id, version, owner, status, current, exclusive_key, session, due, due_rank, leased, created, data)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, null, ?, ?)`)
	if err != nil {
		t.Fatalf("prepare: %v", err)
	}
	entry, err := tx.Prepare(`insert into kycle_entry (organization, kind, id, seq, bytes, salt, body) values (?, ?, ?, ?, ?, ?, ?)`)
	if err != nil {
		t.Fatalf("prepare: %v", err)
	}
	for c := range changes {
		x := schema.Index(c.Next)
		data, err := schema.Encode(c.Next)
		if err == nil {
			_, err = record.Exec(x.Organization, schema.Kind, x.ID.String(), int64(c.Expect+1), x.Owner, x.Status, x.Current,
				orNil(x.ExclusiveKey), orNil(x.Session), due(x.Due), x.DueRank, x.Created.UnixMicro(), string(data))
		}
		for i := range c.Entries {
			e := &c.Entries[i]
			if err == nil {
				_, err = entry.Exec(x.Organization, schema.Kind, x.ID.String(), e.Seq, e.Encode(), e.Salt, e.Body)
			}
		}
		if err != nil {
			t.Fatalf("fill: %v", err)
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatalf("commit: %v", err)
	}
}

// transition loads one record and commits its next version with one entry.
func transition(b testing.TB, s store.Repository[thing], n int) {
	b.Helper()
	record, err := s.Load(context.Background(), keyOf(n))
	if err == nil {
		err = s.Commit(context.Background(), told(record, n, idOf(2)))
	}
	if err != nil {
		b.Fatalf("transition: %v", err)
	}
}
