package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"
)

// Read is a record that a decision needs, and the receipts it wants to see.
type Read[A any] struct {
	Key      Key
	Receipts []string
	Into     *Record[A] // filled before each decision; the zero Record (Version 0) where there is none
}

// Attempts is how often Update decides at most, where the caller does not say.
const Attempts = 40

// grace is how long Update looks for a commit in doubt when its time is over.
const grace = 500 * time.Millisecond

// errOver is why the context of a call has ended whose own time is over.
var errOver = fmt.Errorf("the time for the call is over: %w", context.DeadlineExceeded)

// Limits bound one call of Update, everything in it included.
type Limits struct {
	Attempts int           // decisions at most; 0: Attempts; 1 is for a caller inside a transaction of its own
	Within   time.Duration // the whole call, its loads, commits, pauses and retries; 0: as long as the context lasts
}

// Update is the only way to a commit: it loads what is asked for, decides, commits and,
// after a conflict, loads and decides anew. decide must be pure: it runs once an attempt,
// on what the reads were filled with for it. What is committed is what it returned when it
// last returned no error; what it keeps for its caller must be of that time too. No
// changes: nothing is to be written, which is a success.
//
// call is the id that the changes' entries carry. After an unknown outcome the entry
// with that id settles it; changes without entries are simply decided again.
//
// An error of decide ends it as it is, nothing written. Otherwise it fails with
// ErrConflict (the last race was lost, and no attempt or no time is left),
// ErrUnknownOutcome (in doubt, and not to be settled), ErrUnavailable (limits.Within is
// over, and nothing was written), with an error that wraps context.Cause where ctx has
// ended, or with what the repository says. A commit that is in doubt when limits.Within is
// over is looked for during half a second more.
func Update[A any](
	ctx context.Context, repo Repository[A], call uuid.UUID, limits Limits, reads []Read[A],
	decide func() ([]Change[A], error),
) error {
	within, cancel := limits.start(ctx)
	defer cancel()
	l := loop[A]{repo: repo, call: call}
	for attempt := range limits.attempts() {
		err := pause(within, attempt)
		if err == nil {
			err = load(within, repo, reads)
		}
		if err == nil { // after the load: what is decided on is older than a commit that is not settled
			var happened bool
			if happened, err = l.settle(within); happened {
				return nil
			}
		}
		if err != nil {
			return l.ended(ctx, within, err)
		}
		l.race = nil
		changes, err := decide()
		if err != nil && l.doubt == nil {
			return err
		}
		if l.refusal = err; err != nil {
			continue // perhaps it is the commit in doubt, seen now, that is refused a second time
		}
		if len(changes) == 0 {
			return nil
		}
		switch err = repo.Commit(within, changes...); {
		case err == nil:
			return nil
		case errors.Is(err, ErrUnknownOutcome):
			l.doubt = cmp.Or(doubtOf(changes, err), l.doubt)
		case !errors.Is(err, ErrConflict) && !errors.Is(err, ErrDuplicate):
			return l.ended(ctx, within, err)
		}
		l.race = err
	}
	if happened, _ := l.settle(within); happened { // an error leaves it in doubt
		return nil
	}
	if l.refusal != nil {
		return l.doubt.or(l.refusal)
	}
	return l.doubt.or(l.lost())
}

func (l Limits) attempts() int {
	if l.Attempts <= 0 {
		return Attempts
	}
	return l.Attempts
}

// start gives the context of a call that begins now.
func (l Limits) start(ctx context.Context) (context.Context, context.CancelFunc) {
	if l.Within <= 0 {
		return ctx, func() {}
	}
	return context.WithTimeoutCause(ctx, l.Within, errOver)
}

// loop is what a call of Update has met so far.
type loop[A any] struct {
	repo    Repository[A]
	call    uuid.UUID
	doubt   *doubt // nil: no commit is in doubt
	refusal error  // what the last decision said
	race    error  // what the last commit said; nil since records were read again
}

