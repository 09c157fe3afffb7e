package lifecycle_test

import (
	"slices"
	"testing"
)

// Every name answers for itself, the first and the last of each list too, and what is not
// in the list answers nothing.
func TestNamesAnswerAsDeclared(t *testing.T) {
	def := door()
	for _, e := range def.Events {
		if doors.Kind(e.Name) != e.Kind {
			t.Errorf("%s is a %q", e.Name, doors.Kind(e.Name))
		}
		for _, actor := range []string{"person", "system", "provider", "clock", ""} {
			if doors.By(e.Name, actor) != slices.Contains(e.By, actor) {
				t.Errorf("%s by %q: %v", e.Name, actor, doors.By(e.Name, actor))
			}
		}
	}
	for _, s := range def.States {
		if got := doors.State(s.Name); !doors.Has(s.Name) || got.Name != s.Name || got.Means != s.Means || got.Final != s.Final {
			t.Errorf("%s: %+v, has %v", s.Name, got, doors.Has(s.Name))
		}
		if doors.Labelled(s.Name, "drafty") != slices.Contains(s.Labels, "drafty") {
			t.Errorf("%s is labelled %v", s.Name, doors.Labelled(s.Name, "drafty"))
		}
	}
	for _, s := range []state{"", "attic"} {
		if got := doors.State(s); doors.Has(s) || got.Name != "" || got.Means != "" || doors.Labelled(s, "drafty") {
			t.Errorf("%q: %+v, has %v", s, got, doors.Has(s))
		}
	}
	if doors.Kind("kick") != "" || doors.By("kick", "person") {
		t.Errorf("kick is a %q", doors.Kind("kick"))
	}
}

// The states in which an event has a row stand in a refusal, for a person to read.
func TestSourcesAreTheRows(t *testing.T) {
	for _, tc := range []struct {
		on   event
		want []state
		why  string
	}{
		{"push", []state{"shut"}, "one row from one state"},
		{"remove", []state{"shut", "ajar"}, "two rows, in the order of the states"},
		{"seen_ajar", []state{"shut", "ajar", "lost"}, "one row from three, a stay among them"},
		{"hang", nil, "no record is no state"},
		{"wind", nil, "no row names it"},
		{"kick", nil, "the machine does not have it"},
	} {
		if got := doors.Sources(tc.on); !slices.Equal(got, tc.want) {
			t.Errorf("%s: got %v, want %v (%s)", tc.on, got, tc.want, tc.why)
		}
	}
}
