package lifecycle_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/kycle/kycle/lifecycle"
)

// No row leads to the void.
var void = lifecycle.State[state, event]{Name: "void", NoDeadline: "nobody comes"}

// breakage is one way to break a sound definition.
type breakage struct {
	name, why string
	want      []string // kinds, in the order of the checks
	where     string   // of the first
	harm      func(*definition)
}

func (b breakage) told(t *testing.T, fresh func() definition) {
	t.Run(b.name, func(t *testing.T) {
		_, err := lifecycle.New(changed(t, fresh, b.harm))
		var defects *lifecycle.Defects
		if !errors.As(err, &defects) || !errors.Is(err, lifecycle.ErrDefinition) {
			t.Fatalf("got the error %v, want *Defects (%s)", err, b.why)
		}
		if got := kinds(defects); !slices.Equal(got, b.want) {
			t.Fatalf("found %q, want %q (%s)\n%v", got, b.want, b.why, err)
		}
		if got := defects.List[0].Where; got != b.where {
			t.Errorf("found in %q, want %q", got, b.where)
		}
	})
}

// Each case breaks the sound door in one way.
var breakages = []breakage{
	{"machine name", "the name stands in stored entries", []string{"bad name"}, `machine "The Door"`,
		func(d *definition) { d.Name = "The Door" }},
	{"state name", "stored names are lower snake case", []string{"bad name", "never entered"}, `state "Void"`,
		func(d *definition) {
			d.States = append(d.States, lifecycle.State[state, event]{Name: "Void", Final: true})
		}},
	{"trailing underscore", "the diagram's aliases rely on it", []string{"bad name"}, `event "wind_"`,
		func(d *definition) { eventOf(d, "wind").Name = "wind_" }},
	{"term name", "terms stand in diagrams", []string{"bad name", "unused term"}, `term "a b"`,
		func(d *definition) { d.Terms = append(d.Terms, lifecycle.Term{Name: "a b"}) }},
	{"two states of one name", "which of them would a record be in", []string{"duplicate name"}, "gone",
		func(d *definition) { d.States = append(d.States, *stateOf(d, "gone")) }},
	{"two events of one name", "which of them would it be", []string{"duplicate name"}, "wind",
		func(d *definition) { d.Events = append(d.Events, *eventOf(d, "wind")) }},
	{"two terms of one name", "which meaning holds", []string{"duplicate name"}, "note",
		func(d *definition) { d.Terms = append(d.Terms, *termOf(d, "note")) }},
	{"kind", "the kind decides between refuse and ignore", []string{"bad kind"}, "wind",
		func(d *definition) { eventOf(d, "wind").Kind = "rumour" }},
	{"by nobody", "an event that nobody may bring never comes", []string{"nobody's event"}, "wind",
		func(d *definition) { eventOf(d, "wind").By = nil }},
	{"row of an unknown event", "a misspelt event would never fire", []string{"unknown name", "unused event"}, "row 2 (pusch to ajar)",
		func(d *definition) { rowOf(d, "push", "shut").On = "pusch" }},
	{"row to an unknown state", "a misspelt state would strand a record", []string{"unknown name", "trap"}, "row 4 (remove to gnoe)",
		func(d *definition) { rowOf(d, "remove", "ajar").To = "gnoe" }},
	{"row from an unknown state", "the row would never fire", []string{"unknown name"}, "row 5 (seen_ajar to ajar)",
		func(d *definition) { rowOf(d, "seen_ajar", "shut").From = []state{"shut", "ajar", "lots"} }},
	{"unknown label", "a label nobody explains", []string{"unknown name"}, "gone",
		func(d *definition) { stateOf(d, "gone").Labels = []string{"aired"} }},
	{"unknown effect", "an effect nobody explains is carried out by nobody", []string{"unknown name"}, "decay",
		func(d *definition) { rowOf(d, "decay", "shut").Does = []string{"mourn"} }},
	{"row without a reason", "every row says why", []string{"no reason"}, "row 6 (decay to lost)",
		func(d *definition) { rowOf(d, "decay", "shut").Why = "" }},
	{"rule without a name", "it could not be told", []string{"bad rule"}, "row 2 (push to ajar)",
		func(d *definition) { rowOf(d, "push", "shut").If[0].Name = "" }},
	{"rule without a condition", "it would panic when asked", []string{"bad rule"}, "row 2 (push to ajar)",
		func(d *definition) { rowOf(d, "push", "shut").If[0].Holds = nil }},
	{"rule without a word", "the word stands in entries", []string{"bad rule"}, "row 2 (push to ajar)",
		func(d *definition) { rowOf(d, "push", "shut").If[0].Code = "not now" }},
	{"rule with the word of no row", "the two could not be told apart", []string{"bad rule"}, "row 2 (push to ajar)",
		func(d *definition) { rowOf(d, "push", "shut").If[0].Code = lifecycle.NoRow }},
	{"birth by a report", "news of a record that is not there", []string{"bad birth"}, "row 1 (hang to shut)",
		func(d *definition) { eventOf(d, "hang").Kind = lifecycle.Report }},
	{"by somebody unheard of", "kinds of actor are a file format too", []string{"bad name"}, `actor "The Owner"`,
		func(d *definition) { eventOf(d, "push").By[0] = "The Owner" }},
	{"birth among other sources", "no record is no status", []string{"bad birth"}, "row 6 (decay to lost)",
		func(d *definition) { rowOf(d, "decay", "shut").From = []state{"", "shut"} }},
	{"two rows for a cell", "the verdict of a cell is unique", []string{"two rows for a cell"}, "row 7 (push to gone)",
		func(d *definition) {
			d.Rows = append(d.Rows, row{On: "push", From: []state{"shut"}, To: "gone", Why: "hard"})
		}},
	{"one state twice in a row", "the second time it says nothing", []string{"duplicate name"}, "row 6 (decay to lost)",
		func(d *definition) { rowOf(d, "decay", "shut").From = []state{"shut", "shut"} }},
	{"one effect twice in a row", "is it charged once, or twice", []string{"duplicate name"}, "row 1 (hang to shut)",
		func(d *definition) { rowOf(d, "hang", "").Does = []string{"charge", "charge"} }},
	{"one actor twice", "the second time it says nothing", []string{"duplicate name"}, "remove",
		func(d *definition) { eventOf(d, "remove").By = []string{"person", "system", "person"} }},
	{"one label twice", "the same", []string{"duplicate name"}, "ajar",
		func(d *definition) { stateOf(d, "ajar").Labels = []string{"drafty", "drafty"} }},
	{"never entered", "a state that no record can have", []string{"never entered"}, "void",
		func(d *definition) { d.States = append(d.States, void) }},
	{"reached only from itself", "a stay leads nowhere", []string{"never entered"}, "void",
		func(d *definition) {
			d.States = append(d.States, void)
			d.Rows = append(d.Rows, row{On: "wind", From: []state{"void"}, To: "void", Why: "it howls"})
			eventOf(d, "wind").NoRow = ""
		}},
	{"dead end", "it never ends, and nothing leaves it", []string{"dead end", "no deadline"}, "lost",
		func(d *definition) {
			stateOf(d, "lost").Final = false
			rowOf(d, "seen_ajar", "shut").From = []state{"shut", "ajar"}
		}},
	{"unreachable", "what leads to it is never entered itself", []string{"never entered", "unreachable"}, "void",
		func(d *definition) {
			d.States = append(d.States, void, lifecycle.State[state, event]{Name: "abyss", Final: true})
			d.Rows = append(d.Rows, row{On: "wind", From: []state{"void"}, To: "abyss", Why: "it falls"})
			eventOf(d, "wind").NoRow = ""
		}},
	{"trap", "it leaves, and only into a dead end", []string{"trap", "dead end"}, "ajar",
		func(d *definition) {
			*stateOf(d, "lost") = lifecycle.State[state, event]{Name: "lost", NoDeadline: "nobody looks"}
			rowOf(d, "remove", "ajar").To = "lost"
			rowOf(d, "seen_ajar", "shut").From = []state{"shut", "ajar"}
		}},
	{"cycle with no way out", "it comes round for ever", []string{"cycle with no way out", "cycle with no way out"}, "ajar",
		func(d *definition) {
			*stateOf(d, "lost") = lifecycle.State[state, event]{Name: "lost", NoDeadline: "somebody finds it"}
			rowOf(d, "remove", "ajar").To = "lost"
		}},
	{"rule asked twice", "the second time it never decides", []string{"redundant rule"}, "row 2 (push to ajar)",
		func(d *definition) {
			push := rowOf(d, "push", "shut")
			push.If = append(push.If, push.If[0])
		}},
	{"one word, two rules", "a claim of the word would prove either", []string{"one word, two rules"}, "row 6 (decay to lost)",
		func(d *definition) { rowOf(d, "decay", "shut").If[0].Name = "on a holiday" }},
	{"one word, two rules, within a row", "an entry would not tell which", []string{"one word, two rules"}, "row 2 (push to ajar)",
		func(d *definition) {
			push := rowOf(d, "push", "shut")
			key, code := push.If[0], push.If[0]
			key.Name, key.Code, code.Name, code.Code = "with a key", "locked", "with a code", "locked"
			push.If = []rule{key, code}
		}},
	{"policy without a source", "nobody could look it up", []string{"bad policy"}, `"D-1"`,
		func(d *definition) {
			d.Policies = []lifecycle.Policy{{ID: "D-1", Says: "doors last", Tests: []string{"TestDoors"}}}
		}},
	{"two policies of one id", "which of them is meant", []string{"duplicate name"}, "D-1",
		func(d *definition) {
			p := lifecycle.Policy{ID: "D-1", Source: "lease", Says: "doors last", Tests: []string{"TestDoors"}}
			d.Policies = []lifecycle.Policy{p, p}
		}},
	{"policy that nothing shows", "a sentence alone is a wish", []string{"bad policy"}, "D-1",
		func(d *definition) { d.Policies = []lifecycle.Policy{{ID: "D-1", Source: "lease", Says: "doors last"}} }},
	{"broken policy", "the table does not keep what is required", []string{"broken policy"}, "D-1",
		func(d *definition) {
			claims := []lifecycle.Claim{lifecycle.Never(lifecycle.Doing("refund"))}
			d.Policies = []lifecycle.Policy{{ID: "D-1", Source: "lease", Says: "nothing is owed back", Claims: claims}}
		}},
	{"exit from absorbing", "nothing acts on it", []string{"exit from absorbing"}, "row 6 (decay to lost)",
		func(d *definition) { rowOf(d, "decay", "shut").From = []state{"shut", "gone"} }},
	{"command on final", "no command acts on it", []string{"command on final"}, "row 4 (remove to gone)",
		func(d *definition) { rowOf(d, "remove", "ajar").From = []state{"ajar", "lost"} }},
	{"absorbing, not final", "what nothing acts on is final", []string{"trap", "dead end", "absorbing, not final", "no deadline"}, "ajar",
		func(d *definition) { stateOf(d, "gone").Final = false }},
	{"unused event", "an event without rows says why", []string{"unused event"}, "wind",
		func(d *definition) { eventOf(d, "wind").NoRow = "" }},
	{"reason for no row, and a row", "the reason is not true", []string{"unused event"}, "push",
		func(d *definition) { eventOf(d, "push").NoRow = "doors stay" }},
	{"no deadline", "a record could wait for ever", []string{"no deadline"}, "ajar",
		func(d *definition) { stateOf(d, "ajar").NoDeadline = "" }},
	{"deadline of a final state", "it waits for nothing", []string{"needless deadline", "broken deadline"}, "gone",
		func(d *definition) { stateOf(d, "gone").Deadline = "decay" }},
	{"deadline and a reason for none", "one of them is not true", []string{"needless deadline"}, "shut",
		func(d *definition) { stateOf(d, "shut").NoDeadline = "patience" }},
	{"deadline without a row", "it would pass and nothing happen", []string{"broken deadline"}, "ajar",
		func(d *definition) { stateOf(d, "ajar").NoDeadline, stateOf(d, "ajar").Deadline = "", "decay" }},
	{"deadline that is a command", "a clock wishes nothing", []string{"broken deadline"}, "ajar",
		func(d *definition) { stateOf(d, "ajar").NoDeadline, stateOf(d, "ajar").Deadline = "", "remove" }},
	{"deadline that stays", "it would pass for ever", []string{"broken deadline"}, "ajar",
		func(d *definition) {
			stateOf(d, "ajar").NoDeadline, stateOf(d, "ajar").Deadline = "", "seen_ajar"
		}},
	{"effect of a row that only stays", "nobody would carry it out", []string{"idle effect"}, "row 7 (wind to ajar)",
		func(d *definition) {
			d.Rows = append(d.Rows, row{On: "wind", From: []state{"ajar"}, To: "ajar", Does: []string{"note"}, Why: "it howls"})
			eventOf(d, "wind").NoRow = ""
		}},
	{"unused term", "it explains nothing", []string{"unused term"}, "dust",
		func(d *definition) { d.Terms = append(d.Terms, lifecycle.Term{Name: "dust"}) }},
}

