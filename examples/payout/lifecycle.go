package payout

import (
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/refund"
)

//go:generate go run ../internal/document

// The statuses of a payout. The strings are stored and sent.
const (
	Requested Status = "requested"
	Sent      Status = "sent"
	Recalled  Status = "recalled"
	Paid      Status = "paid"
	Returned  Status = "returned"
	Withdrawn Status = "withdrawn"
	Expired   Status = "expired"
)

// The events: commands may be refused, and reports may be ignored.
const (
	Request            Event = "request"
	ApproveFirst       Event = "approve_first"
	ApproveSecond      Event = "approve_second"
	Withdraw           Event = "withdraw"
	PaidByProvider     Event = "paid_by_provider"
	ReturnedByProvider Event = "returned_by_provider"
	DeadlinePassed     Event = "deadline_passed"
)

// What a status implies, why it has no deadline, and what a row does beyond the move.
const (
	holdsInvoice   = "holds_invoice"
	noClock        = "only the provider knows where the money is, and no clock of ours says so"
	recordApproval = "record_approval"
)

// Machine is the table below, checked and frozen.
var Machine = lifecycle.Must(definition)

var definition = lifecycle.Definition[Status, Event, Facts]{
	Name: "payout", Title: "Payout",
	Doc: "Money that is paid to a verified person after two persons approved it. The fee pays for the transfer: " +
		"it is owed back where none was made, and kept where the provider did its work.",
	States: []lifecycle.State[Status, Event]{
		{Name: Requested, Means: "it waits for two approvals", Deadline: DeadlinePassed, Labels: in(holdsInvoice)},
		{Name: Sent, Means: "approved twice; the provider has the order, or gets it", Labels: in(holdsInvoice), NoDeadline: noClock},
		{Name: Recalled, Means: "withdrawn after it was sent; the provider tries to stop it", Labels: in(holdsInvoice), NoDeadline: noClock},
		{Name: Paid, Means: "the provider made the transfer; the payee's bank may yet return it", Final: true, Labels: in(holdsInvoice)},
		{Name: Returned, Means: "the money came back, or never left", Final: true, Absorbing: true},
		{Name: Withdrawn, Means: "withdrawn before it was sent", Final: true, Absorbing: true},
		{Name: Expired, Means: "not approved in time", Final: true, Absorbing: true},
	},
	Events: []lifecycle.Event[Event]{
		{Name: Request, Kind: lifecycle.Command, By: in("person"), Means: "ask for a payout"},
		{Name: ApproveFirst, Kind: lifecycle.Command, By: in("person"), Means: "approve it as the first of two persons"},
		{Name: ApproveSecond, Kind: lifecycle.Command, By: in("person"), Means: "approve it as the second, and send it"},
		{Name: Withdraw, Kind: lifecycle.Command, By: in("person"), Means: "take it back"},
		{Name: PaidByProvider, Kind: lifecycle.Report, By: in("provider"), Means: "the transfer was made"},
		{Name: ReturnedByProvider, Kind: lifecycle.Report, By: in("provider"), Means: "the transfer failed, was stopped or was sent back"},
		{Name: DeadlinePassed, Kind: lifecycle.Report, By: in("clock"), Means: "the time for the approvals is over"},
	},
	Rows: []lifecycle.Row[Status, Event, Facts]{
		{On: Request, To: Requested, If: in(verified), Does: in(refund.Charged),
			Why: "only a verified person is paid, and the fee is due in advance"},
		{On: ApproveFirst, From: in(Requested), Note: "first_approval", If: in(inTime, notOwn, first), Does: in(recordApproval),
			Why: "one approval sends nothing, and the trail says who gave it"},
		{On: ApproveSecond, From: in(Requested), To: Sent, If: in(inTime, notOwn, second, another), Does: in(recordApproval),
			Why: "two persons agree, and neither of them asked for the money"},
		{On: Withdraw, From: in(Requested), To: Withdrawn, Does: in(refund.Refunded),
			Why: "nothing was sent, so the fee is owed back"},
		{On: Withdraw, From: in(Sent), To: Recalled, Does: in(refund.Kept),
			Why: "the provider has the order, and only it knows whether the money can be stopped"},
		{On: DeadlinePassed, From: in(Requested), To: Expired, If: in(overdue), Does: in(refund.Refunded),
			Why: "the requester cannot make others approve, and no transfer was made"},
		{On: PaidByProvider, From: in(Sent, Recalled), To: Paid,
			Why: "the money is with the payee, also where it was to be stopped"},
		{On: ReturnedByProvider, From: in(Sent), To: Returned, Does: in(refund.Refunded),
			Why: "the transfer failed, and nobody gets a fee for that"},
		{On: ReturnedByProvider, From: in(Recalled, Paid), To: Returned, Does: in(refund.Kept),
			Why: "the provider did its work, and the money came back for another reason"},
	},
	Terms: []lifecycle.Term{
		{Name: holdsInvoice, Means: "no other payout can be requested for its invoice, if it names one"},
		{Name: recordApproval, Means: "approved_by names who approved, the first before the second"},
		{Name: refund.Charged, Means: "the fee is charged, once; a fee of 0 posts nothing"},
		{Name: refund.Refunded, Means: "the charge is refunded in full, once; fee_refunded is true if there was a fee"},
		{Name: refund.Kept, Means: "nothing is refunded"},
	},
	Policies: policies,
}

func in[T any](list ...T) []T { return list }
