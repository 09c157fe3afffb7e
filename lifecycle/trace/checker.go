package trace

import (
	"iter"
	"slices"

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
	Taken    int `json:"taken"`    // lines whose event was taken
	Held     int `json:"held"`     // lines of events that were refused or ignored
	Diverged int `json:"diverged"` // records with a divergence
	Unjudged int `json:"unjudged"` // lines of such records after the divergence
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

// Divergences reads the log to its end and gives the first divergence of each record, in
// the order of their lines: the first one is the first of all. An error ends it: one of
// the log's own, or *LineError (ErrLine).
func (c *Checker) Divergences(log Log) iter.Seq2[Divergence, error] {
	return func(yield func(Divergence, error) bool) {
		c.totals = Totals{}
		r := run{Checker: c, places: map[string]int{}, persons: map[string]int{}}
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
	places  map[string]int // records by name, by their place in records
	records []record
	faults  []fault // in the order of their lines
	done    []Divergence
	name    string         // Sorted: the record that is being read
	persons map[string]int // actors, from 1
}

// record is what is remembered of one record.
type record struct {
	state, fault int32 // fault: its place in faults, from 1
	steps        int   // lines up to now
	took         []took
}

// took: a person took a step that a claim keeps apart from another one.
type took struct{ claim, person int }

// fault is a divergence and the lines that its repair has to fit.
type fault struct {
	Divergence
	state  int // before
	window []entry
}

// entry is a line in the table's numbers.
type entry struct{ number, event, status int }

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
	e := entry{l.Number, slices.Index(r.table.events, l.Event), slices.Index(r.table.states, l.Status)}
	if rec.fault > 0 {
		r.totals.Unjudged++
		if f := &r.faults[rec.fault-1]; len(f.window) < Window {
			f.window = append(f.window, e)
		}
		return nil
	}
	kind, claim := r.judge(rec, l, e)
	if kind != "" {
		r.diverge(rec, l, e, kind, claim)
		return nil
	}
	if r.table.taken(int(rec.state), e.event, e.status) {
		r.totals.Taken++
	} else {
		r.totals.Held++
	}
	rec.state = int32(e.status)
	return nil
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

// judge tells in which way the line diverges; "" is not at all. For SingleActor it also
// gives the claim.
func (r *run) judge(rec *record, l Line, e entry) (Kind, int) {
	switch {
	case l.Seq != 0 && l.Seq != uint64(rec.steps):
		return Sequence, 0
	case e.event == unknown:
		return UnknownEvent, 0
	case e.status == unknown:
		return UnknownStatus, 0
	case !r.table.legal(int(rec.state), e.event, e.status):
		return Illegal, 0
	}
	cell := r.table.at(int(rec.state), e.event)
	if l.Actor == "" || len(cell.makers)+len(cell.checker) == 0 || !r.table.taken(int(rec.state), e.event, e.status) {
		return "", 0
	}
	person, known := r.persons[l.Actor]
	if !known {
		person = len(r.persons) + 1
		r.persons[l.Actor] = person
	}
	for _, claim := range cell.checker {
		if slices.Contains(rec.took, took{claim, person}) {
			return SingleActor, claim
		}
	}
	for _, claim := range cell.makers {
		if mine := (took{claim, person}); !slices.Contains(rec.took, mine) {
			rec.took = append(rec.took, mine)
		}
	}
	return "", 0
}

func (r *run) diverge(rec *record, l Line, e entry, kind Kind, claim int) {
	r.totals.Diverged++
	t := r.table
	d := Divergence{Machine: t.machine, Record: l.Record, Number: l.Number, Step: rec.steps, Kind: kind,
		From: t.states[rec.state], Legal: []string{}, Allowed: t.allowed[rec.state]}
	if e.event != unknown {
		d.Event = t.events[e.event]
		d.Legal = t.outcomes(int(rec.state), e.event)
	}
	if e.status != unknown {
		d.Status = t.states[e.status]
	}
	switch kind {
	case Sequence:
		d.Seq = uint64(rec.steps)
		d.Repair = []Edit{{Kind: Restore, Number: l.Number}}
		if l.Seq < d.Seq {
			d.Repair[0].Kind = Reorder
		}
	case SingleActor:
		d.Policy = t.claims[claim]
		d.Repair = []Edit{{Kind: SetActor, Number: l.Number}}
	}
	r.faults = append(r.faults, fault{d, int(rec.state), []entry{e}})
	rec.fault = int32(len(r.faults))
}

// finish works the repairs out: no line of the records in memory is to come any more.
func (r *run) finish() {
	for _, f := range r.faults {
		if f.Repair == nil {
			f.Repair = r.table.repair(f.state, f.window)
		}
		r.done = append(r.done, f.Divergence)
	}
	r.faults = r.faults[:0]
}

// outcomes are the statuses in which an event can leave a record.
func (t *table) outcomes(state, event int) (names []string) {
	c := t.at(state, event)
	if c.row {
		names = append(names, t.states[c.to])
	}
	if c.held && c.to != state || !c.row {
		names = append(names, t.states[state])
	}
	return names
}
