package trace_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/lifecycle/trace"
)

// payments is a machine whose policy keeps maker and checker apart.
var payments = lifecycle.Must(lifecycle.ChartDefinition{
	Name: "payment", Title: "Payment", Doc: "What one person asks for, another one approves.",
	States: []lifecycle.State[string, string]{
		{Name: "asked", Means: "waits for a second person", NoDeadline: "it waits for a person"},
		{Name: "paid", Means: "approved", Final: true, Absorbing: true},
	},
	Events: []lifecycle.Event[string]{
		{Name: "ask", Kind: lifecycle.Command, By: []string{"person"}, Means: "ask for money"},
		{Name: "amend", Kind: lifecycle.Command, By: []string{"person"}, Means: "ask for another amount"},
		{Name: "approve", Kind: lifecycle.Command, By: []string{"person"}, Means: "pay"},
	},
	Rows: []lifecycle.Row[string, string, lifecycle.Vetoes]{
		{On: "ask", To: "asked", Why: "it begins with a wish"},
		{On: "amend", From: []string{"asked"}, To: "asked", Why: "nothing is paid yet"},
		{On: "approve", From: []string{"asked"}, To: "paid", If: []lifecycle.Rule[lifecycle.Vetoes]{
			lifecycle.Open("it is somebody else", "same_person")}, Why: "four eyes"},
	},
	Policies: []lifecycle.Policy{{ID: "PAY-1", Source: "the house", Says: "Nobody approves what they asked for.",
		Claims: []lifecycle.Claim{lifecycle.NoSingleActor(lifecycle.On("ask", "amend"), lifecycle.On("approve"), "same_person")},
		Tests:  []string{"TestDivergences"}}},
})

// reviews is a machine with notes, two births, and what the outside calls some of its names.
// What one person proposes, another one approves.
var reviews = lifecycle.Must(lifecycle.ChartDefinition{
	Name: "review",
	States: []lifecycle.State[string, string]{
		{Name: "pending", NoDeadline: "it waits for a reviewer"},
		{Name: "in_review", NoDeadline: "it waits for a reviewer", Spelling: "In Review"},
		{Name: "approved", Final: true, Spelling: "Approved"},
		{Name: "rejected", Final: true, Absorbing: true},
	},
	Events: []lifecycle.Event[string]{
		{Name: "create", Kind: lifecycle.Command, By: []string{"person"}, Spelling: "POST /reviews"},
		{Name: "copy", Kind: lifecycle.Command, By: []string{"system"}},
		{Name: "start", Kind: lifecycle.Command, By: []string{"person"}},
		{Name: "touch", Kind: lifecycle.Report, By: []string{"system"}},
		{Name: "propose", Kind: lifecycle.Command, By: []string{"person"}},
		{Name: "approve", Kind: lifecycle.Command, By: []string{"person"}},
		{Name: "passed", Kind: lifecycle.Report, By: []string{"system"}},
		{Name: "reject", Kind: lifecycle.Command, By: []string{"person"}},
		{Name: "archive", Kind: lifecycle.Command, By: []string{"person"}},
		{Name: "lapse", Kind: lifecycle.Report, By: []string{"clock"}},
	},
	Rows: []lifecycle.Row[string, string, lifecycle.Vetoes]{
		{On: "create", To: "pending", Why: "it begins so"},
		{On: "copy", To: "in_review", Why: "it was begun elsewhere"},
		{On: "start", From: []string{"pending"}, To: "in_review", Why: "somebody reads it"},
		{On: "touch", From: []string{"in_review"}, To: "in_review", Why: "it was seen"},
		{On: "propose", From: []string{"in_review"}, Note: "proposed", Why: "one person is not enough",
			If: []lifecycle.Rule[lifecycle.Vetoes]{lifecycle.Open("none is open", "proposed_before")}},
		{On: "approve", From: []string{"in_review"}, To: "approved", Why: "two persons are",
			If: []lifecycle.Rule[lifecycle.Vetoes]{lifecycle.Open("it is somebody else", "same_person")}},
		{On: "passed", From: []string{"in_review"}, To: "approved", Why: "the machine has decided"},
		{On: "reject", From: []string{"pending", "in_review"}, To: "rejected", Why: "it is not so"},
		{On: "archive", From: []string{"approved", "rejected"}, Note: "archived", Why: "it is kept"},
		{On: "lapse", From: []string{"approved"}, Note: "lapsed", Why: "it is old",
			If: []lifecycle.Rule[lifecycle.Vetoes]{lifecycle.Open("it has not lapsed", "lapsed_before")}},
	},
	Policies: []lifecycle.Policy{{ID: "REV-1", Source: "the house", Says: "Nobody approves what they proposed.",
		Claims: []lifecycle.Claim{lifecycle.NoSingleActor(lifecycle.Noting("proposed"), lifecycle.On("approve"), "same_person")}}},
})

