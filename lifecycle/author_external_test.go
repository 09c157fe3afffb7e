package lifecycle_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/kycle/kycle/lifecycle"
)

// What an author reads beyond the kind of a defect: which row it is that is in the way.
func TestNewPointsAtTheRow(t *testing.T) {
	for _, tc := range []struct {
		name, why  string
		harm       func(*definition)
		kind, text string
	}{
		{"two rows for a cell", "rows are counted from 1, as a person counts", func(d *definition) {
			d.Rows = append(d.Rows, row{On: "push", From: []state{"shut"}, To: "gone", Why: "hard"})
		}, "two rows for a cell", `push in "shut" is also row 2`},
		{"unreachable by the first row", "the first row leads to it, so it is not one that nobody leads to", func(d *definition) {
			d.States = append(d.States, void, lifecycle.State[state, event]{Name: "abyss", Final: true})
			d.Rows = append([]row{{On: "wind", From: []state{"void"}, To: "abyss", Why: "it falls"}}, d.Rows...)
			eventOf(d, "wind").NoRow = ""
		}, "unreachable", `wind → abyss comes from "void"`},
		{"one state twice in a row", "no other row is in the way", func(d *definition) { rowOf(d, "decay", "shut").From = []state{"shut", "shut"} },
			"duplicate name", `"shut" stands twice in its From`},
		{"one effect twice in a row", "which list it is", func(d *definition) { rowOf(d, "hang", "").Does = []string{"charge", "charge"} },
			"duplicate name", `"charge" stands twice in its Does`},
		{"one actor twice", "which list it is", func(d *definition) { eventOf(d, "remove").By = []string{"person", "system", "person"} },
			"duplicate name", `"person" stands twice in its By`},
		{"one label twice", "which list it is", func(d *definition) { stateOf(d, "ajar").Labels = []string{"drafty", "drafty"} },
			"duplicate name", `"drafty" stands twice in its Labels`},
		{"one word, two rules", "the first rule is told, and the one that is in its way",
			func(d *definition) { rowOf(d, "decay", "shut").If[0].Name = "on a holiday" },
			"one word, two rules", `"older" is the word of "newer than the last word", and here of "on a holiday"`},
	} {
		_, err := lifecycle.New(changed(t, door, tc.harm))
		var defects *lifecycle.Defects
		if !errors.As(err, &defects) {
			t.Fatalf("%s: error %v is not *Defects", tc.name, err)
		}
		found := false
		for _, d := range defects.List {
			found = found || d.Kind == tc.kind && strings.Contains(d.Text, tc.text)
		}
		if !found {
			t.Errorf("%s: %v says nowhere %q (%s)", tc.name, err, tc.text, tc.why)
		}
	}
}

// What looks like a defect and is none.
func TestNewTakesWhatIsSound(t *testing.T) {
	holds := func(facts) bool { return true }
	for _, tc := range []struct {
		name, why string
		edit      func(*definition)
	}{
		{"two rules of one name", "the word tells them apart", func(d *definition) {
			push := rowOf(d, "push", "shut")
			push.If = append(push.If, rule{Name: push.If[0].Name, Code: "holiday", Holds: holds})
		}},
	} {
		if _, err := lifecycle.New(changed(t, door, tc.edit)); err != nil {
			t.Errorf("%s: %v (%s)", tc.name, err, tc.why)
		}
	}
}

// A caller reads which of its two names the machine does not have, and never the name.
func TestUnknownTellsWhichName(t *testing.T) {
	for _, tc := range []struct {
		name, why string
		from      state
		on        event
		text      string
	}{
		{"the state", "the event is known, and the first of all", "attic", "hang", "door: state: lifecycle: unknown"},
		{"the event", "no record yet is a known state", "", "kick", "door: event: lifecycle: unknown"},
		{"both", "one mistake is told with the other", "attic", "kick", "door: state and event: lifecycle: unknown"},
	} {
		if _, err := doors.Cell(tc.from, tc.on); !errors.Is(err, lifecycle.ErrUnknown) || err.Error() != tc.text {
			t.Errorf("%s: got %v, want %s (%s)", tc.name, err, tc.text, tc.why)
		}
	}
}

// A policy is a sentence, where it stands, and a name to call it by.
func TestAPolicyIsWhole(t *testing.T) {
	whole := lifecycle.Policy{ID: "D-1", Source: "lease", Says: "doors last", Tests: []string{"TestDoors"}}
	for name, edit := range map[string]func(*lifecycle.Policy){
		"id":              func(p *lifecycle.Policy) { p.ID = "" },
		"says":            func(p *lifecycle.Policy) { p.Says = "" },
		"source":          func(p *lifecycle.Policy) { p.Source = "" },
		"id in sight":     func(p *lifecycle.Policy) { p.ID = " " },
		"says in sight":   func(p *lifecycle.Policy) { p.Says = "\t" },
		"source in sight": func(p *lifecycle.Policy) { p.Source = "\n " },
	} {
		def, policy := door(), whole
		edit(&policy)
		def.Policies = []lifecycle.Policy{policy}
		_, err := lifecycle.New(def)
		var defects *lifecycle.Defects
		if !errors.As(err, &defects) || len(defects.List) != 1 || defects.List[0].Kind != "bad policy" {
			t.Errorf("without its %s: %v", name, err)
		}
	}
}