func TestNewNamesEveryKindOfDefect(t *testing.T) {
	for _, tc := range breakages {
		tc.told(t, door)
	}
}

func TestNewTellsAllDefectsAtOnce(t *testing.T) {
	_, err := lifecycle.New(changed(t, door, func(d *definition) {
		eventOf(d, "hang").By = nil
		stateOf(d, "ajar").NoDeadline = ""
		rowOf(d, "decay", "shut").Why = ""
		d.Terms = append(d.Terms, lifecycle.Term{Name: "dust"})
	}))
	var defects *lifecycle.Defects
	if !errors.As(err, &defects) {
		t.Fatalf("error %v is not *Defects", err)
	}
	want := []string{"nobody's event", "no reason", "no deadline", "unused term"}
	if got := kinds(defects); !slices.Equal(got, want) || defects.Machine != "door" {
		t.Errorf("found %q in %q, want %q", got, defects.Machine, want)
	}
}

// The zero definition is data too, and no reason to panic.
func TestNewRefusesTheZeroDefinition(t *testing.T) {
	_, err := lifecycle.New(definition{})
	var defects *lifecycle.Defects
	if !errors.As(err, &defects) || !slices.Equal(kinds(defects), []string{"bad name", "bad birth", "no end"}) {
		t.Errorf("got the error %v, want a bad name, a bad birth and no end", err)
	}
}

func TestMustPanicsOnADefectiveDefinition(t *testing.T) {
	defer func() {
		err, _ := recover().(error)
		if !errors.Is(err, lifecycle.ErrDefinition) {
			t.Errorf("panicked with %v, want ErrDefinition", err)
		}
	}()
	lifecycle.Must(definition{})
	t.Error("came back")
}

func kinds(d *lifecycle.Defects) []string {
	var all []string
	for _, x := range d.List {
		all = append(all, x.Kind)
	}
	return all
}
