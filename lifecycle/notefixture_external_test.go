package lifecycle_test

import "github.com/kycle/kycle/lifecycle"

// noted is the door with notes: one in every state, by a command, with an effect; one under a
// rule, which another person answers; one that is a report.
func noted() definition {
	d := door()
	d.Name = "noted_door"
	newer, open := rowOf(&d, "decay", "shut").If[0], rowOf(&d, "push", "shut").If[0]
	d.Events = append(d.Events,
		lifecycle.Event[event]{Name: "paint", Kind: lifecycle.Command, By: []string{"person", "system"}, Means: "another colour"},
		lifecycle.Event[event]{Name: "propose", Kind: lifecycle.Command, By: []string{"person"}, Means: "ask that it be taken out"},
		lifecycle.Event[event]{Name: "creak", Kind: lifecycle.Report, By: []string{"provider"}, Means: "it was heard"},
	)
	d.Rows = append(d.Rows,
		row{On: "paint", From: []state{"shut", "ajar", "lost", "gone"}, Note: "painted", Does: []string{"charge"}, Why: "paint costs"},
		row{On: "propose", From: []state{"ajar"}, Note: "proposed", If: []rule{open}, Why: "a second person decides"},
		row{On: "creak", From: []state{"ajar", "lost"}, Note: "creaked", If: []rule{newer}, Does: []string{"note"}, Why: "oil is needed"},
	)
	return d
}

var notedDoors = lifecycle.Must(noted())

// membership has no end: it is suspended and resumed for as long as there is a member. It is
// begun in two ways.
func membership() definition {
	paid := rule{Name: "it is paid for", Code: "unpaid", Holds: func(f facts) bool { return f.open }}
	return definition{
		Name: "membership", NoEnd: "a member stays one",
		States: []lifecycle.State[state, event]{
			{Name: "active", NoDeadline: "it goes on", Labels: []string{"welcome"}},
			{Name: "suspended", Deadline: "forgive"},
		},
		Events: []lifecycle.Event[event]{
			{Name: "join", Kind: lifecycle.Command, By: []string{"person"}},
			{Name: "transfer", Kind: lifecycle.Command, By: []string{"system"}},
			{Name: "suspend", Kind: lifecycle.Command, By: []string{"system"}},
			{Name: "resume", Kind: lifecycle.Command, By: []string{"person"}},
			{Name: "forgive", Kind: lifecycle.Report, By: []string{"clock"}},
			{Name: "write", Kind: lifecycle.Command, By: []string{"person"}},
		},
		Rows: []row{
			{On: "join", To: "active", Why: "a member begins so"},
			{On: "transfer", To: "suspended", Why: "another club has suspended the member"},
			{On: "suspend", From: []state{"active"}, To: "suspended", Why: "nothing was paid"},
			{On: "resume", From: []state{"suspended"}, To: "active", If: []rule{paid}, Does: []string{"greet"}, Why: "it is paid again"},
			{On: "forgive", From: []state{"suspended"}, To: "active", Why: "time heals"},
			{On: "write", From: []state{"active", "suspended"}, Note: "written", Why: "members write letters"},
		},
		Terms: []lifecycle.Term{{Name: "welcome"}, {Name: "greet"}},
	}
}
