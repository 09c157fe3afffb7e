package drift_test

import (
	"testing"

	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/lifecycle/drift"
)

const (
	lent   = "ask → asked [charge], lend → lent"
	remind = lent + ", remind: reminded [letter]"
	again  = lent + ", returned → back, returned"

	bothWords = ": histories have the old word, and who reads them has to know both"
	leaves    = ": the record leaves its status, where only a word was written"
	remains   = ": the record stays where it is, and only a word is written"
	written   = ": an entry is written, with this word, where there was none"
)

// Notes, spellings and commands that leave a final status, changed in one way each.
var noteRevisions = []revision{
	{"a note", "a word comes into histories, and nothing else happens", "additive: forget in lent: was ignored, is note: waited (" + lent + ", forget: waited)", drift.Additive,
		func(d *sketch) {
			d.Rows = append(d.Rows, row{On: "forget", From: []string{"lent"}, Note: "waited", Why: "it is late"})
		}},
	{"a note with an effect", "money may be due", "additive: forget in lent: was ignored, is note: waited (" + lent + ", forget: waited [charge])\n" +
		"breaking: forget in lent: now does charge (" + lent + ", forget: waited [charge])", drift.Breaking,
		func(d *sketch) {
			d.Rows = append(d.Rows, row{On: "forget", From: []string{"lent"}, Note: "waited", Does: []string{"charge"}, Why: "it is late"})
		}},
	{"a note in a final status", "it is not left", "additive: lend in back: was refused, is note: asked_again (" + lent + ", returned → back, lend: asked_again)", drift.Additive,
		func(d *sketch) {
			d.Rows = append(d.Rows, row{On: "lend", From: []string{"back"}, Note: "asked_again", Why: "somebody wants it once more"})
		}},
	{"a note gone", "a wish that was granted is refused", "tightening: mark in void: was note: marked, is refused (ask → asked [charge], cancel → void [refund], mark: marked)", drift.Tightening,
		func(d *sketch) { d.row("mark", "void").From = []string{"asked", "lent", "back"} }},
	{"another word", "it stands in histories", "breaking: remind in lent: was note: reminded, is note: warned" + bothWords + " (" + remind + ")", drift.Breaking,
		func(d *sketch) { d.row("remind", "lent").Note = "warned" }},
	{"a rule on a note", "it may be ignored now", "tightening: remind in lent: now has the rule closed (" + remind + ")", drift.Tightening,
		func(d *sketch) { d.row("remind", "lent").If = []rule{*d.rule("lend", "asked", "closed")} }},
	{"a rule of a note dropped", "it was protected", "breaking: mark in asked, lent, back, void: no longer has the rule closed (ask → asked [charge], mark: marked)", drift.Breaking,
		func(d *sketch) { d.row("mark", "asked").If = nil }},
	{"another actor of a note", "somebody new may write it", "breaking: event mark: now has the actor clock", drift.Breaking,
		func(d *sketch) { d.event("mark").By = []string{"person", "clock"} }},
	{"an effect of a note dropped", "the letter is not sent", "breaking: remind in lent: no longer does letter (" + remind + ")\nnone: terms: its prose changed", drift.Breaking,
		func(d *sketch) { d.row("remind", "lent").Does = nil; d.dropTerm("letter") }},
	{"an effect of a note added", "money may be due", "breaking: remind in lent: now does charge (" + remind + ")", drift.Breaking,
		func(d *sketch) { d.row("remind", "lent").Does = []string{"letter", "charge"} }},
	{"a note that became a move", "the record leaves", "breaking: remind in lent: was note: reminded, is move → void" + leaves + " (" + remind + ")", drift.Breaking,
		func(d *sketch) { r := d.row("remind", "lent"); r.Note, r.To = "", "void" }},
	{"a note that became a stay", "nothing is written", "breaking: remind in lent: was note: reminded, is stay: no entry says it any more (" + remind + ")\n" +
		"breaking: remind in lent: no longer does letter (" + remind + ")\nnone: terms: its prose changed", drift.Breaking,
		func(d *sketch) {
			r := d.row("remind", "lent")
			r.Note, r.To, r.Does = "", "lent", nil
			d.dropTerm("letter")
		}},
	{"a move that became a note", "the record stays", "breaking: cancel in lent: was move → void, is note: kept" + remains + " (" + lent + ", cancel → void [refund])\n" +
		"breaking: cancel in lent: no longer does refund (" + lent + ", cancel → void [refund])\nnone: rows: its prose changed", drift.Breaking,
		func(d *sketch) {
			d.row("cancel", "lent").From = []string{"asked"}
			d.Rows = append(d.Rows, row{On: "cancel", From: []string{"lent"}, Note: "kept", Why: "too late"})
		}},
	{"a stay that became a note", "it is written down", "breaking: returned in back: was stay, is note: returned_again" + written + " (" + again + " → back)\n" +
		"breaking: returned in back: no longer has the rule older, closed (" + again + " → back)\nnone: rows: its prose changed", drift.Breaking,
		func(d *sketch) {
			d.row("returned", "back").From = []string{"lent"}
			d.Rows = append(d.Rows, row{On: "returned", From: []string{"back"}, Note: "returned_again", Why: "twice"})
		}},
	{"an effect beside a stay", "a stay has none", "breaking: returned in lent: now does letter (" + lent + ", returned → back)", drift.Breaking,
		func(d *sketch) { d.row("returned", "lent").Does = []string{"letter"} }},

	{"a spelling", "it was called by its name", `breaking: state lent: was spelled "lent", is spelled "On Loan": schemas, APIs, charts and logs have the old spelling (` + lent + ")\n" +
		`breaking: event lend: was spelled "lend", is spelled "LEND": schemas, APIs, charts and logs have the old spelling`, drift.Breaking,
		func(d *sketch) { d.state("lent").Spelling, d.event("lend").Spelling = "On Loan", "LEND" }},
	{"a spelling that is the name", "the outside sees no difference", "", drift.None, func(d *sketch) { d.state("lent").Spelling = "lent" }},

	{"a command that leaves a final status", "on purpose, and it breaks what was relied on all the same", "additive: lend in back: was refused, is move → lent (" + lent + ", returned → back, lend → lent)\n" +
		"breaking: lend in back: leaves a status that was final, on purpose (" + lent + ", returned → back, lend → lent)", drift.Breaking,
		func(d *sketch) {
			d.Rows = append(d.Rows, row{On: "lend", From: []string{"back"}, To: "lent", MovesFinal: true, Why: "the same reader wants it again"})
		}},
	{"a final status that is left on purpose", "who takes it for an end is wrong", "breaking: state lent: was not final, is final (" + lent + ")\n" +
		"breaking: cancel in lent: now moves a record out of a final status, on purpose (" + lent + ", cancel → void [refund])\nnone: state lent: its prose changed", drift.Breaking,
		func(d *sketch) {
			d.state("lent").Final, d.state("lent").NoDeadline, d.row("cancel", "lent").MovesFinal = true, "", true
		}},
}

