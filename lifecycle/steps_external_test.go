package lifecycle_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/kycle/kycle/lifecycle"
)

func TestRowsOfAPattern(t *testing.T) {
	for _, tc := range []struct {
		name, why string
		of        lifecycle.Pattern
		want      []int
	}{
		{"one", "the row that refunds", lifecycle.Doing("refund"), []int{2}},
		{"several", "in the definition's order", lifecycle.On("remove", "hang"), []int{0, 2, 3}},
		{"several steps of a row", "a row is listed once", lifecycle.On("seen_ajar"), []int{4}},
		{"all", "an empty pattern matches everything", lifecycle.Pattern{}, []int{0, 1, 2, 3, 4, 5}},
		{"none", "the wind moves no door", lifecycle.On("wind"), nil},
		{"two events", "no step is of both", lifecycle.On("hang").And(lifecycle.On("remove")), nil},
		{"two sources", "no step leaves both", lifecycle.From("shut").And(lifecycle.From("ajar")), nil},
		{"two kinds", "no event is of both", lifecycle.OfKind(lifecycle.Command).And(lifecycle.OfKind(lifecycle.Report)), nil},
		{"by both", "either may bring it", lifecycle.By("person").And(lifecycle.By("system")), []int{2, 3}},
		{"by one of two and one of two", "the provider is in both lists", lifecycle.By("person", "provider").And(lifecycle.By("system", "provider")), []int{2, 3, 4}},
		{"by all three", "nobody's event is of all", lifecycle.By("person").And(lifecycle.By("clock")).And(lifecycle.By("system")), nil},
		{"by both, joined before", "a join within a join is not lost", lifecycle.On("remove").And(lifecycle.By("person").And(lifecycle.By("clock"))), nil},
		{"by the same", "nothing is added", lifecycle.By("person").And(lifecycle.By("person")), []int{0, 1, 2, 3}},
		{"by fewer, first", "the first list says all", lifecycle.By("system").And(lifecycle.By("person", "system")), []int{2, 3}},
		{"by fewer, second", "the second list says all", lifecycle.By("person", "system").And(lifecycle.By("system")), []int{2, 3}},
		{"by whomever, first", "an empty list asks for nothing", lifecycle.By().And(lifecycle.By("system")), []int{2, 3}},
		{"by whomever, second", "an empty list asks for nothing", lifecycle.By("system").And(lifecycle.By()), []int{2, 3}},
	} {
		if got := doors.Rows(tc.of); !slices.Equal(got, tc.want) {
			t.Errorf("%s: got %v, want %v (%s)", tc.name, got, tc.want, tc.why)
		}
	}
}

func TestPathsAreRead(t *testing.T) {
	for want, path := range map[string]lifecycle.Path{
		"(nothing)":                      nil,
		"push → ajar":                    {{On: "push", From: "shut", To: "ajar"}},
		"a → b [x, y], c → d [only one]": {{On: "a", To: "b", Does: []string{"x", "y"}}, {On: "c", To: "d", Does: []string{"only one"}}},
	} {
		if got := path.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// What is wrong before a record's birth has no path to show.
func TestAClaimOnNoRecordReadsSo(t *testing.T) {
	found := doors.Broken(lifecycle.Policy{Claims: []lifecycle.Claim{lifecycle.Offers(lifecycle.On("push").And(lifecycle.From("shut", "")))}})
	if len(found) != 1 || found[0].Path != nil || found[0].Text != "push has no such step from no record" {
		t.Errorf("got %v, want a breach without a path", found)
	}
}

// A pattern of moves stays one, on whichever side of an And it stands.
func TestMovesAreKeptByAnd(t *testing.T) {
	stay, moves := lifecycle.On("seen_ajar").And(lifecycle.From("ajar")), lifecycle.Into("ajar", "lost")
	for name, of := range map[string]lifecycle.Pattern{"before": moves.And(stay), "behind": stay.And(moves), "on both sides": moves.And(stay).And(moves)} {
		if found := doors.Broken(lifecycle.Policy{Claims: []lifecycle.Claim{lifecycle.Never(of)}}); found != nil {
			t.Errorf("%s: a stay is no move: %v", name, found)
		}
	}
	if found := doors.Broken(lifecycle.Policy{Claims: []lifecycle.Claim{lifecycle.Never(stay)}}); len(found) != 1 {
		t.Errorf("the stay itself is a step: %v", found)
	}
}

// Where several kinds of actor may bring both steps on paths of one length, the one that
// the definition names first is told.
func TestTheFirstActorOfTwoIsTold(t *testing.T) {
	def := changed(t, door, func(d *definition) {
		eventOf(d, "hang").By, eventOf(d, "push").By = []string{"person", "system"}, []string{"system", "person"}
	})
	claim := lifecycle.NoSingleActor(lifecycle.On("hang"), lifecycle.On("push"), "")
	found := lifecycle.Must(def).Broken(lifecycle.Policy{Claims: []lifecycle.Claim{claim}})
	if len(found) != 1 || !strings.HasPrefix(found[0].Text, "one person may bring both steps") {
		t.Errorf("got %v, want a breach by a person", found)
	}
}

func TestPathToIsAShortestOne(t *testing.T) {
	for want, to := range map[string]state{"hang → shut [charge]": "shut", "hang → shut [charge], decay → lost": "lost", "(nothing)": "nowhere"} {
		if got := doors.PathTo(to).String(); got != want {
			t.Errorf("to %s: got %s, want %s", to, got, want)
		}
	}
}

// A pattern that asks for nothing matches every step, so a claim measured by it holds of
// anything; one that sets a single field does not.
func TestAClaimsPatternsAskForSomething(t *testing.T) {
	const text = "one of its patterns asks for nothing, so that any step would do"
	ask := func(c lifecycle.Claim) []lifecycle.Breach {
		return doors.Broken(lifecycle.Policy{Claims: []lifecycle.Claim{c}})
	}
	gone := lifecycle.To("gone")
	for name, nothing := range map[string]lifecycle.Pattern{
		"none": {}, "on": lifecycle.On[string](), "by": lifecycle.By(), "only by": lifecycle.OnlyBy(), "guarded": lifecycle.Guarded(),
		"from": lifecycle.From([]state{}...), "to": lifecycle.To[string](), "doing": {Does: []string{}},
	} {
		for _, c := range []lifecycle.Claim{
			lifecycle.Never(nothing), lifecycle.Only(nothing, gone), lifecycle.Only(gone, nothing), lifecycle.Only(gone, gone, nothing),
			lifecycle.MustPass(gone, nothing), lifecycle.Precedes(nothing, gone), lifecycle.NoSingleActor(gone, nothing, ""),
		} {
			if found := ask(c); len(found) != 1 || found[0].Text != text || found[0].Path != nil {
				t.Errorf("%s: %s: got %v, want %q", name, c, found, text)
			}
		}
	}
	for name, something := range map[string]lifecycle.Pattern{
		"on": lifecycle.On("push"), "kind": lifecycle.OfKind(lifecycle.Report), "by": lifecycle.By("clock"), "only by": lifecycle.OnlyBy("person"),
		"from": lifecycle.From(""), "to": gone, "guarded": lifecycle.Guarded("older"), "doing": lifecycle.Doing("note"), "moves": {Moves: true},
	} {
		if found := ask(lifecycle.Only(something, lifecycle.From("", "shut", "ajar", "lost", "gone"))); found != nil {
			t.Errorf("%s: got %v", name, found)
		}
	}
}
