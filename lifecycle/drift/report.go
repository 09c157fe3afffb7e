package drift

import (
	"errors"
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
	// Differences: states, events, cells, prose, policies; each in the order of the old
	// definition, and then of the new one.
	Differences []Difference
}

// Whole is the line for the whole: "loan: tightening", or "loan: no difference".
func (r Report) Whole() string {
	return r.Machine + ": " + either(len(r.Differences) == 0, "no difference", string(r.Class))
}

// String is one line for each difference, after one for the whole.
func (r Report) String() string {
	var b strings.Builder
	b.WriteString(r.Whole())
	for _, d := range r.Differences {
		fmt.Fprintf(&b, "\n  %s", d)
	}
	return b.String()
}

var (
	// ErrGap is what every *Gap is.
	ErrGap = errors.New("drift: it is not what the machine says")
	// ErrSource is what every *SourceError is.
	ErrSource = errors.New("drift: nothing to compare with")
)

// Gap is the difference between a machine and what was written down about it elsewhere.
// It holds names of the machine, and names from the text, which is a host's own source. A
// state that is spelled otherwise than it is called has both: `"In Review" (in_review)`.
type Gap struct {
	Machine string
	Source  string   // what was compared, such as "the CHECK of validations.status"
	Missing []string // what the machine has and the text has not, in the definition's order
	Unknown []string // what the text has and the machine has not, in the text's order
}

func (g *Gap) Error() string {
	text := fmt.Sprintf("drift: %s is not what the machine %s says", g.Source, g.Machine)
	if len(g.Missing) > 0 {
		text += "; missing here: " + strings.Join(g.Missing, ", ")
	}
	if len(g.Unknown) > 0 {
		text += "; unknown to the machine: " + strings.Join(g.Unknown, ", ")
	}
	return text
}

// Is makes every Gap ErrGap.
func (g *Gap) Is(target error) bool { return target == ErrGap }

// SourceError says why a text could not be compared: what should be there was not found,
// or not understood. Problem repeats none of the text.
type SourceError struct {
	Source  string
	Line    int    // from 1; 0: the whole
	Problem string // a sentence without the final stop
}

func (e *SourceError) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("drift: %s: line %d: %s", e.Source, e.Line, e.Problem)
	}
	return fmt.Sprintf("drift: %s: %s", e.Source, e.Problem)
}

// Is makes every SourceError ErrSource.
func (e *SourceError) Is(target error) bool { return target == ErrSource }

// gap compares a list with what the machine has, both as outside gives them; nil: they agree,
// in whatever order.
func gap(machine, source string, has, list []string) error {
	g := &Gap{machine, source, without(has, list), without(list, has)}
	if len(g.Missing)+len(g.Unknown) > 0 {
		return g
	}
	return nil
}

// outside is how the states of a machine are spelled.
type outside struct {
	states   []string          // their names, in the definition's order
	spelling map[string]string // by name
	name     map[string]string // by spelling
}

func spelled(chart *lifecycle.Chart) outside {
	o := outside{spelling: map[string]string{}, name: map[string]string{}}
	for _, s := range chart.Definition().States {
		o.states = append(o.states, s.Name)
		o.spelling[s.Name], o.name[s.Spelled()] = s.Spelled(), s.Name
	}
	return o
}

// label gives a state as a gap has it: "approved", or, where it is spelled otherwise, both:
// `"In Review" (in_review)`.
func (o outside) label(name string) string {
	if spelling := o.spelling[name]; spelling != name {
		return fmt.Sprintf("%q (%s)", spelling, name)
	}
	return name
}

// of gives the state that a text spells, or says why the text spells none.
func (o outside) of(text string) string {
	if name, is := o.name[text]; is {
		return o.label(name)
	}
	if spelling, is := o.spelling[text]; is {
		return fmt.Sprintf("%s (a name of the machine, spelled %q outside)", text, spelling)
	}
	return text
}

// compare holds a list of spellings against the machine.
func compare(chart *lifecycle.Chart, source string, list []string) error {
	o := spelled(chart)
	var has, found []string
	for _, name := range o.states {
		has = append(has, o.label(name))
	}
	for _, text := range list {
		found = append(found, o.of(text))
	}
	return gap(chart.Name(), source, has, found)
}
