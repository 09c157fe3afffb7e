package drift_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/lifecycle/drift"
)

// Each case changes the loan in one way.
var revisions = []struct {
	name, why string
	want      string // the report's lines after the first, without their indent
	class     drift.Class
	revise    func(*sketch)
}{
	{"nothing", "a definition does not differ from itself", "", drift.None, func(*sketch) {}},
	{"prose", "it decides nothing", "none: machine: its prose changed\nnone: state asked: its prose changed\nnone: event ask: its prose changed\n" +
		"none: terms: its prose changed\nnone: rows: its prose changed", drift.None,
		func(d *sketch) {
			d.Doc, d.States[0].Means, d.Events[0].Means, d.Terms[0].Means, d.Rows[0].Why = "x", "x", "x", "x", "x"
		}},
	{"prose from one field into another", "it is read elsewhere", "none: machine: its prose changed\nnone: policy LOAN-1: has another sentence or source", drift.None,
		func(d *sketch) {
			d.Title, d.Doc = "Loan A book", "that is lent."
			d.Policies[0].Source, d.Policies[0].Says = "the house What", "is void stays void."
		}},
	{"another source", "the sentence stands elsewhere", "none: policy LOAN-1: has another sentence or source", drift.None,
		func(d *sketch) { d.Policies[0].Source = "the town" }},
	{"another test", "something else shows it", "none: policy LOAN-1: names other tests", drift.None,
		func(d *sketch) { d.Policies[0].Tests = []string{"TestLoans"} }},
	{"a policy gone", "nothing keeps the table from breaking it, unnoticed", "breaking: policy LOAN-1: is gone", drift.Breaking,
		func(d *sketch) { d.Policies = nil }},
	{"a policy renamed", "nobody can tell that it is the same", "breaking: policy LOAN-1: is gone\nadditive: policy LOAN-2: is new", drift.Breaking,
		func(d *sketch) { d.Policies[0].ID = "LOAN-2" }},
	{"a new policy", "more is promised", "additive: policy LOAN-2: is new", drift.Additive,
		func(d *sketch) {
			d.Policies = append(d.Policies, lifecycle.Policy{ID: "LOAN-2", Source: "x", Says: "x", Tests: []string{"TestX"}})
		}},
	{"another claim besides", "more is promised", "additive: policy LOAN-1: now claims: there is never any step from void", drift.Additive,
		func(d *sketch) {
			d.Policies[0].Claims = append(d.Policies[0].Claims, lifecycle.Never(lifecycle.From("void")))
		}},
	{"a claim dropped", "a test that is named instead is not the table's promise", "breaking: policy LOAN-1: no longer claims: nothing acts on void\nnone: policy LOAN-1: names other tests", drift.Breaking,
		func(d *sketch) { d.Policies[0].Claims, d.Policies[0].Tests = nil, []string{"TestVoid"} }},
	{"a claim written otherwise", "it may be weaker", "breaking: policy LOAN-1: no longer claims: nothing acts on void\nadditive: policy LOAN-1: now claims: there is never any step from void", drift.Breaking,
		func(d *sketch) {
			d.Policies[0].Claims = []lifecycle.Claim{lifecycle.Never(lifecycle.From("void"))}
		}},
	{"order", "the fingerprint is another one", "none: order: the same is written in another order, or in other rows; the fingerprint is another one", drift.None,
		func(d *sketch) { d.States[0], d.States[1] = d.States[1], d.States[0] }},
	{"a row in two", "cells count, not rows", "none: order: the same is written in another order, or in other rows; the fingerprint is another one", drift.None,
		func(d *sketch) {
			second := d.Rows[2]
			d.Rows[2].From, second.From = []string{"asked"}, []string{"lent"}
			d.Rows = append(d.Rows, second)
		}},
	{"another name", "it stands in every fingerprint", "breaking: machine: was loan, is lease", drift.Breaking, func(d *sketch) { d.Name = "lease" }},

	{"a new state", "with a row into it", "additive: state lost: is new (ask → asked [charge], lend → lent, lose → lost)\nadditive: event lose: is new (ask → asked [charge], lend → lent, lose → lost)",
		drift.Additive, func(d *sketch) {
			d.States = append(d.States, lifecycle.State[string, string]{Name: "lost", Means: "nobody finds it", Final: true})
			d.Events = append(d.Events, lifecycle.Event[string]{Name: "lose", Kind: lifecycle.Report, By: []string{"person"}})
			d.Rows = append(d.Rows, row{On: "lose", From: []string{"lent"}, To: "lost", Why: "it happens"})
		}},
	{"a state gone", "records stand in it", "breaking: state back: is gone (ask → asked [charge], lend → lent, returned → back)\n" +
		"breaking: returned in lent: was move → back, is move → void (ask → asked [charge], lend → lent, returned → back)", drift.Breaking,
		func(d *sketch) {
			d.States = slices.Delete(d.States, 2, 3)
			d.Rows[3].From, d.Rows[3].To = []string{"lent"}, "void"
		}},
	{"a state renamed", "stored strings are a file format", "breaking: state back: is gone (ask → asked [charge], lend → lent, returned → back)\n" +
		"additive: state home: is new (ask → asked [charge], lend → lent, returned → home)\n" +
		"breaking: returned in lent: was move → back, is move → home (ask → asked [charge], lend → lent, returned → back)", drift.Breaking,
		func(d *sketch) {
			d.States[2].Name, d.Rows[3].From, d.Rows[3].To = "home", []string{"lent", "home"}, "home"
		}},
	{"no longer absorbing", "something may act on it", "breaking: state void: was absorbing, is not absorbing (ask → asked [charge], cancel → void [refund])\n" +
		"breaking: policy LOAN-1: is gone", drift.Breaking,
		func(d *sketch) { d.States[3].Absorbing, d.Policies = false, nil }},
	{"final", "a command no longer acts on it", "breaking: state lent: was not final, is final (ask → asked [charge], lend → lent)\n" +
		"tightening: cancel in lent: was move → void, is refused (ask → asked [charge], lend → lent, cancel → void [refund])\nnone: state lent: its prose changed", drift.Breaking,
		func(d *sketch) {
			d.States[1].Final, d.States[1].NoDeadline, d.Rows[2].From = true, "", []string{"asked"}
		}},
	{"a deadline dropped", "records wait for ever", "breaking: state asked: had the deadline forget, has none (ask → asked [charge])\nnone: state asked: its prose changed", drift.Breaking,
		func(d *sketch) { d.States[0].Deadline, d.States[0].NoDeadline = "", "patience" }},
	{"a deadline", "records no longer wait for ever", "tightening: state lent: had no deadline, has forget (ask → asked [charge], lend → lent)\n" +
		"additive: forget in lent: was ignored, is move → void (ask → asked [charge], lend → lent, forget → void)\nnone: state lent: its prose changed", drift.Tightening,
		func(d *sketch) {
			d.States[1].Deadline, d.States[1].NoDeadline, d.Rows[4].From = "forget", "", []string{"asked", "lent"}
		}},
	{"a label dropped", "hosts read it", "breaking: state lent: no longer has the label active (ask → asked [charge], lend → lent)", drift.Breaking,
		func(d *sketch) { d.States[1].Labels = nil }},
	{"a label added", "hosts read it", "breaking: state back: now has the label active (ask → asked [charge], lend → lent, returned → back)", drift.Breaking,
		func(d *sketch) { d.States[2].Labels = []string{"active"} }},

	{"an event gone", "it was known", "breaking: event cancel: is gone (ask → asked [charge], cancel → void [refund])\nnone: terms: its prose changed", drift.Breaking,
		func(d *sketch) {
			d.Events, d.Rows, d.Terms = slices.Delete(d.Events, 2, 3), slices.Delete(d.Rows, 2, 3), d.Terms[:2]
		}},
	{"another kind", "what was refused is ignored", "breaking: event cancel: was a command, is a report (ask → asked [charge], cancel → void [refund])", drift.Breaking,
		func(d *sketch) { d.Events[2].Kind = lifecycle.Report }},
	{"an actor shut out", "it was allowed", "tightening: event cancel: no longer has the actor system", drift.Tightening,
		func(d *sketch) { d.Events[2].By = []string{"person"} }},
	{"another actor of a command", "somebody new may decide", "breaking: event ask: now has the actor system", drift.Breaking,
		func(d *sketch) { d.Events[0].By = []string{"person", "system"} }},
	{"another actor of a report", "it is news, whoever brings it", "additive: event returned: now has the actor clock", drift.Additive,
		func(d *sketch) { d.Events[3].By = []string{"provider", "clock"} }},

	{"a row", "it was refused", "additive: lend in lent: was refused, is stay (ask → asked [charge], lend → lent, lend → lent)", drift.Additive,
		func(d *sketch) {
			d.Rows = append(d.Rows, row{On: "lend", From: []string{"lent"}, To: "lent", Why: "again"})
		}},
	{"a row out of a final status", "what was final can change", "additive: forget in back: was ignored, is move → void (ask → asked [charge], lend → lent, returned → back, forget → void)\n" +
		"breaking: forget in back: leaves a status that was final (ask → asked [charge], lend → lent, returned → back, forget → void)", drift.Breaking,
		func(d *sketch) { d.Rows[4].From = []string{"asked", "back"} }},
	{"a row with an effect", "money may be due", "additive: forget in lent: was ignored, is move → void (ask → asked [charge], lend → lent, forget → void [charge])\n" +
		"breaking: forget in lent: now does charge (ask → asked [charge], lend → lent, forget → void [charge])", drift.Breaking,
		func(d *sketch) {
			d.Rows = append(d.Rows, row{On: "forget", From: []string{"lent"}, To: "void", Does: []string{"charge"}, Why: "it is lost"})
		}},
	{"a new event out of a final status", "an event that nobody knows can change it all the same", "additive: event lose: is new (ask → asked [charge], lend → lent, returned → back, lose → void)\n" +
		"breaking: lose in back: leaves a status that was final (ask → asked [charge], lend → lent, returned → back, lose → void)", drift.Breaking,
		func(d *sketch) {
			d.Events = append(d.Events, lifecycle.Event[string]{Name: "lose", Kind: lifecycle.Report, By: []string{"person"}})
			d.Rows = append(d.Rows, row{On: "lose", From: []string{"back"}, To: "void", Why: "it happens"})
		}},
	{"a new event with an effect, into a new state", "money may be due", "additive: state lost: is new (ask → asked [charge], lend → lent, lose → lost [charge])\n" +
		"additive: event lose: is new (ask → asked [charge], lend → lent, lose → lost [charge])\n" +
		"breaking: lose in lent: now does charge (ask → asked [charge], lend → lent, lose → lost [charge])", drift.Breaking,
		func(d *sketch) {
			d.States = append(d.States, lifecycle.State[string, string]{Name: "lost", Means: "nobody finds it", Final: true})
			d.Events = append(d.Events, lifecycle.Event[string]{Name: "lose", Kind: lifecycle.Report, By: []string{"person"}})
			d.Rows = append(d.Rows, row{On: "lose", From: []string{"lent"}, To: "lost", Does: []string{"charge"}, Why: "it is paid for"})
		}},
	{"a row with an effect out of a new state", "money may be due", "additive: state lost: is new (ask → asked [charge], lend → lent, lose → lost)\n" +
		"additive: event lose: is new (ask → asked [charge], lend → lent, lose → lost)\n" +
		"breaking: returned in lost: now does refund (ask → asked [charge], lend → lent, lose → lost, returned → back [refund])", drift.Breaking,
		func(d *sketch) {
			d.States = append(d.States, lifecycle.State[string, string]{Name: "lost", Means: "nobody finds it", Final: true})
			d.Events = append(d.Events, lifecycle.Event[string]{Name: "lose", Kind: lifecycle.Report, By: []string{"person"}})
			d.Rows = append(d.Rows, row{On: "lose", From: []string{"lent"}, To: "lost", Why: "it happens"},
				row{On: "returned", From: []string{"lost"}, To: "back", Does: []string{"refund"}, Why: "it was found"})
		}},
	{"a row that stays in a final status", "nothing changes", "additive: forget in back: was ignored, is stay (ask → asked [charge], lend → lent, returned → back, forget → back)", drift.Additive,
		func(d *sketch) {
			d.Rows = append(d.Rows, row{On: "forget", From: []string{"back"}, To: "back", Why: "it is over"})
		}},
	{"a row dropped", "it was allowed", "tightening: cancel in lent: was move → void, is refused (ask → asked [charge], lend → lent, cancel → void [refund])", drift.Tightening,
		func(d *sketch) { d.Rows[2].From = []string{"asked"} }},
	{"a stay dropped", "the same, of a report", "tightening: returned in back: was stay, is ignored (ask → asked [charge], lend → lent, returned → back, returned → back)", drift.Tightening,
		func(d *sketch) { d.Rows[3].From = []string{"lent"} }},
	{"another target", "whoever relied on it is somewhere else", "breaking: forget in asked: was move → void, is move → lent (ask → asked [charge], forget → void)", drift.Breaking,
		func(d *sketch) { d.Rows[4].To = "lent" }},
	{"a rule on a command", "it may be refused now", "tightening: cancel in asked, lent: now has the rule closed (ask → asked [charge], cancel → void [refund])", drift.Tightening,
		func(d *sketch) { d.Rows[2].If = []rule{lifecycle.Open("within opening hours", "closed")} }},
	{"another name of a rule", "its word is the same", "none: rows: its prose changed", drift.None,
		func(d *sketch) {
			d.Rows[1].If = []rule{lifecycle.Open("by day", "closed")}
			d.Rows[3].If[1] = d.Rows[1].If[0]
		}},
	{"a rule dropped", "it was protected", "breaking: lend in asked: no longer has the rule closed (ask → asked [charge], lend → lent)", drift.Breaking,
		func(d *sketch) { d.Rows[1].If = nil }},
	{"rules asked in another order", "the reason may be another", "breaking: returned in lent, back: its rules are asked in another order, so that another one may give the reason (ask → asked [charge], lend → lent, returned → back)", drift.Breaking,
		func(d *sketch) { slices.Reverse(d.Rows[3].If) }},
	{"another rule", "one added, one dropped", "tightening: lend in asked: now has the rule older (ask → asked [charge], lend → lent)\nbreaking: lend in asked: no longer has the rule closed (ask → asked [charge], lend → lent)", drift.Breaking,
		func(d *sketch) { d.Rows[1].If = d.Rows[3].If[:1] }},
	{"an effect dropped", "money", "breaking: cancel in lent: no longer does refund (ask → asked [charge], lend → lent, cancel → void [refund])\nnone: rows: its prose changed", drift.Breaking,
		func(d *sketch) {
			d.Rows[2].From = []string{"asked"}
			d.Rows = append(d.Rows, row{On: "cancel", From: []string{"lent"}, To: "void", Why: "too late"})
		}},
	{"an effect added", "money", "breaking: forget in asked: now does refund (ask → asked [charge], forget → void)", drift.Breaking,
		func(d *sketch) { d.Rows[4].Does = []string{"refund"} }},
	{"the birth", "the cell of no record counts too", "breaking: ask in (no record): no longer does charge (ask → asked [charge])\nnone: terms: its prose changed", drift.Breaking,
		func(d *sketch) {
			d.Rows[0].Does = nil
			d.Terms = slices.Delete(d.Terms, 1, 2)
		}},
}

