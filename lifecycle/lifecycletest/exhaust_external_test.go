package lifecycletest_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/lifecycle/lifecycletest"
)

func TestExhaustTriesEveryCaseOfAnHonestService(t *testing.T) {
	s, tried := subject(), map[string]int{}
	honest := s.Give
	s.Bring = func(parcel *int, c outcome) error {
		tried[key(c)]++
		return bring(honest)(parcel, c)
	}
	lifecycletest.Exhaust(t, parcels, s)
	for _, c := range lifecycletest.Cases(parcels) {
		if tried[key(c)] != 1 {
			t.Errorf("%+v was tried %d times", c, tried[key(c)])
		}
	}
	s.Bring = nil
	lifecycletest.Exhaust(t, parcels, s)
}

// bring takes a parcel along the shortest path, by a service that tells no lies.
func bring(give func(*int, outcome) (answer, error)) func(*int, outcome) error {
	return func(parcel *int, c outcome) error {
		for _, step := range paths[c.From] {
			if _, err := give(parcel, step); err != nil {
				return err
			}
		}
		return nil
	}
}

var paths = func() map[state]walk {
	all := map[state]walk{}
	for _, s := range everyState {
		all[s] = lifecycletest.Path(parcels, s)
	}
	return all
}()

// lies are what a service can do other than the table says. Each changes the answer to one
// case; ok is false where there is no such lie to tell.
var lies = []struct {
	name string
	tell func(c outcome, got *answer, err *error) (ok bool)
	text string // in the failure
	why  string
}{
	{"another state", func(_ outcome, got *answer, _ *error) bool { got.State += "x"; return true }, "it stands in", "the record is where it should not be"},
	{"another verdict", func(c outcome, got *answer, _ *error) bool {
		got.Verdict = map[lifecycle.Verdict]lifecycle.Verdict{
			lifecycle.Move: lifecycle.Stay, lifecycle.Stay: lifecycle.Ignore, lifecycle.Ignore: lifecycle.Note, lifecycle.Note: lifecycle.Stay,
		}[c.Verdict]
		return c.Verdict != lifecycle.Refuse
	}, "the service says", "the host is told what did not happen"},
	{"another word", func(c outcome, got *answer, _ *error) bool {
		got.Note = map[string]string{"stamped": "scanned", "scanned": "stamped"}[c.Word]
		return c.Word != ""
	}, "the note is \"s", "the word is all that the history says"},
	{"a note too many", func(c outcome, got *answer, _ *error) bool {
		got.Note = "stamped"
		return c.Word == ""
	}, `it made the note "stamped"`, "the history says what is not so"},
	{"no refusal", func(c outcome, got *answer, err *error) bool {
		*err, got.Verdict = nil, ""
		return c.Verdict == lifecycle.Refuse
	}, "it was not refused", "a command that may not be is told to its caller"},
	{"a refusal", func(c outcome, _ *answer, err *error) bool {
		*err = lifecycle.ErrNotAllowed
		return c.Verdict != lifecycle.Refuse
	}, "the service says refuse", "what may be, and all news, is not refused"},
	{"another reason", func(c outcome, got *answer, err *error) bool {
		got.Why = "mood"
		if c.Verdict == lifecycle.Refuse {
			*err = &lifecycle.Denied{Rule: "mood"}
		}
		return true
	}, `the reason is "mood"`, "the reason stands in the audit trail"},
	{"a refusal for want of a row", func(c outcome, _ *answer, err *error) bool {
		*err = &lifecycle.Denied{}
		return c.Verdict == lifecycle.Refuse && c.Why != lifecycle.NoRow
	}, `the reason is "no_row"`, "the rule's word is lost"},
	{"an effect forgotten", func(c outcome, got *answer, _ *error) bool {
		forgotten := len(got.Does) > 0
		got.Does = nil
		return forgotten
	}, "did not come about", "the customer is not charged, or not paid back"},
	{"an effect too many", func(c outcome, got *answer, _ *error) bool {
		got.Does = append(got.Does, map[bool]string{true: "refund", false: "charge"}[c.Does("charge")])
		return true
	}, "came about", "the customer is charged, and nothing was done"},
	{"an effect twice", func(_ outcome, got *answer, _ *error) bool {
		got.Does = append(got.Does, got.Does...)
		return len(got.Does) > 0
	}, "came about 2 times", "the customer is charged twice"},
	{"an effect that nobody knows", func(_ outcome, got *answer, _ *error) bool { got.Does = append(got.Does, "wave"); return true },
		"the effect wave came about, which is not among the subject's", "it was misspelt, and what it stands for is not compared"},
	{"a failure", func(_ outcome, _ *answer, err *error) bool { *err = errors.New("the roof is on fire"); return true },
		"the service failed: the roof is on fire", "a service that fails has shown nothing"},
}

