package idpass

import (
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/refund"
)

//go:generate go run ../internal/document idpass

// The statuses of a pass. The strings are stored and sent.
const (
	New        Status = "new"
	Opened     Status = "opened"
	InProgress Status = "in_progress"
	Complete   Status = "complete"
	Expired    Status = "expired"
	Failed     Status = "failed"
	Cancelled  Status = "cancelled"
)

// Commands are somebody's wish and may be refused; reports are news of what happened
// elsewhere and may be ignored.
const (
	Register Event = "register"
	Cancel   Event = "cancel"

	Open          Event = "open"
	Consent       Event = "consent"
	CompleteCheck Event = "complete"
	Fail          Event = "fail"
	Expire        Event = "expire"
)

// What a status implies, and what a row does beyond the move.
const (
	inFlight = "in_flight"

	recordConsent    = "record_consent"
	recordCompletion = "record_completion"
)

// Machine is the table below, checked and frozen.
var Machine = lifecycle.Must(definition)

var definition = lifecycle.Definition[Status, Event, Facts]{
	Name:  "id_pass",
	Title: "ID Pass",
	Doc: "A paid, link-based identity check. It is refunded if it is cancelled before any step was taken. " +
		"The link and its deadline are the host's own, so a deadline that has passed is final. How the lifecycle " +
		"ended and what the check found are two facts: verification_status is passed, failed or null.",
	States: []lifecycle.State[Status, Event]{
		{Name: New, Means: "registered", Deadline: Expire, Labels: in(inFlight)},
		{Name: Opened, Means: "the link was opened, consent not given", Deadline: Expire, Labels: in(inFlight)},
		{Name: InProgress, Means: "past consent", Deadline: Expire, Labels: in(inFlight)},
		{Name: Complete, Means: "the check came to an outcome", Final: true, Absorbing: true},
		{Name: Expired, Means: "not completed in time", Final: true, Absorbing: true},
		{Name: Failed, Means: "the check came to no outcome", Final: true, Absorbing: true},
		{Name: Cancelled, Means: "ended by the organization", Final: true, Absorbing: true},
	},
	Events: []lifecycle.Event[Event]{
		{Name: Register, Kind: lifecycle.Command, By: in("person", "system"), Means: "register a pass and make its link"},
		{Name: Cancel, Kind: lifecycle.Command, By: in("person"), Means: "end it"},
		{Name: Open, Kind: lifecycle.Report, By: in("provider"), Means: "the customer opened the link"},
		{Name: Consent, Kind: lifecycle.Report, By: in("provider"), Means: "the customer gave consent"},
		{Name: CompleteCheck, Kind: lifecycle.Report, By: in("provider"), Means: "the check came to an outcome, passed or failed"},
		{Name: Fail, Kind: lifecycle.Report, By: in("provider"), Means: "the check could not be carried through"},
		{Name: Expire, Kind: lifecycle.Report, By: in("clock", "provider"), Means: "the validity of the link is over"},
	},
	Rows: []lifecycle.Row[Status, Event, Facts]{
		{On: Register, To: New, Does: in(refund.Charged),
			Why: "a pass is paid for when it is registered"},

		{On: Open, From: in(New), To: Opened,
			Why: "opening the link is no verification step yet"},
		{On: Consent, From: in(New, Opened), To: InProgress, Does: in(recordConsent),
			Why: "consent is the first step; news of the opening may have been lost"},
		{On: CompleteCheck, From: flying, To: Complete, Does: in(recordCompletion),
			Why: "an outcome is an outcome, whichever news before it was lost"},
		{On: Fail, From: flying, To: Failed,
			Why: "what cannot be carried through does not stay in flight"},
		{On: Expire, From: flying, To: Expired, Does: in(refund.Kept),
			Why: "every status in flight has the deadline of the link; letting it pass refunds nothing"},

		{On: Cancel, From: in(New, Opened), To: Cancelled, Does: in(refund.Refunded),
			Why: "no verification step was taken, so the fee is owed back"},
		{On: Cancel, From: in(InProgress), To: Cancelled, Does: in(refund.Kept),
			Why: "past consent the work has begun, and the fee stays paid"},
	},
	Terms: []lifecycle.Term{
		{Name: inFlight, Means: "the pass is in flight and holds its slot, if it has one; in every other status the slot is free"},
		{Name: recordConsent, Means: "consent_given_at is when consent was given"},
		{Name: recordCompletion, Means: "completed_at is when the check came to its outcome, and verification_status what that was"},
		{Name: refund.Charged, Means: "the fee is charged, once in the pass's life; a fee of 0 posts nothing"},
		{Name: refund.Refunded, Means: "the charge is refunded in full, once; fee_refunded is true if there was a fee"},
		{Name: refund.Kept, Means: "nothing is refunded"},
	},
	Policies: policies,
}

var flying = in(New, Opened, InProgress)

func in[T any](list ...T) []T { return list }
