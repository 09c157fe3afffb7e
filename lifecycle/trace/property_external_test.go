package trace_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/lifecycle/trace"
)

func states(chart *lifecycle.Chart) []string {
	all := []string{""}
	for _, s := range chart.Definition().States {
		all = append(all, s.Name)
	}
	return all
}

func events(chart *lifecycle.Chart) (all []string) {
	for _, e := range chart.Definition().Events {
		all = append(all, e.Name)
	}
	return all
}

// possible asks the chart itself whether a line may stand there.
func possible(chart *lifecycle.Chart, from, on, status string) bool {
	all, err := chart.Verdicts(from, on)
	return err == nil && slices.ContainsFunc(all, func(o lifecycle.Outcome[string, string]) bool { return o.To == status })
}

// Every (status, event, status) there is, of all three machines: the line is legal
// exactly where the chart has such a verdict.
func TestEveryCell(t *testing.T) {
	for name, chart := range charts {
		for _, from := range states(chart) {
			way := inserted(chart, from)
			for _, on := range events(chart) {
				for _, status := range states(chart) {
					log := append(slices.Clone(way), trace.Line{Record: "r", Event: on, Status: status})
					got := found(t, chart, trace.Interleaved, log)
					if legal := possible(chart, from, on, status); legal != (len(got) == 0) {
						t.Errorf("%s: %s in %q to %q: legal is %t, found %v", name, on, from, status, legal, got)
					}
				}
			}
		}
	}
}

// inserted is a way into the state, found by what a repair would insert.
func inserted(chart *lifecycle.Chart, state string) []trace.Line {
	if state == "" {
		return nil
	}
	queue := [][]trace.Line{nil}
	for {
		way := queue[0]
		queue = queue[1:]
		at := ""
		if len(way) > 0 {
			at = way[len(way)-1].Status
		}
		if at == state {
			return way
		}
		for _, on := range events(chart) {
			if to, _, ok := chart.Next(at, on); ok && to != at {
				queue = append(queue, append(slices.Clip(way), trace.Line{Record: "r", Event: on, Status: to}))
			}
		}
	}
}

// legalLog draws the lines of some records, in any order that keeps each one's own.
func legalLog(t *rapid.T, chart *lifecycle.Chart) []trace.Line {
	var log []trace.Line
	at := map[string]string{}
	for range rapid.IntRange(0, 30).Draw(t, "lines") {
		record := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "record")
		on := rapid.SampledFrom(events(chart)).Draw(t, "event")
		if at[record] == "" {
			on = chart.Definition().Rows[0].On
		}
		all, _ := chart.Verdicts(at[record], on)
		status := rapid.SampledFrom(all).Draw(t, "outcome").To
		log = append(log, trace.Line{Record: record, Event: on, Status: status})
		at[record] = status
	}
	return log
}

func anyChart(t *rapid.T) *lifecycle.Chart {
	return charts[rapid.SampledFrom([]string{"kyc", "idpass", "payment"}).Draw(t, "machine")]
}

func TestLegalLogsDoNotDiverge(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		chart := anyChart(t)
		for d, err := range trace.New(chart, trace.Interleaved).Divergences(trace.Of(slices.Values(legalLog(t, chart)))) {
			t.Fatal(d, err)
		}
	})
}

// nonsense draws lines of any words, unknown ones among them.
func nonsense(t *rapid.T, chart *lifecycle.Chart, record string, most int) []trace.Line {
	var log []trace.Line
	for range rapid.IntRange(1, most).Draw(t, "lines") {
		log = append(log, trace.Line{Record: record,
			Event:  rapid.SampledFrom(append(events(chart), "nonsense")).Draw(t, "event"),
			Status: rapid.SampledFrom(append(states(chart), "nonsense")).Draw(t, "status")})
	}
	return log
}

