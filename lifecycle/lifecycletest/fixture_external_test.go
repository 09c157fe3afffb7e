package lifecycletest_test

import (
	"fmt"

	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/lifecycle/lifecycletest"
)

// The parcel is the machine that the tests here are about, and post the service of a host
// that has it. It has one of everything: a birth, moves, a stay, a rule on a command, two
// rules on a report, a row with several sources, effects, a label, a note by a command that has
// an effect and one by a report that has a rule.

type (
	state string
	event string
	facts struct{ paid, newer, near bool }

	outcome = lifecycle.Outcome[state, event]
	machine = lifecycle.Machine[state, event, facts]
	row     = lifecycle.Row[state, event, facts]
	rule    = lifecycle.Rule[facts]
	answer  = lifecycletest.Answer[state]
	walk    = lifecycletest.Walk[state, event]
)

var (
	paid  = rule{Name: "it is paid for", Code: "unpaid", Holds: func(f facts) bool { return f.paid }}
	newer = rule{Name: "it is newer than the last word", Code: "older", Holds: func(f facts) bool { return f.newer }}
	near  = rule{Name: "the door is near", Code: "far", Holds: func(f facts) bool { return f.near }}
)

var parcels = lifecycle.Must(lifecycle.Definition[state, event, facts]{
	Name: "parcel",
	States: []lifecycle.State[state, event]{
		{Name: "packed", NoDeadline: "it waits for its owner", Labels: []string{"here"}},
		{Name: "sent", Deadline: "forget"},
		{Name: "lost", Final: true},
		{Name: "there", Final: true, Absorbing: true},
		{Name: "unpacked", Final: true, Absorbing: true, Labels: []string{"here"}},
	},
	Events: []lifecycle.Event[event]{
		{Name: "pack", Kind: lifecycle.Command, By: []string{"person"}},
		{Name: "send", Kind: lifecycle.Command, By: []string{"person"}},
		{Name: "unpack", Kind: lifecycle.Command, By: []string{"person"}},
		{Name: "seen", Kind: lifecycle.Report, By: []string{"provider"}},
		{Name: "arrive", Kind: lifecycle.Report, By: []string{"provider"}},
		{Name: "forget", Kind: lifecycle.Report, By: []string{"clock"}},
		{Name: "rain", Kind: lifecycle.Report, By: []string{"provider"}, NoRow: "it is wrapped"},
		{Name: "stamp", Kind: lifecycle.Command, By: []string{"person"}},
		{Name: "scan", Kind: lifecycle.Report, By: []string{"provider"}},
	},
	Rows: []row{
		{On: "pack", To: "packed", Why: "it begins so"},
		{On: "send", From: []state{"packed"}, To: "sent", If: []rule{paid}, Does: []string{"charge"}, Why: "off it goes"},
		{On: "unpack", From: []state{"packed"}, To: "unpacked", Why: "never mind"},
		{On: "seen", From: []state{"sent", "lost"}, To: "sent", If: []rule{newer}, Why: "it is under way"},
		{On: "arrive", From: []state{"sent", "lost"}, To: "there", If: []rule{newer, near}, Does: []string{"thank"}, Why: "the end"},
		{On: "forget", From: []state{"sent"}, To: "lost", Does: []string{"refund"}, Why: "nobody knows"},
		{On: "stamp", From: []state{"packed", "there"}, Note: "stamped", Does: []string{"charge"}, Why: "stamps cost"},
		{On: "scan", From: []state{"sent", "lost"}, Note: "scanned", If: []rule{newer}, Why: "somebody held it"},
	},
	Terms: []lifecycle.Term{{Name: "here"}, {Name: "charge"}, {Name: "refund"}, {Name: "thank"}},
	Policies: []lifecycle.Policy{{ID: "P-1", Source: "terms", Says: "No parcel leaves unpaid.",
		Claims: []lifecycle.Claim{lifecycle.Only(lifecycle.To("sent").And(lifecycle.From("packed")), lifecycle.Guarded("unpaid"))}}},
})

// factsOf are facts under which exactly the rule of that word says no.
func factsOf(why string) facts {
	return facts{paid: why != "unpaid", newer: why != "older", near: why != "far"}
}

// post is a host's service.
type post struct{ stands []state }

// handle lets something happen to a parcel; 0 is none, and a new one is added.
func (p *post) handle(parcel int, on event, f facts) (int, outcome, error) {
	var from state
	if parcel > 0 {
		from = p.stands[parcel-1]
	}
	out, err := parcels.Decide(from, on, f)
	switch {
	case err != nil || out.Verdict != lifecycle.Move:
	case parcel == 0:
		p.stands = append(p.stands, out.To)
		parcel = len(p.stands)
	default:
		p.stands[parcel-1] = out.To
	}
	return parcel, out, err
}

