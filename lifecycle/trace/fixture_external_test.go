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

var charts = map[string]*lifecycle.Chart{"kyc": kyc.Machine.Chart(), "idpass": idpass.Machine.Chart(), "payment": payments.Chart()}

// lines reads "r1 create pending, r2 create -": record, event, status ("-" is none) and,
// if there is a fourth word, the actor.
func lines(text string) []trace.Line {
	var all []trace.Line
	for _, part := range strings.Split(text, ",") {
		word := strings.Fields(part)
		l := trace.Line{Record: word[0], Event: word[1], Status: strings.TrimPrefix(word[2], "-")}
		if len(word) > 3 {
			l.Actor = word[3]
		}
		all = append(all, l)
	}
	return all
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
