package kyc_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/refund"
)

type definition = lifecycle.Definition[kyc.Status, kyc.Event, kyc.Facts]

// rowOf is the row of an event in a status, wherever it stands in the table.
func rowOf(t *testing.T, d *definition, on kyc.Event, from kyc.Status) *kyc.Row {
	t.Helper()
	i := slices.IndexFunc(d.Rows, func(r kyc.Row) bool { return r.On == on && slices.Contains(r.From, from) })
	if i < 0 {
		t.Fatalf("the table has no row of %s in %q", on, from)
	}
	return &d.Rows[i]
}

// also makes the row of an event in a status one of another status too.
func also(t *testing.T, d *definition, on kyc.Event, from, more kyc.Status) {
	t.Helper()
	row := rowOf(t, d, on, from)
	row.From = append(row.From, more)
}

// eventOf is an event, wherever it stands in the table.
func eventOf(t *testing.T, d *definition, name kyc.Event) *lifecycle.Event[kyc.Event] {
	t.Helper()
	i := slices.IndexFunc(d.Events, func(e lifecycle.Event[kyc.Event]) bool { return e.Name == name })
	if i < 0 {
		t.Fatalf("the table has no event %s", name)
	}
	return &d.Events[i]
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
		{"a report leaves a decision by hand", "an approval would be overwritten by a late webhook",
			func(t *testing.T, d *definition) {
				d.Events = append(d.Events, lifecycle.Event[kyc.Event]{Name: "revoked_by_provider", Kind: lifecycle.Report, By: []string{"provider"}, Means: "taken back"})
				d.Rows = append(d.Rows, kyc.Row{On: "revoked_by_provider", From: []kyc.Status{kyc.Approved}, To: kyc.Expired, If: []kyc.Rule{kyc.Newer}, Why: "the newest word holds"})
			},
			"KYC-16", `"What was approved, rejected or cancelled by hand is not overwritten." (seed 002) is broken
    claimed: after any step doing record_decision: nothing, while the rule protected stops it
    but: the rule protected cannot stop the last step
    for example: create → pending [start_deadline], in_review_at_provider → in_review, approve → approved [charge, record_decision], revoked_by_provider → expired`},
		{"a status without a deadline", "a record could stand there for ever",
			func(t *testing.T, d *definition) {
				d.States = append(d.States, lifecycle.State[kyc.Status, kyc.Event]{Name: "on_hold", Means: "set aside", NoDeadline: "until somebody remembers it"})
				d.Events = append(d.Events, lifecycle.Event[kyc.Event]{Name: "hold", Kind: lifecycle.Command, By: []string{"person"}, Means: "set it aside"})
				d.Rows = append(d.Rows, kyc.Row{On: "hold", From: []kyc.Status{kyc.Pending}, To: "on_hold", Why: "busy"})
				also(t, d, kyc.Cancel, kyc.Pending, "on_hold") // it can be cancelled
			},
			"KYC-22", `"Only in_review waits without a deadline, for a person." (spec 1.3) is broken
    claimed: deadlines alone end every status but in_review
    but: no deadline ends "on_hold"
    for example: create → pending [start_deadline], hold → on_hold`},
		{"an approval out of turn", "a person would approve what nobody has checked",
			func(t *testing.T, d *definition) {
				also(t, d, kyc.Approve, kyc.InReview, kyc.Pending)
			},
			"KYC-14", `for example: create → pending [start_deadline], approve → approved [charge, record_decision]`},
		{"the clock approves", "nobody would have checked",
			func(t *testing.T, d *definition) {
				d.Rows = append(d.Rows, kyc.Row{On: kyc.DeadlinePassed, From: []kyc.Status{kyc.InReview}, To: kyc.Approved,
					If: []kyc.Rule{kyc.Overdue}, Does: []string{refund.Charged}, Why: "it took too long"})
			},
			"KYC-14", `for example: create → pending [start_deadline], in_review_at_provider → in_review, deadline_passed → approved [charge]`},
		{"a robot approves", "a decision by hand is a person's",
			func(t *testing.T, d *definition) {
				eventOf(t, d, kyc.Approve).By = []string{"person", "robot"}
			},
			"KYC-15", `claimed: approve, reject or cancel: only by person alone`},
		{"a charge for nothing", "a customer who never came would be paid for",
			func(t *testing.T, d *definition) {
				rowOf(t, d, kyc.DeadlinePassed, kyc.InProgress).Does = []string{refund.Charged}
			},
			"KYC-18", `in_progress_at_provider → in_progress, deadline_passed → abandoned [charge]`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			def := kyc.Machine.Definition()
			tc.harm(t, &def)
			_, err := lifecycle.New(def)
			if err == nil || !strings.Contains(err.Error(), "broken policy: "+tc.policy) || !strings.Contains(err.Error(), tc.witness) {
				t.Errorf("%s: %v", tc.why, err)
			}
		})
	}
}

// Every rule of every row decides something.
func TestNoRuleIsRedundant(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	word := func(at time.Time) kyc.Word { return kyc.Word{Status: kyc.ProviderInReview, At: at} }
	var facts []kyc.Facts
	for _, reading := range []kyc.ProviderStatus{kyc.ProviderInReview, kyc.ProviderApproved} {
		for _, at := range []time.Time{now.Add(-time.Hour), now} {
			for _, byHand := range []bool{false, true} {
				for _, deadline := range []time.Time{now.Add(-time.Minute), now.Add(time.Minute)} {
					owed, newer := deadline, uuid.UUID{1}
					if byHand {
						owed, newer = time.Time{}, uuid.Nil
					}
					facts = append(facts, kyc.Facts{Newer: newer, Reading: reading, Word: word(at), LastWord: word(now.Add(-time.Minute)), Now: now,
						Validation: &kyc.Validation{DecidedByHand: byHand, ExpiresAt: deadline, TerminationOwed: owed}})
				}
			}
		}
	}
	if found := kyc.Machine.Redundant(facts...); found != nil {
		t.Errorf("%v", found)
	}
}
