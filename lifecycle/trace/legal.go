package trace

// entry is a line in the table's numbers: places, unknown or unsaid.
type entry struct{ number, event, status, verdict int }

func (e entry) of(event int) entry      { e.event = event; return e }
func (e entry) in(status int) entry     { e.status = status; return e }
func (e entry) being(verdict int) entry { e.verdict = verdict; return e }

// legal tells whether a line may stand behind the state. One without an event may stand
// where any event's may.
func (t *table) legal(state int, e entry) bool {
	switch {
	case e.event == unknown || e.status == unknown || e.verdict == unknown:
		return false
	case e.event == unsaid:
		for on := range t.events {
			if t.legal(state, e.of(on)) {
				return true
			}
		}
		return false
	}
	c := t.at(state, e.event)
	switch e.verdict {
	case unsaid:
		return c.row && c.to == e.status || c.held && state == e.status
	case moved:
		return c.row && c.to == e.status && state != e.status
	case ignored, refused:
		return c.held && state == e.status && c.report == (e.verdict == ignored)
	}
	return c.note == e.verdict && state == e.status
}

// taken tells whether a line may stand there and says that a row was taken.
func (t *table) taken(state int, e entry) bool { return t.legal(state, e) && t.takes(state, &e) }

// takes tells whether a legal line says that a row was taken. Where its row leads back to the
// state itself and no verdict is said, nobody can tell, and it counts as taken. A line without
// an event tells so by another status, or by the word of a note.
func (t *table) takes(state int, e *entry) bool {
	switch {
	case e.verdict == ignored || e.verdict == refused:
		return false
	case e.event == unsaid:
		return state != e.status || e.verdict >= firstNote
	}
	c := t.at(state, e.event)
	return c.row && c.to == e.status
}

// candidate is the first event that a line without one, by which a row was taken, can be of;
// several: it is not the only one.
func (t *table) candidate(state int, e entry) (event int, several bool) {
	event = unknown
	for on := range t.events {
		if !t.taken(state, e.of(on)) {
			continue
		}
		if event != unknown {
			return event, true
		}
		event = on
	}
	return event, false
}

// outcomes are the statuses in which an event can leave a record; any event, where a line
// has none.
func (t *table) outcomes(state, event int) (statuses []int) {
	if event != unsaid {
		c := t.at(state, event)
		if c.row {
			statuses = append(statuses, c.to)
		}
		if c.held && c.to != state || !c.row {
			statuses = append(statuses, state)
		}
		return statuses
	}
	for status := range t.states {
		if t.legal(state, entry{event: unsaid, status: status, verdict: unsaid}) {
			statuses = append(statuses, status)
		}
	}
	return statuses
}

// possible are the verdicts that a line could have said.
func (t *table) possible(state int, e entry) (verdicts []int) {
	for v, word := range t.verdicts {
		if word != "" && t.legal(state, e.being(v)) {
			verdicts = append(verdicts, v)
		}
	}
	return verdicts
}
