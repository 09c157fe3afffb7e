package export

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/kycle/kycle/lifecycle"
)

// keywords would be read by Mermaid or PlantUML as the start of a statement, not as a
// state.
var keywords = []string{
	"accdescr", "acctitle", "as", "caption", "center", "class", "classdef", "click", "default", "direction", "end", "footer", "header", "hide", "href",
	"left", "legend", "note", "right", "root_end", "root_start", "scale", "show", "skinparam", "state", "statediagram", "style", "title",
}

// Mermaid draws the moves as a Mermaid stateDiagram-v2, ending in a newline. An arrow
// names the events that lead along it, each with the words of its rules as
// "[unless older, protected]" and its effects after a slash; a state that is final has an arrow to the end, although
// reports may still lead out of it. Stays are not drawn.
//
// A note is a line of the box beside its status, "event: word" and then like an arrow. Notes
// that are made in many statuses stand once, beside the status in which a record begins. A
// status and an event are called as the outside spells them.
func Mermaid(m *lifecycle.Chart) string {
	var b strings.Builder
	def := m.Definition()
	b.WriteString("stateDiagram-v2\n")
	for _, s := range def.States {
		// No name ends in an underscore, so the alias cannot meet another state.
		if shown := called(s.Spelling, s.Name); shown != s.Name || slices.Contains(keywords, s.Name) {
			fmt.Fprintf(&b, "    state \"%s\" as %s\n", entities(shown), node(s.Name))
		}
	}
	for _, a := range arrows(def) {
		fmt.Fprintf(&b, "    %s --> %s : %s\n", node(a.from), node(a.to), a.label(def, entities, "<br/>"))
	}
	for _, s := range def.States {
		if s.Final {
			fmt.Fprintf(&b, "    %s --> [*]\n", node(s.Name))
		}
	}
	for _, s := range def.States {
		if box := noteBox(def, s.Name); len(box) > 0 {
			fmt.Fprintf(&b, "    note right of %s\n        %s\n    end note\n", node(s.Name), strings.Join(box, "\n        "))
		}
	}
	return b.String()
}

// noteBox is what stands beside a status: its own notes, and beside the first one that a record
// is in those of many statuses.
func noteBox(def lifecycle.ChartDefinition, status string) (box []string) {
	for _, r := range ownNotes(def, status) {
		box = append(box, label(def, r, entities))
	}
	birth := slices.IndexFunc(def.Rows, func(r row) bool { return len(r.From) == 0 })
	if birth < 0 || def.Rows[birth].To != status {
		return box
	}
	for _, c := range commonNotes(def) {
		box = append(box, entities(c.where)+":")
		for _, r := range c.rows {
			box = append(box, label(def, r, entities))
		}
	}
	return box
}

// reserved are words that Mermaid reads as its own, whatever stands around them.
var reserved = regexp.MustCompile(`(?i)(direction|end) +(tb|bt|rl|lr|note)`)

// entities writes text for Mermaid. Whatever Mermaid, or the Markdown in its labels, may read
// as its own is given by its number, and so is the space in two words that are a command.
func entities(text string) string {
	var b strings.Builder
	runes := []rune(reserved.ReplaceAllString(text, "$1\x00$2"))
	for i, r := range runes {
		switch {
		case r == 0:
			b.WriteString("#32;")
		case letter(r) || strings.ContainsRune(" ,()/'", r), strings.ContainsRune("_-.", r) && within(runes, i):
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, "#%d;", r)
		}
	}
	return b.String()
}

func letter(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// within tells whether a mark stands between two letters.
func within(text []rune, i int) bool {
	return i > 0 && i+1 < len(text) && letter(text[i-1]) && letter(text[i+1])
}

func node(state string) string {
	switch {
	case state == "":
		return "[*]"
	case slices.Contains(keywords, state):
		return state + "_"
	}
	return state
}

// PlantUML draws the moves as a PlantUML state diagram, with the notation of Mermaid:
// arrows along which reports alone lead are dashed, and notes are lines in their status. Below
// it stands what the words on the arrows mean.
func PlantUML(m *lifecycle.Chart) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	def := m.Definition()
	line("@startuml")
	line("title %s", creole(heading(def)))
	line("hide empty description")
	for _, s := range def.States {
		line("state \"%s\" as %s", creole(called(s.Spelling, s.Name)), node(s.Name))
		if means := creole(s.Means); means != "" {
			line("%s : %s", node(s.Name), means)
		}
		for _, r := range ownNotes(def, s.Name) {
			line("%s : %s", node(s.Name), label(def, r, creole))
		}
	}
	for _, a := range arrows(def) {
		line("%s %s %s : %s", node(a.from), a.stroke(m), node(a.to), a.label(def, creole, `\n`))
	}
	for _, s := range def.States {
		if s.Final {
			line("%s --> [*]", node(s.Name))
		}
	}
	line("legend left")
	for _, sentence := range legendOf(m, def) {
		line("%s", creole(sentence))
	}
	line("endlegend")
	line("@enduml")
	return b.String()
}

// legendOf says what a drawing has no room for, a sentence a line.
func legendOf(m *lifecycle.Chart, def lifecycle.ChartDefinition) []string {
	all := []string{notation}
	if hasNotes(def) {
		all = append(all, noteNotation)
	}
	for _, c := range commonNotes(def) {
		all = append(all, c.where+":")
		for _, r := range c.rows {
			all = append(all, "• "+label(def, r, asItIs))
		}
	}
	if def.NoEnd != "" {
		all = append(all, "no status is final: "+def.NoEnd)
	}
	for _, r := range leavesFinal(def) {
		all = append(all, calledEvent(def, r.On)+": "+onPurpose)
	}
	for _, u := range rules(m, def) {
		all = append(all, unless(u.otherwise)+" only if "+u.name)
	}
	for _, t := range def.Terms {
		if _, rows := uses(def, t.Name); len(rows) > 0 {
			all = append(all, "/ "+t.Name+": "+t.Means)
		}
	}
	return all
}

// stroke is the arrow itself; one command on it makes it solid.
func (a arrow) stroke(m *lifecycle.Chart) string {
	if slices.ContainsFunc(a.rows, func(r row) bool { return m.Kind(r.On) == lifecycle.Command }) {
		return "-->"
	}
	return "-[dashed]->"
}

// creole writes prose as PlantUML's text. It has marks, macros and links that read files,
// so whatever is no letter, digit, comma or space is given by its number, but for a single
// underscore within a name.
func creole(text string) string {
	var b strings.Builder
	runes := []rune(plain(text))
	for i, r := range runes {
		if r == ' ' || r == ',' || letter(r) || r == '_' && within(runes, i) {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, "<U+%04X>", r)
		}
	}
	return b.String()
}
