package lifecycletest_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/lifecycle/lifecycletest"
)

type (
	chart     = lifecycle.Chart
	chartWalk = lifecycletest.Walk[string, string]
)

// drawn gives a random sound chart: each state is reached from the one before it.
func drawn(t *rapid.T) *chart {
	def := lifecycle.ChartDefinition{Name: "drawn"}
	n := rapid.IntRange(1, 6).Draw(t, "states")
	events := rapid.IntRange(1, 4).Draw(t, "events")
	name := func(i int) string { return fmt.Sprint("s", i) }
	def.Events = []lifecycle.Event[string]{{Name: "birth", Kind: lifecycle.Command, By: []string{"person"}}}
	def.Rows = []lifecycle.Row[string, string, lifecycle.Vetoes]{{On: "birth", To: "s0", Why: "drawn"}}
	for i := range n {
		def.States = append(def.States, lifecycle.State[string, string]{Name: name(i), Final: true})
	}
	for e := range events {
		to := map[int][]string{}
		for i := range n {
			target := rapid.IntRange(-1, n-1).Draw(t, "to")
			if e == 0 && i < n-1 {
				target = i + 1 // the chain that reaches every state
			}
			if target >= 0 {
				to[target] = append(to[target], name(i))
			}
		}
		event := lifecycle.Event[string]{Name: fmt.Sprint("e", e), Kind: lifecycle.Report, By: []string{"clock"}}
		if len(to) == 0 {
			event.NoRow = "drawn"
		}
		def.Events = append(def.Events, event)
		for i := range n {
			if len(to[i]) > 0 {
				def.Rows = append(def.Rows, lifecycle.Row[string, string, lifecycle.Vetoes]{On: event.Name, From: to[i], To: name(i), Why: "drawn"})
			}
		}
	}
	m, err := lifecycle.New(def)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// walks checks that the walks are ones of the machine, and gives what they fire: cells and
// rows.
func walks(t lifecycletest.TB, m *chart, tour []chartWalk) (cells map[[2]string]int, rows map[int]int) {
	cells, rows = map[[2]string]int{}, map[int]int{}
	for _, w := range tour {
		at := ""
		for _, step := range w {
			out, err := m.Decide(at, step.Event, nil)
			if err != nil || step.From != at || out.To != step.To || out.Verdict != step.Verdict || step.Verdict == lifecycle.Ignore {
				t.Fatalf("%s: no walk of the machine at %s (%v)", w, step.Event, err)
			}
			cell, _ := m.Cell(at, step.Event)
			cells[[2]string{at, step.Event}]++
			rows[cell.Row]++
			at = out.To
		}
	}
	return cells, rows
}

func TestToursFireEverything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawn(t)
		want := 0
		for _, r := range m.Definition().Rows {
			want += max(1, len(r.From))
		}
		tour, cellTour := lifecycletest.Tour(m), lifecycletest.CellTour(m)
		if _, rows := walks(t, m, tour); len(rows) != len(m.Definition().Rows) {
			t.Fatalf("%d of %d rows: %v", len(rows), len(m.Definition().Rows), tour)
		}
		if cells, _ := walks(t, m, cellTour); len(cells) != want {
			t.Fatalf("%d of %d cells: %v", len(cells), want, cellTour)
		}
		if again := lifecycletest.CellTour(m); fmt.Sprint(again) != fmt.Sprint(cellTour) {
			t.Fatal("two tours of one machine differ")
		}
		lean(t, m, cellTour)
	})
}

// lean: no walk fires only what others fire, and none goes on after its last new cell.
func lean(t lifecycletest.TB, m *chart, tour []chartWalk) {
	seen := map[[2]string]bool{}
	for _, w := range tour {
		last := w[len(w)-1]
		for _, step := range w[:len(w)-1] {
			seen[[2]string{step.From, step.Event}] = true
		}
		if seen[[2]string{last.From, last.Event}] {
			t.Errorf("%s ends with nothing new", w)
		}
		seen[[2]string{last.From, last.Event}] = true
	}
}

