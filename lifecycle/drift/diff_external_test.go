package drift_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/lifecycle/drift"
)

// revision changes the loan in one way.
type revision struct {
	name, why string
	want      string // the report's lines after the first, without their indent
	class     drift.Class
	revise    func(*sketch)
}

var revisions = slices.Concat(tableRevisions, noteRevisions)

var tableRevisions = []revision{
	{"nothing", "a definition does not differ from itself", "", drift.None, func(*sketch) {}},
	{"prose", "it decides nothing", "none: machine: its prose changed\nnone: state asked: its prose changed\nnone: event ask: its prose changed\n" +
		"none: terms: its prose changed\nnone: rows: its prose changed", drift.None,
		func(d *sketch) {
			d.Doc, d.state("asked").Means, d.event("ask").Means, d.term("active").Means, d.row("ask", "").Why = "x", "x", "x", "x", "x"
		}},
	{"prose from one field into another", "it is read elsewhere", "none: machine: its prose changed\nnone: policy LOAN-1: has another sentence or source", drift.None,
		func(d *sketch) {
			d.Title, d.Doc = "Loan A book", "that is lent."
			d.policy("LOAN-1").Source, d.policy("LOAN-1").Says = "the house What", "is void stays void."
		}},
	{"another source", "the sentence stands elsewhere", "none: policy LOAN-1: has another sentence or source", drift.None,
		func(d *sketch) { d.policy("LOAN-1").Source = "the town" }},
	{"another test", "something else shows it", "none: policy LOAN-1: names other tests", drift.None,
		func(d *sketch) { d.policy("LOAN-1").Tests = []string{"TestLoans"} }},
	{"a policy gone", "nothing keeps the table from breaking it, unnoticed", "breaking: policy LOAN-1: is gone", drift.Breaking,
		func(d *sketch) { d.Policies = nil }},
	{"a policy renamed", "nobody can tell that it is the same", "breaking: policy LOAN-1: is gone\nadditive: policy LOAN-2: is new", drift.Breaking,
		func(d *sketch) { d.policy("LOAN-1").ID = "LOAN-2" }},
	{"a new policy", "more is promised", "additive: policy LOAN-2: is new", drift.Additive,
		func(d *sketch) {
			d.Policies = append(d.Policies, lifecycle.Policy{ID: "LOAN-2", Source: "x", Says: "x", Tests: []string{"TestX"}})
		}},
	{"another claim besides", "more is promised", "additive: policy LOAN-1: now claims: there is never returned from void", drift.Additive,
		func(d *sketch) {
			d.policy("LOAN-1").Claims = append(d.policy("LOAN-1").Claims, lifecycle.Never(lifecycle.On("returned").And(lifecycle.From("void"))))
		}},
	{"a claim dropped", "a test that is named instead is not the table's promise", "breaking: policy LOAN-1: no longer claims: nothing moves void\nnone: policy LOAN-1: names other tests", drift.Breaking,
		func(d *sketch) { d.policy("LOAN-1").Claims, d.policy("LOAN-1").Tests = nil, []string{"TestVoid"} }},
	{"a claim written otherwise", "it may be weaker", "breaking: policy LOAN-1: no longer claims: nothing moves void\nadditive: policy LOAN-1: now claims: there is never returned from void", drift.Breaking,
		func(d *sketch) {
			d.policy("LOAN-1").Claims = []lifecycle.Claim{lifecycle.Never(lifecycle.On("returned").And(lifecycle.From("void")))}
		}},
	{"order", "the fingerprint is another one", "none: order: the same is written in another order, or in other rows; the fingerprint is another one", drift.None,
		func(d *sketch) { slices.Reverse(d.States) }},
	{"a row in two", "cells count, not rows", "none: order: the same is written in another order, or in other rows; the fingerprint is another one", drift.None,
		func(d *sketch) {
			second := *d.row("cancel", "asked")
			d.row("cancel", "asked").From, second.From = []string{"asked"}, []string{"lent"}
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
			d.dropState("back")
			d.row("returned", "lent").To = "void"
		}},
	{"a state renamed", "stored strings are a file format", "breaking: state back: is gone (ask → asked [charge], lend → lent, returned → back)\n" +
		"additive: state home: is new (ask → asked [charge], lend → lent, returned → home)\n" +
		"breaking: returned in lent: was move → back, is move → home (ask → asked [charge], lend → lent, returned → back)", drift.Breaking,
		func(d *sketch) {
			d.rename("back", "home")
		}},
	{"no longer absorbing", "something may act on it", "breaking: state void: was absorbing, is not absorbing (ask → asked [charge], cancel → void [refund])\n" +
		"breaking: policy LOAN-1: is gone", drift.Breaking,
		func(d *sketch) { d.state("void").Absorbing, d.Policies = false, nil }},
	{"final", "a command no longer acts on it", "breaking: state lent: was not final, is final (ask → asked [charge], lend → lent)\n" +
		"tightening: cancel in lent: was move → void, is refused (ask → asked [charge], lend → lent, cancel → void [refund])\nnone: state lent: its prose changed", drift.Breaking,
		func(d *sketch) {
			d.state("lent").Final, d.state("lent").NoDeadline, d.row("cancel", "lent").From = true, "", []string{"asked"}
		}},
	{"a deadline dropped", "records wait for ever", "breaking: state asked: had the deadline forget, has none (ask → asked [charge])\nnone: state asked: its prose changed", drift.Breaking,
		func(d *sketch) { d.state("asked").Deadline, d.state("asked").NoDeadline = "", "patience" }},
	{"a deadline", "records no longer wait for ever", "tightening: state lent: had no deadline, has forget (ask → asked [charge], lend → lent)\n" +
		"additive: forget in lent: was ignored, is move → void (ask → asked [charge], lend → lent, forget → void)\nnone: state lent: its prose changed", drift.Tightening,
		func(d *sketch) {
			d.state("lent").Deadline, d.state("lent").NoDeadline, d.row("forget", "asked").From = "forget", "", []string{"asked", "lent"}
		}},
	{"a label dropped", "hosts read it", "breaking: state lent: no longer has the label active (ask → asked [charge], lend → lent)", drift.Breaking,
		func(d *sketch) { d.state("lent").Labels = nil }},
	{"a label added", "hosts read it", "breaking: state back: now has the label active (ask → asked [charge], lend → lent, returned → back)", drift.Breaking,
		func(d *sketch) { d.state("back").Labels = []string{"active"} }},

	{"an event gone", "it was known", "breaking: event cancel: is gone (ask → asked [charge], cancel → void [refund])\nnone: terms: its prose changed", drift.Breaking,
		func(d *sketch) {
			d.dropEvent("cancel")
			d.dropTerm("refund")
		}},
	{"another kind", "what was refused is ignored", "breaking: event cancel: was a command, is a report (ask → asked [charge], cancel → void [refund])", drift.Breaking,
		func(d *sketch) { d.event("cancel").Kind = lifecycle.Report }},
	{"an actor shut out", "it was allowed", "tightening: event cancel: no longer has the actor system", drift.Tightening,
		func(d *sketch) { d.event("cancel").By = []string{"person"} }},
	{"another actor of a command", "somebody new may decide", "breaking: event ask: now has the actor system", drift.Breaking,
		func(d *sketch) { d.event("ask").By = []string{"person", "system"} }},
	{"another actor of a report", "it is news, whoever brings it", "additive: event returned: now has the actor clock", drift.Additive,
		func(d *sketch) { d.event("returned").By = []string{"provider", "clock"} }},

	{"a row", "it was refused", "additive: lend in lent: was refused, is stay (ask → asked [charge], lend → lent, lend → lent)", drift.Additive,
		func(d *sketch) {
			d.Rows = append(d.Rows, row{On: "lend", From: []string{"lent"}, To: "lent", Why: "again"})
		}},
	{"a row out of a final status", "what was final can change", "additive: forget in back: was ignored, is move → void (ask → asked [charge], lend → lent, returned → back, forget → void)\n" +
		"breaking: forget in back: leaves a status that was final (ask → asked [charge], lend → lent, returned → back, forget → void)", drift.Breaking,
		func(d *sketch) { d.row("forget", "asked").From = []string{"asked", "back"} }},
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
		func(d *sketch) { d.row("cancel", "lent").From = []string{"asked"} }},
	{"a stay dropped", "the same, of a report", "tightening: returned in back: was stay, is ignored (ask → asked [charge], lend → lent, returned → back, returned → back)", drift.Tightening,
		func(d *sketch) { d.row("returned", "back").From = []string{"lent"} }},
	{"another target", "whoever relied on it is somewhere else", "breaking: forget in asked: was move → void, is move → lent (ask → asked [charge], forget → void)", drift.Breaking,
		func(d *sketch) { d.row("forget", "asked").To = "lent" }},
	{"a rule on a command", "it may be refused now", "tightening: cancel in asked, lent: now has the rule closed (ask → asked [charge], cancel → void [refund])", drift.Tightening,
		func(d *sketch) {
			d.row("cancel", "asked").If = []rule{lifecycle.Open("within opening hours", "closed")}
		}},
	{"another name of a rule", "its word is the same", "none: rows: its prose changed", drift.None,
		func(d *sketch) { d.nameRule("closed", "by day") }},
	{"a rule dropped", "it was protected", "breaking: lend in asked: no longer has the rule closed (ask → asked [charge], lend → lent)", drift.Breaking,
		func(d *sketch) { d.row("lend", "asked").If = nil }},
	{"rules asked in another order", "the reason may be another", "breaking: returned in lent, back: its rules are asked in another order, so that another one may give the reason (ask → asked [charge], lend → lent, returned → back)", drift.Breaking,
		func(d *sketch) { slices.Reverse(d.row("returned", "lent").If) }},
	{"another rule", "one added, one dropped", "tightening: lend in asked: now has the rule older (ask → asked [charge], lend → lent)\nbreaking: lend in asked: no longer has the rule closed (ask → asked [charge], lend → lent)", drift.Breaking,
		func(d *sketch) { d.row("lend", "asked").If = []rule{*d.rule("returned", "lent", "older")} }},
	{"an effect dropped", "money", "breaking: cancel in lent: no longer does refund (ask → asked [charge], lend → lent, cancel → void [refund])\nnone: rows: its prose changed", drift.Breaking,
		func(d *sketch) {
			d.row("cancel", "lent").From = []string{"asked"}
			d.Rows = append(d.Rows, row{On: "cancel", From: []string{"lent"}, To: "void", Why: "too late"})
		}},
	{"an effect added", "money", "breaking: forget in asked: now does refund (ask → asked [charge], forget → void)", drift.Breaking,
		func(d *sketch) { d.row("forget", "asked").Does = []string{"refund"} }},
	{"the birth", "the cell of no record counts too", "breaking: ask in (no record): no longer does charge (ask → asked [charge])\nnone: terms: its prose changed", drift.Breaking,
		func(d *sketch) {
			d.row("ask", "").Does = nil
			d.dropTerm("charge")
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
				if to, note, ok := before.Next(s.From, s.On); !ok || to != s.To || note != s.Note {
					t.Errorf("%s: %s is no history of the old definition", c.name, d.Replay)
				}
				to, note, ok := after.Next(s.From, s.On)
				holds = holds && ok && to == s.To && note == s.Note
			}
			if holds {
				t.Errorf("%s: %s replays under the new definition", c.name, d.Replay)
			}
		}
	}
	if seen < 13 {
		t.Errorf("%d witnesses, and not 13", seen)
	}
}

// A machine of any types does not differ from its chart.
func TestDiffOfAMachineWithItself(t *testing.T) {
	if r := drift.Diff(kyc.Machine.Chart(), kyc.Machine.Chart()); r.Class != drift.None || len(r.Differences) != 0 || r.Machine != "kyc_validation" {
		t.Errorf("got %s", r)
	}
}
