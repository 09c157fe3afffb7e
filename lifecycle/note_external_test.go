package lifecycle_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/kycle/kycle/lifecycle"
)

var noteBreakages = []breakage{
	{"a note and a target", "does it move or not", []string{"bad note"}, "row 7 (paint to gone)",
		func(d *definition) { rowOf(d, "paint", "shut").To = "gone" }},
	{"neither a note nor a target", "it leads nowhere and says nothing", []string{"unknown name"}, "row 9 (creak to )",
		func(d *definition) { rowOf(d, "creak", "ajar").Note = "" }},
	{"a word that is none", "words stand in entries", []string{"bad note"}, "row 7 (paint: Painted red)",
		func(d *definition) { rowOf(d, "paint", "shut").Note = "Painted red" }},
	{"the word of a move", "an entry could not tell the two apart", []string{"bad note"}, "row 9 (creak: moved)",
		func(d *definition) { rowOf(d, "creak", "ajar").Note = "moved" }},
	{"the word of what is ignored", "the same", []string{"bad note"}, "row 9 (creak: ignored)",
		func(d *definition) { rowOf(d, "creak", "ajar").Note = "ignored" }},
	{"a note without a record", "there is no history to write it into", []string{"bad note"}, "row 9 (creak: creaked)",
		func(d *definition) { rowOf(d, "creak", "ajar").From = nil }},
	{"a note of no record among others", "the same", []string{"bad birth"}, "row 9 (creak: creaked)",
		func(d *definition) { rowOf(d, "creak", "ajar").From = []state{"ajar", ""} }},
	{"a note in an unknown state", "it would never be made", []string{"unknown name"}, "row 9 (creak: creaked)",
		func(d *definition) { rowOf(d, "creak", "ajar").From = []state{"ajar", "attic"} }},
	{"a note without a reason", "every row says why", []string{"no reason"}, "row 8 (propose: proposed)",
		func(d *definition) { rowOf(d, "propose", "ajar").Why = "" }},
	{"a note and a move for a cell", "the verdict of a cell is unique", []string{"two rows for a cell"}, "row 10 (creak to ajar)",
		func(d *definition) {
			d.Rows = append(d.Rows, row{On: "creak", From: []state{"lost"}, To: "ajar", Why: "it was found"})
		}},
	{"two notes for a cell", "the same", []string{"two rows for a cell"}, "row 10 (creak: heard)",
		func(d *definition) {
			d.Rows = append(d.Rows, row{On: "creak", From: []state{"lost"}, Note: "heard", Why: "it was heard"})
		}},
	{"births by notes alone", "no record ever begins", []string{"bad note", "bad birth"}, "row 1 (hang: hung)",
		func(d *definition) {
			rowOf(d, "hang", "").Note = "hung"
			rowOf(d, "hang", "").To = ""
			d.States = nil
			d.Events = d.Events[:1]
			d.Rows = d.Rows[:1]
			d.Terms = []lifecycle.Term{*termOf(d, "charge")}
			d.NoEnd = "it never begins"
		}},
	{"a deadline that is a note", "the record stays, and the deadline passes for ever", []string{"broken deadline"}, "ajar",
		func(d *definition) { stateOf(d, "ajar").NoDeadline, stateOf(d, "ajar").Deadline = "", "creak" }},
	{"entered by notes alone", "a note leads nowhere", []string{"never entered"}, "void",
		func(d *definition) {
			d.States = append(d.States, lifecycle.State[state, event]{Name: "void", Final: true})
			paint := rowOf(d, "paint", "shut")
			paint.From = append(paint.From, "void")
		}},
	{"left by notes alone", "it never ends, and nothing leaves it", []string{"dead end", "no deadline"}, "lost",
		func(d *definition) {
			stateOf(d, "lost").Final = false
			rowOf(d, "seen_ajar", "lost").From = []state{"shut", "ajar"}
		}},
	{"needless permission, elsewhere", "nothing final is left", []string{"needless permission"}, "row 4 (remove to gone)",
		func(d *definition) { rowOf(d, "remove", "ajar").MovesFinal = true }},
	{"needless permission of a note", "a note moves nothing", []string{"needless permission"}, "row 7 (paint: painted)",
		func(d *definition) { rowOf(d, "paint", "lost").MovesFinal = true }},
	{"needless permission of a report", "reports need none", []string{"needless permission"}, "row 5 (seen_ajar to ajar)",
		func(d *definition) { rowOf(d, "seen_ajar", "lost").MovesFinal = true }},
	{"needless permission of a birth", "there is no record to move", []string{"needless permission"}, "row 1 (hang to shut)",
		func(d *definition) { rowOf(d, "hang", "").MovesFinal = true }},
	{"needless permission to stay", "it moves nothing", []string{"needless permission"}, "row 10 (propose to lost)",
		func(d *definition) {
			d.Rows = append(d.Rows, row{On: "propose", From: []state{"lost"}, To: "lost", Why: "it is asked for", MovesFinal: true})
		}},
	{"a command on a final state, without permission", "final says so", []string{"command on final"}, "row 10 (propose to ajar)",
		func(d *definition) {
			d.Rows = append(d.Rows, row{On: "propose", From: []state{"lost"}, To: "ajar", Why: "it is asked for"})
		}},
	{"permission to move what is absorbing", "nothing moves it, whatever a row says", []string{"exit from absorbing"}, "row 10 (propose to ajar)",
		func(d *definition) {
			d.Rows = append(d.Rows, row{On: "propose", From: []state{"gone"}, To: "ajar", Why: "it is asked for", MovesFinal: true})
		}},
	{"a stay in what is absorbing", "nothing but notes is there", []string{"exit from absorbing"}, "row 10 (seen_ajar to gone)",
		func(d *definition) {
			d.Rows = append(d.Rows, row{On: "seen_ajar", From: []state{"gone"}, To: "gone", Why: "it was seen"})
		}},
	{"no end", "nobody says that there is none", []string{"no end", "dead end", "no deadline", "no deadline"}, "noted_door",
		func(d *definition) {
			stateOf(d, "lost").Final, stateOf(d, "gone").Final, stateOf(d, "gone").Absorbing = false, false, false
		}},
	{"a reason for no end, and an end", "it is not true", []string{"needless reason"}, "noted_door",
		func(d *definition) { d.NoEnd = "doors are for ever" }},
	{"two states of one spelling", "a log could not tell them apart", []string{"duplicate name"}, "ajar",
		func(d *definition) { stateOf(d, "shut").Spelling, stateOf(d, "ajar").Spelling = "In Use", "In Use" }},
	{"the spelling of one state, the name of another", "the same, where the other is called by its name", []string{"duplicate name"}, "lost",
		func(d *definition) { stateOf(d, "ajar").Spelling = "lost" }},
	{"two events of one spelling", "the same", []string{"duplicate name"}, "creak",
		func(d *definition) { eventOf(d, "paint").Spelling, eventOf(d, "creak").Spelling = "WORK", "WORK" }},
	{"a policy that holds, set aside", "the table keeps it, and a page would say that it does not", []string{"needlessly set aside"}, "D-1",
		func(d *definition) { d.Policies = []lifecycle.Policy{aside(lifecycle.Absorbing("gone"))} }},
	{"one policy set aside, another one broken", "only the one that is named is set aside", []string{"broken policy"}, "D-2",
		func(d *definition) {
			other := aside(lifecycle.Never(lifecycle.Noting("creaked")))
			other.ID, other.SetAside = "D-2", ""
			d.Policies = []lifecycle.Policy{aside(lifecycle.Never(lifecycle.Noting("painted"))), other}
		}},
}

