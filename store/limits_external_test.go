package store_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kycle/kycle/store"
)

// slow is a repository whose calls take time, or last as long as their context.
type slow struct {
	*scripted
	commits, loads func(ctx context.Context, s *scripted, real func() error) error
}

func (s *slow) Commit(ctx context.Context, changes ...store.Change[thing]) error {
	return s.commits(ctx, s.scripted, func() error { return s.Store.Commit(context.WithoutCancel(ctx), changes...) })
}

func (s *slow) Load(ctx context.Context, k store.Key, receipts ...string) (found store.Record[thing], err error) {
	if s.loads != nil {
		err = s.loads(ctx, s.scripted, func() error { return nil })
	}
	if err != nil {
		return found, err
	}
	return s.Store.Load(ctx, k, receipts...)
}

// hangs waits as long as its context lasts.
func hangs(ctx context.Context, _ *scripted, _ func() error) error {
	<-ctx.Done()
	return context.Cause(ctx)
}

// loses is a race that is lost after 300 ms.
func loses(context.Context, *scripted, func() error) error {
	time.Sleep(300 * time.Millisecond)
	return store.ErrConflict
}

// first makes the first call go one way, and all others another.
func first(one, others func(context.Context, *scripted, func() error) error) func(context.Context, *scripted, func() error) error {
	n := 0
	return func(ctx context.Context, s *scripted, real func() error) error {
		if n++; n == 1 {
			return one(ctx, s, real)
		}
		return others(ctx, s, real)
	}
}

// passes is what the store does by itself.
func passes(_ context.Context, _ *scripted, real func() error) error { return real() }

// inDoubt is a commit that is cut off, after something has happened.
func inDoubt(then func(s *scripted, real func() error)) func(context.Context, *scripted, func() error) error {
	return func(ctx context.Context, s *scripted, real func() error) error {
		err := hangs(ctx, s, real)
		then(s, real)
		return errors.Join(store.ErrUnknownOutcome, errBreak, err)
	}
}

// within is what an Update of one second meets, and how it must come out.
type within struct {
	name, why     string
	commit, load  func(ctx context.Context, s *scripted, real func() error) error
	stay          bool // the change has no entry
	attempts      int
	caller        time.Duration // the caller's own time; 0: it waits for ever
	want, but     []error       // every one of these, and none of those
	after         time.Duration
	historyFailed bool // the history does not answer
}

// nothing are the cases in which nothing was written.
func nothing() []within {
	return []within{
		{
			name: "a lock is held elsewhere", why: "the commit was never sent",
			commit: hangs, want: []error{store.ErrUnavailable, context.DeadlineExceeded},
			but: []error{store.ErrConflict, store.ErrUnknownOutcome}, after: time.Second,
		},
		{
			name: "a load without an answer", why: "the store could not be asked",
			load: hangs, want: []error{store.ErrUnavailable, context.DeadlineExceeded}, after: time.Second,
		},
		{
			name: "a store that gives the context's error", why: "it need not know the cause",
			load: func(ctx context.Context, s *scripted, _ func() error) error {
				<-ctx.Done()
				return ctx.Err()
			}, want: []error{store.ErrUnavailable}, after: time.Second,
		},
		{
			name: "every race lost", why: "the last answer was that others came first",
			commit: loses, want: []error{store.ErrConflict}, but: []error{store.ErrUnavailable}, after: 1200 * time.Millisecond,
		},
		{
			name: "a race lost, then a lock", why: "the commit of the last attempt was never sent",
			commit: first(loses, hangs), want: []error{store.ErrUnavailable}, but: []error{store.ErrConflict}, after: time.Second,
		},
		{
			name: "a race lost, then silence", why: "the last answer was that others came first",
			commit: loses, load: first(passes, hangs), want: []error{store.ErrConflict},
			but: []error{store.ErrUnavailable}, after: time.Second,
		},
		{
			name: "attempts before time", why: "either limit ends a call",
			commit: loses, attempts: 2, want: []error{store.ErrConflict}, after: 600 * time.Millisecond,
		},
		{
			name: "another error, late", why: "what the store says for itself is not about time",
			commit: func(ctx context.Context, s *scripted, real func() error) error {
				_ = hangs(ctx, s, real)
				return errBreak
			}, want: []error{errBreak}, but: []error{store.ErrUnavailable}, after: time.Second,
		},
		{
			name: "the caller's own time is shorter", why: "who has gone is told why it went, and nothing else",
			commit: hangs, caller: time.Second / 2, want: []error{context.DeadlineExceeded},
			but: []error{store.ErrUnavailable}, after: time.Second / 2,
		},
	}
}