// subject drives a post: all that a host writes.
func subject() lifecycletest.Subject[state, event, int] {
	p := &post{}
	return lifecycletest.Subject[state, event, int]{
		Effects: []string{"charge", "refund", "thank"},
		Give: func(parcel *int, c outcome) (got answer, err error) {
			var out outcome
			*parcel, out, err = p.handle(*parcel, c.Event, factsOf(c.Why))
			if *parcel > 0 {
				got.State = p.stands[*parcel-1]
			}
			got.Verdict, got.Why, got.Note = out.Verdict, out.Why, out.Word
			for _, effect := range []string{"thank", "refund", "charge"} {
				if out.Does(effect) {
					got.Does = append(got.Does, effect)
				}
			}
			return got, err
		},
	}
}

// expect is the parcel once more, in plain ifs, with the effect as a word.
func expect(from state, on event, f facts) (verdict lifecycle.Verdict, to state, why, does string) {
	command := on == "pack" || on == "send" || on == "unpack" || on == "stamp"
	veto := func(why string) (lifecycle.Verdict, state, string, string) {
		if command {
			return lifecycle.Refuse, from, why, ""
		}
		return lifecycle.Ignore, from, why, ""
	}
	underway := from == "sent" || from == "lost"
	switch {
	case from == "" && on == "pack":
		return lifecycle.Move, "packed", "", ""
	case from == "packed" && on == "send" && !f.paid:
		return veto("unpaid")
	case from == "packed" && on == "send":
		return lifecycle.Move, "sent", "", "charge"
	case from == "packed" && on == "unpack":
		return lifecycle.Move, "unpacked", "", ""
	case on == "stamp" && (from == "packed" || from == "there"):
		return lifecycle.Note, from, "", "charge"
	case underway && (on == "seen" || on == "arrive" || on == "scan") && !f.newer:
		return veto("older")
	case underway && on == "scan":
		return lifecycle.Note, from, "", ""
	case from == "sent" && on == "seen":
		return lifecycle.Stay, "sent", "", ""
	case from == "lost" && on == "seen":
		return lifecycle.Move, "sent", "", ""
	case underway && on == "arrive" && !f.near:
		return veto("far")
	case underway && on == "arrive":
		return lifecycle.Move, "there", "", "thank"
	case from == "sent" && on == "forget":
		return lifecycle.Move, "lost", "", "refund"
	}
	return veto(lifecycle.NoRow)
}

var (
	everyState = []state{"", "packed", "sent", "lost", "there", "unpacked"}
	everyEvent = []event{"pack", "send", "unpack", "seen", "arrive", "forget", "rain", "stamp", "scan"}
)

// words are those of the notes.
var words = map[event]string{"stamp": "stamped", "scan": "scanned"}

// wordOf is the word of what expect expects.
func wordOf(verdict lifecycle.Verdict, on event) string {
	if verdict == lifecycle.Note {
		return words[on]
	}
	return ""
}

// strict is a test that notices everything.
func strict(t lifecycletest.TB, m *machine) {
	for _, from := range everyState {
		for _, on := range everyEvent {
			for bits := range 8 {
				f := facts{bits&1 > 0, bits&2 > 0, bits&4 > 0}
				verdict, to, why, does := expect(from, on, f)
				out, err := m.Decide(from, on, f)
				if err != nil {
					out = outcome{From: from, Event: on, To: from, Verdict: lifecycle.Refuse, Why: rulesWord(err)}
				}
				if out.Verdict != verdict || out.To != to || out.Why != why || out.Word != wordOf(verdict, on) {
					t.Errorf("%s in %q under %+v: %+v, want %s to %q (%s)", on, from, f, out, verdict, to, why)
				}
				for _, effect := range []string{"charge", "refund", "thank"} {
					if out.Does(effect) != (effect == does) {
						t.Errorf("%s in %q: effect %s", on, from, effect)
					}
				}
			}
		}
	}
	for _, s := range everyState[1:] {
		if m.Labelled(s, "here") != (s == "packed" || s == "unpacked") {
			t.Errorf("%q: label here", s)
		}
		absorbing := s == "there" || s == "unpacked"
		if is := m.State(s); is.Final != (absorbing || s == "lost") || is.Absorbing != absorbing || is.Deadline != map[state]event{"sent": "forget"}[s] {
			t.Errorf("%q: got %+v", s, is)
		}
	}
	for _, on := range everyEvent {
		for _, who := range []string{"person", "provider", "clock"} {
			if m.By(on, who) != (who == actors[on]) {
				t.Errorf("%s by %s", on, who)
			}
		}
	}
}

// actors are who brings each event.
var actors = map[event]string{"pack": "person", "send": "person", "unpack": "person", "seen": "provider", "arrive": "provider",
	"forget": "clock", "rain": "provider",
	"stamp": "person", "scan": "provider"}

func rulesWord(err error) string {
	if denied, ok := err.(*lifecycle.Denied); ok && denied.Rule != "" {
		return denied.Rule
	}
	return lifecycle.NoRow
}

// key tells one case from the others.
func key(c outcome) string { return fmt.Sprint(c.From, " ", c.Event, " ", c.Why) }
