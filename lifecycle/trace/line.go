package trace

import (
	"errors"
	"fmt"
	"iter"
)

// Line is one line of a log: what happened to a record, and its status afterwards.
type Line struct {
	Record string
	Event  string // "": not said, and the statuses alone decide
	Status string // after the event; "": the record does not exist (yet)
	// Verdict is what became of the event: Moved, Ignored, Refused, or the word of a note;
	// "": not said.
	Verdict string
	Actor   string // who brought it; "": not said
	Seq     uint64 // the line's number within its record, from 1; 0: not said
	Number  int    // its place in the log, from 1; 0: the lines are counted as they come
}

// The verdicts that a line can have beside the words of notes. The first two are those of an
// audit entry; a refusal stands in logs of other kinds only.
const (
	Moved   = "moved"   // the event led to another status
	Ignored = "ignored" // a report that changed nothing
	Refused = "refused" // a command that changed nothing; where a note has the word, it is the note's
)

// Log is a sequence of lines in the order in which they were written. An error ends it.
type Log = iter.Seq2[Line, error]

// Of is the log of lines that are at hand: slices.Values of a slice, or any iterator.
func Of(lines iter.Seq[Line]) Log {
	return func(yield func(Line, error) bool) {
		for l := range lines {
			if !yield(l, nil) {
				return
			}
		}
	}
}

// ErrLine is what every *LineError is.
var ErrLine = errors.New("trace: unreadable line")

// LineError is a line that cannot be judged. It says where and what is wrong, and never
// what stands there, which may be personal data.
type LineError struct {
	Number  int    // from 1
	Problem string // a sentence without the final stop
}

func (e *LineError) Error() string { return fmt.Sprintf("trace: line %d: %s", e.Number, e.Problem) }

// Is makes every LineError ErrLine.
func (e *LineError) Is(target error) bool { return target == ErrLine }
