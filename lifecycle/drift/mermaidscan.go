package drift

import (
	"regexp"
	"slices"
	"strings"
)

// What ends a text that is passed over: the first of it, wherever it stands, as Mermaid has it.
var (
	endOfNote        = regexp.MustCompile(`(?i)end note\b`)
	endOfDescription = regexp.MustCompile(`\}`)
)

// read takes the diagram line by line.
func (d diagram) read(source string) (*drawing, error) {
	out := &drawing{descriptions: map[string][]string{}}
	var end *regexp.Regexp // of what is passed over
	begun := false         // whether any of that stood there
	for i, line := range d.lines {
		line = strings.TrimSpace(line)
		fail := func(problem string) error { return &SourceError{source, d.first + i, problem} }
		switch {
		case strings.Contains(line, "%%{") && strings.Index(line, "}%%") != len(line)-len("}%%"):
			return nil, fail("a directive does not end its line")
		case strings.HasPrefix(line, "%%"):
			continue
		case end == endOfNote && !begun && strings.HasPrefix(line, ":"):
			return nil, fail("the colon of a note begins a line")
		}
		for line != "" {
			if end != nil {
				at := end.FindStringIndex(line)
				if begun = true; at == nil {
					break
				}
				line = strings.TrimSpace(line[at[1]:])
			}
			problem := ""
			if line, end, problem = out.line(line); problem != "" {
				return nil, fail(problem)
			}
			begun = false
		}
	}
	if end != nil {
		return nil, &SourceError{Source: source, Problem: "a note or a description does not end"}
	}
	return out, nil
}

// prose are the words that begin a line without states or arrows.
var prose = []string{"direction", "classDef", "class", "style", "click", "scale", "hide", "accTitle", "accTitle:", "accDescr:", "linkStyle"}

var (
	direction   = regexp.MustCompile(`(?i)direction\s+(?:TB|BT|RL|LR)`)
	remark      = regexp.MustCompile(`(?:^|\s)%%`)
	note        = regexp.MustCompile(`^note\s+(?:left|right) of\s+[^:\s-]+\s*`)
	description = regexp.MustCompile(`^accDescr\s*\{`)
)

// line takes one line. Where a text begins in it that is to be passed over, rest is what stands
// behind its beginning, and end is what ends it.
func (d *drawing) line(line string) (rest string, end *regexp.Regexp, problem string) {
	if begin := description.FindString(line); begin != "" {
		return line[len(begin):], endOfDescription, ""
	}
	begin := note.FindString(line)
	switch rest = line[len(begin):]; {
	case begin == "":
		return "", nil, d.statement(line)
	case strings.HasPrefix(rest, ":"):
		return "", nil, divided(rest)
	}
	return rest, endOfNote, ""
}

// entity is how Mermaid writes a character, a semicolon among them.
var entity = regexp.MustCompile(`#\w+;`)

// divided refuses a label with a semicolon: Mermaid draws what stands behind it.
func divided(label string) (problem string) {
	if strings.Contains(entity.ReplaceAllString(label, ""), ";") {
		return "a semicolon ends its text: #59; is one in it"
	}
	return ""
}

// statement takes a line that is all of one.
func (d *drawing) statement(line string) (problem string) {
	head, label := labelled(line)
	if at := remark.FindStringIndex(head); at != nil { // in a label it is text
		line, head, label = head[:at[0]], head[:at[0]], ""
	}
	line = strings.TrimSpace(line)
	first, rest, _ := strings.Cut(line, " ")
	rest = strings.TrimSpace(rest)
	drawn := strings.Contains(unquoted(head), "-->")
	switch {
	case slices.Contains(prose, line): // it takes what stands in the next one
		return "it is not understood"
	case line == "", slices.Contains(prose, first) && !drawn, first == "note" && floating(rest):
		return ""
	case direction.MatchString(line):
		return "Mermaid takes it for a direction"
	case first != "state" && divided(label) != "":
		return divided(label)
	case drawn:
		return d.arrow(line)
	case first == "state":
		return d.state(rest)
	case line == "--" || line == "}" || strings.HasSuffix(line, "{"):
		return "composite states are not understood"
	}
	id, text, _ := strings.Cut(line, ":")
	id, ok := identifier(id)
	if !ok || id == "" {
		return "it is not understood"
	}
	d.meet(id)
	d.describe(id, text)
	return ""
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
		rest, text = name, described
	}
	rest, _, _ = strings.Cut(rest, ":::")
	id, ok := identifier(rest)
	if !ok || id == "" {
		return "its name is not understood"
	}
	d.meet(id)
	d.describe(id, text)
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
