package product

import (
	"context"
	"fmt"
	"time"
)

// Panic is what a call of the host's code panicked with, as an error. Its text repeats
// nothing of the value, which may hold secrets or personal data and belongs in no log.
type Panic struct{ Value any }

func (p *Panic) Error() string        { return ErrPanicked.Error() }
func (p *Panic) Is(target error) bool { return target == ErrPanicked }

// Contain runs a call of the host's code, to a provider say, in a goroutine of its own, and
// waits for it as long as ctx lasts and limit says. A panic in it is a *Panic
// (ErrPanicked). A call that does not heed its context is left behind, and the error is
// ErrTimedOut, or wraps context.Cause where ctx itself has ended.
func Contain[T any](ctx context.Context, limit time.Duration, call func(context.Context) (T, error)) (T, error) {
	type answer struct {
		value T
		err   error
	}
	var none T
	bounded, cancel := context.WithTimeoutCause(ctx, limit, ErrTimedOut)
	defer cancel()
	done := make(chan answer, 1)
	go func() {
		var a answer
		defer func() {
			if value := recover(); value != nil {
				a = answer{err: &Panic{value}}
			}
			done <- a
		}()
		a.value, a.err = call(bounded)
	}()
	select {
	case a := <-done:
		return a.value, a.err
	case <-bounded.Done():
		return none, fmt.Errorf("product: %w", context.Cause(bounded))
	}
}
