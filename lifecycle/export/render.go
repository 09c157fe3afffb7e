package export

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/kycle/kycle/lifecycle"
)

// What the formats share: the words for a cell, the arrows of a diagram, and where a
// rule or a term is used. Everything comes in the definition's order, so that one
// definition always gives one page.

// noRecord is how a page calls the state "".
const noRecord = "(no record)"

// arrow is every move between two states, whatever the event. A note is none.
type arrow struct {
	from, to string // "" is no record
	rows     []row
}

// arrows lists the moves; a stay leads nowhere and is none. Rows that lead from one
// state to the same other one share an arrow, in their order.
func arrows(def lifecycle.ChartDefinition) []arrow {
	var all []arrow
	for _, row := range def.Rows {
		for _, from := range moving(row) {
			i := slices.IndexFunc(all, func(a arrow) bool { return a.from == from && a.to == row.To })
			if i < 0 {
				i = len(all)
				all = append(all, arrow{from: from, to: row.To})
			}
			all[i].rows = append(all[i].rows, row)
		}
	}
	return all
}

// label is what stands on an arrow, one row after the other.
func (a arrow) label(def lifecycle.ChartDefinition, set func(string) string, separator string) string {
	var all []string
	for _, r := range a.rows {
		all = append(all, label(def, r, set))
	}
	return strings.Join(all, separator)
}

// notation explains the label of an arrow; every diagram that can hold a sentence has it.
const notation = "On an arrow: the event, [unless a rule says no, by its word], / its effects."

// conditions are the words of a row's rules: "[unless older, protected]", or "".
func conditions(r row) string {
	var all []string
	for _, rule := range r.If {
		all = append(all, rule.Code)
	}
	if len(all) == 0 {
		return ""
	}
	return unless(strings.Join(all, ", "))
}

// unless sets vetoes as a condition. A bare word in brackets would read as what must hold.
func unless(words string) string { return "[unless " + words + "]" }

// effects are those of a row: "/ charge, record_decision", or "".
func effects(r row) string {
	if len(r.Does) == 0 {
		return ""
	}
	return "/ " + strings.Join(r.Does, ", ")
}

// heading is how a page calls the machine: by its title, or by its name where it has none.
func heading(def lifecycle.ChartDefinition) string { return cmp.Or(plain(def.Title), def.Name) }

// plain makes prose one line of printable UTF-8, so that a format has only its own marks
// left to escape.
func plain(text string) string {
	return strings.Join(strings.FieldsFunc(strings.ToValidUTF8(text, "\uFFFD"), func(r rune) bool {
		return !unicode.IsPrint(r) // of the spaces, U+0020 alone is printable
	}), " ")
}

// wrapped breaks prose at its spaces into as few lines of the width as it needs, and
// those as narrow as they can be; a longer word keeps a line to itself.
func wrapped(text string, width int) []string {
	lines := broken(text, width)
	for len(lines) > 1 && width > 1 {
		width--
		narrower := broken(text, width)
		if len(narrower) > len(lines) {
			break
		}
		lines = narrower
	}
	return lines
}

func broken(text string, width int) []string {
	var lines []string
	for word := range strings.FieldsSeq(plain(text)) {
		last := len(lines) - 1
		if last >= 0 && utf8.RuneCountInString(lines[last])+1+utf8.RuneCountInString(word) <= width {
			lines[last] += " " + word
		} else {
			lines = append(lines, word)
		}
	}
	return lines
}

// markup escapes what XML, and Graphviz's labels, read as their own.
var markup = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#39;")

// What Markdown, in the dialect of GitHub too, reads as its own within a line: an address
// would become a link.
var (
	marks = strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "[", `\[`, "]", `\]`, "|", `\|`, "~", `\~`, "#", `\#`, "$", `\$`,
		"&", "&amp;", "<", "&lt;", ">", "&gt;", "://", `:\//`)
	www   = regexp.MustCompile(`(?i)(www)\.`)
	runs  = regexp.MustCompile(`[\pL\pN_]+`)
	begun = regexp.MustCompile(`^([0-9]*)([-+=.)])`) // a list or a line, at the beginning of a paragraph
)

