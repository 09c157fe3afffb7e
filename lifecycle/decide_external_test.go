package lifecycle_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/kycle/kycle/lifecycle"
)

func TestDecide(t *testing.T) {
	yes := facts{newer: true, open: true}
	for _, tc := range []struct {
		name, why string
		from      state
		on        event
		facts     facts
		verdict   lifecycle.Verdict
		to        state
		word      string // Outcome.Why, or Denied.Rule
		does      string // an effect that it has; "" for none at all
	}{
		{"birth", "a record begins with a command", "", "hang", yes, lifecycle.Move, "shut", "", "charge"},
		{"move", "the row leads elsewhere and its rule holds", "shut", "push", yes, lifecycle.Move, "ajar", "", ""},
		{"same event, other effect", "effects are the row's, not the event's", "ajar", "remove", facts{}, lifecycle.Move, "gone", "", "keep"},
		{"report out of a final state", "final stops commands only", "lost", "seen_ajar", yes, lifecycle.Move, "ajar", "", "note"},
		{"stay", "the report says what holds; a stay has no effects", "ajar", "seen_ajar", yes, lifecycle.Stay, "ajar", "", ""},
		{"refused, no row", "a command without a row", "ajar", "push", yes, lifecycle.Refuse, "", "", ""},
		{"refused by a rule", "a command whose rule says no", "shut", "push", facts{newer: true}, lifecycle.Refuse, "", "closed", ""},
		{"second birth", "a record is born once", "shut", "hang", yes, lifecycle.Refuse, "", "", ""},
		{"command before birth", "there is nothing to act on", "", "push", yes, lifecycle.Refuse, "", "", ""},
		{"command on absorbing", "nothing acts on it", "gone", "remove", yes, lifecycle.Refuse, "", "", ""},
		{"ignored, no row", "a report without a row is no error", "gone", "seen_ajar", yes, lifecycle.Ignore, "gone", "no_row", ""},
		{"ignored, no row at all", "an event may have none", "shut", "wind", yes, lifecycle.Ignore, "shut", "no_row", ""},
		{"ignored by the first rule", "rules are asked in order", "shut", "seen_ajar", facts{}, lifecycle.Ignore, "shut", "older", ""},
		{"ignored by the second rule", "the first one holds", "shut", "seen_ajar", facts{newer: true}, lifecycle.Ignore, "shut", "closed", ""},
		{"a stay is vetoed too", "an older word of what holds is no news", "ajar", "seen_ajar", facts{open: true}, lifecycle.Ignore, "ajar", "older", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			out, err := doors.Decide(tc.from, tc.on, tc.facts)
			if tc.verdict == lifecycle.Refuse {
				var denied *lifecycle.Denied
				if !errors.As(err, &denied) || !errors.Is(err, lifecycle.ErrNotAllowed) || denied.Rule != tc.word {
					t.Fatalf("got %+v, %v (%s)", out, err, tc.why)
				}
				return
			}
			if err != nil || out.Verdict != tc.verdict || out.From != tc.from || out.To != tc.to || out.Event != tc.on || out.Why != tc.word {
				t.Fatalf("got %+v, %v (%s)", out, err, tc.why)
			}
			for _, term := range doors.Definition().Terms {
				if out.Does(term.Name) != (term.Name == tc.does) {
					t.Errorf("does %q: %v (%s)", term.Name, out.Does(term.Name), tc.why)
				}
			}
		})
	}
}

func TestDeniedSaysWhatWouldBeAllowed(t *testing.T) {
	_, err := doors.Decide("shut", "hang", facts{})
	var denied *lifecycle.Denied
	if !errors.As(err, &denied) {
		t.Fatalf("got the error %v, want *Denied", err)
	}
	if denied.Machine != "door" || denied.From != "shut" || denied.Event != "hang" || len(denied.AllowedFrom) != 0 {
		t.Errorf("got %+v", denied)
	}
	if want := []string{"push", "remove"}; !slices.Equal(denied.Allowed, want) {
		t.Errorf("allowed %q, want %q: the commands with a row here, no reports", denied.Allowed, want)
	}
	_, err = doors.Decide("gone", "remove", facts{})
	if !errors.As(err, &denied) || denied.Allowed != nil || !slices.Equal(denied.AllowedFrom, []string{"shut", "ajar"}) {
		t.Errorf("got %+v", denied)
	}
}

