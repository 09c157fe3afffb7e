package lifecycle

import (
	"cmp"
	"fmt"
)

// Kind says what an event is: somebody's wish, or news of what already happened.
type Kind string

const (
	// Command is a wish. It is refused where it has no row or a rule says no.
	Command Kind = "command"
	// Report is news. It is ignored where it has no row or a rule says no.
	Report Kind = "report"
)

// Veto is what becomes of an event of the kind where a rule says no, or no row is.
func (k Kind) Veto() Verdict {
	if k == Command {
		return Refuse
	}
	return Ignore
}

// Verdict is what becomes of one event in one state.
type Verdict string

// The six verdicts. The strings are written into documentation and files.
const (
	Move      Verdict = "move"      // the record goes to another state
	Note      Verdict = "note"      // the state stays, and an entry says what became so
	Stay      Verdict = "stay"      // an event whose row leads to where the record is
	Refuse    Verdict = "refuse"    // a command that may not be; nothing changes
	Ignore    Verdict = "ignore"    // a report that changes nothing
	Duplicate Verdict = "duplicate" // received before; only a store can know
)

// Fires tells whether the verdict is that of a row whose rules all hold.
func (v Verdict) Fires() bool { return v == Move || v == Note || v == Stay }

// NoRow is the reason given for a report that the table has no row for.
const NoRow = "no_row"

// Definition is one lifecycle as data. S and E are the domain's own string types for
// states and events, F the facts its rules judge. Order is kept: it is the order of
// the generated documentation.
type Definition[S, E ~string, F any] struct {
	Name   string // lower snake case; part of every audit entry's fingerprint
	Title  string // how a page calls it
	Doc    string // a paragraph for the page
	States []State[S, E]
	Events []Event[E]
	Rows   []Row[S, E, F]
	Terms  []Term // every label and effect that the tables use, explained
	// Policies are what the requirements claim of the table. They are checked, and are no
	// part of the fingerprint: they decide nothing.
	Policies []Policy
	// NoEnd says why no state is final, where none is; "" where some are.
	NoEnd string
}

// State is one status a record can have.
type State[S, E ~string] struct {
	Name  S
	Means string
	// Spelling is what a foreign schema, API, chart or log calls the state, such as
	// "In Review"; "": it is called by its name. It decides nothing.
	Spelling string
	// Final: no command moves a record out of it, unless the row says MovesFinal.
	// Absorbing: nothing moves it. Notes are made in both.
	Final, Absorbing bool
	// Deadline is the report that a clock makes of a record that stays too long. A
	// state that is not final has either that, or a reason for having none.
	Deadline   E
	NoDeadline string
	// Labels are facts that hold exactly while a record is in this state.
	Labels []string
}

// Event is one thing that can be wished or reported.
type Event[E ~string] struct {
	Name  E
	Kind  Kind
	By    []string // the kinds of actor it may come from
	Means string
	NoRow string // why no row names it; empty for an event that has rows
	// Spelling is what a foreign API, chart or log calls the event; "": by its name.
	Spelling string
}

// Spelled is what the outside calls the state.
func (s State[S, E]) Spelled() string { return cmp.Or(s.Spelling, string(s.Name)) }

// Spelled is what the outside calls the event.
func (e Event[E]) Spelled() string { return cmp.Or(e.Spelling, string(e.Name)) }

// Row says where one event leads from some states, or which note it makes there. There is
// at most one row for a (state, event) cell, so rules veto and never choose a target.
type Row[S, E ~string, F any] struct {
	On   E
	From []S // none: the row brings a record into being
	To   S   // one of From too: there the verdict is Stay; "" in a note
	// Note, in place of To, is the note's word: the record stays in its state, and its
	// history says in this word what became so. Lower snake case.
	Note string
	If   []Rule[F]
	// Does are the effects beyond the move or the note, by name, carried out by the domain.
	// From a source that is To they do not happen: the record stays.
	Does []string
	Why  string
	// MovesFinal: this command moves a record out of a final state, on purpose. Without it
	// such a row is a defect, and with it policies that forbid such a step still do.
	MovesFinal bool
}

// target is where the row leads from one of its states.
func (r *Row[S, E, F]) target(from S) S {
	if r.Note != "" {
		return from
	}
	return r.To
}

// place names the row for its author, who counts from 1: "row 4 (remove to gone)", or of a
// note "row 5 (inspect: inspected)".
func (r *Row[S, E, F]) place(i int) string {
	if r.Note != "" && r.To == none {
		return fmt.Sprintf("row %d (%s: %s)", i+1, r.On, r.Note)
	}
	return fmt.Sprintf("row %d (%s to %s)", i+1, r.On, r.To)
}

// Sources are the states that the row leads from: From, or "" where it has none.
func (r Row[S, E, F]) Sources() []S {
	if len(r.From) == 0 {
		return []S{none}
	}
	return r.From
}

// Rule is a named, pure condition. The first rule of a row that does not hold decides.
type Rule[F any] struct {
	Name  string // finishes the sentence "only if …"
	Code  string // one word for its veto, and for no other rule's: the reason in Outcome.Why and Denied.Rule
	Holds func(F) bool
}

// Term explains one label or effect.
type Term struct {
	Name  string
	Means string
}
