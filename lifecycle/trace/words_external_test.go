package trace_test

import (
	"slices"
	"testing"

	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/lifecycle/trace"
)

// A log calls statuses and events by their names, or as the outside does, and not both.
func TestSpellings(t *testing.T) {
	const mixed = " otherwise than the log before it: a log has the names or the spellings, and not both; nearest repair: change the "
	for _, f := range []finding{
		{"names", "as the machine has them", "a create pending, a start in_review, a passed approved", nil},
		{"spellings", "as the outside has them", "a POST~/reviews pending, a start In~Review, a passed Approved", nil},
		{"spelled statuses, named events", "they are of two columns", "a create pending, a start In~Review, a passed Approved", nil},
		{"named statuses, spelled events", "the same", "a POST~/reviews pending, a start in_review, a passed approved", nil},
		{"spelled, without events", "a status history has none", "a ? pending, a ? In~Review, a ? rejected", nil},
		{"a name among spellings", "it is understood, and told", "a create pending, a start In~Review, a passed approved",
			[]string{"line 3 (step 3 of its record): it calls its status" + mixed + "status in line 3 to Approved"}},
		{"a spelling among names", "the same", "a create pending, a start in_review, a passed Approved",
			[]string{"line 3 (step 3 of its record): it calls its status" + mixed + "status in line 3 to approved"}},
		{"in another record", "the log is one", "a copy In~Review, b copy in_review, a passed Approved",
			[]string{"line 2 (step 1 of its record): it calls its status" + mixed + "status in line 2 to In Review"}},
		{"an event among spellings", "the same", "a POST~/reviews pending, b create pending",
			[]string{"line 2 (step 1 of its record): it calls its event" + mixed + "event in line 2 to POST /reviews"}},
		{"both at once", "both are told", "a POST~/reviews pending, b copy In~Review, c create pending, b passed approved, d copy " +
			"in_review",
			[]string{"line 3 (step 1 of its record): it calls its event" + mixed + "event in line 3 to POST /reviews",
				"line 4 (step 2 of its record): it calls its status" + mixed + "status in line 4 to Approved",
				"line 5 (step 1 of its record): it calls its status" + mixed + "status in line 5 to In Review"}},
		{"both in one line", "that it is illegal is told first", "a POST~/reviews pending, b copy In~Review, c create in_review, d " +
			"create approved",
			[]string{"line 3 (step 1 of its record): POST /reviews in (no record) leaves it pending, not In Review; " +
				"allowed in (no record): POST /reviews → pending, copy → In Review; nearest repair: change the status in line 3 to pending",
				"line 4 (step 1 of its record): POST /reviews in (no record) leaves it pending, not Approved; " +
					"allowed in (no record): POST /reviews → pending, copy → In Review; nearest repair: change the status in line 4 " +
					"to pending"}},
		{"illegal, in spellings", "it is told as the log speaks", "a POST~/reviews pending, a passed Approved",
			[]string{"line 2 (step 2 of its record): passed in pending leaves it pending, not Approved; " +
				"allowed in pending: start → In Review, reject → rejected; nearest repair: insert start → In Review before line 2"}},
		{"illegal, in names", "the same", "a create pending, a passed approved",
			[]string{"line 2 (step 2 of its record): passed in pending leaves it pending, not approved; " +
				"allowed in pending: start → in_review, reject → rejected; nearest repair: insert start → in_review before line 2"}},
		{"illegal, before anything decides", "names are the machine's own", "a reject pending",
			[]string{"line 1 (step 1 of its record): reject in (no record) leaves it (no record), not pending; " +
				"allowed in (no record): create → pending, copy → in_review; nearest repair: change the event in line 1 to create"}},
		{"ambiguous, in spellings", "the same", "a ? In~Review, a ? Approved",
			[]string{"line 2 (step 2 of its record): it does not say which event it was: approve or passed; nearest repair: say in " +
				"line 2 which event it was"}},
		{"another case", "it is neither", "a create pending, a start IN~REVIEW",
			[]string{"line 2 (step 2 of its record): the machine review does not have its status; " +
				"allowed in pending: start → in_review, reject → rejected; nearest repair: change the status in line 2 to in_review"}},
		{"a name behind a fault", "nothing behind it is judged", "a passed Approved, a touch in_review",
			[]string{"line 1 (step 1 of its record): passed in (no record) leaves it (no record), not Approved; " +
				"allowed in (no record): create → pending, copy → In Review; nearest repair: change the status in line 1 to (no " +
				"record), insert copy → In Review before line 2"}},
	} {
		f.told(t, reviews)
	}
}

