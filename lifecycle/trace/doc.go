// Package trace holds a log of what was done against the table that should have been
// followed: any list of (record, event, status) against any [lifecycle.Chart]. A host
// checks its own history with it before it moves to Kycle, and afterwards whatever it
// logs beside the audit trail.
//
//	checker := trace.New(kyc.Machine.Chart(), trace.Interleaved)
//	for d, err := range checker.Divergences(trace.JSONLines(file)) { … }
//
// # What a line says
//
// A record, the status after an event, and optionally the event, its verdict, who brought it,
// and the line's number within its record (from 1). As JSON lines:
//
//	{"record": "r1", "event": "approve", "status": "approved", "verdict": "moved", "actor": "u1", "seq": 3}
//
// What is optional may be left out, null or "". Members of other names are left alone, also
// where they differ in case alone; one of these names twice is refused, as is the number 0. The
// status "" is that of a record that does not exist yet: before its first line every record has
// it.
//
// # What is legal
//
// From the status before, the table gives the event one row at most. A line is legal if its
//
//   - status is where the row leads: the event was taken;
//   - status is the one before, and the row makes a note: the same;
//   - status is the one before, and the row has a rule that may have said no: a refused
//     command or an ignored report;
//   - status is the one before, and there is no row: the same.
//
// So whether a rule was right to say no is not judged: a log does not hold its facts.
// A row without rules always happens, and a line that says that it did not is a
// divergence. A repeated delivery which the receipt kept out is to be left out of the log, or
// it is judged like any other line.
//
// A verdict says more, in the words of an audit entry: [Moved], [Ignored], or the word of a
// note; and [Refused], of a command. A line that has one is held against it too: the word of a
// note is that of the row, and nothing is moved that stays. A stay has no verdict, as it has no
// audit entry.
//
// Where a line bears a sequence number, it is how many lines of its record there are up to
// it: with numbers none may be missing, whether or not the others bear any. Where lines bear
// actors, nobody takes both steps that a no-single-actor claim of the chart's policies keeps
// apart: the person is compared, not the kind of actor, and only lines whose event was taken
// count. A note is such a step too: a proposal, say, that somebody else has to confirm.
//
// # A log without events
//
// A line that has no event is legal if some event can have left the record in its status. Where
// exactly one event leads from the status before to the one after, or makes the note that the
// verdict names, the line is of that event. Where several do, nothing is guessed: the line is
// [Ambiguous], and the record is judged on, since the status is known either way. A line without
// event and verdict whose status is the one before tells of nothing that was taken. [Totals]
// counts the lines without an event.
//
// # Names and spellings
//
// A log calls statuses and events by their names, or by what the outside calls them
// (State.Spelling, "In Review"). Statuses and events are apart: a log may spell the ones and
// name the others. The first word that is one of the two alone decides for the whole log; a word
// that is the spelling of one status and the name of another is the spelling until then. A later
// line that does otherwise is understood, and told as [Mixed]. Divergences speak as the log does.
//
// # What is answered
//
// The first divergence of each record, what was allowed there, and the nearest repair:
// the fewest edits (a line inserted, dropped, or with another verdict, status or event) that
// make legal that line and those of the record after it, up to [Window] of them. It is
// searched for in the whole table, and of repairs of one size one is taken by a fixed order: the
// missed step after which the line was taken; the changed verdict; the changed status of an
// event that was taken; the changed event; the status left as it was; the missed step after which
// the line was refused or ignored; the dropped line; then the table's order. Notes are never
// inserted: they are missed by nothing that follows. Nothing behind the window is judged, nor any
// line before the divergence doubted.
//
// # Memory
//
// [Interleaved] keeps for each record its name, its status and how many lines it has (and for
// each divergence the window), whatever the length of the log; divergences come at its end, in
// the order of their lines. [Sorted] keeps one record at a time, so that memory does not
// grow at all: sort a log that is too large for memory by record first, in byte order and
// keeping the order within a record, such as
//
//	jq -r '"\(.record)\t\(tojson)"' log.jsonl | LC_ALL=C sort -s -t "$(printf '\t')" -k1,1 | cut -f2-
//
// whose sort spills to disk by itself. Names of actors are kept once each, and only if the
// chart has a claim about them.
package trace
