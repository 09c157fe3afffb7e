package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/refund"
)

// Trail is a record's history together with what was found when it was checked.
type Trail struct {
	History
	// Fault is nil if the chain verifies, replays to the stored status, and agrees with
	// the postings. Otherwise it is the first thing found: an *audit.Fault, or ErrBooks.
	Fault error
	// Differences are all those between the entries and the postings.
	Differences []refund.Difference
}

// ErrBooks: the audit trail and the postings do not agree.
var ErrBooks = errors.New("store: entries and postings differ")

// Examine reads a record's history and checks all of it: audit.Verify, audit.Replay
// through the tables that judged it, Reconcile. It fails like Load; a trail that does not
// hold is no error, but its Fault.
func Examine[A any](
	ctx context.Context, repo Repository[A], key Key, s audit.Subject, status func(A) string, tables ...audit.Table,
) (Trail, error) {
	r, err := repo.Load(ctx, key)
	unreadable := errors.Is(err, audit.ErrFormat) // the last entry: the history shows it
	if err != nil && !unreadable {
		return Trail{}, err
	}
	h, err := repo.History(ctx, key, 0, 0)
	if err != nil {
		return Trail{}, err
	}
	if unreadable {
		return Trail{History: h, Fault: audit.Verify(s, h.Entries), Differences: h.Reconcile(s)}, nil
	}
	t := Trail{History: since(h, r.Head)}
	t.Differences = t.Reconcile(s)
	t.Fault = audit.Verify(s, t.Entries, r.Head)
	if t.Fault == nil {
		var end string
		if end, t.Fault = audit.Replay(t.Entries, tables...); t.Fault == nil && end != status(r.Value) {
			t.Fault = &audit.Fault{Kind: "replay", Seq: r.Head.Seq, Text: fmt.Sprintf("it ends in %q, and %q is stored", end, status(r.Value))}
		}
	}
	if t.Fault == nil && len(t.Differences) > 0 {
		t.Fault = fmt.Errorf("%w: %s", ErrBooks, t.Differences[0])
	}
	return t, nil
}

// since leaves out what was committed after the record was loaded: the entries behind the
// head as it was then, and the postings that they name. Everything else stays, whatever
// its sequence says, for that is what is to be checked.
func since(h History, head audit.Head) History {
	known := len(h.Entries)
	for i := range h.Entries {
		if h.Entries[i].Head() == head {
			known = i + 1
		}
	}
	later := map[uint64]bool{}
	for _, e := range h.Entries[known:] {
		later[e.Seq] = len(e.Postings) > 0
	}
	h.Entries = h.Entries[:known]
	h.Postings = slices.DeleteFunc(h.Postings, func(p refund.Posting) bool { return later[p.Seq] })
	return h
}
