package trace_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/lifecycle/trace"
)

// words are what a chart's lines are made of, and what becomes of each event in each status:
// asked once a chart, since a definition is copied each time.
type words struct {
	states, events, verdicts []string
	outcomes                 map[[2]string][]lifecycle.Outcome[string, string]
}

var asked sync.Map // of *words by chart

func wordsOf(chart *lifecycle.Chart) *words {
	if known, ok := asked.Load(chart); ok {
		return known.(*words)
	}
	w := &words{states: []string{""}, verdicts: []string{"", trace.Moved, trace.Ignored, trace.Refused, "nonsense"}}
	w.outcomes = map[[2]string][]lifecycle.Outcome[string, string]{}
	def := chart.Definition()
	for _, s := range def.States {
		w.states = append(w.states, s.Name)
	}
	for _, e := range def.Events {
		w.events = append(w.events, e.Name)
	}
	for _, r := range def.Rows {
		if r.Note != "" && !slices.Contains(w.verdicts, r.Note) {
			w.verdicts = append(w.verdicts, r.Note)
		}
	}
	for _, from := range w.states {
		for _, on := range w.events {
			w.outcomes[[2]string{from, on}], _ = chart.Verdicts(from, on) // the names are its own
		}
	}
	w.states, w.events, w.verdicts = slices.Clip(w.states), slices.Clip(w.events), slices.Clip(w.verdicts)
	asked.Store(chart, w)
	return w
}

func states(chart *lifecycle.Chart) []string { return wordsOf(chart).states }
func events(chart *lifecycle.Chart) []string { return wordsOf(chart).events }

// verdicts are what a line can say became of its event, "" is nothing; a foreign one too.
func verdicts(chart *lifecycle.Chart) []string { return wordsOf(chart).verdicts }

// outcomes are what can become of an event; the first is the one in which all rules hold.
func outcomes(chart *lifecycle.Chart, from, on string) []lifecycle.Outcome[string, string] {
	return wordsOf(chart).outcomes[[2]string{from, on}]
}

// verdictOf is what a line says of an outcome; of a stay there is none.
func verdictOf(o lifecycle.Outcome[string, string]) string {
	return map[lifecycle.Verdict]string{
		lifecycle.Move: trace.Moved, lifecycle.Note: o.Word, lifecycle.Ignore: trace.Ignored, lifecycle.Refuse: trace.Refused,
	}[o.Verdict]
}

// possible asks the chart itself whether a line may stand there. Without an event any will do.
func possible(chart *lifecycle.Chart, from string, l trace.Line) bool {
	return slices.ContainsFunc(events(chart), func(on string) bool {
		return (l.Event == "" || l.Event == on) && slices.ContainsFunc(outcomes(chart, from, on), func(o lifecycle.Outcome[string, string]) bool {
			return o.To == l.Status && (l.Verdict == "" || l.Verdict == verdictOf(o))
		})
	})
}

// doubtful asks the chart whether several events can have been a line without one: another
// status, or the word of a note, says that a row was taken.
func doubtful(chart *lifecycle.Chart, from string, l trace.Line) bool {
	n := 0
	for _, on := range events(chart) {
		first := outcomes(chart, from, on)[0]
		tells := l.Verdict == "" && first.Verdict == lifecycle.Move || l.Verdict != "" && l.Verdict == verdictOf(first)
		if l.Event == "" && first.Verdict.Fires() && first.To == l.Status && tells {
			n++
		}
	}
	return n > 1
}

