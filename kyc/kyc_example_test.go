package kyc_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/kyc/kyctest"
	"github.com/kycle/kycle/lifecycle"
)

// A host's own rule, verified against the table in a unit test: nothing but a person ever
// cancels, and nothing leaves cancelled.
func Example_verifyARule() {
	for _, event := range kyc.Machine.Definition().Events {
		cell, err := kyc.Machine.Cell(kyc.Cancelled, event.Name)
		if err != nil || cell.Verdict == lifecycle.Move {
			fmt.Println("something leaves cancelled:", event.Name)
		}
	}
	fmt.Println("who may cancel:", kyc.Machine.By(kyc.Cancel, audit.Person), kyc.Machine.By(kyc.Cancel, audit.Provider))
	// Output:
	// who may cancel: true false
}

// The provider is down while a person cancels: the cancel stands, and the end of the
// session is owed until a sweep has done it. Between two tries there is a pause, which
// doubles with each failure.
func ExampleService_Cancel() {
	ctx, h := context.Background(), kyctest.NewHost(&testing.T{}, nil, func(s *kyc.Settings) { s.SweepLease = 0 })
	v := h.In(kyc.InProgress)
	h.Provider.Down(true)
	v, err := h.Cancel(ctx, h.Person, v.ID, "the customer asked for it")
	fmt.Println(v.Status, "owed:", !v.TerminationOwed.IsZero(), err)

	h.Provider.Down(false)
	h.Clock.Advance(time.Second) // it is not tried again at once
	done, err := h.Sweep(ctx)
	fmt.Printf("%+v %v, terminated: %t\n", done, err, h.Provider.Terminated(v.ValidationSessionID))
	// Output:
	// cancelled owed: true <nil>
	// {Expired:0 Terminated:1 Owed:0} <nil>, terminated: true
}

// Branch on what went wrong; ask for details; hand on what a caller may see.
func ExampleExplain() {
	ctx, h := context.Background(), kyctest.NewHost(&testing.T{}, nil)
	v := h.In(kyc.Approved)
	_, err := h.Cancel(ctx, h.Person, v.ID, "made by mistake")

	var denied *lifecycle.Denied
	if errors.As(err, &denied) {
		fmt.Println("allowed in:", denied.Sources())
	}
	problem := kyc.Explain(err)
	fmt.Println(problem.HTTP, problem.Code)
	fmt.Println(problem.Message)
	// Output:
	// allowed in: "pending", "in_progress" or "in_review"
	// 400 INVALID_STATUS
	// Cannot cancel. Current status is "approved". Cancellation is only allowed when status is "pending", "in_progress" or "in_review".
}

// Show how a person stands before selling them anything.
func ExampleService_Status() {
	ctx, h := context.Background(), kyctest.NewHost(&testing.T{}, nil)
	v := h.In(kyc.Approved)
	status, err := h.Status(ctx, h.Person, v.EntityID)
	fmt.Println("verified:", status.IsVerified, "until", status.ExpiresAt.Format(time.DateOnly), err)

	h.Clock.Advance(366 * 24 * time.Hour)
	status, err = h.Status(ctx, h.Person, v.EntityID)
	fmt.Println("verified:", status.IsVerified, "again needed:", status.NeedsReverification, err)
	// Output:
	// verified: true until 2026-01-15 <nil>
	// verified: false again needed: true <nil>
}

// Check a history as an auditor does, against a head that was kept elsewhere.
func ExampleService_History() {
	ctx, h := context.Background(), kyctest.NewHost(&testing.T{}, nil)
	v := h.ByHand(kyc.Rejected)
	trail, err := h.History(ctx, h.Person, v.ID)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("fault:", trail.Fault)

	kept := trail.Entries[len(trail.Entries)-1].Head() // write this down somewhere else
	of := audit.Subject{Organization: v.OrganizationID, Kind: kyc.Kind, ID: v.ID}
	shortened := trail.Entries[:len(trail.Entries)-1]
	fmt.Println(audit.Verify(of, shortened), "—", audit.Verify(of, shortened, kept))
	// Output:
	// fault: <nil>
	// <nil> — audit: cut at entry 4: an anchor says that entry 4 was there
}
