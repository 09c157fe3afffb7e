// Package lifecycle is the grammar in which Kycle's products are written: states,
// events, rows, rules and verdicts. It knows no domain, no clock and no database.
//
// A [Definition] is plain data. [New] checks all of it at once, asks
// github.com/looplab/fsm for its opinion of every cell, refuses to construct if the
// two differ anywhere, and freezes the result into a [Machine]. A machine never
// changes, holds no record's state, runs no callback and may be shared by any number
// of goroutines.
//
// # Two kinds of events
//
// A [Command] is somebody's wish: where the table has no row for it, or a rule of the
// row says no, it is refused with a [*Denied] that says what would be allowed.
// A [Report] is news of something that already happened elsewhere: it cannot be
// refused, so where it has no row, or a rule says no, it is ignored, and the outcome
// says why.
//
// # Six verdicts
//
// So every (state, event) cell has, for each outcome of its rules, exactly one
// verdict: [Move], [Note], [Stay] (the row leads to where the record already is), [Refuse]
// or [Ignore]. The sixth, [Duplicate], is never the table's word: a store knows by its
// receipts what it has received before.
//
// # Notes
//
// A row leads to a state, or it makes a note. A note leaves the state as it is: the record's
// history says in the note's word what became so ("superseded", "terminated"), and the effects
// of the row happen. Notes are made in every state, final and absorbing ones too. Claims see a
// note as a step that leads nowhere.
//
// # Ends
//
// A record that is in a final state is not moved by commands, but for rows that say
// MovesFinal. A lifecycle without a final state (active, suspended, active) says in NoEnd why
// it has none.
//
// # Policies
//
// A table says what happens; a [Policy] says what must never happen, or always, in one
// sentence of the requirements and as claims about all paths of the table: [Never],
// [Only], [MustPass], [FrozenAfter], [EndsByClock] and the others. They are data in the
// definition. A table is small, so [New] lists its paths instead of sampling them, and
// refuses to construct a machine that breaks a claim, with a shortest path that shows it.
// [Machine.Broken] asks the same of any machine, for a host's own policies.
//
// # Charts
//
// [Machine.Chart] gives any machine with plain strings and open rules. The formats, the
// comparison of two definitions and the check of a log work on charts: packages export,
// drift and trace below this one. Package lifecycletest is for the tests of hosts.
package lifecycle