// Every (status, event, status, verdict) there is, of all machines: the line is legal exactly
// where the chart has such an outcome, and without an event it is ambiguous exactly where
// several rows lead there.
func TestEveryCell(t *testing.T) {
	for name, chart := range charts {
		checker := trace.New(chart, trace.Interleaved)
		for _, from := range states(chart) {
			way := inserted(chart, from)
			for _, on := range append(events(chart), "") {
				for _, status := range states(chart) {
					for _, verdict := range verdicts(chart) {
						line := trace.Line{Record: "r", Event: on, Status: status, Verdict: verdict}
						legal, doubt := true, false
						for d, err := range checker.Divergences(trace.Of(slices.Values(append(slices.Clip(way), line)))) {
							if err != nil {
								t.Fatal(err)
							}
							legal, doubt = legal && d.Kind == trace.Ambiguous, doubt || d.Kind == trace.Ambiguous
						}
						if legal != possible(chart, from, line) || doubt != doubtful(chart, from, line) {
							t.Errorf("%s: %+v in %q: got legal %t and ambiguous %t, and one is wrong", name, line, from, legal, doubt)
						}
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

// legalLog draws the lines of some records, in any order that keeps each one's own; some say
// what became of the event, and some do not say the event.
func legalLog(t *rapid.T, chart *lifecycle.Chart) []trace.Line {
	var log []trace.Line
	at := map[string]string{}
	for range rapid.IntRange(0, 30).Draw(t, "lines") {
		record := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "record")
		on := rapid.SampledFrom(events(chart)).Draw(t, "event")
		if at[record] == "" {
			births := slices.DeleteFunc(slices.Clone(events(chart)), func(on string) bool {
				_, _, ok := chart.Next("", on)
				return !ok
			})
			on = rapid.SampledFrom(births).Draw(t, "birth")
		}
		outcome := rapid.SampledFrom(outcomes(chart, at[record], on)).Draw(t, "outcome")
		l := trace.Line{Record: record, Event: on, Status: outcome.To}
		if rapid.Bool().Draw(t, "says the verdict") {
			l.Verdict = verdictOf(outcome)
		}
		if rapid.IntRange(0, 3).Draw(t, "says no event") == 0 {
			l.Event = ""
		}
		log = append(log, l)
		at[record] = outcome.To
	}
	return log
}

func anyChart(t *rapid.T) *lifecycle.Chart {
	return charts[rapid.SampledFrom([]string{"kyc", "idpass", "payment", "review", "membership"}).Draw(t, "machine")]
}

func TestLegalLogsDoNotDiverge(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		chart := anyChart(t)
		log, at := legalLog(t, chart), map[string]string{}
		doubts := map[string]bool{}
		for _, l := range log {
			if doubtful(chart, at[l.Record], l) {
				doubts[l.Record] = true
			}
			at[l.Record] = l.Status
		}
		for d, err := range trace.New(chart, trace.Interleaved).Divergences(trace.Of(slices.Values(log))) {
			if err != nil || d.Kind != trace.Ambiguous || !doubts[d.Record] {
				t.Fatal(d, err)
			}
			delete(doubts, d.Record)
		}
		if len(doubts) > 0 {
			t.Fatalf("nothing is told of %v", doubts)
		}
	})
}

// nonsense draws lines of any words, unknown ones among them.
func nonsense(t *rapid.T, chart *lifecycle.Chart, record string, most int) []trace.Line {
	var log []trace.Line
	for range rapid.IntRange(1, most).Draw(t, "lines") {
		log = append(log, trace.Line{Record: record,
			Event:   rapid.SampledFrom(append(events(chart), "nonsense", "")).Draw(t, "event"),
			Status:  rapid.SampledFrom(append(states(chart), "nonsense")).Draw(t, "status"),
			Verdict: rapid.SampledFrom(append(verdicts(chart), "", "", "")).Draw(t, "verdict")})
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
			if d.Kind == trace.Ambiguous {
				continue
			}
			mended := applied(log, d.Repair)
			for again, err := range trace.New(chart, trace.Interleaved).Divergences(trace.Of(slices.Values(mended))) {
				if err != nil || again.Kind != trace.Ambiguous {
					t.Fatalf("%v\n%v\nis repaired to\n%v\nand then: %v %v", d, log, mended, again, err)
				}
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
			case trace.SetVerdict:
				l.Verdict = e.Verdict
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
				other := l
				if other.Event = on; possible(chart, p.state, other) {
					next = append(next, place{p.line + 1, l.Status})
				}
			}
			for _, verdict := range verdicts(chart) {
				other := l
				if other.Verdict = verdict; possible(chart, p.state, other) {
					next = append(next, place{p.line + 1, l.Status})
				}
			}
			for _, status := range states(chart) {
				other := l
				if other.Status = status; possible(chart, p.state, other) {
					next = append(next, place{p.line + 1, status})
				}
			}
			if possible(chart, p.state, l) {
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
