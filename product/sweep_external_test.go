package product_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/product"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/fault"
)

// swept is an office with tickets that are due, in the order in which they are.
type swept struct {
	*office
	asked []string // of the store: after how long, for how long and how many
	due   []uuid.UUID
	turns []uuid.UUID
}

var errEndless = errors.New("test: the sweep asks without an end")

// spy writes down what a sweep asks for.
type spy struct {
	store.Repository[ticket]
	swept *swept
	began time.Time
}

func (s *spy) Due(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]store.Key, error) {
	s.swept.asked = append(s.swept.asked, fmt.Sprintf("%v %v %d", now.Sub(s.began), lease, limit))
	if len(s.swept.asked) > 100 {
		return nil, errEndless
	}
	return s.Repository.Due(ctx, now, lease, limit)
}

// dueTickets sells so many, an hour apart, and waits until all of them are due.
func dueTickets(t testing.TB, many int, edit func(*product.Settings)) *swept {
	t.Helper()
	s := &swept{}
	s.office = open(t, func(c *product.Config[ticket]) { edit(&c.Settings) })
	for range many {
		s.due = append(s.due, s.sold(t, order{Guest: "ann"}).ID)
		s.clock.Advance(time.Hour)
	}
	now := s.clock.Advance(48 * time.Hour)
	s.Runner = mustNew(t, s.config, func(c *product.Config[ticket]) {
		edit(&c.Settings)
		c.Repository = &spy{c.Repository, s, now}
	})
	return s
}

// end is work that makes the deadline happen, as a product's does.
func (s *swept) end(ctx context.Context, key store.Key) error {
	s.turns = append(s.turns, key.ID)
	_, err := s.tell(ctx, clockOf(key.Organization), key.ID, lapse, nil)
	return err
}

// leave is work that leaves its record due.
func (s *swept) leave(_ context.Context, key store.Key) error {
	s.turns = append(s.turns, key.ID)
	return nil
}

// touch is work that writes its record and leaves it due, which ends its lease.
func (s *swept) touch(ctx context.Context, key store.Key) error {
	s.turns = append(s.turns, key.ID)
	_, err := s.tell(ctx, clerk, key.ID, reprint, nil)
	return err
}

// each wants every due record to have had one turn, in order.
func (s *swept) each(t *testing.T, err error, asked ...string) {
	t.Helper()
	if err != nil {
		t.Errorf("error %v, want none", err)
	}
	if !reflect.DeepEqual(s.turns, s.due) {
		t.Errorf("turns of %v, want one of each, the longest due first: %v", s.turns, s.due)
	}
	if !reflect.DeepEqual(s.asked, asked) {
		t.Errorf("asked for %q, want %q", s.asked, asked)
	}
}

// Batches of due records, the longest due first, until an answer is not full.
func TestSweepTakesBatches(t *testing.T) {
	s := dueTickets(t, 5, func(s *product.Settings) { s.SweepBatch = 2 })
	err := s.Sweep(t.Context(), s.end)
	s.each(t, err, "0s 30s 2", "0s 30s 2", "0s 30s 2")
	for _, id := range s.due {
		if got := s.stored(t, id).Value.Status; got != void {
			t.Errorf("a ticket is %s", got)
		}
	}
	s.turns, s.asked, s.due = nil, nil, nil
	s.each(t, s.Sweep(t.Context(), s.end), "0s 30s 2")
}

// What stays due has one turn, and the records behind it have theirs: whether it is leased,
// or its lease has ended because it was written, or there are no leases (fault C3). The
// clock stands still, so that nothing but the turns ends the sweep.
func TestSweepGivesEachOneTurn(t *testing.T) {
	for _, row := range []struct {
		name, why string
		lease     time.Duration
		work      func(*swept) func(context.Context, store.Key) error
		asked     []string
	}{
		{"left, and leased", "the store gives the next ones", time.Minute,
			func(s *swept) func(context.Context, store.Key) error { return s.leave }, in("0s 1m0s 2", "0s 1m0s 2", "0s 1m0s 2")},
		{"written, and due", "the store gives the same ones, so that more are asked for", time.Minute,
			func(s *swept) func(context.Context, store.Key) error { return s.touch },
			in("0s 1m0s 2", "0s 1m0s 2", "0s 1m0s 4")},
		{"left, without a lease", "the same", 0,
			func(s *swept) func(context.Context, store.Key) error { return s.leave }, in("0s 0s 2", "0s 0s 2", "0s 0s 4", "0s 0s 4", "0s 0s 6")},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := dueTickets(t, 5, func(s *product.Settings) { s.SweepBatch, s.SweepLease = 2, row.lease })
			s.each(t, s.Sweep(t.Context(), row.work(s)), row.asked...)
		})
	}
}

