package export_test

import "github.com/kycle/kycle/lifecycle"

// The permit has what the door lacks: notes (eight in one status, some in every one, one in an
// absorbing one), spellings, a command that leaves a final status, and a policy that is set
// aside for it.
func permit() lifecycle.ChartDefinition {
	type row = lifecycle.Row[string, string, lifecycle.Vetoes]
	all := []string{"asked", "in_review", "granted", "refused", "withdrawn"}
	rules := func(all ...lifecycle.Rule[lifecycle.Vetoes]) []lifecycle.Rule[lifecycle.Vetoes] { return all }
	claimed := lifecycle.Open("nobody else has claimed it", "claimed_by_another")
	held := lifecycle.Open("it is held", "not_held")
	review := []string{"in_review"}
	return lifecycle.ChartDefinition{
		Name: "permit", Title: "Permit", Doc: "A permit that a clerk grants.",
		States: []lifecycle.State[string, string]{
			{Name: "asked", Spelling: "PENDING", Means: "nobody has looked at it", Deadline: "forget"},
			{Name: "in_review", Spelling: "In Review", Means: "a clerk must decide", NoDeadline: "it waits for a clerk"},
			{Name: "granted", Means: "it may be used", Final: true},
			{Name: "refused", Spelling: "Refused (final)", Means: "it may not", Final: true},
			{Name: "withdrawn", Spelling: "Withdrawn", Means: "nobody wants it", Final: true, Absorbing: true},
		},
		Events: []lifecycle.Event[string]{
			{Name: "apply", Kind: lifecycle.Command, By: []string{"applicant"}, Means: "ask for it", Spelling: "Apply for a permit"},
			{Name: "complete", Kind: lifecycle.Report, By: []string{"provider"}, Means: "the papers are there", Spelling: "papers.complete"},
			{Name: "grant", Kind: lifecycle.Command, By: []string{"clerk"}, Means: "allow it"},
			{Name: "refuse", Kind: lifecycle.Command, By: []string{"clerk"}, Means: "do not"},
			{Name: "withdraw", Kind: lifecycle.Command, By: []string{"applicant"}, Means: "want it no more"},
			{Name: "reopen", Kind: lifecycle.Command, By: []string{"judge"}, Means: "look at it again"},
			{Name: "forget", Kind: lifecycle.Report, By: []string{"clock"}, Means: "the papers never came"},
			{Name: "hold", Kind: lifecycle.Command, By: []string{"clerk"}, Means: "keep its papers", Spelling: "Put on hold"},
			{Name: "free", Kind: lifecycle.Command, By: []string{"clerk"}, Means: "keep them no longer"},
			{Name: "claim", Kind: lifecycle.Command, By: []string{"clerk"}, Means: "work on it"},
			{Name: "release", Kind: lifecycle.Command, By: []string{"clerk"}, Means: "work on it no more"},
			{Name: "hand_on", Kind: lifecycle.Command, By: []string{"clerk"}, Means: "let somebody else"},
			{Name: "ask_back", Kind: lifecycle.Command, By: []string{"clerk"}, Means: "ask the applicant"},
			{Name: "answer", Kind: lifecycle.Report, By: []string{"provider"}, Means: "the applicant answered"},
			{Name: "lapse", Kind: lifecycle.Report, By: []string{"clock"}, Means: "its time is over"},
			{Name: "archive", Kind: lifecycle.Command, By: []string{"system"}, Means: "put the papers away"},
			{Name: "end", Kind: lifecycle.Command, By: []string{"clerk"}, Means: "its use has ended"},
		},
		Rows: []row{
			{On: "apply", To: "asked", Does: []string{"charge"}, Why: "it is paid for when it is asked for"},
			{On: "complete", From: []string{"asked"}, To: "in_review", Why: "now a clerk can decide"},
			{On: "grant", From: review, To: "granted", If: rules(claimed), Why: "who has claimed it decides"},
			{On: "refuse", From: review, To: "refused", If: rules(claimed), Why: "who has claimed it decides"},
			{On: "withdraw", From: []string{"asked", "in_review"}, To: "withdrawn", Why: "it was never used"},
			{On: "reopen", From: []string{"refused"}, To: "in_review", MovesFinal: true, Why: "a court may order it"},
			{On: "forget", From: []string{"asked"}, To: "withdrawn", Why: "others wait too"},
			{On: "hold", From: all, Note: "held", Does: []string{"send"}, Why: "a court wants its papers"},
			{On: "free", From: all, Note: "freed", If: rules(held), Why: "and wants them no longer"},
			{On: "claim", From: review, Note: "claimed", If: rules(claimed), Why: "two clerks do not work on one case"},
			{On: "release", From: review, Note: "released", Why: "somebody else may"},
			{On: "hand_on", From: review, Note: "handed_on", If: rules(claimed), Does: []string{"send"}, Why: "a colleague knows better"},
			{On: "ask_back", From: review, Note: "asked_back", Does: []string{"send"}, Why: "something is unclear"},
			{On: "answer", From: review, Note: "answered", Why: "it is clear now"},
			{On: "lapse", From: []string{"granted"}, Note: "lapsed", Why: "a permit holds for a year"},
			{On: "archive", From: []string{"withdrawn"}, Note: "archived", Does: []string{"send"}, Why: "nobody needs them"},
			{On: "end", From: []string{"granted", "refused", "withdrawn"}, Note: "ended", Why: "the papers are kept from here on"},
		},
		Terms: []lifecycle.Term{{Name: "charge", Means: "the fee becomes due"}, {Name: "send", Means: "the archive gets a letter"}},
		Policies: []lifecycle.Policy{
			{ID: "PERMIT-1", Source: "the town", Says: "What is withdrawn stays withdrawn.", Claims: []lifecycle.Claim{lifecycle.Absorbing("withdrawn")}},
			{ID: "PERMIT-2", Source: "the town", Says: "What is refused stays refused.",
				Claims: []lifecycle.Claim{lifecycle.Never(lifecycle.From("refused").And(lifecycle.Pattern{Moves: true}))}, SetAside: "a court may order another look"},
			{ID: "PERMIT-3", Source: "the town", Says: "Papers are held by a clerk.", Claims: []lifecycle.Claim{lifecycle.Only(lifecycle.Noting("held"), lifecycle.OnlyBy("clerk"))}},
		},
	}
}

