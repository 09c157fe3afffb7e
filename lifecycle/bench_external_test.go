package lifecycle_test

import (
	"context"
	"testing"

	"github.com/looplab/fsm"

	"github.com/kycle/kycle/lifecycle"
)

// The two benchmarks run in one process, so that their ratio does not depend on the
// machine: go test -run '^$' -bench 'Cell|Looplab' ./lifecycle

// BenchmarkCell looks up the cell whose names stand last in their lists.
func BenchmarkCell(b *testing.B) {
	m := lifecycle.Must(door())
	b.ReportAllocs()
	for range b.N { // b.Loop keeps the answer alive, which costs as much as the call
		if _, err := m.Cell("lost", "seen_ajar"); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDecide judges the same cell, with its two rules.
func BenchmarkDecide(b *testing.B) {
	m := lifecycle.Must(door())
	b.ReportAllocs()
	for range b.N {
		if _, err := m.Decide("lost", "seen_ajar", facts{newer: true, open: true}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLooplabEvent fires the same event on a live looplab machine built from the
// same table; SetState puts it back each time.
func BenchmarkLooplabEvent(b *testing.B) {
	f := looplab(doors)
	ctx := context.Background()
	b.ReportAllocs()
	for range b.N {
		f.SetState("lost")
		if err := f.Event(ctx, "seen_ajar"); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLooplabNew builds one and fires it once: the price of an engine for every call.
func BenchmarkLooplabNew(b *testing.B) {
	ctx := context.Background()
	b.ReportAllocs()
	for b.Loop() {
		if err := looplab(doors).Event(ctx, "hang"); err != nil {
			b.Fatal(err)
		}
	}
}

func looplab(m *machine) *fsm.FSM {
	var events fsm.Events
	for _, r := range m.Definition().Rows {
		for _, s := range r.Sources() {
			to := r.To
			if r.Note != "" {
				to = s // a note is a self-transition of each of its states
			}
			events = append(events, fsm.EventDesc{Name: string(r.On), Src: []string{string(s)}, Dst: string(to)})
		}
	}
	return fsm.NewFSM("", events, nil)
}

func TestLookingUpAllocatesNothing(t *testing.T) {
	yes := facts{newer: true, open: true}
	for _, tc := range []struct {
		name, why string
		call      func()
	}{
		{"cell", "every decision looks one up", func() { _, _ = doors.Cell("lost", "seen_ajar") }},
		{"decide", "the outcome is a value", func() { _, _ = doors.Decide("lost", "seen_ajar", yes) }},
		{"a note", "it is a value too", func() { _, _ = notedDoors.Decide("gone", "paint", yes) }},
		{"ignored", "most reports of a lively provider are", func() { _, _ = doors.Decide("gone", "wind", yes) }},
		{"next", "a replay asks it for every entry", func() { _, _, _ = notedDoors.Next("lost", "creak") }},
		{"brings", "the same", func() { _, _ = notedDoors.Brings("provider", "creak") }},
	} {
		if n := testing.AllocsPerRun(100, tc.call); n != 0 {
			t.Errorf("%s: %v allocations (%s)", tc.name, n, tc.why)
		}
	}
}
