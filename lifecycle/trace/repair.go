package trace

// A repair costs edit for each edit, and less than one for how far-fetched it is, so that
// the fewest edits win and ties are broken by the order that the package states.
const (
	edit       = 1000
	setStatus  = edit + 1 // so that the event was taken
	setEvent   = edit + 2
	holdStatus = edit + 3 // so that the event was refused or ignored
	heldInsert = 4        // more than the missed step, where the line was refused or ignored after it
	drop       = edit + 5
)

// fitting is one way to make one line legal from one state.
type fitting struct {
	cost  int // with that of every later line
	kind  EditKind
	event int // for SetEvent
	to    int // the state after the line
}

// repair finds the fewest edits that make the window legal from the state. It reckons
// backwards: what the rest of the window costs from each state, then one line before it.
func (t *table) repair(state int, window []entry) []Edit {
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
			edits = append(edits, Edit{Insert, line.number, t.events[e], t.states[state]})
		}
		f := fits[i][state]
		switch f.kind {
		case SetEvent:
			edits = append(edits, Edit{f.kind, line.number, t.events[f.event], t.states[f.to]})
		case SetStatus:
			edits = append(edits, Edit{f.kind, line.number, t.events[line.event], t.states[f.to]})
		case Drop:
			edits = append(edits, Edit{Kind: f.kind, Number: line.number})
		}
		state = f.to
	}
	return edits
}

// enter gives the state into which missed steps should lead before the line, and the cost
// of all from there on.
func (t *table) enter(state int, line entry, fits []fitting) (into, cost int) {
	into, cost = state, fits[state].cost
	for s, f := range fits {
		sum := t.away[state*len(t.states)+s]*edit + f.cost
		if s != state && f.kind == "" && !t.taken(s, line.event, line.status) {
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
	best := fitting{drop + rest[state], Drop, unknown, state}
	better := func(f fitting) {
		if f.cost < best.cost {
			best = f
		}
	}
	if line.status != unknown {
		for e := range t.events {
			if t.taken(state, e, line.status) {
				better(fitting{setEvent + rest[line.status], SetEvent, e, line.status})
			}
		}
	}
	if line.event != unknown {
		for to := range t.states {
			if t.taken(state, line.event, to) {
				better(fitting{setStatus + rest[to], SetStatus, unknown, to})
			} else if t.legal(state, line.event, to) {
				better(fitting{holdStatus + rest[to], SetStatus, unknown, to})
			}
		}
	}
	if t.legal(state, line.event, line.status) {
		better(fitting{rest[line.status], "", unknown, line.status})
	}
	return best
}
