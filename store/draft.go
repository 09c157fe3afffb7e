package store

import (
	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/refund"
)

// Draft gathers what one decision on one record writes, before anything is written.
type Draft[A any] struct {
	Change Change[A] // Next and Receipts are the decision's to set
	head   audit.Head
}

// NewDraft begins a change of the record as it was loaded; the zero Record is one that
// does not exist yet.
func NewDraft[A any](r Record[A]) *Draft[A] {
	return &Draft[A]{Change: Change[A]{Next: r.Value, Expect: r.Version}, head: r.Head}
}

// Seq is the sequence that the next entry will have: a posting that the entry causes
// names it.
func (d *Draft[A]) Seq() uint64 { return d.head.Seq + 1 }

// Append seals an entry behind the ones there are, with the postings that it causes.
func (d *Draft[A]) Append(e audit.Entry, postings ...refund.Posting) {
	for _, p := range postings {
		e.Postings = append(e.Postings, p.Line())
	}
	e, d.head = audit.Append(d.head, e)
	d.Change.Entries = append(d.Change.Entries, e)
	d.Change.Postings = append(d.Change.Postings, postings...)
}
