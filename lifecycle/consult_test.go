package lifecycle

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/looplab/fsm"
)

type plain = Machine[string, string, struct{}]

// lamp is a small machine: off, on, broken, with a stay at on, and a note wherever it is.
func lamp() *plain {
	return Must(Definition[string, string, struct{}]{
		Name: "lamp",
		States: []State[string, string]{
			{Name: "off", NoDeadline: "it waits for a hand"}, {Name: "on", NoDeadline: "it waits for a hand"},
			{Name: "broken", Final: true, Absorbing: true},
		},
		Events: []Event[string]{
			{Name: "buy", Kind: Command, By: []string{"person"}}, {Name: "lit", Kind: Report, By: []string{"provider"}},
			{Name: "drop", Kind: Command, By: []string{"person"}}, {Name: "dust", Kind: Command, By: []string{"person"}},
		},
		Rows: []Row[string, string, struct{}]{
			{On: "buy", To: "off", Why: "new"}, {On: "lit", From: []string{"off", "on"}, To: "on", Why: "it shines"},
			{On: "drop", From: []string{"off", "on"}, To: "broken", Why: "glass"},
			{On: "dust", From: []string{"off", "on", "broken"}, Note: "dusted", Why: "it shines better"},
		},
	})
}

// Every cell of the frozen table is put to every other value that it could have; looplab
// is built from the rows and must contradict each time. What it cannot tell apart is a
// refusal from what is ignored, and a note from a stay: both are self-transitions to it.
func TestConsultNoticesEveryWrongCell(t *testing.T) {
	m := lamp()
	if found := m.consult(); found != nil {
		t.Fatalf("the sound machine is contradicted: %v", found)
	}
	alike := func(one, other Verdict) bool {
		return one.Fires() == other.Fires() && one != Move && other != Move
	}
	notes := 0
	for i, right := range m.cells {
		from, on := m.states.list[i/len(m.events.list)], m.events.list[i%len(m.events.list)]
		where := on + ` in "` + from + `"`
		if right.Verdict == Note {
			notes++
		}
		for _, verdict := range []Verdict{Move, Note, Stay, Refuse, Ignore} {
			for _, to := range m.states.list {
				wrong := Cell[string]{verdict, to, right.Row}
				if alike(verdict, right.Verdict) && (to == right.To || !verdict.Fires()) || verdict == right.Verdict && to == right.To {
					continue
				}
				m.cells[i] = wrong
				found := m.consult()
				if len(found) == 0 {
					t.Errorf("%s: %v instead of %v was not noticed", where, wrong, right)
				}
				for _, d := range found {
					if d.Kind != "looplab disagrees" || d.Where != where {
						t.Errorf("%s was tampered with, and %v is accused", where, d)
					}
				}
			}
		}
		m.cells[i] = right
	}
	if notes != 3 {
		t.Errorf("%d cells with a note were tampered with, want 3", notes)
	}
}

// New itself consults: a definition whose check were to miss a second row for a cell is
// settled by looplab's reading of the rows (the last one holds), not by ours alone.
func TestConsultReadsTheRowsAnew(t *testing.T) {
	m := lamp()
	m.def.Rows = append(m.def.Rows, Row[string, string, struct{}]{On: "drop", From: []string{"on"}, To: "off", Why: "soft ground"})
	if found := m.consult(); len(found) != 1 || found[0].Where != `drop in "on"` {
		t.Errorf("found %v, want one defect of drop in on", found)
	}
	m = lamp()
	m.def.Rows = append(m.def.Rows, Row[string, string, struct{}]{On: "drop", From: []string{"on"}, Note: "dropped", Why: "soft ground"})
	if found := m.consult(); len(found) != 1 || found[0].Where != `drop in "on"` {
		t.Errorf("a note in place of a move: found %v, want one defect of drop in on", found)
	}
	m = lamp()
	m.def.Rows = append(m.def.Rows, Row[string, string, struct{}]{On: "dust", From: []string{"on"}, To: "broken", Why: "glass"})
	if found := m.consult(); len(found) != 1 || found[0].Where != `dust in "on"` {
		t.Errorf("a move in place of a note: found %v, want one defect of dust in on", found)
	}
}

