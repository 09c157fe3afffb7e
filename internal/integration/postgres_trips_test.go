package integration

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/kyc/kyctest"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/postgres"
	"github.com/kycle/kycle/store/storetest"
)

func TestPostgresRoundTrips(t *testing.T) {
	t.Parallel()
	lib := func(t testing.TB, address string) store.Repository[thing] {
		return postgres.New(openSQL(t, "postgres", address).QueryContext, storetest.ThingSchema())
	}
	for _, c := range []struct {
		name, why string
		open      func(t testing.TB, address string) store.Repository[thing]
		trips     int64
	}{
		{"pgx pool", "load, commit", postgresModes[0].open, 2},
		{"pgx in database/sql, statement cache", "load, commit", postgresModes[1].open, 2},
		{"pgx in database/sql, simple protocol", "load, commit", postgresModes[2].open, 2},
		{"lib/pq", "it asks what the arguments are before it sends them", lib, 4},
		{"lib/pq with binary_parameters", "it sends them at once", func(t testing.TB, address string) store.Repository[thing] {
			return lib(t, with(address, "binary_parameters", "yes"))
		}, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := startProxy(t, newDatabase(t))
			s := c.open(t, p.address)
			for n := range 2 { // warm: the connection is there, and the statements are known to it
				if err := s.Commit(t.Context(), charged(n)); err != nil {
					t.Fatal(err)
				}
				transition(t, s, n)
			}
			p.trips.Store(0)
			transition(t, s, 1)
			if got := p.trips.Load(); got != c.trips {
				t.Errorf("a transition took %d round trips, want %d: %s", got, c.trips, c.why)
			}
			p.trips.Store(0)
			if _, err := s.Load(t.Context(), keyOf(2)); !errors.Is(err, store.ErrNotFound) {
				t.Fatal(err)
			}
			if err := s.Commit(t.Context(), charged(2)); err != nil {
				t.Fatal(err)
			}
			if got := p.trips.Load(); got != c.trips {
				t.Errorf("a creation took %d round trips, want %d: %s", got, c.trips, c.why)
			}
		})
	}
}