func TestExhaustNamesEveryLie(t *testing.T) {
	for _, lie := range lies {
		t.Run(lie.name, func(t *testing.T) {
			told := 0
			for _, about := range lifecycletest.Cases(parcels) {
				s := subject()
				honest := s.Give
				s.Bring = bring(honest)
				lying := true
				s.Give = func(parcel *int, c outcome) (answer, error) {
					got, err := honest(parcel, c)
					if key(c) == key(about) {
						lying = lie.tell(c, &got, &err)
					}
					return got, err
				}
				failures := lifecycletest.Failures(func(t lifecycletest.TB) { lifecycletest.Exhaust(t, parcels, s) })
				if !lying {
					continue
				}
				told++
				if len(failures) != 1 || !strings.Contains(failures[0], lie.text) || !names(failures[0], about) {
					t.Errorf("a lie about %+v: %q: %s", about, failures, lie.why)
				}
			}
			if told == 0 {
				t.Error("there was nothing to lie about")
			}
		})
	}
}

// names tells whether a failure begins with the case that it is about.
func names(failure string, c outcome) bool {
	where := fmt.Sprintf("%s in %q", c.Event, c.From)
	if c.From == "" {
		where = fmt.Sprintf("%s without a record", c.Event)
	}
	if c.Why != "" && c.Why != lifecycle.NoRow {
		where += ", if " + c.Why + " says no"
	}
	return strings.HasPrefix(failure, where+": "+string(c.Verdict))
}

func TestExhaustSaysWhatItCouldNotTry(t *testing.T) {
	s := subject()
	s.Bring = func(_ *int, c outcome) error {
		if c.From == "lost" {
			return errors.New("no parcel was ever lost")
		}
		return nil
	}
	s.Impossible = func(c outcome) string {
		if c.From != "lost" {
			return "only the lost are of interest"
		}
		return ""
	}
	failures := lifecycletest.Failures(func(t lifecycletest.TB) { lifecycletest.Exhaust(t, parcels, s) })
	want := fmt.Sprintf(`[%d of the cases in "lost" could not be tried, because no record could be brought there: no parcel was ever lost]`, inLost)
	if fmt.Sprint(failures) != want {
		t.Errorf("got %q\nwant %s", failures, want)
	}
	s.Impossible = func(outcome) string { return "it is Sunday" }
	failures = lifecycletest.Failures(func(t lifecycletest.TB) { lifecycletest.Exhaust(t, parcels, s) })
	if want = "[parcel: no case is possible: nothing was tried]"; fmt.Sprint(failures) != want {
		t.Errorf("got %q\nwant %s", failures, want)
	}
}

// inLost are the cases of one state: an outcome of every event, and one for each of four rules.
var inLost = len(everyEvent) + 4

// Without Bring a record goes by the shortest path, and a service that fails on it is
// named with the step.
func TestExhaustBringsRecordsByThePath(t *testing.T) {
	s := subject()
	honest := s.Give
	s.Give = func(parcel *int, c outcome) (answer, error) {
		got, err := honest(parcel, c)
		if c.From == "sent" && c.Event == "forget" {
			got.State = "sent"
		}
		return got, err
	}
	failures := lifecycletest.Failures(func(t lifecycletest.TB) { lifecycletest.Exhaust(t, parcels, s) })
	differs := `forget in "sent": move to "lost"; it stands in "sent" and not in "lost"`
	want := fmt.Sprintf(`[%s %d of the cases in "lost" could not be tried, because no record could be brought there: %s]`, differs, inLost, differs)
	if fmt.Sprint(failures) != want {
		t.Errorf("got %q\nwant %s", failures, want)
	}
}

