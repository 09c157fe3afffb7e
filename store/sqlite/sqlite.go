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

// busyTimeout is how long a writer waits for another process's commit, in milliseconds.
const busyTimeout = 10_000

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
// promises is refused with ErrDatabase.
func New[A any](ctx context.Context, db *sql.DB, schema store.Schema[A]) (*Store[A], error) {
	s := &Store[A]{db: db, schema: schema, turn: make(chan struct{}, 1)}
	conn, err := s.conn(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	if err := writeAhead(ctx, conn); err != nil {
		return nil, failed(ctx, "open", err)
	}
	for _, check := range []struct{ pragma, want string }{
		{"journal_mode", "wal"}, {"recursive_triggers", "1"}, {"busy_timeout", fmt.Sprint(busyTimeout)}, {"synchronous", "2"},
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
	if err := write(ctx, conn, create); err != nil {
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

// conn takes a connection and sets on it what SQLite keeps for each connection: the pool
// may have opened a new one at any time.
func (s *Store[A]) conn(ctx context.Context) (*sql.Conn, error) {
	if ctx.Err() != nil {
		return nil, failed(ctx, "connect", context.Cause(ctx))
	}
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return nil, failed(ctx, "connect", err)
	}
	for _, pragma := range settings {
		if _, err := conn.ExecContext(ctx, pragma); err != nil {
			conn.Close()
			return nil, failed(ctx, "connect", err)
		}
	}
	return conn, nil
}

var settings = []string{
	fmt.Sprintf("pragma busy_timeout = %d", busyTimeout),
	"pragma recursive_triggers = on",
	"pragma synchronous = full",
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