func TestATourOfParcels(t *testing.T) {
	want := "[pack → packed, stamp: stamped, send → sent, seen → sent, forget → lost, scan: scanned, arrive → there " +
		"pack → packed, unpack → unpacked]"
	if got := fmt.Sprint(lifecycletest.Tour(parcels)); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	want = "[pack → packed, stamp: stamped, send → sent, seen → sent, forget → lost, seen → sent, scan: scanned, arrive → there, stamp: stamped " +
		"pack → packed, unpack → unpacked pack → packed, send → sent, forget → lost, scan: scanned, arrive → there]"
	if got := fmt.Sprint(lifecycletest.CellTour(parcels)); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

// The nearest row comes first, also where it ends the walk.
func TestATourTakesTheNearest(t *testing.T) {
	def := lifecycle.ChartDefinition{Name: "shuttle"}
	for _, name := range []string{"here", "there", "gone"} {
		def.States = append(def.States, lifecycle.State[string, string]{Name: name, Final: true})
	}
	for _, r := range []struct{ on, from, to string }{{"begin", "", "here"}, {"go", "here", "there"}, {"leave", "here", "gone"}, {"return", "there", "here"}, {"wait", "there", "there"}} {
		kind, from := lifecycle.Report, []string{r.from}
		if r.from == "" {
			kind, from = lifecycle.Command, nil
		}
		def.Events = append(def.Events, lifecycle.Event[string]{Name: r.on, Kind: kind, By: []string{"clock"}})
		def.Rows = append(def.Rows, lifecycle.Row[string, string, lifecycle.Vetoes]{On: r.on, From: from, To: r.to, Why: "a shuttle"})
	}
	want := "[begin → here, go → there, return → here, leave → gone begin → here, go → there, wait → there]"
	tour := lifecycletest.Tour(lifecycle.Must(def))
	if got := fmt.Sprint(tour); got != want || fmt.Sprintf("%#v", tour[0]) != tour[0].String() {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestNoWalkGoesOnAfterALastEvent(t *testing.T) {
	for _, w := range lifecycletest.CellTour(parcels, "forget", "seen") {
		for i, on := range w.Events() {
			if (on == "forget" || on == "seen") && i < len(w)-1 {
				t.Errorf("%s goes on", w)
			}
		}
	}
	// What lies past an event that every record needs is left out, and the tour still ends.
	want := "[pack → packed, stamp: stamped, send → sent pack → packed, unpack → unpacked]"
	if got := fmt.Sprint(lifecycletest.Tour(parcels, "send")); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestPathsAreShortest(t *testing.T) {
	for _, row := range []struct {
		name state
		want string
		why  string
	}{
		{"", "(nothing)", "no record is there from the start"},
		{"packed", "pack → packed", "its birth"},
		{"there", "pack → packed, send → sent, arrive → there", "not by way of lost"},
		{"nowhere", "(nothing)", "there is no such state"},
	} {
		t.Run(string(row.name), func(t *testing.T) {
			if got := lifecycletest.Path(parcels, row.name).String(); got != row.want {
				t.Errorf("got %s, want %s: %s", got, row.want, row.why)
			}
		})
	}
}

func TestCasesAreEveryCellUnderEveryRule(t *testing.T) {
	var keys []string
	for _, c := range lifecycletest.Cases(parcels) {
		f := factsOf(c.Why)
		verdict, to, why, _ := expect(c.From, c.Event, f)
		if c.Verdict != verdict || c.To != to || c.Why != why || c.Word != wordOf(verdict, c.Event) {
			t.Errorf("%+v: want %s to %q (%s)", c, verdict, to, why)
		}
		keys = append(keys, key(c))
	}
	slices.Sort(keys)
	rules := 1 + 2*1 + 2*2 + 2*1 // send; seen in two states; arrive in two, with two rules; scan in two
	if want := len(everyState)*len(everyEvent) + rules; len(keys) != want || len(slices.Compact(keys)) != want {
		t.Errorf("%d cases, want %d different ones", len(keys), want)
	}
}
