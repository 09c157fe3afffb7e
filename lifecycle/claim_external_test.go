package lifecycle_test

import (
	"strings"
	"testing"

	"github.com/kycle/kycle/lifecycle"
)

// judgement is what a machine's table makes of a claim.
type judgement struct {
	name, why string
	claim     lifecycle.Claim
	path      string // the witness; "": the claim holds
	text      string // what is wrong; "": the claim holds
}

func (j judgement) judge(t *testing.T, m *machine) {
	t.Run(j.name, func(t *testing.T) {
		breaches := m.Broken(lifecycle.Policy{ID: "D-1", Source: "lease", Says: "so", Claims: []lifecycle.Claim{j.claim}})
		if j.text == "" {
			if len(breaches) > 0 {
				t.Errorf("it should hold: %s\n%v", j.why, breaches)
			}
			return
		}
		if len(breaches) != 1 || breaches[0].Text != j.text {
			t.Fatalf("got %v, want %q (%s)", breaches, j.text, j.why)
		}
		if b := breaches[0]; j.path == "" && b.Path != nil || j.path != "" && b.Path.String() != j.path {
			t.Errorf("got the path %s, want %s", b.Path, j.path)
		}
	})
}

// Each claim is told of a door that keeps it, or of one that does not, with the path that
// shows it.
var claims = []judgement{
	{"offers", "a promise kept", lifecycle.Offers(lifecycle.On("remove").And(lifecycle.From("shut", "ajar"))), "", ""},
	{"offers a birth", "from wherever it is", lifecycle.Offers(lifecycle.On("hang")), "", ""},
	{"offers nowhere", "nothing is pushed away", lifecycle.Offers(lifecycle.On("push").And(lifecycle.To("gone"))), "", "there is no such step of push"},
	{"offers too much", "lost doors cannot be taken out", lifecycle.Offers(lifecycle.On("remove").And(lifecycle.From("shut", "lost"))),
		"hang → shut [charge], decay → lost", `remove has no such step from "lost"`},
	{"offers something else", "it is offered without the refund", lifecycle.Offers(lifecycle.On("remove").And(lifecycle.From("shut", "ajar")).And(lifecycle.Doing("refund"))),
		"hang → shut [charge], push → ajar", `remove has no such step from "ajar"`},
	{"never", "nothing leaves a door that is gone", lifecycle.Never(lifecycle.From("gone")), "", ""},
	{"never, by all fields", "one that matches all of them", lifecycle.Never(lifecycle.On("seen_ajar").And(lifecycle.OfKind(lifecycle.Report)).And(lifecycle.By("provider")).
		And(lifecycle.From("lost")).And(lifecycle.To("ajar")).And(lifecycle.Guarded("older", "closed")).And(lifecycle.Doing("note"))),
		"hang → shut [charge], decay → lost, seen_ajar → ajar [note]", "the last step is such a step"},
	{"never, kind", "no command is made by a provider", lifecycle.Never(lifecycle.OfKind(lifecycle.Command).And(lifecycle.By("provider"))), "", ""},
	{"never, all rules", "no row asks all of them", lifecycle.Never(lifecycle.On("push").And(lifecycle.Guarded("closed", "older"))), "", ""},
	{"only", "refunds come from a removal", lifecycle.Only(lifecycle.Doing("refund"), lifecycle.On("remove")), "", ""},
	{"only, two ways", "either will do", lifecycle.Only(lifecycle.To("ajar"), lifecycle.On("push"), lifecycle.On("seen_ajar")), "", ""},
	{"only, broken", "it is also seen ajar", lifecycle.Only(lifecycle.To("ajar"), lifecycle.On("push")), "hang → shut [charge], seen_ajar → ajar [note]", "the last step is not one of those"},
	{"only, of nothing", "it would hold of anything", lifecycle.Only(lifecycle.On("wind"), lifecycle.To("gone")), "", "there is no such step as wind, so nothing is claimed"},
	{"only by", "who else might", lifecycle.Only(lifecycle.On("push"), lifecycle.OnlyBy("person")), "", ""},
	{"only by, broken", "the system removes too", lifecycle.Only(lifecycle.On("push", "remove"), lifecycle.OnlyBy("person", "clock")),
		"hang → shut [charge], remove → gone [refund]", "the last step is not one of those"},
	{"into", "a stay is no entry", lifecycle.Only(lifecycle.Into("ajar"), lifecycle.On("push"), lifecycle.Doing("note")), "", ""},
	{"into, broken", "seen ajar from shut", lifecycle.Only(lifecycle.Into("ajar"), lifecycle.On("push")), "hang → shut [charge], seen_ajar → ajar [note]", "the last step is not one of those"},
	{"a stay has no effects", "the note is taken of a move only", lifecycle.Never(lifecycle.From("ajar").And(lifecycle.Doing("note"))), "", ""},
	{"must pass", "lost by decay, or seen before", lifecycle.MustPass(lifecycle.To("lost"), lifecycle.On("decay")), "", ""},
	{"must pass, broken", "removed without having been open", lifecycle.MustPass(lifecycle.To("gone"), lifecycle.To("ajar")),
		"hang → shut [charge], remove → gone [refund]", "nothing of the kind came before the last step"},
	{"must pass, itself", "the step may be the one to pass", lifecycle.MustPass(lifecycle.Doing("note"), lifecycle.To("ajar")), "", ""},
	{"precedes", "a refund gives back what was charged", lifecycle.Precedes(lifecycle.Doing("charge"), lifecycle.Doing("refund")), "", ""},
	{"precedes, not itself", "the first note has none before it", lifecycle.Precedes(lifecycle.Doing("note"), lifecycle.Doing("note")),
		"hang → shut [charge], seen_ajar → ajar [note]", "nothing of the kind came before the last step"},
	{"at most once", "it is hung once", lifecycle.AtMostOnce(lifecycle.Doing("charge")), "", ""},
	{"at most once, broken", "a stay counts", lifecycle.AtMostOnce(lifecycle.On("seen_ajar")),
		"hang → shut [charge], seen_ajar → ajar [note], seen_ajar → ajar", "the last step is the second of its kind"},
	{"absorbing", "gone is gone", lifecycle.Absorbing("gone"), "", ""},
	{"absorbing, broken", "lost is found again", lifecycle.Absorbing("gone", "lost"), "hang → shut [charge], decay → lost, seen_ajar → ajar [note]", "the last step acts on it"},
	{"frozen after", "whatever comes after decay can be vetoed", lifecycle.FrozenAfter(lifecycle.On("decay"), "older"), "", ""},
	{"frozen after, broken", "a removal asks nobody", lifecycle.FrozenAfter(lifecycle.On("push"), "older"), "hang → shut [charge], push → ajar, remove → gone [keep]", "the rule older cannot stop the last step"},
	{"frozen again and again", "decayed, found and decayed: each time", lifecycle.FrozenAfter(lifecycle.On("push", "seen_ajar"), "older"),
		"hang → shut [charge], push → ajar, remove → gone [keep]", "the rule older cannot stop the last step"},
	{"ends by the clock, of nothing", "it would hold of anything", lifecycle.EndsByClock("shut", "ajar"), "", "every status that is not final is left out, so nothing is claimed"},
	{"ends by the clock", "but for the one that waits", lifecycle.EndsByClock("ajar"), "", ""},
	{"ends by the clock, broken", "ajar waits for a person", lifecycle.EndsByClock[string](), "hang → shut [charge], push → ajar", `no deadline ends "ajar"`},
	{"ends without the clock", "it can be taken out", lifecycle.EndsWithoutClock(), "", ""},
	{"no single actor", "a provider pushes no door", lifecycle.NoSingleActor(lifecycle.On("push"), lifecycle.On("seen_ajar"), ""), "", ""},
	{"no single actor, broken", "a person does both", lifecycle.NoSingleActor(lifecycle.On("hang"), lifecycle.On("push"), ""),
		"hang → shut [charge], push → ajar", "one person may bring both steps, the last as the second of them"},
	{"no single actor, by a rule", "the rule sees to it", lifecycle.NoSingleActor(lifecycle.On("hang"), lifecycle.On("push"), "closed"), "", ""},
	{"no single actor, another rule", "that one does not guard it", lifecycle.NoSingleActor(lifecycle.On("hang"), lifecycle.On("push"), "older"),
		"hang → shut [charge], push → ajar", "one person may bring both steps, the last as the second of them, and the rule older cannot stop it"},
	{"no single actor, the other order", "a person's push comes before the removal, and is not measured", lifecycle.NoSingleActor(lifecycle.On("decay", "remove"), lifecycle.On("seen_ajar", "push"), ""), "", ""},
	{"no single actor, later", "the checker need not come at once", lifecycle.NoSingleActor(lifecycle.On("decay"), lifecycle.On("remove"), ""), "", ""},
	{"no single actor, swapped", "it would hold of anything", lifecycle.NoSingleActor(lifecycle.On("remove"), lifecycle.On("push"), ""), "", "there is never push after remove, so nothing is claimed"},
	{"no single actor, once", "one step is not two", lifecycle.NoSingleActor(lifecycle.On("push"), lifecycle.On("push"), "closed"), "", "there is never push after push, so nothing is claimed"},
	{"frozen after the end", "it would hold of anything", lifecycle.FrozenAfter(lifecycle.On("remove"), "older"), "", "nothing but notes ever comes after remove, so nothing is claimed"},
	{"frozen after nothing", "there is no such step", lifecycle.FrozenAfter(lifecycle.From("gone"), "older"), "", "there is no such step as any step from gone, so nothing is claimed"},
	{"only itself", "it would hold of anything", lifecycle.Only(lifecycle.On("push"), lifecycle.On("remove"), lifecycle.On("push")), "", "it is measured by the very steps that it is about, so nothing is claimed"},
	{"must pass itself", "it would hold of anything", lifecycle.MustPass(lifecycle.To("gone"), lifecycle.To("gone")), "", "it is measured by the very steps that it is about, so nothing is claimed"},
	{"no single actor, of nobody", "there is no such checker", lifecycle.NoSingleActor(lifecycle.On("hang"), lifecycle.On("push").And(lifecycle.From("gone")), ""),
		"", "there is no such step as push from gone, so nothing is claimed"},
	{"labelled", "exactly there", lifecycle.Labelled("drafty", "ajar"), "", ""},
	{"labelled, too much", "ajar is one too", lifecycle.Labelled("drafty", "shut"), "hang → shut [charge]", `"shut" does not carry it`},
	{"labelled, too little", "nothing is", lifecycle.Labelled[string]("drafty"), "hang → shut [charge], push → ajar", `"ajar" carries it`},
	{"unknown names", "a misspelt claim would hold of anything", lifecycle.Never(lifecycle.On("pusch").And(lifecycle.From("shot")).And(lifecycle.To("agar")).And(lifecycle.Guarded("olde")).And(lifecycle.Doing("nota"))),
		"", `the table does not have event "pusch", state "shot", state "agar", rule "olde", effect "nota"`},
	{"unknown label", "the same", lifecycle.Labelled("windy", "ajar"), "", `the table does not have label "windy"`},
	{"unlabelled", "the rest is left open", lifecycle.Unlabelled("drafty", "shut", "gone"), "", ""},
	{"unlabelled, broken", "ajar is drafty", lifecycle.Unlabelled("drafty", "shut", "ajar"), "hang → shut [charge], push → ajar", `"ajar" carries it`},
	{"unlabelled, unknown label", "the same", lifecycle.Unlabelled("windy", "ajar"), "", `the table does not have label "windy"`},
	{"unlabelled, no states", "nothing is claimed", lifecycle.Unlabelled[string]("drafty"), "", "it names no states"},
	{"unlabelled, unknown state", "the same", lifecycle.Unlabelled("drafty", "done"), "", `the table does not have state "done"`},
	{"unlabelled, no label", "read from a file", lifecycle.Unlabelled("", "shut"), "", "a claim of its kind names a word exactly where it needs one"},
	{"a label is no effect", "it would be claimed of nothing", lifecycle.Never(lifecycle.Doing("drafty")), "", `the table does not have effect "drafty"`},
	{"an effect is no label", "the same", lifecycle.Labelled[string]("note"), "", `the table does not have label "note"`},
	{"unknown rule", "the same", lifecycle.FrozenAfter(lifecycle.On("push"), "newer"), "", `the table does not have rule "newer"`},
	{"unknown state", "the same", lifecycle.Absorbing("done"), "", `the table does not have state "done"`},
	{"unknown event to measure by", "the same", lifecycle.MustPass(lifecycle.To("gone"), lifecycle.On("pusch")), "", `the table does not have event "pusch"`},
	{"no kind", "read from a file", lifecycle.Claim{}, "", `there is no claim of the kind ""`},
	{"no steps", "read from a file", lifecycle.Claim{Kind: lifecycle.ClaimNever}, "", "it does not say which steps it is about, or is about states"},
	{"needless steps", "read from a file", lifecycle.Claim{Kind: lifecycle.ClaimAbsorbing, Of: &lifecycle.Pattern{}}, "", "it does not say which steps it is about, or is about states"},
	{"nothing to measure by", "read from a file", lifecycle.Only(lifecycle.On("push")), "", "it is measured by 0 patterns, where there can be 1 to 100"},
	{"too much to measure by", "read from a file", lifecycle.Claim{Kind: lifecycle.ClaimNever, Of: &lifecycle.Pattern{}, With: []lifecycle.Pattern{{}}}, "", "it is measured by 1 patterns, where there can be 0 to 0"},
	{"needless states", "read from a file", lifecycle.Claim{Kind: lifecycle.ClaimNever, Of: &lifecycle.Pattern{}, States: []string{"gone"}}, "", "a claim of its kind leaves out no states"},
	{"states left out without a clock", "it would read as if they were not", lifecycle.Claim{Kind: lifecycle.ClaimEventuallyFinal, States: []string{"ajar"}}, "", "a claim of its kind leaves out no states"},
	{"no states", "nothing is absorbing", lifecycle.Absorbing[string](), "", "it names no states"},
	{"no record as a state", "it is none", lifecycle.Absorbing(""), "", `the table does not have state ""`},
	{"needless word", "read from a file", lifecycle.Claim{Kind: lifecycle.ClaimNever, Of: &lifecycle.Pattern{}, Word: "older"}, "", "a claim of its kind names a word exactly where it needs one"},
	{"no word", "nothing would guard", lifecycle.FrozenAfter(lifecycle.On("push"), ""), "", "a claim of its kind names a word exactly where it needs one"},
	{"needless clock", "read from a file", lifecycle.Claim{Kind: lifecycle.ClaimNever, Of: &lifecycle.Pattern{}, Clock: true}, "", "a claim of its kind is not about the clock"},
	{"no kind of event", "a misspelt claim would hold of anything", lifecycle.Never(lifecycle.OfKind("comand")), "", `there is no kind of event "comand"`},
	{"unknown actors", "the same", lifecycle.Never(lifecycle.By("porter").And(lifecycle.OnlyBy("owner"))), "", `the table does not have kind of actor "porter", kind of actor "owner"`},
	{"nothing is both", "it would hold of anything", lifecycle.Never(lifecycle.On("push").And(lifecycle.On("remove"))), "", "no step matches both sides of an And: on"},
	{"nothing is of both kinds", "the same", lifecycle.Never(lifecycle.OfKind(lifecycle.Command).And(lifecycle.OfKind(lifecycle.Report))), "", "no step matches both sides of an And: kind"},
	{"an event of the other kind", "it would hold of anything, and read as if nothing did it", lifecycle.Never(lifecycle.On("push").And(lifecycle.OfKind(lifecycle.Report))), "", "no step matches push, as a report: none of its events is a report"},
	{"to measure by, of the other kind", "the same", lifecycle.MustPass(lifecycle.To("gone"), lifecycle.To("ajar"), lifecycle.Pattern{On: []string{"decay", "wind"}, Kind: lifecycle.Command}),
		"", "no step matches decay or wind, as a command: none of its events is a command"},
	{"one event of the kind", "the pattern narrows", lifecycle.Never(lifecycle.On("push", "seen_ajar").And(lifecycle.OfKind(lifecycle.Report)).And(lifecycle.From("shut"))),
		"hang → shut [charge], seen_ajar → ajar [note]", "the last step is such a step"},
	{"an unknown event of a kind", "that it is misspelt says more", lifecycle.Never(lifecycle.On("pusch").And(lifecycle.OfKind(lifecycle.Report))), "", `the table does not have event "pusch"`},
	{"a move to where it is", "it would hold of anything", lifecycle.Never(lifecycle.Into("ajar").And(lifecycle.From("ajar"))), "", `no step matches a move from "ajar" to itself`},
	{"a move to where it is, told twice", "the same", lifecycle.Never(lifecycle.Into("ajar", "ajar").And(lifecycle.From("ajar", "ajar"))), "", `no step matches a move from "ajar" to itself`},
	{"a move from one of two", "from the other one it is a move", lifecycle.Never(lifecycle.Into("ajar").And(lifecycle.From("ajar", "shut"))), "hang → shut [charge], push → ajar", "the last step is such a step"},
	{"a move to one of two", "to the other one it is a move", lifecycle.Never(lifecycle.Into("ajar", "gone").And(lifecycle.From("ajar"))), "hang → shut [charge], push → ajar, remove → gone [keep]", "the last step is such a step"},
	{"a move from anywhere", "it names one state alone", lifecycle.Never(lifecycle.Into("shut")), "hang → shut [charge]", "the last step is such a step"},
	{"a move to anywhere", "the same", lifecycle.Never(lifecycle.Pattern{Moves: true, From: []string{"ajar"}}), "hang → shut [charge], push → ajar, remove → gone [keep]", "the last step is such a step"},
	{"a stay", "it is no move", lifecycle.Never(lifecycle.To("ajar").And(lifecycle.From("ajar"))), "hang → shut [charge], push → ajar, seen_ajar → ajar", "the last step is such a step"},
	{"two lists of actors", "they have no common form", lifecycle.Never(lifecycle.By("person").And(lifecycle.By("system", "clock"))), "",
		"a pattern has one list of who may bring its steps, and this one has more (person, and by system or clock): name the events instead"},
	{"one list of actors twice", "it is its own common form", lifecycle.Never(lifecycle.By("provider").And(lifecycle.By("provider")).And(lifecycle.From("lost"))),
		"hang → shut [charge], decay → lost, seen_ajar → ajar [note]", "the last step is such a step"},
	{"a list of actors within the other", "it says all", lifecycle.Never(lifecycle.By("provider", "clock").And(lifecycle.By("provider")).And(lifecycle.From("lost"))),
		"hang → shut [charge], decay → lost, seen_ajar → ajar [note]", "the last step is such a step"},
	{"a list of actors around the other", "it adds nothing", lifecycle.Never(lifecycle.By("provider").And(lifecycle.By("provider", "clock")).And(lifecycle.From("lost"))),
		"hang → shut [charge], decay → lost, seen_ajar → ajar [note]", "the last step is such a step"},
	{"a clash within a join", "it is not lost", lifecycle.Never(lifecycle.From("shut").And(lifecycle.To("gone").And(lifecycle.To("ajar")))), "", "no step matches both sides of an And: to"},
	{"what both lists name", "an And narrows", lifecycle.Never(lifecycle.On("push", "remove").And(lifecycle.On("remove", "decay")).And(lifecycle.From("shut"))),
		"hang → shut [charge], remove → gone [refund]", "the last step is such a step"},
	{"all of both", "rules and effects add up", lifecycle.Never(lifecycle.Guarded("older").And(lifecycle.Guarded("closed")).And(lifecycle.Doing("note")).And(lifecycle.Doing("charge"))), "", ""},
	{"offers what", "read from a file", lifecycle.Offers(lifecycle.From("shut")), "", "it does not say which events are offered"},
}

