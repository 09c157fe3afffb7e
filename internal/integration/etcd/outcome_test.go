package etcd

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/etcd"
)

// only makes the first question of a kind fail.
func only(what string, err error) func(call) error {
	return func(c call) error {
		if c.what == what && c.n == 1 {
			return err
		}
		return nil
	}
}

// TestWhatAFailedCommitSays lets the transaction fail with each kind of error, before it
// is sent and after it was applied, and lets Update settle it.
func TestWhatAFailedCommitSays(t *testing.T) {
	s, wire := tapped(t, prefix())
	n := 0
	for _, c := range []struct {
		name, why string
		err       error
		unknown   bool
	}{
		{"unavailable", "the connection broke: on the way there, or on the way back", status.Error(codes.Unavailable, "x"), true},
		{"deadline", "the server gave up waiting, and the proposal may still be applied", status.Error(codes.DeadlineExceeded, "x"), true},
		{"cancelled", "so does a server that is told to", status.Error(codes.Canceled, "x"), true},
		{"context", "the client may say it in Go's words", context.DeadlineExceeded, true},
		{"unknown", "raft drops a proposal with an error that has no code", status.Error(codes.Unknown, "x"), true},
		{"internal", "nobody knows what that is", status.Error(codes.Internal, "x"), true},
		{"no code at all", "what is not known to be a refusal is none", errors.New("x"), true},
		{"invalid", "refused as it stands, and never proposed", status.Error(codes.InvalidArgument, "x"), false},
		{"exhausted", "the quota: every member refuses it alike", status.Error(codes.ResourceExhausted, "x"), false},
		{"forbidden", "the client's user may not write there", status.Error(codes.PermissionDenied, "x"), false},
		{"unauthenticated", "nor may somebody unknown", status.Error(codes.Unauthenticated, "x"), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			n++
			wire.set(only("write", c.err), nil)
			err := s.Commit(t.Context(), charged(n))
			if !errors.Is(err, c.err) || errors.Is(err, store.ErrUnknownOutcome) != c.unknown || errors.Is(err, store.ErrConflict) {
				t.Fatalf("commit: error %v: %s", err, c.why)
			}
			wire.set(nil, nil)
			if err := s.Commit(t.Context(), charged(n)); err != nil {
				t.Errorf("the failed commit left something: %v", err)
			}
			if !c.unknown {
				return
			}
			n++
			wire.set(nil, only("write", c.err))
			if err := s.Commit(t.Context(), charged(n)); !errors.Is(err, store.ErrUnknownOutcome) {
				t.Fatalf("commit with a lost answer: error %v: %s", err, c.why)
			}
			if _, err := s.Load(t.Context(), keyOf(n)); err != nil {
				t.Errorf("load: %v", err)
			}
			for _, lost := range []string{"before", "after"} {
				n++
				wire.set(only("write", c.err), nil)
				if lost == "after" {
					wire.set(nil, only("write", c.err))
				}
				settled(t, s, n)
			}
		})
	}
}

// settled wants an update to succeed, and its entry to be there once.
func settled(t *testing.T, s *etcd.Store[thing], n int) {
	t.Helper()
	call := uuid.New()
	var found store.Record[thing]
	reads := []store.Read[thing]{{Key: keyOf(n), Into: &found}}
	err := store.Update(t.Context(), s, call, store.Limits{}, reads, func() ([]store.Change[thing], error) {
		return []store.Change[thing]{told(found, n, call)}, nil
	})
	if err != nil {
		t.Fatalf("update: %v", err)
	}
	h, err := s.History(t.Context(), keyOf(n), 0, 0)
	if err != nil || len(h.Entries) != 1 {
		t.Errorf("%d entries after one update, error %v", len(h.Entries), err)
	}
}

