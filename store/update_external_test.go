package store_test

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/memory"
	"github.com/kycle/kycle/store/storetest"
)

type thing = storetest.Thing

var (
	call     = uuid.MustParse("10000000-0000-4000-8000-000000000001")
	rival    = uuid.MustParse("20000000-0000-4000-8000-000000000002")
	key      = store.Key{Organization: "org_a", ID: uuid.MustParse("30000000-0000-4000-8000-000000000003")}
	created  = time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)
	errBreak = errors.New("test: broken")
)

// update is Update of the one record of these tests.
func update(
	ctx context.Context, repo store.Repository[thing], limits store.Limits,
	decide func(found store.Record[thing]) ([]store.Change[thing], error),
) error {
	var found store.Record[thing]
	reads := []store.Read[thing]{{Key: key, Receipts: []string{"event"}, Into: &found}}
	return store.Update(ctx, repo, call, limits, reads, func() ([]store.Change[thing], error) { return decide(found) })
}

// decided is the change that a call makes of a record: one entry, and a note.
func decided(on store.Record[thing], by uuid.UUID, note string) store.Change[thing] {
	entry, _ := audit.Append(on.Head, audit.Entry{
		Subject: audit.Subject{Organization: key.Organization, Kind: "thing", ID: key.ID},
		Call:    by, Event: "told", From: "open", To: "open", Verdict: audit.Moved, OccurredAt: created, RecordedAt: created,
	})
	return store.Change[thing]{Next: noted(note), Expect: on.Version, Entries: []audit.Entry{entry}}
}

func noted(note string) thing {
	return storetest.MakeThing(storetest.Facts{Organization: key.Organization, ID: key.ID, Owner: "owner", Created: created, Note: note})
}

// scripted is a repository whose n-th commit (from 1) goes as the script says.
type scripted struct {
	*memory.Store[thing]
	t       *testing.T
	commits int
	commit  func(s *scripted, n int, real func() error) error
	load    func() error
}

func (s *scripted) Commit(ctx context.Context, changes ...store.Change[thing]) error {
	s.commits++
	real := func() error { return s.Store.Commit(ctx, changes...) }
	if s.commit == nil {
		return real()
	}
	return s.commit(s, s.commits, real)
}

func (s *scripted) Load(ctx context.Context, k store.Key, receipts ...string) (store.Record[thing], error) {
	if s.load != nil {
		if err := s.load(); err != nil {
			return store.Record[thing]{}, err
		}
	}
	return s.Store.Load(ctx, k, receipts...)
}

// overtake lets a rival write first.
func (s *scripted) overtake() {
	s.t.Helper()
	record, err := s.Store.Load(context.Background(), key)
	if err == nil {
		err = s.Store.Commit(context.Background(), decided(record, rival, "rival"))
	}
	if err != nil {
		s.t.Fatalf("overtake: %v", err)
	}
}

// newScripted has one record, at version 1.
func newScripted(t *testing.T) *scripted {
	t.Helper()
	s := &scripted{Store: memory.New(storetest.ThingSchema()), t: t}
	if err := s.Store.Commit(context.Background(), decided(store.Record[thing]{}, uuid.Nil, "made")); err != nil {
		t.Fatalf("commit: %v", err)
	}
	return s
}

// written counts the entries that the call has in the history.
func (s *scripted) written() (n int) {
	s.t.Helper()
	h, err := s.History(context.Background(), key, 0, 0)
	if err != nil {
		s.t.Fatalf("history: %v", err)
	}
	for _, e := range h.Entries {
		if e.Call == call {
			n++
		}
	}
	return n
}

// trouble is what an Update meets on its way, and how it must come out.
type trouble struct {
	name, why string
	commit    func(s *scripted, n int, real func() error) error
	attempts  int
	want      []error
	decisions int // how often it was decided
	written   int // how many entries the call has in the end
}

// conflicts are the troubles in which everybody knows what happened.
func conflicts() []trouble {
	return []trouble{
		{
			name: "no trouble", why: "one load, one decision, one commit",
			commit: func(_ *scripted, _ int, real func() error) error { return real() }, decisions: 1, written: 1,
		},
		{
			name: "overtaken twice", why: "after a conflict it is decided anew, on what is there then",
			commit: func(s *scripted, n int, real func() error) error {
				if n <= 2 {
					s.overtake()
				}
				return real()
			}, decisions: 3, written: 1,
		},
		{
			name: "every attempt lost", why: "the caller is told that others were quicker",
			commit:   func(*scripted, int, func() error) error { return store.ErrConflict },
			attempts: 5, want: []error{store.ErrConflict}, decisions: 5,
		},
		{
			name: "one attempt inside a transaction", why: "a host's transaction has one moment; to try again in it is vain",
			commit:   func(*scripted, int, func() error) error { return store.ErrConflict },
			attempts: 1, want: []error{store.ErrConflict}, decisions: 1,
		},
		{
			name: "attempts left to the loop", why: "0 means the default",
			commit: func(*scripted, int, func() error) error { return store.ErrConflict },
			want:   []error{store.ErrConflict}, decisions: store.Attempts,
		},
		{
			name: "another error", why: "only conflicts and duplicates are for trying again",
			commit: func(*scripted, int, func() error) error { return errBreak }, want: []error{errBreak}, decisions: 1,
		},
	}
}

