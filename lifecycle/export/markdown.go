package export

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kycle/kycle/lifecycle"
)

// Markdown is a machine's page: diagram, statuses, events, rows, rules, terms, and
// what becomes of every event in every status. It is complete and ends in a newline,
// so a go:generate program writes it to a file, and a test compares the two. Equal
// definitions give equal pages. Prose stands there as it is, and nothing in it is live:
// no link, image, markup or HTML.
func Markdown(m *lifecycle.Chart) string { return Illustrated(m, "") }

// Illustrated is Markdown with a picture, given by its path from the page, such as what
// Graphviz makes of DOT.
func Illustrated(m *lifecycle.Chart, picture string) string {
	p := &page{def: m.Definition()}
	p.line("# %s", prose(heading(p.def)))
	p.para("%s", paragraph(p.def.Doc))
	p.para("Machine `%s`, definition `%s`: every audit entry bears the fingerprint of the definition that judged it.",
		m.Name(), m.Fingerprint())
	p.diagram(m, picture)
	p.statuses()
	p.eventTable()
	p.rowTable()
	p.ruleTable(m)
	p.termTable()
	p.matrix(m)
	p.requirements(m)
	return p.String()
}

// page gathers lines; each table begins after an empty one, as Markdown wants it.
type page struct {
	strings.Builder
	def lifecycle.ChartDefinition
}

func (p *page) line(format string, args ...any) { fmt.Fprintf(p, format+"\n", args...) }
func (p *page) para(format string, args ...any) { p.line("\n"+format, args...) }

func (p *page) table(columns ...string) {
	p.line("")
	p.row(columns...)
	p.line("|%s", strings.Repeat(" --- |", len(columns)))
}

// row takes Markdown, so that prose has to be set as such before.
func (p *page) row(cells ...string) {
	for _, c := range cells {
		p.WriteString("| " + c + " ")
	}
	p.line("|")
}

// spans keep a text within the marks of code.
var spans = strings.NewReplacer("`", "'", "|", `\|`)

func yes(is bool) string {
	if is {
		return "yes"
	}
	return ""
}

// code sets names as code, one by one. Those of tests are anything; all others are checked to
// be plain.
func code(names ...string) string {
	var b strings.Builder
	for i, n := range names {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("`" + spans.Replace(plain(n)) + "`")
	}
	return b.String()
}

func (p *page) diagram(m *lifecycle.Chart, picture string) {
	p.para("## Diagram")
	if picture != "" {
		p.para("![The lifecycle of `%s` as a picture](<%s>)", m.Name(), picture)
	}
	p.para("%s An event whose row leads to where the record is draws no arrow.", notation)
	p.para("```mermaid\n%s```", Mermaid(m))
}

func (p *page) statuses() {
	p.para("## Statuses")
	p.para("Final: no command acts on it. Absorbing: nothing does.")
	p.table("status", "means", "final", "absorbing", "deadline", "labels")
	for _, s := range p.def.States {
		deadline := prose(s.NoDeadline)
		switch {
		case s.Deadline != "":
			deadline = code(s.Deadline)
		case deadline != "":
			deadline = "none: " + deadline
		case s.Final:
			deadline = "none: it is final"
		}
		p.row(code(s.Name), prose(s.Means), yes(s.Final), yes(s.Absorbing), deadline, code(s.Labels...))
	}
}

func (p *page) eventTable() {
	p.para("## Events")
	p.para("A command is somebody's wish, and is refused where it may not be. A report is news of what already happened, and is ignored where it changes nothing.")
	p.table("event", "kind", "by", "means", "why it has no row")
	for _, e := range p.def.Events {
		p.row(code(e.Name), string(e.Kind), strings.Join(e.By, ", "), prose(e.Means), prose(e.NoRow))
	}
}

func (p *page) rowTable() {
	p.para("## Rows")
	p.para("At most one row for a status and an event. The rules of a row are asked in this order, and the first that does not hold decides.")
	p.table("event", "from", "to", "only if", "effects", "why")
	for _, r := range p.def.Rows {
		from := noRecord
		if len(r.From) > 0 {
			from = code(r.From...)
		}
		var rules []string
		for _, rule := range r.If {
			rules = append(rules, prose(rule.Name))
		}
		p.row(code(r.On), from, code(r.To), strings.Join(rules, "; "), code(r.Does...), prose(r.Why))
	}
}

func (p *page) ruleTable(m *lifecycle.Chart) {
	all := rules(m, p.def)
	if len(all) == 0 {
		return
	}
	p.para("## Rules")
	p.para("A rule can only say no; it never chooses where an event leads. Its word says why not: in the diagram after `unless`, and in the error or the audit entry.")
	p.table("only if", "otherwise", "word", "guards")
	for _, u := range all {
		p.row(prose(u.name), strings.Join(u.verdicts, ", "), code(u.otherwise), strings.Join(u.rows, "; "))
	}
}

func (p *page) termTable() {
	if len(p.def.Terms) == 0 {
		return
	}
	p.para("## Terms")
	p.para("A label holds exactly while a record is in one of its statuses. An effect is caused by exactly the moves of its rows.")
	p.table("term", "means", "label of", "effect of")
	for _, t := range p.def.Terms {
		states, rows := uses(p.def, t.Name)
		p.row(code(t.Name), prose(t.Means), code(states...), strings.Join(rows, "; "))
	}
}

func (p *page) matrix(m *lifecycle.Chart) {
	p.para("## Every status and event")
	p.para("Each cell says every verdict that it can have: first the one in which all rules hold, then what each rule can make of it.")
	p.line("")
	p.line("* `move`: the record goes to another status, with the effects of the row.")
	p.line("* `stay`: an event whose row leads to where the record is. Nothing changes but what is known of it.")
	p.line("* `refuse`: the command fails with an error that says what would be allowed. Nothing changes.")
	p.line("* `ignore`: the report changes nothing, and one audit entry says why, by the word in brackets (`%s`: the table has no row for it).", lifecycle.NoRow)
	p.line("* `duplicate` is the receipt's word and stands in no cell: whatever was received before does nothing again, in any status.")
	head, states := []string{"status"}, []string{""}
	for _, e := range p.def.Events {
		head = append(head, e.Name)
	}
	for _, s := range p.def.States {
		states = append(states, s.Name)
	}
	p.table(head...)
	for i, s := range states {
		cells := []string{code(s)}
		if i == 0 {
			cells[0] = noRecord
		}
		for _, e := range p.def.Events {
			cells = append(cells, strings.Join(words(m, p.def, s, e.Name), "<br>"))
		}
		p.row(cells...)
	}
}

// requirements is the traceability matrix: from each sentence to what it claims of the
// table and to the tests that show the rest, and from each row back to the sentences.
func (p *page) requirements(m *lifecycle.Chart) {
	if len(p.def.Policies) == 0 {
		return
	}
	p.para("## Requirements")
	p.para("Every sentence that forbids or promises something. What it claims of the table is checked on all paths of it whenever the machine is constructed, so that a table which breaks a claim cannot run; tests show what no table can.")
	p.table("id", "source", "sentence", "claimed of the table", "tests")
	required := make([][]string, len(p.def.Rows))
	for _, policy := range p.def.Policies {
		var claims []string
		for _, c := range policy.Claims {
			claims = append(claims, c.String()) // of names that the machine has
			for _, i := range rowsOf(m, p.def, c) {
				if id := prose(policy.ID); !slices.Contains(required[i], id) {
					required[i] = append(required[i], id)
				}
			}
		}
		p.row(prose(policy.ID), prose(policy.Source), prose(policy.Says), strings.Join(claims, "<br>"), code(policy.Tests...))
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