// aside is a policy that is set aside.
func aside(claims ...lifecycle.Claim) lifecycle.Policy {
	return lifecycle.Policy{ID: "D-1", Source: "lease", Says: "Doors stay.", Claims: claims, SetAside: "this house has none"}
}

func TestNewNamesWhatIsWrongWithANote(t *testing.T) {
	for _, tc := range noteBreakages {
		tc.told(t, noted)
	}
}

func TestNewTakesWhatIsSoundOfNotes(t *testing.T) {
	for _, tc := range []struct {
		name, why string
		edit      func(*definition)
	}{
		{"as it is", "notes in every state, final and absorbing ones too", func(*definition) {}},
		{"an effect of a note alone", "a note has effects, where a stay has none", func(d *definition) {
			rowOf(d, "hang", "").Does = nil
		}},
		{"one word of two rows", "what became so is the same", func(d *definition) { rowOf(d, "creak", "ajar").Note = "painted" }},
		{"a command that moves a final state", "the row says so", func(d *definition) {
			d.Rows = append(d.Rows, row{On: "propose", From: []state{"lost"}, To: "ajar", Why: "it is asked for", MovesFinal: true})
		}},
		{"one final source of two", "the row moves it, and the other one too", func(d *definition) {
			remove := rowOf(d, "remove", "ajar")
			remove.From, remove.MovesFinal = append(remove.From, "lost"), true
		}},
		{"a command that stays in a final state", "it does not move it", func(d *definition) {
			d.Rows = append(d.Rows, row{On: "propose", From: []state{"lost"}, To: "lost", Why: "it is asked for"})
		}},
		{"spellings", "each has its own", func(d *definition) {
			stateOf(d, "ajar").Spelling, eventOf(d, "hang").Spelling = "In Use", "HANG"
		}},
		{"a spelling that is its own name", "it says nothing new", func(d *definition) { stateOf(d, "ajar").Spelling = "ajar" }},
		{"spellings that change places", "the outside calls each by one word", func(d *definition) {
			stateOf(d, "ajar").Spelling, stateOf(d, "lost").Spelling = "lost", "ajar"
		}},
		{"a state and an event of one spelling", "nobody takes the one for the other", func(d *definition) {
			stateOf(d, "ajar").Spelling, eventOf(d, "push").Spelling = "OPEN", "OPEN"
		}},
		{"two births", "of different events", func(d *definition) {
			d.Rows = append(d.Rows, row{On: "paint", To: "shut", Why: "an old door is hung again"})
		}},
		{"a broken policy, set aside", "it is not asked of this table", func(d *definition) {
			d.Policies = []lifecycle.Policy{aside(lifecycle.Absorbing("gone"), lifecycle.Never(lifecycle.Noting("painted")))}
		}},
		{"a policy without claims, set aside", "its tests are not run against this table", func(d *definition) {
			p := aside()
			p.Tests = []string{"TestDoors"}
			d.Policies = []lifecycle.Policy{p}
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if _, err := lifecycle.New(changed(t, noted, tc.edit)); err != nil {
				t.Errorf("got the error %v, want none (%s)", err, tc.why)
			}
		})
	}
}