// A repaired window is legal, and no smaller repair makes it so: the other search goes
// forwards, from state to state, and knows only what the chart says.
func TestRepairIsLegalAndNearest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		chart := anyChart(t)
		log := nonsense(t, chart, "r", trace.Window)
		for d, err := range trace.New(chart, trace.Interleaved).Divergences(trace.Of(slices.Values(log))) {
			if err != nil {
				t.Fatal(err)
			}
			mended := applied(log, d.Repair)
			for again, err := range trace.New(chart, trace.Interleaved).Divergences(trace.Of(slices.Values(mended))) {
				t.Fatalf("%v\n%v\nis repaired to\n%v\nand then: %v %v", d, log, mended, again, err)
			}
			if least := fewest(chart, d.From, log[d.Number-1:]); least != len(d.Repair) {
				t.Fatalf("%v\n%v\nthe repair has %d edits, %d suffice", d, log, len(d.Repair), least)
			}
		}
	})
}

func applied(log []trace.Line, edits []trace.Edit) []trace.Line {
	var out []trace.Line
	for i, l := range log {
		keep := true
		for _, e := range edits {
			if e.Number != i+1 {
				continue
			}
			switch e.Kind {
			case trace.Insert:
				out = append(out, trace.Line{Record: l.Record, Event: e.Event, Status: e.Status})
			case trace.SetStatus:
				l.Status = e.Status
			case trace.SetEvent:
				l.Event = e.Event
			case trace.Drop:
				keep = false
			}
		}
		if keep {
			out = append(out, l)
		}
	}
	return out
}

// fewest counts the edits that lines need, by trying everything in the order of its price.
func fewest(chart *lifecycle.Chart, from string, log []trace.Line) int {
	type place struct {
		line  int
		state string
	}
	done := map[place]bool{}
	for price, now := 0, []place{{0, from}}; ; price++ {
		var next []place
		for ; len(now) > 0; now = now[1:] {
			p := now[0]
			if p.line == len(log) {
				return price
			}
			if done[p] {
				continue
			}
			done[p] = true
			l := log[p.line]
			next = append(next, place{p.line + 1, p.state})
			for _, on := range events(chart) {
				if to, _, ok := chart.Next(p.state, on); ok {
					next = append(next, place{p.line, to})
				}
				if possible(chart, p.state, on, l.Status) {
					next = append(next, place{p.line + 1, l.Status})
				}
			}
			for _, status := range states(chart) {
				if possible(chart, p.state, l.Event, status) {
					next = append(next, place{p.line + 1, status})
				}
			}
			if possible(chart, p.state, l.Event, l.Status) {
				now = append(now, place{p.line + 1, l.Status})
			}
		}
		now = next
	}
}

// The same lines sorted, and each record alone, give the same answers.
func TestOrderOfRecordsDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		chart := anyChart(t)
		var log []trace.Line
		for _, record := range []string{"a", "b", "c"} {
			log = append(log, nonsense(t, chart, record, 14)...)
		}
		for i := range log {
			log[i].Number = i + 1
		}
		mixed := rapid.Permutation(log).Draw(t, "mixed")
		collect := func(order trace.Order, log []trace.Line) (all []string, totals trace.Totals) {
			checker := trace.New(chart, order)
			for d, err := range checker.Divergences(trace.Of(slices.Values(log))) {
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, fmt.Sprint(d.Record, d))
			}
			slices.Sort(all)
			return all, checker.Totals()
		}
		one, oneTotals := collect(trace.Sorted, log)
		other, otherTotals := collect(trace.Interleaved, interleaved(log, mixed))
		if !slices.Equal(one, other) || oneTotals != otherTotals {
			t.Fatalf("%v %v\n%v %v", one, oneTotals, other, otherTotals)
		}
	})
}

// interleaved takes the records in the order of mixed, and each one's lines in that of log.
func interleaved(log, mixed []trace.Line) []trace.Line {
	own := map[string][]trace.Line{}
	for _, l := range log {
		own[l.Record] = append(own[l.Record], l)
	}
	var out []trace.Line
	for _, l := range mixed {
		out = append(out, own[l.Record][0])
		own[l.Record] = own[l.Record][1:]
	}
	return out
}