// What consult relies on in looplab/fsm, one behaviour at a time. A new version of it
// that changes one of these fails here, before it can mislead.
func TestLooplabBehavesAsConsultRelies(t *testing.T) {
	build := func() *fsm.FSM {
		return fsm.NewFSM("off", fsm.Events{
			{Name: "lit", Src: []string{"off", "on"}, Dst: "on"},
			{Name: "drop", Src: []string{"on"}, Dst: "broken"},
		}, nil)
	}
	ctx := context.Background()
	for _, tc := range []struct {
		name, why string
		holds     func(*fsm.FSM) bool
	}{
		{"an event moves", "Move", func(f *fsm.FSM) bool { return f.Event(ctx, "lit") == nil && f.Current() == "on" }},
		{"a self-transition is an error of its own", "Stay and Note", func(f *fsm.FSM) bool {
			f.SetState("on")
			var same fsm.NoTransitionError
			return errors.As(f.Event(ctx, "lit"), &same) && same.Err == nil && f.Current() == "on" && f.Can("lit")
		}},
		{"a known event without a row is invalid", "Refuse or Ignore", func(f *fsm.FSM) bool {
			var invalid fsm.InvalidEventError
			return errors.As(f.Event(ctx, "drop"), &invalid) && f.Current() == "off" && !f.Can("drop")
		}},
		{"an event in no row is unknown", "the events that have none", func(f *fsm.FSM) bool {
			var unknown fsm.UnknownEventError
			return errors.As(f.Event(ctx, "wind"), &unknown) && f.Current() == "off" && !f.Can("wind")
		}},
		{"SetState goes anywhere and asks nobody", "one machine serves for every cell", func(f *fsm.FSM) bool {
			f.SetState("nowhere")
			return f.Current() == "nowhere" && len(f.AvailableTransitions()) == 0
		}},
		{"AvailableTransitions lists the row's events, in no order", "the third opinion on a cell", func(f *fsm.FSM) bool {
			f.SetState("on")
			got := f.AvailableTransitions()
			slices.Sort(got)
			return slices.Equal(got, []string{"drop", "lit"})
		}},
		{"the empty state is a state like any other", "no record", func(*fsm.FSM) bool {
			f := fsm.NewFSM("", fsm.Events{{Name: "buy", Src: []string{""}, Dst: "off"}}, nil)
			return f.Can("buy") && f.Event(ctx, "buy") == nil && f.Current() == "off"
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if !tc.holds(build()) {
				t.Errorf("no longer so (relied on for: %s)", tc.why)
			}
		})
	}
}

// Why looplab is asked once and dropped, and does not run the products: what of its
// behaviour can be shown at once, without a race or a deadlock.
func TestLooplabIsNoEngine(t *testing.T) {
	rows := fsm.Events{{Name: "lit", Src: []string{"off"}, Dst: "on"}, {Name: "drop", Src: []string{"on"}, Dst: "broken"}}
	t.Run("two rows for a cell are accepted in silence, and the last one holds", func(t *testing.T) {
		f := fsm.NewFSM("off", append(slices.Clone(rows), fsm.EventDesc{Name: "lit", Src: []string{"off"}, Dst: "broken"}), nil)
		if err := f.Event(context.Background(), "lit"); err != nil || f.Current() != "broken" {
			t.Errorf("%v, now %q", err, f.Current())
		}
	})
	t.Run("one cancelled context jams a machine for good", func(t *testing.T) {
		f := fsm.NewFSM("off", rows, nil)
		cancelled, cancel := context.WithCancel(context.Background())
		cancel()
		_ = f.Event(cancelled, "lit")
		var jammed fsm.InTransitionError
		if err := f.Event(context.Background(), "lit"); !errors.As(err, &jammed) || f.Current() != "off" || f.Can("lit") {
			t.Errorf("%v, now %q", err, f.Current())
		}
	})
	t.Run("a callback's error arrives after the state has moved", func(t *testing.T) {
		no := errors.New("no")
		f := fsm.NewFSM("off", rows, fsm.Callbacks{"enter_on": func(_ context.Context, e *fsm.Event) { e.Err = no }})
		if err := f.Event(context.Background(), "lit"); !errors.Is(err, no) || f.Current() != "on" {
			t.Errorf("%v, now %q", err, f.Current())
		}
	})
	t.Run("a misspelt callback is accepted in silence", func(t *testing.T) {
		called := false
		f := fsm.NewFSM("off", rows, fsm.Callbacks{"enter_no": func(context.Context, *fsm.Event) { called = true }})
		if err := f.Event(context.Background(), "lit"); err != nil || called {
			t.Errorf("%v, called %v", err, called)
		}
	})
}
