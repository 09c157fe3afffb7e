package lifecycle_test

import "github.com/kycle/kycle/lifecycle"

// The door is the machine that most tests here judge: small, and with one of everything
// (a birth, moves, a stay, a report without a row, two rules on a row, labels, effects).

type (
	state string
	event string
	facts struct{ newer, open bool }

	definition = lifecycle.Definition[state, event, facts]
	machine    = lifecycle.Machine[state, event, facts]
	row        = lifecycle.Row[state, event, facts]
	rule       = lifecycle.Rule[facts]
)

// door gives a fresh definition each time: tests break it.
func door() definition {
	newer := rule{Name: "newer than the last word", Code: "older", Holds: func(f facts) bool { return f.newer }}
	open := rule{Name: "within opening hours", Code: "closed", Holds: func(f facts) bool { return f.open }}
	return definition{
		Name: "door", Title: "Door", Doc: "A door that is rented by the hour.",
		States: []lifecycle.State[state, event]{
			{Name: "shut", Means: "nobody gets in", Deadline: "decay"},
			{Name: "ajar", Means: "somebody is in it", NoDeadline: "it waits for a person", Labels: []string{"drafty"}},
			{Name: "lost", Means: "nobody saw it", Final: true},
			{Name: "gone", Means: "taken out", Final: true, Absorbing: true},
		},
		Events: []lifecycle.Event[event]{
			{Name: "hang", Kind: lifecycle.Command, By: []string{"person"}, Means: "put in"},
			{Name: "push", Kind: lifecycle.Command, By: []string{"person"}, Means: "open it"},
			{Name: "remove", Kind: lifecycle.Command, By: []string{"person", "system"}, Means: "take out"},
			{Name: "seen_ajar", Kind: lifecycle.Report, By: []string{"provider"}, Means: "it stood ajar"},
			{Name: "decay", Kind: lifecycle.Report, By: []string{"clock"}, Means: "it was left too long"},
			{Name: "wind", Kind: lifecycle.Report, By: []string{"provider"}, Means: "it blew", NoRow: "wind moves no door"},
		},
		Rows: []row{
			{On: "hang", To: "shut", Does: []string{"charge"}, Why: "a door begins shut"},
			{On: "push", From: []state{"shut"}, To: "ajar", If: []rule{open}, Why: "that is what doors are for"},
			{On: "remove", From: []state{"shut"}, To: "gone", Does: []string{"refund"}, Why: "never used"},
			{On: "remove", From: []state{"ajar"}, To: "gone", Does: []string{"keep"}, Why: "used"},
			{On: "seen_ajar", From: []state{"shut", "ajar", "lost"}, To: "ajar", If: []rule{newer, open}, Does: []string{"note"}, Why: "the newest word holds"},
			{On: "decay", From: []state{"shut"}, To: "lost", If: []rule{newer}, Why: "wood rots"},
		},
		Terms: []lifecycle.Term{
			{Name: "drafty", Means: "close the window"},
			{Name: "charge", Means: "the fee becomes due"},
			{Name: "refund", Means: "the fee is owed back"},
			{Name: "keep", Means: "the fee stays paid"},
			{Name: "note", Means: "the porter writes it down"},
		},
	}
}

var doors = lifecycle.Must(door())
