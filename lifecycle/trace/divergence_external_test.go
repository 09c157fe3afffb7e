package trace_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/lifecycle/trace"
)

// What a log says, and what is told of it.
var divergences = []struct {
	name, why, machine, log string
	want                    []string
}{
	{"a whole life", "every line is a row of the table", "idpass",
		"a register new, a open opened, a consent in_progress, a complete complete", nil},
	{"reports that were ignored", "no row, and the status stayed", "idpass",
		"a register new, a cancel cancelled, a open cancelled, a complete cancelled", nil},
	{"commands that were refused", "no row, and the status stayed", "kyc",
		"a approve -, a create pending, a approve pending", nil},
	{"a rule that may have said no", "the facts are not in the log", "kyc",
		"a create pending, a in_progress_at_provider pending, a deadline_passed pending", nil},
	{"a missed step", "an approval needs a review", "kyc",
		"a create pending, a approve approved",
		[]string{"line 2 (step 2 of its record): approve in pending leaves it pending, not approved; allowed in pending: cancel → " +
			"cancelled, supersede: superseded, " +
			"in_progress_at_provider → in_progress, in_review_at_provider → in_review, approved_by_provider → approved, " +
			"rejected_by_provider → rejected, " +
			"expired_at_provider → expired, abandoned_at_provider → abandoned, deadline_passed → expired; " +
			"nearest repair: insert in_review_at_provider → in_review before line 2"}},
	{"an event that cannot be missed", "a row without a rule always happens", "idpass",
		"a register new, a cancel new, a open opened",
		[]string{"line 2 (step 2 of its record): cancel in new leaves it cancelled, not new; allowed in new: cancel → cancelled, " +
			"open → opened, " +
			"consent → in_progress, complete → complete, fail → failed, expire → expired; nearest repair: drop line 2"}},
	{"the wrong status", "what follows shows which of the two is wrong", "idpass",
		"a register new, a consent opened, a complete complete, a cancel complete",
		[]string{"line 2 (step 2 of its record): consent in new leaves it in_progress, not opened; allowed in new: cancel → " +
			"cancelled, open → opened, " +
			"consent → in_progress, complete → complete, fail → failed, expire → expired; nearest repair: change the status in " +
			"line 2 to in_progress"}},
	{"the wrong event", "what follows shows it: only an opened pass can be opened", "idpass",
		"a register new, a fail opened, a consent in_progress",
		[]string{"line 2 (step 2 of its record): fail in new leaves it failed, not opened; allowed in new: cancel → cancelled, " +
			"open → opened, " +
			"consent → in_progress, complete → complete, fail → failed, expire → expired; nearest repair: change the event in " +
			"line 2 to open"}},
	{"an exit from an absorbing status", "nothing acts on a completed pass", "idpass",
		"a register new, a complete complete, a cancel cancelled",
		[]string{"line 3 (step 3 of its record): cancel in complete leaves it complete, not cancelled; allowed in complete: nothing; " +
			"nearest repair: change the status in line 3 to complete"}},
	{"no birth", "the log begins in the middle", "idpass",
		"a consent in_progress, a complete complete",
		[]string{"line 1 (step 1 of its record): consent in (no record) leaves it (no record), not in_progress; allowed in (no " +
			"record): register → new; " +
			"nearest repair: insert register → new before line 1"}},
	{"two mistakes", "the repair makes the whole window legal", "idpass",
		"a register new, a open new, a consent in_progress, a cancel failed",
		[]string{"line 2 (step 2 of its record): open in new leaves it opened, not new; allowed in new: cancel → cancelled, open " +
			"→ opened, " +
			"consent → in_progress, complete → complete, fail → failed, expire → expired; " +
			"nearest repair: change the status in line 2 to opened, change the status in line 4 to cancelled"}},
	{"an unknown event", "a row of another product", "idpass",
		"a register new, a approve opened",
		[]string{"line 2 (step 2 of its record): the machine id_pass does not have its event; allowed in new: cancel → cancelled, " +
			"open → opened, " +
			"consent → in_progress, complete → complete, fail → failed, expire → expired; nearest repair: change the event in " +
			"line 2 to open"}},
	{"an unknown status", "another spelling", "idpass",
		"a register new, a cancel canceled",
		[]string{"line 2 (step 2 of its record): the machine id_pass does not have its status; allowed in new: cancel → " +
			"cancelled, open → opened, " +
			"consent → in_progress, complete → complete, fail → failed, expire → expired; nearest repair: change the status in " +
			"line 2 to cancelled"}},
	{"neither is known", "nothing can be kept", "idpass",
		"a register new, a melt away",
		[]string{"line 2 (step 2 of its record): the machine id_pass does not have its event; allowed in new: cancel → cancelled, " +
			"open → opened, " +
			"consent → in_progress, complete → complete, fail → failed, expire → expired; nearest repair: drop line 2"}},
	{"records that interleave", "each is judged by itself, in the order of the lines", "payment",
		"b ask asked, a approve paid, b amend asked, a ask paid, b amend paid",
		[]string{"line 2 (step 1 of its record): approve in (no record) leaves it (no record), not paid; allowed in (no record): " +
			"ask → asked; " +
			"nearest repair: insert ask → asked before line 2",
			"line 5 (step 3 of its record): amend in asked leaves it asked, not paid; allowed in asked: amend → asked, approve → " +
				"paid; " +
				"nearest repair: change the status in line 5 to asked"}},
	{"two persons", "four eyes", "payment", "a ask asked u1, a approve paid u2", nil},
	{"one person", "two eyes", "payment", "a ask asked u1, a amend asked u2, a approve paid u1",
		[]string{"line 3 (step 3 of its record): approve was brought by somebody who had taken the other step that PAY-1 keeps " +
			"apart from it; " +
			"nearest repair: find out who brought line 3: it takes somebody else"}},
	{"one person who was refused", "the rule did its work", "payment",
		"a ask asked u1, a approve asked u1, a approve paid u2", nil},
	{"a second maker", "both are makers", "payment", "a ask asked u1, a amend asked u2, a approve paid u2",
		[]string{"line 3 (step 3 of its record): approve was brought by somebody who had taken the other step that PAY-1 keeps " +
			"apart from it; " +
			"nearest repair: find out who brought line 3: it takes somebody else"}},
	{"one person on two records", "the records are not one", "payment",
		"a ask asked u1, b ask asked u2, a approve paid u2, b approve paid u1", nil},
	{"nobody is said", "the column is optional", "payment", "a ask asked, a approve paid", nil},
}