func TestDiff(t *testing.T) {
	for _, c := range revisions {
		t.Run(c.name, func(t *testing.T) {
			def := loan()
			c.revise(&def)
			report := drift.Diff(chart(loan()), chart(def))
			var lines []string
			for _, d := range report.Differences {
				lines = append(lines, d.String())
			}
			if got := strings.Join(lines, "\n"); got != c.want {
				t.Errorf("%s:\n got %s\nwant %s", c.why, got, c.want)
			}
			whole := def.Name + ": " + string(c.class)
			if c.want == "" {
				whole = "loan: no difference"
			}
			if text := strings.Join(append([]string{whole}, lines...), "\n  "); report.Class != c.class || report.String() != text {
				t.Errorf("%s: %s\n%s\nnot %s\n%s", c.why, report.Class, report, c.class, text)
			}
		})
	}
}

// What a difference calls a history that would not replay does not, step by step.
func TestReplayWitnesses(t *testing.T) {
	seen := 0
	for _, c := range revisions {
		def := loan()
		c.revise(&def)
		before, after := chart(loan()), chart(def)
		for _, d := range drift.Diff(before, after).Differences {
			if d.Replay == nil {
				continue
			}
			seen++
			holds := true
			for _, s := range d.Replay {
				if to, _, ok := before.Next(s.From, s.On); !ok || to != s.To {
					t.Errorf("%s: %s is no history of the old definition", c.name, d.Replay)
				}
				to, _, ok := after.Next(s.From, s.On)
				holds = holds && ok && to == s.To
			}
			if holds {
				t.Errorf("%s: %s replays under the new definition", c.name, d.Replay)
			}
		}
	}
	if seen < 7 {
		t.Errorf("%d witnesses", seen)
	}
}

// A machine of any types does not differ from its chart.
func TestDiffOfAMachineWithItself(t *testing.T) {
	if r := drift.Diff(kyc.Machine.Chart(), kyc.Machine.Chart()); r.Class != drift.None || len(r.Differences) != 0 || r.Machine != "kyc_validation" {
		t.Error(r)
	}
}
