package product

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/store"
)

// Backoff is how long owed work waits after so many failures in a row: BackoffMin after
// the first, doubled with each, BackoffMax at most; and of that a part between a half and
// the whole. The part comes from the id of the call that failed, so that the same call gives
// the same pause, and records that failed together do not come back together.
func (s Settings) Backoff(failures int, call uuid.UUID) time.Duration {
	pause := s.BackoffMin
	for range failures - 1 {
		if pause > s.BackoffMax/2 { // so that no double overflows
			pause = s.BackoffMax
			break
		}
		pause *= 2
	}
	part := pause / 2
	draw := binary.BigEndian.Uint64(call[8:]) % (uint64(part) + 1)
	return pause - part + time.Duration(draw)
}

// Sweep takes due records in batches, in the order in which the store gives them, and gives
// each to work, until every due record had its turn. A record that work leaves due has one
// turn in a sweep, and keeps no other from its own. Once the lease of a batch has ended, the
// rest of it is taken anew, since another sweep may have taken it.
//
// It may run in any number of processes at once. What fails with one record, a panic
// included, is an error that names the record, and keeps no other from its turn. Sweep
// returns all of them joined, and after them why it ended early: what the store said where
// it could not be asked, or the cause of a context that has ended.
func (r *Runner[A]) Sweep(ctx context.Context, work func(ctx context.Context, key store.Key) error) error {
	var failed []error
	s, tried := r.config.Settings, map[store.Key]bool{}
	limit := s.SweepBatch
	ctx, end := r.sweeping(ctx)
	defer func() { end(len(tried), failed) }()
	for {
		began := r.Now()
		keys, err := r.config.Repository.Due(ctx, began, s.SweepLease, limit)
		if err != nil {
			return errors.Join(append(failed, err)...)
		}
		turns, again, whole := 0, 0, true
		for _, key := range keys {
			if tried[key] {
				again++
				continue
			}
			if whole = turns == 0 || s.SweepLease == 0 || r.Now().Sub(began) < s.SweepLease; !whole {
				break
			}
			if ctx.Err() != nil {
				return errors.Join(append(failed, context.Cause(ctx))...)
			}
			turns++
			tried[key] = true
			if err := contained(ctx, key, work); err != nil {
				failed = append(failed, fmt.Errorf("record %s: %w", key.ID, err))
			}
		}
		if whole && len(keys) < limit {
			return errors.Join(failed...)
		}
		limit = s.SweepBatch + again // what had its turn and is due still stands before the rest
	}
}

// contained makes a panic the error of its record.
func contained(ctx context.Context, key store.Key, work func(context.Context, store.Key) error) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = &Panic{value, debug.Stack()}
		}
	}()
	return work(ctx, key)
}