// What an author reads beyond the kind.
func TestNewExplainsNotes(t *testing.T) {
	for _, tc := range []struct {
		name, text string
		harm       func(*definition)
	}{
		{"a note and a target", "a row leads to a state or makes a note, and this one does both", func(d *definition) { rowOf(d, "paint", "shut").To = "gone" }},
		{"the word of a move", `"moved" is no word for a note: it is lower snake case, and none of ["moved" "ignored"]`,
			func(d *definition) { rowOf(d, "creak", "ajar").Note = "moved" }},
		{"two births of one event", "hang in no record is also row 1", func(d *definition) {
			d.Rows = append(d.Rows, row{On: "hang", To: "ajar", Why: "it does not shut"})
		}},
		{"permission", `no command moves "lost", unless the row says MovesFinal`, func(d *definition) { rowOf(d, "remove", "ajar").From = []state{"ajar", "lost"} }},
		{"needless permission", "MovesFinal is for a command that moves a record out of a final state", func(d *definition) { rowOf(d, "push", "shut").MovesFinal = true }},
		{"no end", "no state is final: mark one, or say in NoEnd why none is", func(d *definition) {
			stateOf(d, "lost").Final, stateOf(d, "gone").Final, stateOf(d, "gone").Absorbing = false, false, false
		}},
		{"needless reason", `NoEnd says why no state is final, and "lost" is`, func(d *definition) { d.NoEnd = "doors are for ever" }},
		{"one spelling", `"shut" is called "In Use" too`, func(d *definition) { stateOf(d, "shut").Spelling, stateOf(d, "ajar").Spelling = "In Use", "In Use" }},
		{"set aside", "needlessly set aside: D-1: the table keeps it", func(d *definition) { d.Policies = []lifecycle.Policy{aside(lifecycle.Absorbing("gone"))} }},
		{"a deadline that is a note", `its deadline "creak" leads nowhere: the record stays here`,
			func(d *definition) { stateOf(d, "ajar").NoDeadline, stateOf(d, "ajar").Deadline = "", "creak" }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if _, err := lifecycle.New(changed(t, noted, tc.harm)); err == nil || !strings.Contains(err.Error(), tc.text) {
				t.Errorf("got the error %v, want one that says %s", err, tc.text)
			}
		})
	}
}

