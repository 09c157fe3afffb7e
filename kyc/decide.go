package kyc

import (
	"errors"
	"slices"
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
	Event Event
	Call  audit.Call

	Reason  string         // of a command by hand
	Reading ProviderStatus // what a reading begun by this very call said; "": none succeeded
	Newer   uuid.UUID      // of Supersede: the validation that this commit creates

	Word     Word              // what a provider's report says
	Timeless bool              // the provider did not say when: Word.At is when it was asked
	Source   string            // the source event; "" for a reading
	Receipts map[string]string // the keys under which the report is remembered
	ReadAt   time.Time         // when the reading was begun that brought it; zero: not a reading
	URL      string            // a new link for the customer; "": as before
	Evidence *Evidence         // nil: it brings none
}

// Decision is a verdict and what is to be written for it.
type Decision = product.Decision[Validation]

// Result is what an operation leaves: the verdict, and the validation as it now stands.
type Result = product.Result[Validation]

// Decide judges one input on one record. It is pure: it reads no clock, draws no id, and
// changes nothing it was given, so it may be run again after a conflict. A command that
// may not be is a *product.Refusal (lifecycle.ErrNotAllowed); then there is nothing to write.
func Decide(r store.Record[Validation], in Input, s Settings) (Decision, error) {
	if in.Call.Actor.Organization == "" {
		in.Call.Actor.Organization = r.Value.OrganizationID // a webhook knows none: it is the record's
	}
	d := begin(r, in, s)
	v := &d.Change.Next
	cell, err := d.table.Cell(v.Status, in.Event)
	if err != nil {
		return Decision{}, err
	}
	if cell.Verdict == lifecycle.Move && d.table.Kind(in.Event) == lifecycle.Command && v.overdue(in.Call.At) {
		if err := d.deadline(); err != nil {
			return Decision{}, err
		}
	}
	last, err := d.place()
	if err != nil {
		return Decision{}, err
	}
	in.Word = d.in.Word
	before, why := received(r, &d.in)
	out := outcome{Verdict: lifecycle.Duplicate, Why: why}
	if !before {
		stands := *v
		out, err = d.table.Decide(v.Status, in.Event, Facts{
			Actor: in.Call.Actor, Validation: &stands, Reading: in.Reading, Word: in.Word, LastWord: last, Newer: in.Newer, Now: in.Call.At,
		})
		if err != nil {
			return Decision{}, refusal(err, v.Status, in.Reading)
		}
		d.apply(out)
	}
	// A reading begun before the last one brings nothing newer; a last reading that lies
	// ahead was made by a clock that has been set back since.
	fresh := !in.ReadAt.IsZero() && (!in.ReadAt.Before(v.LastReading) || v.LastReading.After(in.Call.At))
	if fresh {
		v.LastReading = in.ReadAt
	}
	heard := in.ReadAt.IsZero() && in.Word.At.After(v.LastReading) && (out.Verdict == lifecycle.Move || out.Verdict == lifecycle.Stay)
	if fresh || heard {
		d.evidence()
	}
	decision := Decision{Result: Result{Verdict: out.Verdict, Why: out.Why, Value: *v}}
	if fresh || out.Verdict != lifecycle.Duplicate {
		decision.Changes = []store.Change[Validation]{d.Change}
	}
	return decision, nil
}

type outcome = lifecycle.Outcome[Status, Event]

// draft is one record's change in the making.
type draft struct {
	product.Draft[Validation]
	in       Input
	settings Settings
	table    *Lifecycle
}

func begin(r store.Record[Validation], in Input, s Settings) draft {
	table := s.lifecycle()
	return draft{product.Begin(r, subject(&r.Value), table.Sum()), in, s, table}
}

// deadline makes the overdue record's deadline happen, before a command is judged. As the
// table stands every such command is then refused, and what is written is the sweep's.
func (d *draft) deadline() error {
	v := d.Change.Next
	call := d.in.Call
	call.Actor = clock(v.OrganizationID)
	out, err := d.table.Decide(v.Status, d.table.State(v.Status).Deadline, Facts{Actor: call.Actor, Validation: &v, Now: call.At})
	if err == nil {
		d.carry(out, call, v.ExpiresAt, nil)
	}
	return err
}

// apply carries out a verdict: what moves is moved, what is ignored is told.
func (d *draft) apply(out outcome) {
	v, at := &d.Change.Next, d.in.Call.At
	switch {
	case d.in.Word.Status != "":
		at = d.in.Word.At
	case out.Event == d.table.State(v.Status).Deadline:
		at = v.ExpiresAt
	}
	d.Change.Receipts = d.in.Receipts
	// A word that a decision by hand keeps out is the provider's last word all the same.
	if d.in.Word.Status != "" && (out.Verdict != lifecycle.Ignore || out.Why == Unprotected.Code) {
		v.LastWord = d.in.Word
	}
	switch out.Verdict {
	case lifecycle.Move, lifecycle.Note:
		d.carry(out, d.in.Call, at, reasonBody(d.in.Reason))
	case lifecycle.Ignore:
		d.Enter(d.in.Call, out.Plain(), product.News{At: at, Source: d.in.Source})
	}
}

