package kyc

import (
	"encoding/json"
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
	Event Event
	Call  audit.Call

	Reason  string         // of a command by hand
	Reading ProviderStatus // what a reading begun by this very call said; "": none succeeded

	Word     Word              // what a provider's report says
	Timeless bool              // the provider did not say when: Word.At is when it was asked
	Source   string            // the source event; "" for a reading
	Receipts map[string]string // the keys under which the report is remembered
	ReadAt   time.Time         // when the reading was begun that brought it; zero: not a reading
	URL      string            // a new link for the customer; "": as before
	Evidence *Evidence         // nil: it brings none
}

// Decision is a verdict and what is to be written for it. Without Changes there is
// nothing to write.
type Decision struct {
	Verdict    lifecycle.Verdict
	Why        string     // of an Ignore; store.EventReused of a Duplicate that tells something else
	Validation Validation // as the changes leave it
	Changes    []store.Change[Validation]
}

// Decide judges one input on one record. It is pure: it reads no clock, draws no id, and
// changes nothing it was given, so it may be run again after a conflict. A command that
// may not be is a *Refusal (lifecycle.ErrNotAllowed); then there is nothing to write.
func Decide(r store.Record[Validation], in Input, s Settings) (Decision, error) {
	r.Value = r.Value.clone()
	d := draft{store.NewDraft(r), &in, &s}
	v := &d.Change.Next
	if Machine.Kind(in.Event) == lifecycle.Command && v.overdue(in.Call.At) {
		if err := d.deadline(); err != nil {
			return Decision{}, err
		}
	}
	last, err := d.place(&in)
	if err != nil {
		return Decision{}, err
	}
	before, why := received(r, &in)
	out := lifecycle.Outcome[Status, Event]{Verdict: lifecycle.Duplicate, Why: why}
	if !before {
		out, err = Machine.Decide(v.Status, in.Event, Facts{
			Reading: in.Reading, Word: in.Word, LastWord: last,
			ByHand: v.DecidedByHand, Deadline: v.ExpiresAt, Now: in.Call.At,
		})
		if err != nil {
			return Decision{}, refusal(err, v.Status, in.Reading)
		}
		d.take(out)
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
	decision := Decision{Verdict: out.Verdict, Why: out.Why, Validation: *v}
	if fresh || out.Verdict != lifecycle.Duplicate {
		decision.Changes = []store.Change[Validation]{d.Change}
	}
	return decision, nil
}

// draft is one record's change in the making.
type draft struct {
	*store.Draft[Validation]
	in       *Input
	settings *Settings
}

// deadline makes the overdue record's deadline happen, before a command is judged. As the
// table stands every such command is then refused, and what is written is the sweep's.
func (d *draft) deadline() error {
	v := &d.Change.Next
	call := d.in.Call
	call.Actor = clock(v.OrganizationID)
	out, err := Machine.Decide(v.Status, DeadlinePassed, Facts{Deadline: v.ExpiresAt, Now: call.At})
	if err == nil {
		d.move(out, call, v.ExpiresAt, nil)
	}
	return err
}

// take carries out a verdict: what moves is moved, what is ignored is told.
func (d *draft) take(out lifecycle.Outcome[Status, Event]) {
	v, at := &d.Change.Next, d.in.Call.At
	switch {
	case d.in.Word.Status != "":
		at = d.in.Word.At
	case out.Event == DeadlinePassed:
		at = v.ExpiresAt
	}
	d.Change.Receipts = d.in.Receipts
	// A word that a decision by hand keeps out is the provider's last word all the same.
	if d.in.Word.Status != "" && (out.Verdict != lifecycle.Ignore || out.Why == unprotected.Code) {
		v.LastWord = d.in.Word
	}
	switch out.Verdict {
	case lifecycle.Move:
		d.move(out, d.in.Call, at, d.body())
	case lifecycle.Ignore:
		e := d.entry(d.in.Call, out.Event, audit.Ignored, nil)
		e.OccurredAt, e.Why = at, out.Why
		d.Append(e)
	}
}

// move takes the record to its next status, with all that follows from it (spec 1.4).
func (d *draft) move(out lifecycle.Outcome[Status, Event], call audit.Call, at time.Time, body []byte) {
	v, before := &d.Change.Next, d.Change.Next
	e := d.entry(call, out.Event, audit.Moved, body)
	v.Status, v.UpdatedAt = out.To, call.At
	switch {
	case out.Does(startDeadline):
		v.ExpiresAt = call.At.Add(d.settings.LinkValidity)
	case Machine.State(out.To).Deadline == "":
		v.ExpiresAt = time.Time{}
	}
	v.VerifiedAt = time.Time{}
	if Machine.Labelled(out.To, verified) {
		v.VerifiedAt = at
	}
	if out.Does(recordDecision) {
		d.sign(out.Event)
	}
	if out.Does(oweTermination) && v.ValidationSessionID != "" {
		v.TerminationOwed = call.At
	}
	var postings []refund.Posting
	if out.Does(refund.Charged) && !v.Charged {
		v.Charged = true
		if p, ok := refund.Post(refund.Charged, refund.Subject(e.Subject), d.settings.Fee, d.Seq(), call.At); ok {
			postings = append(postings, p)
		}
	}
	e.To, e.OccurredAt, e.Changes = string(v.Status), at, changes(&before, v)
	d.Append(e, postings...)
}

// signatures are the metadata keys of the decisions by hand (spec 1.4).
var signatures = map[Event]struct{ by, at, reason string }{
	Approve: {"manuallyApprovedBy", "manuallyApprovedAt", "approvalReason"},
	Reject:  {"manuallyRejectedBy", "manuallyRejectedAt", "rejectionReason"},
	Cancel:  {"cancelledBy", "cancelledAt", "cancellationReason"},
}

// sign records who decided by hand, when and why.
func (d *draft) sign(on Event) {
	v, keys := &d.Change.Next, signatures[on]
	if v.Metadata == nil {
		v.Metadata = map[string]json.RawMessage{}
	}
	v.Metadata[keys.by] = quote(d.in.Call.Actor.ID)
	v.Metadata[keys.at] = quote(d.in.Call.At)
	v.Metadata[keys.reason] = quote(d.in.Reason)
	v.DecidedByHand = true
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

// body is the free text of a command, which is never hashed directly.
func (d *draft) body() []byte {
	if d.in.Reason == "" {
		return nil
	}
	return must(json.Marshal(map[string]string{"reason": d.in.Reason}))
}

// entry begins an entry that leaves the status as it is.
func (d *draft) entry(call audit.Call, on Event, verdict audit.Verdict, body []byte) audit.Entry {
	v := &d.Change.Next
	if call.Actor.Organization == "" {
		call.Actor.Organization = v.OrganizationID // a webhook knows none: it is the record's
	}
	e := call.Entry(subject(v), body)
	e.Event, e.From, e.To, e.Verdict = string(on), string(v.Status), string(v.Status), verdict
	e.Source, e.Definition = d.in.Source, fingerprint
	return e
}

var fingerprint = must(audit.ParseDigest(Machine.Fingerprint()))

// refusal says which status was not the one required: the stored one, or the reading's.
func refusal(err error, stored Status, reading ProviderStatus) error {
	var denied *lifecycle.Denied
	if !errors.As(err, &denied) {
		return err
	}
	if i := reading.rank(); i >= 0 && denied.Rule == freshlySynced.Code {
		stored = words[i].shownAs
	}
	return &Refusal{Denied: denied, Current: string(stored)}
}

// changes lists what a move changed, in text that is nobody's personal data.
func changes(before, after *Validation) (list audit.Changes) {
	list.Flag("is_current", before.IsCurrent(), after.IsCurrent())
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

// supersede gives way to a newer validation of the same entity: the status stays, the
// current flag and the entity's seat are given up for good (spec 1.4, "superseding").
func supersede(r store.Record[Validation], call audit.Call, newer uuid.UUID) store.Change[Validation] {
	d := draft{store.NewDraft(r), &Input{}, nil}
	v, before := &d.Change.Next, r.Value
	e := d.entry(call, "supersede", audit.Verdict("superseded"), nil)
	v.SupersededBy, v.UpdatedAt = newer, call.At
	e.Changes = changes(&before, v)
	d.Append(e)
	return d.Change
}

// create brings a validation into being and supersedes the one that was the entity's
// newest until then, if there was one: the two are one commit.
func create(newest store.Record[Validation], v Validation, call audit.Call, receipts map[string]string, s Settings) []store.Change[Validation] {
	d := draft{store.NewDraft(store.Record[Validation]{Value: v.clone()}), &Input{Call: call}, &s}
	d.Change.Receipts = receipts
	out := must(Machine.Decide("", Create, Facts{}))
	var body []byte
	if len(v.Metadata) > 0 {
		body = must(json.Marshal(map[string]any{"metadata": v.Metadata}))
	}
	v0 := &d.Change.Next
	v0.CreatedAt = call.At
	if earliest := newest.Value.CreatedAt.Add(time.Microsecond); v0.CreatedAt.Before(earliest) {
		v0.CreatedAt = earliest // newer is by order of commit, and lists go by this time
	}
	d.move(out, call, call.At, body)
	if newest.Version == 0 {
		return []store.Change[Validation]{d.Change}
	}
	return []store.Change[Validation]{supersede(newest, call, v.ID), d.Change}
}

// terminated records that the owed termination is done, or that there was nothing left
// to end. It is nothing where nothing is owed any more.
func terminated(r store.Record[Validation], call audit.Call, gone bool) []store.Change[Validation] {
	if r.Value.TerminationOwed.IsZero() {
		return nil
	}
	verdict := audit.Verdict("terminated")
	if gone {
		verdict = "gone"
	}
	d := draft{store.NewDraft(r), &Input{}, nil}
	v, before := &d.Change.Next, r.Value
	e := d.entry(call, "terminate", verdict, nil)
	v.TerminationOwed, v.UpdatedAt = time.Time{}, call.At
	e.Changes = changes(&before, v)
	d.Append(e)
	return []store.Change[Validation]{d.Change}
}
