package fault

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/kycle/kycle/store"
)

// Store is a store.Repository around another. All its methods may be called at once.
type Store[A any] struct {
	inner store.Repository[A]

	mu    sync.Mutex
	plans []Plan
	calls [Count + 1]int
	late  []func(context.Context) error
}

// New wraps a repository. Of several plans the first that has a fault for a call is
// followed, and those behind it are not asked.
func New[A any](inner store.Repository[A], plans ...Plan) *Store[A] {
	return &Store[A]{inner: inner, plans: plans}
}

// Follow puts other plans in the place of those there are; none: nothing goes wrong.
func (s *Store[A]) Follow(plans ...Plan) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.plans = plans
}

// Calls is how often a method was called, whatever came of it.
func (s *Store[A]) Calls(m Method) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[m]
}

// Land makes the commits that are late, and returns the errors they met: most often
// store.ErrConflict, since others came first.
func (s *Store[A]) Land(ctx context.Context) error {
	s.mu.Lock()
	under := s.late
	s.late = nil
	s.mu.Unlock()
	var errs []error
	for _, commit := range under {
		errs = append(errs, commit(context.WithoutCancel(ctx)))
	}
	return errors.Join(errs...)
}

// next counts a call and asks the plans for its fault.
func (s *Store[A]) next(c Call) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls[c.Method]++
	c.N = s.calls[c.Method]
	for _, plan := range s.plans {
		if f := plan(c); f.kind != none {
			return f
		}
	}
	return None
}

// Load is the wrapped repository's, or Stale.
func (s *Store[A]) Load(ctx context.Context, key store.Key, receipts ...string) (store.Record[A], error) {
	f := s.next(Call{Method: Load, Key: key})
	if f.kind != stale {
		return around(ctx, f, func() (store.Record[A], error) { return s.inner.Load(ctx, key, receipts...) })
	}
	record, err := s.inner.Load(ctx, key, receipts...)
	if err != nil {
		return record, err
	}
	again := store.Change[A]{Next: record.Value, Expect: record.Version}
	if err := s.inner.Commit(ctx, again); err != nil && !errors.Is(err, store.ErrConflict) {
		return store.Record[A]{}, fmt.Errorf("fault: the rival of a stale read: %w", err)
	}
	return record, nil
}

// Commit is the wrapped repository's, or LostAnswer, or Late.
func (s *Store[A]) Commit(ctx context.Context, changes ...store.Change[A]) error {
	entries := 0
	for _, c := range changes {
		entries += len(c.Entries)
	}
	commit := func(ctx context.Context) error { return s.inner.Commit(ctx, changes...) }
	switch f := s.next(Call{Method: Commit, Entries: entries}); f.kind {
	case lostAnswer:
		_ = commit(ctx) // what it said is what is lost
		return fmt.Errorf("fault: the answer is lost: %w", store.ErrUnknownOutcome)
	case late:
		s.mu.Lock()
		s.late = append(s.late, commit)
		s.mu.Unlock()
		return fmt.Errorf("fault: the commit is late: %w", store.ErrUnknownOutcome)
	default:
		_, err := around(ctx, f, func() (struct{}, error) { return struct{}{}, commit(ctx) })
		return err
	}
}

// List is the wrapped repository's.
func (s *Store[A]) List(ctx context.Context, q store.Query) (store.Page[A], error) {
	return around(ctx, s.next(Call{Method: List}), func() (store.Page[A], error) { return s.inner.List(ctx, q) })
}

// Due is the wrapped repository's.
func (s *Store[A]) Due(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]store.Key, error) {
	return around(ctx, s.next(Call{Method: Due}), func() ([]store.Key, error) { return s.inner.Due(ctx, now, lease, limit) })
}

var _ store.Counter = (*Store[any])(nil)

// Count is the wrapped repository's. It fails with errors.ErrUnsupported where that is no
// store.Counter.
func (s *Store[A]) Count(ctx context.Context, organization string, most int) ([]store.StatusCount, error) {
	return around(ctx, s.next(Call{Method: Count}), func() ([]store.StatusCount, error) {
		if counter, ok := s.inner.(store.Counter); ok {
			return counter.Count(ctx, organization, most)
		}
		return nil, fmt.Errorf("fault: the repository does not count: %w", errors.ErrUnsupported)
	})
}

// History is the wrapped repository's. After it was read, the commits that are late land.
func (s *Store[A]) History(ctx context.Context, key store.Key, after uint64, limit int) (store.History, error) {
	f := s.next(Call{Method: History, Key: key})
	h, err := around(ctx, f, func() (store.History, error) { return s.inner.History(ctx, key, after, limit) })
	_ = s.Land(ctx) // a commit that came too late was refused, as it would have been
	return h, err
}
