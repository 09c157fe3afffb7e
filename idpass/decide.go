package idpass

import (
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/product"
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

// Decision is a verdict and what is to be written for it.
type Decision = product.Decision[Pass]

// Result is what an operation leaves: the verdict, and the pass as it now stands.
type Result = product.Result[Pass]

// Decide judges one input on one record. It is pure: it reads no clock, draws no id, and
// changes nothing it was given, so it may be run again after a conflict. A deadline that
// lies in the past is applied first, in the same change. A command that may not be is a
// *product.Refusal (lifecycle.ErrNotAllowed); then there is nothing to write, the deadline's
// change included, which a sweep makes.
func Decide(r store.Record[Pass], in Input) (Decision, error) {
	d := draft{product.Begin(r, subject(&r.Value), Machine.Sum()), &in}
	p := &d.Change.Next
	if before, why := r.Received(in.Receipts); before {
		return Decision{Result: Result{Verdict: lifecycle.Duplicate, Why: why, Value: r.Value}}, nil
	}
	itself := in.Event == Expire && in.Call.Actor.Kind == audit.Clock // the deadline's own report
	if !itself && p.overdue(in.Call.At) {
		call := in.Call
		call.Actor = clock(p.OrganizationID)
		out, err := Machine.Decide(p.Status, Expire, Facts{})
		if err != nil {
			return Decision{}, err
		}
		d.in = &Input{} // nothing of the input is the clock's
		d.move(out, call, p.ExpiresAt)
		d.in = &in
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
		d.Enter(in.Call, out.Plain(), product.News{At: at, Source: in.Source})
	}
	return Decision{
		Result:  Result{Verdict: out.Verdict, Why: out.Why, Value: *p},
		Changes: []store.Change[Pass]{d.Change},
	}, nil
}

// draft is one record's change in the making.
type draft struct {
	product.Draft[Pass]
	in *Input
}

// move takes the pass to its next status, with all that follows from it. Money is the
// row's word alone: it is decided from the status that this very change leaves.
func (d *draft) move(out lifecycle.Outcome[Status, Event], call audit.Call, at time.Time) {
	p, before := &d.Change.Next, d.Change.Next
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
	news := product.News{At: at, Source: d.in.Source, Fee: p.Order.Fee}
	for _, effect := range []string{refund.Charged, refund.Refunded} {
		if out.Does(effect) && p.Order.Fee.Minor > 0 {
			news.Does = append(news.Does, effect)
			p.FeeRefunded = effect == refund.Refunded
		}
	}
	news.Changes = changes(&before, p)
	d.Enter(call, out.Plain(), news)
}

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
func register(p Pass, call audit.Call, receipts map[string]string, base string) (store.Change[Pass], error) {
	out, err := Machine.Decide("", Register, Facts{})
	if err != nil {
		return store.Change[Pass]{}, err
	}
	p.CreatedAt, p.Link = call.At, base+"/"+p.ID.String()
	p.ExpiresAt = call.At.AddDate(0, 0, p.Order.LinkValidityDays)
	d := draft{product.Begin(store.Record[Pass]{Value: p}, subject(&p), Machine.Sum()), &Input{Event: Register}}
	d.Change.Receipts = receipts
	d.move(out, call, call.At)
	return d.Change, nil
}

// clock is who makes deadlines happen.
func clock(organization string) Actor {
	return Actor{Organization: organization, Kind: audit.Clock, ID: "deadline"}
}

// refusal words a refused command for a person (spec 2.2). Cancel is the only command that
// an existing pass knows.
func refusal(err error) error {
	var denied *lifecycle.Denied
	if !errors.As(err, &denied) {
		return err
	}
	text := fmt.Sprintf("Cannot %s. Current status is %q.", denied.Event, denied.From)
	if len(denied.AllowedFrom) > 0 {
		text += fmt.Sprintf(" Only passes in %s can be cancelled.", denied.Sources())
	}
	return &product.Refusal{Denied: denied, Current: denied.From, Text: text}
}