// diffed is the report of two loans, each changed.
func diffed(before, after func(*sketch)) string {
	was, is := loan(), loan()
	before(&was)
	after(&is)
	return drift.Diff(chart(was), chart(is)).String()
}

// lively makes the loan one in which what is void is lent again, so that it breaks LOAN-1,
// which is set aside for the reason.
func lively(reason string) func(*sketch) {
	return func(d *sketch) {
		d.state("void").Absorbing, d.row("lend", "asked").MovesFinal = false, true
		d.row("lend", "asked").From = []string{"asked", "void"}
		d.policy("LOAN-1").SetAside = reason
	}
}

// with does the one and then the other.
func with(first, then func(*sketch)) func(*sketch) {
	return func(d *sketch) { first(d); then(d) }
}

// A policy that is set aside promises nothing, and whoever relied on it is told.
func TestDiffOfPoliciesThatAreSetAside(t *testing.T) {
	aside := lively("a court may order it")
	gone := func(d *sketch) { d.Policies = nil }
	claimed := func(d *sketch) {
		d.policy("LOAN-1").Claims = append(d.policy("LOAN-1").Claims, lifecycle.Never(lifecycle.On("mark").And(lifecycle.From("void"))))
	}
	for _, c := range []struct {
		name, why     string
		before, after func(*sketch)
		want          string
	}{
		{"another reason", "it was set aside before", aside, lively("a judge may order it"), "loan: none\n  none: policy LOAN-1: is set aside for another reason: a judge may order it"},
		{"gone", "it promised nothing", aside, with(aside, gone), "loan: none\n  none: policy LOAN-1: is gone, and was set aside"},
		{"new", "it promises nothing", with(aside, gone), aside, "loan: none\n  none: policy LOAN-1: is new, and set aside: a court may order it"},
		{"a claim of it", "the table is not asked", aside, with(aside, claimed), "loan: none\n  none: policy LOAN-1: now claims: there is never mark from void"},
		{"a claim of it dropped", "the table was not asked", with(aside, claimed), aside, "loan: none\n  none: policy LOAN-1: no longer claims: there is never mark from void"},
		{"set aside", "it was a promise", func(*sketch) {}, aside, "loan: breaking\n  breaking: state void: was absorbing, is not absorbing (ask → asked [charge], cancel → void [refund])\n" +
			"  additive: lend in void: was refused, is move → lent (ask → asked [charge], cancel → void [refund], lend → lent)\n" +
			"  breaking: lend in void: leaves a status that was final, on purpose (ask → asked [charge], cancel → void [refund], lend → lent)\n" +
			"  breaking: policy LOAN-1: is set aside, so that the table may break it: a court may order it"},
		{"no longer set aside", "it is one again", aside, func(*sketch) {}, "loan: breaking\n  breaking: state void: was not absorbing, is absorbing (ask → asked [charge], cancel → void [refund])\n" +
			"  tightening: lend in void: was move → lent, is refused (ask → asked [charge], cancel → void [refund], lend → lent)\n" +
			"  additive: policy LOAN-1: is no longer set aside: the table keeps it"},
	} {
		if got := diffed(c.before, c.after); got != c.want {
			t.Errorf("%s: %s:\n got %s\nwant %s", c.name, c.why, got, c.want)
		}
	}
}

