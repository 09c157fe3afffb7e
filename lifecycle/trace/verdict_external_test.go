package trace_test

import (
	"slices"
	"testing"

	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/lifecycle/trace"
)

const fromReview = "allowed in in_review: touch → in_review, propose: proposed, approve → approved, passed → approved, reject → rejected"

// The verdict of a line is held against the table too. Words of notes are verdicts.
func TestVerdictsAreHeldAgainstTheTable(t *testing.T) {
	const begun = "a create pending, a start in_review, "
	const ended = begun + "a passed approved, "
	const wrong = "; nearest repair: change the verdict in line "
	for _, f := range []finding{
		{"a whole life", "as audit entries have it", "a create pending =moved, a start in_review =moved, a propose in_review " +
			"=proposed u1, " +
			"a approve approved =moved u2, a archive approved =archived, a lapse approved =lapsed, a lapse approved =ignored", nil},
		{"notes without a verdict", "the status stays, and that is what a note does", ended + "a archive approved, a lapse approved", nil},
		{"notes in an absorbing status", "nothing moves it, and a note does not",
			"a create pending, a reject rejected, a archive rejected =archived", nil},
		{"another note's word", "the row has its own", ended + "a archive approved =lapsed",
			[]string{"line 4 (step 4 of its record): archive in approved is archived, not lapsed" + wrong + "4 to archived"}},
		{"a foreign word", "it is not repeated", ended + "a archive approved =Jane",
			[]string{"line 4 (step 4 of its record): archive in approved is archived, not another word" + wrong + "4 to archived"}},
		{"a note said to move", "it leads nowhere", ended + "a archive approved =moved",
			[]string{"line 4 (step 4 of its record): archive in approved is archived, not moved" + wrong + "4 to archived"}},
		{"a move said to be a note", "it leads somewhere", "a create pending, a start in_review =proposed",
			[]string{"line 2 (step 2 of its record): start in pending is moved, not proposed" + wrong + "2 to moved"}},
		{"a note that moved the record", "the status cannot be", ended + "a archive rejected",
			[]string{"line 4 (step 4 of its record): archive in approved leaves it approved, not rejected; " +
				"allowed in approved: archive: archived, lapse: lapsed; nearest repair: change the status in line 4 to approved"}},
		{"a note where none is", "nobody proposes there", "a create pending, a propose pending =proposed",
			[]string{"line 2 (step 2 of its record): propose in pending is refused, not proposed" + wrong + "2 to refused"}},
		{"a report that is refused", "reports are ignored", ended + "a lapse approved =refused",
			[]string{"line 4 (step 4 of its record): lapse in approved is ignored or lapsed, not refused" + wrong + "4 to ignored"}},
		{"a command that is ignored", "commands are refused", "a create pending, a approve pending =ignored",
			[]string{"line 2 (step 2 of its record): approve in pending is refused, not ignored" + wrong + "2 to refused"}},
		{"a refusal", "its rule may have said no", begun + "a approve in_review =refused", nil},
		{"a report without a row", "it is ignored", "a create pending, a lapse pending =ignored", nil},
		{"a note that always happens", "no rule of it can say no", ended + "a archive approved =refused",
			[]string{"line 4 (step 4 of its record): archive in approved is archived, not refused" + wrong + "4 to archived"}},
		{"a stay", "an audit trail has no entry of it", begun + "a touch in_review", nil},
		{"a stay said to move", "it has no verdict at all", begun + "a touch in_review =moved",
			[]string{"line 3 (step 3 of its record): touch in in_review has no verdict, and the line says moved; " +
				"nearest repair: leave out the verdict in line 3"}},
		{"what was refused, and moved", "the verdict is right, and the status is not", begun + "a approve approved =refused",
			[]string{"line 3 (step 3 of its record): approve in in_review is moved, not refused" + wrong + "3 to moved"}},
		{"a wrong status and a verdict", "the verdict shows which one it was", "a create pending, a start approved =moved",
			[]string{"line 2 (step 2 of its record): start in pending leaves it in_review, not approved; " +
				"allowed in pending: start → in_review, reject → rejected; nearest repair: change the status in line 2 to in_review"}},
		{"a missed step before a note", "the note is made there", "a create pending, a archive rejected =archived",
			[]string{"line 2 (step 2 of its record): archive in pending leaves it pending, not rejected; " +
				"allowed in pending: start → in_review, reject → rejected; nearest repair: insert reject → rejected before line 2"}},
		{"two wrong verdicts", "the window is mended", "a create pending =archived, a start in_review =lapsed",
			[]string{"line 1 (step 1 of its record): create in (no record) is moved, not archived" + wrong + "1 to moved, change the " +
				"verdict in line 2 to moved"}},
		{"a wrong event of a note", "the word tells which one it was", ended + "a propose approved =archived, a lapse approved =lapsed",
			[]string{"line 4 (step 4 of its record): propose in approved is refused, not archived" + wrong + "4 to refused"}},
		{"no record", "nothing is there to note", "a archive - =archived",
			[]string{"line 1 (step 1 of its record): archive in (no record) is refused, not archived" + wrong + "1 to refused"}},
	} {
		f.told(t, reviews)
	}
}

