package drift

import (
	"errors"
	"fmt"
	"strings"

	"github.com/kycle/kycle/lifecycle"
)

var (
	// ErrGap is what every *Gap is.
	ErrGap = errors.New("drift: it is not what the machine says")
	// ErrSource is what every *SourceError is.
	ErrSource = errors.New("drift: nothing to compare with")
)

// Gap is the difference between a machine and what was written down about it elsewhere.
// It holds names of the machine, and names from the text, which is a host's own source.
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

// gap compares the list with the machine's names; nil: they agree, in whatever order.
func gap(machine, source string, has, list []string) error {
	g := &Gap{machine, source, without(has, list), without(list, has)}
	if len(g.Missing)+len(g.Unknown) > 0 {
		return g
	}
	return nil
}

func statuses(chart *lifecycle.Chart) []string { return read(chart).states }