// The lease of a batch ends in the middle: the rest is taken anew before it has its turn.
func TestSweepTakesTheRestAnew(t *testing.T) {
	s := dueTickets(t, 4, func(s *product.Settings) { s.SweepBatch, s.SweepLease = 3, 30*time.Second })
	err := s.Sweep(t.Context(), func(ctx context.Context, key store.Key) error {
		s.clock.Advance(15 * time.Second)
		return s.leave(ctx, key)
	})
	// After two turns the lease is over. The two are due again, and are passed over; the third
	// has its turn, and then the fourth, which stands behind them.
	s.each(t, err, "0s 30s 3", "30s 30s 3", "45s 30s 5")
}

// A turn that outlasts the lease is one turn all the same, of each record.
func TestSweepOutlastsItsLeases(t *testing.T) {
	s := dueTickets(t, 5, func(s *product.Settings) { s.SweepBatch, s.SweepLease = 2, time.Second })
	err := s.Sweep(t.Context(), func(ctx context.Context, key store.Key) error {
		s.clock.Advance(time.Minute)
		return s.leave(ctx, key)
	})
	if err != nil || !reflect.DeepEqual(s.turns, s.due) {
		t.Errorf("turns of %v, error %v, want one of each: %v", s.turns, err, s.due)
	}
}

// However the clock goes, a sweep ends, and each record that was due has one turn.
func TestSweepEndsWhateverTheClockDoes(t *testing.T) {
	for _, row := range []struct {
		name, why string
		step      time.Duration // with each look at the clock
	}{
		{"it stands still", "no lease ever ends", 0},
		{"it runs", "some leases end", 4 * time.Second},
		{"it leaps", "every lease has ended when it is looked at", time.Hour},
		{"it goes back", "no lease ends, and what was leased is not given again", -time.Millisecond},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := dueTickets(t, 7, func(s *product.Settings) { s.SweepBatch = 3 })
			s.Runner = mustNew(t, s.config, func(c *product.Config[ticket]) {
				c.Settings.SweepBatch, c.Now = 3, func() time.Time { return s.clock.Advance(row.step) }
				c.Repository = &spy{c.Repository, s, time.Time{}}
			})
			for _, work := range in(s.leave, s.touch, s.end) {
				s.turns = nil
				if err := s.Sweep(t.Context(), work); err != nil || !reflect.DeepEqual(s.turns, s.due) {
					t.Errorf("turns of %v, error %v, want one of each, %v: %s", s.turns, err, s.due, row.why)
				}
				s.clock.Advance(time.Minute) // the leases end
			}
		})
	}
}

// What fails with one record is an error that names it, and keeps no other from its turn.
func TestSweepPastFailures(t *testing.T) {
	s := dueTickets(t, 4, func(s *product.Settings) { s.SweepBatch = 2 })
	errOdd := errors.New("test: odd")
	failures := map[uuid.UUID]error{s.due[0]: errDown, s.due[2]: errOdd}
	err := s.Sweep(t.Context(), func(ctx context.Context, key store.Key) error {
		if key.ID == s.due[1] {
			s.turns = append(s.turns, key.ID)
			panic("a customer's name")
		}
		return errors.Join(s.end(ctx, key), failures[key.ID])
	})
	if !reflect.DeepEqual(s.turns, s.due) {
		t.Errorf("turns of %v, want one of each: %v", s.turns, s.due)
	}
	wants(t, "each is told", err, errDown, errOdd, product.ErrPanicked)
	var panicked *product.Panic
	if !errors.As(err, &panicked) || panicked.Value != "a customer's name" || !strings.Contains(string(panicked.Stack),
		"TestSweepPastFailures") {
		t.Errorf("panic %+v, want its value, and where it was", panicked)
	}
	var want []string
	for i, text := range []string{errDown.Error(), product.ErrPanicked.Error(), errOdd.Error()} {
		want = append(want, fmt.Sprintf("record %s: %s", s.due[i], text))
	}
	if got := strings.Split(err.Error(), "\n"); !reflect.DeepEqual(got, want) {
		t.Errorf("error %q, want %q", got, want)
	}
}