// members is a machine without an end, in which one status is left to another by two events,
// and two events make one note.
var members = lifecycle.Must(lifecycle.ChartDefinition{
	Name: "membership", NoEnd: "a member stays one",
	States: []lifecycle.State[string, string]{{Name: "active", NoDeadline: "it goes on"}, {Name: "suspended", Deadline: "forgive"}},
	Events: []lifecycle.Event[string]{
		{Name: "join", Kind: lifecycle.Command, By: []string{"person"}}, {Name: "suspend", Kind: lifecycle.Command, By: []string{"person"}},
		{Name: "resume", Kind: lifecycle.Command, By: []string{"person"}}, {Name: "forgive", Kind: lifecycle.Report, By: []string{"clock"}},
		{Name: "write", Kind: lifecycle.Command, By: []string{"person"}}, {Name: "dictate", Kind: lifecycle.Command, By: []string{"person"}},
	},
	Rows: []lifecycle.Row[string, string, lifecycle.Vetoes]{
		{On: "join", To: "active", Why: "a member begins so"},
		{On: "suspend", From: []string{"active"}, To: "suspended", Why: "nothing was paid"},
		{On: "resume", From: []string{"suspended"}, To: "active", Why: "it is paid again"},
		{On: "forgive", From: []string{"suspended"}, To: "active", Why: "time heals"},
		{On: "write", From: []string{"active", "suspended"}, Note: "written", Why: "members write letters"},
		{On: "dictate", From: []string{"active"}, Note: "written", Why: "or have them written"},
	},
})

var charts = map[string]*lifecycle.Chart{
	"kyc": kyc.Machine.Chart(), "idpass": idpass.Machine.Chart(), "payment": payments.Chart(),
	"review": reviews.Chart(), "membership": members.Chart(),
}

// lines reads "r1 create pending, r2 create -": record, event ("?" is not said), status ("-"
// is none) and, in any order, "=moved" for the verdict and another word for the actor. "~"
// stands for a space in a word.
func lines(text string) []trace.Line {
	var all []trace.Line
	for _, part := range strings.Split(text, ",") {
		word := strings.Fields(part)
		for i := range word {
			word[i] = strings.ReplaceAll(word[i], "~", " ")
		}
		l := trace.Line{Record: word[0], Event: strings.TrimPrefix(word[1], "?"), Status: strings.TrimPrefix(word[2], "-")}
		for _, w := range word[3:] {
			if verdict, is := strings.CutPrefix(w, "="); is {
				l.Verdict = verdict
			} else {
				l.Actor = w
			}
		}
		all = append(all, l)
	}
	return all
}

// finding is a log, and what is told of it.
type finding struct {
	name, why, log string
	want           []string // what the divergences say, in order
}

func (f finding) told(t *testing.T, chart *lifecycle.Chart) {
	t.Run(f.name, func(t *testing.T) {
		got := found(t, chart, trace.Interleaved, lines(f.log))
		if len(got) != len(f.want) {
			t.Fatalf("%s: %d divergences instead of %d: %v", f.why, len(got), len(f.want), got)
		}
		for i, d := range got {
			if d.String() != f.want[i] {
				t.Errorf("%s:\n got %s\nwant %s", f.why, d, f.want[i])
			}
		}
	})
}

// found gives every divergence; the log is to be readable.
func found(t testing.TB, chart *lifecycle.Chart, order trace.Order, log []trace.Line) []trace.Divergence {
	t.Helper()
	var all []trace.Divergence
	for d, err := range trace.New(chart, order).Divergences(trace.Of(slices.Values(log))) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, d)
	}
	return all
}
