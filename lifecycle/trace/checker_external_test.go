package trace_test

import (
	"errors"
	"slices"
	"strconv"
	"testing"

	"github.com/kycle/kycle/lifecycle/trace"
)

func TestTotals(t *testing.T) {
	checker := trace.New(payments, trace.Interleaved)
	log := lines("a ask asked, a approve asked, b approve paid, b ask asked, b amend asked, a approve paid")
	for range 2 { // a checker can be used again, and counts anew
		for range checker.Divergences(trace.Of(slices.Values(log))) {
		}
		want := trace.Totals{Lines: 6, Records: 2, Taken: 2, Held: 1, Diverged: 1, Unjudged: 2}
		if got := checker.Totals(); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}

// A second mistake is repaired with the first one up to the window's last line, and no further.
func TestWindowEnds(t *testing.T) {
	for second, repaired := range map[int]bool{trace.Window: true, trace.Window + 1: false} {
		log := lines("a approve paid")
		for len(log) < trace.Window+2 {
			log = append(log, trace.Line{Record: "a", Event: "amend", Status: "asked"})
		}
		log[second-1].Status = "paid"
		got := found(t, payments, trace.Interleaved, log)
		if len(got) != 1 || slices.ContainsFunc(got[0].Repair, func(e trace.Edit) bool { return e.Number == second }) != repaired {
			t.Errorf("a mistake in line %d: %v", second, got)
		}
	}
}

func TestSortedRefusesWhatIsNot(t *testing.T) {
	var problem *trace.LineError
	for _, err := range trace.New(payments, trace.Sorted).Divergences(trace.Of(slices.Values(lines("b ask asked, a ask asked")))) {
		if !errors.As(err, &problem) || !errors.Is(err, trace.ErrLine) || problem.Number != 2 {
			t.Fatalf("got the error %v, want one of line 2", err)
		}
	}
	if problem == nil {
		t.Error("a log out of order was taken for a sorted one")
	}
}

func TestLineWithoutRecord(t *testing.T) {
	for _, err := range trace.New(payments, trace.Interleaved).Divergences(trace.Of(slices.Values([]trace.Line{{Event: "ask", Status: "asked"}}))) {
		if !errors.Is(err, trace.ErrLine) {
			t.Errorf("got the error %v, want ErrLine", err)
		}
		return
	}
	t.Error("a line without a record was judged")
}

func TestStoppingEarly(t *testing.T) {
	for _, order := range []trace.Order{trace.Interleaved, trace.Sorted} {
		n := 0
		for range trace.New(payments, order).Divergences(trace.Of(slices.Values(lines("a approve paid, b approve paid, c approve paid")))) {
			n++
			break
		}
		if n != 1 {
			t.Errorf("%s: %d", order, n)
		}
	}
}

// logOf gives a log of records that each live a whole life, one after another.
func logOf(records int) []trace.Line {
	life := []trace.Line{
		{Event: "create", Status: "pending"}, {Event: "in_progress_at_provider", Status: "in_progress"},
		{Event: "in_review_at_provider", Status: "in_review"}, {Event: "expired_at_provider", Status: "in_review"},
		{Event: "approve", Status: "approved"},
	}
	var log []trace.Line
	for i := range records {
		for _, l := range life {
			l.Record = "9b2f6c1e-0000-4000-8000-" + strconv.Itoa(1_000_000+i)
			log = append(log, l)
		}
	}
	return log
}

// A sorted log of ten times the length takes no more memory.
func TestSortedMemoryDoesNotGrow(t *testing.T) {
	checker := trace.New(charts["kyc"], trace.Sorted)
	count := func(records int) float64 {
		log := trace.Of(slices.Values(logOf(records)))
		return testing.AllocsPerRun(5, func() {
			for d, err := range checker.Divergences(log) {
				t.Fatal(d, err)
			}
		})
	}
	if few, many := count(100), count(1000); few != many {
		t.Errorf("%v allocations for 100 records, %v for 1000", few, many)
	}
}
