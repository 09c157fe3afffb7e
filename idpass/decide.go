package idpass

import (
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/refund"
	"github.com/kycle/kycle/store"
)

// Input is one command or report, with everything its decision may use.
type Input struct {
	Event      Event
	Call       audit.Call
	OccurredAt time.Time         // of a report; zero: at the call
	Outcome    Outcome           // of a completed check
	Source     string            // the source event; "": none
	Receipts   map[string]string // the keys under which a report is remembered
	Newer      uuid.UUID         // the pass that takes this one's place; zero: none
}

// Decision is a verdict and what is to be written for it. Without Changes there is
// nothing to write.
type Decision struct {
	Verdict lifecycle.Verdict
	Why     string // of an Ignore; store.EventReused of a Duplicate that tells something else
	Pass    Pass   // as the changes leave it
	Changes []store.Change[Pass]
}

// Decide judges one input on one record. It is pure: it reads no clock, draws no id, and
// changes nothing it was given, so it may be run again after a conflict. A deadline that
// lies in the past is applied first, in the same change. A command that may not be is a
// *Refusal (lifecycle.ErrNotAllowed); then there is nothing to write, the deadline's
// change included, which a sweep makes.
func Decide(r store.Record[Pass], in Input) (Decision, error) {
	d := draft{store.NewDraft(r), &in}
	p := &d.Change.Next
	if before, why := r.Received(in.Receipts); before {
		return Decision{Verdict: lifecycle.Duplicate, Why: why, Pass: r.Value}, nil
	}
	itself := in.Event == Expire && in.Call.Actor.Kind == audit.Clock // the deadline's own report
	if !itself && p.overdue(in.Call.At) {
		call := in.Call
		call.Actor = clock(p.OrganizationID)
		out, err := Machine.Decide(p.Status, Expire, Facts{})
		if err != nil {
			return Decision{}, err
		}
		first := draft{d.Draft, &Input{}} // nothing of the input is the clock's
		first.move(out, call, p.ExpiresAt)
	}
	out, err := Machine.Decide(p.Status, in.Event, Facts{})
	if err != nil {
		return Decision{}, refusal(err)
	}
	at := in.OccurredAt
	if at.IsZero() {
		at = in.Call.At
	}
	d.Change.Receipts = in.Receipts
	switch out.Verdict {
	case lifecycle.Move:
		d.move(out, in.Call, at)
	case lifecycle.Ignore:
		e := d.entry(in.Call, out.Event, audit.Ignored, at)
		e.Source, e.Why = in.Source, out.Why
		d.Append(e)
	}
	return Decision{out.Verdict, out.Why, *p, []store.Change[Pass]{d.Change}}, nil
}

// draft is one record's change in the making.
type draft struct {
	*store.Draft[Pass]
	in *Input
}

// move takes the pass to its next status, with all that follows from it. Money is the
// row's word alone: it is decided from the status that this very change leaves.
func (d *draft) move(out lifecycle.Outcome[Status, Event], call audit.Call, at time.Time) {
	p, before := &d.Change.Next, d.Change.Next
	e := d.entry(call, out.Event, audit.Moved, at)
	e.Source = d.in.Source
	p.Status, p.UpdatedAt = out.To, call.At
	if out.Does(recordConsent) {
		p.ConsentGivenAt = at
	}
	if out.Does(recordCompletion) {
		p.CompletedAt, p.Verification = at, d.in.Outcome
	}
	if out.Event == Cancel {
		p.SupersededBy = d.in.Newer
	}
	var postings []refund.Posting
	for _, effect := range []string{refund.Charged, refund.Refunded} {
		if !out.Does(effect) {
			continue
		}
		if posting, ok := refund.Post(effect, refund.Subject(e.Subject), p.Order.Fee, d.Seq(), call.At); ok {
			postings = append(postings, posting)
			p.FeeRefunded = effect == refund.Refunded
		}
	}
	e.To, e.Changes = string(p.Status), changes(&before, p)
	d.Append(e, postings...)
}

// entry begins an entry that leaves the status as it is.
func (d *draft) entry(call audit.Call, on Event, verdict audit.Verdict, at time.Time) audit.Entry {
	p := &d.Change.Next
	e := call.Entry(subject(p), nil)
	e.Event, e.From, e.To, e.Verdict = string(on), string(p.Status), string(p.Status), verdict
	e.OccurredAt, e.Definition = at, fingerprint
	return e
}

var fingerprint = must(audit.ParseDigest(Machine.Fingerprint()))

// changes lists what a move changed, in text that is nobody's personal data.
func changes(before, after *Pass) (list audit.Changes) {
	list.Text("verification_status", string(before.Verification), string(after.Verification))
	list.Flag("fee_refunded", before.FeeRefunded, after.FeeRefunded)
	list.Time("consent_given_at", before.ConsentGivenAt, after.ConsentGivenAt)
	list.Time("completed_at", before.CompletedAt, after.CompletedAt)
	if before.SupersededBy != after.SupersededBy {
		list.Text("superseded_by", "", after.SupersededBy.String())
	}
	return list
}

// register brings a pass into being; receipts may be nil.
func register(p Pass, call audit.Call, receipts map[string]string, base string) store.Change[Pass] {
	p.CreatedAt, p.Link = call.At, link(base, p.ID)
	p.ExpiresAt = call.At.AddDate(0, 0, p.Order.LinkValidityDays)
	d := draft{store.NewDraft(store.Record[Pass]{Value: p}), &Input{Event: Register}}
	d.Change.Receipts = receipts
	d.move(must(Machine.Decide("", Register, Facts{})), call, call.At)
	return d.Change
}

// refusal words a refused command for a person.
func refusal(err error) error {
	var denied *lifecycle.Denied
	if errors.As(err, &denied) {
		return &Refusal{denied}
	}
	return err
}