// TestACallerWhoGoes ends the context at the two moments that differ.
func TestACallerWhoGoes(t *testing.T) {
	gone := errors.New("test: the caller has gone")
	for _, c := range []struct {
		name, why string
		during    string
		unknown   bool
	}{
		{"before the transaction is sent", "nothing can be there, and the error says so", "read", false},
		{"while it is under way", "etcd may apply it, whoever has gone", "write", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, wire := tapped(t, prefix())
			ctx, cancel := context.WithCancelCause(t.Context())
			end := func(at call) error {
				if at.what == c.during {
					cancel(gone)
				}
				return nil
			}
			wire.set(nil, end)
			if c.unknown {
				wire.set(end, nil)
			}
			err := s.Commit(ctx, charged(1))
			if !errors.Is(err, gone) || errors.Is(err, store.ErrUnknownOutcome) != c.unknown {
				t.Errorf("commit: error %v: %s", err, c.why)
			}
			if sent := wire.count()["write"]; (sent == 1) != c.unknown {
				t.Errorf("%d transactions were sent: %s", sent, c.why)
			}
		})
	}
}

// TestReadsGoOn lets a member be away for some questions, and etcd compact the revision
// that a read of several parts is made of.
func TestReadsGoOn(t *testing.T) {
	under := prefix()
	s, wire := tapped(t, under)
	if err := s.Commit(t.Context(), exclusive(1)); err != nil {
		t.Fatalf("commit: %v", err)
	}
	other := shared.dial(t)
	compacted := func(at call) error {
		if at.n != 2 {
			return nil
		}
		// The write makes the revision of the first part an old one.
		put, err := other.Put(t.Context(), under+"/other", "x")
		if err == nil {
			_, err = other.Compact(t.Context(), put.Header.Revision)
		}
		return err
	}
	away := func(at call) error {
		if at.n < 4 {
			return status.Error(codes.Unavailable, "x")
		}
		return nil
	}
	for name, read := range map[string]func() (int, error){
		"load by exclusive key": func() (int, error) {
			r, err := s.Load(t.Context(), store.Key{Organization: "org_a", ExclusiveKey: exclusive(1).Next.ExclusiveKey})
			return int(r.Version), err
		},
		"list": func() (int, error) {
			page, err := s.List(t.Context(), store.Query{Organization: "org_a", Owner: owner, Limit: 10})
			return len(page.Records), err
		},
		"history": func() (int, error) {
			h, err := s.History(t.Context(), keyOf(1), 0, 0)
			return len(h.Entries), err
		},
	} {
		for trouble, hook := range map[string]func(call) error{"compacted": compacted, "away": away} {
			t.Run(name+" "+trouble, func(t *testing.T) {
				wire.set(hook, nil)
				if n, err := read(); n != 1 || err != nil {
					t.Errorf("found %d, error %v; want 1", n, err)
				}
				if n := wire.count()["read"]; n < 4 {
					t.Errorf("%d questions: the trouble did not happen", n)
				}
			})
		}
	}
}

// TestNobodyAnswers lets every member be away. An update ends with its time, and without a
// limit when the store has asked a hundred times, once: no loop runs inside another.
func TestNobodyAnswers(t *testing.T) {
	s, wire := tapped(t, prefix())
	for _, c := range []struct {
		name, why   string
		limits      store.Limits
		least, most int // questions
	}{
		{"a limit of the call", "the setting bounds the questions", store.Limits{Within: 200 * time.Millisecond}, 2, 99},
		{"nobody says how long", "the store asks for 2.5 seconds, and not forty times", store.Limits{}, 100, 100},
	} {
		t.Run(c.name, func(t *testing.T) {
			wire.set(func(call) error { return status.Error(codes.Unavailable, "x") }, nil)
			var found store.Record[thing]
			reads := []store.Read[thing]{{Key: keyOf(1), Into: &found}}
			err := store.Update(t.Context(), s, idOf(7), c.limits, reads, func() ([]store.Change[thing], error) {
				t.Error("it decided on nothing")
				return nil, nil
			})
			if asked := wire.count()["read"]; !errors.Is(err, store.ErrUnavailable) || asked < c.least || asked > c.most {
				t.Errorf("error %v after %d questions, want %v after %d to %d: %s", err, asked, store.ErrUnavailable, c.least, c.most, c.why)
			}
		})
	}
}

// exclusive is a creation that takes its owner's exclusive key.
func exclusive(n int) store.Change[thing] {
	c := charged(n)
	c.Next.ExclusiveKey = "key of " + owner
	return c
}

