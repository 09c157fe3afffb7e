package integration

import (
	"fmt"
	"strings"

	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/lifecycle"
)

// chart is a machine whose exports are checked.
type chart struct {
	name, why string
	*lifecycle.Chart
}

func exported() []chart {
	return []chart{
		{"kyc", "many rows, rules on most, final statuses that reports leave", kyc.Machine.Chart()},
		{"idpass", "no rule, one event with two effects, all final statuses absorbing", idpass.Machine.Chart()},
		{"permit", "eight notes in one status, some in all, one in an absorbing one; spellings with spaces", permit()},
		{"account", "no status is final, and two rows bring a record into being", account()},
		{"untitled", "a page and a diagram have a heading all the same", untitled()},
		{"nasty", "prose that is every format's own language, and names that are its keywords", nasty()},
	}
}

func untitled() *lifecycle.Chart {
	def := idpass.Machine.Chart().Definition()
	def.Title = ""
	return lifecycle.Must(def)
}

// evil is prose that ends, begins, includes or fetches something in one format or another.
const evil = `"<b>' & ]]> --> ||| \n \ %date() $x !include /etc/passwd [[http://x]] ~~ ** // __ <img:a> {{ }} #é日本🙂 @enduml </label> ;:%%{init}%% <!-- &lt; <![CDATA[ ` +
	"direction LR end note style:#x `a`\n@enduml\n\t\r\n\x00\x1b[31m\x7f\u0085\u2028\u202e\ufeff\ufffe\xff end"

// nasty is a chain of statuses with the names that some format may take for its own.
func nasty() *lifecycle.Chart {
	names := strings.Fields("end state note node graph edge strict subgraph digraph as class style title legend final initial constructor on none root_start " +
		"no_record true null direction hide scale click default left fork acctitle accdescr classdef statediagram a1 x_y_z")
	def := lifecycle.ChartDefinition{
		Name: "nasty", Title: evil, Doc: evil, Terms: []lifecycle.Term{{Name: "charge", Means: evil}, {Name: "send", Means: evil}, {Name: "label", Means: evil}},
		Events: []lifecycle.Event[string]{
			{Name: "create", Kind: lifecycle.Command, By: []string{"person"}, Means: evil},
			{Name: "next", Kind: lifecycle.Report, By: []string{"clock"}, Means: evil},
			{Name: "error", Kind: lifecycle.Report, By: []string{"clock"}, Means: evil, NoRow: evil},
			{Name: "again", Kind: lifecycle.Report, By: []string{"provider"}, Means: evil},
			{Name: "jump", Kind: lifecycle.Command, By: []string{"person"}, Means: evil, Spelling: "jump " + evil},
			{Name: "mark", Kind: lifecycle.Command, By: []string{"person"}, Means: evil, Spelling: "mark " + evil},
			{Name: "sign", Kind: lifecycle.Report, By: []string{"clock"}, Means: evil},
		},
		Rows: []lifecycle.Row[string, string, lifecycle.Vetoes]{
			{On: "mark", From: names[:3], Note: "marked", Why: evil, Does: []string{"charge", "send"}, If: []lifecycle.Rule[lifecycle.Vetoes]{lifecycle.Open(evil, "class")}},
			{On: "sign", From: names, Note: "signed", Why: evil},
			{On: "create", To: names[0], Why: evil, Does: []string{"charge"}},
			{On: "jump", From: names[:5], To: names[5], Why: evil, Does: []string{"charge", "send"}, If: []lifecycle.Rule[lifecycle.Vetoes]{lifecycle.Open(evil, "older")}},
		},
	}
	rules := []lifecycle.Rule[lifecycle.Vetoes]{lifecycle.Open(evil, "older"), lifecycle.Open(evil, "class")}
	last := len(names) - 1
	for i, name := range names {
		spelling := ""
		if i%2 == 1 {
			spelling = fmt.Sprint(i, evil)
		}
		def.States = append(def.States, lifecycle.State[string, string]{Name: name, Spelling: spelling, Means: evil, NoDeadline: evil, Labels: []string{"label"}, Final: i >= last-1, Absorbing: i == last})
		if i < last {
			def.Rows = append(def.Rows,
				lifecycle.Row[string, string, lifecycle.Vetoes]{On: "next", From: []string{name}, To: names[i+1], Why: evil, If: rules},
				lifecycle.Row[string, string, lifecycle.Vetoes]{On: "again", From: []string{name}, To: name, Why: evil, If: rules[1:]})
		}
	}
	return lifecycle.Must(def)
}