// A status that is no longer final needs no permission; that is told where it is read.
func TestDiffOfAPermissionNoLongerNeeded(t *testing.T) {
	final := func(d *sketch) {
		d.state("lent").Final, d.state("lent").NoDeadline, d.row("cancel", "lent").MovesFinal = true, "", true
	}
	want := "loan: breaking\n  breaking: state lent: was final, is not final (" + lent + ")\n" +
		"  none: cancel in lent: no longer moves a record out of a final status: its status is not final (" + lent + ", cancel → void [refund])\n  none: state lent: its prose changed"
	if got := diffed(final, func(*sketch) {}); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

// A lifecycle that loses its end, or gets one.
func TestDiffOfEnds(t *testing.T) {
	endless := func(reason string) func(*sketch) {
		return func(d *sketch) {
			*d.state("back") = lifecycle.State[string, string]{Name: "back", Means: "it was returned", NoDeadline: "it waits for a reader"}
			*d.state("void") = lifecycle.State[string, string]{Name: "void", Means: "nothing came of it", NoDeadline: "it waits for a reader"}
			d.row("lend", "asked").From = []string{"asked", "back", "void"}
			d.Policies, d.NoEnd = nil, reason
		}
	}
	same := func(d *sketch) {
		endless("")(d)
		d.state("void").Final, d.state("void").NoDeadline, d.row("lend", "asked").MovesFinal = true, "", true
	}
	for _, c := range []struct {
		name, why     string
		before, after func(*sketch)
		want          string
	}{
		{"another reason", "nothing is judged by it", endless("books are lent for ever"), endless("there is no end"), "loan: none\n  none: machine: its prose changed"},
		{"none any more", "who waits for an end waits for ever", same, endless("books are lent for ever"), "loan: breaking\n  breaking: machine: no status is final any more: books are lent for ever\n" +
			"  breaking: state void: was final, is not final (ask → asked [charge], cancel → void [refund])\n" +
			"  none: lend in void: no longer moves a record out of a final status: its status is not final (ask → asked [charge], cancel → void [refund], lend → lent)\n" +
			"  none: state void: its prose changed"},
		{"one", "it can come to an end now", endless("books are lent for ever"), same, "loan: breaking\n  additive: machine: a status is final now: no command moves a record out of it\n" +
			"  breaking: state void: was not final, is final (ask → asked [charge], cancel → void [refund])\n" +
			"  breaking: lend in void: now moves a record out of a final status, on purpose (ask → asked [charge], cancel → void [refund], lend → lent)\n" +
			"  none: state void: its prose changed"},
	} {
		if got := diffed(c.before, c.after); got != c.want {
			t.Errorf("%s: %s:\n got %s\nwant %s", c.name, c.why, got, c.want)
		}
	}
}
