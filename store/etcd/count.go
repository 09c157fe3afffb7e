package etcd

import (
	"context"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kycle/kycle/store"
)

var _ store.Counter = (*Store[any])(nil)

// Count is that of store.Counter, in two reads of one moment where there are less than a
// hundred statuses. etcd counts keys in memory and reads no value, but it counts all of
// them: unlike in SQL the cost grows with the number of records.
func (s *Store[A]) Count(ctx context.Context, organization string, most int) (counts []store.StatusCount, err error) {
	if err := alive(ctx, "count"); err != nil {
		return nil, err
	}
	if !store.ValidText(organization) {
		return nil, nil // no key can hold it
	}
	err = steady(func() error {
		counts = nil
		var known []string
		from := s.keys.known()
		revision, err := s.each(ctx, 0, from, from, 0, func(at pair) error {
			known = append(known, at.key[len(from):])
			return nil
		})
		for len(known) > 0 && err == nil {
			n := min(len(known), batch)
			err = s.count(ctx, revision, organization, known[:n], func(status string, n int64) {
				if n > 0 { // it may be one that only others' records have, or none any more
					counts = append(counts, store.CountOf(status, int(n), most))
				}
			})
			known = known[n:]
		}
		return err
	})
	if err != nil {
		return nil, failed(ctx, "count", err)
	}
	return counts, nil
}

// count asks for the number of records in each of some statuses.
func (s *Store[A]) count(
	ctx context.Context, revision int64, organization string, statuses []string, do func(status string, n int64),
) error {
	ops := make([]clientv3.Op, len(statuses))
	for i, status := range statuses {
		from := s.keys.stand(status)
		if organization != "" {
			from = s.keys.within(status, organization)
		}
		ops[i] = clientv3.OpGet(from, clientv3.WithPrefix(), clientv3.WithCountOnly(), clientv3.WithRev(revision))
	}
	answer, err := s.ask(ctx, ops...)
	if err != nil {
		return err
	}
	for i, response := range answer.Responses {
		do(statuses[i], response.GetResponseRange().Count)
	}
	return nil
}