func TestDivergences(t *testing.T) {
	for _, c := range divergences {
		finding{c.name, c.why, c.log, c.want}.told(t, charts[c.machine])
	}
}

func TestSequenceNumbers(t *testing.T) {
	cases := []struct {
		name, why string
		seq       []uint64 // of the lines of one record; 0: not said
		want      string
	}{
		{"in order", "from 1, without a gap", []uint64{1, 2, 3}, ""},
		{"not said", "the column is optional", []uint64{0, 0, 0}, ""},
		{"said only at first", "nothing to compare with", []uint64{1, 0, 0}, ""},
		{"said at last", "it is the third line", []uint64{0, 0, 3}, ""},
		{"a gap behind a line without a number", "six lines are missing", []uint64{1, 0, 9},
			"line 3 (step 3 of its record): its sequence number should be 3; nearest repair: restore the lines of the record that are " +
				"missing before line 3"},
		{"a gap before all numbers", "a line is missing", []uint64{0, 3, 4},
			"line 2 (step 2 of its record): its sequence number should be 2; nearest repair: restore the lines of the record that are " +
				"missing before line 2"},
		{"behind a line without a number", "a line was repeated", []uint64{1, 0, 2},
			"line 3 (step 3 of its record): its sequence number should be 3; nearest repair: sort the record's lines by their " +
				"sequence numbers, or drop line 3 if it stands twice"},
		{"a gap", "a line is missing", []uint64{1, 2, 4}, "line 3 (step 3 of its record): its sequence number should be 3; nearest " +
			"repair: restore the lines of the record that are missing before line 3"},
		{"begins late", "the beginning is missing", []uint64{2, 3, 4},
			"line 1 (step 1 of its record): its sequence number should be 1; nearest repair: restore the lines of the record that are " +
				"missing before line 1"},
		{"out of order", "lines were swapped", []uint64{1, 3, 2}, "line 2 (step 2 of its record): its sequence number should be 2; " +
			"nearest repair: restore the lines of the record that are missing before line 2"},
		{"twice", "a line was repeated", []uint64{1, 2, 2}, "line 3 (step 3 of its record): its sequence number should be 3; nearest " +
			"repair: sort the record's lines by their sequence numbers, or drop line 3 if it stands twice"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			log := lines("a ask asked, a amend asked, a approve paid")
			for i := range log {
				log[i].Seq = c.seq[i]
			}
			got := ""
			for _, d := range found(t, payments, trace.Interleaved, log) {
				got += d.String()
			}
			if got != c.want {
				t.Errorf("%s:\n got %s\nwant %s", c.why, got, c.want)
			}
		})
	}
}

