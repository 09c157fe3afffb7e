package drift

import (
	"slices"
	"strings"
)

// read takes the diagram line by line.
func (d diagram) read(source string) (*drawing, error) {
	out := &drawing{descriptions: map[string]string{}}
	until := "" // the line that ends what is passed over
	for i, line := range d.lines {
		line = strings.TrimSpace(line)
		if comment := strings.Index(line, "%%"); comment >= 0 {
			line = strings.TrimSpace(line[:comment])
		}
		if until != "" {
			if line == until {
				until = ""
			}
			continue
		}
		problem := ""
		if until, problem = out.line(line); problem != "" {
			return nil, &SourceError{source, d.first + i, problem}
		}
	}
	if until != "" {
		return nil, &SourceError{Source: source, Problem: "a note or a description does not end"}
	}
	return out, nil
}

// prose are the words that begin a line without states or arrows.
var prose = []string{"direction", "classDef", "class", "style", "click", "scale", "hide", "accTitle", "accTitle:", "accDescr:", "linkStyle"}

// line takes one line. until is the line up to which everything is to be passed over.
func (d *drawing) line(line string) (until, problem string) {
	first, rest, _ := strings.Cut(line, " ")
	rest = strings.TrimSpace(rest)
	head, _ := labelled(line)
	drawn := strings.Contains(unquoted(head), "-->")
	if slices.Contains(prose, first) && !drawn {
		return "", ""
	}
	switch {
	case line == "":
		return "", ""
	case first == "accDescr" && strings.HasPrefix(rest, "{"):
		return "}", ""
	case first == "note" && (strings.HasPrefix(rest, "left ") || strings.HasPrefix(rest, "right ")):
		if strings.Contains(rest, ":") {
			return "", ""
		}
		return "end note", ""
	case first == "note" && floating(rest):
		return "", ""
	case drawn:
		return "", d.arrow(line)
	case first == "state":
		return "", d.state(rest)
	case line == "--" || line == "}" || strings.HasSuffix(line, "{"):
		return "", "composite states are not understood"
	}
	id, text, described := strings.Cut(line, ":")
	id, ok := identifier(id)
	if !ok || id == "" {
		return "", "it is not understood"
	}
	d.meet(id)
	if described && d.descriptions[id] == "" {
		d.descriptions[id] = strings.TrimSpace(text)
	}
	return "", ""
}

// labelled cuts a line at its first colon, where prose begins, if it is not one of a ":::".
func labelled(line string) (head, label string) {
	for i := 0; i < len(line); i++ {
		switch {
		case line[i] != ':':
		case strings.HasPrefix(line[i:], ":::"):
			i += 2
		default:
			return line[:i], line[i+1:]
		}
	}
	return line, ""
}

// unquoted is the text without what stands in quotes.
func unquoted(text string) string {
	var b strings.Builder
	for i, part := range strings.Split(text, `"`) {
		if i%2 == 0 {
			b.WriteString(part)
		}
	}
	return b.String()
}

// floating tells whether what stands behind "note" is `"text" as id`.
func floating(rest string) bool {
	_, rest, quoted := strings.Cut(rest, `"`)
	_, rest, closed := strings.Cut(rest, `"`)
	name, as := strings.CutPrefix(strings.TrimSpace(rest), "as ")
	id, ok := identifier(name)
	return quoted && closed && as && ok && id != ""
}

// arrow takes "a --> b : text".
func (d *drawing) arrow(line string) (problem string) {
	head, _ := labelled(line)
	from, to, _ := strings.Cut(head, "-->")
	to, _, _ = strings.Cut(to, ":::")
	from, _, _ = strings.Cut(from, ":::")
	a, fine := identifier(from)
	b, good := identifier(to)
	if !fine || !good {
		return "its arrow is not understood"
	}
	d.meet(a)
	d.meet(b)
	d.arrows = append(d.arrows, [2]string{a, b})
	return ""
}

// state takes what stands behind the word: `"text" as id`, "id", "id : text".
func (d *drawing) state(rest string) (problem string) {
	switch {
	case strings.Contains(rest, "{"):
		return "composite states are not understood"
	case strings.Contains(rest, "<<"), strings.Contains(rest, "[["):
		return "forks, joins and choices are not understood"
	}
	text := ""
	if strings.HasPrefix(rest, `"`) {
		var closed bool
		if text, rest, closed = strings.Cut(rest[1:], `"`); !closed || !strings.HasPrefix(strings.TrimSpace(rest), "as ") {
			return "its description is not understood"
		}
		rest = strings.TrimPrefix(strings.TrimSpace(rest), "as ")
	} else if name, described, ok := strings.Cut(rest, ":"); ok && !strings.HasPrefix(described, "::") {
		rest, text = name, strings.TrimSpace(described)
	}
	rest, _, _ = strings.Cut(rest, ":::")
	id, ok := identifier(rest)
	if !ok || id == "" {
		return "its name is not understood"
	}
	d.meet(id)
	if text != "" {
		d.descriptions[id] = text
	}
	return ""
}

// identifier takes one name; "[*]" is "".
func identifier(text string) (id string, ok bool) {
	text = strings.TrimSpace(text)
	if text == "[*]" {
		return "", true
	}
	return text, text != "" && !strings.ContainsAny(text, " \t\"{}[]<>:;,")
}
