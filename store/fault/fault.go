package fault

import (
	"context"
	"errors"
	"fmt"

	"github.com/kycle/kycle/store"
)

// Fault is what goes wrong with one call. The zero Fault is that nothing does.
type Fault struct {
	kind kind
	err  error                       // of fail
	hook func(context.Context) error // of wait and hold
}

type kind int

const (
	none kind = iota
	fail
	wait
	hold
	stale
	lostAnswer
	late
)

// ErrMisplaced: the plan asked for a fault that the method cannot have.
var ErrMisplaced = errors.New("fault: not a fault of this method")

var (
	// None lets a call be; a Script skips calls with it.
	None = Fault{}
	// Conflict says store.ErrConflict, though nobody came first.
	Conflict = Fail(fmt.Errorf("fault: for no reason: %w", store.ErrConflict))
	// LostRequest says store.ErrUnknownOutcome of a commit that never happens.
	LostRequest = Fail(fmt.Errorf("fault: the request is lost: %w", store.ErrUnknownOutcome))
	// LostAnswer commits and says store.ErrUnknownOutcome, also of a commit that was refused.
	LostAnswer = Fault{kind: lostAnswer}
	// Late says store.ErrUnknownOutcome of a commit that is under way: it is made after the
	// next History was read, so that who looks for it there does not see it; or by Land.
	// Until then the store keeps the changes as they are, and the caller must not alter them.
	Late = Fault{kind: late}
	// Stale gives the answer of a Load only after a rival has written the record once more
	// as it was, without an entry: its version is out of date.
	Stale = Fault{kind: stale}
)

// Fail answers with an error; the call is not made.
func Fail(err error) Fault { return Fault{kind: fail, err: err} }

// Wait delays a call until first returns; where that fails the call is not made, and the
// error is its answer. first may use the repository.
func Wait(first func(context.Context) error) Fault { return Fault{kind: wait, hook: first} }

// Hold makes a call and holds its answer back until then returns; where that fails the
// error is the answer. then may use the repository: what a rival writes in it makes a read
// out of date. A commit that fails so is there all the same.
func Hold(then func(context.Context) error) Fault { return Fault{kind: hold, hook: then} }

// around makes a call with the faults that every method can have.
func around[T any](ctx context.Context, f Fault, call func() (T, error)) (answer T, err error) {
	switch f.kind {
	case none:
		return call()
	case fail:
		return answer, f.err
	case wait:
		if err := f.hook(ctx); err != nil {
			return answer, err
		}
		return call()
	case hold:
		given, err := call()
		if held := f.hook(ctx); held != nil {
			return answer, held
		}
		return given, err
	}
	return answer, ErrMisplaced
}