// Who took which step is asked with the patterns as claims are judged by them.
func TestWhoIsKeptApart(t *testing.T) {
	wish := lifecycle.On("ask", "amend")
	for _, c := range []struct {
		name  string
		maker lifecycle.Pattern
		want  string // who may not approve what u1 asked for and u2 amended
		why   string
	}{
		{"both", wish, "u1 u2", "a stay is a step too"},
		{"a move", wish.And(lifecycle.Into("asked")), "u1", "a stay is none, and an amendment moves what is held alone"},
		{"out of a status", wish.And(lifecycle.From("asked")), "u2", "nobody asks there"},
		{"out of no record", wish.And(lifecycle.From("")), "u1", "nobody amends there"},
		{"a kind of actor", lifecycle.By("system"), "u2", "it may only amend"},
		{"no other kind of actor", wish.And(lifecycle.OnlyBy("person")), "u1", "a system may amend too"},
		{"an empty list", lifecycle.Pattern{On: []string{"ask"}, By: []string{}, From: []string{}, To: []string{}}, "u1",
			"it asks for nothing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			def := payments.Definition()
			amend := slices.IndexFunc(def.Events, func(e lifecycle.Event[string]) bool { return e.Name == "amend" })
			def.Events[amend].By = []string{"person", "system"}
			def.States = append(def.States, lifecycle.State[string, string]{Name: "held", Means: "looked into",
				NoDeadline: "it waits for a person"})
			def.Events = append(def.Events, lifecycle.Event[string]{Name: "hold", Kind: lifecycle.Command, By: []string{"person"},
				Means: "look into it"})
			def.Rows = append(def.Rows, lifecycle.Row[string, string, lifecycle.Vetoes]{On: "hold", From: []string{"asked"}, To: "held",
				Why: "it is much"},
				lifecycle.Row[string, string, lifecycle.Vetoes]{On: "amend", From: []string{"held"}, To: "asked", Why: "it begins anew"})
			def.Policies[0].Claims = []lifecycle.Claim{lifecycle.NoSingleActor(c.maker, lifecycle.On("approve"), "same_person")}
			chart, got := lifecycle.Must(def).Chart(), []string{}
			for _, who := range []string{"u1", "u2", "u3"} {
				for _, d := range found(t, chart, trace.Interleaved, lines("r ask asked u1, r amend asked u2, r approve paid "+who)) {
					if d.Kind != trace.SingleActor || d.Number != 3 {
						t.Error(d)
					}
					got = append(got, who)
				}
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("%s: %v are kept from approving, want %s", c.why, got, c.want)
			}
		})
	}
}
