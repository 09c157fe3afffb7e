package lifecycletest_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/lifecycle/lifecycletest"
)

// members is a lifecycle without an end, with two births and one note.
var members = lifecycle.Must(lifecycle.ChartDefinition{
	Name: "membership", NoEnd: "a member stays one",
	States: []lifecycle.State[string, string]{{Name: "active", NoDeadline: "it goes on"}, {Name: "suspended", Deadline: "forgive"}},
	Events: []lifecycle.Event[string]{
		{Name: "join", Kind: lifecycle.Command, By: []string{"person"}}, {Name: "transfer", Kind: lifecycle.Command, By: []string{"person"}},
		{Name: "suspend", Kind: lifecycle.Command, By: []string{"person"}}, {Name: "resume", Kind: lifecycle.Command, By: []string{"person"}},
		{Name: "write", Kind: lifecycle.Command, By: []string{"person"}},
		{Name: "forgive", Kind: lifecycle.Report, By: []string{"clock"}}, {Name: "lapse", Kind: lifecycle.Report, By: []string{"clock"}},
	},
	Rows: []lifecycle.Row[string, string, lifecycle.Vetoes]{
		{On: "join", To: "active", Why: "a member begins so"}, {On: "transfer", To: "suspended", Why: "or so"},
		{On: "suspend", From: []string{"active"}, To: "suspended", Why: "nothing was paid"},
		{On: "resume", From: []string{"suspended"}, To: "active", Why: "it is paid again"},
		{On: "write", From: []string{"active", "suspended"}, Note: "written", Why: "members write letters"},
		{On: "forgive", From: []string{"suspended"}, To: "active", Why: "time heals"},
		{On: "lapse", From: []string{"active"}, To: "suspended", Why: "a year has passed"},
	},
})

// club is an honest service of members.
func club(word string) lifecycletest.Subject[string, string, string] {
	return lifecycletest.Subject[string, string, string]{
		Give: func(member *string, c lifecycle.Outcome[string, string]) (lifecycletest.Answer[string], error) {
			out, err := members.Decide(*member, c.Event, nil)
			if err != nil {
				return lifecycletest.Answer[string]{State: *member}, err
			}
			*member = out.To
			note := out.Word
			if note != "" {
				note = word
			}
			return lifecycletest.Answer[string]{State: out.To, Verdict: out.Verdict, Note: note}, nil
		},
	}
}

func TestALifecycleWithoutAnEndIsTried(t *testing.T) {
	lifecycletest.Exhaust(t, members, club("written"))
	want := "[join → active, suspend → suspended, resume → active, write: written, lapse → suspended, forgive → active transfer → suspended]"
	if got := fmt.Sprint(lifecycletest.Tour(members)); got != want {
		t.Errorf("got the tour %s\nwant %s", got, want)
	}
	for _, w := range lifecycletest.CellTour(members) {
		lifecycletest.Follow(t, club("written"), w)
	}
	got := lifecycletest.Failures(func(t lifecycletest.TB) { lifecycletest.Exhaust(t, members, club("wrote")) })
	lied := `[write in "active": note "written"; the note is "wrote" and not "written" write in "suspended": note "written"; the note is "wrote" and not "written"]`
	if fmt.Sprint(got) != lied {
		t.Errorf("got %s\nwant %s", got, lied)
	}
}

// A mutant has no end where the machine has one, or one where it has none, and needs no
// second mistake for it.
func TestMutantsWithoutAnEnd(t *testing.T) {
	var score lifecycletest.Score
	blind := func(lifecycletest.TB, *lifecycle.Chart) {}
	lifecycletest.Failures(func(t lifecycletest.TB) { score = lifecycletest.Mutants(t, members, blind, nil) })
	for _, words := range []string{
		`state "active" is final`, `state "suspended" is final`, // the other one leads to it
		`state "suspended" has no deadline`, `the deadline of "active" is lapse`,
		`resume in "suspended" makes the note written and does not lead to "active"`,
		`write in "active" makes the note another_note and not written`, // the machine knows no other word
		`row "write" from "active", "suspended" noting "written" makes the note another_note`,
		`resume in "active" makes the note written`,
		`transfer without a record leads to "active" and not to "suspended"`,
		`transfer without a record has no row`,
		`suspend without a record leads to "active"`,
	} {
		if !slices.Contains(score.Survived, words) {
			t.Errorf("no mutant: %s\n%s", words, strings.Join(score.Survived, "\n"))
		}
	}
	for _, words := range score.Survived {
		if strings.HasPrefix(words, "join without a record makes the note") {
			t.Errorf("a note is made of a record that is there: %s", words)
		}
	}
}

