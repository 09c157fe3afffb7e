package integration

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/refund"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/storetest"
)

type thing = storetest.Thing

// idOf gives the n-th record's id.
func idOf(n int) (id uuid.UUID) {
	id[6], id[8] = 0x40, 0x80
	id[12], id[13], id[14], id[15] = byte(n>>24), byte(n>>16), byte(n>>8), byte(n)
	return id
}

func keyOf(n int) store.Key { return store.Key{Organization: "org_a", ID: idOf(n)} }

// told is a change of a record, with one entry that has a body.
func told(on store.Record[thing], n int, call uuid.UUID) store.Change[thing] {
	f := storetest.Facts{
		Organization: "org_a", ID: idOf(n), Owner: idOf(n / 10).String(), Session: idOf(n).String(),
		Created: start.AddDate(0, 0, n%300), Due: start.AddDate(1, 0, n%3000), DueRank: uint8(n % 3), Note: "told",
	}
	if n%40 == 7 {
		f.Status = "rare"
	}
	entry, _ := audit.Append(on.Head, audit.Entry{
		Subject: audit.Subject{Organization: "org_a", Kind: "thing", ID: idOf(n)}, Call: call,
		Event: "told", From: "open", To: "open", Verdict: audit.Moved, OccurredAt: start, RecordedAt: start,
		Actor: audit.Actor{Organization: "org_a", Kind: audit.Person, ID: "user_a"},
		Salt:  []byte("salt"), Body: []byte(`{"reason":"because it is so"}`),
	})
	return store.Change[thing]{Next: storetest.MakeThing(f), Expect: on.Version, Entries: []audit.Entry{entry}}
}

// charged is a creation with everything a commit can have.
func charged(n int) store.Change[thing] {
	c := told(store.Record[thing]{}, n, idOf(1))
	subject := refund.Subject{Organization: "org_a", Kind: "thing", ID: idOf(n)}
	p, _ := refund.Post(refund.Charged, subject, refund.Amount{Minor: 500, Currency: "AUD"}, 1, start)
	c.Postings, c.Receipts = []refund.Posting{p}, map[string]string{"key": "1"}
	return c
}

// TestSQLiteCommitFails makes COMMIT fail, before and after the database has done it, and
// lets Update settle what it can.
func TestSQLiteCommitFails(t *testing.T) {
	broken := errors.New("test: broken")
	once := func(query string, done *bool) error {
		if query != "commit" || *done {
			return nil
		}
		*done = true
		return broken
	}
	for _, c := range []struct {
		name, why     string
		before, after bool
		unknown       bool // what Commit says
		decisions     int  // how often Update decides
	}{
		{"before", "there is a transaction to roll back, so nothing is left", true, false, false, 1},
		{"after", "there is none, so nobody knows; the call's entry settles it", false, true, true, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			pool, db := openTap(t, filepath.Join(t.TempDir(), "kycle.db"))
			s := openThings(t, db)
			arm := func() {
				done := false
				hook := func(query string) error { return once(query, &done) }
				switch {
				case c.before:
					pool.fail(hook, nil)
				case c.after:
					pool.fail(nil, hook)
				}
			}
			arm()
			err := s.Commit(t.Context(), charged(1))
			if !errors.Is(err, broken) || errors.Is(err, store.ErrUnknownOutcome) != c.unknown {
				t.Fatalf("commit: error %v: %s", err, c.why)
			}
			if _, err = s.Load(t.Context(), keyOf(1)); (err == nil) != c.after {
				t.Fatalf("load: error %v: %s", err, c.why)
			}
			arm()
			decisions := 0
			var found store.Record[thing]
			reads := []store.Read[thing]{{Key: keyOf(2), Into: &found}}
			err = store.Update(t.Context(), s, idOf(7), store.Limits{}, reads, func() ([]store.Change[thing], error) {
				decisions++
				return []store.Change[thing]{told(found, 2, idOf(7))}, nil
			})
			if errors.Is(err, broken) == c.after || decisions != c.decisions {
				t.Fatalf("update: error %v after %d decisions, want %d: %s", err, decisions, c.decisions, c.why)
			}
			if err := s.Commit(t.Context(), told(store.Record[thing]{}, 3, idOf(8))); err != nil {
				t.Fatalf("the store is of no use afterwards: %v", err)
			}
		})
	}
}

// TestSQLiteDamagedEntries alters the file behind the store's back.
func TestSQLiteDamagedEntries(t *testing.T) {
	db := openFile(t, filepath.Join(t.TempDir(), "kycle.db"))
	s := openThings(t, db)
	first := charged(1)
	on := store.Record[thing]{Version: 1, Head: first.Entries[0].Head()}
	for _, c := range []store.Change[thing]{first, told(on, 1, idOf(2))} {
		if err := s.Commit(t.Context(), c); err != nil {
			t.Fatalf("commit: %v", err)
		}
	}
	for _, statement := range []string{
		"drop trigger kycle_entry_update", "update kycle_entry set bytes = x'00' where seq = 2",
	} {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	if _, err := s.Load(t.Context(), keyOf(1)); !errors.Is(err, audit.ErrFormat) {
		t.Errorf("load: error %v, want %v: nothing may be appended to it", err, audit.ErrFormat)
	}
	h, err := s.History(t.Context(), keyOf(1), 0, 0)
	if err != nil || len(h.Entries) != 2 {
		t.Fatalf("history: %d entries, error %v; want both, for Verify to name", len(h.Entries), err)
	}
	var fault *audit.Fault
	err = audit.Verify(audit.Subject{Organization: "org_a", Kind: "thing", ID: idOf(1)}, h.Entries)
	if !errors.As(err, &fault) || fault.Kind != "edit" || fault.Seq != 2 {
		t.Errorf("verify: %v, want an edit at entry 2", err)
	}
}

// TestSQLiteCommitIsNotInterrupted lets the caller go at the worst moment: when the
// change is written and the commit is about to be.
func TestSQLiteCommitIsNotInterrupted(t *testing.T) {
	for _, at := range []string{"commit", "first write"} {
		t.Run(at, func(t *testing.T) {
			pool, db := openTap(t, filepath.Join(t.TempDir(), "kycle.db"))
			s := openThings(t, db)
			ctx, cancel := context.WithCancel(t.Context())
			pool.fail(func(query string) error {
				if query == "commit" || at == "first write" && strings.HasPrefix(query, "insert") {
					cancel()
				}
				return nil
			}, nil)
			if err := s.Commit(ctx, charged(1)); err != nil {
				t.Errorf("commit: error %v, want none: it had begun, and its outcome is to be certain", err)
			}
			if _, err := s.Load(t.Context(), keyOf(1)); err != nil {
				t.Errorf("load: %v", err)
			}
		})
	}
}

// TestSQLiteHistoryIsOfOneMoment lets another process commit between the two statements
// of a history.
func TestSQLiteHistoryIsOfOneMoment(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kycle.db")
	pool, db := openTap(t, path)
	s, other := openThings(t, db), openThings(t, openFile(t, path))
	commits := 0
	pool.fail(func(query string) error {
		if !strings.Contains(query, "from kycle_posting") {
			return nil
		}
		commits++
		return other.Commit(t.Context(), charged(1))
	}, nil)
	h, err := s.History(t.Context(), keyOf(1), 0, 0)
	if err != nil || commits != 1 {
		t.Fatalf("history: error %v, %d commits meanwhile; want none and 1", err, commits)
	}
	if found := h.Reconcile(audit.Subject{Organization: "org_a", Kind: "thing", ID: idOf(1)}); len(found) > 0 {
		t.Errorf("entries of one moment and postings of another: %v", found)
	}
}
