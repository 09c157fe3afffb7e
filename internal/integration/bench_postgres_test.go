package integration

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/store/postgres"
)

// startDurable starts a server of the benchmark's own, which keeps what it has said across
// a power cut: the settings that make it so are the defaults, and are read back. Memory
// and log have room, so that no checkpoint falls into a slice.
func startDurable(b *testing.B) *server {
	b.Helper()
	own, err := startServer("shared_buffers=2GB", "max_wal_size=16GB", "checkpoint_timeout=1h")
	if errors.Is(err, errNoPostgres) {
		needPostgres(b, err)
	}
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := own.stop(); err != nil {
			b.Error(err)
		}
	})
	pool := openWide(b, own.url("postgres"))
	for _, setting := range []string{"fsync", "synchronous_commit", "full_page_writes"} {
		var got string
		if err := pool.QueryRow(context.Background(), "select current_setting($1)", setting).Scan(&got); err != nil || got != "on" {
			b.Fatalf("%s is %q, error %v: the server is not durable", setting, got, err)
		}
	}
	return own
}

// openWide gives a pool for as many clients as a benchmark has.
func openWide(b *testing.B, address string) *pgxpool.Pool {
	b.Helper()
	pool, err := pgxpool.New(context.Background(), with(address, "pool_max_conns", "32"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(pool.Close)
	return pool
}

// stocked gives the address of a schema with so many validations, and the words for them.
func stocked(b *testing.B, own *server, name string, records, words int) (address string, w *webhooks) {
	b.Helper()
	plain := openWide(b, own.url("postgres"))
	if _, err := plain.Exec(context.Background(), "create schema "+name); err != nil {
		b.Fatal(err)
	}
	address = with(own.url("postgres"), "search_path", name)
	pool := openWide(b, address)
	if err := postgres.Migrate(context.Background(), pool.Query); err != nil {
		b.Fatal(err)
	}
	copyRecords(b, pool, kyc.Schema, genuine(b, records, words))
	if _, err := plain.Exec(context.Background(), "checkpoint"); err != nil {
		b.Fatal(err)
	}
	return address, newWebhooks(records)
}

// BenchmarkPostgresByHand lets Kycle hear a provider's words, and beside it the same work
// as a transaction of six statements, and as Kycle's own two statements sent raw: on one
// machine, and with a millisecond more each way.
func BenchmarkPostgresByHand(b *testing.B) {
	own := startDurable(b)
	address, w := stocked(b, own, "hand", 10_000, 1)
	for _, distance := range []time.Duration{0, time.Millisecond} {
		at := address
		if distance > 0 {
			p := startProxy(b, address)
			p.distance = distance
			at = p.address
		}
		pool := openWide(b, at)
		hand, s := newByHand(b, pool, w), postgres.New(pool.Query, kyc.Schema)
		for _, clients := range []int{8, 32} {
			b.Run(fmt.Sprintf("distance=%v/clients=%d", distance, clients), func(b *testing.B) {
				contest(b, clients, w.observe(b, "Kycle", clients, s), w.hearing("raw", clients, hand.raw), w.hearing("by hand", clients, hand.six))
			})
		}
	}
}
