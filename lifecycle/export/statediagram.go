package export

import (
	"fmt"
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
func Mermaid(m *lifecycle.Chart) string {
	var b strings.Builder
	def := m.Definition()
	b.WriteString("stateDiagram-v2\n")
	for _, s := range def.States {
		// No name ends in an underscore, so the alias cannot meet another state.
		if slices.Contains(keywords, s.Name) {
			fmt.Fprintf(&b, "    state %q as %s\n", s.Name, node(s.Name))
		}
	}
	for _, a := range arrows(def) {
		fmt.Fprintf(&b, "    %s --> %s : %s\n", node(a.from), node(a.to), a.label("<br/>"))
	}
	for _, s := range def.States {
		if s.Final {
			fmt.Fprintf(&b, "    %s --> [*]\n", node(s.Name))
		}
	}
	return b.String()
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
// arrows along which reports alone lead are dashed. Below it stands what the words on the
// arrows mean.
func PlantUML(m *lifecycle.Chart) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	def := m.Definition()
	line("@startuml")
	line("title %s", creole(heading(def)))
	line("hide empty description")
	for _, s := range def.States {
		line("state %q as %s", s.Name, node(s.Name))
		if means := creole(s.Means); means != "" {
			line("%s : %s", node(s.Name), means)
		}
	}
	for _, a := range arrows(def) {
		line("%s %s %s : %s", node(a.from), a.stroke(m), node(a.to), a.label(`\n`))
	}
	for _, s := range def.States {
		if s.Final {
			line("%s --> [*]", node(s.Name))
		}
	}
	line("legend left")
	line("%s", creole(notation))
	for _, u := range rules(m, def) {
		line("%s only if %s", creole(unless(u.otherwise)), creole(u.name))
	}
	for _, t := range def.Terms {
		if _, rows := uses(def, t.Name); len(rows) > 0 {
			line("/ %s: %s", t.Name, creole(t.Means))
		}
	}
	line("endlegend")
	line("@enduml")
	return b.String()
}

// stroke is the arrow itself; one command on it makes it solid.
func (a arrow) stroke(m *lifecycle.Chart) string {
	if slices.ContainsFunc(a.rows, func(r row) bool { return m.Kind(r.On) == lifecycle.Command }) {
		return "-->"
	}
	return "-[dashed]->"
}

// creole writes prose as PlantUML's text. It has marks, macros and links that read files,
// so whatever is no letter, digit, comma or space is given by its number.
func creole(text string) string {
	var b strings.Builder
	for _, r := range plain(text) {
		if r == ' ' || r == ',' || unicode.IsLetter(r) || unicode.IsDigit(r) {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, "<U+%04X>", r)
		}
	}
	return b.String()
}
