package kyc

import (
	"slices"

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

	// Notes: the status stays.
	Supersede          Event = "supersede"
	Terminate          Event = "terminate"
	TerminateFoundGone Event = "terminate_found_gone"

	NotStartedAtProvider Event = "not_started_at_provider"
	InProgressAtProvider Event = "in_progress_at_provider"
	InReviewAtProvider   Event = "in_review_at_provider"
	ApprovedByProvider   Event = "approved_by_provider"
	RejectedByProvider   Event = "rejected_by_provider"
	ExpiredAtProvider    Event = "expired_at_provider"
	AbandonedAtProvider  Event = "abandoned_at_provider"
	DeadlinePassed       Event = "deadline_passed"
)

// What a status implies. A host's own statuses may carry them (Extend).
const (
	LabelCurrent  = "current"  // may be the entity's current validation
	LabelVerified = "verified" // verifiedAt is set exactly here
)

// What a row does beyond the move or the note. A host's own rows may do those that are
// exported, and refund.Charged (Extend).
const (
	EffectStartDeadline  = "start_deadline"
	EffectRecordDecision = "record_decision"
	EffectOweTermination = "owe_termination"
	effectEndTermination = "end_termination"
	effectGiveWay        = "give_way"
)

// Lifecycle is a table that judges validations: Machine, or what Extend made of it.
type Lifecycle = lifecycle.Machine[Status, Event, Facts]

// Machine is the table below, checked and frozen.
var Machine = lifecycle.Must(define(nil, nil))

// define is the table with more statuses in it: open ones, which the provider's newest word
// moves too, and absorbing ones.
func define(open, absorbing []Status) lifecycle.Definition[Status, Event, Facts] {
	redo := slices.Concat(in(InReview, Approved, Rejected, Expired, Abandoned), open)
	notCancelled := slices.Concat(notCancelled, open)
	every := slices.Concat(notCancelled, in(Cancelled), absorbing)
	ended := slices.Concat(in(Cancelled), open, absorbing) // where a termination may be owed
	return lifecycle.Definition[Status, Event, Facts]{
		Name:  "kyc_validation",
		Title: "KYC validation",
		Doc: "One attempt to verify one person through an outside provider. The provider's newest word holds, " +
			"except against a decision made by hand, which nothing changes any more. The clock's verdict is provisional.",
		States: []lifecycle.State[Status, Event]{
			{Name: Pending, Means: "created, the customer has not started", Deadline: DeadlinePassed, Labels: in(LabelCurrent)},
			{Name: InProgress, Means: "the customer is in the flow", Deadline: DeadlinePassed, Labels: in(LabelCurrent)},
			{Name: InReview, Means: "the customer finished; a person must decide", Labels: in(LabelCurrent),
				NoDeadline: "it waits for a person, however long that takes"},
			{Name: Approved, Means: "verified, by the provider or by hand", Final: true, Labels: in(LabelCurrent, LabelVerified)},
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
			{Name: Supersede, Kind: lifecycle.Command, By: in("person", "system"), Means: "give way to a newer validation of the entity"},
			{Name: Terminate, Kind: lifecycle.Command, By: in("system"), Means: "the session at the provider was ended"},
			{Name: TerminateFoundGone, Kind: lifecycle.Command, By: in("system"), Means: "it was to be ended and was there no more"},
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
			{On: Create, To: Pending, Does: in(EffectStartDeadline),
				Why: "a validation begins with a session that the customer has not opened"},

			{On: Approve, From: in(InReview), To: Approved, If: in(FreshlySynced), Does: in(refund.Charged, EffectRecordDecision),
				Why: "a person decides while it is in review, on fresh data, and never against a verdict of the provider"},
			{On: Reject, From: in(InReview), To: Rejected, If: in(FreshlySynced), Does: in(refund.Charged, EffectRecordDecision),
				Why: "a person decides while it is in review, on fresh data, and never against a verdict of the provider"},
			{On: Cancel, From: in(Pending, InProgress, InReview), To: Cancelled, Does: in(EffectOweTermination, EffectRecordDecision),
				Why: "what is not completed can be ended; the customer's link must then stop working"},

			{On: InProgressAtProvider, From: in(Pending, InProgress), To: InProgress, If: heard,
				Why: "the customer started within the validity of the link, which goes on"},
			{On: InProgressAtProvider, From: redo, To: InProgress, If: heard, Does: in(EffectStartDeadline),
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

			{On: DeadlinePassed, From: in(Pending), To: Expired, If: in(Overdue),
				Why: "never started in time; provisional, since a word of the provider may still come"},
			{On: DeadlinePassed, From: in(InProgress), To: Abandoned, If: in(Overdue),
				Why: "started and not finished in time; provisional, since a word of the provider may still come"},

			{On: Supersede, From: every, Note: "superseded", If: in(succeeded), Does: in(effectGiveWay),
				Why: "a newer one was created for the entity; a provider may yet revive this one, whatever its status"},
			{On: Terminate, From: ended, Note: "terminated", If: in(owed), Does: in(effectEndTermination),
				Why: "the duty is done, and is not done twice"},
			{On: TerminateFoundGone, From: ended, Note: "gone", If: in(owed), Does: in(effectEndTermination),
				Why: "what is there no more need not be ended"},
		},
		Terms: []lifecycle.Term{
			{Name: LabelCurrent, Means: "isCurrent is true here unless a newer validation was created for the entity, and false everywhere else"},
			{Name: LabelVerified, Means: "verifiedAt is set exactly here: when the provider approved, or when the decision by hand was committed"},
			{Name: EffectStartDeadline, Means: "the deadline is the validity of the link, counted from this commit; without it a deadline is kept, or ends with its status"},
			{Name: EffectRecordDecision, Means: "who decided, when and why is kept in the metadata, and from then on nothing changes the status"},
			{Name: EffectOweTermination, Means: "the session at the provider is to be ended, at once if that succeeds and else by a later sweep"},
			{Name: effectEndTermination, Means: "the session at the provider is no longer to be ended"},
			{Name: effectGiveWay, Means: "the newer validation is named, and isCurrent is given up for good"},
			{Name: refund.Charged, Means: "the fee is charged on the first entry into approved or rejected, by whatever path, and never again"},
		},
		Policies: policies,
	}
}

var (
	notCancelled = in(Pending, InProgress, InReview, Approved, Rejected, Expired, Abandoned)
	heard        = in(Newer, Unprotected) // what makes a word of the provider hold
)

func in[T any](list ...T) []T { return list }
