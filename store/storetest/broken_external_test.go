package storetest_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/storetest"
)

type thing = storetest.Thing

// flaw is one way in which a store is broken. A method that is nil is the honest Shelf's.
type flaw struct {
	name, why string
	promise   int    // that it breaks
	with      []int  // that fall with it, since they rest on that one
	only      string // the one case that finds it out; "": any may

	commit  func(s *broken, ctx context.Context, changes []store.Change[thing]) error
	load    func(s *broken, ctx context.Context, key store.Key, receipts []string) (store.Record[thing], error)
	list    func(s *broken, ctx context.Context, q store.Query) (store.Page[thing], error)
	due     func(s *broken, ctx context.Context, now time.Time, lease time.Duration, limit int) ([]store.Key, error)
	history func(s *broken, ctx context.Context, key store.Key, after uint64, limit int) (store.History, error)
	count   func(s *broken, ctx context.Context, organization string, most int) ([]store.StatusCount, error)
}

// broken is a Shelf with a flaw.
type broken struct {
	*Shelf
	flaw
	turn   turn // of flaws that write in more than one step
	shared map[store.Key]store.Record[thing]
}

func (s *broken) Commit(ctx context.Context, changes ...store.Change[thing]) error {
	moment()
	if s.commit == nil {
		return s.Shelf.Commit(ctx, changes...)
	}
	return s.commit(s, ctx, slices.Clone(changes))
}

func (s *broken) Load(ctx context.Context, key store.Key, receipts ...string) (store.Record[thing], error) {
	moment()
	if s.load == nil {
		return s.Shelf.Load(ctx, key, receipts...)
	}
	return s.load(s, ctx, key, receipts)
}

func (s *broken) List(ctx context.Context, q store.Query) (store.Page[thing], error) {
	moment()
	if s.list == nil {
		return s.Shelf.List(ctx, q)
	}
	return s.list(s, ctx, q)
}

func (s *broken) Due(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]store.Key, error) {
	moment()
	if s.due == nil {
		return s.Shelf.Due(ctx, now, lease, limit)
	}
	return s.due(s, ctx, now, lease, limit)
}

func (s *broken) History(ctx context.Context, key store.Key, after uint64, limit int) (store.History, error) {
	moment()
	if s.history == nil {
		return s.Shelf.History(ctx, key, after, limit)
	}
	return s.history(s, ctx, key, after, limit)
}

func (s *broken) Count(ctx context.Context, organization string, most int) ([]store.StatusCount, error) {
	moment()
	if s.count == nil {
		return s.Shelf.Count(ctx, organization, most)
	}
	return s.count(s, ctx, organization, most)
}

// look gives the box of a change's record as it stands.
func (s *broken) look(c store.Change[thing]) box {
	s.Lock()
	defer s.Unlock()
	return s.boxes[schema.Index(c.Next).Key()]
}

// patch changes the box of a change's record behind the contract's back.
func (s *broken) patch(c store.Change[thing], how func(*box)) {
	s.Lock()
	defer s.Unlock()
	key := schema.Index(c.Next).Key()
	b := s.boxes[key]
	how(&b)
	s.boxes[key] = b
}

// turn is a lock that a step can be made under: whoever waits for a mutex holds a test's
// clock up.
type turn chan struct{}

func (t turn) Lock()   { t <- struct{}{} }
func (t turn) Unlock() { <-t }

// A clock that moves only when everybody waits makes rivals meet on any machine. moment is
// what each call takes; step, between two steps that ought to be one, lets others make many.
func moment() { time.Sleep(time.Nanosecond) }
func step()   { time.Sleep(100 * time.Nanosecond) }

func open(f flaw) func(context.Context) (storetest.Handles[thing], error) {
	return func(context.Context) (storetest.Handles[thing], error) {
		s := &broken{Shelf: &Shelf{boxes: map[store.Key]box{}}, flaw: f, turn: make(turn, 1), shared: map[store.Key]store.Record[thing]{}}
		return storetest.Handles[thing]{One: s, Two: s}, nil
	}
}

func TestAnHonestStorePasses(t *testing.T) {
	if err := storetest.Check(t.Context(), storetest.Things(nil), open(flaw{})); err != nil {
		t.Error(err)
	}
}

// Each broken store is found out by the promise that it breaks, and by no other than those
// which rest on that one.
func TestEachBrokenStoreIsFoundOut(t *testing.T) {
	names := map[string]bool{}
	for _, f := range slices.Concat(commitFlaws, racingFlaws, exactFlaws, readFlaws, dueFlaws, countFlaws) {
		if names[f.name] || f.why == "" {
			t.Errorf("%s: there twice, or without a why", f.name)
		}
		names[f.name] = true
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			var failure storetest.Failure
			synctest.Test(t, func(t *testing.T) {
				if err := storetest.Check(t.Context(), storetest.Things(nil), open(f)); !errors.As(err, &failure) {
					t.Fatalf("not found out: %v: %s", err, f.why)
				}
			})
			got, want := map[int]string{}, append(f.with, f.promise)
			for _, b := range failure {
				got[b.Promise] += b.Case + "; "
				if f.only != "" && b.Case != f.only {
					t.Errorf("%v\nonly %q ought to find it out: %s", b, f.only, f.why)
				}
				if !slices.Contains(want, b.Promise) {
					t.Errorf("%v\nit ought to break promise %d alone: %s", b, f.promise, f.why)
				}
			}
			for _, promise := range want {
				if got[promise] == "" {
					t.Errorf("promise %d is not seen broken: %s", promise, f.why)
				}
			}
		})
	}
}
