package export

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kycle/kycle/lifecycle"
)

// Page is all there is to say about one status, as Markdown: what can happen to a record
// that is in it, by whom, to where, under which rules and with which effects; what is
// refused or ignored, and why; and how a record gets there. It fails with
// lifecycle.ErrUnknown for a status that the machine does not have.
func Page(m *lifecycle.Chart, status string) (string, error) {
	if !m.Has(status) {
		return "", fmt.Errorf("%s: status: %w", m.Name(), lifecycle.ErrUnknown)
	}
	p := &page{def: m.Definition()}
	p.line("# `%s`", status)
	p.status(m, status)
	p.happens(m, status)
	p.vetoed(m, status, lifecycle.Command, "## What is refused", "The command fails with an error, and nothing changes.")
	p.vetoed(m, status, lifecycle.Report, "## What is ignored", "The report changes nothing, and an audit entry says why.")
	p.arrivals(status)
	return p.String(), nil
}

func (p *page) status(m *lifecycle.Chart, name string) {
	for _, s := range p.def.States {
		if s.Name != name {
			continue
		}
		p.para("A status of %s (machine `%s`, definition `%s`): %s.", prose(heading(p.def)), m.Name(), m.Fingerprint(), prose(s.Means))
		p.line("")
		switch {
		case s.Absorbing:
			p.line("* Final and absorbing: nothing moves a record out of it.")
		case s.Final && p.movesFrom(m, name):
			p.line("* Final: no command moves a record out of it, but for those that do so on purpose.")
		case s.Final:
			p.line("* Final: no command moves a record out of it.")
		case p.def.NoEnd != "":
			p.line("* No status is final: %s.", prose(p.def.NoEnd))
		}
		if spelled := spelledAs(s.Spelling); spelled != "" {
			p.line("* Outside it is spelled %s.", spelled)
		}
		switch {
		case s.Deadline != "":
			p.line("* Deadline: `%s` ends it.", s.Deadline)
		case s.NoDeadline != "":
			p.line("* No deadline: %s.", prose(s.NoDeadline))
		default:
			p.line("* No deadline: it is final.")
		}
		for _, t := range p.def.Terms {
			if m.Labelled(name, t.Name) {
				p.line("* `%s` holds: %s.", t.Name, prose(t.Means))
			}
		}
	}
}

// movesFrom tells whether a command moves a record out of the status.
func (p *page) movesFrom(m *lifecycle.Chart, status string) bool {
	return slices.ContainsFunc(p.def.Events, func(e lifecycle.Event[string]) bool {
		at, _ := m.Cell(status, e.Name)
		return e.Kind == lifecycle.Command && at.Verdict == lifecycle.Move
	})
}

func (p *page) happens(m *lifecycle.Chart, status string) {
	p.para("## What can happen")
	var rows [][]string
	for _, e := range p.def.Events {
		at, _ := m.Cell(status, e.Name)
		if at.Row < 0 {
			continue
		}
		r, to, does := p.def.Rows[at.Row], code(at.To), code(p.def.Rows[at.Row].Does...)
		switch at.Verdict {
		case lifecycle.Note:
			to = "stays, note: " + code(r.Note)
		case lifecycle.Stay:
			to, does = "stays", "" // a stay has no effects
		}
		rows = append(rows, []string{code(e.Name), string(e.Kind), strings.Join(e.By, ", "), prose(e.Means), to, onlyIf(r), does, prose(r.Why)})
	}
	p.rows(rows, "event", "kind", "by", "means", "to", "only if", "effects", "why")
}

// rows is a table, or a word where it would be empty.
func (p *page) rows(rows [][]string, columns ...string) {
	if len(rows) == 0 {
		p.para("Nothing.")
		return
	}
	p.table(columns...)
	for _, cells := range rows {
		p.row(cells...)
	}
}

// vetoed lists what becomes of the events of a kind that have no row here, or a rule that
// can say no.
func (p *page) vetoed(m *lifecycle.Chart, status string, kind lifecycle.Kind, title, text string) {
	p.para("%s", title)
	p.para("%s", text)
	var rows [][]string
	for _, e := range p.def.Events {
		if e.Kind != kind {
			continue
		}
		at, _ := m.Cell(status, e.Name)
		if at.Row >= 0 {
			for _, rule := range p.def.Rows[at.Row].If {
				rows = append(rows, []string{code(e.Name), "its rule says no", code(rule.Code), "only if " + prose(rule.Name)})
			}
			continue
		}
		why, word := prose(e.NoRow), ""
		if kind == lifecycle.Report {
			word = code(lifecycle.NoRow)
		}
		switch from := m.Sources(e.Name); {
		case why != "":
		case len(from) == 0:
			why = "it brings a record into being, and here is one"
		default:
			why = "it has a row only in " + code(from...)
		}
		rows = append(rows, []string{code(e.Name), "always", word, why})
	}
	p.rows(rows, "event", "when", "word", "why")
}

func (p *page) arrivals(status string) {
	p.para("## How a record gets here")
	var rows [][]string
	for _, r := range p.def.Rows {
		if r.To != status {
			continue
		}
		from := code(moving(r)...)
		if len(r.From) == 0 {
			from = noRecord
		}
		if from != "" {
			rows = append(rows, []string{code(r.On), from, code(r.Does...), prose(r.Why)})
		}
	}
	p.rows(rows, "event", "from", "effects", "why")
}