// carry takes the record to its next status, or notes what became so, with all that follows
// from it (spec 1.4).
func (d *draft) carry(out outcome, call audit.Call, at time.Time, body []byte) {
	v, before := &d.Change.Next, d.Change.Next
	v.UpdatedAt = call.At
	if out.Verdict == lifecycle.Move {
		d.move(out, at)
	}
	switch {
	case out.Does(EffectStartDeadline):
		v.ExpiresAt = call.At.Add(d.settings.LinkValidity)
	case d.table.State(v.Status).Deadline == "":
		v.ExpiresAt = time.Time{}
	}
	if out.Does(EffectRecordDecision) {
		d.recordDecision(out.Event, body)
	}
	if out.Does(EffectOweTermination) && v.ValidationSessionID != "" {
		v.TerminationOwed, v.TerminationNext = call.At, call.At
	}
	if out.Does(effectEndTermination) {
		v.TerminationOwed, v.TerminationNext, v.TerminationFailures = time.Time{}, time.Time{}, 0
	}
	if out.Does(effectGiveWay) {
		v.SupersededBy = d.in.Newer
	}
	v.IsCurrent = d.table.Labelled(v.Status, LabelCurrent) && v.SupersededBy == uuid.Nil
	news := product.News{At: at, Source: d.in.Source, Body: body, Fee: d.settings.Fee}
	if out.Does(refund.Charged) && !v.Charged {
		v.Charged, news.Does = true, charged
	}
	news.Changes = changes(&before, v)
	d.Enter(call, out.Plain(), news)
}

var charged = in(refund.Charged)

func (d *draft) move(out outcome, at time.Time) {
	v := &d.Change.Next
	v.Status, v.VerifiedAt = out.To, time.Time{}
	if d.table.Labelled(out.To, LabelVerified) {
		v.VerifiedAt = at
	}
}

// evidence takes over what the report brought.
func (d *draft) evidence() {
	v := &d.Change.Next
	if d.in.Evidence != nil {
		v.Evidence, v.UpdatedAt = *d.in.Evidence, d.in.Call.At
	}
	if d.in.URL != "" {
		v.ProviderSessionURL = d.in.URL
	}
}

// refusal says which status was not the one required: the stored one, or the reading's. What
// nobody can wish for is not said to be allowed.
func refusal(err error, stored Status, reading ProviderStatus) error {
	var denied *lifecycle.Denied
	if !errors.As(err, &denied) {
		return err
	}
	denied.Allowed = slices.DeleteFunc(denied.Allowed, func(on string) bool { return slices.Contains(ownEvents, Event(on)) })
	if i := reading.rank(); i >= 0 && denied.Rule == FreshlySynced.Code {
		stored = words[i].shownAs
	}
	return &product.Refusal{Denied: denied, Current: string(stored), Text: worded(denied, stored)}
}

// changes lists what a move or a note changed, in text that is nobody's personal data.
func changes(before, after *Validation) audit.Changes {
	list := make(audit.Changes, 0, 6)
	list.Flag("is_current", before.IsCurrent, after.IsCurrent)
	list.Flag("decided_by_hand", before.DecidedByHand, after.DecidedByHand)
	list.Flag("charged", before.Charged, after.Charged)
	list.Time("expires_at", before.ExpiresAt, after.ExpiresAt)
	list.Time("verified_at", before.VerifiedAt, after.VerifiedAt)
	list.Time("termination_owed", before.TerminationOwed, after.TerminationOwed)
	if before.SupersededBy != after.SupersededBy {
		list.Text("superseded_by", "", after.SupersededBy.String())
	}
	return list
}

// create brings a validation into being and supersedes the one that was the entity's
// newest until then, if there was one: the two are one commit (spec 1.4, "superseding").
func create(newest store.Record[Validation], v Validation, call audit.Call, receipts map[string]string, s Settings) ([]store.Change[Validation], error) {
	var changes []store.Change[Validation]
	if newest.Version > 0 {
		gave, err := Decide(newest, Input{Event: Supersede, Call: call, Newer: v.ID}, s)
		if err != nil {
			return nil, err
		}
		changes = gave.Changes
	}
	d := begin(store.Record[Validation]{Value: v}, Input{Call: call}, s)
	out, err := d.table.Decide("", Create, Facts{Actor: call.Actor, Now: call.At})
	if err != nil {
		return nil, err
	}
	d.Change.Receipts = receipts
	created := &d.Change.Next
	created.CreatedAt = call.At
	if earliest := newest.Value.CreatedAt.Add(time.Microsecond); created.CreatedAt.Before(earliest) {
		created.CreatedAt = earliest // newer is by order of commit, and lists go by this time
	}
	d.carry(out, call, call.At, metadataBody(v.Metadata))
	return append(changes, d.Change), nil
}

// postponed is the change of a termination that failed: when it is tried next. failures is
// how many had failed before that try, so that a commit in doubt, and two tries at once,
// count as one. No entry tells of it (spec 4).
func postponed(r store.Record[Validation], failures int, call audit.Call, s Settings) Decision {
	v := r.Value
	if v.TerminationOwed.IsZero() || v.TerminationFailures > failures {
		return Decision{Result: Result{Verdict: lifecycle.Stay, Value: v}}
	}
	v.TerminationFailures++
	v.TerminationNext = product.Moment(call.At.Add(s.Backoff(v.TerminationFailures, call.ID)))
	return Decision{
		Result:  Result{Verdict: lifecycle.Stay, Value: v},
		Changes: []store.Change[Validation]{{Next: v, Expect: r.Version}},
	}
}
