package main

import (
	"flag"
	"fmt"
	"strings"

	"github.com/kycle/kycle/lifecycle/export"
)

var doc = command{
	name: "doc", args: "[-format FORMAT] MACHINE", files: 1,
	does: "what a lifecycle is, in a format that other tools read",
	more: `
MACHINE is kyc, idpass, a file in Kycle's own JSON, or - for the standard input. The same
definition gives the same bytes. A machine of your own, or one of ours that you extended, is
written by your own program: export.Markdown(machine.Chart()), or export.JSON for a file that
every command here takes.

Examples:
  kycle doc kyc > LIFECYCLE.md
  kycle doc idpass -format dot | dot -Tsvg > idpass.svg
  kycle doc kyc -format json > kyc.json
`,
	prepare: func(flags *flag.FlagSet) func(*call, []string) (int, error) {
		var names []string
		for _, f := range export.Formats {
			names = append(names, f.Name)
		}
		format := flags.String("format", export.Formats[0].Name, "one `FORMAT` of: "+strings.Join(names, ", "))
		return func(c *call, files []string) (int, error) {
			for _, f := range export.Formats {
				if f.Name != *format {
					continue
				}
				chart, err := c.chart(files[0])
				if err != nil {
					return 0, err
				}
				fmt.Fprint(c.stdout, f.Write(chart))
				return fine, nil
			}
			return 0, usage("-format is one of: %s", strings.Join(names, ", "))
		}
	},
}