// perhaps are those in which a commit may have happened when the time was over.
func perhaps() []within {
	return []within{
		{
			name: "in doubt, and it happened", why: "there is a moment more to look for it",
			commit: inDoubt(func(_ *scripted, real func() error) { _ = real() }), after: time.Second,
		},
		{
			name: "in doubt, and not there", why: "it may yet appear",
			commit: inDoubt(func(*scripted, func() error) {}), want: []error{store.ErrUnknownOutcome, errBreak},
			but: []error{store.ErrUnavailable, store.ErrConflict}, after: time.Second,
		},
		{
			name: "in doubt, and overtaken", why: "guarded by a version that is gone it lost its race",
			commit: inDoubt(func(s *scripted, _ func() error) { s.overtake() }), want: []error{store.ErrConflict},
			but: []error{store.ErrUnknownOutcome}, after: time.Second,
		},
		{
			name: "in doubt, and the store is silent", why: "the moment more is short",
			commit: inDoubt(func(*scripted, func() error) {}), historyFailed: true, want: []error{store.ErrUnknownOutcome},
			after: 1500 * time.Millisecond,
		},
		{
			name: "a change without an entry in doubt", why: "nothing settles it, and it may be there",
			commit: inDoubt(func(*scripted, func() error) {}), stay: true, want: []error{store.ErrUnknownOutcome}, after: time.Second,
		},
		{
			name: "in doubt when the caller's own time is over", why: "nobody waits any more to see it settled",
			commit: inDoubt(func(_ *scripted, real func() error) { _ = real() }), caller: time.Second / 2,
			want: []error{store.ErrUnknownOutcome, context.DeadlineExceeded}, after: time.Second / 2,
		},
	}
}

func (w within) run(t *testing.T) {
	ctx, cancel := t.Context(), func() {}
	if w.caller > 0 {
		ctx, cancel = context.WithTimeout(ctx, w.caller)
	}
	defer cancel()
	var repo store.Repository[thing] = &slow{newScripted(t), w.commit, w.load}
	if w.historyFailed {
		repo = silent{repo}
	}
	begun := time.Now()
	err := update(ctx, repo, store.Limits{Attempts: w.attempts, Within: time.Second},
		func(found store.Record[thing]) ([]store.Change[thing], error) {
			c := decided(found, call, "done")
			if w.stay {
				c.Entries = nil
			}
			return []store.Change[thing]{c}, nil
		})
	wants(t, w.why, err, w.want...)
	for _, target := range w.but {
		if errors.Is(err, target) {
			t.Errorf("error %v, which must not be %v: %s", err, target, w.why)
		}
	}
	if over := time.Since(begun) - w.after; over < 0 || over > 20*time.Millisecond { // a pause is of random length
		t.Errorf("it took %v more than %v: %s", over, w.after, w.why)
	}
}

// silent has a history that lasts as long as its context.
type silent struct{ store.Repository[thing] }

func (s silent) History(ctx context.Context, _ store.Key, _ uint64, _ int) (h store.History, err error) {
	return h, hangs(ctx, nil, nil)
}

func TestUpdateWithinItsTime(t *testing.T) {
	for _, w := range append(nothing(), perhaps()...) {
		t.Run(w.name, func(t *testing.T) { synctest.Test(t, w.run) })
	}
}

// Without a limit on time a call lasts as long as its attempts do.
func TestUpdateWithoutALimitOnTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		repo := &slow{newScripted(t), loses, nil}
		err := update(t.Context(), repo, store.Limits{}, func(found store.Record[thing]) ([]store.Change[thing], error) {
			return []store.Change[thing]{decided(found, call, "done")}, nil
		})
		wants(t, "every attempt lost", err, store.ErrConflict)
		if took := time.Since(begun); took < store.Attempts*300*time.Millisecond {
			t.Errorf("it gave up after %v", took)
		}
	})
}

// A change without entries whose last attempt is in doubt is not a lost race.
func TestUpdateOfAStayInDoubtToTheEnd(t *testing.T) {
	s := newScripted(t)
	s.commit = func(*scripted, int, func() error) error { return store.ErrUnknownOutcome }
	err := update(t.Context(), s, store.Limits{Attempts: 2}, func(found store.Record[thing]) ([]store.Change[thing], error) {
		return []store.Change[thing]{{Next: noted("seen"), Expect: found.Version}}, nil
	})
	wants(t, "the change may be there", err, store.ErrUnknownOutcome)
	if errors.Is(err, store.ErrConflict) {
		t.Errorf("error %v says that it is not there", err)
	}
}
