package integration

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/postgres"
	"github.com/kycle/kycle/store/storetest"
)

// again is an Update of record 1, with how often it decided.
func again(ctx context.Context, s store.Repository[thing], limits store.Limits) (decisions int, err error) {
	var found store.Record[thing]
	reads := []store.Read[thing]{{Key: keyOf(1), Into: &found}}
	err = store.Update(ctx, s, idOf(7), limits, reads, func() ([]store.Change[thing], error) {
		decisions++
		return []store.Change[thing]{told(found, 1, idOf(7))}, nil
	})
	return decisions, err
}

// TestPostgresHeldElsewhere lets a transaction hold the row that an Update wants to write,
// for longer than the caller has time. Which error it is depends on what the driver can
// know of its statement, but it comes in time, and the statement is not sent again.
func TestPostgresHeldElsewhere(t *testing.T) {
	t.Parallel()
	const short = 300 * time.Millisecond
	for _, mode := range postgresModes {
		for _, c := range []struct {
			name, why string
			limits    store.Limits
			deadline  time.Duration // of the caller's context
		}{
			{"a limit of the call", "the setting bounds the wait", store.Limits{Within: short}, patience},
			{"a deadline", "so does the context", store.Limits{}, short},
		} {
			t.Run(mode.name+", "+c.name, func(t *testing.T) {
				t.Parallel()
				address := newDatabase(t)
				p := startProxy(t, address)
				s, pool := mode.open(t, p.address), openPool(t, address)
				if err := s.Commit(t.Context(), charged(1)); err != nil {
					t.Fatal(err)
				}
				transition(t, s, 1) // warm: statements are known to the connection
				holder := begin(t, pool)
				if _, err := holder.Exec(t.Context(), "select 1 from kycle_record for update"); err != nil {
					t.Fatal(err)
				}
				p.runs.Store(0)
				ctx, cancel := context.WithTimeout(t.Context(), c.deadline)
				defer cancel()
				began := time.Now()
				decisions, err := again(ctx, s, c.limits)
				took := time.Since(began)
				if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, store.ErrConflict) ||
					c.limits.Within > 0 && !errors.Is(err, store.ErrUnavailable) && !errors.Is(err, store.ErrUnknownOutcome) {
					t.Errorf("error %v: %s", err, c.why)
				}
				// A load and the commit; to settle it, a load and a history.
				if runs := p.runs.Load(); decisions != 1 || runs < 2 || runs > 4 || took > prompt {
					t.Errorf("%d decisions, %d statements, %v: want 1, at most 4, and little: %s", decisions, runs, took, c.why)
				}
				if err := holder.Rollback(t.Context()); err != nil {
					t.Fatal(err)
				}
				if decisions, err := again(t.Context(), s, store.Limits{}); err != nil {
					t.Errorf("afterwards: error %v after %d decisions", err, decisions)
				}
			})
		}
	}
}

// abort makes the server refuse every transition as it does at SERIALIZABLE.
const abort = `create function abort() returns trigger language plpgsql as $$
begin raise exception 'for no reason' using errcode = 'serialization_failure'; end $$;
create trigger abort before update on kycle_record for each row execute function abort()`

// TestPostgresAbortsEveryTime counts what is sent where every commit is aborted: the store
// tries a handful of times, and the long loop is Update's alone.
func TestPostgresAbortsEveryTime(t *testing.T) {
	t.Parallel()
	pool := openPool(t, newDatabase(t))
	var loads, commits atomic.Int64
	var during func(commit int64)
	s := postgres.New(func(ctx context.Context, statement string, args ...any) (pgx.Rows, error) {
		if strings.Contains(statement, "update kycle_record") {
			during(commits.Add(1))
		} else {
			loads.Add(1)
		}
		return pool.Query(ctx, statement, args...)
	}, storetest.ThingSchema())
	during = func(int64) {}
	if err := s.Commit(t.Context(), charged(1)); err != nil {
		t.Fatal(err)
	}
	if _, err := pool.Exec(t.Context(), abort, pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Fatal(err)
	}
	const handful = 6
	for _, c := range []struct {
		name, why      string
		limits         store.Limits
		leaves         int64 // at which commit the caller goes; 0: it stays
		commits, loads int64
		want           error
	}{
		{"one decision", "a handful of tries belongs to it", store.Limits{Attempts: 1}, 0, handful, 1, store.ErrConflict},
		{"as many as there are", "forty times a handful, not forty times forty", store.Limits{}, 0, store.Attempts * handful, store.Attempts, store.ErrConflict},
		{"a caller who leaves", "neither loop outlasts the context", store.Limits{}, handful + 2, handful + 2, 2, context.Canceled},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		loads.Store(0)
		commits.Store(0)
		during = func(commit int64) {
			if commit == c.leaves {
				cancel()
			}
		}
		_, err := again(ctx, s, c.limits)
		cancel()
		if !errors.Is(err, c.want) || commits.Load() != c.commits || loads.Load() != c.loads {
			t.Errorf("%s: error %v after %d loads and %d commits, want %v after %d and %d: %s",
				c.name, err, loads.Load(), commits.Load(), c.want, c.loads, c.commits, c.why)
		}
	}
}
