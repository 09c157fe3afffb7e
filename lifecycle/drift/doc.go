// Package drift tells what has come apart: two versions of one lifecycle ([Diff]), or a
// lifecycle and what a host wrote down about it elsewhere ([SQLCheck], [OpenAPIEnum],
// [Mermaid]).
//
// # How a difference is classed
//
// By what it does to whoever relied on the old definition. The class of a whole [Report] is
// the worst of its differences.
//
//	none        prose, the sentences and sources of policies and the tests that they name,
//	            whatever becomes of a policy that stays set aside, and the order of lists: every
//	            cell is judged as before
//	additive    a new state or event; a kind of actor that may bring a report; a row without
//	            effects, a note too, where a command was refused or a report ignored; a new
//	            policy or claim, or one that is no longer set aside; an end where there was none
//	tightening  a row or a note dropped, a rule added, an actor shut out, a deadline where there
//	            was none: what was allowed may be refused or ignored now
//	breaking    everything else: a state or an event that is gone (renamed ones too); a row
//	            that leads elsewhere; a note of another word, which stands in histories; a note
//	            that became a move or a stay, or one of those a note; a new row that leaves a
//	            status which was final (on purpose, too), or has
//	            an effect; an effect added or dropped, which may be money; a rule
//	            dropped or asked in another order; a kind of actor that may bring a command,
//	            since somebody else may decide now; another kind of event; final,
//	            absorbing, labels; a deadline changed or dropped; another name of the machine;
//	            another spelling, which schemas, APIs, charts and logs have; a lifecycle that
//	            has no end any more; a policy that is gone, is set aside, or no longer makes one
//	            of its claims
//
// Cells are compared one by one, whatever rows they are written in, so that a row split in
// two is no difference. A [Difference] names the cells and a shortest path to the first of
// them, as a witness.
//
// A claim decides no cell, and still is what somebody relied on: as long as it stands, no
// change of the table can break it unnoticed. So a claim that is dropped, or written otherwise
// (one dropped, one new: no comparison can tell whether it is weaker), is breaking although every
// cell is judged as before, and the fingerprint is the same. A sentence in other words is not: that is for people to read.
//
// A note's word is the verdict in audit entries. Where it changes, old entries keep the old one,
// and every reader of histories has to know both.
//
// Rules are compared by their word (Rule.Code): what stands behind the word is code, and no
// comparison of definitions can see that it changed.
//
// # Spellings
//
// A gate compares what is written elsewhere with the spelling of each state (State.Spelled):
// "In Review" in a column, PENDING in an API. A [Gap] has the spelling, which is what has to be
// written, and the name.
//
// # Old histories
//
// An audit entry bears the fingerprint of the definition that judged it, and audit.Replay takes
// any number of tables and asks, for each entry, the one of its fingerprint: a
// [lifecycle.Chart] is such a table. So a history that began under one definition and
// went on under another replays under both, however breaking the step between them:
//
//	status, err := audit.Replay(entries, oldChart, newChart)
//
// Keep a chart of every definition that ever judged (export.JSON writes it, export.Parse reads
// it). What a breaking difference of the table does is named by Difference.Replay: the
// shortest history that the old definition wrote and the new one, by itself, would not
// replay. A dropped row has one too, and is tightening all the same, since such histories are never
// asked of the new definition; but where the state it led to is gone, records stand in a
// state that nothing can be done in, and that is breaking.
package drift
