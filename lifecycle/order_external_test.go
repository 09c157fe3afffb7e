package lifecycle_test

import (
	"reflect"
	"testing"

	"github.com/kycle/kycle/lifecycle"
)

// The order of the rows is for readers: with another row first, everything is judged alike.
func TestOrderOfRowsDecidesNothing(t *testing.T) {
	turn(t, door, doors)
	turn(t, noted, notedDoors)
}

func turn(t *testing.T, fresh func() definition, m *machine) {
	names := m.Definition()
	states := []state{""}
	for _, s := range names.States {
		states = append(states, s.Name)
	}
	for first := range names.Rows {
		def := fresh()
		def.Rows = append(def.Rows[first:], def.Rows[:first]...)
		turned, err := lifecycle.New(def)
		if err != nil {
			t.Fatalf("row %d first: %v", first+1, err)
		}
		for _, e := range names.Events {
			if got, want := turned.Sources(e.Name), m.Sources(e.Name); !reflect.DeepEqual(got, want) {
				t.Errorf("row %d first: sources of %s: %v, not %v", first+1, e.Name, got, want)
			}
			for _, s := range states {
				alike(t, turned, m, s, e.Name)
			}
		}
	}
}

func alike(t *testing.T, m, as *machine, s state, e event) {
	t.Helper()
	to, note, ok := m.Next(string(s), string(e))
	if wantTo, wantNote, wantOK := as.Next(string(s), string(e)); to != wantTo || note != wantNote || ok != wantOK {
		t.Errorf("%s in %q leads to %q, %q, %v, not %q, %q, %v", e, s, to, note, ok, wantTo, wantNote, wantOK)
	}
	for _, f := range []facts{{}, {newer: true}, {open: true}, {true, true}} {
		got, err := m.Decide(s, e, f)
		want, wantErr := as.Decide(s, e, f)
		if !reflect.DeepEqual(got, want) || !reflect.DeepEqual(err, wantErr) {
			t.Errorf("%s in %q under %+v: %+v %v, not %+v %v", e, s, f, got, err, want, wantErr)
		}
	}
	got, err := m.Verdicts(s, e)
	want, wantErr := as.Verdicts(s, e)
	if !reflect.DeepEqual(got, want) || !reflect.DeepEqual(err, wantErr) {
		t.Errorf("verdicts of %s in %q: %+v %v, not %+v %v", e, s, got, err, want, wantErr)
	}
}
