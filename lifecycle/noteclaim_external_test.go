package lifecycle_test

import (
	"strings"
	"testing"

	"github.com/kycle/kycle/lifecycle"
)

// The claims of the noted door: a note is a step that leads nowhere.
var noteClaims = []judgement{
	{"to", "a note leads nowhere, not even to where it is made", lifecycle.Never(lifecycle.On("paint").And(lifecycle.To("shut"))), "", ""},
	{"into", "nor into another state", lifecycle.Never(lifecycle.On("creak").And(lifecycle.Into("ajar", "lost"))), "", ""},
	{"moves", "it moves nothing", lifecycle.Never(lifecycle.Pattern{On: []string{"paint"}, Moves: true}), "", ""},
	{"a stay for comparison", "it is matched by To", lifecycle.Never(lifecycle.On("seen_ajar").And(lifecycle.From("ajar")).And(lifecycle.To("ajar"))),
		"hang → shut [charge], push → ajar, seen_ajar → ajar", "the last step is such a step"},
	{"from", "it is made somewhere", lifecycle.Never(lifecycle.On("paint").And(lifecycle.From("lost"))),
		"hang → shut [charge], decay → lost, paint: painted [charge]", "the last step is such a step"},
	{"on", "it has an event", lifecycle.Never(lifecycle.On("propose")), "hang → shut [charge], push → ajar, propose: proposed", "the last step is such a step"},
	{"of a kind", "a command's", lifecycle.Never(lifecycle.OfKind(lifecycle.Command).And(lifecycle.From("gone"))),
		"hang → shut [charge], remove → gone [refund], paint: painted [charge]", "the last step is such a step"},
	{"of the other kind", "or a report's", lifecycle.Never(lifecycle.OfKind(lifecycle.Report).And(lifecycle.Noting("creaked"))),
		"hang → shut [charge], push → ajar, creak: creaked [note]", "the last step is such a step"},
	{"by", "somebody makes it", lifecycle.Never(lifecycle.By("system").And(lifecycle.From("gone"))),
		"hang → shut [charge], remove → gone [refund], paint: painted [charge]", "the last step is such a step"},
	{"only by", "nobody else", lifecycle.Only(lifecycle.Noting("painted"), lifecycle.OnlyBy("person", "system")), "", ""},
	{"only by, broken", "the system paints too", lifecycle.Only(lifecycle.Noting("painted"), lifecycle.OnlyBy("person")),
		"hang → shut [charge], paint: painted [charge]", "the last step is not one of those"},
	{"guarded", "rules stop notes", lifecycle.Only(lifecycle.Noting("proposed", "creaked"), lifecycle.Guarded("closed"), lifecycle.Guarded("older")), "", ""},
	{"guarded, broken", "nothing stops the painter", lifecycle.Only(lifecycle.OfKind(lifecycle.Command).And(lifecycle.From("gone")), lifecycle.Guarded("closed")),
		"hang → shut [charge], remove → gone [refund], paint: painted [charge]", "the last step is not one of those"},
	{"doing", "a note has effects", lifecycle.Only(lifecycle.Doing("charge"), lifecycle.On("hang")),
		"hang → shut [charge], paint: painted [charge]", "the last step is not one of those"},
	{"noting", "by its word", lifecycle.Never(lifecycle.Noting("creaked").And(lifecycle.From("lost"))),
		"hang → shut [charge], decay → lost, creak: creaked [note]", "the last step is such a step"},
	{"noting, elsewhere", "no other word is meant", lifecycle.Never(lifecycle.Noting("painted", "creaked").And(lifecycle.On("propose"))), "", ""},
	{"noting no move", "a move has no word", lifecycle.Never(lifecycle.Noting("painted").And(lifecycle.On("hang", "push"))), "", ""},
	{"noting, narrowed", "both lists name it", lifecycle.Never(lifecycle.Noting("painted", "creaked").And(lifecycle.Noting("creaked", "proposed"))),
		"hang → shut [charge], push → ajar, creak: creaked [note]", "the last step is such a step"},
	{"noting, misspelt", "it would hold of anything", lifecycle.Never(lifecycle.Noting("patined")), "", `the table does not have note "patined"`},
	{"noting nothing", "it would match every move", lifecycle.Never(lifecycle.Noting("")), "", `the table does not have note ""`},
	{"noting two words", "no note has both", lifecycle.Never(lifecycle.Noting("painted").And(lifecycle.Noting("creaked"))), "", "no step matches both sides of an And: notes"},
	{"a note to a state", "it would hold of anything", lifecycle.Never(lifecycle.Noting("painted").And(lifecycle.To("shut"))),
		"", "no step matches a note that leads somewhere: any step to shut noting painted"},
	{"a note into a state", "the same", lifecycle.Never(lifecycle.Noting("painted").And(lifecycle.Into("shut"))),
		"", "no step matches a note that leads somewhere: any step into shut noting painted"},
	{"a note that moves", "the same", lifecycle.Precedes(lifecycle.Pattern{Notes: []string{"painted"}, Moves: true}, lifecycle.On("push")),
		"", "no step matches a note that leads somewhere: any step to another status noting painted"},
	{"an effect of notes and moves", "it is one effect", lifecycle.AtMostOnce(lifecycle.Doing("refund")), "", ""},
	{"offers", "in every state", lifecycle.Offers(lifecycle.On("paint").And(lifecycle.From("shut", "ajar", "lost", "gone"))), "", ""},
	{"offers, broken", "nobody proposes to take out what is shut", lifecycle.Offers(lifecycle.On("propose").And(lifecycle.From("ajar", "shut"))),
		"hang → shut [charge]", `propose has no such step from "shut"`},
	{"offers a note, not a move", "it leads nowhere", lifecycle.Offers(lifecycle.On("paint").And(lifecycle.To("shut"))), "", "there is no such step of paint"},
	{"precedes", "a door is hung before it is painted", lifecycle.Precedes(lifecycle.On("hang"), lifecycle.Noting("painted")), "", ""},
	{"precedes, broken", "no state remembers the proposal", lifecycle.Precedes(lifecycle.Noting("proposed"), lifecycle.Doing("keep")),
		"hang → shut [charge], push → ajar, remove → gone [keep]", "nothing of the kind came before the last step"},
	{"must pass", "it stood ajar before anybody proposed", lifecycle.MustPass(lifecycle.Noting("proposed"), lifecycle.To("ajar")), "", ""},
	{"must pass, broken", "it creaks when it is lost", lifecycle.MustPass(lifecycle.Noting("creaked"), lifecycle.To("ajar")),
		"hang → shut [charge], decay → lost, creak: creaked [note]", "nothing of the kind came before the last step"},
	{"must pass a note", "a door may be taken out unpainted", lifecycle.MustPass(lifecycle.To("gone"), lifecycle.Noting("painted")),
		"hang → shut [charge], remove → gone [refund]", "nothing of the kind came before the last step"},
	{"at most once, broken", "a note can be made again and again", lifecycle.AtMostOnce(lifecycle.Noting("proposed")),
		"hang → shut [charge], push → ajar, propose: proposed, propose: proposed", "the last step is the second of its kind"},
	{"at most once, by an effect", "it is charged when it is hung, and when it is painted", lifecycle.AtMostOnce(lifecycle.Doing("charge")),
		"hang → shut [charge], paint: painted [charge]", "the last step is the second of its kind"},
	{"no single actor, broken", "who proposes also takes out", lifecycle.NoSingleActor(lifecycle.On("propose"), lifecycle.Doing("keep"), ""),
		"hang → shut [charge], push → ajar, propose: proposed, remove → gone [keep]", "one person may bring both steps, the last as the second of them"},
	{"no single actor, the note second", "who pushes also proposes", lifecycle.NoSingleActor(lifecycle.On("push"), lifecycle.Noting("proposed"), ""),
		"hang → shut [charge], push → ajar, propose: proposed", "one person may bring both steps, the last as the second of them"},
	{"no single actor, the note guarded", "a rule of the note compares them", lifecycle.NoSingleActor(lifecycle.On("push"), lifecycle.Noting("proposed"), "closed"), "", ""},
	{"no single actor, two notes", "a provider hears, a person proposes", lifecycle.NoSingleActor(lifecycle.Noting("creaked"), lifecycle.Noting("proposed"), ""), "", ""},
	{"no single actor, never so", "nobody opens what is gone, but it is painted", lifecycle.NoSingleActor(lifecycle.Doing("keep"), lifecycle.Noting("proposed"), ""),
		"", "there is never any step noting proposed after any step doing keep, so nothing is claimed"},
	{"absorbing", "notes are made there", lifecycle.Absorbing("gone"), "", ""},
	{"absorbing, broken", "it is found again", lifecycle.Absorbing("lost"), "hang → shut [charge], decay → lost, seen_ajar → ajar [note]", "the last step acts on it"},
	{"frozen after", "the painter asks nobody, and moves nothing", lifecycle.FrozenAfter(lifecycle.On("decay"), "older"), "", ""},
	{"frozen after a note", "the proposal stops nobody", lifecycle.FrozenAfter(lifecycle.Noting("proposed"), "older"),
		"hang → shut [charge], push → ajar, propose: proposed, remove → gone [keep]", "the rule older cannot stop the last step"},
	{"frozen after the end", "only notes follow, and they are left out", lifecycle.FrozenAfter(lifecycle.On("remove"), "older"),
		"", "nothing but notes ever comes after remove, so nothing is claimed"},
	{"frozen after a note at the end", "the same", lifecycle.FrozenAfter(lifecycle.Noting("painted").And(lifecycle.From("gone")), "older"),
		"", "nothing but notes ever comes after any step from gone noting painted, so nothing is claimed"},
	{"unlabelled", "notes change no label", lifecycle.Unlabelled("drafty", "shut", "lost", "gone"), "", ""},
	{"ends by the clock", "notes end nothing", lifecycle.EndsByClock("ajar"), "", ""},
	{"ends without the clock", "nor do they keep anything from ending", lifecycle.EndsWithoutClock(), "", ""},
}

