package integration

import (
	"context"
	"database/sql"
	"errors"
	"testing"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/kyc/kyctest"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/postgres"
	"github.com/kycle/kycle/store/storetest"
)

// hostTx is a transaction of the host's with a store in it.
type hostTx struct {
	store.Repository[thing]
	exec             func(statement string) error
	commit, rollback func() error
}

// hostTransactions are the ways in which a host may begin one.
var hostTransactions = []struct {
	name  string
	begin func(t *testing.T, address string) func() hostTx
}{
	{"pgx.Tx", func(t *testing.T, address string) func() hostTx {
		pool := openPool(t, address)
		return func() hostTx {
			tx := begin(t, pool)
			return hostTx{
				postgres.New(tx.Query, storetest.ThingSchema()),
				func(statement string) error { _, err := tx.Exec(t.Context(), statement); return err },
				func() error { return tx.Commit(t.Context()) },
				func() error { return tx.Rollback(t.Context()) },
			}
		}
	}},
	{"sql.Tx of pgx", beginSQL("pgx")},
	{"sql.Tx of lib/pq", beginSQL("postgres")},
}

func beginSQL(driver string) func(t *testing.T, address string) func() hostTx {
	return func(t *testing.T, address string) func() hostTx {
		db := openSQL(t, driver, address)
		return func() hostTx {
			tx, err := db.BeginTx(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			return hostTx{
				postgres.New(tx.QueryContext, storetest.ThingSchema()),
				func(statement string) error { _, err := tx.ExecContext(t.Context(), statement); return err },
				tx.Commit, tx.Rollback,
			}
		}
	}
}

// exclusive gives a creation that takes an exclusive key.
func exclusive(n int, key string) store.Change[thing] {
	c := told(store.Record[thing]{}, n, idOf(1))
	c.Next.ExclusiveKey = key
	return c
}

// TestPostgresTransactionStaysUsable lets every refusal happen in a transaction of the
// host's, which then goes on.
func TestPostgresTransactionStaysUsable(t *testing.T) {
	t.Parallel()
	for _, way := range hostTransactions {
		for _, end := range []string{"rollback", "commit"} {
			t.Run(way.name+", "+end, func(t *testing.T) {
				address := newDatabase(t)
				outside := postgres.New(openPool(t, address).Query, storetest.ThingSchema())
				begin := way.begin(t, address)
				refusals := prepareRefusals(t, outside)
				tx := begin()
				if err := tx.exec("create table hosts_own (n int)"); err != nil {
					t.Fatal(err)
				}
				for _, r := range refusals {
					if err := tx.Commit(t.Context(), r.changes...); !errors.Is(err, r.want) {
						t.Errorf("%s: error %v, want %v: %s", r.name, err, r.want, r.why)
					}
					if err := tx.exec("insert into hosts_own values (1)"); err != nil {
						t.Fatalf("%s: the transaction is of no use: %v", r.name, err)
					}
				}
				if err := tx.Commit(t.Context(), charged(50)); err != nil {
					t.Fatal(err)
				}
				if _, err := tx.Load(t.Context(), keyOf(50)); err != nil {
					t.Errorf("the transaction does not see its own change: %v", err)
				}
				if _, err := outside.Load(t.Context(), keyOf(50)); !errors.Is(err, store.ErrNotFound) {
					t.Errorf("others see what is not committed: %v", err)
				}
				finish := map[string]func() error{"rollback": tx.rollback, "commit": tx.commit}[end]
				if err := finish(); err != nil {
					t.Fatal(err)
				}
				h, err := outside.History(t.Context(), keyOf(50), 0, 0)
				if want := map[string]int{"rollback": 0, "commit": 1}[end]; err != nil || len(h.Entries) != want || len(h.Postings) != want {
					t.Errorf("after the %s: %+v, error %v; want %d entries and postings", end, h, err, want)
				}
			})
		}
	}
}

type refusal struct {
	name, why string
	want      error
	changes   []store.Change[thing]
}

// prepareRefusals commits what stands in the way of the changes that it returns.
func prepareRefusals(t *testing.T, s store.Repository[thing]) []refusal {
	t.Helper()
	for _, c := range []store.Change[thing]{charged(1), exclusive(2, "taken"), charged(3), exclusive(4, "taken too")} {
		if err := s.Commit(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	at := func(n int) store.Record[thing] {
		record, err := s.Load(t.Context(), keyOf(n))
		if err != nil {
			t.Fatal(err)
		}
		return record
	}
	stale := at(1)
	transition(t, s, 1)
	again, twice, session := told(at(3), 3, idOf(1)), told(at(3), 3, idOf(1)), told(store.Record[thing]{}, 9, idOf(1))
	again.Postings = charged(3).Postings
	twice.Receipts = map[string]string{"key": "2"}
	session.Next.Session = charged(1).Next.Session
	several := told(at(3), 3, idOf(1))
	several.Receipts = twice.Receipts
	several.Entries = append(several.Entries, told(store.Record[thing]{Head: several.Entries[0].Head()}, 3, idOf(2)).Entries...)
	up := told(at(4), 4, idOf(1))
	up.Expect = 7
	return []refusal{
		{"stale version", "the short form", store.ErrConflict, []store.Change[thing]{told(stale, 1, idOf(1))}},
		{"record there", "the long form", store.ErrConflict, []store.Change[thing]{charged(1)}},
		{"exclusive key taken", "by a record outside the commit", store.ErrConflict, []store.Change[thing]{exclusive(9, "taken")}},
		{"session taken", "by another record", store.ErrConflict, []store.Change[thing]{session}},
		{"posting there", "a second charge", store.ErrDuplicate, []store.Change[thing]{again}},
		{"receipt there", "the same event", store.ErrDuplicate, []store.Change[thing]{twice}},
		{"receipt there, two entries", "the long form", store.ErrDuplicate, []store.Change[thing]{several}},
		{"stale prior", "of a replacement", store.ErrConflict, []store.Change[thing]{up, exclusive(9, "taken too")}},
	}
}

// TestPostgresLostRaceInATransaction lets others commit between a transaction's load and
// its commit.
func TestPostgresLostRaceInATransaction(t *testing.T) {
	t.Parallel()
	for _, way := range hostTransactions {
		for _, c := range []struct {
			isolation, why string
			usable         bool
		}{
			{"read committed", "the refusal is an answer", true},
			{"serializable", "the race itself is the database's to refuse", false},
		} {
			t.Run(way.name+", "+c.isolation, func(t *testing.T) {
				address := with(newDatabase(t), "default_transaction_isolation", c.isolation)
				outside := postgres.New(openPool(t, address).Query, storetest.ThingSchema())
				if err := outside.Commit(t.Context(), charged(1)); err != nil {
					t.Fatal(err)
				}
				begin := way.begin(t, address)
				decide := func(s store.Repository[thing], during func()) (decisions int, err error) {
					var found store.Record[thing]
					reads := []store.Read[thing]{{Key: keyOf(1), Into: &found}}
					err = store.Update(t.Context(), s, idOf(1), store.Limits{Attempts: 1}, reads, func() ([]store.Change[thing], error) {
						decisions++
						during()
						return []store.Change[thing]{told(found, 1, idOf(1))}, nil
					})
					return decisions, err
				}
				tx := begin()
				decisions, err := decide(tx, func() { transition(t, outside, 1) })
				if !errors.Is(err, store.ErrConflict) || decisions != 1 {
					t.Errorf("error %v after %d decisions, want %v after one: %s", err, decisions, store.ErrConflict, c.why)
				}
				if err := tx.exec("select 1"); (err == nil) != c.usable {
					t.Errorf("afterwards: error %v: %s", err, c.why)
				}
				if err := tx.rollback(); err != nil {
					t.Fatal(err)
				}
				tx = begin()
				if _, err := decide(tx, func() {}); err != nil {
					t.Errorf("begun anew: %v", err)
				}
				if err := tx.commit(); err != nil {
					t.Errorf("begun anew: %v", err)
				}
			})
		}
	}
}

// TestPostgresServiceInATransaction runs the domain in transactions of the host's, beside
// a row of its own: both are there, or neither is.
func TestPostgresServiceInATransaction(t *testing.T) {
	t.Parallel()
	db := openSQL(t, "pgx", newDatabase(t))
	if _, err := db.ExecContext(t.Context(), "create table hosts_own (id uuid)"); err != nil {
		t.Fatal(err)
	}
	one := func(s *kyc.Settings) { s.Attempts = 1 }
	outside := kyctest.NewHost(t, postgres.New(db.QueryContext, kyc.Schema), one)
	v := outside.In(kyc.InReview)
	decide := func(approve bool) error {
		return inTx(t.Context(), db, func(tx *sql.Tx) error {
			if _, err := tx.ExecContext(t.Context(), "insert into hosts_own values ($1)", v.ID.String()); err != nil {
				return err
			}
			h := outside.Over(postgres.New(tx.QueryContext, kyc.Schema))
			if !approve {
				if _, err := h.Reject(t.Context(), h.Person, v.ID, "made for a test"); err != nil {
					return err
				}
				return errGone
			}
			_, err := h.Approve(t.Context(), h.Person, v.ID, "made for a test")
			return err
		})
	}
	for _, c := range []struct {
		name, why string
		approve   bool
		want      error
		status    kyc.Status
		rows      int
	}{
		{"the host changes its mind", "what was decided goes with it", false, errGone, kyc.InReview, 0},
		{"both", "one commit for the two", true, nil, kyc.Approved, 1},
		{"refused", "no second decision, and no second row", true, lifecycle.ErrNotAllowed, kyc.Approved, 1},
	} {
		if err := decide(c.approve); !errors.Is(err, c.want) {
			t.Errorf("%s: error %v, want %v: %s", c.name, err, c.want, c.why)
		}
		record, err := outside.Repository.Load(t.Context(), store.Key{Organization: v.OrganizationID, ID: v.ID})
		rows := 0
		if err == nil {
			err = db.QueryRowContext(t.Context(), "select count(*) from hosts_own").Scan(&rows)
		}
		if err != nil || record.Value.Status != c.status || rows != c.rows {
			t.Errorf("%s: %s and %d rows, error %v; want %s and %d: %s", c.name, record.Value.Status, rows, err, c.status, c.rows, c.why)
		}
	}
}

var errGone = errors.New("test: the host has changed its mind")

// inTx runs a function in a transaction, which an error of it undoes.
func inTx(ctx context.Context, db *sql.DB, do func(*sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := do(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

// TestPostgresRefusesAGap commits what no decision can have made: an entry that leaves
// one out, in both forms of a commit.
func TestPostgresRefusesAGap(t *testing.T) {
	t.Parallel()
	s := postgres.New(openPool(t, newDatabase(t)).Query, storetest.ThingSchema())
	if err := s.Commit(t.Context(), charged(1)); err != nil {
		t.Fatal(err)
	}
	gap := told(store.Record[thing]{Version: 1, Head: audit.Head{Seq: 2}}, 1, idOf(2))
	created := told(store.Record[thing]{Head: audit.Head{Seq: 1}}, 2, idOf(2))
	for _, c := range []store.Change[thing]{gap, created} {
		err := s.Commit(t.Context(), c)
		if err == nil || errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrUnknownOutcome) {
			t.Errorf("error %v, want one that is no reason to try again", err)
		}
	}
	if h := verified(t, s); len(h.Entries) != 1 {
		t.Errorf("%d entries, want 1", len(h.Entries))
	}
	if _, err := s.Load(t.Context(), keyOf(2)); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("load: error %v, want %v", err, store.ErrNotFound)
	}
}
