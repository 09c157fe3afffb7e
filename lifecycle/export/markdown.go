package export

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kycle/kycle/lifecycle"
)

// Markdown is a machine's page: diagram, statuses, events, rows, notes, rules, terms,
// what becomes of every event in every status, and the requirements. It is complete and ends
// in a newline, so a go:generate program writes it to a file, and a test compares the two.
// Equal definitions give equal pages. Prose stands there as it is, and nothing in it is live:
// no link, image, markup or HTML.
//
// It takes the machine of a host like one of ours, an extended one too:
//
//	os.WriteFile("LIFECYCLE.md", []byte(export.Markdown(machine.Chart())), 0o644)
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
	p.noteTable()
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
	if hasNotes(p.def) {
		p.para("%s", noteNotation)
	}
	p.para("```mermaid\n%s```", Mermaid(m))
}

func (p *page) statuses() {
	p.para("## Statuses")
	means := "Final: no command moves a record out of it. Absorbing: nothing does."
	if hasNotes(p.def) {
		means += " Notes are made in both."
	}
	p.para("%s", means)
	if p.def.NoEnd != "" {
		p.para("No status is final: %s.", prose(p.def.NoEnd))
	}
	spelled := slices.ContainsFunc(p.def.States, func(s lifecycle.State[string, string]) bool { return s.Spelling != "" })
	p.table(spelling(spelled, "status", "spelled", "means", "final", "absorbing", "deadline", "labels")...)
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
		p.row(spelling(spelled, code(s.Name), spelledAs(s.Spelling), prose(s.Means),
			yes(s.Final), yes(s.Absorbing), deadline, code(s.Labels...))...)
	}
}

// spelling leaves the second cell out where nothing is spelled otherwise than it is called.
func spelling(spelled bool, cells ...string) []string {
	if !spelled {
		cells = slices.Delete(cells, 1, 2)
	}
	return cells
}

// spelledAs sets what the outside calls a name, if anything of it can be seen.
func spelledAs(spelling string) string {
	if called(spelling, "") == "" {
		return ""
	}
	return code(spelling)
}

func (p *page) eventTable() {
	p.para("## Events")
	p.para("A command is somebody's wish, and is refused where it may not be. A report is news of what already happened, and is ignored where it changes nothing.")
	spelled := slices.ContainsFunc(p.def.Events, func(e lifecycle.Event[string]) bool { return e.Spelling != "" })
	p.table(spelling(spelled, "event", "spelled", "kind", "by", "means", "why it has no row")...)
	for _, e := range p.def.Events {
		p.row(spelling(spelled, code(e.Name), spelledAs(e.Spelling), string(e.Kind), strings.Join(e.By, ", "), prose(e.Means), prose(e.NoRow))...)
	}
}

func (p *page) rowTable() {
	p.para("## Rows")
	p.para("At most one row for a status and an event. The rules of a row are asked in this order, and the first that does not hold decides.")
	p.table("event", "from", "to", "only if", "effects", "why")
	for _, r := range p.def.Rows {
		if r.Note != "" {
			continue
		}
		from := noRecord
		if len(r.From) > 0 {
			from = code(r.From...)
		}
		p.row(code(r.On), from, code(r.To), onlyIf(r), code(r.Does...), prose(r.Why))
	}
	if all := leavesFinal(p.def); len(all) > 0 {
		p.para("These commands move a record out of a final status, on purpose:")
		p.line("")
		for _, r := range all {
			p.line("* %s", title(r))
		}
	}
}

// onlyIf are the conditions of a row, in the order in which they are asked.
func onlyIf(r row) string {
	var rules []string
	for _, rule := range r.If {
		rules = append(rules, prose(rule.Name))
	}
	return strings.Join(rules, "; ")
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
	p.para("A label holds exactly while a record is in one of its statuses. An effect is caused by exactly the moves and notes of its rows.")
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
	if hasNotes(p.def) {
		p.line("* `note`: the record stays in its status, with the effects of the row, " +
			"and one audit entry has the word behind the colon as its verdict.")
	}
	p.line("* `stay`: an event whose row leads to where the record is. Nothing changes but what is known of it.")
	p.line("* `refuse`: the command fails with an error that says what would be allowed. Nothing changes.")
	p.line("* `ignore`: the report changes nothing, and one audit entry says why, by the word in brackets (`%s`: the table has no row for it).", lifecycle.NoRow)
	p.line("* `duplicate` is the receipt's word and stands in no cell: whatever was received before does nothing again, in any status.")
	head, states := []string{"event", noRecord}, []string{""}
	for _, s := range p.def.States {
		head, states = append(head, s.Name), append(states, s.Name)
	}
	p.table(head...)
	for _, e := range p.def.Events { // a table has many events, and few statuses
		cells := []string{code(e.Name)}
		for _, s := range states {
			cells = append(cells, strings.Join(words(m, p.def, s, e.Name), "<br>"))
		}
		p.row(cells...)
	}
}
