package lifecycletest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/lifecycle/lifecycletest"
)

// A test that knows all of the machine lets no mutant live.
func TestAStrictTestKillsEveryMutant(t *testing.T) {
	score := lifecycletest.Mutants(t, parcels, strict, nil)
	if score.Killed == 0 || score.Killed+score.Defective != score.Mutants || score.ByPolicy == 0 {
		t.Error(score)
	}
	// 6 times 7 cells; 8 of them have a row, which is dropped or sent to the 4 other states;
	// the others get a row to each of 5 states.
	cells := 8*(1+4) + (42-8)*5
	rows := 2 * (1 + 4)       // two have several sources
	rules := 4*2 + 1          // dropped or negated; two of one row change places
	effects, labels := 6*3, 5 // of every row, of every state
	events := 7 * (1 + 3)     // of the other kind, or by one of three kinds of actor more or less
	if want := cells + rows + rules + effects + labels + events; score.Mutants != want {
		t.Errorf("%d mutants, want %d", score.Mutants, want)
	}
}

// weak looks at where things lead if all rules hold, and at nothing else.
func weak(t lifecycletest.TB, m *machine) {
	for _, from := range everyState {
		for _, on := range everyEvent {
			verdict, to, _, _ := expect(from, on, factsOf(""))
			if out, err := m.Decide(from, on, factsOf("")); err == nil && (out.Verdict != verdict || out.To != to) || (err != nil) != (verdict == lifecycle.Refuse) {
				t.Fatalf("%s in %q", on, from)
			}
		}
	}
}

// What a weak test does not notice is named, all of it, and nothing else.
func TestMutantsNamesWhatAWeakTestDoesNotNotice(t *testing.T) {
	var score lifecycletest.Score
	failures := lifecycletest.Failures(func(t lifecycletest.TB) { score = lifecycletest.Mutants(t, parcels, weak, nil) })
	want := []string{
		`row "send" from "packed" to "sent": nobody asks the rule unpaid`,
		`row "seen" from "sent", "lost" to "sent": nobody asks the rule older`,
		`row "arrive" from "sent", "lost" to "there": nobody asks the rule older`,
		`row "arrive" from "sent", "lost" to "there": nobody asks the rule far`,
		`row "arrive" from "sent", "lost" to "there": the rule far is asked before older`,
	}
	var rows []string
	for _, r := range []struct{ title, does string }{
		{`row "pack" from no record to "packed"`, ""}, {`row "send" from "packed" to "sent"`, "charge"}, {`row "unpack" from "packed" to "unpacked"`, ""},
		{`row "seen" from "sent", "lost" to "sent"`, ""}, {`row "arrive" from "sent", "lost" to "there"`, "thank"}, {`row "forget" from "sent" to "lost"`, "refund"},
	} {
		for _, effect := range []string{"charge", "refund", "thank"} {
			rows = append(rows, fmt.Sprintf("%s: the effect %s is %s", r.title, effect, map[bool]string{true: "missing", false: "there too"}[effect == r.does]))
		}
	}
	for _, s := range everyState[1:] {
		rows = append(rows, fmt.Sprintf("state %q: the label here is %s", s, map[bool]string{true: "missing", false: "there too"}[s == "packed" || s == "unpacked"]))
	}
	for _, on := range everyEvent {
		for _, who := range []string{"person", "provider", "clock"} {
			if who != actors[on] { // without it nobody brings the event, which New refuses
				rows = append(rows, fmt.Sprintf("event %q: the actor %s is there too", on, who))
			}
		}
	}
	want = append(want, rows...)
	got := slices.Clone(score.Survived)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for i, f := range failures {
		if f != "the tests do not notice: "+score.Survived[i] {
			t.Error(f)
		}
	}
	if len(failures) != len(want) || score.Defective+score.Killed+len(want) != score.Mutants {
		t.Errorf("%d failures, %s", len(failures), score)
	}
}

func TestMutantsTakesExcuses(t *testing.T) {
	var score lifecycletest.Score
	lifecycletest.Failures(func(t lifecycletest.TB) { score = lifecycletest.Mutants(t, parcels, weak, nil) })
	excused := map[string]string{}
	for _, words := range score.Survived {
		excused[words] = "rules, effects and labels have tests of their own"
	}
	if again := lifecycletest.Mutants(t, parcels, weak, excused); again.Excused != len(excused) || again.Killed != score.Killed {
		t.Error(again)
	}
	words := `row "send" from "packed" to "sent": nobody asks the rule unpaid`
	got := lifecycletest.Failures(func(t lifecycletest.TB) {
		lifecycletest.Mutants(t, parcels, strict, map[string]string{words: "all parcels here are paid for", "nonsense": "why not"})
	})
	want := "[excused, and no mutant that the tests do not notice: nonsense excused, and no mutant that the tests do not notice: " + words + "]"
	if fmt.Sprint(got) != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestMutantsWantsTestsThatPass(t *testing.T) {
	var score lifecycletest.Score
	got := lifecycletest.Failures(func(t lifecycletest.TB) {
		score = lifecycletest.Mutants(t, parcels, func(t lifecycletest.TB, _ *machine) { t.Errorf("no") }, nil)
	})
	if fmt.Sprint(got) != "[the tests fail on parcel itself: no]" || score.Mutants != 0 {
		t.Errorf("%q, %s", got, score)
	}
}

// Every mutant is a machine with one mistake: in one cell, in all cells of one row, or in
// none, but in a rule, an effect, a label or who brings an event; or an event is of the
// other kind, which shows wherever it has no row. The machine itself stays as it was.
func TestAMutantHasOneMistake(t *testing.T) {
	cells := map[int]int{} // how many mutants differ in so many cells
	blind := func(_ lifecycletest.TB, m *machine) {
		n := 0
		for _, from := range everyState {
			for _, on := range everyEvent {
				was, _ := parcels.Cell(from, on)
				is, _ := m.Cell(from, on)
				if is.To != was.To || is.Verdict != was.Verdict {
					n++
				}
			}
		}
		cells[n]++
	}
	var score lifecycletest.Score
	lifecycletest.Failures(func(t lifecycletest.TB) { score = lifecycletest.Mutants(t, parcels, blind, nil) })
	if rules, itself := 4*2+1+6*3+5+7*2, 1; cells[0] != rules+itself || len(cells) != 5 || cells[1]+cells[2]+cells[5]+cells[6] != len(score.Survived)-rules {
		t.Errorf("mutants by cells that differ: %v", cells)
	}
	if seen := 1 + 4; cells[2] != seen { // the row of arrive is the only way there
		t.Errorf("%d mutants differ in two cells, want the %d of the row of seen", cells[2], seen)
	}
	if cells[5] != 2 || cells[6] != 1 { // send and unpack each have one row, rain has none
		t.Errorf("mutants of another kind by cells that differ: %v", cells)
	}
	for _, words := range []string{
		`rain in "packed" leads to "sent"`, // it had no row at all
		`send in "packed" leads to "lost" and not to "sent"`,
		`seen in "lost" has no row`,
		`forget in "lost" leads to "lost"`,
		`row "seen" from "sent", "lost" to "sent" is gone`,
		`row "seen" from "sent", "lost" to "sent" leads to "there"`,
		`event "send" is a report`,
		`event "rain": the actor clock is there too`,
	} {
		if !slices.Contains(score.Survived, words) {
			t.Errorf("no mutant: %s\n%s", words, strings.Join(score.Survived, "\n"))
		}
	}
	strict(t, parcels)
	if again := lifecycle.Must(parcels.Definition()); again.Fingerprint() != parcels.Fingerprint() {
		t.Error("its definition has changed")
	}
}