// payment is a record with its proposal: what a note made so decides its future.
type payment struct{ status, proposedBy, approvedBy string }

var payments = lifecycle.Must(lifecycle.ChartDefinition{
	Name: "payment",
	States: []lifecycle.State[string, string]{
		{Name: "open", NoDeadline: "it waits for two persons"}, {Name: "paid", Final: true, Absorbing: true},
	},
	Events: []lifecycle.Event[string]{
		{Name: "ask", Kind: lifecycle.Command, By: []string{"person"}}, {Name: "propose", Kind: lifecycle.Command, By: []string{"person"}},
		{Name: "approve", Kind: lifecycle.Command, By: []string{"person"}},
	},
	Rows: []lifecycle.Row[string, string, lifecycle.Vetoes]{
		{On: "ask", To: "open", Why: "it begins with a wish"},
		{On: "propose", From: []string{"open"}, Note: "proposed", If: []lifecycle.Rule[lifecycle.Vetoes]{lifecycle.Open("none is open", "proposed")}, Why: "one of two"},
		{On: "approve", From: []string{"open"}, To: "paid", If: []lifecycle.Rule[lifecycle.Vetoes]{lifecycle.Open("somebody else has proposed it", "same_person")},
			Why: "the other one"},
	},
})

// explored is the space of one payment and two persons; careless approves without a proposal.
func explored(careless bool, key func(payment) string) lifecycletest.Space[payment, string] {
	return lifecycletest.Space[payment, string]{
		Start: []payment{{}}, Bound: 100, Key: key, Show: func(p payment) string { return fmt.Sprintf("%s, proposed by %q", p.status, p.proposedBy) },
		Steps: func(p payment) (list []lifecycletest.Step[payment]) {
			for _, who := range []string{"ann", "bob"} {
				for _, on := range []string{"ask", "propose", "approve"} {
					var no lifecycle.Vetoes
					if p.proposedBy != "" {
						no = append(no, "proposed")
					}
					if p.proposedBy == who || p.proposedBy == "" && !careless {
						no = append(no, "same_person")
					}
					out, err := payments.Decide(p.status, on, no)
					if err != nil {
						continue
					}
					to, verdict := p, string(out.Verdict)
					switch to.status = out.To; {
					case out.Verdict == lifecycle.Note:
						to.proposedBy, verdict = who, out.Word
					case on == "approve":
						to.approvedBy = who
					}
					list = append(list, lifecycletest.Step[payment]{Event: who + " " + on + "s", Verdict: verdict, To: to})
				}
			}
			return list
		},
		Invariants: []lifecycletest.Invariant[payment]{{Name: "two persons", Why: "the house", State: func(p payment) error {
			if p.status == "paid" && (p.proposedBy == "" || p.proposedBy == p.approvedBy) {
				return errors.New("one person was enough")
			}
			return nil
		}}},
	}
}

func TestExploreKnowsNotes(t *testing.T) {
	whole := func(p payment) string { return fmt.Sprint(p) }
	for _, tc := range []struct {
		name, why string
		space     lifecycletest.Space[payment, string]
		is        error
		text      string
	}{
		{"whole", "nobody is enough alone", explored(false, whole), nil, ""},
		{"careless", "the note is on the way, and its word is told", explored(true, whole), lifecycletest.ErrBroken,
			"two persons (the house): one person was enough\n   , proposed by \"\"\n1. ann asks: move\n   open, proposed by \"\"\n2. ann approves: move\n   paid, proposed by \"\""},
		{"a key without the note", "what a note made so decides the future", explored(false, func(p payment) string { return p.status }), lifecycletest.ErrKey,
			"the key leaves out what decides the future: by another way to that key, ann proposes leads to: open, proposed by \"\"\n" +
				"   , proposed by \"\"\n1. ann asks: move\n   open, proposed by \"\"\n2. bob proposes: proposed\n   open, proposed by \"bob\"\n" +
				"3. ann approves: move\n   paid, proposed by \"bob\""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			found, err := lifecycletest.Explore(tc.space)
			if !errors.Is(err, tc.is) || err != nil && err.Error() != tc.text {
				t.Errorf("got %+v\n%v\nwant %s (%s)", found, err, tc.text, tc.why)
			}
			if want := (lifecycletest.Explored{States: 6, Transitions: 6, Depth: 3}); tc.is == nil && found != want {
				t.Errorf("got %+v, want %+v (%s)", found, want, tc.why)
			}
		})
	}
}