// What a refusal says is allowed may be tried: what a rule has just refused is not.
func TestDeniedReadsAsAdvice(t *testing.T) {
	for _, tc := range []struct {
		name, why string
		from      state
		on        event
		text      string
		allowed   []string
	}{
		{"by a rule", "it has a row here, and was refused all the same", "shut", "push",
			`door: push is not allowed in "shut" (closed); allowed here: remove`, []string{"push", "remove"}},
		{"no row", "it may be tried elsewhere", "ajar", "push", `door: push is not allowed in "ajar"; allowed here: remove; push is allowed in: shut`, []string{"remove"}},
		{"no command here", "there are several places elsewhere", "gone", "remove",
			`door: remove is not allowed in "gone"; allowed here: nothing; remove is allowed in: shut, ajar`, nil},
		{"no record", "that is no status with an empty name", "", "push", "door: push is not allowed with no record; allowed here: hang; push is allowed in: shut", []string{"hang"}},
		{"a birth", "no status has a row for it", "shut", "hang", `door: hang is not allowed in "shut"; allowed here: push, remove`, []string{"push", "remove"}},
	} {
		_, err := doors.Decide(tc.from, tc.on, facts{})
		var denied *lifecycle.Denied
		if !errors.As(err, &denied) || err.Error() != tc.text {
			t.Errorf("%s: got %v (%s)", tc.name, err, tc.why)
		} else if !slices.Equal(denied.Allowed, tc.allowed) {
			t.Errorf("%s: %v have a row there, not %v", tc.name, tc.allowed, denied.Allowed)
		}
	}
}

