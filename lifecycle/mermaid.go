package lifecycle

import (
	"fmt"
	"slices"
	"strings"
)

// keywords would be read by Mermaid as the start of a statement, not as a state.
var keywords = []string{"as", "class", "click", "default", "direction", "end", "href", "note", "scale", "state", "style"}

// Mermaid draws the moves as a Mermaid stateDiagram-v2, ending in a newline. An arrow
// names the events that lead along it, each with its effects in brackets; a state that
// is final has an arrow to the end, although reports may still lead out of it. Stays
// are not drawn. Equal definitions give equal text.
func (m *Machine[S, E, F]) Mermaid() string {
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n")
	for _, s := range m.def.States {
		// No name ends in an underscore, so the alias cannot meet another state.
		if slices.Contains(keywords, string(s.Name)) {
			fmt.Fprintf(&b, "    state %q as %s_\n", string(s.Name), s.Name)
		}
	}
	for _, a := range m.arrows() {
		fmt.Fprintf(&b, "    %s --> %s : %s\n", node(a.from), node(a.to), strings.Join(a.labels, ", "))
	}
	for _, s := range m.def.States {
		if s.Final {
			fmt.Fprintf(&b, "    %s --> [*]\n", node(string(s.Name)))
		}
	}
	return b.String()
}

func node(state string) string {
	switch {
	case state == none:
		return "[*]"
	case slices.Contains(keywords, state):
		return state + "_"
	}
	return state
}