// A store that cannot be asked ends the sweep; what failed before is told too.
func TestSweepEndsWithTheStore(t *testing.T) {
	s := dueTickets(t, 4, func(s *product.Settings) { s.SweepBatch = 2 })
	errOdd := errors.New("test: odd")
	s.faulty.Follow(fault.Script(fault.Due, fault.None, fault.Fail(errDown)))
	err := s.Sweep(t.Context(), func(ctx context.Context, key store.Key) error {
		return errors.Join(s.end(ctx, key), errOdd)
	})
	wants(t, "both are to be looked at", err, errDown, errOdd)
	if !reflect.DeepEqual(s.turns, s.due[:2]) || s.faulty.Calls(fault.Due) != 2 {
		t.Errorf("turns of %v after asking %d times, want the first batch, after 2", s.turns, s.faulty.Calls(fault.Due))
	}
}

// Where the context ends, no other record has its turn, and each says nothing of its own.
func TestSweepEndsWithItsContext(t *testing.T) {
	s := dueTickets(t, 5, func(s *product.Settings) { s.SweepBatch = 5 })
	ctx, cancel := context.WithCancelCause(t.Context())
	err := s.Sweep(ctx, func(ctx context.Context, key store.Key) error {
		if len(s.turns) == 1 {
			cancel(errDown)
		}
		return s.leave(ctx, key)
	})
	wants(t, "the caller ended it", err, errDown)
	if err.Error() != errDown.Error() || !reflect.DeepEqual(s.turns, s.due[:2]) {
		t.Errorf("error %q after turns of %v, want the cause alone, after two", err, s.turns)
	}
	wants(t, "it has ended before", s.Sweep(ctx, s.leave), errDown)
	if len(s.turns) != 2 {
		t.Errorf("turns of %v after the end", s.turns)
	}
}

// While one sweep is at its first record, another takes what the first has not leased; and
// where the first one's leases have ended meanwhile, that too.
func TestTwoSweepsShareTheWork(t *testing.T) {
	for _, row := range []struct {
		name, why    string
		pause        time.Duration // before the second sweep
		first, other int           // how many turns each has
	}{
		{"the leases last", "the batch is the first one's", 0, 2, 3},
		{"the leases have ended", "the rest of the batch is anybody's", time.Minute, 1, 4},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := dueTickets(t, 5, func(s *product.Settings) { s.SweepBatch = 2 })
			other := 0
			err := s.Sweep(t.Context(), func(ctx context.Context, key store.Key) error {
				if len(s.turns) > 0 {
					return s.end(ctx, key)
				}
				if err := s.end(ctx, key); err != nil {
					return err
				}
				s.clock.Advance(row.pause)
				return s.Sweep(ctx, func(ctx context.Context, key store.Key) error {
					other++
					return s.end(ctx, key)
				})
			})
			seen := map[uuid.UUID]int{}
			for _, id := range s.turns {
				seen[id]++
			}
			if err != nil || len(seen) != 5 || len(s.turns) != 5 || other != row.other {
				t.Errorf("error %v, %d turns of %d records, %d of them the other's; want one of each, and %d: %s",
					err, len(s.turns), len(seen), other, row.other, row.why)
			}
			if first := len(s.turns) - other; first != row.first {
				t.Errorf("%d turns are the first one's, want %d: %s", first, row.first, row.why)
			}
		})
	}
}

// Many sweeps at once give each record one turn among them.
func TestManySweepsAtOnce(t *testing.T) {
	s := dueTickets(t, 40, func(s *product.Settings) { s.SweepBatch = 3 })
	s.Runner = mustNew(t, s.config, func(c *product.Config[ticket]) { c.Settings.SweepBatch = 3 }) // no spy
	var wait sync.WaitGroup
	var mu sync.Mutex
	seen := map[uuid.UUID]int{}
	for range 8 {
		wait.Go(func() {
			if err := s.Sweep(t.Context(), func(_ context.Context, key store.Key) error {
				mu.Lock()
				defer mu.Unlock()
				seen[key.ID]++
				return nil
			}); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	for _, id := range s.due {
		if seen[id] != 1 {
			t.Errorf("%s had %d turns, want 1", id, seen[id])
		}
	}
}