func TestDecideOnNotes(t *testing.T) {
	yes := facts{newer: true, open: true}
	for _, tc := range []struct {
		name, why string
		from      state
		on        event
		facts     facts
		verdict   lifecycle.Verdict
		reason    string // Outcome.Why, or Denied.Rule
		word      string
		does      string // the one effect that it has
	}{
		{"a note", "the state stays, and the effect happens", "shut", "paint", facts{}, lifecycle.Note, "", "painted", "charge"},
		{"in a final state", "notes are made there too", "lost", "paint", facts{}, lifecycle.Note, "", "painted", "charge"},
		{"in an absorbing state", "nothing moves it, and a note does not", "gone", "paint", facts{}, lifecycle.Note, "", "painted", "charge"},
		{"under a rule", "the rule holds", "ajar", "propose", yes, lifecycle.Note, "", "proposed", ""},
		{"a command's note, vetoed", "it is refused like any command", "ajar", "propose", facts{newer: true}, lifecycle.Refuse, "closed", "", ""},
		{"a command's note, without a row", "the same", "shut", "propose", yes, lifecycle.Refuse, "", "", ""},
		{"a note of no record", "there is none", "", "paint", yes, lifecycle.Refuse, "", "", ""},
		{"a report's note", "news that moves nothing", "ajar", "creak", yes, lifecycle.Note, "", "creaked", "note"},
		{"a report's note, vetoed", "it is ignored, and makes no note", "ajar", "creak", facts{open: true}, lifecycle.Ignore, "older", "", ""},
		{"a report's note, without a row", "the same", "gone", "creak", yes, lifecycle.Ignore, "no_row", "", ""},
		{"a stay", "it is no note", "ajar", "seen_ajar", yes, lifecycle.Stay, "", "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			out, err := notedDoors.Decide(tc.from, tc.on, tc.facts)
			if tc.verdict == lifecycle.Refuse {
				var denied *lifecycle.Denied
				if !errors.As(err, &denied) || denied.Rule != tc.reason {
					t.Fatalf("got %+v, %v, want a refusal by %q (%s)", out, err, tc.reason, tc.why)
				}
				return
			}
			if err != nil || out.Verdict != tc.verdict || out.From != tc.from || out.To != tc.from || out.Why != tc.reason || out.Word != tc.word {
				t.Fatalf("got %+v, %v, want %s of %q, %q (%s)", out, err, tc.verdict, tc.word, tc.reason, tc.why)
			}
			for _, effect := range []string{"charge", "refund", "keep", "note"} {
				if out.Does(effect) != (effect == tc.does) {
					t.Errorf("does %q: got %v (%s)", effect, out.Does(effect), tc.why)
				}
			}
			if fires := tc.verdict == lifecycle.Note || tc.verdict == lifecycle.Stay; out.Verdict.Fires() != fires {
				t.Errorf("fires: got %v (%s)", out.Verdict.Fires(), tc.why)
			}
			plain := out.Plain()
			if plain.Word != tc.word || plain.Verdict != tc.verdict || plain.To != string(tc.from) || plain.Does(tc.does) != (tc.does != "") {
				t.Errorf("in plain strings: got %+v (%s)", plain, tc.why)
			}
		})
	}
}

func TestVerdictsFire(t *testing.T) {
	for verdict, fires := range map[lifecycle.Verdict]bool{
		lifecycle.Move: true, lifecycle.Note: true, lifecycle.Stay: true, lifecycle.Refuse: false, lifecycle.Ignore: false, lifecycle.Duplicate: false, "": false,
	} {
		if verdict.Fires() != fires {
			t.Errorf("%q: got %v, want %v", verdict, !fires, fires)
		}
	}
}

func TestVerdictsOfANote(t *testing.T) {
	all, err := notedDoors.Verdicts("lost", "creak")
	if err != nil || len(all) != 2 || !all[0].Does("note") || all[1].Does("note") {
		t.Fatalf("got %+v, %v, want the note and its veto", all, err)
	}
	for i, want := range []lifecycle.Outcome[state, event]{
		{Verdict: lifecycle.Note, Word: "creaked"}, {Verdict: lifecycle.Ignore, Why: "older"},
	} {
		if got := all[i]; got.Verdict != want.Verdict || got.Word != want.Word || got.Why != want.Why || got.From != "lost" || got.To != "lost" {
			t.Errorf("outcome %d: got %+v, want %+v", i, got, want)
		}
	}
	cell, err := notedDoors.Cell("gone", "paint")
	if err != nil || cell.Verdict != lifecycle.Note || cell.To != "gone" || notedDoors.Definition().Rows[cell.Row].Note != "painted" {
		t.Errorf("got the cell %+v, %v, want the note painted", cell, err)
	}
}

