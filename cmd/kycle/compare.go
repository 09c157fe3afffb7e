package main

import (
	"flag"
	"slices"

	"github.com/kycle/kycle/lifecycle/drift"
)

var diff = command{
	name: "diff", args: "[-fail CLASS] [-json] OLD NEW", files: 2,
	does: "what changed between two definitions, and how badly: none, additive, tightening or breaking",
	more: `
none: prose. additive: new statuses, events, rows, notes, policies. tightening: what was allowed
may be refused now. breaking: what somebody relied on is otherwise: a status gone, another target,
an effect (money) added or dropped, also by a new row, a note of another word (it stands in
histories), a note that became a move or a move a note, a final status that can be left, somebody
new who may bring a command, a rule dropped, another spelling, a policy gone or set aside, a claim
of one dropped. Each difference of the table comes with a shortest path to where it shows.

Exit codes: 0 nothing as bad as -fail; 1 something is; 2 a definition cannot be read.

Examples:
  kycle diff kyc-v1.json kyc
  git show main:loan.json | kycle diff -fail tightening - loan.json
`,
	prepare: func(flags *flag.FlagSet) func(*call, []string) (int, error) {
		asJSON := flags.Bool("json", false, "write one JSON object")
		fail := flags.String("fail", string(drift.Breaking), "exit with 1 from this `CLASS` on: additive, tightening or breaking")
		return func(c *call, files []string) (int, error) {
			worst := drift.Class(*fail)
			if !slices.Contains([]drift.Class{drift.Additive, drift.Tightening, drift.Breaking}, worst) {
				return 0, usage("-fail is one of: additive, tightening, breaking")
			}
			before, err := c.chart(files[0])
			if err != nil {
				return 0, err
			}
			after, err := c.chart(files[1])
			if err != nil {
				return 0, err
			}
			report := drift.Diff(before, after)
			code := fine
			if !worst.Worse(report.Class) {
				code = no
			}
			if *asJSON {
				return code, c.value(compared(report))
			}
			c.print("%s", report.Whole())
			for _, d := range report.Differences {
				c.print("  %s", d)
			}
			return code, nil
		}
	},
}

type comparison struct {
	Machine     string       `json:"machine"`
	Old         string       `json:"old"` // fingerprints
	New         string       `json:"new"`
	Class       drift.Class  `json:"class"`
	Differences []difference `json:"differences"`
}

type difference struct {
	Class   drift.Class `json:"class"`
	Where   string      `json:"where"`
	Text    string      `json:"text"`
	Witness string      `json:"witness,omitempty"`
	Replay  string      `json:"replay,omitempty"`
}

func compared(r drift.Report) comparison {
	out := comparison{r.Machine, r.Old, r.New, r.Class, []difference{}}
	for _, d := range r.Differences {
		line := difference{Class: d.Class, Where: d.Where, Text: d.Text}
		if d.Witness != nil {
			line.Witness = d.Witness.String()
		}
		if d.Replay != nil {
			line.Replay = d.Replay.String()
		}
		out.Differences = append(out.Differences, line)
	}
	return out
}
