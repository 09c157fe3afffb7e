package lifecycletest

import (
	"fmt"
	"runtime"
	"strings"
	"sync"

	"pgregory.net/rapid"
)

// TB is a test, as this package and rapid.Check take it. A *testing.T is one, a *testing.B, a
// *testing.F and a *rapid.T too.
type TB interface {
	rapid.TB
	Cleanup(func())
}

// need ends a test where something is nil that it cannot do without.
func need(t TB, there bool, what string) {
	t.Helper()
	if !there {
		t.Fatalf("lifecycletest: %s is needed, and is nil", what)
	}
}

// Failures runs a test apart, with its cleanups, and gives what it failed with; none: it
// passed, or was skipped. Fatalf ends it, and a panic is a failure. The caller's own test is
// not touched, so a test can be shown to fail.
//
// A property of rapid that fails in it is shrunk, and kept in a file below testdata/rapid, as
// anywhere else. Where that is not wanted, set rapid's flags rapid.shrinktime to 0s and
// rapid.nofailfile to true.
func Failures(test func(TB)) []string {
	r := &recorder{}
	r.run(func() { test(r) })
	for n := len(r.cleanups); n > 0; n = len(r.cleanups) {
		last := r.cleanups[n-1]
		r.cleanups = r.cleanups[:n-1]
		r.run(last)
	}
	return r.failures
}

// recorder keeps failures to itself.
type recorder struct {
	mu       sync.Mutex
	failures []string
	cleanups []func()
}

// run waits for what it runs in a goroutine of its own, which Fatalf may end.
func (r *recorder) run(do func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if p := recover(); p != nil {
				r.Errorf("panic: %v", p)
			}
		}()
		do()
	}()
	<-done
}

func (r *recorder) Helper()             {}
func (r *recorder) Name() string        { return "Failures" }
func (r *recorder) Log(...any)          {}
func (r *recorder) Logf(string, ...any) {}

func (r *recorder) Skip(...any)          { runtime.Goexit() }
func (r *recorder) Skipf(string, ...any) { runtime.Goexit() }
func (r *recorder) SkipNow()             { runtime.Goexit() }

func (r *recorder) Cleanup(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cleanups = append(r.cleanups, f)
}

func (r *recorder) fail(text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failures = append(r.failures, text)
}

// Fail says so where nothing else is said: rapid ends with it what it has told.
func (r *recorder) Fail() {
	if !r.Failed() {
		r.fail("it failed without a word")
	}
}

func (r *recorder) Failed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.failures) > 0
}

func (r *recorder) Error(args ...any)                 { r.fail(strings.TrimSuffix(fmt.Sprintln(args...), "\n")) }
func (r *recorder) Errorf(format string, args ...any) { r.fail(fmt.Sprintf(format, args...)) }

func (r *recorder) FailNow() {
	r.Fail()
	runtime.Goexit()
}

func (r *recorder) Fatal(args ...any) {
	r.Error(args...)
	runtime.Goexit()
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	runtime.Goexit()
}
