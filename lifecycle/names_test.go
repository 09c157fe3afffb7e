package lifecycle

import (
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// A name is found where it stands and nowhere else, whatever the list: few names with a
// factor for each, and many that share their key's bytes.
func TestNamesAreFoundWhereTheyStand(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-c_]{0,6}`), 0, 60, rapid.ID[string]).Draw(t, "list")
		n := namesOf(list)
		for _, name := range append(list, rapid.SliceOf(rapid.StringMatching(`[a-d_]{0,6}`)).Draw(t, "others")...) {
			if got, want := n.index(name), slices.Index(list, name); got != want {
				t.Fatalf("%q stands at %d, and is found at %d (searched: %v)", name, want, got, n.places == nil)
			}
		}
	})
}

func TestNamesThatShareEveryKeyAreSearched(t *testing.T) {
	var many []string
	for i := range 300 {
		many = append(many, "state_"+strconv.Itoa(i))
	}
	// The first two share length, first, middle and last byte; the others are too many.
	for _, list := range [][]string{{"axbya", "aybya"}, many} {
		n := namesOf(list)
		if n.places != nil {
			t.Errorf("%q: no factors can tell these names apart, and some were found", list[:2])
		}
		for i, name := range list {
			if got := n.index(name); got != i {
				t.Errorf("%q stands at %d, and is found at %d", name, i, got)
			}
		}
	}
}
