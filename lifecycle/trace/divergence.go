package trace

import (
	"fmt"
	"strings"
)

// Kind says in which way a line diverges.
type Kind string

// The kinds of divergence. The strings stand in the output of tools.
const (
	UnknownEvent  Kind = "unknown_event"  // the machine does not have the event
	UnknownStatus Kind = "unknown_status" // the machine does not have the status
	Illegal       Kind = "illegal"        // the event cannot leave the record in the status
	Sequence      Kind = "sequence"       // the sequence number is not the next one
	SingleActor   Kind = "single_actor"   // one person took two steps that are kept apart
)

// Divergence is the first line of a record that the machine could not have written. Its
// text holds names of the machine only; Record is the log's own and may be personal.
type Divergence struct {
	Machine string `json:"machine"`
	Record  string `json:"record"`
	Number  int    `json:"line"` // of the log, from 1
	Step    int    `json:"step"` // of the record, from 1
	Kind    Kind   `json:"kind"`
	From    string `json:"from"`   // the status before; "": no record
	Event   string `json:"event"`  // "" where the machine does not have it
	Status  string `json:"status"` // the same; "" is also the status of no record
	Policy  string `json:"policy"` // of SingleActor: the id of the policy that says so
	// Seq is the sequence number that should stand there; of Sequence only.
	Seq uint64 `json:"seq"`
	// Legal are the statuses in which the event could have left the record.
	Legal []string `json:"legal"`
	// Allowed are the rows that lead from From, in the definition's order of events.
	Allowed []Step `json:"allowed"`
	// Repair is the nearest repair, in the order of the lines; never empty.
	Repair []Edit `json:"repair"`
}

// Step is an event that is taken, and the status that it leads to.
type Step struct {
	Event  string `json:"event"`
	Status string `json:"status"`
}

// EditKind is what an edit does.
type EditKind string

// The kinds of edits. The strings stand in the output of tools.
const (
	Insert    EditKind = "insert"     // a line before the one named, with Event and Status
	Drop      EditKind = "drop"       // the line
	SetStatus EditKind = "set_status" // the line's status becomes Status
	SetEvent  EditKind = "set_event"  // the line's event becomes Event
	Restore   EditKind = "restore"    // lines of the record are missing before it
	Reorder   EditKind = "reorder"    // the record's lines are to be sorted by their numbers
	SetActor  EditKind = "set_actor"  // somebody else has to have brought it
)

// Edit is one change of a log.
type Edit struct {
	Kind   EditKind `json:"kind"`
	Number int      `json:"line"` // of the log, as it stands
	Event  string   `json:"event"`
	Status string   `json:"status"`
}

func (e Edit) String() string {
	switch e.Kind {
	case Insert:
		return fmt.Sprintf("insert %s → %s before line %d", e.Event, spoken(e.Status), e.Number)
	case SetStatus:
		return fmt.Sprintf("change the status in line %d to %s", e.Number, spoken(e.Status))
	case SetEvent:
		return fmt.Sprintf("change the event in line %d to %s", e.Number, e.Event)
	case Restore:
		return fmt.Sprintf("restore the lines of the record that are missing before line %d", e.Number)
	case Reorder:
		return fmt.Sprintf("sort the record's lines by their sequence numbers, or drop line %d if it stands twice", e.Number)
	case SetActor:
		return fmt.Sprintf("find out who brought line %d: it takes somebody else", e.Number)
	}
	return fmt.Sprintf("drop line %d", e.Number)
}

func spoken(status string) string {
	if status == "" {
		return "(no record)"
	}
	return status
}

// String is the divergence as sentences: what stands there, what was allowed, the repair.
func (d Divergence) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "line %d (step %d of its record): %s", d.Number, d.Step, d.problem())
	if d.Kind == Illegal || d.Kind == UnknownEvent || d.Kind == UnknownStatus {
		var steps []string
		for _, s := range d.Allowed {
			steps = append(steps, s.Event+" → "+s.Status)
		}
		if steps == nil {
			steps = []string{"nothing"}
		}
		fmt.Fprintf(&b, "; allowed in %s: %s", spoken(d.From), strings.Join(steps, ", "))
	}
	var edits []string
	for _, e := range d.Repair {
		edits = append(edits, e.String())
	}
	return b.String() + "; nearest repair: " + strings.Join(edits, ", ")
}

func (d Divergence) problem() string {
	switch d.Kind {
	case UnknownEvent:
		return fmt.Sprintf("the machine %s does not have its event", d.Machine)
	case UnknownStatus:
		return fmt.Sprintf("the machine %s does not have its status", d.Machine)
	case Sequence:
		return fmt.Sprintf("its sequence number should be %d", d.Seq)
	case SingleActor:
		return fmt.Sprintf("%s was brought by somebody who had taken the other step that %s keeps apart from it", d.Event, d.Policy)
	}
	legal := make([]string, len(d.Legal))
	for i, s := range d.Legal {
		legal[i] = spoken(s)
	}
	return fmt.Sprintf("%s in %s leaves it %s, not %s", d.Event, spoken(d.From), strings.Join(legal, " or "), spoken(d.Status))
}
