package main

import (
	"errors"
	"flag"
	"strings"

	"github.com/kycle/kycle/lifecycle"
)

var check = command{
	name: "check", args: "[-json] MACHINE", files: 1,
	does: "whether a definition is sound: every defect at once, and every policy",
	more: `
A defect is what makes a definition unusable: an unreachable status, a dead end, two rows for
a cell, a policy that the rows break, with a shortest path that breaks it.

Exit codes: 0 it is sound; 1 it has defects; 2 it cannot be read.

Examples:
  kycle check loan.json
  kycle check -json loan.json | jq -r '.defects[].text'
`,
	prepare: func(flags *flag.FlagSet) func(*call, []string) (int, error) {
		asJSON := flags.Bool("json", false, "write one JSON object")
		return func(c *call, files []string) (int, error) {
			chart, err := c.chart(files[0])
			var defects *lifecycle.Defects
			if err != nil && !errors.As(err, &defects) {
				return 0, err
			}
			return c.checked(chart, defects, *asJSON)
		}
	},
}

type soundness struct {
	Machine    string   `json:"machine"`
	Sound      bool     `json:"sound"`
	Definition string   `json:"definition"` // the fingerprint; empty with defects
	Statuses   int      `json:"statuses"`
	Events     int      `json:"events"`
	Rows       int      `json:"rows"`
	Notes      int      `json:"notes"`    // rows among them that make a note
	Policies   []string `json:"policies"` // the ids of those that hold
	Claims     int      `json:"claims"`   // theirs
	SetAside   []aside  `json:"set_aside"`
	NoEnd      string   `json:"no_end"` // why no status is final, where none is
	Defects    []defect `json:"defects"`
}

// aside is a policy that the table is not asked about.
type aside struct {
	ID  string `json:"id"`
	Why string `json:"why"`
}

type defect struct {
	Kind  string `json:"kind"`
	Where string `json:"where"`
	Text  string `json:"text"`
}

// sound prints a definition that has no defect.
func (c *call) sound(s soundness) {
	rows := counted(s.Rows, "row")
	if s.Notes > 0 {
		rows += " (" + counted(s.Notes, "note") + " among them)"
	}
	c.print("%s is sound: %s, %s, %s", s.Machine, plural(s.Statuses, "status", "statuses"), counted(s.Events, "event"), rows)
	if s.NoEnd != "" {
		c.print("no status is final: %s", s.NoEnd)
	}
	c.print("%s with %s, and all of them hold", counted(len(s.Policies), "policy"), counted(s.Claims, "claim"))
	for _, p := range s.SetAside {
		c.print("%s is set aside, and not asked: %s", p.ID, p.Why)
	}
	c.print("definition %s", s.Definition)
}

// checked prints what a chart is, or the defects for which it is none.
func (c *call) checked(chart *lifecycle.Chart, defects *lifecycle.Defects, asJSON bool) (int, error) {
	s := soundness{Sound: defects == nil, Policies: []string{}, SetAside: []aside{}, Defects: []defect{}}
	code := no
	if defects != nil {
		s.Machine = defects.Machine
		for _, d := range defects.List {
			s.Defects = append(s.Defects, defect(d))
		}
	} else {
		def := chart.Definition()
		code = fine
		s.Machine, s.Definition = def.Name, chart.Fingerprint()
		s.Statuses, s.Events, s.Rows, s.NoEnd = len(def.States), len(def.Events), len(def.Rows), def.NoEnd
		for _, r := range def.Rows {
			if r.Note != "" {
				s.Notes++
			}
		}
		for _, p := range def.Policies {
			if p.SetAside != "" {
				s.SetAside = append(s.SetAside, aside{p.ID, p.SetAside})
				continue
			}
			s.Policies = append(s.Policies, p.ID)
			s.Claims += len(p.Claims)
		}
	}
	switch {
	case asJSON:
		return code, c.value(s)
	case s.Sound:
		c.sound(s)
	default:
		c.print("%s has %s", s.Machine, counted(len(s.Defects), "defect"))
		for _, d := range s.Defects {
			lines := strings.Split(d.Text, "\n")
			c.print("  %s: %s: %s", d.Kind, d.Where, lines[0])
			for _, more := range lines[1:] {
				c.print("      %s", strings.TrimSpace(more)) // further in than a defect begins
			}
		}
	}
	return code, nil
}
