package lifecycletest_test

import (
	"fmt"
	"testing"

	"github.com/kycle/kycle/lifecycle/lifecycletest"
)

// What is nil and needed ends the test in one line, and is no panic.
func TestWhatIsNeededIsNamed(t *testing.T) {
	var none *machine
	mute := lifecycletest.Subject[state, event, int]{}
	for _, row := range []struct {
		name string
		test func(lifecycletest.TB)
		want string
		why  string
	}{
		{"exhaust without a machine", func(t lifecycletest.TB) { lifecycletest.Exhaust(t, none, subject()) }, "a machine",
			"its constructor failed, and nobody looked"},
		{"exhaust without Give", func(t lifecycletest.TB) { lifecycletest.Exhaust(t, parcels, mute) }, "Subject.Give",
			"there is no service to drive"},
		{"follow without Give", func(t lifecycletest.TB) { lifecycletest.Follow(t, mute, lifecycletest.Path(parcels, "sent")) },
			"Subject.Give", "the same"},
		{"follow nothing without Give", func(t lifecycletest.TB) { lifecycletest.Follow(t, mute, nil) }, "Subject.Give",
			"an empty walk must not hide it"},
		{"cover without a machine", func(t lifecycletest.TB) { lifecycletest.Cover(t, none, nil) }, "a machine",
			"its report would panic at the end"},
		{"mutants without a machine", func(t lifecycletest.TB) { lifecycletest.Mutants(t, none, strict, nil) }, "a machine", "the same"},
		{"mutants without tests", func(t lifecycletest.TB) { lifecycletest.Mutants(t, parcels, nil, nil) }, "the tests",
			"there is nothing to fail"},
	} {
		t.Run(row.name, func(t *testing.T) {
			want := fmt.Sprintf("[lifecycletest: %s is needed, and is nil]", row.want)
			if got := fmt.Sprint(lifecycletest.Failures(row.test)); got != want {
				t.Errorf("got %s, want %s: %s", got, want, row.why)
			}
		})
	}
}

// A misspelt effect would be compared with nothing, and a service that forgets it pass.
func TestExhaustKnowsTheEffects(t *testing.T) {
	for _, row := range []struct {
		name    string
		effects []string
		want    string
		why     string
	}{
		{"all", []string{"charge", "refund", "thank"}, "[]", "some row has each"},
		{"misspelt", []string{"charge", "refund", "thnk", "thank"}, `[parcel: no row has the effects ["thnk"] of Subject.Effects]`,
			"no row has it, and nothing is tried"},
		{"two misspelt", []string{"chrage", "refund", "thank", "thnk"},
			`[parcel: no row has the effects ["chrage" "thnk"] of Subject.Effects]`, "all are told at once"},
		{"a label", []string{"charge", "refund", "thank", "here"}, `[parcel: no row has the effects ["here"] of Subject.Effects]`,
			"it is a term, and no effect"},
		{"empty", []string{"charge", "refund", "thank", ""}, `[parcel: no row has the effects [""] of Subject.Effects]`, "the same"},
	} {
		t.Run(row.name, func(t *testing.T) {
			s, given := subject(), 0
			honest := s.Give
			s.Give = func(parcel *int, c outcome) (answer, error) { given++; return honest(parcel, c) }
			s.Effects = row.effects
			got := fmt.Sprint(lifecycletest.Failures(func(t lifecycletest.TB) { lifecycletest.Exhaust(t, parcels, s) }))
			if got != row.want || (given > 0) != (row.want == "[]") {
				t.Errorf("got %s after %d cases, want %s: %s", got, given, row.want, row.why)
			}
		})
	}
}
