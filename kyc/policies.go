package kyc

import (
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/refund"
)

// policies are the sentences of the seeds and the specification that forbid or promise
// something, and what each claims of the table. A table that breaks one is not constructed.
var policies = []lifecycle.Policy{
	// Seed 000, cancelling.
	{ID: "KYC-01", Source: "seed 000", Says: "A validation in pending, in_progress or in_review can be cancelled.",
		Claims: in(
			lifecycle.Offers(lifecycle.On(Cancel).And(lifecycle.From(Pending, InProgress, InReview))),
			lifecycle.Only(lifecycle.On(Cancel), lifecycle.To(Cancelled)))},
	{ID: "KYC-02", Source: "seed 000", Says: "A validation that is approved, rejected, expired, abandoned or cancelled cannot be cancelled.",
		Claims: in(lifecycle.Never(lifecycle.On(Cancel).And(lifecycle.From(Approved, Rejected, Expired, Abandoned, Cancelled)))),
		Tests:  in("TestCancelIsRefusedInWordsOfTheSeed")},
	{ID: "KYC-03", Source: "seed 000", Says: "Cancelling terminates the provider session: the customer's link stops working.",
		Claims: in(
			lifecycle.Only(lifecycle.On(Cancel), lifecycle.Doing(EffectOweTermination)),
			lifecycle.Only(lifecycle.Doing(EffectOweTermination), lifecycle.On(Cancel))),
		Tests: in("TestAnOwedTerminationIsNeverLost")},
	{ID: "KYC-04", Source: "seeds 000, 001", Says: "A cancelled or rejected validation is not current.",
		Claims: in(lifecycle.Unlabelled(LabelCurrent, Rejected, Expired, Abandoned, Cancelled)),
		Tests:  in("TestASupersededValidationNeverRegainsTheFlag")},
	{ID: "KYC-05", Source: "seeds 000, 001", Says: "After a cancellation or rejection a new validation of the same entity can be created; the old one is never begun again.",
		Claims: in(lifecycle.Only(lifecycle.On(Create), lifecycle.From(""))),
		Tests:  in("TestCreateSupersedesTheNewestWhateverItsStatus")},
	{ID: "KYC-06", Source: "seeds 000, 001", Says: "The reason of a decision by hand is saved in the metadata and in the audit trail.",
		Claims: in(lifecycle.Only(lifecycle.On(Approve, Reject, Cancel), lifecycle.Doing(EffectRecordDecision))),
		Tests:  in("TestDecisionsByHandLeaveTheirSignature", "TestFreeTextStandsInTheBody")},
	{ID: "KYC-07", Source: "seeds 000, 001", Says: "A reason has at least 5 characters.", Tests: in("TestReasons")},
	{ID: "KYC-08", Source: "seed 000", Says: "A cancelled validation remains in the history as cancelled.",
		Claims: in(lifecycle.Absorbing(Cancelled))},

	// Seed 001, deciding by hand.
	{ID: "KYC-09", Source: "seed 001", Says: "A decision by hand is made on data that was just read from the provider.",
		Claims: in(lifecycle.Only(lifecycle.On(Approve, Reject), lifecycle.Guarded(FreshlySynced.Code))),
		Tests:  in("TestADecisionByHandIsMadeOnFreshData")},
	{ID: "KYC-10", Source: "seed 001", Says: "Only a validation in in_review can be decided by hand, and it becomes what was decided.",
		Claims: in(
			lifecycle.Only(lifecycle.On(Approve), lifecycle.From(InReview).And(lifecycle.To(Approved))),
			lifecycle.Only(lifecycle.On(Reject), lifecycle.From(InReview).And(lifecycle.To(Rejected)))),
		Tests: in("TestOnlyWhatIsInReviewIsDecidedByHand")},
	{ID: "KYC-11", Source: "seed 001", Says: "Nobody overrides by hand what the provider has approved or rejected, nor an end that was reached otherwise.",
		Claims: in(lifecycle.Never(lifecycle.OfKind(lifecycle.Command).And(lifecycle.From(Approved, Rejected, Expired, Abandoned, Cancelled)).And(lifecycle.Into[Status]())))},
	{ID: "KYC-12", Source: "seed 001", Says: "What the customer is still filling in cannot be decided by hand.",
		Claims: in(lifecycle.Never(lifecycle.On(Approve, Reject).And(lifecycle.From(Pending, InProgress))))},
	{ID: "KYC-13", Source: "seed 001", Says: "A rejected validation has no verifiedAt.",
		Claims: in(lifecycle.Labelled(LabelVerified, Approved)),
		Tests:  in("TestVerifiedAtIsWhenTheProviderApproved")},
	{ID: "KYC-14", Source: "spec 1.3", Says: "Nothing becomes approved or rejected but by a person who reviews it, or by the provider's own word.",
		Claims: in(
			lifecycle.Only(lifecycle.To(Approved), lifecycle.On(Approve), lifecycle.On(ApprovedByProvider)),
			lifecycle.Only(lifecycle.To(Rejected), lifecycle.On(Reject), lifecycle.On(RejectedByProvider)),
			lifecycle.MustPass(lifecycle.To(Approved), lifecycle.To(InReview), lifecycle.On(ApprovedByProvider)))},
	{ID: "KYC-15", Source: "spec 1.5", Says: "Approve, reject and cancel are a person's; who reports a verdict does not decide by hand.",
		Claims: in(
			lifecycle.Only(lifecycle.On(Approve, Reject, Cancel), lifecycle.OnlyBy("person")),
			lifecycle.NoSingleActor(lifecycle.By("provider"), lifecycle.On(Approve, Reject), "")),
		Tests: in("TestCommandsArePersons")},

	// Seed 002, syncing.
	{ID: "KYC-16", Source: "seed 002", Says: "What was approved, rejected or cancelled by hand is not overwritten.",
		Claims: in(lifecycle.FrozenAfter(lifecycle.Doing(EffectRecordDecision), Unprotected.Code)),
		Tests:  in("TestWhatWasDecidedByHandIsProtectedForEver")},
	{ID: "KYC-17", Source: "seed 002", Says: "Otherwise the status follows the provider's newest word.",
		Claims: in(
			lifecycle.Offers(lifecycle.On(InProgressAtProvider).And(lifecycle.From(notCancelled...)).And(lifecycle.To(InProgress))),
			lifecycle.Offers(lifecycle.On(InReviewAtProvider).And(lifecycle.From(notCancelled...)).And(lifecycle.To(InReview))),
			lifecycle.Offers(lifecycle.On(ApprovedByProvider).And(lifecycle.From(notCancelled...)).And(lifecycle.To(Approved))),
			lifecycle.Offers(lifecycle.On(RejectedByProvider).And(lifecycle.From(notCancelled...)).And(lifecycle.To(Rejected))),
			lifecycle.Offers(lifecycle.On(ExpiredAtProvider).And(lifecycle.From(notCancelled...)).And(lifecycle.To(Expired))),
			lifecycle.Offers(lifecycle.On(AbandonedAtProvider).And(lifecycle.From(notCancelled...)).And(lifecycle.To(Abandoned))),
			lifecycle.Only(lifecycle.By("provider"), lifecycle.Guarded(Newer.Code))),
		Tests: in("TestEveryOrderOfArrivalEndsAlike")},
	{ID: "KYC-18", Source: "seed 002", Says: "Syncing charges nothing for itself: credits are charged when a validation becomes approved or rejected for the first time, and for nothing else.",
		Claims: in(
			lifecycle.Only(lifecycle.Doing(refund.Charged), lifecycle.Into(Approved, Rejected)),
			lifecycle.Only(lifecycle.Into(Approved, Rejected), lifecycle.Doing(refund.Charged))),
		Tests: in("TestTheFirstDecisionIsChargedAndNoOther", "TestEveryDecisionThereIs")},
	{ID: "KYC-19", Source: "seed 002", Says: "A validation whose images are older than 3.5 hours is synced when it is fetched.", Tests: in("TestReadingRefreshesWhatIsOld")},
	{ID: "KYC-20", Source: "seed 002", Says: "A sync refreshes the evidence and its links, also where a decision by hand protects the status.",
		Tests: in("TestSyncRefreshesEvidenceAlsoWhereTheStatusIsProtected")},
	{ID: "KYC-21", Source: "seed 002", Says: "A recent validation is read again only by force.", Tests: in("TestSyncCallsNobodyWithoutNeed")},
	{ID: "KYC-25", Source: "seed 002", Says: "What has no provider session, or whose provider is not configured, cannot be synced, and the error says so.",
		Tests: in("TestWhatCannotBeSynced")},
	{ID: "KYC-26", Source: "seeds 000, 001, 002", Says: "An unknown validation, or another organization's, is not found.",
		Tests: in("TestAnotherOrganizationsRecordIsNotFound")},

	// What nothing may be left in.
	{ID: "KYC-22", Source: "spec 1.3", Says: "Only in_review waits without a deadline, for a person.",
		Claims: in(lifecycle.EndsByClock(InReview)),
		Tests:  in("TestTheDeadlineBelongsToTheStatus", "TestSweepMakesDeadlinesHappen")},
	{ID: "KYC-23", Source: "spec 1.3", Says: "No status needs a deadline to come to an end.", Claims: in(lifecycle.EndsWithoutClock())},
	{ID: "KYC-24", Source: "spec 1.3", Says: "That the customer has not started never moves anything.",
		Claims: in(lifecycle.Never(lifecycle.On(NotStartedAtProvider)))},
	{ID: "KYC-27", Source: "spec 1.3", Says: "The clock ends what was not started in time as expired, what was not finished as abandoned, and nothing else.",
		Claims: in(
			lifecycle.Only(lifecycle.On(DeadlinePassed), lifecycle.From(Pending).And(lifecycle.To(Expired)), lifecycle.From(InProgress).And(lifecycle.To(Abandoned))),
			lifecycle.Only(lifecycle.On(DeadlinePassed), lifecycle.Guarded(Overdue.Code)),
			lifecycle.Only(lifecycle.On(DeadlinePassed), lifecycle.OnlyBy("clock")),
			lifecycle.Only(lifecycle.By("clock"), lifecycle.On(DeadlinePassed)))},
	{ID: "KYC-28", Source: "spec 1.4", Says: "The deadline counts from creation, and anew when the customer is asked to redo steps; it is kept from pending to in_progress.",
		Claims: in(
			lifecycle.Only(lifecycle.Into(Pending), lifecycle.Doing(EffectStartDeadline)),
			lifecycle.Only(lifecycle.Into(InProgress).And(lifecycle.From(InReview, Approved, Rejected, Expired, Abandoned)), lifecycle.Doing(EffectStartDeadline)),
			lifecycle.Only(lifecycle.Doing(EffectStartDeadline), lifecycle.On(Create), lifecycle.On(InProgressAtProvider)),
			lifecycle.Never(lifecycle.Doing(EffectStartDeadline).And(lifecycle.From(Pending)))),
		Tests: in("TestTheDeadlineBelongsToTheStatus")},
	{ID: "KYC-29", Source: "spec 1.3", Says: "The provider's word is the provider's alone.",
		Claims: in(lifecycle.Only(lifecycle.On(NotStartedAtProvider, InProgressAtProvider, InReviewAtProvider, ApprovedByProvider,
			RejectedByProvider, ExpiredAtProvider, AbandonedAtProvider), lifecycle.OnlyBy("provider")))},

	// Notes.
	{ID: "KYC-30", Source: "spec 1.4", Says: "A newer validation supersedes the entity's newest until then, whatever its status; nothing else does.",
		Claims: in(
			lifecycle.Offers(lifecycle.On(Supersede).And(lifecycle.From(notCancelled...)).And(lifecycle.Noting("superseded"))),
			lifecycle.Offers(lifecycle.On(Supersede).And(lifecycle.From(Cancelled)).And(lifecycle.Noting("superseded"))),
			lifecycle.Only(lifecycle.Doing(effectGiveWay), lifecycle.Noting("superseded").And(lifecycle.Guarded(succeeded.Code)))),
		Tests: in("TestCreateSupersedesTheNewestWhateverItsStatus")},
	{ID: "KYC-31", Source: "spec 1.4", Says: "A termination ends by the system, only while it is owed, and is noted.",
		Claims: in(
			lifecycle.Only(lifecycle.Doing(effectEndTermination), lifecycle.Noting("terminated", "gone").And(lifecycle.Guarded(owed.Code)).And(lifecycle.OnlyBy("system")))),
		Tests: in("TestAnOwedTerminationIsNeverLost")},
}