// A proposal is a step, and whoever took it does not approve.
func TestAProposalIsApprovedByAnother(t *testing.T) {
	const begun = "a create pending, a start in_review, "
	const kept = "line 4 (step 4 of its record): approve was brought by somebody who had taken the other step that REV-1 keeps apart " +
		"from it; " +
		"nearest repair: find out who brought line 4: it takes somebody else"
	for _, f := range []finding{
		{"two persons", "four eyes", begun + "a propose in_review u1, a approve approved u2", nil},
		{"one person", "two eyes", begun + "a propose in_review u1, a approve approved u1", []string{kept}},
		{"one person, with verdicts", "the same", begun + "a propose in_review u1 =proposed, a approve approved u1 =moved", []string{kept}},
		{"one person who was refused", "nothing was proposed", begun + "a propose in_review u1 =refused, a approve approved u1", nil},
		{"one person who was refused at last", "nothing was approved",
			begun + "a propose in_review u1, a approve in_review u1 =refused, a approve approved u2", nil},
		{"one person, where the log does not say", "its word alone tells of the proposal",
			begun + "a ? in_review u1 =proposed, a approve approved u1", []string{kept}},
	} {
		f.told(t, reviews)
	}
}

// Where a note has the word, it is not the refusal of a command.
func TestANoteThatIsARefusal(t *testing.T) {
	def := reviews.Definition()
	for i := range def.Rows {
		if def.Rows[i].On == "archive" {
			def.Rows[i].Note = trace.Refused
		}
	}
	chart := lifecycle.Must(def)
	for _, f := range []finding{
		{"the note", "its row has the word", "a create pending, a reject rejected, a archive rejected =refused", nil},
		{"a refusal", "it cannot be told with that word", "a create pending, a approve pending =refused",
			[]string{"line 2 (step 2 of its record): approve in pending has no verdict, and the line says refused; nearest repair: " +
				"leave out the verdict in line 2"}},
	} {
		f.told(t, chart)
	}
}

func TestALifeWithoutAnEnd(t *testing.T) {
	for _, f := range []finding{
		{"round and round", "nothing ends it", "a join active, a suspend suspended, a resume active, a suspend suspended, a forgive " +
			"active, a write active", nil},
		{"out of order", "who is active is not resumed", "a join active, a resume suspended",
			[]string{"line 2 (step 2 of its record): resume in active leaves it active, not suspended; " +
				"allowed in active: suspend → suspended, write: written, dictate: written; nearest repair: change the event in line 2 " +
				"to suspend"}},
		{"a missed step", "the repair goes around", "a join active, a suspend suspended, a suspend suspended =moved",
			[]string{"line 3 (step 3 of its record): suspend in suspended is refused, not moved; nearest repair: insert resume → " +
				"active before line 3"}},
	} {
		f.told(t, members)
	}
}

// A verdict says whether the event was taken, where the status stays either way.
func TestVerdictsAreCounted(t *testing.T) {
	for _, tc := range []struct {
		name, why, log string
		taken, held    int
	}{
		{"a note", "it was made", "a copy in_review, a passed approved, a lapse approved =lapsed", 3, 0},
		{"a note that was ignored", "its rule said no", "a copy in_review, a passed approved, a lapse approved =ignored", 2, 1},
		{"a note that was refused", "the same", "a copy in_review, a propose in_review =refused", 1, 1},
		{"a note, where the log does not say", "nobody can tell, and it counts as taken", "a copy in_review, a propose in_review", 2, 0},
	} {
		checker := trace.New(reviews, trace.Interleaved)
		for d, err := range checker.Divergences(trace.Of(slices.Values(lines(tc.log)))) {
			t.Errorf("%s: got %v, %v, want no divergence", tc.name, d, err)
		}
		if got := checker.Totals(); got.Taken != tc.taken || got.Held != tc.held {
			t.Errorf("%s: got %d taken and %d held, want %d and %d (%s)", tc.name, got.Taken, got.Held, tc.taken, tc.held, tc.why)
		}
	}
}