// Two reasons in one state are two lines, and what cannot begin is told without a state.
func TestExhaustCountsWhatItCouldNotTry(t *testing.T) {
	s := subject()
	honest := bring(s.Give)
	s.Bring = func(parcel *int, c outcome) error {
		if c.From == "" || c.From == "lost" && c.Event == "rain" {
			return errors.New("it rains")
		}
		if c.From == "lost" {
			return errors.New("the sun shines")
		}
		return honest(parcel, c)
	}
	want := "[" + strings.Join([]string{
		"9 of the cases without a record could not be tried, because no record could be brought there: it rains",
		`12 of the cases in "lost" could not be tried, because no record could be brought there: the sun shines`,
		`1 of the cases in "lost" could not be tried, because no record could be brought there: it rains`,
	}, " ") + "]"
	if got := fmt.Sprint(lifecycletest.Failures(func(t lifecycletest.TB) { lifecycletest.Exhaust(t, parcels, s) })); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

// A service that does not tell its verdicts is compared by state and refusals alone.
func TestExhaustTakesAServiceThatSaysLittle(t *testing.T) {
	s := subject()
	honest := s.Give
	s.Give = func(parcel *int, c outcome) (answer, error) {
		got, err := honest(parcel, c)
		if err != nil {
			err = fmt.Errorf("post: %w", lifecycle.ErrNotAllowed)
		}
		return answer{State: got.State}, err
	}
	s.Effects = nil // it does not tell them either
	lifecycletest.Exhaust(t, parcels, s)
}

func TestFollowNamesTheFirstDifference(t *testing.T) {
	s := subject()
	honest := s.Give
	s.Give = func(parcel *int, c outcome) (answer, error) {
		got, err := honest(parcel, c)
		if c.Why == "older" || c.Event == "forget" {
			got.State = "there"
		}
		return got, err
	}
	w := lifecycletest.Path(parcels, "sent")
	for _, c := range lifecycletest.Cases(parcels) {
		if k := key(c); k == "sent seen older" || k == "sent forget " {
			w = append(w, c)
		}
	}
	want := `[after pack → packed, send → sent: seen in "sent", if older says no: ignore; it stands in "there" and not in "sent"]`
	follow := func(t lifecycletest.TB) { lifecycletest.Follow(t, s, w) }
	if got := fmt.Sprint(lifecycletest.Failures(follow)); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	s.Impossible = func(outcome) string { return "never seen" } // only what changes nothing can be left out
	want = `[after pack → packed, send → sent, seen ignore (older): forget in "sent": move to "lost"; it stands in "there" and not in "lost"]`
	if got := fmt.Sprint(lifecycletest.Failures(follow)); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestFailuresEndATestAsTestingDoes(t *testing.T) {
	for _, row := range []struct {
		name string
		test func(lifecycletest.TB)
		want string
		why  string
	}{
		{"passes", func(t lifecycletest.TB) { t.Helper(); t.Logf("all is well") }, "[]", "a log is no failure"},
		{"goes on", func(t lifecycletest.TB) { t.Errorf("%d", 1); t.Errorf("%d", 2) }, "[1 2]", "Errorf goes on"},
		{"ends", func(t lifecycletest.TB) { t.Fatalf("%d", 1); t.Errorf("%d", 2) }, "[1]", "Fatalf ends"},
		{"cleans up", func(t lifecycletest.TB) {
			t.Cleanup(func() { t.Errorf("%d", 3) })
			t.Cleanup(func() { t.Fatalf("%d", 2) })
			t.Fatalf("%d", 1)
		}, "[1 2 3]", "at the end, the last one first, whatever happened"},
		{"goes on without a format", func(t lifecycletest.TB) { t.Error(1, "a"); t.Log("on"); t.Error("b") }, "[1 a b]", "as Println has it"},
		{"ends without a format", func(t lifecycletest.TB) { t.Fatal(1, "a"); t.Error("b") }, "[1 a]", "Fatal ends"},
		{"fails without a word", func(t lifecycletest.TB) { t.Fail(); t.Fail(); t.FailNow(); t.Error("b") }, "[it failed without a word]", "it failed all the same, and once"},
		{"ends what it has told", func(t lifecycletest.TB) { t.Error(t.Failed()); t.Error(t.Failed()); t.FailNow() }, "[false true]", "as rapid does"},
		{"is skipped", func(t lifecycletest.TB) { t.Skipf("%s", t.Name()); t.Errorf("b") }, "[]", "a skip is no failure, and ends it"},
		{"is skipped without a format", func(t lifecycletest.TB) { t.Skip("a"); t.Errorf("b") }, "[]", "the same"},
		{"is skipped at once", func(t lifecycletest.TB) { t.SkipNow(); t.Errorf("b") }, "[]", "the same"},
		{"panics", func(lifecycletest.TB) { panic("oh") }, "[panic: oh]", "a panic is a failure, and of this test alone"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := fmt.Sprint(lifecycletest.Failures(row.test)); got != row.want {
				t.Errorf("got %s, want %s: %s", got, row.want, row.why)
			}
		})
	}
}
