package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"

	"github.com/kycle/kycle/lifecycle/trace"
)

var conform = command{
	name: "conform", args: "-machine MACHINE [-sorted] [-json] FILE.jsonl", files: 1,
	does: "whether a log of what was done follows a lifecycle: the first divergence of each record, and how to mend it",
	more: `
The log has one JSON object a line, other members are left alone:
  {"record": "r1", "event": "approve", "status": "approved", "actor": "u1", "seq": 3}
status is the one after the event; "" before the record exists. actor and seq may be left
out: with actors, nobody may take two steps that a policy of the machine keeps apart; with
numbers, none may be missing. A line with an unchanged status is an event that was refused or
ignored, or a note. Each record's lines stand in their order, however the records interleave.
An audit export is another format, and "kycle verify" is for it.

Exit codes: 0 it follows; 1 a record diverges; 2 a line cannot be read, there is none, or no
machine was named.

Examples:
  kycle conform -machine kyc history.jsonl
  kycle conform -machine loan.json -json history.jsonl | jq -r .record
  jq -r '"\(.record)\t\(tojson)"' history.jsonl | LC_ALL=C sort -s -t "$(printf '\t')" -k1,1 | cut -f2- | kycle conform -machine kyc -sorted -
`,
	prepare: func(flags *flag.FlagSet) func(*call, []string) (int, error) {
		machine := flags.String("machine", "", "the `MACHINE` that the log is held against: kyc, idpass, or a file in Kycle's own JSON")
		sorted := flags.Bool("sorted", false, "the lines are sorted by record, in byte order: no memory a record")
		asJSON := flags.Bool("json", false, "write one JSON object for each divergence, and the totals as the last")
		return func(c *call, files []string) (int, error) {
			if *machine == "" {
				return 0, usage("say with -machine what the log is held against: kyc, idpass, or a file in Kycle's own JSON")
			}
			chart, err := c.chart(*machine)
			if err != nil {
				return 0, err
			}
			file, err := c.open(files[0])
			if err != nil {
				return 0, err
			}
			defer file.Close()
			order := trace.Interleaved
			if *sorted {
				order = trace.Sorted
			}
			checker, log := trace.New(chart, order), &remembering{Reader: file}
			for d, err := range checker.Divergences(trace.JSONLines(log)) {
				if err != nil {
					return 0, fmt.Errorf("%s: %w\n%s", files[0], err, log.advice(files[0]))
				}
				if !*asJSON {
					c.print("record %q: %s", d.Record, d)
				} else if err := c.value(d); err != nil {
					return 0, err
				}
			}
			if checker.Totals().Lines == 0 {
				return 0, fmt.Errorf("%s: the log has no lines, and nothing can be told of it", files[0])
			}
			return c.conformed(checker.Totals(), chart.Name(), *asJSON)
		}
	},
}

// remembering is a reader that keeps how its text begins.
type remembering struct {
	io.Reader
	begin []byte
}

func (r *remembering) Read(b []byte) (int, error) {
	n, err := r.Reader.Read(b)
	r.begin = append(r.begin, b[:min(n, max(0, 1<<12-len(r.begin)))]...)
	return n, err
}

// advice says what to do with a log that cannot be read.
func (r *remembering) advice(name string) string {
	for _, key := range []string{`"prev_hash"`, `"subject_kind"`, `"entries"`} {
		if bytes.Contains(r.begin, []byte(key)) {
			return "It looks like an audit export; hold it against the tables that judged it: kycle verify " + name
		}
	}
	return "Every line is an object with record, event and status"
}

func (c *call) conformed(t trace.Totals, machine string, asJSON bool) (int, error) {
	code := fine
	if t.Diverged > 0 {
		code = no
	}
	if asJSON {
		return code, c.value(struct {
			Machine string       `json:"machine"`
			Totals  trace.Totals `json:"totals"`
		}{machine, t})
	}
	c.print("%s of %s: %d taken, %d refused or ignored, %d not judged", counted(t.Lines, "line"), counted(t.Records, "record"), t.Taken, t.Held, t.Unjudged)
	if code == fine {
		c.print("the log follows %s", machine)
	} else {
		c.print("%s from %s", plural(t.Diverged, "record diverges", "records diverge"), machine)
	}
	return code, nil
}