// account has no end, and two ways to begin.
func account() lifecycle.ChartDefinition {
	return lifecycle.ChartDefinition{
		Name: "account", Title: "Account", Doc: "An account that is used for as long as there is a bank.", NoEnd: "an account is closed by law, and not here",
		States: []lifecycle.State[string, string]{
			{Name: "active", Means: "it may be used", NoDeadline: "nobody ends it"},
			{Name: "suspended", Means: "it may not", NoDeadline: "it waits for a person"},
		},
		Events: []lifecycle.Event[string]{
			{Name: "open", Kind: lifecycle.Command, By: []string{"person"}, Means: "begin"},
			{Name: "take_over", Kind: lifecycle.Command, By: []string{"system"}, Means: "another bank had it"},
			{Name: "suspend", Kind: lifecycle.Command, By: []string{"person"}, Means: "stop it"},
			{Name: "resume", Kind: lifecycle.Command, By: []string{"person"}, Means: "let it go on"},
			{Name: "look", Kind: lifecycle.Command, By: []string{"person"}, Means: "read it"},
		},
		Rows: []lifecycle.Row[string, string, lifecycle.Vetoes]{
			{On: "open", To: "active", Why: "it is of use from the first day"},
			{On: "take_over", To: "suspended", Why: "somebody looks at it first"},
			{On: "suspend", From: []string{"active"}, To: "suspended", Why: "something is wrong"},
			{On: "resume", From: []string{"suspended"}, To: "active", Why: "it was not"},
			{On: "look", From: []string{"active", "suspended"}, Note: "looked_at", Why: "who reads an account is written down"},
		},
	}
}

var (
	permits  = lifecycle.Must(permit()).Chart()
	accounts = lifecycle.Must(account()).Chart()
)