// doubts are those in which a commit may have happened.
func doubts() []trouble {
	late := func() error { return nil } // the commit that appears late
	return []trouble{
		{
			name: "unknown, and it happened", why: "the call's entry settles it; to decide again would do it twice",
			commit: func(_ *scripted, _ int, real func() error) error {
				return errors.Join(store.ErrUnknownOutcome, real())
			}, decisions: 1, written: 1,
		},
		{
			name: "unknown, and it can no longer happen", why: "the version has moved on without it",
			commit: func(s *scripted, n int, real func() error) error {
				if n == 1 {
					s.overtake()
					return store.ErrUnknownOutcome
				}
				return real()
			}, decisions: 2, written: 1,
		},
		{
			name: "unknown, and it did not happen", why: "at the same version the second commit shuts the first one out",
			commit: func(_ *scripted, n int, real func() error) error {
				if n == 1 {
					return store.ErrUnknownOutcome
				}
				return real()
			}, decisions: 2, written: 1,
		},
		{
			name: "unknown, and it appears late", why: "the second commit loses against the first, which is a success",
			commit: func(_ *scripted, n int, real func() error) error {
				if n == 1 {
					late = real
					return store.ErrUnknownOutcome
				}
				return errors.Join(late(), real())
			}, decisions: 2, written: 1,
		},
		{
			name: "unknown to the end", why: "what is still possible must not be reported as a conflict alone",
			commit:   func(*scripted, int, func() error) error { return store.ErrUnknownOutcome },
			attempts: 4, want: []error{store.ErrUnknownOutcome}, decisions: 4,
		},
		{
			name: "another error while in doubt", why: "the doubt outlives it",
			commit: func(_ *scripted, n int, _ func() error) error {
				if n == 1 {
					return store.ErrUnknownOutcome
				}
				return errBreak
			}, want: []error{store.ErrUnknownOutcome, errBreak}, decisions: 2,
		},
	}
}

func TestUpdateMeetsTrouble(t *testing.T) {
	for _, c := range append(conflicts(), doubts()...) {
		t.Run(c.name, func(t *testing.T) {
			s, decisions := newScripted(t), 0
			s.commit = c.commit
			err := update(t.Context(), s, store.Limits{Attempts: c.attempts}, func(found store.Record[thing]) ([]store.Change[thing], error) {
				decisions++
				return []store.Change[thing]{decided(found, call, "done")}, nil
			})
			wants(t, c.why, err, c.want...)
			if decisions != c.decisions || s.written() != c.written {
				t.Errorf("%d decisions and %d entries, want %d and %d: %s", decisions, s.written(), c.decisions, c.written, c.why)
			}
		})
	}
}

// wants an error to be every one of these, or nil for none.
func wants(t *testing.T, why string, err error, targets ...error) {
	t.Helper()
	if (err == nil) != (len(targets) == 0) {
		t.Errorf("error %v, want %v: %s", err, targets, why)
	}
	for _, target := range targets {
		if !errors.Is(err, target) {
			t.Errorf("error %v, want %v: %s", err, target, why)
		}
	}
}

func TestUpdateDecidesAStayAgain(t *testing.T) {
	s := newScripted(t)
	s.commit = func(_ *scripted, n int, real func() error) error {
		if err := real(); err != nil || n > 1 {
			return err
		}
		return store.ErrUnknownOutcome
	}
	err := update(t.Context(), s, store.Limits{}, func(found store.Record[thing]) ([]store.Change[thing], error) {
		return []store.Change[thing]{{Next: noted("seen"), Expect: found.Version}}, nil
	})
	wants(t, "a change without entries is harmless to make twice", err)
	if record, err := s.Load(t.Context(), key); err != nil || record.Version != 3 || s.written() != 0 {
		t.Errorf("version %d, error %v, %d entries; want 3, none, 0", record.Version, err, s.written())
	}
}

func TestUpdateSeesTheReceiptOfARival(t *testing.T) {
	s := newScripted(t)
	s.commit = func(s *scripted, n int, real func() error) error {
		if n > 1 {
			return real()
		}
		record, _ := s.Store.Load(t.Context(), key)
		c := decided(record, rival, "rival")
		c.Receipts = map[string]string{"event": "1"}
		if err := s.Store.Commit(t.Context(), c); err != nil {
			t.Fatalf("commit: %v", err)
		}
		return store.ErrDuplicate // as a repository without versions in the way might say
	}
	err := update(t.Context(), s, store.Limits{}, func(found store.Record[thing]) ([]store.Change[thing], error) {
		if found.Receipts["event"] != "" {
			return nil, nil
		}
		c := decided(found, call, "done")
		c.Receipts = map[string]string{"event": "1"}
		return []store.Change[thing]{c}, nil
	})
	wants(t, "what a rival brought is a duplicate, and no changes are a success", err)
	if s.commits != 1 || s.written() != 0 {
		t.Errorf("%d commits and %d entries, want 1 and 0", s.commits, s.written())
	}
}