// prose sets text in Markdown as it is: one line in which nothing is live.
func prose(text string) string {
	text = www.ReplaceAllString(marks.Replace(strings.TrimSpace(plain(text))), `$1\.`)
	return runs.ReplaceAllStringFunc(text, func(run string) string { // an underscore within a word is no mark
		word := strings.TrimLeft(run, "_")
		inner := strings.TrimRight(word, "_")
		return strings.Repeat(`\_`, len(run)-len(word)) + inner + strings.Repeat(`\_`, len(word)-len(inner))
	})
}

// paragraph is prose that is a paragraph, and begins nothing else.
func paragraph(text string) string { return begun.ReplaceAllString(prose(text), `$1\$2`) }

// words says in Markdown every verdict that a cell can have, the one in which all rules hold first.
// A veto of a report is told by its word, as the audit entry will bear it; a refusal by
// the condition, since nothing is written of it.
func words(m *lifecycle.Chart, def lifecycle.ChartDefinition, from, on string) []string {
	outcomes, _ := m.Verdicts(from, on) // the names are the definition's own
	at, _ := m.Cell(from, on)
	var all []string
	for i, o := range outcomes {
		word := string(o.Verdict)
		switch {
		case o.Verdict == lifecycle.Move:
			word = fmt.Sprintf("move → %s", o.To)
		case o.Verdict == lifecycle.Note:
			word = "note: " + o.Word
		case o.Verdict == lifecycle.Ignore:
			word = fmt.Sprintf("ignore (%s)", o.Why)
		case o.Verdict == lifecycle.Refuse && i > 0:
			word = "refuse unless " + prose(def.Rows[at.Row].If[i-1].Name)
		}
		all = append(all, word)
	}
	return all
}

// usage is one rule and the rows that it guards.
type usage struct {
	name, otherwise string
	verdicts, rows  []string
}

// rules lists each rule once, by the word for its veto.
func rules(m *lifecycle.Chart, def lifecycle.ChartDefinition) []usage {
	var all []usage
	for _, row := range def.Rows {
		for _, rule := range row.If {
			i := slices.IndexFunc(all, func(u usage) bool { return u.otherwise == rule.Code })
			if i < 0 {
				i = len(all)
				all = append(all, usage{name: rule.Name, otherwise: rule.Code})
			}
			all[i].rows = append(all[i].rows, title(row))
			if v := string(m.Kind(row.On).Veto()); !slices.Contains(all[i].verdicts, v) {
				all[i].verdicts = append(all[i].verdicts, v)
			}
		}
	}
	return all
}

// uses tells where a term stands: on which states as a label, on which rows as an effect.
func uses(def lifecycle.ChartDefinition, term string) (states, rows []string) {
	for _, s := range def.States {
		if slices.Contains(s.Labels, term) {
			states = append(states, s.Name)
		}
	}
	for _, row := range def.Rows {
		if slices.Contains(row.Does, term) {
			rows = append(rows, title(row))
		}
	}
	return states, rows
}

type row = lifecycle.Row[string, string, lifecycle.Vetoes]

// title is a row in a few words: "cancel: new, opened → cancelled", and of a note "terminate:
// cancelled (note: terminated)".
func title(r row) string {
	if r.Note != "" {
		return fmt.Sprintf("%s: %s (note: %s)", r.On, froms(r), r.Note)
	}
	return fmt.Sprintf("%s: %s → %s", r.On, froms(r), r.To)
}

func froms(r row) string {
	if len(r.From) == 0 {
		return noRecord
	}
	return strings.Join(r.From, ", ")
}

// moving are the states that the row moves a record from; in the others it stays, and a note
// moves nothing.
func moving(r row) []string {
	if r.Note != "" {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(r.Sources()), func(s string) bool { return s == r.To })
}
