package page

import (
	"slices"
	"strings"

	"github.com/kycle/kycle/lifecycle"
)

// machine is one lifecycle as the page shows it. Nothing of it is typed by hand.
type machine struct {
	Name, Title, Doc, Fingerprint string
	Picture                       picture
	States                        []state
	Groups                        []group
	Words                         []word
	Requirements                  []requirement
}

// state is one status, and how a record leaves it.
type state struct {
	Name, Means, Ends string
	Final             bool
}

// group is the half of the matrix that belongs to one kind of event.
type group struct {
	Kind, Says string
	Rows       []matrixRow
}

// matrixRow is one event; its cells are in the order of the statuses, that of no record first.
type matrixRow struct {
	Event, Means string
	Cells        [][]verdict
}

// verdict is one thing that can become of an event in a status; there is one for each
// outcome of the rules.
type verdict struct {
	Verdict, Detail string
	NoRow           bool
}

// word is one that stands on an arrow.
type word struct{ Sign, Means string }

// requirement is a sentence, and how it is held.
type requirement struct {
	ID, Source, Says string
	Claims, Tests    []string
}

func machineOf(c *lifecycle.Chart, svg []byte) (m machine, err error) {
	def := c.Definition()
	m = machine{Name: def.Name, Title: def.Title, Doc: def.Doc, Fingerprint: c.Fingerprint(), Words: wordsOf(def)}
	var statuses []string
	for _, s := range def.States {
		statuses = append(statuses, s.Name)
		m.States = append(m.States, state{s.Name, s.Means, endOf(s), s.Final})
	}
	for _, p := range def.Policies {
		r := requirement{ID: p.ID, Source: p.Source, Says: p.Says, Tests: p.Tests}
		for _, claim := range p.Claims {
			r.Claims = append(r.Claims, claim.String())
		}
		m.Requirements = append(m.Requirements, r)
	}
	if m.Groups, err = matrixOf(c, def); err != nil {
		return m, err
	}
	m.Picture, err = pictureOf(def.Name, statuses, svg)
	return m, err
}

// Columns is how many the matrix has: the event, no record, and each status.
func (m machine) Columns() int { return 2 + len(m.States) }

// endOf says what ends a status.
func endOf(s lifecycle.State[string, string]) string {
	switch {
	case s.Absorbing:
		return "Final: nothing changes it any more."
	case s.Final:
		return "Final: no command acts on it; a report may."
	case s.Deadline != "":
		return "Ends at its deadline at the latest: " + s.Deadline + "."
	}
	return "No deadline: " + s.NoDeadline + "."
}

// wordsOf explains the rules and effects on the arrows.
func wordsOf(def lifecycle.ChartDefinition) (all []word) {
	add := func(sign, means string) {
		if w := (word{sign, means}); !slices.Contains(all, w) {
			all = append(all, w)
		}
	}
	used := map[string]bool{}
	for _, r := range def.Rows {
		for _, rule := range r.If {
			add("[unless "+rule.Code+"]", "only if "+rule.Name)
		}
		for _, effect := range r.Does {
			used[effect] = true
		}
	}
	for _, t := range def.Terms {
		if used[t.Name] {
			add("/ "+t.Name, t.Means)
		}
	}
	return all
}

// matrixOf asks the machine for every cell, and for every outcome of its rules.
func matrixOf(c *lifecycle.Chart, def lifecycle.ChartDefinition) ([]group, error) {
	groups := []group{
		{Kind: string(lifecycle.Command), Says: "Commands: somebody’s wish, refused where it may not be"},
		{Kind: string(lifecycle.Report), Says: "Reports: news of what already happened, ignored where it changes nothing"},
	}
	for _, e := range def.Events {
		row := matrixRow{Event: e.Name, Means: e.Means + ", by " + strings.Join(e.By, " or ")}
		for _, s := range append([]lifecycle.State[string, string]{{}}, def.States...) {
			outcomes, err := c.Verdicts(s.Name, e.Name)
			if err != nil {
				return nil, err
			}
			var cell []verdict
			for _, o := range outcomes {
				v := verdict{string(o.Verdict), o.Why, o.Why == lifecycle.NoRow}
				if o.Verdict == lifecycle.Move {
					v.Detail = "→ " + o.To
				}
				cell = append(cell, v)
			}
			row.Cells = append(row.Cells, cell)
		}
		i := slices.IndexFunc(groups, func(g group) bool { return g.Kind == string(e.Kind) })
		groups[i].Rows = append(groups[i].Rows, row)
	}
	return groups, nil
}
