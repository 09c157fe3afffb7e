package drift

import (
	"fmt"
	"strings"

	"github.com/kycle/kycle/lifecycle"
)

// Class says what a difference does to whoever relied on the old definition.
type Class string

// The classes, from the mildest to the worst. The strings stand in the output of tools.
const (
	None       Class = "none"
	Additive   Class = "additive"
	Tightening Class = "tightening"
	Breaking   Class = "breaking"
)

var ranks = map[Class]int{None: 0, Additive: 1, Tightening: 2, Breaking: 3}

// Worse tells whether c is worse than the other.
func (c Class) Worse(other Class) bool { return ranks[c] > ranks[other] }

// Difference is one way in which two definitions differ.
type Difference struct {
	Class Class
	Where string // "cancel in in_review", "state approved" …
	Text  string // "was move → cancelled, is refused"
	// Witness is a shortest path of the old definition (of the new one, for what only that
	// has) to where they differ, the step that is judged otherwise included if it is
	// one; nil where there is none.
	Witness lifecycle.Path
	// Replay is a shortest history of the old definition that the new one would not
	// replay; nil where there is none.
	Replay lifecycle.Path
}

// String reads "breaking: cancel in in_review: was … (path)".
func (d Difference) String() string {
	text := fmt.Sprintf("%s: %s: %s", d.Class, d.Where, d.Text)
	if d.Witness != nil {
		text += fmt.Sprintf(" (%s)", d.Witness)
	}
	return text
}

// Report is every difference between two definitions.
type Report struct {
	Machine  string // the new one's name
	Old, New string // fingerprints
	Class    Class  // the worst of the differences; None if there are none
	// Differences: states, events, cells, then what decides nothing; each in the order of the
	// old definition, and then of the new one.
	Differences []Difference
}

// String is one line for each difference, after one for the whole.
func (r Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", r.Machine, r.Class)
	for _, d := range r.Differences {
		fmt.Fprintf(&b, "\n  %s", d)
	}
	return b.String()
}
