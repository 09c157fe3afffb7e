package trace

import "slices"

// judge tells in which way the line diverges; "" is not at all. For SingleActor it also
// gives the claim.
func (r *run) judge(rec *record, l Line, e entry, mixed mixture) (Kind, int) {
	t, state := r.table, int(rec.state)
	switch {
	case l.Seq != 0 && l.Seq != uint64(rec.steps):
		return Sequence, 0
	case e.event == unknown:
		return UnknownEvent, 0
	case e.status == unknown:
		return UnknownStatus, 0
	case !t.legal(state, e.being(unsaid)):
		return Illegal, 0
	case !t.legal(state, e):
		return WrongVerdict, 0
	case mixed != mixture{}:
		return Mixed, 0
	case !t.taken(state, e):
		return "", 0
	case e.event == unsaid:
		event, several := t.candidate(state, e)
		if several {
			r.totals.Ambiguous++
			if rec.fault == 0 { // the first one of its record
				return Ambiguous, 0
			}
			return "", 0
		}
		e.event = event
	}
	return r.actor(rec, l.Actor, t.at(state, e.event))
}

// actor judges who brought the event of a row that was taken.
func (r *run) actor(rec *record, name string, c *cell) (Kind, int) {
	if name == "" || len(c.makers)+len(c.checker) == 0 {
		return "", 0
	}
	person, known := r.persons[name]
	if !known {
		person = len(r.persons) + 1
		r.persons[name] = person
	}
	for _, claim := range c.checker {
		if slices.Contains(rec.took, took{claim, person}) {
			return SingleActor, claim
		}
	}
	for _, claim := range c.makers {
		if mine := (took{claim, person}); !slices.Contains(rec.took, mine) {
			rec.took = append(rec.took, mine)
		}
	}
	return "", 0
}

// finish works the repairs out: no line of the records in memory is to come any more.
func (r *run) finish() {
	if len(r.faults) == 0 {
		return
	}
	if by := [2]use{r.states.by, r.events.by}; r.in.allowed == nil || r.in.by != by {
		r.in = r.table.speak(by, r.states.words(), r.events.words())
	}
	for i := range r.faults {
		r.done = append(r.done, r.table.divergence(&r.faults[i], &r.in))
	}
	r.faults = r.faults[:0]
}

// speak prepares what divergences say in a language.
func (t *table) speak(by [2]use, states, events []string) language {
	in := language{by: by, states: states, events: events}
	for s := range states {
		steps := []Step{}
		for on, name := range events {
			if c := t.at(s, on); c.row {
				steps = append(steps, Step{name, states[c.to], t.word(c.note)})
			}
		}
		in.allowed = append(in.allowed, steps)
	}
	return in
}

// divergence says a fault in the log's own language.
func (t *table) divergence(f *fault, in *language) Divergence {
	e := f.window[0]
	d := Divergence{Machine: t.machine, Record: f.record, Number: e.number, Step: f.step, Kind: f.kind,
		From: in.states[f.state], Legal: []string{}, Allowed: in.allowed[f.state]}
	if e.event >= 0 {
		d.Event = in.events[e.event]
	}
	if e.status >= 0 {
		d.Status = in.states[e.status]
	}
	if e.event != unknown {
		for _, status := range t.outcomes(f.state, e.event) {
			d.Legal = append(d.Legal, in.states[status])
		}
	}
	switch f.kind {
	case Sequence:
		d.Seq = uint64(f.step)
		d.Repair = []Edit{{Kind: Restore, Number: e.number}}
		if f.seq < d.Seq {
			d.Repair[0].Kind = Reorder
		}
	case SingleActor:
		d.Policy = t.claims[f.claim]
		d.Repair = []Edit{{Kind: SetActor, Number: e.number}}
	case Ambiguous:
		for on, name := range in.events {
			if t.taken(f.state, e.of(on)) {
				d.Candidates = append(d.Candidates, name)
			}
		}
		d.Repair = []Edit{{Kind: NameEvent, Number: e.number}}
	case Mixed:
		d.Repair = respell(f, d)
	case WrongVerdict:
		d.Verdict = t.word(e.verdict)
		for _, v := range t.possible(f.state, e) {
			d.Verdicts = append(d.Verdicts, t.word(v))
		}
	}
	if d.Repair == nil {
		d.Repair = t.repair(f.state, f.window, in)
	}
	return d
}

// word is a verdict's; "" where there is none, or none that the table knows.
func (t *table) word(verdict int) string {
	if verdict < 0 {
		return ""
	}
	return t.verdicts[verdict]
}

// respell are the edits that call everything in a line as the log does.
func respell(f *fault, d Divergence) (edits []Edit) {
	if f.mixed.event {
		edits = append(edits, Edit{Kind: SetEvent, Number: d.Number, Event: d.Event, Status: d.Status})
	}
	if f.mixed.status {
		edits = append(edits, Edit{Kind: SetStatus, Number: d.Number, Event: d.Event, Status: d.Status})
	}
	return edits
}