// permit has notes of all kinds, and names that its users spell otherwise.
func permit() *lifecycle.Chart {
	type row = lifecycle.Row[string, string, lifecycle.Vetoes]
	all := strings.Fields("asked in_review granted refused withdrawn")
	claimed := []lifecycle.Rule[lifecycle.Vetoes]{lifecycle.Open("nobody else has claimed it", "claimed_by_another")}
	def := lifecycle.ChartDefinition{
		Name: "permit", Title: "Permit", Doc: "A permit that a clerk grants.",
		States: []lifecycle.State[string, string]{
			{Name: "asked", Spelling: "PENDING", Means: "nobody has looked at it", Deadline: "forget"},
			{Name: "in_review", Spelling: "In Review", Means: "a clerk must decide", NoDeadline: "it waits for a clerk"},
			{Name: "granted", Means: "it may be used", Final: true},
			{Name: "refused", Spelling: "Refused (final)", Means: "it may not", Final: true},
			{Name: "withdrawn", Spelling: "Withdrawn", Means: "nobody wants it", Final: true, Absorbing: true},
		},
		Rows: []row{
			{On: "apply", To: "asked", Does: []string{"charge"}, Why: "it is paid for when it is asked for"},
			{On: "complete", From: []string{"asked", "in_review"}, To: "in_review", Why: "now a clerk can decide"},
			{On: "grant", From: []string{"in_review"}, To: "granted", If: claimed, Why: "who has claimed it decides"},
			{On: "refuse", From: []string{"in_review"}, To: "refused", If: claimed, Why: "who has claimed it decides"},
			{On: "reopen", From: []string{"refused"}, To: "in_review", MovesFinal: true, Why: "a court may order it"},
			{On: "forget", From: []string{"asked"}, To: "withdrawn", Why: "others wait too"},
			{On: "archive", From: []string{"withdrawn"}, Note: "archived", Does: []string{"send", "charge"}, Why: "nobody needs the papers"},
			{On: "hold", From: all, Note: "held", Why: "a court wants the papers"},
			{On: "stamp", From: all[1:], Note: "stamped", If: claimed, Why: "it is read once more"},
		},
		Terms: []lifecycle.Term{{Name: "charge", Means: "the fee becomes due"}, {Name: "send", Means: "the archive gets a letter"}},
		Policies: []lifecycle.Policy{{ID: "PERMIT-2", Source: "the town", Says: "What is refused stays refused.", SetAside: "a court may order another look",
			Claims: []lifecycle.Claim{lifecycle.Never(lifecycle.From("refused").And(lifecycle.Pattern{Moves: true}))}},
			{ID: "PERMIT-3", Source: "the town", Says: "Papers are held by a clerk.", Claims: []lifecycle.Claim{
				lifecycle.Only(lifecycle.Noting("held"), lifecycle.OnlyBy("clerk")), lifecycle.AtMostOnce(lifecycle.On("apply"))}}},
	}
	for i := range 6 {
		def.Rows = append(def.Rows, row{On: fmt.Sprintf("work_%d", i), From: []string{"in_review"}, Note: fmt.Sprintf("worked_%d", i), Does: []string{"send"}, Why: "it is long"})
	}
	for _, r := range def.Rows {
		e := lifecycle.Event[string]{Name: r.On, Kind: lifecycle.Command, By: []string{"clerk"}, Means: "do it"}
		switch r.On {
		case "apply":
			e.Spelling = "Apply for a permit"
		case "hold":
			e.Spelling = "Put on hold"
		case "complete", "forget":
			e.Kind, e.Spelling = lifecycle.Report, r.On+"."+r.On
		}
		def.Events = append(def.Events, e)
	}
	return lifecycle.Must(def)
}

// account has no end.
func account() *lifecycle.Chart {
	state := func(name string) lifecycle.State[string, string] {
		return lifecycle.State[string, string]{Name: name, Means: "it is " + name, NoDeadline: "it waits for a person"}
	}
	event := func(name string) lifecycle.Event[string] {
		return lifecycle.Event[string]{Name: name, Kind: lifecycle.Command, By: []string{"person"}, Means: name}
	}
	return lifecycle.Must(lifecycle.ChartDefinition{
		Name: "account", Title: "Account", Doc: "An account that is used for as long as there is a bank.", NoEnd: "an account is closed by law, and not here",
		States: []lifecycle.State[string, string]{state("active"), state("suspended")},
		Events: []lifecycle.Event[string]{event("open"), event("take_over"), event("suspend"), event("resume"), event("look")},
		Rows: []lifecycle.Row[string, string, lifecycle.Vetoes]{
			{On: "open", To: "active", Why: "it is of use from the first day"},
			{On: "take_over", To: "suspended", Why: "somebody looks at it first"},
			{On: "suspend", From: []string{"active"}, To: "suspended", Why: "something is wrong"},
			{On: "resume", From: []string{"suspended"}, To: "active", Why: "it was not"},
			{On: "look", From: []string{"active", "suspended"}, Note: "looked_at", Why: "who reads an account is written down"},
		},
	})
}
