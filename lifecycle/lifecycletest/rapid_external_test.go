package lifecycletest_test

import (
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/lifecycle/lifecycletest"
)

// drawnly is a test by rapid that takes a machine: wherever a drawn walk leads, the machine
// leads there too.
func drawnly(t lifecycletest.TB, m *machine) {
	rapid.Check(t, func(t *rapid.T) {
		for _, g := range []*rapid.Generator[walk]{lifecycletest.Legal(parcels), lifecycletest.Illegal(parcels)} {
			for _, c := range g.Draw(t, "walk") {
				out, err := m.Decide(c.From, c.Event, factsOf(c.Why))
				alike := out.Verdict == c.Verdict && out.To == c.To && out.Why == c.Why && out.Word == c.Word
				if err == nil && !alike || (err != nil) != (c.Verdict == lifecycle.Refuse) {
					t.Fatalf("%s in %q: %s to %q, %v", c.Event, c.From, out.Verdict, out.To, err)
				}
			}
		}
	})
}

// quietly keeps rapid from shrinking what a mutant fails with, and from writing it to files;
// and from drawing other walks each time, of which some would notice fewer mutants.
func quietly(t *testing.T) {
	set(t, "rapid.seed", "1")
	set(t, "rapid.shrinktime", "0s")
	set(t, "rapid.nofailfile", "true")
}

// A property runs on mutants too, and kills those on its way.
func TestAPropertyNoticesMutants(t *testing.T) {
	quietly(t)
	var score lifecycletest.Score
	lifecycletest.Failures(func(t lifecycletest.TB) { score = lifecycletest.Mutants(t, parcels, drawnly, nil) })
	if score.Killed < 50 {
		t.Error(score)
	}
	for _, words := range score.Survived {
		if strings.HasPrefix(words, "pack without a record") || strings.HasPrefix(words, `send in "packed"`) || strings.HasPrefix(words, `unpack in "packed"`) {
			t.Errorf("it survives, and is on half of all walks: %s", words)
		}
	}
	if _, err := os.Stat("testdata/rapid"); err == nil {
		t.Error("rapid has kept what mutants failed with")
	}
}

// A property that fails is one failure, told by rapid.
func TestAPropertyFailsApart(t *testing.T) {
	quietly(t)
	got := lifecycletest.Failures(func(t lifecycletest.TB) {
		rapid.Check(t, func(t *rapid.T) { t.Fatalf("no") })
		t.Errorf("rapid ends a test that has failed")
	})
	if len(got) == 0 || !strings.Contains(got[0], "[rapid] failed after 0 tests: no") || strings.Contains(strings.Join(got, "\n"), "rapid ends") {
		t.Errorf("%q", got)
	}
}

// A property of rapid is a test like others. On mutants rapid is not to shrink, nor to keep
// what they fail with: a TestMain says so, or go test -rapid.shrinktime=0s -rapid.nofailfile.
func ExampleMutants_rapid() {
	testMutants := func(t *testing.T) {
		lifecycletest.Mutants(t, parcels, func(t lifecycletest.TB, m *machine) {
			strict(t, m)
			rapid.Check(t, func(t *rapid.T) {
				w := lifecycletest.Legal(m).Draw(t, "walk") // of the mutant
				if w[0].To != "packed" {
					t.Fatalf("%s", w)
				}
			})
		}, nil)
	}
	_ = testMutants // go test runs it as TestMutants
}
