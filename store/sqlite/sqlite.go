package sqlite

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/kycle/kycle/store"
)

//go:embed schema.sql
var schema string

// ErrDatabase: the database cannot keep the promises, or is not reachable as it must be.
var ErrDatabase = errors.New("sqlite: unfit database")

// lockWait is how long an operation waits for another process's commit at most, its turn
// among the writers of its own store included.
const lockWait = 10 * time.Second

// lockSlice is how long SQLite waits for the lock to write by itself: a context that ends
// does not end its wait, and is looked at between two.
const lockSlice = 50 * time.Millisecond

// Store is a store.Repository. All its methods may be called at once.
type Store[A any] struct {
	db     *sql.DB
	schema store.Schema[A]
	// turn lets one writer of this store at a time ask for the file's lock: SQLite's own
	// queue is a poll, and neither fair nor quick.
	turn chan struct{}
}

// New opens a store in a database and makes its tables where they are missing; it may be
// called any number of times, and by several processes at once. The database stays the
// caller's to close, after the last use of the store. A database that cannot keep the
// promises is refused with ErrDatabase. It fails with store.ErrUnavailable where another
// process holds the file for longer than ten seconds.
func New[A any](ctx context.Context, db *sql.DB, schema store.Schema[A]) (*Store[A], error) {
	s, wait := &Store[A]{db: db, schema: schema, turn: make(chan struct{}, 1)}, left(ctx)
	conn, err := s.conn(ctx, wait)
	if err != nil {
		return nil, err
	}
	defer release(conn)
	if err := writeAhead(ctx, conn); err != nil {
		return nil, failed(ctx, "open", err)
	}
	for _, check := range []struct{ pragma, want string }{
		{"journal_mode", "wal"}, {"recursive_triggers", "1"}, {"busy_timeout", fmt.Sprint(wait.Milliseconds())}, {"synchronous", "2"},
	} {
		var got string
		if err := conn.QueryRowContext(ctx, "pragma "+check.pragma).Scan(&got); err != nil {
			return nil, failed(ctx, "open", err)
		}
		if got != check.want {
			return nil, fmt.Errorf("%w: %s is %q and must be %q; a file of its own is needed, one in memory will not do",
				ErrDatabase, check.pragma, got, check.want)
		}
	}
	if err := write(ctx, conn, time.Now().Add(lockWait), create); err != nil {
		return nil, failed(ctx, "create the tables", err)
	}
	return s, nil
}

// writeAhead turns write-ahead logging on, which stays with the file. The switch needs
// the file alone and does not wait for it, so several processes that open a new file at
// once try more than once.
func writeAhead(ctx context.Context, conn *sql.Conn) (err error) {
	for range 200 {
		var mode string
		if err = conn.QueryRowContext(ctx, "pragma journal_mode = wal").Scan(&mode); err == nil || !busy(err) {
			return err
		}
		timer := time.NewTimer(10 * time.Millisecond)
		select {
		case <-ctx.Done():
			timer.Stop()
			return context.Cause(ctx)
		case <-timer.C:
		}
	}
	return err
}

var comment = regexp.MustCompile(`(?m)^--.*\n`)

// create makes what is missing of the tables. Statements go one by one: not every driver
// takes several at once.
func create(ctx context.Context, conn *sql.Conn) error {
	for _, statement := range strings.Split(comment.ReplaceAllString(schema, ""), "\n\n") {
		if statement = strings.TrimSpace(statement); statement == "" {
			continue
		}
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// left is how long a statement may wait for a lock: as long as the context lasts, and no
// longer than lockWait. It is a whole number of milliseconds, as SQLite takes it.
func left(ctx context.Context) time.Duration {
	wait := lockWait
	if end, ok := ctx.Deadline(); ok {
		wait = min(wait, max(time.Until(end), 0))
	}
	return wait.Truncate(time.Millisecond)
}

// conn takes a connection and sets on it what SQLite keeps for each connection: the pool
// may have opened a new one at any time. Its statements wait for a lock as long as said.
func (s *Store[A]) conn(ctx context.Context, wait time.Duration) (*sql.Conn, error) {
	if ctx.Err() != nil {
		return nil, failed(ctx, "connect", context.Cause(ctx))
	}
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return nil, failed(ctx, "connect", err)
	}
	settings := []string{
		fmt.Sprintf("pragma busy_timeout = %d", wait.Milliseconds()),
		"pragma recursive_triggers = on",
		"pragma synchronous = full",
	}
	for _, pragma := range settings {
		if _, err := conn.ExecContext(ctx, pragma); err != nil {
			conn.Close()
			return nil, failed(ctx, "connect", err)
		}
	}
	return conn, nil
}

// release gives a connection back to the pool as a host expects it, whose own statements
// wait for a lock too.
func release(conn *sql.Conn) {
	// Where it fails the connection is one that the pool closes.
	_, _ = conn.ExecContext(context.Background(), fmt.Sprintf("pragma busy_timeout = %d", lockWait.Milliseconds()))
	conn.Close()
}

// failed wraps an error with its place, and with the context's cause where that has ended:
// what a driver makes of an interruption is its own.
func failed(ctx context.Context, what string, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("sqlite: %s: %w: %w", what, context.Cause(ctx), err)
	}
	return fmt.Errorf("sqlite: %s: %w", what, err)
}

// The primary result codes of SQLite that matter here; an extended one has them in its
// lowest byte.
const (
	codeBusy = 5
	codeIO   = 10
)

// code is SQLite's result code in an error, 0 where the driver does not tell. It needs no
// driver's types.
func code(err error) int {
	var coded interface{ Code() int }
	if errors.As(err, &coded) {
		return coded.Code() & 0xff
	}
	return 0
}

func busy(err error) bool { return code(err) == codeBusy }