func TestClaimsSeeNotes(t *testing.T) {
	for _, tc := range noteClaims {
		tc.judge(t, notedDoors)
	}
}

// A proposal that another person confirms: the rule of the second step compares the persons.
func TestAProposalIsConfirmedByAnother(t *testing.T) {
	other := rule{Name: "somebody else has proposed it", Code: "same_person", Holds: func(f facts) bool { return f.newer }}
	m := lifecycle.Must(changed(t, noted, func(d *definition) { rowOf(d, "remove", "ajar").If = []rule{other} }))
	for _, j := range []judgement{
		{"the rule", "it compares them", lifecycle.NoSingleActor(lifecycle.On("propose"), lifecycle.Doing("keep"), "same_person"), "", ""},
		{"no rule", "the kinds of actor do not differ", lifecycle.NoSingleActor(lifecycle.On("propose"), lifecycle.Doing("keep"), ""),
			"hang → shut [charge], push → ajar, propose: proposed, remove → gone [keep]", "one person may bring both steps, the last as the second of them"},
		{"another rule", "it stops the note alone", lifecycle.NoSingleActor(lifecycle.On("propose"), lifecycle.Doing("keep"), "closed"),
			"hang → shut [charge], push → ajar, propose: proposed, remove → gone [keep]",
			"one person may bring both steps, the last as the second of them, and the rule closed cannot stop it"},
		{"frozen", "nothing moves while nobody else confirms", lifecycle.FrozenAfter(lifecycle.Noting("proposed"), "same_person"),
			"hang → shut [charge], push → ajar, propose: proposed, seen_ajar → ajar", "the rule same_person cannot stop the last step"},
	} {
		j.judge(t, m)
	}
}