func TestNextAndBringsTellNotes(t *testing.T) {
	for _, tc := range []struct {
		name, from, on, to, note string
		row                      bool
	}{
		{"a move", "shut", "push", "ajar", "", true},
		{"a note", "ajar", "propose", "ajar", "proposed", true},
		{"a note in an absorbing state", "gone", "paint", "gone", "painted", true},
		{"no row", "gone", "propose", "gone", "", false},
		{"no record", "", "paint", "", "", false},
		{"an unknown state", "attic", "paint", "", "", false},
		{"an unknown event", "gone", "waltz", "", "", false},
	} {
		if to, note, ok := notedDoors.Next(tc.from, tc.on); to != tc.to || note != tc.note || ok != tc.row {
			t.Errorf("%s: got %q, %q, %v, want %q, %q, %v", tc.name, to, note, ok, tc.to, tc.note, tc.row)
		}
	}
	for _, tc := range []struct {
		name, actor, on string
		report, ok      bool
	}{
		{"a command", "person", "paint", false, true},
		{"by the other kind", "system", "paint", false, true},
		{"by nobody of the list", "clock", "paint", false, false},
		{"a report", "provider", "creak", true, true},
		{"a report by another", "person", "creak", true, false},
		{"an unknown event", "person", "waltz", false, false},
		{"no actor", "", "paint", false, false},
	} {
		if report, ok := notedDoors.Brings(tc.actor, tc.on); report != tc.report || ok != tc.ok {
			t.Errorf("%s: got %v, %v, want %v, %v", tc.name, report, ok, tc.report, tc.ok)
		}
	}
}

// A note is a command like others to whoever is refused another one.
func TestDeniedOffersNotes(t *testing.T) {
	_, err := notedDoors.Decide("gone", "push", facts{})
	var denied *lifecycle.Denied
	if !errors.As(err, &denied) || !slices.Equal(denied.Allowed, []string{"paint"}) {
		t.Errorf("got %+v, %v, want paint to be allowed", denied, err)
	}
	_, err = notedDoors.Decide("shut", "propose", facts{})
	if !errors.As(err, &denied) || !slices.Equal(denied.AllowedFrom, []string{"ajar"}) {
		t.Errorf("got %+v, %v, want propose to be allowed in ajar", denied, err)
	}
}

func TestSpelledIsWhatTheOutsideSays(t *testing.T) {
	m := lifecycle.Must(changed(t, noted, func(d *definition) {
		stateOf(d, "ajar").Spelling, eventOf(d, "paint").Spelling = "In Use", "PAINT"
	}))
	if got := m.State("ajar").Spelled() + ", " + m.State("shut").Spelled(); got != "In Use, shut" {
		t.Errorf("states: got %s, want In Use, shut", got)
	}
	for _, s := range m.Chart().Definition().States {
		if want := string(m.State(state(s.Name)).Spelled()); s.Spelled() != want {
			t.Errorf("states of the chart: got %s, want %s", s.Spelled(), want)
		}
	}
	for _, e := range m.Chart().Definition().Events {
		want := e.Name
		if e.Name == "paint" {
			want = "PAINT"
		}
		if e.Spelled() != want {
			t.Errorf("events: got %s, want %s", e.Spelled(), want)
		}
	}
	// A spelling is no name: the machine knows the record's state by its name alone.
	if m.Has("In Use") || m.Kind("PAINT") != "" {
		t.Error("the machine takes a spelling for a name")
	}
}

// A copy of a definition holds all of it.
func TestChartsAndCopiesKeepNotes(t *testing.T) {
	m := lifecycle.Must(changed(t, noted, func(d *definition) {
		stateOf(d, "ajar").Spelling, eventOf(d, "paint").Spelling = "In Use", "PAINT"
		remove := rowOf(d, "remove", "ajar")
		remove.From, remove.MovesFinal = append(remove.From, "lost"), true
		d.Policies = []lifecycle.Policy{aside(lifecycle.Never(lifecycle.Noting("painted")))}
	}))
	again := lifecycle.Must(m.Chart().Definition())
	if got, want := again.Definition(), m.Chart().Definition(); !reflect.DeepEqual(stripped(got), stripped(want)) || again.Fingerprint() != m.Fingerprint() {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	plain := m.Chart().Definition()
	i := slices.IndexFunc(plain.Rows, func(r lifecycle.Row[string, string, lifecycle.Vetoes]) bool { return r.MovesFinal })
	switch {
	case i < 0 || plain.Rows[i].On != "remove":
		t.Errorf("the permission is lost: %+v", plain.Rows)
	case plain.Policies[0].SetAside != "this house has none":
		t.Errorf("the reason to set it aside is lost: %+v", plain.Policies)
	}
	if endless := lifecycle.Must(membership()).Chart().Definition(); endless.NoEnd != "a member stays one" {
		t.Errorf("the reason for no end is lost: %q", endless.NoEnd)
	}
}

// stripped leaves out what cannot be compared: functions.
func stripped(def lifecycle.ChartDefinition) lifecycle.ChartDefinition {
	for _, r := range def.Rows {
		for i := range r.If {
			r.If[i].Holds = nil
		}
	}
	return def
}
