package integration

import (
	"context"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/postgres"
	"github.com/kycle/kycle/store/storetest"
)

// BenchmarkPostgres measures what must not grow, as BenchmarkSQLite does. The server is
// the tests' own, which does not wait for its disk.
func BenchmarkPostgres(b *testing.B) {
	for _, size := range []int{1_000, 100_000} {
		pool := openPool(b, newDatabase(b))
		fillPostgres(b, pool, size)
		s := postgres.New(pool.Query, storetest.ThingSchema())
		ctx := context.Background()
		b.Run(fmt.Sprintf("transition/records=%d", size), func(b *testing.B) {
			for n := 0; b.Loop(); n++ {
				transition(b, s, (n*7919)%size)
			}
		})
		b.Run(fmt.Sprintf("load/records=%d", size), func(b *testing.B) {
			for n := 0; b.Loop(); n++ {
				if _, err := s.Load(ctx, keyOf((n*7919)%size)); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("list/records=%d", size), func(b *testing.B) {
			q := store.Query{Organization: "org_a", Owner: idOf(size / 20).String(), Limit: 10}
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
	}
}

// BenchmarkPostgresAgainstRaw lets clients make transitions through the store, and by the
// same two statements sent raw, in alternating slices of a quarter of a second. Both
// decode, hash and encode the same. The figure is the ratio.
func BenchmarkPostgresAgainstRaw(b *testing.B) {
	const size = 10_000
	for _, clients := range []int{1, 8} {
		b.Run(fmt.Sprintf("clients=%d", clients), func(b *testing.B) {
			pool := openPool(b, newDatabase(b))
			fillPostgres(b, pool, size)
			s, r := postgres.New(pool.Query, storetest.ThingSchema()), newRaw(b, pool)
			var ours, raw float64
			for b.Loop() {
				ours += slice(b, clients, size, func(n int) error { transition(b, s, n); return nil })
				raw += slice(b, clients, size, r.step)
			}
			b.ReportMetric(ours/float64(b.N)*4, "ours/s")
			b.ReportMetric(raw/float64(b.N)*4, "raw/s")
			b.ReportMetric(ours/raw, "ours/raw")
		})
	}
}

// slice counts what so many clients do in a quarter of a second, each with records of its
// own.
func slice(b *testing.B, clients, size int, do func(n int) error) (count float64) {
	var mu sync.Mutex
	var all sync.WaitGroup
	end := time.Now().Add(time.Second / 4)
	for c := range clients {
		all.Go(func() {
			n := 0
			for ; time.Now().Before(end); n++ {
				if err := do((n*7919*clients+c)%size/clients*clients + c); err != nil {
					b.Error(err)
					return
				}
			}
			mu.Lock()
			defer mu.Unlock()
			count += float64(n)
		})
	}
	all.Wait()
	return count
}

// raw sends the store's own two statements, with nothing of the store around them.
type raw struct {
	pool         *pgxpool.Pool
	schema       store.Schema[thing]
	load, update string
	args         []any // of an update
}

// newRaw listens to the store for the statements.
func newRaw(b *testing.B, pool *pgxpool.Pool) *raw {
	b.Helper()
	var h heard
	transition(b, postgres.New(h.over(pool), storetest.ThingSchema()), 0)
	r := &raw{pool: pool, schema: storetest.ThingSchema()}
	for statement, args := range h.statements {
		if strings.Contains(statement, "update kycle_record") {
			r.update, r.args = statement, args
		} else {
			r.load = statement
		}
	}
	return r
}

func (r *raw) step(n int) error {
	ctx, key := context.Background(), keyOf(n)
	var on store.Record[thing]
	var version int64
	var data, receipts *string
	var last []byte
	err := r.pool.QueryRow(ctx, r.load, "thing", key.Organization, key.ID.String()).Scan(&version, &data, &last, &receipts)
	if err != nil {
		return err
	}
	if on.Value, err = r.schema.Decode([]byte(*data)); err != nil {
		return err
	}
	entry, err := audit.Decode(last, nil, nil)
	if err != nil {
		return err
	}
	on.Version, on.Head = uint64(version), entry.Head()
	c := told(on, n, idOf(2))
	x, e := r.schema.Index(c.Next), &c.Entries[0]
	text, err := r.schema.Encode(c.Next)
	if err != nil {
		return err
	}
	args := append([]any{}, r.args...)
	args[2], args[3], args[4], args[8], args[9], args[10] = x.ID.String(), version, x.Owner, x.Session, x.Created.UnixMicro(), x.Due.UnixMicro()
	args[11], args[12], args[13], args[18] = string(text), int64(e.Seq), hex.EncodeToString(e.Encode()), uuid.NewString()
	var answer int
	if err := r.pool.QueryRow(ctx, r.update, args...).Scan(&answer); err != nil || answer != 1 {
		return fmt.Errorf("answer %d: %w", answer, err)
	}
	return nil
}
