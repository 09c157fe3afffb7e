package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/kycle/kycle/store"
)

// ErrDatabase: the database cannot keep the promises.
var ErrDatabase = errors.New("postgres: unfit database")

// Rows is what a query gives: *sql.Rows and pgx.Rows are two. The store reads rows to the
// end always, which closes them.
type Rows interface {
	Next() bool
	Scan(dest ...any) error
	// Err is looked at after Next has said false: an error at the end of a statement, when
	// it commits, shows nowhere else.
	Err() error
}

// Store is a store.Repository. All its methods may be called at once, if the query
// function may: a pool's may, a transaction's may not.
type Store[A any] struct {
	query  query
	schema store.Schema[A]
}

// New makes a store over a query function, which sends one statement of its own and
// nothing else: pool.Query of pgx, db.QueryContext of database/sql; or tx.Query and
// tx.QueryContext, for a store that lives as long as the host's transaction does and
// belongs to it. It sends nothing itself; the tables are Migrate's to make.
func New[A any, R Rows](
	query func(ctx context.Context, statement string, args ...any) (R, error), schema store.Schema[A],
) *Store[A] {
	return &Store[A]{query: queryOver(query), schema: schema}
}

// query runs a statement and hands each row's Scan on.
type query func(ctx context.Context, statement string, args []any, row func(scan scan) error) error

type scan = func(dest ...any) error

// queryOver reads to the end also after a row that could not be scanned: an unread row
// would keep the connection, and a commit's error comes last.
func queryOver[R Rows](run func(context.Context, string, ...any) (R, error)) query {
	return func(ctx context.Context, statement string, args []any, row func(scan) error) error {
		rows, err := run(ctx, statement, args...)
		if err != nil {
			return err
		}
		var unread error
		for rows.Next() {
			if unread == nil {
				unread = row(rows.Scan)
			}
		}
		if err := rows.Err(); err != nil {
			return err
		}
		return unread
	}
}

// failed wraps an error with its place, and with the context's cause where that has ended:
// what a driver makes of an interruption is its own.
func failed(ctx context.Context, what string, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("postgres: %s: %w: %w", what, context.Cause(ctx), err)
	}
	return fmt.Errorf("postgres: %s: %w", what, err)
}
