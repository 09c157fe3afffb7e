package idpass_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/refund"
)

type definition = lifecycle.Definition[idpass.Status, idpass.Event, idpass.Facts]

// rowOf finds the row of a cell.
func rowOf(t *testing.T, d *definition, on idpass.Event, from idpass.Status) *lifecycle.Row[idpass.Status, idpass.Event, idpass.Facts] {
	t.Helper()
	for i := range d.Rows {
		if d.Rows[i].On == on && slices.Contains(d.Rows[i].From, from) {
			return &d.Rows[i]
		}
	}
	t.Fatalf("the table has no row of %s from %q", on, from)
	return nil
}

// stateOf finds a status.
func stateOf(t *testing.T, d *definition, name idpass.Status) *lifecycle.State[idpass.Status, idpass.Event] {
	t.Helper()
	for i := range d.States {
		if d.States[i].Name == name {
			return &d.States[i]
		}
	}
	t.Fatalf("the table has no status %q", name)
	return nil
}

// Somebody changes the table and means no harm. The machine is not constructed, and what
// stands in the error can be read by who has never seen a table.
func TestAWrongRowIsCaughtByAPolicy(t *testing.T) {
	for _, tc := range []struct {
		name, why string
		harm      func(*testing.T, *definition)
		policy    string
		witness   string
	}{
		{"a refund from in_progress", "a check that was made would be paid back",
			func(t *testing.T, d *definition) {
				rowOf(t, d, idpass.Cancel, idpass.InProgress).Does = []string{refund.Refunded}
			},
			"PASS-04", `"Cancelling after any verification step refunds nothing." (seed 003) is broken
    claimed: any step doing refund: only cancel from new or opened
    but: the last step is not one of those
    for example: register → new [charge], consent → in_progress [record_consent], cancel → cancelled [refund]`},
		{"consent undone", "a check that was made would be paid back by a detour",
			func(t *testing.T, d *definition) {
				row := rowOf(t, d, idpass.Open, idpass.New)
				row.From = append(row.From, idpass.InProgress)
			},
			"PASS-04", `for example: register → new [charge], consent → in_progress [record_consent], open → opened`},
		{"a status without a deadline", "a pass could stand there for ever",
			func(t *testing.T, d *definition) {
				d.States = append(d.States, lifecycle.State[idpass.Status, idpass.Event]{Name: "paused", Means: "set aside", NoDeadline: "until somebody remembers it", Labels: []string{"in_flight"}})
				d.Events = append(d.Events, lifecycle.Event[idpass.Event]{Name: "pause", Kind: lifecycle.Command, By: []string{"person"}, Means: "set it aside"})
				d.Rows = append(d.Rows, lifecycle.Row[idpass.Status, idpass.Event, idpass.Facts]{On: "pause", From: []idpass.Status{idpass.New}, To: "paused", Why: "busy"})
				row := rowOf(t, d, idpass.CompleteCheck, idpass.New)
				row.From = append(row.From, "paused")
			},
			"PASS-11", `"Every status in flight has the deadline of the link." (spec 2.2) is broken
    claimed: deadlines alone end every status
    but: no deadline ends "paused"
    for example: register → new [charge], pause → paused`},
		{"a report leaves a decision by hand", "a pass that was cancelled and refunded would complete all the same",
			func(t *testing.T, d *definition) {
				stateOf(t, d, idpass.Cancelled).Absorbing = false
				row := rowOf(t, d, idpass.CompleteCheck, idpass.InProgress)
				row.From = append(row.From, idpass.Cancelled)
			},
			"PASS-06", `for example: register → new [charge], cancel → cancelled [refund], complete → complete [record_completion]`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			def := idpass.Machine.Definition()
			tc.harm(t, &def)
			_, err := lifecycle.New(def)
			if err == nil || !strings.Contains(err.Error(), "broken policy: "+tc.policy) || !strings.Contains(err.Error(), tc.witness) {
				t.Errorf("%s: got the error %v, want the broken policy %s with %s", tc.why, err, tc.policy, tc.witness)
			}
		})
	}
}
