package integration

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/sqlite"
	"github.com/kycle/kycle/store/storetest"
)

// fill puts n records with one entry each into the tables, ten to an owner, without a
// commit for each: a store of that age in a moment.
func fill(t testing.TB, db *sql.DB, _ *sqlite.Store[thing], n int) {
	t.Helper()
	tx, err := db.BeginTx(context.Background(), nil)
	if err != nil {
		t.Fatalf("begin: %v", err)
	}
	record, err := tx.Prepare(`insert into kycle_record
  (organization, kind, id, version, owner, status, current, seat, session, due, leased, created, data)
values (?, 'thing', ?, 1, ?, ?, ?, null, ?, ?, null, ?, ?)`)
	if err != nil {
		t.Fatalf("prepare: %v", err)
	}
	entry, err := tx.Prepare(`insert into kycle_entry (organization, kind, id, seq, bytes, salt, body) values (?, 'thing', ?, ?, ?, ?, ?)`)
	if err != nil {
		t.Fatalf("prepare: %v", err)
	}
	schema := storetest.ThingSchema()
	for i := range n {
		c := told(store.Record[thing]{}, i, idOf(1))
		x, e := schema.Index(c.Next), c.Entries[0]
		data, err := schema.Encode(c.Next)
		if err == nil {
			_, err = record.Exec(x.Organization, x.ID.String(), x.Owner, x.Status, x.Current, x.Session, x.Due.UnixMicro(), x.Created.UnixMicro(), string(data))
		}
		if err == nil {
			_, err = entry.Exec(x.Organization, x.ID.String(), e.Seq, e.Encode(), e.Salt, e.Body)
		}
		if err != nil {
			t.Fatalf("fill: %v", err)
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatalf("commit: %v", err)
	}
}

// BenchmarkSQLite measures what must not grow: a transition (load and commit), a page of
// an owner's ten records, and ten due keys, in stores of two sizes; and a transition of a
// record with a short and a long history. Figures of one size are only to be compared
// with those of the same run: disks differ, also from minute to minute.
func BenchmarkSQLite(b *testing.B) {
	for _, size := range []int{1_000, 100_000} {
		db := openFile(b, filepath.Join(b.TempDir(), "kycle.db"))
		s := openThings(b, db)
		fill(b, db, s, size)
		ctx, middle := context.Background(), size/2
		b.Run(fmt.Sprintf("transition/records=%d", size), func(b *testing.B) {
			for n := 0; b.Loop(); n++ {
				transition(b, s, (n*7919)%size)
			}
		})
		b.Run(fmt.Sprintf("load/records=%d", size), func(b *testing.B) {
			for n := 0; b.Loop(); n++ {
				if _, err := s.Load(ctx, keyOf((n*7919)%size)); err != nil {
					b.Fatalf("load: %v", err)
				}
			}
		})
		b.Run(fmt.Sprintf("list/records=%d", size), func(b *testing.B) {
			q := store.Query{Organization: "org_a", Owner: idOf(middle / 10).String(), Limit: 10}
			for b.Loop() {
				if page, err := s.List(ctx, q); err != nil || len(page.Records) != 10 {
					b.Fatalf("list: %d records, error %v", len(page.Records), err)
				}
			}
		})
		b.Run(fmt.Sprintf("due/records=%d", size), func(b *testing.B) {
			now := start.AddDate(20, 0, 0)
			for b.Loop() {
				if keys, err := s.Due(ctx, now, time.Microsecond, 10); err != nil || len(keys) != 10 {
					b.Fatalf("due: %d keys, error %v", len(keys), err)
				}
				now = now.Add(time.Millisecond) // the leases have ended
			}
		})
		for _, entries := range []int{1, 1_000} {
			b.Run(fmt.Sprintf("transition/records=%d/entries=%d", size, entries), func(b *testing.B) {
				age(b, s, middle, entries)
				for b.Loop() {
					transition(b, s, middle)
				}
			})
		}
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

// age gives a record a history of at least so many entries.
func age(b *testing.B, s *sqlite.Store[thing], n, entries int) {
	b.Helper()
	record, err := s.Load(context.Background(), keyOf(n))
	if err != nil {
		b.Fatalf("load: %v", err)
	}
	c := store.Change[thing]{Next: record.Value, Expect: record.Version}
	for on := record; int(on.Head.Seq) < entries; on.Head = c.Entries[len(c.Entries)-1].Head() {
		c.Entries = append(c.Entries, told(on, n, idOf(2)).Entries...)
	}
	if err := s.Commit(context.Background(), c); err != nil {
		b.Fatalf("commit: %v", err)
	}
}