func TestUpdateGivesMissingRecordsAtVersion0(t *testing.T) {
	s := newScripted(t)
	missing := decided(store.Record[thing]{Version: 7}, rival, "of an attempt before")
	unknown, found := store.Record[thing]{Value: missing.Next, Version: 7, Head: missing.Entries[0].Head()}, store.Record[thing]{}
	reads := []store.Read[thing]{{Key: store.Key{Organization: "org_b", ID: key.ID}, Into: &unknown}, {Key: key, Into: &found}}
	err := store.Update(t.Context(), s, call, store.Limits{}, reads, func() ([]store.Change[thing], error) {
		if !reflect.DeepEqual(unknown, store.Record[thing]{}) || found.Version != 1 {
			t.Errorf("read %+v and %+v, want the zero record and version 1", unknown, found)
		}
		return nil, nil
	})
	wants(t, "a create decides on what is not there", err)
	if s.commits != 0 {
		t.Errorf("%d commits of no changes", s.commits)
	}
}

func TestUpdateEndsWithWhatEndedIt(t *testing.T) {
	commit := func(found store.Record[thing]) ([]store.Change[thing], error) {
		return []store.Change[thing]{decided(found, call, "done")}, nil
	}
	t.Run("the decision's error comes back as it is", func(t *testing.T) {
		s := newScripted(t)
		err := update(t.Context(), s, store.Limits{}, func(store.Record[thing]) ([]store.Change[thing], error) { return nil, errBreak })
		if err != errBreak || s.commits != 0 {
			t.Errorf("error %v and %d commits, want the decision's own and 0", err, s.commits)
		}
	})
	t.Run("a load's error comes back", func(t *testing.T) {
		s := newScripted(t)
		s.load = func() error { return errBreak }
		wants(t, "there is nothing to decide on", update(t.Context(), s, store.Limits{}, commit), errBreak)
	})
	t.Run("a cancelled context comes first", func(t *testing.T) {
		s := newScripted(t)
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(errBreak)
		wants(t, "nobody waits for the answer", update(ctx, s, store.Limits{}, commit), errBreak)
		if s.commits != 0 {
			t.Errorf("%d commits, want 0", s.commits)
		}
	})
	for _, c := range []struct {
		name, why string
		commit    error
		want      []error
	}{
		{"cancelled after a conflict", "the next attempt is not made", store.ErrConflict, []error{errBreak}},
		{"cancelled while in doubt", "the caller must know that it may have happened", store.ErrUnknownOutcome, []error{errBreak, store.ErrUnknownOutcome}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newScripted(t)
			ctx, cancel := context.WithCancelCause(t.Context())
			s.commit = func(*scripted, int, func() error) error {
				cancel(errBreak)
				return c.commit
			}
			wants(t, c.why, update(ctx, s, store.Limits{}, commit), c.want...)
			if s.commits != 1 {
				t.Errorf("%d commits, want 1", s.commits)
			}
		})
	}
	t.Run("cancelled while it waits", func(t *testing.T) {
		s := newScripted(t)
		ctx, cancel := context.WithCancelCause(t.Context())
		s.commit = func(_ *scripted, n int, _ func() error) error {
			if n == 20 { // by then it pauses before each attempt
				cancel(errBreak)
			}
			return store.ErrConflict
		}
		wants(t, "a pause ends with its context", update(ctx, s, store.Limits{Attempts: 1000}, commit), errBreak)
	})
}

// A commit in doubt meets a decision that says no. Whether it is refused for good depends
// on whether the commit can still appear, or has.
func TestUpdateInDoubtMeetsARefusal(t *testing.T) {
	for _, row := range []struct {
		name  string
		after func(s *scripted, real func() error) // what happens to the commit in doubt
		want  []error
		why   string
	}{
		{"a rival moved on", func(s *scripted, _ func() error) { s.overtake() }, []error{errBreak},
			"guarded by a version that is gone it can never appear: nothing is in doubt"},
		{"it happened", func(_ *scripted, real func() error) { _ = real() }, nil, "the entry with the call's id settles it"},
		{"it may yet appear", func(*scripted, func() error) {}, []error{store.ErrUnknownOutcome, errBreak}, "nobody can know"},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := newScripted(t)
			s.commit = func(s *scripted, _ int, real func() error) error {
				row.after(s, real)
				return store.ErrUnknownOutcome
			}
			decisions := 0
			err := update(context.Background(), s, store.Limits{Attempts: 4}, func(found store.Record[thing]) ([]store.Change[thing], error) {
				if decisions++; decisions > 1 {
					return nil, errBreak
				}
				return []store.Change[thing]{decided(found, call, "mine")}, nil
			})
			wants(t, row.why, err, row.want...)
			if row.name == "a rival moved on" && errors.Is(err, store.ErrUnknownOutcome) {
				t.Errorf("%s: %v", row.why, err)
			}
		})
	}
}
