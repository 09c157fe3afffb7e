package etcd

import (
	"context"
	"math"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kycle/kycle/store"
)

// leasing is how many leases one transaction takes at most. Each is a transaction inside
// it, and etcd counts both against its limit.
const leasing = 64

// Due returns at most limit keys of records due at now, by rank, time and id, and leases
// them until now + lease. A lease of 0 leases nothing, and only reads. It walks past what
// is leased to others. Where it fails, what it leased stays so until the lease ends.
func (s *Store[A]) Due(ctx context.Context, now time.Time, lease time.Duration, limit int) (keys []store.Key, err error) {
	if err := alive(ctx, "due"); err != nil {
		return nil, err
	}
	for first := 0; first <= math.MaxUint8 && len(keys) < limit; first += maxOperations {
		ranks, err := s.ranks(ctx, first, now)
		for _, rank := range ranks {
			var found []store.Key
			if err == nil {
				found, err = s.dueOf(ctx, rank, now, lease, limit-len(keys))
			}
			keys = append(keys, found...)
		}
		if err != nil {
			return nil, failed(ctx, "due", err)
		}
	}
	return keys, nil
}

// ranks are those of which something is due, from a first one on as many as one read can ask
// for. Each is asked for by itself and up to now: etcd counts a range whenever it reads a
// part of it, and what is not due yet is most of all.
func (s *Store[A]) ranks(ctx context.Context, first int, now time.Time) (found []uint8, err error) {
	var ops []clientv3.Op
	for rank := first; rank <= math.MaxUint8 && len(ops) < maxOperations; rank++ {
		from, to := s.keys.dueWithin(uint8(rank), now)
		ops = append(ops, clientv3.OpGet(from, clientv3.WithRange(to), clientv3.WithLimit(1), clientv3.WithKeysOnly()))
	}
	answer, err := s.ask(ctx, ops...)
	if err != nil {
		return nil, err
	}
	for i, response := range answer.Responses {
		if len(response.GetResponseRange().Kvs) > 0 {
			found = append(found, uint8(first+i))
		}
	}
	return found, nil
}

// dueOf is Due for one rank.
func (s *Store[A]) dueOf(ctx context.Context, rank uint8, now time.Time, lease time.Duration, limit int) (keys []store.Key, err error) {
	from, to := s.keys.dueWithin(rank, now)
	for len(keys) < limit {
		page, err := s.scan(ctx, 0, from, to, leasing)
		if err != nil {
			return nil, err
		}
		free := make([]pair, 0, len(page.pairs))
		for _, at := range page.pairs {
			from = at.key + "\x00"
			if until, ok := leased(at.value); ok && until > now.UnixMicro() {
				continue // somebody has it
			}
			if free = append(free, at); len(keys)+len(free) == limit {
				break
			}
		}
		if lease > 0 && len(free) > 0 {
			if free, err = s.lease(ctx, free, now.Add(lease)); err != nil {
				return nil, err
			}
		}
		for _, at := range free {
			key, err := s.keys.dueAt(at.key)
			if err != nil {
				return nil, err
			}
			keys = append(keys, key)
		}
		// Those that were lost to others are made up for by the next page, not asked for again.
		if len(page.pairs) < leasing {
			break
		}
	}
	return keys, nil
}

// lease leases each key that is as it was read, and gives back those. The others were
// leased or committed meanwhile; each stands alone, so that many sweepers do not make each
// other fail.
func (s *Store[A]) lease(ctx context.Context, free []pair, until time.Time) ([]pair, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	end := number(ordered(until.UnixMicro()))
	ops := make([]clientv3.Op, len(free))
	for i, at := range free {
		// Every commit and every lease puts the key or deletes it, so this is the whole guard.
		asRead := clientv3.Compare(clientv3.ModRevision(at.key), "=", at.mod)
		ops[i] = clientv3.OpTxn([]clientv3.Cmp{asRead}, []clientv3.Op{clientv3.OpPut(at.key, end)}, nil)
	}
	answer, err := s.client.Do(ctx, clientv3.OpTxn(nil, ops, nil))
	if err != nil {
		return nil, err
	}
	var won []pair
	for i, response := range answer.Txn().Responses {
		if response.GetResponseTxn().Succeeded {
			won = append(won, free[i])
		}
	}
	return won, nil
}
