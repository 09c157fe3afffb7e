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
	WrongVerdict  Kind = "wrong_verdict"  // the event can have left it there, and not with that verdict
	Mixed         Kind = "mixed"          // the log calls statuses, or events, by names and by spellings
	SingleActor   Kind = "single_actor"   // one person took two steps that are kept apart
	// Ambiguous is no fault of the line: it has no event, and several of them fit. The record is
	// judged on.
	Ambiguous Kind = "ambiguous"
)

// Divergence is the first line of a record that the machine could not have written, or that
// several of its rows could have. Its text holds words of the machine only, names or spellings as
// the log has them; Record is the log's own and may be personal.
type Divergence struct {
	Machine string `json:"machine"`
	Record  string `json:"record"`
	Number  int    `json:"line"` // of the log, from 1
	Step    int    `json:"step"` // of the record, from 1
	Kind    Kind   `json:"kind"`
	From    string `json:"from"`   // the status before; "": no record
	Event   string `json:"event"`  // "" where the machine does not have it, or the log does not say it
	Status  string `json:"status"` // "" where the machine does not have it, and of no record
	Policy  string `json:"policy"` // of SingleActor: the id of the policy that says so
	// Seq is the sequence number that should stand there; of Sequence only.
	Seq uint64 `json:"seq"`
	// Verdict is the line's, of WrongVerdict only; "" where the machine does not have it.
	// Verdicts are those that it could have had; none: it is a stay, of which none is said.
	Verdict  string   `json:"verdict,omitempty"`
	Verdicts []string `json:"verdicts,omitempty"`
	// Candidates are the events that fit, of Ambiguous only.
	Candidates []string `json:"candidates,omitempty"`
	// Legal are the statuses in which the event could have left the record; any event, where the
	// log does not say it.
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
	Note   string `json:"note,omitempty"` // the word of a note, which leaves the status as it is
}

// String reads "approve → approved", and of a note "terminate: terminated".
func (s Step) String() string {
	if s.Note != "" {
		return s.Event + ": " + s.Note
	}
	return s.Event + " → " + s.Status
}

// EditKind is what an edit does.
type EditKind string

// The kinds of edits. The strings stand in the output of tools.
const (
	Insert     EditKind = "insert"      // a line before the one named, with Event and Status
	Drop       EditKind = "drop"        // the line
	SetStatus  EditKind = "set_status"  // the line's status becomes Status
	SetEvent   EditKind = "set_event"   // the line's event becomes Event
	SetVerdict EditKind = "set_verdict" // the line's verdict becomes Verdict; "": it goes
	NameEvent  EditKind = "name_event"  // the line says which event it was
	Restore    EditKind = "restore"     // lines of the record are missing before it
	Reorder    EditKind = "reorder"     // the record's lines are to be sorted by their numbers
	SetActor   EditKind = "set_actor"   // somebody else has to have brought it
)

// Edit is one change of a log.
type Edit struct {
	Kind    EditKind `json:"kind"`
	Number  int      `json:"line"` // of the log, as it stands
	Event   string   `json:"event"`
	Status  string   `json:"status"`
	Verdict string   `json:"verdict,omitempty"`
}

func (e Edit) String() string {
	switch e.Kind {
	case Insert:
		return fmt.Sprintf("insert %s → %s before line %d", e.Event, spoken(e.Status), e.Number)
	case SetStatus:
		return fmt.Sprintf("change the status in line %d to %s", e.Number, spoken(e.Status))
	case SetEvent:
		return fmt.Sprintf("change the event in line %d to %s", e.Number, e.Event)
	case SetVerdict:
		if e.Verdict == "" {
			return fmt.Sprintf("leave out the verdict in line %d", e.Number)
		}
		return fmt.Sprintf("change the verdict in line %d to %s", e.Number, e.Verdict)
	case NameEvent:
		return fmt.Sprintf("say in line %d which event it was", e.Number)
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
			steps = append(steps, s.String())
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
	case WrongVerdict:
		return d.verdict()
	case Mixed:
		return d.calls() + " otherwise than the log before it: a log has the names or the spellings, and not both"
	case Ambiguous:
		return fmt.Sprintf("it does not say which event it was: %s", or(d.Candidates))
	case SingleActor:
		return fmt.Sprintf("%s was brought by somebody who had taken the other step that %s keeps apart from it", d.Event, d.Policy)
	}
	if d.Event == "" {
		return fmt.Sprintf("no event leads from %s to %s", spoken(d.From), spoken(d.Status))
	}
	legal := make([]string, len(d.Legal))
	for i, s := range d.Legal {
		legal[i] = spoken(s)
	}
	return fmt.Sprintf("%s in %s leaves it %s, not %s", d.Event, spoken(d.From), strings.Join(legal, " or "), spoken(d.Status))
}

// verdict reads "supersede in approved is superseded, not moved".
func (d Divergence) verdict() string {
	what := fmt.Sprintf("%s in %s", d.Event, spoken(d.From))
	if d.Event == "" {
		what = fmt.Sprintf("the step from %s to %s", spoken(d.From), spoken(d.Status))
	}
	not := d.Verdict
	if not == "" {
		not = "another word"
	}
	if d.Verdicts == nil {
		return fmt.Sprintf("%s has no verdict, and the line says %s", what, not)
	}
	return fmt.Sprintf("%s is %s, not %s", what, or(d.Verdicts), not)
}

// calls reads "it calls its event".
func (d Divergence) calls() string {
	var what []string
	for _, e := range d.Repair {
		what = append(what, map[EditKind]string{SetEvent: "event", SetStatus: "status"}[e.Kind])
	}
	return "it calls its " + strings.Join(what, " and its ")
}

// or reads "pending, in_progress or in_review".
func or(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
