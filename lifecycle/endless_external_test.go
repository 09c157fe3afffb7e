package lifecycle_test

import (
	"testing"

	"github.com/kycle/kycle/lifecycle"
)

var members = lifecycle.Must(membership())

func TestNewNamesWhatIsWrongWithoutAnEnd(t *testing.T) {
	for _, tc := range []breakage{
		{"no reason", "it may have been forgotten", []string{"no end"}, "membership", func(d *definition) { d.NoEnd = "" }},
		{"an end, and the reason for none", "it is not true", []string{"needless reason", "needless deadline"}, "membership",
			func(d *definition) {
				stateOf(d, "suspended").Final = true
				rowOf(d, "resume", "suspended").MovesFinal = true
			}},
		{"a dead end", "the record ends there, and nobody says so", []string{"dead end"}, "ended", func(d *definition) {
			d.States = append(d.States, lifecycle.State[state, event]{Name: "ended", NoDeadline: "nobody comes"})
			d.Rows = append(d.Rows, row{On: "forgive", From: []state{"active"}, To: "ended", Why: "enough"})
		}},
		{"a dead end with notes", "a note is no way out", []string{"dead end"}, "ended", func(d *definition) {
			d.States = append(d.States, lifecycle.State[state, event]{Name: "ended", NoDeadline: "nobody comes"})
			d.Rows = append(d.Rows, row{On: "forgive", From: []state{"active"}, To: "ended", Why: "enough"})
			write := rowOf(d, "write", "active")
			write.From = append(write.From, "ended")
		}},
		{"never entered", "as in any lifecycle", []string{"never entered"}, "void", func(d *definition) { d.States = append(d.States, void) }},
		{"no deadline", "as in any lifecycle", []string{"no deadline"}, "active", func(d *definition) { stateOf(d, "active").NoDeadline = "" }},
		{"two births of one event", "where does it begin", []string{"two rows for a cell"}, "row 7 (join to suspended)", func(d *definition) {
			d.Rows = append(d.Rows, row{On: "join", To: "suspended", Why: "on probation"})
		}},
		{"a birth by a report", "as in any lifecycle", []string{"bad birth"}, "row 7 (forgive to active)", func(d *definition) {
			d.Rows = append(d.Rows, row{On: "forgive", To: "active", Why: "from nothing"})
		}},
	} {
		tc.told(t, membership)
	}
}

func TestClaimsWithoutAnEnd(t *testing.T) {
	const endless = "no status is final, so no record ever ends"
	for _, tc := range []judgement{
		{"ends by the clock", "nothing ends", lifecycle.EndsByClock[string](), "", endless},
		{"ends by the clock, but for one", "nor does the other", lifecycle.EndsByClock("active"), "", endless},
		{"ends without the clock", "nothing ends", lifecycle.EndsWithoutClock(), "", endless},
		{"never", "it is left", lifecycle.Never(lifecycle.From("active").And(lifecycle.To("suspended"))), "join → active, suspend → suspended", "the last step is such a step"},
		{"only", "two ways back", lifecycle.Only(lifecycle.Into("active"), lifecycle.From("suspended"), lifecycle.On("join")), "", ""},
		{"precedes, around the cycle", "it begins suspended, too", lifecycle.Precedes(lifecycle.On("suspend"), lifecycle.On("resume")),
			"transfer → suspended, resume → active [greet]", "nothing of the kind came before the last step"},
		{"must pass, by either birth", "every record begins", lifecycle.MustPass(lifecycle.On("resume"), lifecycle.On("join"), lifecycle.On("transfer")), "", ""},
		{"must pass, by one birth", "there is another one", lifecycle.MustPass(lifecycle.On("resume"), lifecycle.On("join")),
			"transfer → suspended, resume → active [greet]", "nothing of the kind came before the last step"},
		{"at most once", "it comes round for ever", lifecycle.AtMostOnce(lifecycle.On("suspend")),
			"join → active, suspend → suspended, resume → active [greet], suspend → suspended", "the last step is the second of its kind"},
		{"at most once, a birth", "a record is born once, by one of two", lifecycle.AtMostOnce(lifecycle.From("")), "", ""},
		{"absorbing", "nothing is", lifecycle.Absorbing("suspended"), "transfer → suspended, resume → active [greet]", "the last step acts on it"},
		{"frozen after", "time heals what was not paid", lifecycle.FrozenAfter(lifecycle.On("suspend"), "unpaid"),
			"join → active, suspend → suspended, forgive → active", "the rule unpaid cannot stop the last step"},
		{"no single actor", "the system suspends, and a person resumes", lifecycle.NoSingleActor(lifecycle.On("suspend"), lifecycle.On("resume"), ""), "", ""},
		{"labelled", "who is active", lifecycle.Labelled("welcome", "active"), "", ""},
		{"offers", "from either", lifecycle.Offers(lifecycle.On("write").And(lifecycle.From("active", "suspended"))), "", ""},
	} {
		tc.judge(t, members)
	}
}

func TestALifeWithoutAnEnd(t *testing.T) {
	at := state("")
	for i, step := range []struct {
		on      event
		verdict lifecycle.Verdict
		to      state
	}{
		{"transfer", lifecycle.Move, "suspended"}, {"write", lifecycle.Note, "suspended"}, {"resume", lifecycle.Move, "active"},
		{"suspend", lifecycle.Move, "suspended"}, {"forgive", lifecycle.Move, "active"}, {"forgive", lifecycle.Ignore, "active"},
		{"write", lifecycle.Note, "active"}, {"suspend", lifecycle.Move, "suspended"},
	} {
		out, err := members.Decide(at, step.on, facts{open: true})
		if err != nil || out.Verdict != step.verdict || out.To != step.to {
			t.Fatalf("step %d, %s in %q: got %+v, %v, want %s to %q", i+1, step.on, at, out, err, step.verdict, step.to)
		}
		at = out.To
	}
	if got := members.PathTo("suspended").String(); got != "transfer → suspended" {
		t.Errorf("got the path %s, want the shorter birth", got)
	}
	if found := members.Redundant(facts{}, facts{open: true}); found != nil {
		t.Errorf("got %v, want nothing redundant", found)
	}
	for _, on := range []event{"join", "transfer"} {
		if _, err := members.Decide("active", on, facts{}); err == nil {
			t.Errorf("%s: a record is born once", on)
		}
	}
}
