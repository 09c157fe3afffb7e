package product

import (
	"context"
	"encoding/binary"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/store"
)

// Backoff is how long owed work waits after so many failures in a row: BackoffMin, doubled
// with each, up to BackoffMax, and of that a part between a half and the whole. The part
// comes from the id of the call that failed, so that the same call gives the same pause.
func (s Settings) Backoff(failures int, call uuid.UUID) time.Duration {
	pause := s.BackoffMin
	for range failures - 1 {
		if pause >= s.BackoffMax/2 {
			pause = s.BackoffMax
			break
		}
		pause *= 2
	}
	half := uint64(pause / 2)
	return time.Duration(half + binary.BigEndian.Uint64(call[8:])%(half+1))
}

// Sweep takes due records in batches, those of the lower rank first and then the longest
// due (store.Index.DueRank), and gives each to work, until every due record had its turn.
// A record that work leaves due has one turn in a sweep. Once the lease of a batch has
// ended, the rest of it is taken anew, since another sweep may have taken it.
//
// It may run in any number of processes at once. What fails with one record, a panic
// included, keeps no other from its turn: the error joins all that failed, and that of the
// store where it could not be asked.
func (r *Runner[A]) Sweep(ctx context.Context, work func(ctx context.Context, key store.Key) error) error {
	tried, failed := map[store.Key]bool{}, []error{}
	s := r.config.Settings
	ctx, end := r.sweeping(ctx)
	defer func() { end(len(tried), failed) }()
	for {
		began := r.Now()
		keys, err := r.config.Repository.Due(ctx, began, s.SweepLease, s.SweepBatch)
		if err != nil {
			return errors.Join(append(failed, err)...)
		}
		fresh := false
		for i, key := range keys {
			if i > 0 && s.SweepLease > 0 && r.Now().Sub(began) >= s.SweepLease {
				break
			}
			if tried[key] {
				continue
			}
			fresh, tried[key] = true, true
			failed = append(failed, contained(ctx, key, work))
		}
		if !fresh || len(keys) < s.SweepBatch && r.Now().Sub(began) < s.SweepLease {
			return errors.Join(failed...)
		}
	}
}

// contained makes a panic the error of its record.
func contained(ctx context.Context, key store.Key, work func(context.Context, store.Key) error) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = &Panic{value}
		}
	}()
	return work(ctx, key)
}
