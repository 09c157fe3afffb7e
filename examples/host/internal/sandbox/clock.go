package sandbox

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// furthest is how far the clock may be moved in all. Beyond it, sums of times would leave
// the years that RFC 3339 can write.
const furthest = 100 * 365 * 24 * time.Hour

// ErrAdvance: the clock goes forward only, and not out of sight.
var ErrAdvance = errors.New("sandbox: the clock cannot be moved so")

// Clock is the host's clock: the system's and an offset, which lives in the database so
// that a host started again does not fall back into a past that its records know nothing
// of.
type Clock struct {
	db     *sql.DB
	offset atomic.Int64 // microseconds
}

// NewClock reads the offset from the database.
func NewClock(ctx context.Context, db *sql.DB) (*Clock, error) {
	c := &Clock{db: db}
	for _, statement := range []string{
		`create table if not exists sandbox_clock (only_row integer primary key check (only_row = 1), offset_us integer not null)`,
		`insert into sandbox_clock values (1, 0) on conflict do nothing`,
	} {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return nil, fmt.Errorf("sandbox: clock: %w", err)
		}
	}
	var offset int64
	if err := db.QueryRowContext(ctx, `select offset_us from sandbox_clock`).Scan(&offset); err != nil {
		return nil, fmt.Errorf("sandbox: clock: %w", err)
	}
	c.offset.Store(offset)
	return c, nil
}

// Now is the host's time, in UTC, to the microsecond.
func (c *Clock) Now() time.Time {
	offset := time.Duration(c.offset.Load()) * time.Microsecond
	return time.Now().UTC().Add(offset).Truncate(time.Microsecond)
}

// Advance moves the clock forward. It fails with ErrAdvance for a negative step, or one
// that goes too far in all.
func (c *Clock) Advance(ctx context.Context, by time.Duration) error {
	if by < 0 || by > furthest {
		return ErrAdvance
	}
	// One statement: of two moves at once neither is lost, and none goes past the end.
	var offset int64
	err := c.db.QueryRowContext(ctx,
		`update sandbox_clock set offset_us = offset_us + ? where offset_us + ? <= ? returning offset_us`,
		by.Microseconds(), by.Microseconds(), furthest.Microseconds()).Scan(&offset)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return ErrAdvance
	case err != nil:
		return fmt.Errorf("sandbox: clock: %w", err)
	}
	// The database decides which move came last; the clock never goes back for the other.
	for {
		was := c.offset.Load()
		if was >= offset || c.offset.CompareAndSwap(was, offset) {
			return nil
		}
	}
}
