package product

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/refund"
	"github.com/kycle/kycle/store"
)

// Trail is a record's history together with what was found when it was checked.
type Trail struct {
	store.History
	// Fault is nil if the chain verifies, replays to the stored status, and agrees with
	// the postings. Otherwise it is the first thing found: an *audit.Fault (audit.ErrFault),
	// ErrBooks, or audit.ErrFormat where the last entry could not be read just now.
	Fault error
	// Differences are all those between the entries and the postings.
	Differences []refund.Difference
}

// History returns a record's audit trail and postings, checked: audit.Verify, audit.Replay
// through the tables that judged it, Reconcile. It fails like Load; a trail that does not
// hold is no error, but its Fault.
func (r *Runner[A]) History(ctx context.Context, a audit.Actor, id uuid.UUID) (Trail, error) {
	if err := r.Authorize(a); err != nil {
		return Trail{}, err
	}
	s := audit.Subject{Organization: a.Organization, Kind: r.config.Schema.Kind, ID: id}
	record, err := r.Load(ctx, Key(a, id))
	unreadable := errors.Is(err, audit.ErrFormat) // the last entry: the history shows it
	if err != nil && !unreadable {
		return Trail{}, err
	}
	h, failed := r.config.Repository.History(ctx, Key(a, id), 0, 0)
	if failed != nil {
		return Trail{}, failed
	}
	t, anchors := Trail{History: h}, []audit.Head(nil)
	if !unreadable {
		t.History, anchors = until(h, record.Head), []audit.Head{record.Head}
	}
	t.Differences = t.Reconcile(s)
	t.Fault = audit.Verify(s, t.Entries, anchors...)
	switch {
	case t.Fault != nil:
	case unreadable:
		t.Fault = err
	default:
		t.Fault = r.replay(t.Entries, r.config.Schema.Index(record.Value).Status)
	}
	if t.Fault == nil && len(t.Differences) > 0 {
		t.Fault = fmt.Errorf("%w: %s", ErrBooks, t.Differences[0])
	}
	return t, nil
}

// replay holds entries against the tables, and their end against the stored status.
func (r *Runner[A]) replay(entries []audit.Entry, stored string) error {
	tables := []audit.Table{r.config.Chart}
	for _, earlier := range r.config.Earlier {
		tables = append(tables, earlier)
	}
	end, err := audit.Replay(entries, tables...)
	if err == nil && end != stored {
		return &audit.Fault{Kind: "replay", Seq: uint64(len(entries)), Text: fmt.Sprintf("it ends in %q, and %q is stored", end, stored)}
	}
	return err
}

// until leaves out what was committed after the record was loaded: the entries behind the
// head as it was then, and the postings that they name. Everything else stays, whatever
// its sequence says, for that is what is to be checked. Where the head is nowhere, all of
// it stays.
func until(h store.History, head audit.Head) store.History {
	known := len(h.Entries)
	if head == (audit.Head{}) {
		known = 0
	}
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
