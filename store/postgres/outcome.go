package postgres

import (
	"context"
	"database/sql"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// sqlState is the server's code in an error, "" where it is not an answer of the server.
// It needs no driver's types: pgx and lib/pq both tell it by this method.
func sqlState(err error) string {
	var stated interface{ SQLState() string }
	if errors.As(err, &stated) {
		return stated.SQLState()
	}
	return ""
}

// aborted is the answer to whatever is asked in a transaction that has failed before.
const aborted = "25P02"

// lost tells whether a statement failed because others came first: a serialization
// failure, a deadlock, a unique key, and commit.sql's own way out.
func lost(err error) bool {
	return slices.Contains([]string{"40001", "40P01", "23505", "22012"}, sqlState(err))
}

// refusals are the classes of answers about the statement as such: it cannot be run, it
// was cancelled, or it is not allowed in this transaction.
var refusals = []string{"0A", "21", "22", "23", "25", "42", "54", "55", "57014"}

// inDoubt tells whether a commit that ended in this error may have happened. Only a
// refusal of the server is certain. Every other answer says that the server or the
// connection went away, that the server does not know itself, or that it failed on the
// inside, where what was written may come back in a recovery.
//
// What a driver says of a statement that was never sent is not certain: lib/pq gives
// driver.ErrBadConn, and pgx in its simple protocol an error that is "safe to retry",
// where a connection ends under a statement. database/sql then sends it again, and the
// error that comes of it, be it that nobody answers the call, says nothing of the first.
func inDoubt(err error) bool {
	state := sqlState(err)
	return !errors.Is(err, sql.ErrTxDone) && !errors.Is(err, sql.ErrConnDone) &&
		!slices.ContainsFunc(refusals, func(class string) bool { return strings.HasPrefix(state, class) })
}

// attempts is how often a statement that loses to others is tried by itself: enough for what
// the server aborts without a rival. Who has one decides anew, and that loop is store.Update's.
const attempts = 6

// pause lets rivals pass: none before a first attempt, numbered 0, then a random time that
// grows to 20 ms at most.
func pause(ctx context.Context, attempt int) error {
	if attempt <= 0 {
		return context.Cause(ctx)
	}
	timer := time.NewTimer(rand.N(min(time.Millisecond<<min(attempt, 10), 20*time.Millisecond)))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
