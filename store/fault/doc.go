// Package fault wraps any store.Repository and lets go wrong, on request, what goes wrong
// with databases: a conflict, a delay, a read that is out of date, an error before the
// commit, an answer that was lost after it, and a commit that lands late.
//
// A [Plan] is asked before each call and names its [Fault]. [Script] says what happens to
// the next calls, one by one; [Random] draws from a seed, so that a run can be repeated:
//
//	repository := fault.New(memory.New(kyc.Schema), fault.Script(fault.Commit, fault.LostAnswer))
//
// Whatever the plan, the wrapped repository's promises hold for the one around it, except
// that calls fail more often. So a service that is right over the one is right over the
// other: run its tests over both. Nothing here waits for a time: to make a race come out
// one way, let the rival write in the hook of [Wait] or [Hold].
package fault