// Where the outside calls one status by another one's name, the word is the spelling, unless
// the log has used a name before; and a name behind it is told.
func TestASpellingThatIsAName(t *testing.T) {
	def := reviews.Definition()
	for i, s := range def.States {
		def.States[i].Spelling = map[string]string{"pending": "in_review", "in_review": "pending", "approved": "Approved"}[s.Name]
	}
	chart := lifecycle.Must(def)
	for _, f := range []finding{
		{"spellings", "a new review is in_review to the outside", "a create in_review, a start pending, a passed Approved", nil},
		{"a name behind spellings", "the first word has decided", "a create in_review, a start pending, a passed approved",
			[]string{"line 3 (step 3 of its record): it calls its status otherwise than the log before it: " +
				"a log has the names or the spellings, and not both; nearest repair: change the status in line 3 to Approved"}},
		{"names, once they are decided", "the log begins with one", "z ? rejected, a passed approved, b create pending, b start " +
			"in_review", []string{
			"line 1 (step 1 of its record): no event leads from (no record) to rejected; allowed in (no record): create → pending, " +
				"copy → in_review; " +
				"nearest repair: insert create → pending before line 1",
			"line 2 (step 1 of its record): passed in (no record) leaves it (no record), not approved; " +
				"allowed in (no record): create → pending, copy → in_review; nearest repair: insert copy → in_review before line 2"}},
		{"names, before they are decided", "they read as spellings, and it is told", "a create pending",
			[]string{"line 1 (step 1 of its record): create in (no record) leaves it in_review, not pending; " +
				"allowed in (no record): create → in_review, copy → pending; nearest repair: change the status in line 1 to in_review"}},
	} {
		f.told(t, chart)
	}
}

// Everything that a line calls otherwise is mended together.
func TestALineThatMixesBoth(t *testing.T) {
	def := reviews.Definition()
	for i := range def.Events {
		if def.Events[i].Name == "start" {
			def.Events[i].Spelling = "START"
		}
	}
	finding{"both", "the line is legal, and called otherwise throughout",
		"a POST~/reviews pending, a START In~Review, b POST~/reviews pending, b start in_review",
		[]string{"line 4 (step 2 of its record): it calls its event and its status otherwise than the log before it: a log has the " +
			"names or the spellings, and not both; " +
			"nearest repair: change the event in line 4 to START, change the status in line 4 to In Review"}}.told(t, lifecycle.Must(def))
}

// A checker begins each log anew: what one has decided is no matter of the next.
func TestEachLogHasItsOwnLanguage(t *testing.T) {
	checker := trace.New(reviews, trace.Interleaved)
	for _, text := range []string{"a copy In~Review, a passed Approved", "a copy in_review, a passed approved", "a copy In~Review"} {
		for d, err := range checker.Divergences(func(yield func(trace.Line, error) bool) {
			for _, l := range lines(text) {
				if !yield(l, nil) {
					return
				}
			}
		}) {
			t.Errorf("%s: got %v, %v, want no divergence", text, d, err)
		}
	}
}

// A sorted log tells each record when it ends: in names until a word decides, and then as the
// log does.
func TestASortedLogLearnsItsLanguage(t *testing.T) {
	var got []string
	log := lines("a reject pending, b copy In~Review, b start rejected")
	for d, err := range trace.New(reviews, trace.Sorted).Divergences(trace.Of(slices.Values(log))) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, d.From+": "+d.Legal[0])
	}
	if want := []string{": ", "In Review: In Review"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	got = nil
	log = lines("a reject pending, b copy In~Review, b archive rejected")
	for d, err := range trace.New(reviews, trace.Sorted).Divergences(trace.Of(slices.Values(log))) {
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range d.Allowed {
			got = append(got, s.String())
		}
	}
	want := []string{"create → pending", "copy → in_review",
		"touch → In Review", "propose: proposed", "approve → Approved", "passed → Approved", "reject → rejected"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}
