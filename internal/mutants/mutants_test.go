package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

const wages = `package wages

type Hour int

func (h *Hour) Pay(rate int) int {
	if rate > 0 && *h > 0 {
		return rate * int(*h)
	}
	return 0
}

func Text(name string) string {
	for {
		break
	}
	return "to " + name + " " + string(rune(*new(Hour)+1))
}

var p, least = &Hour0, 1 + 1
var Hour0 Hour
`

// work puts a module with one package into a new folder and goes there.
func work(t *testing.T) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{"go.mod": "module wages.example\n\ngo 1.25\n", "wages/wages.go": wages} {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestPlacesAreFoundByWhatTheySay(t *testing.T) {
	work(t)
	code, err := readSource("wages/wages.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name, why    string
		line, column int
		fn, text     string
	}{
		{"first on its line", "the mark tells which of two", 6, 10, "Hour.Pay", "if rate ▸> 0 && *h > 0 {"},
		{"second on its line", "the same", 6, 20, "Hour.Pay", "if rate > 0 && *h ▸> 0 {"},
		{"a plain function", "no receiver", 16, 15, "Text", `return "to " ▸+ name + " " + string(rune(*new(Hour)+1))`},
		{"a variable", "no function", 19, 16, "-", "var p, least = ▸&Hour0, 1 + 1"},
		{"no column", "a block of statements is its first line", 6, 0, "Hour.Pay", "if rate > 0 && *h > 0 {"},
	} {
		want := place{"wages/wages.go", tc.fn, "A_KIND", tc.text}
		if got := code.at("A_KIND", tc.line, tc.column); got != want {
			t.Errorf("%s: got %v, want %v (%s)", tc.name, got, want, tc.why)
		}
	}
}

func TestListTellsWhatDiffers(t *testing.T) {
	a := place{"refund/amount.go", "Amount.Plus", "CONDITIONALS_BOUNDARY", "case b.Minor ▸> 0 || c < `x`:"}
	b := place{"store/update.go", "-", "ARITHMETIC_BASE", "const n = 2 ▸+ 2"}
	listed, err := parse("# Title\n\nprose\n\n" + a.String() + " because.\n" + a.String() + " because of that too.\n* not an entry\n" + b.String() + " why.\n")
	if err != nil || !slices.Equal(listed, []place{a, a, b}) {
		t.Fatalf("got %v, %v", listed, err)
	}
	for _, tc := range []struct {
		name, why string
		found     []place
		want      []string
	}{
		{"the same", "all is explained", []place{b, a, a}, nil},
		{"one more", "the same twice is two", []place{a, a, a, b}, []string{"not in the list: " + a.String()}},
		{"one less", "it is killed by now, or its line was edited", []place{a, a}, []string{"in the list, and no longer so: " + b.String()}},
		{"another", "both ways", []place{a, a, {b.file, b.fn, "INVERT_LOGICAL", b.text}},
			[]string{"not in the list: " + place{b.file, b.fn, "INVERT_LOGICAL", b.text}.String(), "in the list, and no longer so: " + b.String()}},
	} {
		if got := compare(tc.found, listed); !slices.Equal(got, tc.want) {
			t.Errorf("%s: got %q (%s)", tc.name, got, tc.why)
		}
	}
	if _, err := parse(a.String()); err == nil {
		t.Error("an entry without a reason is taken")
	}
}

func TestListIsReadBySuite(t *testing.T) {
	all := []place{
		{file: "store/update.go", kind: "INVERT_LOGICAL"}, {file: "store/window.go", kind: "INVERT_LOGICAL"}, {file: "store/update.go", kind: uncovered},
		{file: "storetest/update.go", kind: "INVERT_LOGICAL"}, {file: "lifecycle/trace/line.go", kind: "INVERT_LOGICAL"}, {file: "lifecycle/path.go", kind: uncovered},
	}
	chosen := []suite{{"store", "update.go", 1}, {"lifecycle", "", 1}}
	if got := about(all, chosen, false); !slices.Equal(got, all[:1]) {
		t.Errorf("mutants: got %v", got)
	}
	if got := about(all, chosen, true); !slices.Equal(got, []place{all[2], all[5]}) {
		t.Errorf("coverage: got %v", got)
	}
}

// What the compiler killed no test killed; what was not killed has survived, whatever it is called.
func TestTally(t *testing.T) {
	work(t)
	var r report
	if err := json.Unmarshal([]byte(`{"files": [{"file_name": "wages.go", "mutations": [
		{"type": "CONDITIONALS_BOUNDARY", "status": "LIVED", "line": 6, "column": 10},
		{"type": "CONDITIONALS_BOUNDARY", "status": "KILLED", "line": 6, "column": 20},
		{"type": "INVERT_LOGICAL", "status": "TIMED OUT", "line": 6, "column": 14},
		{"type": "ARITHMETIC_BASE", "status": "NOT COVERED", "line": 7, "column": 15},
		{"type": "ARITHMETIC_BASE", "status": "NOT VIABLE", "line": 19, "column": 28},
		{"type": "ARITHMETIC_BASE", "status": "KILLED", "line": 16, "column": 15},
		{"type": "ARITHMETIC_BASE", "status": "KILLED", "line": 16, "column": 53},
		{"type": "INVERT_LOOPCTRL", "status": "KILLED", "line": 14, "column": 3},
		{"type": "INVERT_BITWISE", "status": "KILLED", "line": 19, "column": 16}]}]}`), &r); err != nil {
		t.Fatal(err)
	}
	survivors, n, err := tally(suite{pkg: "wages"}, r, compiles)
	if err != nil {
		t.Fatal(err)
	}
	// Text cannot be subtracted, and |Hour0 is nothing; the sum of numbers and the loop's end compile.
	if want := (score{"wages", 3, 3, 1}); n != want {
		t.Errorf("got %+v, want %+v", n, want)
	}
	var kinds []string
	for _, p := range survivors {
		kinds = append(kinds, p.kind)
	}
	if want := []string{"ARITHMETIC_BASE", "ARITHMETIC_BASE", "CONDITIONALS_BOUNDARY", "INVERT_LOGICAL"}; !slices.Equal(kinds, want) {
		t.Errorf("survivors %v, want %v", kinds, want)
	}
	if got, want := n.String(), "| `wages` | 7 | 3 | 1 | 3 |"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestShareOfAProfile(t *testing.T) {
	work(t)
	const head = "github.com/kycle/kycle/wages/wages.go:"
	blocks := readProfile("mode: set\n" + head + "6.24,8.3 1 0\n" + head + "9.2,9.10 3 1\n" + head + "6.24,8.3 1 0\n" +
		head + "13.6,15.3 4 0\n" + head + "13.6,15.3 4 7\n" + "github.com/kycle/kycle/other/a.go:1.1,2.2 90 0\n")
	missing, percent, err := share(suite{pkg: "wages"}, blocks)
	if err != nil || percent != 87.5 {
		t.Errorf("%v %%, %v; 7 of 8 statements are run, one of them by the second test binary alone", percent, err)
	}
	if want := []place{{"wages/wages.go", "Hour.Pay", uncovered, "if rate > 0 && *h > 0 {"}}; !slices.Equal(missing, want) {
		t.Errorf("missing %v, want %v", missing, want)
	}
	if _, _, err := share(suite{pkg: "nowhere"}, blocks); err == nil {
		t.Error("a package that the profile does not have passes as covered")
	}
}

// gremlins must find every position covered, and only the suite's own tests run for that.
func TestProfilesAreFilledUp(t *testing.T) {
	work(t)
	t.Chdir("wages")
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	profile := filepath.Join(t.TempDir(), "cover.out")
	const was = "mode: set\ngithub.com/kycle/kycle/wages/wages.go:6.24,8.3 1 0\n"
	if err := os.WriteFile(profile, []byte(was), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := runTest("/elsewhere", "/no/such/binary", []string{"-test.coverprofile=" + profile}); err != nil {
		t.Errorf("another package's tests are run: %v", err)
	}
	if err := coverAll(profile); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(profile)
	if want := was + "github.com/kycle/kycle/wages/wages.go:1.1,100000.1 1 1\n"; err != nil || string(b) != want {
		t.Errorf("got %q, %v", b, err)
	}
	if err := runTest(here, "/no/such/binary", nil); err == nil {
		t.Error("a test that cannot be run is no success")
	}
}

func TestMain(m *testing.M) {
	for os.Args[len(os.Args)-1] == "hang" {
		runtime.Gosched()
	}
	os.Exit(m.Run())
}

// A mutant may hang before the testing package minds the time, as in a package's variables.
func TestABinaryThatHangsIsEnded(t *testing.T) {
	err := context.DeadlineExceeded
	for errors.Is(err, context.DeadlineExceeded) { // before it had begun
		err = runTest("", os.Args[0], []string{"-test.timeout=100ms", "hang"})
	}
	var ended *exec.ExitError
	if !errors.As(err, &ended) {
		t.Errorf("got %v", err)
	}
}

func TestWhatCanBeAskedFor(t *testing.T) {
	for arg, want := range map[string]suite{
		"refund": {"refund", "", 60}, "store": {"store", "update.go", 10}, "kyc/decide.go": {"kyc", "decide.go", 10}, "store/update.go": {"store", "update.go", 10},
		"reefund": {}, "store/window.go": {}, "refund/amount_external_test.go": {}, "lifecycle/export": {}, "lifecycle/export/dot.go": {},
	} {
		if got, ok := find(arg); got != want || ok != (want != suite{}) {
			t.Errorf("%s: got %+v, %v", arg, got, ok)
		}
	}
	if err := run([]string{"refund", "reefund"}); err == nil || !strings.Contains(err.Error(), "reefund") {
		t.Errorf("got %v", err)
	}
}
