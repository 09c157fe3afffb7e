package trace_test

import (
	"fmt"
	"strings"

	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/lifecycle/trace"
)

// A host holds its own history against the table before it moves to Kycle.
func ExampleChecker_Divergences() {
	log := strings.NewReader(`
{"record": "pass-1", "event": "register", "status": "new"}
{"record": "pass-2", "event": "register", "status": "new"}
{"record": "pass-1", "event": "complete", "status": "complete"}
{"record": "pass-2", "event": "open", "status": "in_progress"}
{"record": "pass-2", "event": "complete", "status": "complete"}
{"record": "pass-1", "event": "cancel", "status": "complete"}
`)
	checker := trace.New(idpass.Machine.Chart(), trace.Interleaved)
	for d, err := range checker.Divergences(trace.JSONLines(log)) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(d.Record, "line", d.Number, "may be", d.Legal)
		for _, edit := range d.Repair {
			fmt.Println(edit)
		}
	}
	t := checker.Totals()
	fmt.Println(t.Lines, "lines,", t.Records, "records,", t.Diverged, "diverged,", t.Held, "refused or ignored")
	// Output:
	// pass-2 line 5 may be [opened]
	// change the status in line 5 to opened
	// 6 lines, 2 records, 1 diverged, 1 refused or ignored
}

// A table of statuses has no events, and calls the statuses its own way. Where several events
// lead from one status to the next, that is told, and nothing is guessed.
func ExampleChecker_Divergences_statusHistory() {
	log := strings.NewReader(`
{"record": "review-1", "status": "pending"}
{"record": "review-1", "status": "In Review"}
{"record": "review-1", "status": "Approved"}
{"record": "review-2", "status": "pending"}
{"record": "review-2", "status": "Approved"}
`)
	checker := trace.New(reviews, trace.Interleaved)
	for d, err := range checker.Divergences(trace.JSONLines(log)) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(d.Record, d.Kind, d.Candidates)
		for _, edit := range d.Repair {
			fmt.Println(edit)
		}
	}
	t := checker.Totals()
	fmt.Println(t.Unnamed, "lines were judged by their statuses,", t.Ambiguous, "of them fits several events")
	// Output:
	// review-1 ambiguous [approve passed]
	// say in line 4 which event it was
	// review-2 illegal []
	// insert start → In Review before line 6
	// 4 lines were judged by their statuses, 1 of them fits several events
}
