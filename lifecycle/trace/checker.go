package trace

import (
	"iter"

	"github.com/kycle/kycle/lifecycle"
)

// Order is what is known of the order of a log's lines, beyond that each record's own
// lines stand in the order in which they happened.
type Order string

const (
	// Interleaved: nothing. Memory grows by the number of records.
	Interleaved Order = "interleaved"
	// Sorted: the lines stand sorted by record, in byte order. Memory does not grow. A
	// record that comes before the one above it is *LineError.
	Sorted Order = "sorted"
)

// Window is how many lines a repair makes legal: the divergent one and those of its
// record that come after it.
const Window = 9

// Totals counts what was read.
type Totals struct {
	Lines    int `json:"lines"`
	Records  int `json:"records"`
	Taken    int `json:"taken"`    // lines whose event was taken, notes included
	Held     int `json:"held"`     // lines of events that were refused or ignored
	Diverged int `json:"diverged"` // records with a divergence that is not Ambiguous
	Unjudged int `json:"unjudged"` // lines of such records after the divergence
	// Unnamed are the lines without an event that were judged by their statuses alone, and
	// Ambiguous are those of them that several events fit.
	Unnamed   int `json:"unnamed,omitempty"`
	Ambiguous int `json:"ambiguous,omitempty"`
}

// Checker holds logs against one chart. It never changes but for its totals, so use one
// for each goroutine.
type Checker struct {
	table  *table
	order  Order
	totals Totals
}

// New prepares the chart. An order that is neither of the two is Interleaved.
func New(chart *lifecycle.Chart, order Order) *Checker {
	return &Checker{table: compile(chart), order: order}
}

// Totals counts what the last call of Divergences has read up to now.
func (c *Checker) Totals() Totals { return c.totals }

// Divergences reads the log to its end and gives the first divergence of each record, and
// the first line of each that is Ambiguous, in the order of their lines: the first one is the
// first of all. An error ends it: one of the log's own, or *LineError (ErrLine).
func (c *Checker) Divergences(log Log) iter.Seq2[Divergence, error] {
	return func(yield func(Divergence, error) bool) {
		c.totals = Totals{}
		r := run{Checker: c, places: map[string]int{}, persons: map[string]int{},
			states: vocabulary{names: c.table.states, spelled: c.table.spelled.states},
			events: vocabulary{names: c.table.events, spelled: c.table.spelled.events}}
		for line, err := range log {
			if err == nil {
				err = r.feed(line)
			}
			if err != nil {
				yield(Divergence{}, err)
				return
			}
			for len(r.done) > 0 {
				d := r.done[0]
				r.done = r.done[1:]
				if !yield(d, nil) {
					return
				}
			}
		}
		r.finish()
		for _, d := range r.done {
			if !yield(d, nil) {
				return
			}
		}
	}
}

// run is one reading of one log.
type run struct {
	*Checker
	states  vocabulary // how the log calls them
	events  vocabulary
	places  map[string]int // records by name, by their place in records
	records []record
	faults  []fault // in the order of their lines
	done    []Divergence
	name    string         // Sorted: the record that is being read
	in      language       // of the last divergence
	persons map[string]int // actors, from 1
}

// record is what is remembered of one record.
type record struct {
	state, fault int32 // fault: its place in faults, from 1; -1: none, and a line was ambiguous
	steps        int   // lines up to now
	took         []took
}

// took: a person took a step that a claim keeps apart from another one.
type took struct{ claim, person int }

// fault is a divergence in the table's numbers, and the lines that its repair has to fit.
type fault struct {
	kind   Kind
	record string
	step   int
	seq    uint64 // of the line
	state  int    // before
	claim  int    // of SingleActor
	mixed  mixture
	window []entry
}

// mixture is what a line calls otherwise than the lines before it.
type mixture struct{ event, status bool }

func (r *run) feed(l Line) error {
	r.totals.Lines++
	if l.Number == 0 {
		l.Number = r.totals.Lines
	}
	if l.Record == "" {
		return &LineError{l.Number, "it has no record"}
	}
	rec, err := r.record(l)
	if err != nil {
		return err
	}
	rec.steps++
	e, mixed := r.read(l)
	if rec.fault > 0 {
		r.totals.Unjudged++
		if f := &r.faults[rec.fault-1]; len(f.window) < Window {
			f.window = append(f.window, e)
		}
		return nil
	}
	kind, claim := r.judge(rec, l, e, mixed)
	if kind != "" {
		r.faults = append(r.faults, fault{kind, l.Record, rec.steps, l.Seq, int(rec.state), claim, mixed, []entry{e}})
	}
	switch kind {
	case "":
	case Ambiguous:
		rec.fault = -1
	default:
		r.totals.Diverged++
		rec.fault = int32(len(r.faults))
		return nil
	}
	if e.event == unsaid {
		r.totals.Unnamed++
	}
	if r.table.taken(int(rec.state), e) {
		r.totals.Taken++
	} else {
		r.totals.Held++
	}
	rec.state = int32(e.status)
	return nil
}

// read finds the line's words in the table.
func (r *run) read(l Line) (e entry, mixed mixture) {
	e = entry{number: l.Number, event: unsaid, verdict: r.table.verdict(l.Verdict)}
	if l.Event != "" {
		e.event, mixed.event = r.events.place(l.Event)
	}
	e.status, mixed.status = r.states.place(l.Status)
	return e, mixed
}

// record finds what is remembered of the line's record.
func (r *run) record(l Line) (*record, error) {
	if r.order == Sorted {
		switch {
		case l.Record == r.name:
			return &r.records[0], nil
		case l.Record < r.name:
			return nil, &LineError{l.Number, "its record comes before the one above it, and the log is to be sorted"}
		}
		r.finish()
		r.totals.Records++
		r.name = l.Record
		if r.records == nil {
			r.records = make([]record, 1)
		}
		r.records[0] = record{took: r.records[0].took[:0]}
		return &r.records[0], nil
	}
	place, known := r.places[l.Record]
	if !known {
		place = len(r.records)
		r.places[l.Record] = place
		r.records = append(r.records, record{})
		r.totals.Records++
	}
	return &r.records[place], nil
}
