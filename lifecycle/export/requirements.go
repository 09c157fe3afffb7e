package export

import (
	"slices"
	"strings"

	"github.com/kycle/kycle/lifecycle"
)

// requirements is the traceability matrix: from each sentence to what it claims of the
// table and to the tests that show the rest, and from each row back to the sentences.
func (p *page) requirements(m *lifecycle.Chart) {
	if len(p.def.Policies) == 0 {
		return
	}
	p.para("## Requirements")
	p.para("Every sentence that forbids or promises something. What it claims of the table is checked on all paths of it " +
		"whenever the machine is constructed, so that a table which breaks a claim cannot run; tests show what no table can.")
	aside := slices.ContainsFunc(p.def.Policies, func(p lifecycle.Policy) bool { return p.SetAside != "" })
	columns := []string{"id", "source", "sentence", "claimed of the table", "tests"}
	if aside {
		p.para("A sentence that is set aside is not asked of this table, for the reason that stands beside it.")
		columns = append(columns, "set aside, because")
	}
	p.table(columns...)
	required := make([][]string, len(p.def.Rows))
	for _, policy := range p.def.Policies {
		id := prose(policy.ID)
		if policy.SetAside != "" {
			id += " (set aside)"
		}
		var claims []string
		for _, c := range policy.Claims {
			claims = append(claims, prose(c.String())) // one that is set aside may speak of anything
			for _, i := range rowsOf(m, p.def, c) {
				if !slices.Contains(required[i], id) {
					required[i] = append(required[i], id)
				}
			}
		}
		cells := []string{prose(policy.ID), prose(policy.Source), prose(policy.Says), strings.Join(claims, "<br>"), code(policy.Tests...)}
		if aside {
			cells = append(cells, prose(policy.SetAside))
		}
		p.row(cells...)
	}
	p.para("And back: which sentences speak of a row.")
	p.table("row", "sentences")
	for i, r := range p.def.Rows {
		p.row(title(r), strings.Join(required[i], ", "))
	}
}

// rowsOf lists the rows that a claim speaks of.
func rowsOf(m *lifecycle.Chart, def lifecycle.ChartDefinition, c lifecycle.Claim) []int {
	switch {
	case c.Of != nil:
		return m.Rows(*c.Of)
	case !c.Clock:
		return nil
	}
	var all []int
	for _, s := range def.States {
		if s.Deadline != "" {
			all = append(all, m.Rows(lifecycle.On(s.Deadline).And(lifecycle.From(s.Name)))...)
		}
	}
	return all
}
