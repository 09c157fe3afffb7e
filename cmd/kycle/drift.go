package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/kycle/kycle/lifecycle/drift"
)

var drifted = command{
	name: "drift", args: "-machine MACHINE (-sql TABLE.COLUMN | -openapi WHERE | -mermaid) [-json] FILE", files: 1,
	does: "whether a schema, an API or a chart still says what a lifecycle says",
	more: `
Statuses are compared as they are spelled: "In Review" in a column for a status in_review whose
definition has that spelling. The order of a list does not matter.

  -sql      the CHECK or the type of a status column, in DDL as a database prints it
  -openapi  the enum of a schema, in JSON: a pointer to it, or the bare name of a component
  -mermaid  states and arrows of a state diagram, by itself or in Markdown

Exit codes: 0 it says the same; 1 it does not; 2 it has nothing to compare, or nothing that can be
understood.

Examples:
  pg_dump -s app | kycle drift -machine kyc -sql validations.status -
  kycle drift -machine kyc.json -openapi ValidationStatus openapi.json
  kycle drift -machine idpass -mermaid docs/passes.md
`,
	prepare: func(flags *flag.FlagSet) func(*call, []string) (int, error) {
		machine := flags.String("machine", "", "the `MACHINE` that it is held against: kyc, idpass, or a file in Kycle's own JSON")
		column := flags.String("sql", "", "the `TABLE.COLUMN` whose list is compared; a schema may stand before the table")
		where := flags.String("openapi", "", "`WHERE` the enum stands: a JSON pointer, or the name of a component")
		chart := flags.Bool("mermaid", false, "compare a state diagram")
		asJSON := flags.Bool("json", false, "write one JSON object")
		return func(c *call, files []string) (int, error) {
			dot, sources := strings.LastIndex(*column, "."), 0
			for _, is := range []bool{*column != "", *where != "", *chart} {
				if is {
					sources++
				}
			}
			switch {
			case *machine == "":
				return 0, usage("say with -machine what it is held against: kyc, idpass, or a file in Kycle's own JSON")
			case sources != 1:
				return 0, usage("say what the file is: one of -sql, -openapi and -mermaid")
			case *column != "" && (dot <= 0 || dot == len(*column)-1):
				return 0, usage("-sql is a table, a dot and a column")
			}
			m, err := c.chart(*machine)
			if err != nil {
				return 0, err
			}
			text, err := c.text(files[0])
			if err != nil {
				return 0, err
			}
			switch {
			case *column != "":
				err = drift.SQLCheck(m, string(text), (*column)[:dot], (*column)[dot+1:])
			case *where != "":
				err = drift.OpenAPIEnum(m, text, *where)
			default:
				err = drift.Mermaid(m, string(text))
			}
			var gap *drift.Gap
			if err != nil && !errors.As(err, &gap) {
				return 0, fmt.Errorf("%s: %w", files[0], err)
			}
			return c.agreed(m.Name(), gap, *asJSON)
		}
	},
}

// longestSource is how many bytes a schema, an API or a page may have.
const longestSource = 64 << 20

// text reads a whole file.
func (c *call) text(name string) ([]byte, error) {
	file, err := c.open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, longestSource+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", name, err)
	case len(text) > longestSource:
		return nil, fmt.Errorf("%s: it is larger than 64 MiB; give the part that is to be compared", name)
	}
	return text, nil
}

// agreed prints whether a source says what the machine says.
func (c *call) agreed(machine string, gap *drift.Gap, asJSON bool) (int, error) {
	code, missing, unknown := fine, []string{}, []string{}
	if gap != nil {
		code, missing, unknown = no, append(missing, gap.Missing...), append(unknown, gap.Unknown...)
	}
	if asJSON {
		return code, c.value(struct {
			Machine string   `json:"machine"`
			Agrees  bool     `json:"agrees"`
			Missing []string `json:"missing"`
			Unknown []string `json:"unknown"`
		}{machine, gap == nil, missing, unknown})
	}
	if gap == nil {
		c.print("it says what %s says", machine)
		return code, nil
	}
	c.print("%s is not what %s says", gap.Source, machine)
	for _, m := range missing {
		c.print("  missing: %s", m)
	}
	for _, u := range unknown {
		c.print("  unknown to %s: %s", machine, u)
	}
	return code, nil
}