func TestPostgresRoundTripsInATransaction(t *testing.T) {
	t.Parallel()
	p := startProxy(t, newDatabase(t))
	pool := openPool(t, p.address)
	if err := postgres.New(pool.Query, storetest.ThingSchema()).Commit(t.Context(), charged(1)); err != nil {
		t.Fatal(err)
	}
	for _, warm := range []bool{false, true} {
		err := pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error {
			p.trips.Store(0)
			transition(t, postgres.New(tx.Query, storetest.ThingSchema()), 1)
			if got := p.trips.Load(); warm && got != 2 {
				t.Errorf("%d round trips between the host's begin and commit, want 2", got)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestPostgresRoundTripsOfTheService counts those of a whole operation of the domain.
func TestPostgresRoundTripsOfTheService(t *testing.T) {
	t.Parallel()
	p := startProxy(t, newDatabase(t))
	h := kyctest.NewHost(t, postgres.New(openPool(t, p.address).Query, kyc.Schema))
	var v kyc.Validation
	for range 2 {
		v = h.In(kyc.InReview)
		p.trips.Store(0)
		h.Hear(v, kyc.ProviderRejected)
	}
	if got := p.trips.Load(); got != 2 {
		t.Errorf("a webhook's transition took %d round trips, want 2", got)
	}
}

// TestPostgresLosesAConnection ends the connection under a commit, at three moments, and
// lets Update settle it.
func TestPostgresLosesAConnection(t *testing.T) {
	t.Parallel()
	for _, mode := range postgresModes {
		for _, c := range []struct {
			name, why string
			fault     fault
			there     bool
		}{
			{"before the server heard", "nobody can tell from here, and nothing is there", unasked, false},
			{"before the answer was heard", "it is there; a second sending must not count as a rival's", unheard, true},
		} {
			t.Run(mode.name+", "+c.name, func(t *testing.T) {
				address := newDatabase(t)
				p := startProxy(t, address)
				s, other := mode.open(t, p.address), postgres.New(openPool(t, address).Query, storetest.ThingSchema())
				for n := range 2 { // both forms of a commit
					if err := s.Commit(t.Context(), charged(n)); err != nil {
						t.Fatal(err)
					}
					transition(t, s, n)
				}
				record, err := s.Load(t.Context(), keyOf(1))
				if err != nil {
					t.Fatal(err)
				}
				for _, change := range []store.Change[thing]{charged(7), told(record, 1, idOf(3))} {
					key, before := storetest.ThingSchema().Index(change.Next).Key(), change.Expect
					p.fail(c.fault)
					err := s.Commit(t.Context(), change)
					if mode.resends && err != nil || !mode.resends && !errors.Is(err, store.ErrUnknownOutcome) {
						t.Fatalf("commit: error %v, sent again: %v: %s", err, mode.resends, c.why)
					}
					want := before
					if c.there || mode.resends {
						want++
					}
					if found, err := other.Load(t.Context(), key); found.Version != want || want > 0 && err != nil {
						t.Errorf("version %d, error %v, want %d: %s", found.Version, err, want, c.why)
					}
				}
				settled(t, s, other, func() { p.fail(c.fault) })
				p.fail(c.fault)
				_, err = s.Load(t.Context(), keyOf(1))
				if mode.resends && err != nil || !mode.resends && !errors.Is(err, store.ErrUnavailable) {
					t.Errorf("load: error %v, sent again: %v", err, mode.resends)
				}
			})
		}
	}
}

// TestPostgresLosesTheServer ends the connection after a commit, and takes no other: a
// second sending that nobody answers is no proof that the first was not heard.
func TestPostgresLosesTheServer(t *testing.T) {
	t.Parallel()
	for _, mode := range postgresModes {
		t.Run(mode.name, func(t *testing.T) {
			address := newDatabase(t)
			p := startProxy(t, address)
			s, other := mode.open(t, p.address), postgres.New(openPool(t, address).Query, storetest.ThingSchema())
			if err := s.Commit(t.Context(), charged(1)); err != nil {
				t.Fatal(err)
			}
			p.fail(unheard)
			p.hangUp(t)
			if err := s.Commit(t.Context(), charged(2)); !errors.Is(err, store.ErrUnknownOutcome) {
				t.Errorf("error %v, want %v", err, store.ErrUnknownOutcome)
			}
			if _, err := other.Load(t.Context(), keyOf(2)); err != nil {
				t.Errorf("it is not there: %v", err)
			}
			if _, err := s.Load(t.Context(), keyOf(2)); !errors.Is(err, store.ErrUnavailable) || errors.Is(err, store.ErrUnknownOutcome) {
				t.Errorf("load: error %v, want %v without doubt", err, store.ErrUnavailable)
			}
		})
	}
}

// settled lets Update meet a fault: it must succeed, with one entry of its call.
func settled(t *testing.T, s, other store.Repository[thing], arm func()) {
	t.Helper()
	for n, key := range []int{1, 8} {
		armed, call := false, idOf(100+n)
		var found store.Record[thing]
		reads := []store.Read[thing]{{Key: keyOf(key), Into: &found}}
		err := store.Update(t.Context(), s, call, store.Limits{}, reads, func() ([]store.Change[thing], error) {
			if !armed {
				arm()
				armed = true
			}
			return []store.Change[thing]{told(found, key, call)}, nil
		})
		if err != nil {
			t.Fatalf("update: %v", err)
		}
		h, err := other.History(t.Context(), keyOf(key), 0, 0)
		if err == nil {
			err = audit.Verify(audit.Subject{Organization: "org_a", Kind: "thing", ID: idOf(key)}, h.Entries)
		}
		mine := 0
		for _, e := range h.Entries {
			if e.Call == call {
				mine++
			}
		}
		if err != nil || mine != 1 {
			t.Errorf("%d entries of the call, error %v; want 1", mine, err)
		}
	}
}

// TestPostgresIsNotItsOwnRival lets database/sql send a commit again while its first
// sending waits for a lock: the two meet, and the call has succeeded.
func TestPostgresIsNotItsOwnRival(t *testing.T) {
	t.Parallel()
	for _, isolation := range []string{"read committed", "serializable"} {
		t.Run(isolation, func(t *testing.T) {
			address := newDatabase(t)
			name := "rival_" + isolation[:4]
			p := startProxy(t, with(with(address, "application_name", name), "default_transaction_isolation", isolation))
			s, pool := postgresModes[3].open(t, p.address), openPool(t, address)
			c := charged(1)
			if err := s.Commit(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			record, err := s.Load(t.Context(), keyOf(1))
			if err != nil {
				t.Fatal(err)
			}
			tx := begin(t, pool)
			if _, err := tx.Exec(t.Context(), "select 1 from kycle_record for update"); err != nil {
				t.Fatal(err)
			}
			p.runs.Store(0)
			p.fail(orphaned)
			done := make(chan error)
			go func() { done <- s.Commit(context.Background(), told(record, 1, idOf(5))) }()
			waiting(t, pool, name, 2)
			if err := tx.Rollback(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := <-done; err != nil || p.runs.Load() < 2 {
				t.Errorf("commit: error %v after %d sendings, want none after two", err, p.runs.Load())
			}
			if h, err := s.History(t.Context(), keyOf(1), 0, 0); err != nil || len(h.Entries) != 2 {
				t.Errorf("%d entries, error %v; want 2", len(h.Entries), err)
			}
		})
	}
}

// waiting returns once so many sessions of a name wait for a lock. A store that does not
// wait for one is a failure, and would be waited for for ever.
func waiting(t *testing.T, pool *pgxpool.Pool, name string, want int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for n := 0; n < want; {
		err := pool.QueryRow(ctx, `select count(*) from pg_stat_activity
where application_name = $1 and wait_event_type = 'Lock'`, name).Scan(&n)
		if err != nil {
			t.Fatal(err)
		}
	}
}
