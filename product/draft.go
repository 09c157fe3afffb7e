package product

import (
	"slices"
	"time"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/refund"
	"github.com/kycle/kycle/store"
)

// Draft gathers what one decision on one record writes, before anything is written. An
// entry is made of an outcome of the machine and of nothing else, and a posting of an
// effect of the outcome's row, so nothing is written beside the table.
type Draft[A any] struct {
	Change     store.Change[A] // Next and Receipts are the decision's to set
	subject    audit.Subject
	definition audit.Digest
	head       audit.Head
}

// Begin begins a change of a record as it was loaded; the zero Record is one that does not
// exist yet. definition is the fingerprint of the machine that judges.
func Begin[A any](r store.Record[A], subject audit.Subject, definition audit.Digest) Draft[A] {
	return Draft[A]{Change: store.Change[A]{Next: r.Value, Expect: r.Version}, subject: subject, definition: definition, head: r.Head}
}

// News is what an entry tells beside its outcome.
type News struct {
	At      time.Time // when it happened; zero: at the call
	Source  string    // the source event that brought it, if one did
	Body    []byte    // a JSON object with the entry's free text, or nil; it may be personal
	Changes audit.Changes
	Fee     refund.Amount // what refund.Charged and refund.Refunded post
	Does    []string      // those of the two that post now, where the row has them
}

// Enter writes the entry of an outcome (a move, a note, or a report that is ignored),
// sealed behind the ones there are, with the postings that it causes. A stay has no entry.
func (d *Draft[A]) Enter(call audit.Call, out lifecycle.Outcome[string, string], n News) {
	e := call.Entry(d.subject, n.Body)
	e.Event, e.From, e.To, e.Why = out.Event, out.From, out.To, out.Why
	switch out.Verdict {
	case lifecycle.Move:
		e.Verdict = audit.Moved
	case lifecycle.Note:
		e.Verdict = audit.Verdict(out.Word)
	case lifecycle.Ignore:
		e.Verdict = audit.Ignored
	default:
		return
	}
	if !n.At.IsZero() {
		e.OccurredAt = n.At
	}
	e.Source, e.Changes, e.Definition = n.Source, n.Changes, d.definition
	for _, effect := range [...]string{refund.Charged, refund.Refunded} {
		if !out.Does(effect) || !slices.Contains(n.Does, effect) {
			continue
		}
		if p, ok := refund.Post(effect, refund.Subject(d.subject), n.Fee, d.head.Seq+1, call.At); ok {
			e.Postings = append(e.Postings, p.Line())
			d.Change.Postings = append(d.Change.Postings, p)
		}
	}
	e, d.head = audit.Append(d.head, e)
	d.Change.Entries = append(d.Change.Entries, e)
}