// A policy that is set aside is asked of nothing, also where a host asks.
func TestAPolicySetAsideIsNotAsked(t *testing.T) {
	broken := aside(lifecycle.Never(lifecycle.Noting("painted")))
	asked := broken
	asked.ID, asked.SetAside = "D-2", ""
	found := notedDoors.Broken(broken, asked)
	if len(found) != 1 || found[0].Policy.ID != "D-2" {
		t.Errorf("got %v, want D-2 alone to be broken", found)
	}
	// The claims are judged all the same: one that breaks is enough to set the policy aside.
	m, err := lifecycle.New(changed(t, noted, func(d *definition) {
		d.Policies = []lifecycle.Policy{aside(lifecycle.Absorbing("gone"), lifecycle.Never(lifecycle.Noting("painted")))}
	}))
	if err != nil || len(m.Definition().Policies) != 1 {
		t.Errorf("got the error %v, want a machine with its policy", err)
	}
}

func TestRedundantNamesNotes(t *testing.T) {
	for _, tc := range []struct {
		name, want string
		facts      []facts
	}{
		{"every rule decides", "", []facts{{}, {newer: true}, {open: true}, {newer: true, open: true}}},
		{"always closed", "row 8 (propose: proposed): its rules never hold together", []facts{{}, {newer: true}}},
		{"always newer", `row 9 (creak: creaked): without "newer than the last word" it would judge alike`, []facts{{newer: true}, {newer: true, open: true}}},
	} {
		text := ""
		for _, d := range notedDoors.Redundant(tc.facts...) {
			text += d.Where + ": " + d.Text + "\n"
		}
		if tc.want == "" && text != "" || !strings.Contains(text, tc.want) {
			t.Errorf("%s: got %q, want %q", tc.name, text, tc.want)
		}
	}
}

// A note is on no shortest path: it leads nowhere.
func TestPathsTakeNoNotes(t *testing.T) {
	for _, s := range door().States {
		if got, want := notedDoors.PathTo(s.Name).String(), doors.PathTo(s.Name).String(); got != want {
			t.Errorf("to %s: got %s, want %s", s.Name, got, want)
		}
	}
	if got := (lifecycle.Path{{On: "a", Note: "said"}, {On: "b", Note: "done", Does: []string{"x"}}}).String(); got != "a: said, b: done [x]" {
		t.Errorf("got %s", got)
	}
}
