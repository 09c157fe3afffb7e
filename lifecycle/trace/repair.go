package trace

// A repair costs edit for each edit, and less than one for how far-fetched it is, so that
// the fewest edits win and ties are broken by the order that the package states.
const (
	edit       = 1000
	setVerdict = edit + 1
	setStatus  = edit + 2 // so that the event was taken
	setEvent   = edit + 3
	holdStatus = edit + 4 // so that the event was refused or ignored
	heldInsert = 5        // more than the missed step, where the line was refused or ignored after it
	drop       = edit + 6
)

// fitting is one way to make one line legal from one state.
type fitting struct {
	cost    int // with that of every later line
	kind    EditKind
	event   int // for SetEvent
	verdict int // for SetVerdict
	to      int // the state after the line
}

// repair finds the fewest edits that make the window legal from the state. It reckons
// backwards: what the rest of the window costs from each state, then one line before it.
func (t *table) repair(state int, window []entry, in *language) []Edit {
	rest := make([]int, len(t.states)) // what the lines behind cost, by state
	fits := make([][]fitting, len(window))
	for i := len(window) - 1; i >= 0; i-- {
		fits[i] = make([]fitting, len(t.states))
		for s := range t.states {
			fits[i][s] = t.fit(s, window[i], rest)
		}
		rest = make([]int, len(t.states))
		for s := range t.states {
			_, rest[s] = t.enter(s, window[i], fits[i])
		}
	}
	var edits []Edit
	for i, line := range window {
		into, _ := t.enter(state, line, fits[i])
		for state != into {
			e := t.first[state*len(t.states)+into]
			state = t.at(state, e).to
			edits = append(edits, Edit{Kind: Insert, Number: line.number, Event: in.events[e], Status: in.states[state]})
		}
		f := fits[i][state]
		if f.kind != "" {
			edits = append(edits, t.edit(f, line, in))
		}
		state = f.to
	}
	return edits
}

// edit says what a fitting does to its line.
func (t *table) edit(f fitting, line entry, in *language) Edit {
	e := Edit{Kind: f.kind, Number: line.number}
	if f.kind == Drop {
		return e
	}
	e.Status = in.states[f.to]
	switch {
	case f.kind == SetEvent:
		e.Event = in.events[f.event]
	case line.event != unsaid:
		e.Event = in.events[line.event]
	}
	if f.kind == SetVerdict {
		e.Verdict = t.word(f.verdict)
	}
	return e
}

// enter gives the state into which missed steps should lead before the line, and the cost
// of all from there on.
func (t *table) enter(state int, line entry, fits []fitting) (into, cost int) {
	into, cost = state, fits[state].cost
	for s, f := range fits {
		sum := t.away[state*len(t.states)+s]*edit + f.cost
		if s != state && f.kind == "" && !t.taken(s, line) {
			sum += heldInsert
		}
		if sum < cost {
			into, cost = s, sum
		}
	}
	return into, cost
}

// fit gives the cheapest way to make the line itself legal in the state; kind "" leaves
// it as it is.
func (t *table) fit(state int, line entry, rest []int) fitting {
	best := fitting{drop + rest[state], Drop, unknown, unknown, state}
	better := func(f fitting) {
		if f.cost < best.cost {
			best = f
		}
	}
	if line.verdict != unsaid && t.legal(state, line.being(unsaid)) {
		for _, v := range t.possible(state, line) {
			better(fitting{setVerdict + rest[line.status], SetVerdict, unknown, v, line.status})
		}
		better(fitting{setVerdict + rest[line.status], SetVerdict, unknown, unsaid, line.status}) // of a stay none is said
	}
	for e := range t.events {
		if line.event != unsaid && t.taken(state, line.of(e)) {
			better(fitting{setEvent + rest[line.status], SetEvent, e, unknown, line.status})
		}
	}
	for to := range t.states {
		switch there := line.in(to); {
		case !t.legal(state, there):
		case t.takes(state, &there):
			better(fitting{setStatus + rest[to], SetStatus, unknown, unknown, to})
		default:
			better(fitting{holdStatus + rest[to], SetStatus, unknown, unknown, to})
		}
	}
	if t.legal(state, line) {
		better(fitting{rest[line.status], "", unknown, unknown, line.status})
	}
	return best
}
