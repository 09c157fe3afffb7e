package drift_test

import (
	"errors"
	"testing"

	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/lifecycle/drift"
)

type (
	// sketch is a definition whose parts are found by name.
	sketch struct{ lifecycle.ChartDefinition }
	row    = lifecycle.Row[string, string, lifecycle.Vetoes]
	rule   = lifecycle.Rule[lifecycle.Vetoes]
)

// loan gives a fresh definition each time: tests change it.
func loan() sketch {
	open := lifecycle.Open("within opening hours", "closed")
	newer := lifecycle.Open("newer than the last word", "older")
	return sketch{lifecycle.ChartDefinition{
		Name: "loan", Title: "Loan", Doc: "A book that is lent.",
		States: []lifecycle.State[string, string]{
			{Name: "asked", Means: "somebody wants it", Deadline: "forget", Labels: []string{"active"}},
			{Name: "lent", Means: "somebody has it", NoDeadline: "it waits for the reader", Labels: []string{"active"}},
			{Name: "back", Means: "it was returned", Final: true},
			{Name: "void", Means: "nothing came of it", Final: true, Absorbing: true},
		},
		Events: []lifecycle.Event[string]{
			{Name: "ask", Kind: lifecycle.Command, By: []string{"person"}, Means: "want it"},
			{Name: "lend", Kind: lifecycle.Command, By: []string{"person"}, Means: "hand it out"},
			{Name: "cancel", Kind: lifecycle.Command, By: []string{"person", "system"}, Means: "want it no more"},
			{Name: "returned", Kind: lifecycle.Report, By: []string{"provider"}, Means: "it is back"},
			{Name: "forget", Kind: lifecycle.Report, By: []string{"clock"}, Means: "nobody came"},
			{Name: "remind", Kind: lifecycle.Report, By: []string{"clock"}, Means: "it is late"},
			{Name: "mark", Kind: lifecycle.Command, By: []string{"person"}, Means: "write something down"},
		},
		Rows: []row{
			{On: "ask", To: "asked", Does: []string{"charge"}, Why: "it begins with a wish"},
			{On: "lend", From: []string{"asked"}, To: "lent", If: []rule{open}, Why: "that is what books are for"},
			{On: "cancel", From: []string{"asked", "lent"}, To: "void", Does: []string{"refund"}, Why: "changed their mind"},
			{On: "returned", From: []string{"lent", "back"}, To: "back", If: []rule{newer, open}, Why: "the newest word holds"},
			{On: "forget", From: []string{"asked"}, To: "void", Why: "others want it too"},
			{On: "remind", From: []string{"lent"}, Note: "reminded", Does: []string{"letter"}, Why: "others wait for it"},
			{On: "mark", From: []string{"asked", "lent", "back", "void"}, Note: "marked", If: []rule{open}, Why: "a librarian knows something"},
		},
		Terms: []lifecycle.Term{
			{Name: "active", Means: "counts for the reader's limit"},
			{Name: "charge", Means: "the fee becomes due"},
			{Name: "refund", Means: "the fee is owed back"},
			{Name: "letter", Means: "the reader gets one"},
		},
		Policies: []lifecycle.Policy{{ID: "LOAN-1", Source: "the house", Says: "What is void stays void.",
			Claims: []lifecycle.Claim{lifecycle.Absorbing("void")}}},
	}}
}

func chart(def sketch) *lifecycle.Chart { return lifecycle.Must(def.ChartDefinition).Chart() }

var loans = chart(loan())

// gate is one case of one gate: "" agrees, "gap: …" is a *Gap, everything else *SourceError.
type gate struct{ name, why, text, want string }

func judge(t *testing.T, cases []gate, ask func(text string) error) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			err := ask(c.text)
			got := ""
			var gap *drift.Gap
			var source *drift.SourceError
			switch {
			case errors.As(err, &gap) && errors.Is(err, drift.ErrGap):
				got = "gap: " + err.Error()
			case errors.As(err, &source) && errors.Is(err, drift.ErrSource):
				got = err.Error()
			case err != nil:
				t.Fatalf("%s: %T %v", c.why, err, err)
			}
			if got != c.want {
				t.Errorf("%s:\n got %s\nwant %s", c.why, got, c.want)
			}
		})
	}
}
