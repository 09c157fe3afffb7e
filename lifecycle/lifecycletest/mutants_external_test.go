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
	// 6 times 9 cells, 9 of them without a record, where no note can be. Of the others 7 move or
	// stay: the row is dropped, sent to the 4 other states, or makes a note. 4 make one: it is
	// dropped, sent to 5 states, or has another word. The rest gets a row to each of 5 states,
	// or a note.
	cells := 1 + 4 + 8*5 + 7*(1+4+1) + 4*(1+5+1) + (45-7-4)*(5+1)
	rows := 2*(1+4+1) + 2*(1+5+1) // four have several sources, and two of them make a note
	rules := 5*2 + 1              // dropped or negated; two of one row change places
	effects, labels := 8*3, 5     // of every row, of every state
	// Each is final or not. Three are: each is absorbing or not. Of the two others one has a
	// deadline, which goes, and the other one gets it: the clock has one report.
	states := 5 + 3 + 1 + 1
	events := 9 * (1 + 3) // of the other kind, or by one of three kinds of actor more or less
	if want := cells + rows + rules + effects + labels + states + events; score.Mutants != want {
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
		`row "scan" from "sent", "lost" noting "scanned": nobody asks the rule older`,
		`stamp in "packed" makes the note scanned and not stamped`,
		`stamp in "there" makes the note scanned and not stamped`,
		`scan in "sent" makes the note stamped and not scanned`,
		`scan in "lost" makes the note stamped and not scanned`,
		`row "stamp" from "packed", "there" noting "stamped" makes the note scanned`,
		`row "scan" from "sent", "lost" noting "scanned" makes the note stamped`,
		`state "packed" is final`,
		`state "sent" is final`,
		`state "sent" has no deadline`,
		`state "lost" is not final`,
		`state "there" is not absorbing`,
		`state "unpacked" is not absorbing`,
	}
	var rows []string
	for _, r := range []struct{ title, does string }{
		{`row "pack" from no record to "packed"`, ""}, {`row "send" from "packed" to "sent"`, "charge"},
		{`row "unpack" from "packed" to "unpacked"`, ""}, {`row "seen" from "sent", "lost" to "sent"`, ""},
		{`row "arrive" from "sent", "lost" to "there"`, "thank"}, {`row "forget" from "sent" to "lost"`, "refund"},
		{`row "stamp" from "packed", "there" noting "stamped"`, "charge"}, {`row "scan" from "sent", "lost" noting "scanned"`, ""},
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
// none, but in a rule, an effect, a note's word, a label, what a state is or who brings an
// event; or an event is of the other kind, which shows wherever it has no row. The machine
// itself stays as it was.
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
	rules, effects, labels, states, actors, words := 5*2+1, 8*3, 5, 6, 9*2, 4+2
	if none := rules + effects + labels + states + actors + words; cells[0] != none+1 { // and the machine itself
		t.Errorf("%d mutants differ in no cell, want %d: %v", cells[0]-1, none, cells)
	}
	// The row of arrive is the only way there, and that of stamp is made in an absorbing state.
	if seen, stamp, scan := 1+4+1, 1, 1+5; cells[2] != seen+stamp+scan {
		t.Errorf("%d mutants differ in two cells, want the %d of the rows of seen, stamp and scan", cells[2], seen+stamp+scan)
	}
	// Two states have a row of seen, arrive, stamp or scan, one has one of send or unpack, and
	// none has one of rain.
	if cells[4] != 4 || cells[5] != 2 || cells[6] != 1 {
		t.Errorf("mutants of another kind by cells that differ: %v", cells)
	}
	if all := cells[0] - 1 + cells[1] + cells[2] + cells[4] + cells[5] + cells[6]; len(cells) != 6 || all != len(score.Survived) {
		t.Errorf("mutants by cells that differ: %v, and %d survive", cells, len(score.Survived))
	}
	for _, words := range []string{
		`rain in "packed" leads to "sent"`, // it had no row at all
		`send in "packed" leads to "lost" and not to "sent"`,
		`seen in "lost" has no row`,
		`forget in "lost" leads to "lost"`,
		`row "seen" from "sent", "lost" to "sent" is gone`,
		`row "seen" from "sent", "lost" to "sent" leads to "there"`,
		`stamp in "packed" leads to "lost" and is no note`,
		`scan in "sent" leads to "sent" and is no note`,
		`scan in "packed" makes the note scanned`,
		`rain in "lost" makes the note stamped`,
		`seen in "sent" makes the note stamped`,
		`seen in "lost" makes the note stamped and does not lead to "sent"`,
		`row "seen" from "sent", "lost" to "sent" makes the note stamped`,
		`row "stamp" from "packed", "there" noting "stamped" is gone`,
		`row "scan" from "sent", "lost" noting "scanned" leads to "unpacked"`,
		`send in "lost" leads to "sent"`, // out of a final state, by a command that says MovesFinal
		`event "seen" is a command`,      // the same
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