// TestATransitionIsThreeQuestions counts them: a load, a look, and one transaction.
func TestATransitionIsThreeQuestions(t *testing.T) {
	s, wire := tapped(t, prefix())
	for range 3 {
		wire.set(nil, nil)
		record, err := s.Load(t.Context(), keyOf(1), "key")
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			t.Fatalf("load: %v", err)
		}
		if err := s.Commit(t.Context(), told(record, 1, idOf(2))); err != nil {
			t.Fatalf("commit: %v", err)
		}
		if sent := wire.count(); sent["read"] != 2 || sent["write"] != 1 {
			t.Errorf("sent %v, want 2 reads and 1 write", sent)
		}
	}
}

// TestOneCreatorWinsABareID lets creators meet at an id and at nothing else: no exclusive key, no
// session, no posting, so that the record's version alone must decide. None sends its
// transaction before all have looked and found nothing.
func TestOneCreatorWinsABareID(t *testing.T) {
	under := prefix()
	one, first := tapped(t, under)
	two, second := tapped(t, under)
	for round := range 20 {
		var won atomic.Int64
		var wait, looked sync.WaitGroup
		looked.Add(8)
		meet := func(c call) error {
			if c.what == "write" {
				looked.Done()
				looked.Wait()
			}
			return nil
		}
		first.set(meet, nil)
		second.set(meet, nil)
		for i := range 8 {
			c := told(store.Record[thing]{}, round, idOf(i))
			c.Next.Session = ""
			wait.Go(func() {
				switch err := []store.Repository[thing]{one, two}[i%2].Commit(t.Context(), c); {
				case err == nil:
					won.Add(1)
				case !errors.Is(err, store.ErrConflict):
					t.Errorf("a loser got %v, want %v", err, store.ErrConflict)
				}
			})
		}
		wait.Wait()
		record, err := two.Load(t.Context(), keyOf(round))
		if won.Load() != 1 || err != nil || record.Version != 1 {
			t.Fatalf("round %d: %d creators won, version %d, error %v", round, won.Load(), record.Version, err)
		}
	}
}

// TestUnfitChangesAreRefused has what no decision on the record can have made. To take it
// would leave keys behind that nobody takes away.
func TestUnfitChangesAreRefused(t *testing.T) {
	s, wire := tapped(t, prefix())
	if err := s.Commit(t.Context(), exclusive(1)); err != nil {
		t.Fatalf("commit: %v", err)
	}
	for _, c := range []struct {
		name, why string
		spoil     func(*store.Change[thing])
		more      int // changes behind it
	}{
		{"another exclusive key", "it is taken at creation and given up for good", func(c *store.Change[thing]) { c.Next.ExclusiveKey = "another" }, 0},
		{"another session", "a session is set at creation", func(c *store.Change[thing]) { c.Next.Session = "another" }, 0},
		{"no session", "and never taken away", func(c *store.Change[thing]) { c.Next.Session = "" }, 0},
		{"another creation", "it is a record's place in the list", func(c *store.Change[thing]) { c.Next.Created = epoch }, 0},
		{"a gap", "entry 2 comes before entry 3", func(c *store.Change[thing]) { c.Entries[0].Seq++ }, 0},
		{"a fork", "an entry names the one before", func(c *store.Change[thing]) { c.Entries[0].Prev[0]++ }, 0},
		{"three records", "no operation needs more than two", func(*store.Change[thing]) {}, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			record, err := s.Load(t.Context(), keyOf(1))
			if err != nil {
				t.Fatalf("load: %v", err)
			}
			wire.set(nil, nil)
			change := told(record, 1, idOf(9))
			change.Next.ExclusiveKey = record.Value.ExclusiveKey
			c.spoil(&change)
			changes := []store.Change[thing]{change}
			for n := range c.more {
				changes = append(changes, charged(10+n))
			}
			if err := s.Commit(t.Context(), changes...); err == nil || errors.Is(err, store.ErrConflict) {
				t.Errorf("commit: error %v: %s", err, c.why)
			}
			if after, err := s.Load(t.Context(), keyOf(1)); err != nil || after.Version != 1 || wire.count()["write"] > 0 {
				t.Errorf("version %d, error %v, %d transactions sent", after.Version, err, wire.count()["write"])
			}
		})
	}
}
