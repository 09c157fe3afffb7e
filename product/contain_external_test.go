package product_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kycle/kycle/product"
)

const limit = 15 * time.Second

// answers is what a call of these tests does: after a while it gives its answer. Deaf to
// its context, it takes all of that while.
func answers(after time.Duration, deaf bool, value string, err error) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		wait := ctx.Done()
		if deaf {
			wait = nil
		}
		select {
		case <-time.After(after):
			return value, err
		case <-wait:
			return "", ctx.Err()
		}
	}
}

func TestContain(t *testing.T) {
	for _, row := range []struct {
		name, why string
		call      func(context.Context) (string, error)
		value     string
		want      []error
		not       error // what the error is not
		took      time.Duration
	}{
		{"a value", "it is passed on", answers(time.Second, false, "done", nil), "done", nil, nil, time.Second},
		{"an error", "it is passed on, and what came with it",
			answers(time.Second, false, "half", errDown), "half", []error{errDown}, product.ErrTimedOut, time.Second},
		{"a value just in time", "the limit is not over", answers(limit-1, true, "done", nil), "done", nil, nil, limit - 1},
		{"a value too late", "nobody waits for it", answers(limit+1, true, "done", nil), "", []error{product.ErrTimedOut}, nil, limit},
		{"it heeds its context", "its own words for that are not needed to know", answers(time.Hour, false, "late", nil), "",
			[]error{product.ErrTimedOut}, product.ErrPanicked, limit},
		{"it is deaf", "it is left behind",
			answers(time.Hour, true, "late", nil), "", []error{product.ErrTimedOut}, product.ErrPanicked, limit},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				got, err := product.Contain(t.Context(), limit, row.call)
				wants(t, row.why, err, row.want...)
				if got != row.value || row.not != nil && errors.Is(err, row.not) {
					t.Errorf("got %q, error %v, want %q and not %v: %s", got, err, row.value, row.not, row.why)
				}
				if took := time.Since(began); took != row.took {
					t.Errorf("took %v, want %v: %s", took, row.took, row.why)
				}
				time.Sleep(2 * time.Hour) // who was left behind ends too
			})
		})
	}
}

func TestContainAPanic(t *testing.T) {
	for _, row := range []struct {
		name, why string
		panics    func()
		value     any
		where     string // in the stack
	}{
		{"of text", "the text may be a person's", func() { panic("Ann Example") }, "Ann Example", "TestContainAPanic"},
		{"of an error", "nothing is unwrapped from it", func() { panic(errDown) }, errDown, "TestContainAPanic"},
		{"of the end of its goroutine", "no answer is not the zero answer", runtime.Goexit, nil, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := product.Contain(t.Context(), limit, func(context.Context) (string, error) {
				row.panics()
				return "done", nil
			})
			var panicked *product.Panic
			if got != "" || !errors.As(err, &panicked) || panicked.Value != row.value || !strings.Contains(string(panicked.Stack), row.where) {
				t.Fatalf("got %q, error %#v, want a panic of %v: %s", got, err, row.value, row.why)
			}
			if !errors.Is(err, product.ErrPanicked) || errors.Is(err, errDown) || errors.Is(err, product.ErrTimedOut) {
				t.Errorf("error %v, want %v and nothing else: %s", err, product.ErrPanicked, row.why)
			}
			if text := fmt.Sprintf("%v %s %+v", err, err, err); strings.Contains(text, "Ann") || err.Error() != product.ErrPanicked.Error() {
				t.Errorf("error %q repeats the value: %s", text, row.why)
			}
		})
	}
}

// Who was left behind may panic whenever it likes, and its answer is nobody's.
func TestContainWhoWasLeftBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, late := range []func() (string, error){
			func() (string, error) { panic("late") },
			func() (string, error) { return "late", nil },
		} {
			got, err := product.Contain(t.Context(), limit, func(context.Context) (string, error) {
				time.Sleep(time.Hour)
				return late()
			})
			if got != "" || !errors.Is(err, product.ErrTimedOut) {
				t.Errorf("got %q, error %v", got, err)
			}
		}
		time.Sleep(2 * time.Hour)
		synctest.Wait() // both goroutines have ended, or the bubble says so
	})
}

// Where the caller's own context ends, its cause is the error.
func TestContainWithinAContext(t *testing.T) {
	errShutdown := errors.New("test: shutdown")
	for _, row := range []struct {
		name, why string
		deaf      bool
		outer     func(context.Context) (context.Context, context.CancelFunc)
		want      error
		took      time.Duration
	}{
		{"it is cancelled", "the caller's reason, and not the limit's", false, func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancelCause(ctx)
			timer := time.AfterFunc(5*time.Second, func() { cancel(errShutdown) })
			return ctx, func() { timer.Stop() }
		}, errShutdown, 5 * time.Second},
		{"it is cancelled, and the call is deaf", "nobody waits for it", true, func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeoutCause(ctx, 5*time.Second, errShutdown)
		}, errShutdown, 5 * time.Second},
		{"its time is shorter", "the shorter one counts", true, func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 5*time.Second)
		}, context.DeadlineExceeded, 5 * time.Second},
		{"its time is longer", "the shorter one counts", true, func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeoutCause(ctx, time.Minute, errShutdown)
		}, product.ErrTimedOut, limit},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := row.outer(t.Context())
				defer cancel()
				began := time.Now()
				_, err := product.Contain(ctx, limit, answers(time.Hour, row.deaf, "late", nil))
				wants(t, row.why, err, row.want)
				if timedOut := errors.Is(err, product.ErrTimedOut); timedOut != (row.want == product.ErrTimedOut) {
					t.Errorf("error %v, timed out %t: %s", err, timedOut, row.why)
				}
				if took := time.Since(began); took != row.took {
					t.Errorf("took %v, want %v: %s", took, row.took, row.why)
				}
				time.Sleep(2 * time.Hour) // who was left behind ends too
			})
		})
	}
}

// What the call is given ends with the limit, bears the values of the context around it, and
// is not made where that has ended before.
func TestContainGivesABoundedContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type key struct{}
		ctx, cancel := context.WithCancelCause(context.WithValue(t.Context(), key{}, "value"))
		var within context.Context
		_, err := product.Contain(ctx, limit, func(ctx context.Context) (string, error) {
			within = ctx
			deadline, ok := ctx.Deadline()
			if !ok || time.Until(deadline) != limit || ctx.Value(key{}) != "value" {
				t.Errorf("deadline %v, value %v, want one in %v, and the value", deadline, ctx.Value(key{}), limit)
			}
			return "", nil
		})
		if err != nil || within.Err() == nil {
			t.Errorf("error %v; its context ended with %v, want it to end with the call", err, within.Err())
		}
		cancel(errDown)
		got, err := product.Contain(ctx, limit, func(context.Context) (string, error) {
			t.Error("called after the end")
			return "done", nil
		})
		wants(t, "nobody waits any more", err, errDown)
		if got != "" {
			t.Errorf("got %q", got)
		}
	})
}
