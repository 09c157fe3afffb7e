package lifecycletest

import (
	"fmt"
	"runtime"
	"sync"
)

// TB is what this package needs of a test. A *testing.T is one, a *testing.B, a *testing.F
// and a *rapid.T too.
type TB interface {
	Helper()
	Cleanup(func())
	Logf(format string, args ...any)
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// Failures runs a test apart, with its cleanups, and gives what it failed with; none: it
// passed. Fatalf ends it, and a panic is a failure. The caller's own test is not touched,
// so a test can be shown to fail.
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
func (r *recorder) Logf(string, ...any) {}

func (r *recorder) Cleanup(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cleanups = append(r.cleanups, f)
}

func (r *recorder) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	runtime.Goexit()
}
