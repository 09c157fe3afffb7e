package integration

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/kycle/kycle/store"
)

// lockedFile gives a store on a file whose lock to write another process holds, with the tap
// that sees what it asks, and what lets the lock go.
func lockedFile(t *testing.T) (s store.Repository[thing], pool *tap, release func()) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "kycle.db")
	pool, db := openTap(t, path)
	s = openThings(t, db)
	if err := s.Commit(t.Context(), charged(1)); err != nil {
		t.Fatal(err)
	}
	holder, err := openFile(t, path).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	run := func(statement string) {
		if _, err := holder.ExecContext(context.Background(), statement); err != nil && !errors.Is(err, sql.ErrConnDone) {
			t.Error(err)
		}
	}
	t.Cleanup(func() {
		if err := holder.Close(); err != nil {
			t.Error(err)
		}
	})
	run("begin immediate")
	return s, pool, func() { run("rollback") }
}

// prompt is far less than the ten seconds that the store would wait by itself.
const prompt = 5 * time.Second

// TestSQLiteHeldElsewhere lets another process hold the lock to write, and the time of the
// caller end: by a limit of the call, by a deadline, because the caller has gone, or not.
func TestSQLiteHeldElsewhere(t *testing.T) {
	gone := errors.New("test: the caller has gone")
	const short = 300 * time.Millisecond
	for _, c := range []struct {
		name, why string
		limits    store.Limits
		deadline  time.Duration // of the caller's context
		leaves    bool          // the caller goes while the lock is waited for
		codeless  bool          // the driver does not tell SQLite's code
		cause     error         // nil: the store's own patience ended
	}{
		{"a limit of the call", "the setting bounds the wait", store.Limits{Within: short}, 0, false, false, context.DeadlineExceeded},
		{"a deadline", "so does the context", store.Limits{}, short, false, false, context.DeadlineExceeded},
		{"a caller who leaves", "nobody knew before when the context would end", store.Limits{}, 0, true, false, gone},
		{"nobody says how long", "the store waits ten seconds, and not forty times", store.Limits{}, 0, false, false, nil},
		{"a driver that tells no code", "what it waited for was the lock", store.Limits{Within: short}, 0, false, true, context.DeadlineExceeded},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, pool, release := lockedFile(t)
			ctx, cancel := context.WithCancelCause(t.Context())
			if c.deadline > 0 {
				var stop context.CancelFunc
				ctx, stop = context.WithTimeout(ctx, c.deadline)
				defer stop()
			}
			begins, decisions := 0, 0
			pool.fail(func(query string) error {
				if query != "begin immediate" {
					return nil
				}
				if begins++; c.leaves && begins == 3 {
					cancel(gone)
				}
				return nil
			}, nil)
			pool.codeless.Store(c.codeless)
			var found store.Record[thing]
			reads := []store.Read[thing]{{Key: keyOf(1), Into: &found}}
			began := time.Now()
			err := store.Update(ctx, s, idOf(7), c.limits, reads, func() ([]store.Change[thing], error) {
				decisions++
				return []store.Change[thing]{told(found, 1, idOf(7))}, nil
			})
			took := time.Since(began)
			if !errors.Is(err, store.ErrUnavailable) || c.cause != nil && !errors.Is(err, c.cause) || errors.Is(err, store.ErrUnknownOutcome) {
				t.Errorf("error %v, want %v that wraps %v: %s", err, store.ErrUnavailable, c.cause, c.why)
			}
			if c.cause != nil && took > prompt || took > 3*prompt || decisions != 1 || begins < 2 {
				t.Errorf("%d decisions and %d requests for the lock in %v, want 1, several, and little: %s", decisions, begins, took, c.why)
			}
			release()
			if err := s.Commit(t.Context(), told(found, 1, idOf(8))); err != nil {
				t.Errorf("the store is of no use afterwards: %v", err)
			}
		})
	}
}

// TestSQLiteWaitsForALock lets the lock go while it is waited for: the call succeeds.
func TestSQLiteWaitsForALock(t *testing.T) {
	s, pool, release := lockedFile(t)
	begins := 0
	pool.fail(func(query string) error {
		if query == "begin immediate" {
			if begins++; begins == 3 {
				release()
			}
		}
		return nil
	}, nil)
	if err := s.Commit(t.Context(), charged(2)); err != nil || begins < 3 {
		t.Errorf("error %v after %d requests for the lock, want none after 3", err, begins)
	}
}

// TestSQLiteWritersWaitTheirTurn lets the writer before hold the store's turn: who stands
// behind leaves the queue when its context ends.
func TestSQLiteWritersWaitTheirTurn(t *testing.T) {
	s, pool, release := lockedFile(t)
	first := make(chan error)
	standing, asked := make(chan struct{}), false
	pool.fail(func(query string) error {
		if query == "begin immediate" && !asked {
			asked = true
			close(standing)
		}
		return nil
	}, nil)
	go func() { first <- s.Commit(context.Background(), charged(2)) }()
	<-standing
	gone := errors.New("test: the caller has gone")
	ctx, cancel := context.WithTimeoutCause(t.Context(), 10*time.Millisecond, gone)
	defer cancel()
	if err := s.Commit(ctx, charged(3)); !errors.Is(err, gone) || !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("error %v, want %v that wraps %v", err, store.ErrUnavailable, gone)
	}
	if _, err := s.Due(ctx, start, time.Hour, 1); !errors.Is(err, gone) {
		t.Errorf("due: error %v, want %v", err, gone)
	}
	release()
	if err := <-first; err != nil {
		t.Errorf("who stood before: %v", err)
	}
}
