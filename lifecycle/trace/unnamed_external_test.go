package trace_test

import (
	"slices"
	"testing"

	"github.com/kycle/kycle/lifecycle/trace"
)

const nearest = "; nearest repair: say in line "

// A history without events is judged where its statuses decide the row.
func TestStatusesAloneDecide(t *testing.T) {
	const either = "it does not say which event it was: approve or passed" + nearest
	for _, f := range []finding{
		{"a whole life", "one event leads from each to the next", "a ? pending, a ? in_review, a ? rejected", nil},
		{"the other birth", "it begins there by one event", "a ? in_review, a ? rejected", nil},
		{"a birth where none is", "no event begins there", "a ? approved",
			[]string{"line 1 (step 1 of its record): no event leads from (no record) to approved; allowed in (no record): create → pending, copy → in_review; " +
				"nearest repair: insert copy → in_review before line 1"}},
		{"a status that stays", "nothing was taken that it tells of", "a ? pending, a ? pending, a ? in_review, a ? in_review, a ? rejected, a ? rejected", nil},
		{"a jump", "no event leads there", "a ? pending, a ? approved",
			[]string{"line 2 (step 2 of its record): no event leads from pending to approved; allowed in pending: start → in_review, reject → rejected; " +
				"nearest repair: insert start → in_review before line 2"}},
		{"back", "no event leads there", "a ? in_review, a ? pending, a ? rejected",
			[]string{"line 2 (step 2 of its record): no event leads from in_review to pending; " + fromReview + "; nearest repair: change the status in line 2 to rejected"}},
		{"either of two", "it is not guessed", "a ? in_review, a ? approved", []string{"line 2 (step 2 of its record): " + either + "2 which event it was"}},
		{"either of two, and a fault", "the record is judged on", "a ? in_review, a ? approved, a ? pending",
			[]string{"line 2 (step 2 of its record): " + either + "2 which event it was",
				"line 3 (step 3 of its record): no event leads from approved to pending; allowed in approved: archive: archived, lapse: lapsed; " +
					"nearest repair: change the status in line 3 to approved"}},
		{"either of two, in two records", "each is told", "a ? in_review, b ? in_review, b ? approved, a ? approved",
			[]string{"line 3 (step 2 of its record): " + either + "3 which event it was", "line 4 (step 2 of its record): " + either + "4 which event it was"}},
		{"either of two, behind a fault", "nothing behind it is judged", "a ? approved, a ? in_review, a ? approved",
			[]string{"line 1 (step 1 of its record): no event leads from (no record) to approved; allowed in (no record): create → pending, copy → in_review; " +
				"nearest repair: change the status in line 1 to pending"}},
		{"the event in one line", "what is said is judged", "a ? in_review, a approve approved, a ? approved", nil},
		{"the wrong event in one line", "the same", "a ? pending, a approve approved",
			[]string{"line 2 (step 2 of its record): approve in pending leaves it pending, not approved; allowed in pending: start → in_review, reject → rejected; " +
				"nearest repair: insert start → in_review before line 2"}},
		{"a note by its word", "one event makes it there", "a ? in_review, a ? in_review =proposed, a ? rejected, a ? rejected =archived", nil},
		{"a note's word elsewhere", "no event makes it there", "a ? in_review, a ? in_review =archived",
			[]string{"line 2 (step 2 of its record): the step from in_review to in_review is ignored, refused or proposed, not archived; " +
				"nearest repair: change the verdict in line 2 to ignored"}},
		{"a move by its verdict", "as in an audit entry", "a ? pending =moved, a ? in_review =moved", nil},
		{"a move that stays", "it moved nothing", "a ? in_review, a ? in_review =moved",
			[]string{"line 2 (step 2 of its record): the step from in_review to in_review is ignored, refused or proposed, not moved; " +
				"nearest repair: change the verdict in line 2 to ignored"}},
		{"an unknown status", "whatever the event", "a ? pending, a ? paused",
			[]string{"line 2 (step 2 of its record): the machine review does not have its status; allowed in pending: start → in_review, reject → rejected; " +
				"nearest repair: change the status in line 2 to in_review"}},
		{"what was refused or ignored", "some event can have been", "a ? pending, a ? pending =refused, a ? pending =ignored", nil},
	} {
		f.told(t, reviews)
	}
	for _, f := range []finding{
		{"two ways back, again and again", "the first one of the record is told", "a ? active, a ? suspended, a ? active, a ? suspended, a ? active",
			[]string{"line 3 (step 3 of its record): it does not say which event it was: resume or forgive" + nearest + "3 which event it was"}},
		{"one word of two events", "it is not guessed", "a ? active, a ? active =written, a ? suspended, a ? suspended =written",
			[]string{"line 2 (step 2 of its record): it does not say which event it was: write or dictate" + nearest + "2 which event it was"}},
	} {
		f.told(t, members)
	}
}

// Nobody is kept apart by a line that says neither the event nor enough to tell it.
func TestTotalsOfALogWithoutEvents(t *testing.T) {
	for _, order := range []trace.Order{trace.Interleaved, trace.Sorted} {
		checker := trace.New(members, order)
		log := lines("a ? active, a ? suspended, a ? active, a ? active, a suspend suspended, a ? active, b ? active, b ? suspended, c ? suspended, c ? active")
		var kinds []trace.Kind
		for d, err := range checker.Divergences(trace.Of(slices.Values(log))) {
			if err != nil {
				t.Fatal(err)
			}
			kinds = append(kinds, d.Kind)
		}
		if want := []trace.Kind{trace.Ambiguous, trace.Illegal}; !slices.Equal(kinds, want) {
			t.Errorf("%s: got %v, want %v", order, kinds, want)
		}
		want := trace.Totals{Lines: 10, Records: 3, Taken: 7, Held: 1, Diverged: 1, Unjudged: 1, Unnamed: 7, Ambiguous: 2}
		if got := checker.Totals(); got != want {
			t.Errorf("%s: got %+v, want %+v", order, got, want)
		}
	}
}

// What a tool reads of an ambiguous line.
func TestAnAmbiguousLineNamesItsCandidates(t *testing.T) {
	got := found(t, reviews, trace.Interleaved, lines("a ? in_review, a ? approved"))
	if len(got) != 1 {
		t.Fatalf("got %v, want one divergence", got)
	}
	d := got[0]
	if d.Kind != trace.Ambiguous || d.Event != "" || d.From != "in_review" || d.Status != "approved" || !slices.Equal(d.Candidates, []string{"approve", "passed"}) {
		t.Errorf("got %+v, want approve or passed from in_review to approved", d)
	}
	if want := []string{"in_review", "approved", "rejected"}; !slices.Equal(d.Legal, want) {
		t.Errorf("got %v, want %v to be legal", d.Legal, want)
	}
	if len(d.Repair) != 1 || d.Repair[0] != (trace.Edit{Kind: trace.NameEvent, Number: 2}) {
		t.Errorf("got %+v, want the event of line 2 to be named", d.Repair)
	}
}
