package drift

import (
	"html"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/kycle/kycle/lifecycle"
)

// Mermaid holds a state diagram against the machine: nil, or *Gap (ErrGap) with the
// difference, or *SourceError (ErrSource) where the text has no such diagram, or one that this
// reader does not understand.
//
// The text is a diagram, or Markdown with diagrams in ```mermaid blocks, quoted ones too; of several, the
// one that is nearest to the machine is judged. States and arrows are compared, in whatever
// order, and what stands on the arrows is not: it is prose to many. A state goes by its spelling,
// as its id or, where the machine has none that is spelled so, as its description; one that shows
// several states, and several that show one, are not understood. Notes in boxes are prose, too,
// and arrows that lead from a state to itself need not be drawn, nor ends ("approved --> [*]":
// the state is final) where no end is drawn at all.
// Composite states, forks, joins and choices say what no machine here says, and are not
// understood.
func Mermaid(chart *lifecycle.Chart, text string) error {
	const source = "the Mermaid diagram"
	diagrams := blocks(text)
	var nearest error
	for _, d := range diagrams {
		drawn, err := d.read(source)
		if err == nil {
			err = drawn.against(chart, source)
		}
		if err == nil {
			return nil
		}
		if nearest == nil || size(err) < size(nearest) {
			nearest = err
		}
	}
	if nearest == nil {
		return &SourceError{Source: source, Problem: "there is no stateDiagram in the text"}
	}
	return nearest
}

// size is how far a diagram is from the machine; one that cannot be read is farthest.
func size(err error) int {
	if g, ok := err.(*Gap); ok {
		return len(g.Missing) + len(g.Unknown)
	}
	return 1 << 30
}

// diagram is the lines of one diagram, after the word that says what it is.
type diagram struct {
	lines []string
	first int // the number of the first of them
}

// blocks finds the state diagrams of a text. Where a line begins a block of Markdown, only
// blocks count.
func blocks(text string) (all []diagram) {
	lines := strings.Split(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text), "\n")
	add := func(from, to int) {
		for i := from; i < to; i++ {
			if words := strings.Fields(lines[i]); len(words) > 0 && (words[0] == "stateDiagram" || words[0] == "stateDiagram-v2") {
				all = append(all, diagram{append([]string{strings.Join(words[1:], " ")}, lines[i+1:to]...), i + 1})
				return
			}
		}
	}
	fence, begin, within, fenced := "", 0, 0, false
	for i, line := range lines {
		depth, line := quotation(line)
		if fence != "" && depth < within { // the quotation ends, and the block with it
			add(begin, i)
			fence = ""
		}
		mark := line[:len(line)-len(strings.TrimLeft(line, "`~"))]
		switch {
		case fence == "" && len(mark) >= 3:
			fence, begin, within = mark, len(lines), depth
			if info := strings.Fields(strings.Trim(line[len(mark):], "{} \t")); len(info) > 0 && strings.TrimPrefix(info[0], ".") == "mermaid" {
				begin = i + 1
			}
			fenced = true
		case fence != "" && depth == within && strings.HasPrefix(mark, fence) && strings.TrimSpace(line) == mark:
			add(begin, i)
			fence = ""
		case fence != "" && within > 0:
			lines[i] = line
		}
	}
	switch {
	case !fenced:
		add(0, len(lines))
	case fence != "": // a block that does not end goes to the end, as Markdown has it
		add(begin, len(lines))
	}
	return all
}

// quotation takes the marks of a Markdown quotation off a line.
func quotation(line string) (depth int, rest string) {
	for rest = strings.TrimLeft(line, " \t"); strings.HasPrefix(rest, ">"); depth++ {
		rest = strings.TrimLeft(rest[1:], " \t")
	}
	return depth, rest
}

// drawing is what a diagram says.
type drawing struct {
	states       []string // ids, in the order in which they are met
	descriptions map[string][]string
	arrows       [][2]string // "" is [*]
}

func (d *drawing) meet(id string) {
	if id != "" && !slices.Contains(d.states, id) {
		d.states = append(d.states, id)
	}
}

func (d *drawing) describe(id, text string) {
	if text = visible(decoded(text)); text != "" {
		d.descriptions[id] = append(d.descriptions[id], text)
	}
}

// decoded puts the characters in their place that Mermaid's entities stand for.
func decoded(text string) string {
	return entity.ReplaceAllStringFunc(text, func(e string) string {
		if _, err := strconv.Atoi(e[1 : len(e)-1]); err == nil {
			return html.UnescapeString("&" + e)
		}
		return html.UnescapeString("&" + e[1:])
	})
}

// visible is a text as a drawing shows it, in one line.
func visible(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || !unicode.IsPrint(r) }), " ")
}

// names gives the state of the machine that each id stands for; none for an id that stands for
// none.
func (d *drawing) names(o outside) (names map[string]string, problem string) {
	spelled := map[string]string{}
	for _, name := range o.states {
		spelled[visible(o.spelling[name])] = name
	}
	names = map[string]string{}
	taken := map[string]bool{}
	for _, id := range d.states {
		var shown, called []string // by their spellings, and by their names
		for _, text := range append([]string{id}, d.descriptions[id]...) {
			if name, is := spelled[text]; is {
				shown = append(shown, name)
			} else if slices.Contains(o.states, text) {
				called = append(called, text)
			}
		}
		if shown = once(shown); len(shown) == 0 {
			continue
		}
		if len(shown) > 1 || slices.ContainsFunc(called, func(name string) bool { return name != shown[0] }) {
			return nil, "a state shows the names of several"
		}
		if taken[shown[0]] {
			return nil, "several ids stand for one state"
		}
		names[id], taken[shown[0]] = shown[0], true
	}
	return names, ""
}

// against compares the drawing with the machine.
func (d *drawing) against(chart *lifecycle.Chart, source string) error {
	o := spelled(chart)
	names, problem := d.names(o)
	if problem != "" {
		return &SourceError{Source: source, Problem: problem}
	}
	label := func(id string) string { // of a state as the machine has it, or of an id
		if name, is := names[id]; is {
			return o.label(name)
		}
		return id
	}
	side := read(chart)
	var has, drawn, stays []string
	for _, s := range side.states {
		has = append(has, "state "+o.label(s))
	}
	for _, from := range append([]string{""}, side.states...) {
		for _, on := range side.events {
			switch step, ok := side.step(from, on); {
			case ok && step.To == from: // a note, too
				stays = append(stays, arrow(o.label(from), o.label(from)))
			case ok:
				has = append(has, arrow(o.label(from), o.label(step.To)))
			}
		}
	}
	ends := slices.ContainsFunc(d.arrows, func(a [2]string) bool { return a[1] == "" })
	for _, s := range side.def.States {
		if s.Final && ends {
			has = append(has, arrow(o.label(s.Name), ""))
		}
	}
	for _, id := range d.states {
		if name, is := names[id]; is {
			drawn = append(drawn, "state "+o.label(name))
		} else {
			drawn = append(drawn, "state "+o.of(id))
		}
	}
	for _, a := range d.arrows {
		if text := arrow(label(a[0]), label(a[1])); !slices.Contains(stays, text) {
			drawn = append(drawn, text)
		}
	}
	return gap(chart.Name(), source, once(has), once(drawn))
}

// once leaves out what stood before.
func once(names []string) (out []string) {
	for _, n := range names {
		if !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}

func arrow(from, to string) string {
	return either(from == "", "[*]", from) + " --> " + either(to == "", "[*]", to)
}
