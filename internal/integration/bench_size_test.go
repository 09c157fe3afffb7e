package integration

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/kyc/kyctest"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/memory"
	"github.com/kycle/kycle/store/postgres"
	"github.com/kycle/kycle/store/sqlite"
)

// stock is a store with validations in it, and the words for them. What its database does
// by itself, without Kycle, shows how much of a growth is the database's own.
type stock struct {
	name   string
	repo   kyc.Repository
	w      *webhooks
	lookup func(session string) error // one row by one index
	six    func(kyc.ProviderReport) error
}

// The small store of every benchmark by size, and the histories of every one by age.
const (
	fewRecords  = 10_000
	agedRecords = 200
	longHistory = 1_000 // entries
)

// bySize measures what must not grow with the store or with a record's history: a whole
// transition, and the queries.
func bySize(b *testing.B, most int, crowds []int, open func(records, words int) stock) {
	small, large := open(fewRecords, 1), open(most, 1)
	small.name, large.name = fmt.Sprint(fewRecords, " records"), fmt.Sprint(most, " records")
	young, old := open(agedRecords, 1), open(agedRecords, longHistory)
	young.name, old.name = "short history", fmt.Sprint(longHistory, " entries")
	for _, clients := range crowds {
		b.Run(fmt.Sprintf("transition/clients=%d", clients), func(b *testing.B) {
			contest(b, clients, small.transition(b, clients), large.transition(b, clients))
		})
	}
	b.Run("transition/by history", func(b *testing.B) { contest(b, 1, young.transition(b, 1), old.transition(b, 1)) })
	if small.six != nil {
		b.Run("transition/by hand", func(b *testing.B) {
			contest(b, 1, small.w.hearing(small.name, 1, small.six), large.w.hearing(large.name, 1, large.six))
		})
	}
	b.Run("load", func(b *testing.B) { contest(b, 1, small.load(), large.load()) })
	if small.lookup != nil {
		b.Run("load/by hand", func(b *testing.B) { contest(b, 1, small.look(), large.look()) })
	}
	b.Run("list", func(b *testing.B) { contest(b, 1, small.list(), large.list()) })
	b.Run("due", func(b *testing.B) { contest(b, 1, small.due(), large.due()) })
}

func (s stock) transition(b *testing.B, clients int) contestant {
	return s.w.observe(b, s.name, clients, s.repo)
}

func (s stock) load() contestant {
	return contestant{s.name, func(_ int, r *rand.Rand) error {
		_, err := s.repo.Load(context.Background(), store.Key{Session: s.session(r)})
		return err
	}}
}

func (s stock) look() contestant {
	return contestant{s.name, func(_ int, r *rand.Rand) error { return s.lookup(s.session(r)) }}
}

func (s stock) session(r *rand.Rand) string {
	return indexedSession(reportOf(r.IntN(len(s.w.inReview)), "", opened))
}

func (s stock) list() contestant {
	return contestant{s.name, func(_ int, r *rand.Rand) error {
		page, err := s.repo.List(context.Background(), store.Query{
			Organization: kyctest.Organization, Owner: entityOf(r.IntN(len(s.w.inReview))).String(), Limit: perEntity})
		if err == nil && len(page.Records) != perEntity {
			err = fmt.Errorf("%d records on a page", len(page.Records))
		}
		return err
	}}
}

// due leases ten at a time; the leases have ended when the next ten are asked for.
func (s stock) due() contestant {
	var asked atomic.Int64
	return contestant{s.name, func(int, *rand.Rand) error {
		now := opened.AddDate(1, 0, 0).Add(time.Duration(asked.Add(1)) * time.Millisecond)
		keys, err := s.repo.Due(context.Background(), now, time.Microsecond, 10)
		if err == nil && len(keys) != 10 {
			err = fmt.Errorf("%d keys", len(keys))
		}
		return err
	}}
}

func BenchmarkPostgresBySize(b *testing.B) {
	own, n := startDurable(b), 0
	bySize(b, *benchRecords, []int{1, 8}, func(records, words int) stock {
		n++
		address, w := stocked(b, own, fmt.Sprint("stock_", n), records, words)
		pool := openWide(b, address)
		return stock{repo: postgres.New(pool.Query, kyc.Schema), w: w, six: newByHand(b, pool, w).six, lookup: func(session string) error {
			var data string
			return pool.QueryRow(context.Background(), "select data from kycle_record where kind = $1 and session = $2", kyc.Kind, session).Scan(&data)
		}}
	})
}

func BenchmarkSQLiteBySize(b *testing.B) {
	bySize(b, min(*benchRecords, 1_000_000), []int{1}, func(records, words int) stock {
		db := openFile(b, filepath.Join(b.TempDir(), fmt.Sprint("kycle_", records, "_", words, ".db")))
		s, err := sqlite.New(context.Background(), db, kyc.Schema)
		if err != nil {
			b.Fatal(err)
		}
		fill(b, db, kyc.Schema, genuine(b, records, words))
		one, err := db.Prepare("select data from kycle_record where kind = ? and session = ?")
		if err != nil {
			b.Fatal(err)
		}
		return stock{repo: s, w: newWebhooks(records), lookup: func(session string) error {
			var data string
			return one.QueryRow(kyc.Kind, session).Scan(&data)
		}}
	})
}

func BenchmarkMemoryBySize(b *testing.B) {
	bySize(b, min(*benchRecords, 1_000_000), []int{1, 8}, func(records, words int) stock {
		s := memory.New(kyc.Schema)
		for c := range genuine(b, records, words) {
			c.Expect = 0 // its whole life in one commit
			if err := s.Commit(context.Background(), c); err != nil {
				b.Fatal(err)
			}
		}
		return stock{repo: s, w: newWebhooks(records)}
	})
}