func TestDefectsAreCounted(t *testing.T) {
	for want, list := range map[string][]lifecycle.Defect{
		"lifecycle: \"door\" has 0 defects:":                       nil,
		"lifecycle: \"door\" has 1 defect:\n  a: b: c":             {{Kind: "a", Where: "b", Text: "c"}},
		"lifecycle: \"door\" has 2 defects:\n  a: b: c\n  d: e: f": {{Kind: "a", Where: "b", Text: "c"}, {Kind: "d", Where: "e", Text: "f"}},
	} {
		if got := (&lifecycle.Defects{Machine: "door", List: list}).Error(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// Both texts are for people; only that they say something is promised.
func TestErrorsHaveTexts(t *testing.T) {
	_, refused := doors.Decide("shut", "push", facts{})
	_, nowhere := doors.Decide("gone", "push", facts{})
	_, defective := lifecycle.New(definition{})
	for _, err := range []error{refused, nowhere, defective, &lifecycle.Invalid{Problem: "p"}, &lifecycle.Invalid{Field: "f", Problem: "p"}} {
		if err.Error() == "" {
			t.Errorf("%T has no text", err)
		}
	}
	if err := error(&lifecycle.Invalid{}); !errors.Is(err, lifecycle.ErrInvalid) || errors.Is(err, lifecycle.ErrNotAllowed) {
		t.Error("*Invalid is not ErrInvalid alone")
	}
}

func TestUnknownNames(t *testing.T) {
	for _, tc := range []struct {
		name, why string
		from      state
		on        event
	}{
		{"state", "a status from an older version", "open", "push"},
		{"event", "a word from outside", "shut", "kick"},
		{"both", "nothing is right", "open", "kick"},
	} {
		_, err := doors.Decide(tc.from, tc.on, facts{})
		_, err2 := doors.Verdicts(tc.from, tc.on)
		_, err3 := doors.Cell(tc.from, tc.on)
		for _, err := range []error{err, err2, err3} {
			if !errors.Is(err, lifecycle.ErrUnknown) || errors.Is(err, lifecycle.ErrNotAllowed) {
				t.Errorf("%s: got %v (%s)", tc.name, err, tc.why)
			}
		}
		if to, _, ok := doors.Next(string(tc.from), string(tc.on)); ok || to != "" {
			t.Errorf("%s: leads to %q", tc.name, to)
		}
	}
}

func TestVerdictsListsEveryOutcome(t *testing.T) {
	all, err := doors.Verdicts("shut", "seen_ajar")
	if err != nil || len(all) != 3 || !all[0].Does("note") {
		t.Fatalf("got %+v, %v", all, err)
	}
	for i, want := range []lifecycle.Outcome[state, event]{
		{Verdict: lifecycle.Move, To: "ajar"},
		{Verdict: lifecycle.Ignore, To: "shut", Why: "older"},
		{Verdict: lifecycle.Ignore, To: "shut", Why: "closed"},
	} {
		if got := all[i]; got.Verdict != want.Verdict || got.To != want.To || got.Why != want.Why || got.From != "shut" || got.Event != "seen_ajar" {
			t.Errorf("outcome %d is %+v", i, got)
		}
	}
	if all, _ := doors.Verdicts("shut", "push"); len(all) != 2 || all[1].Verdict != lifecycle.Refuse || all[1].Why != "closed" {
		t.Errorf("got %+v", all)
	}
	if all, _ := doors.Verdicts("shut", "wind"); len(all) != 1 || all[0].Verdict != lifecycle.Ignore || all[0].Why != lifecycle.NoRow {
		t.Errorf("got %+v", all)
	}
}

func TestNextLeavesRulesAside(t *testing.T) {
	for _, tc := range []struct {
		name, why, from, on, to string
		ok                      bool
	}{
		{"birth", "a history begins with no record", "", "hang", "shut", true},
		{"with rules", "the facts of then are gone", "shut", "push", "ajar", true},
		{"stay", "it has a row", "ajar", "seen_ajar", "ajar", true},
		{"no row", "it leads nowhere", "gone", "push", "gone", false},
	} {
		if to, _, ok := doors.Next(tc.from, tc.on); to != tc.to || ok != tc.ok {
			t.Errorf("%s: got %q, %v (%s)", tc.name, to, ok, tc.why)
		}
	}
}

func TestQuestionsAboutTheTable(t *testing.T) {
	for name, holds := range map[string]bool{
		"name":                       doors.Name() == "door",
		"kind of a command":          doors.Kind("push") == lifecycle.Command,
		"kind of a report":           doors.Kind("wind") == lifecycle.Report,
		"kind of a stranger":         doors.Kind("kick") == "",
		"by one of two":              doors.By("remove", "system"),
		"not by another":             !doors.By("push", "system"),
		"strange events by nobody":   !doors.By("kick", "person"),
		"has a state":                doors.Has("ajar"),
		"has no other":               !doors.Has("open"),
		"no record is no state":      !doors.Has("") && doors.State("").Name == "",
		"state":                      doors.State("gone").Absorbing && !doors.State("lost").Absorbing,
		"state of a stranger":        doors.State("open").Name == "",
		"labelled":                   doors.Labelled("ajar", "drafty"),
		"not labelled":               !doors.Labelled("shut", "drafty") && !doors.Labelled("ajar", "charge"),
		"strangers have no label":    !doors.Labelled("open", "drafty") && !doors.Labelled("", "drafty"),
		"sources":                    slices.Equal(doors.Sources("seen_ajar"), []state{"shut", "ajar", "lost"}),
		"a birth has no source":      doors.Sources("hang") == nil,
		"strangers have no source":   doors.Sources("kick") == nil,
		"first deadline of the list": doors.State("shut").Deadline == "decay",
	} {
		if !holds {
			t.Errorf("%s: not so", name)
		}
	}
}

func TestRedundantTriesEveryRule(t *testing.T) {
	all := []facts{{}, {newer: true}, {open: true}, {newer: true, open: true}}
	if found := doors.Redundant(all...); found != nil {
		t.Errorf("every rule decides somewhere: %v", found)
	}
	for _, tc := range []struct {
		name, why string
		facts     []facts
		want      []lifecycle.Defect
	}{
		{"open whenever newer", "then only newer decides on the row of both", []facts{{}, {open: true}, {newer: true, open: true}},
			[]lifecycle.Defect{{Kind: "redundant rule", Where: "row 5 (seen_ajar to ajar)", Text: `without "within opening hours" it would judge alike`}}},
		{"never both", "no row is left that asks both", []facts{{newer: true}, {open: true}},
			[]lifecycle.Defect{{Kind: "idle row", Where: "row 5 (seen_ajar to ajar)", Text: "its rules never hold together"}}},
	} {
		if got := doors.Redundant(tc.facts...); !slices.Equal(got, tc.want) {
			t.Errorf("%s (%s): got %v", tc.name, tc.why, got)
		}
	}
}
