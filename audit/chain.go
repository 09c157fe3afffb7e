package audit

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

// Append seals e as the entry after head and returns it with the new head. It is pure:
// the caller's entry is not changed, and the sealed one shares its slices. Times are cut
// to the microsecond, in UTC; a salt without a body is left out. Append cannot fail: that
// text is UTF-8 and times lie in the years 0 to 9999 is for the caller to know, and
// Decode would refuse the entry otherwise.
func Append(head Head, e Entry) (Entry, Head) {
	if e.Body == nil {
		e.Salt = nil
	}
	e.Seq, e.Prev = head.Seq+1, head.Hash
	e.OccurredAt, e.RecordedAt = moment(e.OccurredAt), moment(e.RecordedAt)
	e.BodyDigest = digestBody(e.Salt, e.Body)
	e.Hash = e.sum()
	return e, e.Head()
}

// moment is a time as the byte format keeps it.
func moment(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// Fault is the first thing wrong with a chain.
type Fault struct {
	Kind string // "gap", "fork", "reorder", "edit", "foreign", "cut" or "replay"
	Seq  uint64 // where: the sequence that should stand there
	Text string
}

func (f *Fault) Error() string {
	return fmt.Sprintf("audit: %s at entry %d: %s", f.Kind, f.Seq, f.Text)
}
func (f *Fault) Is(target error) bool { return target == ErrFault }

// Verify walks every entry of one subject's history, in order from the first, and
// returns the first *Fault (ErrFault), or nil. Each anchor is a head that was kept
// elsewhere: the entry of that sequence must be there with that hash.
func Verify(subject Subject, entries []Entry, anchors ...Head) error {
	var head Head
	for i := range entries {
		e := &entries[i]
		if fault := follows(subject, head, e, entries[i+1:]); fault != nil {
			return fault
		}
		head = e.Head()
	}
	for _, a := range anchors {
		if a.Seq > head.Seq {
			return &Fault{"cut", head.Seq + 1, fmt.Sprintf("an anchor says that entry %d was there", a.Seq)}
		}
		if a.Seq > 0 && entries[a.Seq-1].Hash != a.Hash {
			return &Fault{"fork", a.Seq, "the chain was written anew: it is not the one of the anchor"}
		}
	}
	return nil
}

// follows tells why e cannot be the entry after head; later are the entries behind it.
func follows(subject Subject, head Head, e *Entry, later []Entry) *Fault {
	want := head.Seq + 1
	fault := func(kind, format string, args ...any) *Fault {
		return &Fault{kind, want, fmt.Sprintf(format, args...)}
	}
	switch {
	case e.Hash != e.sum():
		return fault("edit", "its content is not what was hashed, or its bytes are no entry")
	case e.Subject != subject:
		return fault("foreign", "it belongs to the history of another subject")
	case e.Seq == head.Seq && e.Seq > 0:
		return fault("fork", "two entries claim to be entry %d", e.Seq)
	case e.Seq < want:
		return fault("reorder", "entry %d stands here", e.Seq)
	case e.Seq > want && slices.ContainsFunc(later, func(l Entry) bool { return l.Seq == want }):
		return fault("reorder", "entry %d stands here", e.Seq)
	case e.Seq > want:
		return fault("gap", "it is missing; the next one there is entry %d", e.Seq)
	case e.Prev != head.Hash:
		return fault("fork", "it follows another entry %d", head.Seq)
	case e.Body == nil && e.Salt != nil, !e.Erased() && e.BodyDigest != digestBody(e.Salt, e.Body):
		return fault("edit", "its body is not the one recorded")
	}
	return nil
}

// Table is a definition's table as Replay asks it; *lifecycle.Machine is one.
type Table interface {
	// Fingerprint is the hex form of Entry.Definition.
	Fingerprint() string
	// Next is where the event leads from a status, or the word of the note that it makes
	// there; ok is false where no row is.
	Next(from, event string) (to, note string, ok bool)
	// Brings tells whether the kind of actor may bring the event, and whether that is a
	// report, which alone can be ignored.
	Brings(actor, event string) (report, ok bool)
}

// Replay runs a history through the tables that judged it and returns the status it
// ends in, "" for an empty one. Each entry must begin where the one before ended, and must
// come from the table whose fingerprint it bears: a move has its row there, a note its word,
// what was ignored is a report that the table lists, and the actor is of a kind that may bring
// the event. The error is a *Fault of kind "replay". That the entries are genuine is for
// Verify to say.
func Replay(entries []Entry, tables ...Table) (status string, err error) {
	for i := range entries {
		e := &entries[i]
		problem := "it begins in " + strconv.Quote(e.From) + ", where the one before ended in " + strconv.Quote(status)
		if e.From == status {
			problem = judge(e, tables)
		}
		if problem != "" {
			return "", &Fault{"replay", e.Seq, problem}
		}
		status = e.To
	}
	return status, nil
}

// judge holds one entry against the table that judged it; "": the entry comes from there.
func judge(e *Entry, tables []Table) string {
	i := slices.IndexFunc(tables, func(t Table) bool { return t.Fingerprint() == e.Definition.String() })
	if i < 0 {
		return "the definition that judged it is not at hand"
	}
	report, may := tables[i].Brings(e.Actor.Kind, e.Event)
	to, note, row := tables[i].Next(e.From, e.Event)
	switch {
	case !may:
		return fmt.Sprintf("its table lets no %q bring %q", e.Actor.Kind, e.Event)
	case (e.Verdict == Ignored) != (e.Why != ""):
		return "it must say why if it was ignored, and only then"
	case e.Verdict == Moved && (!row || note != "" || to != e.To || to == e.From):
		return fmt.Sprintf("its table has no row for %q from %q to %q", e.Event, e.From, e.To)
	case e.Verdict == Moved:
		return ""
	case e.To != e.From:
		return fmt.Sprintf("its verdict is %q, and its status changes", e.Verdict)
	case e.Verdict == Ignored && !report:
		return fmt.Sprintf("%q is a command, which is refused and never ignored", e.Event)
	case e.Verdict != Ignored && (!row || note != string(e.Verdict)):
		return fmt.Sprintf("its table has no note %q for %q in %q", e.Verdict, e.Event, e.From)
	}
	return ""
}
