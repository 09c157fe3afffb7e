package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"
)

// Read is a record that a decision needs, and the receipts it wants to see.
type Read struct {
	Key      Key
	Receipts []string
}

// Attempts is how often Update decides at most, where the caller does not say.
const Attempts = 40

// Update is the only way to a commit: it loads what is asked for, decides, commits and,
// after a conflict, loads and decides anew. A record that is not there is given to decide
// at Version 0. decide must be pure: it runs once an attempt. What is committed is what
// it returned when it last returned no error; what it keeps for its caller must be of that
// time too. No changes: nothing is to be written, which is a success.
//
// call is the id that the changes' entries carry. After an unknown outcome the entry
// with that id settles it; changes without entries are simply decided again.
//
// An error of decide ends it as it is, nothing written. Otherwise it fails with
// ErrConflict (every attempt lost), ErrUnknownOutcome (in doubt, and not to be settled),
// or what the repository says. attempts 0 means Attempts; 1 is for a caller inside a
// transaction of its own.
func Update[A any](
	ctx context.Context, repo Repository[A], call uuid.UUID, attempts int, reads []Read,
	decide func(found []Record[A]) ([]Change[A], error),
) error {
	if attempts <= 0 {
		attempts = Attempts
	}
	var doubt *doubt
	var last error // why the last attempt decided nothing
	for attempt := range attempts {
		if err := pause(ctx, attempt); err != nil {
			return doubt.or(err)
		}
		found, err := load(ctx, repo, reads)
		if err != nil {
			return doubt.or(err)
		}
		if doubt != nil { // after the load, so that what is decided on is older than a commit that is not settled
			happened, possible, err := settle(ctx, repo, call, doubt)
			switch {
			case err != nil:
				return doubt.or(err)
			case happened:
				return nil
			case !possible:
				doubt = nil
			}
		}
		changes, err := decide(found)
		if err != nil && doubt == nil {
			return err
		}
		if last = err; err != nil {
			continue // perhaps it is the commit in doubt, seen now, that is refused a second time
		}
		if len(changes) == 0 {
			return nil
		}
		switch err = repo.Commit(ctx, changes...); {
		case err == nil:
			return nil
		case errors.Is(err, ErrUnknownOutcome):
			doubt = doubtOf(changes[0])
		case !errors.Is(err, ErrConflict) && !errors.Is(err, ErrDuplicate):
			return doubt.or(err)
		}
	}
	if last == nil {
		last = fmt.Errorf("store: %d attempts lost against other writers: %w", attempts, ErrConflict)
	}
	if doubt != nil {
		if happened, _, _ := settle(ctx, repo, call, doubt); happened { // an error leaves it in doubt
			return nil
		}
	}
	return doubt.or(last)
}

// doubt is a commit that may have happened: the record, the version it was guarded by,
// and behind which sequence its entry would stand.
type doubt struct {
	key    Key
	expect uint64
	after  uint64
}

// doubtOf is nil for a change without entries: to decide that one again is harmless.
func doubtOf[A any](c Change[A]) *doubt {
	if len(c.Entries) == 0 {
		return nil
	}
	first := c.Entries[0]
	return &doubt{Key{Organization: first.Subject.Organization, ID: first.Subject.ID}, c.Expect, first.Seq - 1}
}

// or gives the error to return: while a commit is in doubt, that it is, whatever else.
func (d *doubt) or(err error) error {
	if d == nil {
		return err
	}
	return fmt.Errorf("%w: %w", ErrUnknownOutcome, err)
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

func load[A any](ctx context.Context, repo Repository[A], reads []Read) ([]Record[A], error) {
	found := make([]Record[A], len(reads))
	for i, read := range reads {
		record, err := repo.Load(ctx, read.Key, read.Receipts...)
		switch {
		case err == nil:
			found[i] = record
		case !errors.Is(err, ErrNotFound):
			return nil, err
		}
	}
	return found, nil
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
