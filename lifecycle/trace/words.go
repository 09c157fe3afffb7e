package trace

import "slices"

// vocabulary is how a log calls the statuses, or the events: by their names, or by their
// spellings. The first word that is one of the two alone decides for the whole log.
type vocabulary struct {
	names, spelled []string // by place
	by             use
}

// use is what a log has decided.
type use int

const (
	undecided use = iota
	byName
	bySpelling
)

// place finds a word. mixed: the log has called others the other way before. A word that is
// the spelling of one and the name of another is the spelling, until the log has decided.
func (v *vocabulary) place(word string) (place int, mixed bool) {
	name, spelling := slices.Index(v.names, word), slices.Index(v.spelled, word)
	if name == spelling {
		return name, false
	}
	if v.by == undecided {
		v.by = byName
		if spelling != unknown {
			v.by = bySpelling
		}
	}
	wanted, other := name, spelling
	if v.by == bySpelling {
		wanted, other = spelling, name
	}
	if wanted != unknown {
		return wanted, false
	}
	return other, true
}

// words are the log's own, by place; the names where it has not decided.
func (v *vocabulary) words() []string {
	if v.by == bySpelling {
		return v.spelled
	}
	return v.names
}

// language is how a log calls everything.
type language struct {
	by             [2]use
	states, events []string
	allowed        [][]Step // by state: the rows that lead from it
}
