package lifecycletest_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/lifecycle/lifecycletest"
)

// observed is a coverage that has seen every case but some.
func observed(impossible func(outcome) string, but func(outcome) bool) *lifecycletest.Coverage[state, event, facts] {
	c := lifecycletest.NewCoverage(parcels, impossible)
	for _, o := range lifecycletest.Cases(parcels) {
		if !but(o) {
			c.Observe(o, nil)
		}
	}
	return c
}

func TestCoverageNamesTheOneCaseThatNobodySaw(t *testing.T) {
	kinds := map[string]int{}
	for _, missing := range lifecycletest.Cases(parcels) {
		c := observed(nil, func(o outcome) bool { return key(o) == key(missing) })
		got := c.Missing()
		if len(got) != 1 {
			t.Fatalf("%+v: %q", missing, got)
		}
		kind, text, _ := strings.Cut(got[0], ": ")
		if !names(text, missing) {
			t.Errorf("%+v: %q", missing, got)
		}
		kinds[kind]++
	}
	if got, want := fmt.Sprint(kinds), "map[refusal never met:19 report never ignored:23 row never fired:12 rule never said no:9]"; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

// What Decide gives is what is observed, refusals included, by any number of goroutines.
func TestCoverageWatchesDecide(t *testing.T) {
	c := lifecycletest.Cover(t, parcels, nil)
	var wait sync.WaitGroup
	for _, o := range lifecycletest.Cases(parcels) {
		wait.Go(func() {
			out, err := c.Decide(o.From, o.Event, factsOf(o.Why))
			want, wantErr := parcels.Decide(o.From, o.Event, factsOf(o.Why))
			if fmt.Sprint(out, err) != fmt.Sprint(want, wantErr) {
				t.Errorf("%+v: got %+v %v, want %+v %v", o, out, err, want, wantErr)
			}
		})
	}
	wait.Wait()
}

func TestCoverFailsWhenTheTestEnds(t *testing.T) {
	got := lifecycletest.Failures(func(t lifecycletest.TB) {
		c := lifecycletest.Cover(t, parcels, func(o outcome) string {
			if o.From != "packed" || o.Event != "send" {
				return "of no interest"
			}
			return ""
		})
		c.Observe(parcels.Decide("packed", "send", facts{}))
	})
	want := "[the tests of parcel leave 1 open:\n  row never fired: send in \"packed\": move to \"sent\"]"
	if fmt.Sprint(got) != want {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

func TestCoverageNamesWhatCannotBe(t *testing.T) {
	impossible := func(o outcome) string { return map[bool]string{true: "nothing is lost here"}[o.From == "lost"] }
	c := observed(impossible, func(o outcome) bool { return o.From == "lost" })
	if got := c.Missing(); got != nil {
		t.Errorf("what is impossible is not missing: %q", got)
	}
	c.Observe(parcels.Decide("lost", "forget", facts{}))
	c.Observe(outcome{From: "packed", Event: "forget", Why: "not_due"}, nil)
	c.Observe(outcome{}, errors.New("the store is down")) // no word on any case
	_, err := c.Decide("mislaid", "forget", facts{})
	if !errors.Is(err, lifecycle.ErrUnknown) {
		t.Errorf("got the error %v, want ErrUnknown", err)
	}
	want := `["said to be impossible (nothing is lost here), and seen: forget in \"lost\": ignore" ` +
		`"seen, and no case of the machine: forget in \"packed\" (\"not_due\")"]`
	if got := fmt.Sprintf("%q", c.Missing()); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

type ran int

func (r ran) Run() int { return int(r) }

func TestRunJudgesWholeRunsOnly(t *testing.T) {
	whole := observed(nil, func(outcome) bool { return false })
	lacking := observed(nil, func(o outcome) bool { return o.From == "" && o.Event == "pack" })
	for _, row := range []struct {
		name         string
		cover        *lifecycletest.Coverage[state, event, facts]
		flag         string
		before, want int
		said         string
		why          string
	}{
		{"whole", whole, "", 0, 0, "", "all was seen"},
		{"lacking", lacking, "", 0, 1, "the tests of parcel leave 1 open:\n  row never fired: pack without a record: move to \"packed\"\n",
			"that is what it is for"},
		{"failed", lacking, "", 2, 2, "", "a test that fails is told first"},
		{"some only", lacking, "test.run", 0, 0, "", "of some tests nobody expects everything"},
		{"all but some", lacking, "test.skip", 0, 0, "", "of some tests nobody expects everything"},
	} {
		t.Run(row.name, func(t *testing.T) {
			set(t, "test.run", "")
			set(t, "test.skip", "")
			if row.flag != "" {
				set(t, row.flag, "Some")
			}
			code := -1
			said := stderr(t, func() { code = row.cover.Run(ran(row.before)) })
			if code != row.want || said != row.said {
				t.Errorf("%d and %q, want %d and %q: %s", code, said, row.want, row.said, row.why)
			}
		})
	}
}

// set sets a flag for a test.
func set(t *testing.T, name, value string) {
	f := flag.Lookup(name)
	before := f.Value.String()
	t.Cleanup(func() { _ = flag.Set(name, before) })
	if err := flag.Set(name, value); err != nil {
		t.Fatal(err)
	}
}

// stderr gives what is written on standard error.
func stderr(t *testing.T, do func()) string {
	file, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	before := os.Stderr
	os.Stderr = file
	do()
	os.Stderr = before
	text, err := os.ReadFile(file.Name())
	if err = errors.Join(err, file.Close()); err != nil {
		t.Fatal(err)
	}
	return string(text)
}
