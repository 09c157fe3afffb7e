package idpass

import (
	"context"

	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/store"
)

// Sweep makes due deadlines happen, in batches, until every due record had its turn, and
// returns how many. It may run in any number of processes at once, and running it twice
// does nothing twice. A record that fails does not keep the others from their turn; the
// error joins those of the store.
func (s *Service) Sweep(ctx context.Context) (expired int, err error) {
	err = s.runner.Sweep(ctx, func(ctx context.Context, key store.Key) error {
		result, err := s.expire(ctx, key)
		if err == nil && result.Verdict == lifecycle.Move {
			expired++
		}
		return err
	})
	return expired, err
}

// expire makes one pass's deadline happen, if it is still due.
func (s *Service) expire(ctx context.Context, key store.Key) (Result, error) {
	call := s.runner.Call(clock(key.Organization))
	call.Event = string(Expire)
	return s.runner.Update(ctx, call, key, nil, func(r store.Record[Pass]) (Decision, error) {
		if !r.Value.overdue(call.At) {
			return Decision{Result: Result{Value: r.Value}}, nil
		}
		return Decide(r, Input{Event: Expire, Call: call, OccurredAt: r.Value.ExpiresAt})
	})
}
