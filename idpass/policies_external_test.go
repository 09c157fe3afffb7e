package idpass_test

import (
	"strings"
	"testing"

	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/refund"
)

type definition = lifecycle.Definition[idpass.Status, idpass.Event, idpass.Facts]

// Somebody changes the table and means no harm. The machine is not constructed, and what
// stands in the error can be read by who has never seen a table.
func TestAWrongRowIsCaughtByAPolicy(t *testing.T) {
	for _, tc := range []struct {
		name, why string
		harm      func(*definition)
		policy    string
		witness   string
	}{
		{"a refund from in_progress", "a check that was made would be paid back",
			func(d *definition) { d.Rows[len(d.Rows)-1].Does = []string{refund.Refunded} },
			"PASS-04", `"Cancelling after any verification step refunds nothing." (seed 003) is broken
    claimed: any step doing refund: only cancel from new or opened
    but: the last step is not one of those
    for example: register → new [charge], consent → in_progress [record_consent], cancel → cancelled [refund]`},
		{"consent undone", "a check that was made would be paid back by a detour",
			func(d *definition) { d.Rows[1].From = append(d.Rows[1].From, idpass.InProgress) },
			"PASS-04", `for example: register → new [charge], consent → in_progress [record_consent], open → opened`},
		{"a status without a deadline", "a pass could stand there for ever",
			func(d *definition) {
				d.States = append(d.States, lifecycle.State[idpass.Status, idpass.Event]{Name: "paused", Means: "set aside", NoDeadline: "until somebody remembers it", Labels: []string{"in_flight"}})
				d.Events = append(d.Events, lifecycle.Event[idpass.Event]{Name: "pause", Kind: lifecycle.Command, By: []string{"person"}, Means: "set it aside"})
				d.Rows = append(d.Rows, lifecycle.Row[idpass.Status, idpass.Event, idpass.Facts]{On: "pause", From: []idpass.Status{idpass.New}, To: "paused", Why: "busy"})
				d.Rows[3].From = append(d.Rows[3].From, "paused")
			},
			"PASS-11", `"Every status in flight has the deadline of the link." (spec 2.2) is broken
    claimed: deadlines alone end every status
    but: no deadline ends "paused"
    for example: register → new [charge], pause → paused`},
		{"a report leaves a decision by hand", "a pass that was cancelled and refunded would complete all the same",
			func(d *definition) {
				d.States[6].Absorbing = false
				d.Rows[3].From = append(d.Rows[3].From, idpass.Cancelled)
			},
			"PASS-06", `for example: register → new [charge], cancel → cancelled [refund], complete → complete [record_completion]`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			def := idpass.Machine.Definition()
			tc.harm(&def)
			_, err := lifecycle.New(def)
			if err == nil || !strings.Contains(err.Error(), "broken policy: "+tc.policy) || !strings.Contains(err.Error(), tc.witness) {
				t.Errorf("%s: %v", tc.why, err)
			}
		})
	}
}