func TestEveryKindOfClaimIsJudged(t *testing.T) {
	seen := map[lifecycle.ClaimKind]bool{}
	for _, tc := range claims {
		seen[tc.claim.Kind] = true
		tc.judge(t, doors)
	}
	if len(seen) != 12+1 { // and the empty one
		t.Errorf("the cases have %d kinds", len(seen))
	}
}

// A breach is read by people who have never seen a table.
func TestABreachReadsAsAnExplanation(t *testing.T) {
	policy := lifecycle.Policy{ID: "D-7", Source: "lease, page 2", Says: "Nothing is owed back once the door was open.", Claims: []lifecycle.Claim{
		lifecycle.Never(lifecycle.From("ajar").And(lifecycle.Doing("keep")))}}
	want := `D-7: "Nothing is owed back once the door was open." (lease, page 2) is broken
    claimed: there is never any step from ajar doing keep
    but: the last step is such a step
    for example: hang → shut [charge], push → ajar, remove → gone [keep]`
	if got := doors.Broken(policy)[0].String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// Claims stand on the generated page: no two of the cases read alike, and none is empty.
func TestEveryClaimReadsAsASentence(t *testing.T) {
	for _, tc := range []struct {
		claim lifecycle.Claim
		want  string
	}{
		{lifecycle.Offers(lifecycle.On("remove").And(lifecycle.From("shut", "ajar"))), "remove can happen from shut or ajar"},
		{lifecycle.Never(lifecycle.OfKind(lifecycle.Report).And(lifecycle.By("clock")).And(lifecycle.To("gone"))), "there is never any report by clock to gone"},
		{lifecycle.Only(lifecycle.Doing("refund", "note"), lifecycle.On("remove"), lifecycle.From("")), "any step doing refund and note: only remove; or from no record"},
		{lifecycle.MustPass(lifecycle.To("gone"), lifecycle.To("ajar")), "any step to gone: only after, or as, any step to ajar"},
		{lifecycle.Precedes(lifecycle.Doing("charge"), lifecycle.Doing("refund")), "any step doing charge: comes before any step doing refund"},
		{lifecycle.Only(lifecycle.Into("gone"), lifecycle.OnlyBy("person", "system")), "any step into gone: only by person or system alone"},
		{lifecycle.Only(lifecycle.On("remove"), lifecycle.Doing("keep"), lifecycle.From("shut").And(lifecycle.Doing("refund"))), "remove: only steps doing keep; or steps from shut doing refund"},
		{lifecycle.Only(lifecycle.On("decay"), lifecycle.Guarded("older")), "decay: only steps that the rule older can stop"},
		{lifecycle.AtMostOnce(lifecycle.Guarded("older", "closed")), "any step that the rules older and closed can stop: at most once"},
		{lifecycle.Never(lifecycle.On("push").And(lifecycle.OfKind(lifecycle.Report)).And(lifecycle.To("ajar"))), "there is never push, as a report to ajar"},
		{lifecycle.Offers(lifecycle.On("push", "remove").And(lifecycle.OfKind(lifecycle.Command))), "push or remove, as a command can happen"},
		{lifecycle.AtMostOnce(lifecycle.Guarded("older").And(lifecycle.Guarded("older"))), "any step that the rule older can stop: at most once"},
		{lifecycle.AtMostOnce(lifecycle.Guarded("older", "closed").And(lifecycle.Guarded("closed", "locked"))), "any step that the rules older and closed and locked can stop: at most once"},
		{lifecycle.AtMostOnce(lifecycle.Doing("charge").And(lifecycle.Doing("note", "charge"))), "any step doing charge and note: at most once"},
		{lifecycle.AtMostOnce(lifecycle.By("person").And(lifecycle.By("system")).And(lifecycle.By("system"))), "any step by person, and by system: at most once"},
		{lifecycle.AtMostOnce(lifecycle.By("person").And(lifecycle.By("system").And(lifecycle.By("person")))), "any step by person, and by system: at most once"},
		{lifecycle.AtMostOnce(lifecycle.By("person").And(lifecycle.By("system")).And(lifecycle.By("clock"))), "any step by person, and by system, and by clock: at most once"},
		{lifecycle.AtMostOnce(lifecycle.Pattern{Moves: true}), "any step to another status: at most once"},
		{lifecycle.Never(lifecycle.Pattern{On: []string{"push"}, Moves: true}), "there is never push to another status"},
		{lifecycle.Never(lifecycle.By("person", "system").And(lifecycle.By("clock"))), "there is never any step by person or system, and by clock"},
		{lifecycle.Absorbing("gone", "lost"), "nothing moves gone or lost"},
		{lifecycle.FrozenAfter(lifecycle.On("push"), "older"), "after push: nothing, while the rule older stops it"},
		{lifecycle.EndsByClock("ajar"), "deadlines alone end every status but ajar"},
		{lifecycle.EndsByClock[string](), "deadlines alone end every status"},
		{lifecycle.EndsWithoutClock(), "every status can come to an end without a deadline"},
		{lifecycle.NoSingleActor(lifecycle.On("hang"), lifecycle.On("push"), ""), "nobody brings both hang and, later, push"},
		{lifecycle.NoSingleActor(lifecycle.On("hang"), lifecycle.On("push"), "closed"), "nobody brings both hang and, later, push, or the rule closed can stop the second"},
		{lifecycle.Labelled("drafty", "ajar"), "drafty holds in exactly ajar"},
		{lifecycle.Labelled[string]("drafty"), "drafty holds nowhere"},
		{lifecycle.Unlabelled("drafty", "shut", "gone"), "drafty never holds in shut or gone"},
		{lifecycle.Never(lifecycle.Noting("painted", "creaked").And(lifecycle.From("shut"))), "there is never any step from shut noting painted or creaked"},
		{lifecycle.AtMostOnce(lifecycle.Noting("painted").And(lifecycle.Doing("charge"))), "any step noting painted doing charge: at most once"},
		{lifecycle.Only(lifecycle.Noting("painted"), lifecycle.OnlyBy("person")), "any step noting painted: only by person alone"},
		{lifecycle.Claim{Kind: "ofers"}, `a claim of the unknown kind "ofers"`},
	} {
		if got := tc.claim.String(); got != tc.want {
			t.Errorf("got %q, want %q", got, tc.want)
		}
	}
}

// A definition that breaks its own policy is not constructed, and the error is the
// explanation.
func TestNewRefusesABrokenPolicy(t *testing.T) {
	def := door()
	def.Policies = []lifecycle.Policy{{ID: "D-1", Source: "lease", Says: "Doors stay.", Claims: []lifecycle.Claim{lifecycle.Never(lifecycle.To("gone"))}}}
	_, err := lifecycle.New(def)
	if err == nil || !strings.Contains(err.Error(), "for example: hang → shut [charge], remove → gone [refund]") {
		t.Errorf("got the error %v, want one with the shortest path to gone", err)
	}
	def.Policies[0].Claims = []lifecycle.Claim{lifecycle.Absorbing("gone")}
	if _, err := lifecycle.New(def); err != nil {
		t.Error(err)
	}
}

// What only a clock ends is a patience, not an end, whichever status it is the deadline of.
func TestEndsWithoutClockLeavesDeadlinesOut(t *testing.T) {
	def := changed(t, door, func(d *definition) { // decay takes both, and nobody takes out what is ajar
		rowOf(d, "seen_ajar", "shut").From = []state{"shut", "ajar"}
		rowOf(d, "decay", "shut").From = []state{"shut", "ajar"}
		dropRow(d, "remove", "ajar")
	})
	ask := func(c lifecycle.Claim) string {
		all := ""
		for _, b := range lifecycle.Must(def).Broken(lifecycle.Policy{Claims: []lifecycle.Claim{c}}) {
			all += b.Text + ": " + b.Path.String()
		}
		return all
	}
	const path = ": hang → shut [charge], push → ajar"
	if got := ask(lifecycle.EndsWithoutClock()); got != `without a deadline nothing ends "ajar"`+path {
		t.Errorf("the deadline of shut alone ends ajar: %q", got)
	}
	if got := ask(lifecycle.EndsByClock[string]()); got != `no deadline ends "ajar"`+path {
		t.Errorf("the clock makes nothing of what is ajar: %q", got)
	}
	ajar := stateOf(&def, "ajar")
	ajar.NoDeadline, ajar.Deadline = "", "decay"
	if got := ask(lifecycle.EndsWithoutClock()); got != `without a deadline nothing ends "ajar"`+path {
		t.Errorf("its own deadline alone ends ajar: %q", got)
	}
	if got := ask(lifecycle.EndsByClock[string]()); got != "" {
		t.Errorf("its own deadline ends ajar: %q", got)
	}
}

// A second such step out of the state that the first has frozen leads to a state of its
// own, and that one has to be frozen too.
func TestFrozenAfterLooksBehindEverySuchStep(t *testing.T) {
	def := changed(t, door, func(d *definition) {
		rowOf(d, "seen_ajar", "shut").From = []state{"shut", "ajar"} // asks older and closed
		rowOf(d, "decay", "shut").From = []state{"ajar"}             // asks older
		dropRow(d, "remove", "ajar")
		d.Rows = append(d.Rows, row{On: "remove", From: []state{"lost"}, To: "gone", Why: "it asks nobody"})
		stateOf(d, "shut").Deadline, stateOf(d, "shut").NoDeadline = "", "it waits"
		stateOf(d, "lost").Final, stateOf(d, "lost").NoDeadline = false, "it waits"
	})
	claim := lifecycle.FrozenAfter(lifecycle.On("push", "seen_ajar", "decay"), "older")
	found := lifecycle.Must(def).Broken(lifecycle.Policy{Claims: []lifecycle.Claim{claim}})
	if len(found) != 1 || !strings.HasSuffix(found[0].Path.String(), "→ ajar, decay → lost, remove → gone") {
		t.Errorf("got %v, want the removal out of lost", found)
	}
}
