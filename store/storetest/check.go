package storetest

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"

	"github.com/kycle/kycle/store"
)

// reporter is what a case needs of a *testing.T.
type reporter interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any) // does not return
	Skip(args ...any)                  // does not return
}

// Handles are two handles on one new and empty store, as Subject.Open gives them.
type Handles[A any] struct {
	One, Two store.Repository[A]
	Close    func() error // may be nil
}

// Broken is a case that saw its promise broken.
type Broken struct {
	Promise int    // its number in package store
	Text    string // its words there
	Case    string
	Why     string // what the case is for
	Seen    string // what it saw
}

func (b *Broken) Error() string {
	return fmt.Sprintf("promise %d is broken. %s\nthe case: %s: %s\nseen: %s", b.Promise, b.Text, b.Case, b.Why, b.Seen)
}

// Failure is every case that saw its promise broken, in the order of the cases.
type Failure []*Broken

func (f Failure) Error() string {
	lines := make([]string, len(f))
	for i, b := range f {
		lines[i] = b.Error()
	}
	return strings.Join(lines, "\n\n")
}

// Unwrap gives the cases to errors.Is and errors.As.
func (f Failure) Unwrap() []error {
	errs := make([]error, len(f))
	for i, b := range f {
		errs[i] = b
	}
	return errs
}

// Check runs every case as Run does, without a test: for a smoke check of a database. open
// is called once a case; subject.Open is not used and may be nil. The error is a Failure
// if promises are broken. What a store does not give, as those of store.Counter, is no
// broken promise. If open or Close fails, or ctx ends, Check ends with that error,
// and a Failure that it had by then is wrapped in the same one.
func Check[A any](ctx context.Context, subject Subject[A], open func(context.Context) (Handles[A], error)) error {
	subject = subject.complete()
	var failure Failure
	for _, c := range cases[A]() {
		notes, err := attempt(ctx, c, subject, open)
		if len(notes.seen) > 0 {
			failure = append(failure, &Broken{
				Promise: c.promise, Text: promises[c.promise-1], Case: c.name, Why: c.why, Seen: strings.Join(notes.seen, "\n"),
			})
		}
		switch {
		case err != nil && failure != nil:
			return fmt.Errorf("storetest: %s: %w\n\n%w", c.name, err, failure)
		case err != nil:
			return fmt.Errorf("storetest: %s: %w", c.name, err)
		}
	}
	if failure != nil {
		return failure
	}
	return nil
}

// attempt runs one case on a store of its own.
func attempt[A any](ctx context.Context, c testCase[A], subject Subject[A], open func(context.Context) (Handles[A], error)) (n *notes, err error) {
	n = &notes{}
	if ctx.Err() != nil {
		return n, context.Cause(ctx)
	}
	handles, err := open(ctx)
	if err != nil {
		return n, err
	}
	done := make(chan struct{})
	go func() { // a goroutine of its own, which Fatalf and Skip can end
		defer close(done)
		c.run(&suite[A]{reporter: n, Subject: subject, ctx: ctx, one: handles.One, two: handles.Two})
	}()
	<-done
	if handles.Close != nil {
		err = handles.Close()
	}
	if ctx.Err() != nil { // what was seen is then no fault of the store
		return &notes{}, context.Cause(ctx)
	}
	return n, err
}

// notes is the reporter of Check.
type notes struct {
	mu      sync.Mutex
	seen    []string
	skipped string // why the case was not run to its end
}

func (n *notes) Helper() {}

func (n *notes) Errorf(format string, args ...any) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.seen = append(n.seen, fmt.Sprintf(format, args...))
}

func (n *notes) Fatalf(format string, args ...any) {
	n.Errorf(format, args...)
	runtime.Goexit()
}

func (n *notes) Skip(args ...any) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.skipped = fmt.Sprint(args...)
	runtime.Goexit()
}
