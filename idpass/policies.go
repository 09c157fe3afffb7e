package idpass

import (
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/refund"
)

// policies are the sentences of the seed and the specification that forbid or promise
// something, and what each claims of the table. A table that breaks one is not constructed.
var policies = []lifecycle.Policy{
	{ID: "PASS-01", Source: "seed 003", Says: "A pass in new, opened or in_progress can be cancelled, and is then cancelled.",
		Claims: in(
			lifecycle.Offers(lifecycle.On(Cancel).And(lifecycle.From(flying...))),
			lifecycle.Only(lifecycle.On(Cancel), lifecycle.To(Cancelled)))},
	{ID: "PASS-02", Source: "seed 003", Says: "Cancelling a pass that is complete, expired, failed or cancelled is an error.",
		Claims: in(lifecycle.Never(lifecycle.On(Cancel).And(lifecycle.From(Complete, Expired, Failed, Cancelled)))),
		Tests:  in("TestCancelFinal")},
	{ID: "PASS-03", Source: "seed 003", Says: "The fee is refunded if no verification step had been taken, the status being new or opened.",
		Claims: in(lifecycle.Offers(lifecycle.On(Cancel).And(lifecycle.From(New, Opened)).And(lifecycle.Doing(refund.Refunded)))),
		Tests:  in("TestCancelFee")},
	{ID: "PASS-04", Source: "seed 003", Says: "Cancelling after any verification step refunds nothing.",
		Claims: in(
			lifecycle.Only(lifecycle.Doing(refund.Refunded), lifecycle.On(Cancel).And(lifecycle.From(New, Opened))),
			lifecycle.Only(lifecycle.On(Consent), lifecycle.To(InProgress)),
			lifecycle.Never(lifecycle.From(InProgress).And(lifecycle.To(New, Opened)))),
		Tests: in("TestCancelRacesConsent")},
	{ID: "PASS-05", Source: "seed 003", Says: "A cancelled pass releases its slot, as does every end.",
		Claims: in(lifecycle.Labelled(inFlight, New, Opened, InProgress)),
		Tests:  in("TestSlotFollowsTheStatus")},
	{ID: "PASS-06", Source: "seed 003", Says: "A pass that was replaced cannot complete beside the new one.",
		Claims: in(lifecycle.Absorbing(Cancelled)),
		Tests:  in("TestSupersede", "TestSupersedeIsOvertaken")},
	{ID: "PASS-07", Source: "spec 2.1", Says: "Final is absorbing: no report changes how a pass has ended.",
		Claims: in(lifecycle.Absorbing(Complete, Expired, Failed, Cancelled))},
	{ID: "PASS-08", Source: "spec 2.1", Says: "A pass is paid for when it is registered, and for nothing else.",
		Claims: in(
			lifecycle.Only(lifecycle.Doing(refund.Charged), lifecycle.On(Register)),
			lifecycle.AtMostOnce(lifecycle.Doing(refund.Charged)))},
	{ID: "PASS-09", Source: "spec 3", Says: "At most one refund, of a charge that there is.",
		Claims: in(
			lifecycle.AtMostOnce(lifecycle.Doing(refund.Refunded)),
			lifecycle.Precedes(lifecycle.Doing(refund.Charged), lifecycle.Doing(refund.Refunded))),
		Tests: in("TestCancelRacesItself", "TestCancelThroughUnknownOutcomes")},
	{ID: "PASS-10", Source: "spec 2.1", Says: "Letting the deadline pass refunds nothing.",
		Claims: in(lifecycle.Only(lifecycle.On(Expire), lifecycle.Doing(refund.Kept).And(lifecycle.To(Expired))))},
	{ID: "PASS-11", Source: "spec 2.2", Says: "Every status in flight has the deadline of the link.",
		Claims: in(lifecycle.EndsByClock[Status]()),
		Tests:  in("TestDeadlineStays", "TestSweep")},
	{ID: "PASS-12", Source: "spec 2.1", Says: "No status needs a deadline to come to an end.", Claims: in(lifecycle.EndsWithoutClock())},
	{ID: "PASS-13", Source: "spec 2.1", Says: "An outcome counts, whichever news before it was lost.",
		Claims: in(
			lifecycle.Offers(lifecycle.On(CompleteCheck).And(lifecycle.From(flying...)).And(lifecycle.To(Complete))),
			lifecycle.Offers(lifecycle.On(Fail).And(lifecycle.From(flying...)).And(lifecycle.To(Failed))),
			lifecycle.Offers(lifecycle.On(Consent).And(lifecycle.From(New, Opened)).And(lifecycle.To(InProgress)))),
		Tests: in("TestDecideDoesTheTable")},
	{ID: "PASS-14", Source: "spec 2.1", Says: "Cancelling is a person's.",
		Claims: in(lifecycle.Only(lifecycle.On(Cancel), lifecycle.OnlyBy("person"))),
		Tests:  in("TestActorKinds")},
	{ID: "PASS-15", Source: "spec 2.1", Says: "What the customer did is the vendor's word; that time is over, the vendor's or the clock's.",
		Claims: in(
			lifecycle.Only(lifecycle.On(Open, Consent, CompleteCheck, Fail), lifecycle.OnlyBy("provider")),
			lifecycle.Only(lifecycle.On(Expire), lifecycle.OnlyBy("clock", "provider")))},
	{ID: "PASS-16", Source: "seed 003", Says: "An unknown pass, or another organization's, is not found.", Tests: in("TestOrganizationsNeverMeet")},
}
