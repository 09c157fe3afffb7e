package product

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"
)

// Panic is what a call of the host's code panicked with, as an error. Its text repeats
// nothing of the value, which may hold secrets or personal data and belongs in no log.
type Panic struct {
	Value any    // nil where the call ended its goroutine without a panic (runtime.Goexit)
	Stack []byte // where, as debug.Stack gives it; it holds no text of a value
}

func (p *Panic) Error() string        { return ErrPanicked.Error() }
func (p *Panic) Is(target error) bool { return target == ErrPanicked }

// Contain runs a call of the host's code, to a provider say, in a goroutine of its own, and
// waits for it as long as ctx lasts and limit says. Where ctx has ended already, the call is
// not made. A panic in it is a *Panic (ErrPanicked).
//
// Once the limit is over, the error is ErrTimedOut; once ctx has ended, it is context.Cause.
// The call's own context has ended with them, and a call that does not heed it is left behind.
func Contain[T any](ctx context.Context, limit time.Duration, call func(context.Context) (T, error)) (T, error) {
	type answer struct {
		value T
		err   error
	}
	var none T
	if ctx.Err() != nil {
		return none, fmt.Errorf("product: the call was not made: %w", context.Cause(ctx))
	}
	bounded, cancel := context.WithTimeoutCause(ctx, limit, ErrTimedOut)
	defer cancel()
	done := make(chan answer, 1)
	go func() {
		a := answer{err: &Panic{}} // unless it returns
		defer func() {
			if value := recover(); value != nil {
				a.err = &Panic{value, debug.Stack()}
			}
			done <- a
		}()
		a.value, a.err = call(bounded)
	}()
	select {
	case a := <-done:
		return a.value, a.err
	case <-bounded.Done(): // a call that heeds it is not heard any more: this is what it would say
		return none, context.Cause(bounded)
	}
}
