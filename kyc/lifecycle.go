package kyc

import (
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/refund"
)

//go:generate go run ../internal/document kyc

// The statuses of a validation. The strings are stored and sent.
const (
	Pending    Status = "pending"
	InProgress Status = "in_progress"
	InReview   Status = "in_review"
	Approved   Status = "approved"
	Rejected   Status = "rejected"
	Expired    Status = "expired"
	Abandoned  Status = "abandoned"
	Cancelled  Status = "cancelled"
)

// Commands are somebody's wish and may be refused; reports are news of what happened
// elsewhere and may be ignored.
const (
	Create  Event = "create"
	Approve Event = "approve"
	Reject  Event = "reject"
	Cancel  Event = "cancel"

	NotStartedAtProvider Event = "not_started_at_provider"
	InProgressAtProvider Event = "in_progress_at_provider"
	InReviewAtProvider   Event = "in_review_at_provider"
	ApprovedByProvider   Event = "approved_by_provider"
	RejectedByProvider   Event = "rejected_by_provider"
	ExpiredAtProvider    Event = "expired_at_provider"
	AbandonedAtProvider  Event = "abandoned_at_provider"
	DeadlinePassed       Event = "deadline_passed"
)

// What a status implies, and what a row does beyond the move.
const (
	current  = "current"  // may be the entity's current validation
	verified = "verified" // verifiedAt is set exactly here

	startDeadline  = "start_deadline"
	recordDecision = "record_decision"
	oweTermination = "owe_termination"
)

// Machine is the table below, checked and frozen.
var Machine = lifecycle.Must(definition)

var definition = lifecycle.Definition[Status, Event, Facts]{
	Name:  "kyc_validation",
	Title: "KYC validation",
	Doc: "One attempt to verify one person through an outside provider. The provider's newest word holds, " +
		"except against a decision made by hand, which nothing changes any more. The clock's verdict is provisional.",
	States: []lifecycle.State[Status, Event]{
		{Name: Pending, Means: "created, the customer has not started", Deadline: DeadlinePassed, Labels: in(current)},
		{Name: InProgress, Means: "the customer is in the flow", Deadline: DeadlinePassed, Labels: in(current)},
		{Name: InReview, Means: "the customer finished; a person must decide", Labels: in(current),
			NoDeadline: "it waits for a person, however long that takes"},
		{Name: Approved, Means: "verified, by the provider or by hand", Final: true, Labels: in(current, verified)},
		{Name: Rejected, Means: "refused, by the provider or by hand", Final: true},
		{Name: Expired, Means: "not completed in time", Final: true},
		{Name: Abandoned, Means: "started and left", Final: true},
		{Name: Cancelled, Means: "ended by the organization", Final: true, Absorbing: true},
	},
	Events: []lifecycle.Event[Event]{
		{Name: Create, Kind: lifecycle.Command, By: in("person", "system"), Means: "open a session at the provider"},
		{Name: Approve, Kind: lifecycle.Command, By: in("person"), Means: "verify by hand"},
		{Name: Reject, Kind: lifecycle.Command, By: in("person"), Means: "refuse by hand"},
		{Name: Cancel, Kind: lifecycle.Command, By: in("person"), Means: "end it"},
		{Name: NotStartedAtProvider, Kind: lifecycle.Report, By: in("provider"), Means: "the customer has not opened the session",
			NoRow: "it never moves anything: pending says as much, and no later status is undone by it"},
		{Name: InProgressAtProvider, Kind: lifecycle.Report, By: in("provider"), Means: "started, or asked to redo steps"},
		{Name: InReviewAtProvider, Kind: lifecycle.Report, By: in("provider"), Means: "finished; a person must decide"},
		{Name: ApprovedByProvider, Kind: lifecycle.Report, By: in("provider"), Means: "verified"},
		{Name: RejectedByProvider, Kind: lifecycle.Report, By: in("provider"), Means: "refused"},
		{Name: ExpiredAtProvider, Kind: lifecycle.Report, By: in("provider"), Means: "not completed in time"},
		{Name: AbandonedAtProvider, Kind: lifecycle.Report, By: in("provider"), Means: "started and left"},
		{Name: DeadlinePassed, Kind: lifecycle.Report, By: in("clock"), Means: "the validity of the link is over"},
	},
	Rows: []lifecycle.Row[Status, Event, Facts]{
		{On: Create, To: Pending, Does: in(startDeadline),
			Why: "a validation begins with a session that the customer has not opened"},

		{On: Approve, From: in(InReview), To: Approved, If: in(freshlySynced), Does: in(refund.Charged, recordDecision),
			Why: "a person decides while it is in review, on fresh data, and never against a verdict of the provider"},
		{On: Reject, From: in(InReview), To: Rejected, If: in(freshlySynced), Does: in(refund.Charged, recordDecision),
			Why: "a person decides while it is in review, on fresh data, and never against a verdict of the provider"},
		{On: Cancel, From: in(Pending, InProgress, InReview), To: Cancelled, Does: in(oweTermination, recordDecision),
			Why: "what is not completed can be ended; the customer's link must then stop working"},

		{On: InProgressAtProvider, From: in(Pending, InProgress), To: InProgress, If: heard,
			Why: "the customer started within the validity of the link, which goes on"},
		{On: InProgressAtProvider, From: in(InReview, Approved, Rejected, Expired, Abandoned), To: InProgress, If: heard, Does: in(startDeadline),
			Why: "the customer was asked to redo steps, and gets the time for it"},
		{On: InReviewAtProvider, From: notCancelled, To: InReview, If: heard,
			Why: "the provider's newest word holds, and it leaves the decision to a person"},
		{On: ApprovedByProvider, From: notCancelled, To: Approved, If: heard, Does: in(refund.Charged),
			Why: "the provider's newest word holds, a revision of its own decision too"},
		{On: RejectedByProvider, From: notCancelled, To: Rejected, If: heard, Does: in(refund.Charged),
			Why: "the provider's newest word holds, a revision of its own decision too"},
		{On: ExpiredAtProvider, From: notCancelled, To: Expired, If: heard,
			Why: "the provider's newest word holds"},
		{On: AbandonedAtProvider, From: notCancelled, To: Abandoned, If: heard,
			Why: "the provider's newest word holds"},

		{On: DeadlinePassed, From: in(Pending), To: Expired, If: in(overdue),
			Why: "never started in time; provisional, since a word of the provider may still come"},
		{On: DeadlinePassed, From: in(InProgress), To: Abandoned, If: in(overdue),
			Why: "started and not finished in time; provisional, since a word of the provider may still come"},
	},
	Terms: []lifecycle.Term{
		{Name: current, Means: "isCurrent is true here unless a newer validation was created for the entity, and false everywhere else"},
		{Name: verified, Means: "verifiedAt is set exactly here: when the provider approved, or when the decision by hand was committed"},
		{Name: startDeadline, Means: "the deadline is the validity of the link, counted from this commit; without it a deadline is kept, or ends with its status"},
		{Name: recordDecision, Means: "who decided, when and why is kept in the metadata, and from then on nothing changes the status"},
		{Name: oweTermination, Means: "the session at the provider is to be ended, at once if that succeeds and else by a later sweep"},
		{Name: refund.Charged, Means: "the fee is charged on the first entry into approved or rejected, by whatever path, and never again"},
	},
	Policies: policies,
}

var (
	notCancelled = in(Pending, InProgress, InReview, Approved, Rejected, Expired, Abandoned)
	heard        = in(newer, unprotected) // what makes a word of the provider hold
)

func in[T any](list ...T) []T { return list }
