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
		{"exhaust without a machine", func(t lifecycletest.TB) { lifecycletest.Exhaust(t, none, subject()) }, "a machine", "its constructor failed, and nobody looked"},
		{"exhaust without Give", func(t lifecycletest.TB) { lifecycletest.Exhaust(t, parcels, mute) }, "Subject.Give", "there is no service to drive"},
		{"follow without Give", func(t lifecycletest.TB) { lifecycletest.Follow(t, mute, lifecycletest.Path(parcels, "sent")) }, "Subject.Give", "the same"},
		{"follow nothing without Give", func(t lifecycletest.TB) { lifecycletest.Follow(t, mute, nil) }, "Subject.Give", "an empty walk must not hide it"},
		{"cover without a machine", func(t lifecycletest.TB) { lifecycletest.Cover(t, none, nil) }, "a machine", "its report would panic at the end"},
		{"mutants without a machine", func(t lifecycletest.TB) { lifecycletest.Mutants(t, none, strict, nil) }, "a machine", "the same"},
		{"mutants without tests", func(t lifecycletest.TB) { lifecycletest.Mutants(t, parcels, nil, nil) }, "the tests", "there is nothing to fail"},
	} {
		t.Run(row.name, func(t *testing.T) {
			want := fmt.Sprintf("[lifecycletest: %s is needed, and is nil]", row.want)
			if got := fmt.Sprint(lifecycletest.Failures(row.test)); got != want {
				t.Errorf("got %s, want %s: %s", got, want, row.why)
			}
		})
	}
}