// lost is what to say of a last commit that did not succeed: a duplicate is a conflict that
// was not told as one.
func (l *loop[A]) lost() error {
	if errors.Is(l.race, ErrUnknownOutcome) || errors.Is(l.race, ErrConflict) {
		return fmt.Errorf("store: the last attempt: %w", l.race)
	}
	return fmt.Errorf("store: the last attempt: %w: %v", ErrConflict, l.race)
}

// ended is what to say of a call that err has ended. Where it is the call's own time that
// is over, the caller still waits: a commit in doubt is looked for once more.
func (l *loop[A]) ended(ctx, within context.Context, err error) error {
	if ctx.Err() != nil || within.Err() == nil || !errors.Is(err, context.DeadlineExceeded) {
		return l.doubt.or(err)
	}
	ctx, cancel := context.WithTimeout(ctx, grace)
	defer cancel()
	if happened, _ := l.settle(ctx); happened {
		return nil
	}
	switch {
	case l.doubt != nil:
		return l.doubt.or(err)
	case l.race != nil:
		return fmt.Errorf("%w: %w", l.lost(), err)
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}

// settle looks for the commit that is in doubt, if one is. A commit that can no longer
// happen has lost its race.
func (l *loop[A]) settle(ctx context.Context) (happened bool, err error) {
	if l.doubt == nil {
		return false, nil
	}
	happened, possible, err := settle(ctx, l.repo, l.call, l.doubt)
	if err == nil && !happened && !possible {
		l.doubt, l.race = nil, ErrConflict
	}
	return happened, err
}

// doubt is a commit that may have happened: the record, the version it was guarded by,
// behind which sequence its entry would stand, and what the repository said.
type doubt struct {
	key    Key
	expect uint64
	after  uint64
	said   error
}

// doubtOf is of the first change with an entry, by which all of them are known to have
// happened. It is nil where none has one: to decide those again is harmless.
func doubtOf[A any](changes []Change[A], said error) *doubt {
	for _, c := range changes {
		if len(c.Entries) > 0 {
			first := c.Entries[0]
			return &doubt{Key{Organization: first.Subject.Organization, ID: first.Subject.ID}, c.Expect, first.Seq - 1, said}
		}
	}
	return nil
}

// or gives the error to return: while a commit is in doubt, that it is, whatever else.
func (d *doubt) or(err error) error {
	if d == nil {
		return err
	}
	return fmt.Errorf("%w: %w", d.said, err)
}

// settle looks for the entry of the call. Where it is not, the commit is still possible
// only as long as the record stands at the version that guards it. The version is read
// before the history: a commit that came between the two is then seen.
func settle[A any](ctx context.Context, repo Repository[A], call uuid.UUID, d *doubt) (happened, possible bool, err error) {
	record, err := repo.Load(ctx, d.key)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return false, true, err
	}
	history, err := repo.History(ctx, d.key, d.after, 0)
	if err != nil {
		return false, true, err
	}
	for _, e := range history.Entries {
		if e.Call == call {
			return true, false, nil
		}
	}
	return false, record.Version == d.expect, nil
}

// load fills the reads.
func load[A any](ctx context.Context, repo Repository[A], reads []Read[A]) error {
	for _, read := range reads {
		record, err := repo.Load(ctx, read.Key, read.Receipts...)
		switch {
		case errors.Is(err, ErrNotFound):
			*read.Into = Record[A]{}
		case err != nil:
			return err
		default:
			*read.Into = record
		}
	}
	return nil
}

// pauses are the longest times to wait before an attempt, in milliseconds; the last is that
// of all that follow.
var pauses = [...]int{0, 0, 0, 1, 2, 4, 8, 16, 20}

// pause lets rivals pass, for a random time.
func pause(ctx context.Context, attempt int) error {
	most := pauses[min(attempt, len(pauses)-1)]
	if most == 0 {
		return context.Cause(ctx)
	}
	timer := time.NewTimer(rand.N(time.Duration(most) * time.Millisecond))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
