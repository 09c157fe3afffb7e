package payout

import (
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/refund"
)

// policies are the host's own rules for payouts, and what each claims of the table. A table
// that breaks one is not constructed.
var policies = []lifecycle.Policy{
	{ID: "PAY-01", Source: "payout rules, 1", Says: "Only a verified person is paid.",
		Claims: in(lifecycle.Only(lifecycle.On(Request), lifecycle.Guarded(verified.Code))), Tests: in("TestOnlyAVerifiedPersonIsPaid")},
	{ID: "PAY-02", Source: "payout rules, 2", Says: "Two persons approve a payout before it is sent, and neither of them requested it.",
		Claims: in(
			lifecycle.NoSingleActor(lifecycle.On(ApproveFirst), lifecycle.On(ApproveSecond), another.Code),
			lifecycle.NoSingleActor(lifecycle.On(Request), lifecycle.On(ApproveFirst, ApproveSecond), notOwn.Code),
			lifecycle.Only(lifecycle.On(ApproveSecond), lifecycle.Guarded(second.Code)),
			lifecycle.Only(lifecycle.Into(Sent), lifecycle.On(ApproveSecond)),
			lifecycle.MustPass(lifecycle.Into(Recalled, Paid, Returned), lifecycle.Into(Sent))),
		Tests: in("TestTwoOtherPersonsApprove", "TestApproversRace")},
	{ID: "PAY-03", Source: "payout rules, 3", Says: "The fee is charged at the request, and owed back where no transfer was made; each once.",
		Claims: in(
			lifecycle.Only(lifecycle.Doing(refund.Charged), lifecycle.On(Request)),
			lifecycle.Only(lifecycle.Into(Withdrawn, Expired), lifecycle.Doing(refund.Refunded)),
			lifecycle.Only(lifecycle.Doing(refund.Refunded), lifecycle.Into(Withdrawn, Expired), lifecycle.Into(Returned).And(lifecycle.From(Sent))),
			lifecycle.Precedes(lifecycle.Doing(refund.Charged), lifecycle.Doing(refund.Refunded)),
			lifecycle.AtMostOnce(lifecycle.Doing(refund.Charged)),
			lifecycle.AtMostOnce(lifecycle.Doing(refund.Refunded))),
		Tests: in("TestTheFee")},
	{ID: "PAY-04", Source: "payout rules, 4", Says: "What is not approved in time expires. What was sent waits for the provider.",
		Claims: in(lifecycle.EndsByClock(Sent, Recalled),
			lifecycle.Only(lifecycle.On(ApproveFirst, ApproveSecond), lifecycle.Guarded(inTime.Code))),
		Tests: in("TestSweep")},
	{ID: "PAY-05", Source: "payout rules, 5", Says: "Where the money is, the provider says, and nobody else.",
		Claims: in(lifecycle.Only(lifecycle.Into(Paid, Returned), lifecycle.OnlyBy("provider")))},
	{ID: "PAY-06", Source: "payout rules, 6", Says: "An invoice is paid once; it is free again where the money did not get there.",
		Claims: in(lifecycle.Labelled(holdsInvoice, Requested, Sent, Recalled, Paid), lifecycle.Absorbing(Returned, Withdrawn, Expired)),
		Tests:  in("TestAnInvoiceIsPaidOnce")},
}
