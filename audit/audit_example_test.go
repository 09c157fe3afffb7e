package audit_test

import (
	"errors"
	"fmt"

	"github.com/kycle/kycle/audit"
)

// A history grows entry by entry, and any change of what was written is found.
func ExampleVerify_findingTheFirstFault() {
	first, head := audit.Append(audit.Head{}, audit.Entry{Subject: subject, Event: "create", To: "pending", Verdict: audit.Moved})
	second, head := audit.Append(head, audit.Entry{Subject: subject, Event: "cancel", From: "pending", To: "cancelled",
		Verdict: audit.Moved})
	history := []audit.Entry{first, second}
	fmt.Println(audit.Verify(subject, history, head))

	history[1].To = "approved"
	var fault *audit.Fault
	if errors.As(audit.Verify(subject, history), &fault) {
		fmt.Println(fault.Kind, fault.Seq)
	}
	// What was cut off the end is found by a head that was kept elsewhere.
	if errors.As(audit.Verify(subject, history[:1], head), &fault) {
		fmt.Println(fault.Kind, fault.Seq)
	}
	// Output:
	// <nil>
	// edit 2
	// cut 2
}

// Personal data can go, and the chain holds.
func ExampleEntry_Erased() {
	history := story()
	history[3].Salt, history[3].Body = nil, nil
	fmt.Println(history[3].Erased(), audit.Verify(subject, history))
	// Output: true <nil>
}
