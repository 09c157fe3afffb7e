package integration

import (
	"cmp"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/lifecycle/export"
)

// group is one <g> of an SVG.
type group struct {
	id, class, title string
	text             string // all that is written in it, in one line
	outlines         int    // how many shapes it has
}

// groups reads the groups of an SVG that hold no other ones.
func groups(t *testing.T, svg string) []group {
	t.Helper()
	var all []group
	var now group
	inside := ""
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("no SVG: %v", err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			inside = token.Name.Local
			switch inside {
			case "g":
				now = group{id: attribute(token, "id"), class: attribute(token, "class")}
			case "path", "polygon", "ellipse":
				now.outlines++
			}
		case xml.CharData:
			switch inside {
			case "title":
				now.title += string(token)
			case "text":
				now.text += " " + string(token)
			}
		case xml.EndElement:
			if inside = ""; token.Name.Local == "g" && now.id != "" {
				now.text = shown(now.text)
				all = append(all, now)
				now = group{}
			}
		}
	}
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// Graphviz draws every status as what it is, and every move, by an arrow of its own or
// from a node that names where it leads from, with its rules and effects.
func TestGraphvizDrawsEveryMove(t *testing.T) {
	dot := needProgram(t, "dot", "apt-get install graphviz")
	for _, m := range exported() {
		t.Run(m.name, func(t *testing.T) {
			svg := consult(t, export.DOT(m.Chart), dot, "-Tsvg")
			drawn, texts := groups(t, svg), written(t, svg)
			find := func(is func(group) bool) *group {
				if i := slices.IndexFunc(drawn, is); i >= 0 {
					return &drawn[i]
				}
				return nil
			}
			own, common := noteLines(m.Chart)
			for _, s := range m.Definition().States {
				text := s.Spelled() + " " + s.Means
				for _, line := range own[s.Name] {
					text += " • " + line
				}
				g := find(func(g group) bool { return g.id == m.Name()+"-"+s.Name })
				class, outlines := "node status", 1
				if s.Final {
					class, outlines = class+" final", 2
				}
				if s.Absorbing {
					class += " absorbing"
				}
				switch {
				case g == nil:
					t.Errorf("there is no group of the status %s", s.Name)
				case g.class != class || g.outlines != outlines || g.text != shown(text):
					t.Errorf("%s: %+v", s.Name, g)
				}
			}
			for _, line := range common {
				if texts[line] != 1 {
					t.Errorf("the legend has %d and not one %q", texts[line], line)
				}
			}
			all := moves(m.Chart)
			for _, s := range all {
				if find(func(g group) bool { return g.shows(m.Chart, s) }) == nil {
					t.Errorf("no arrow says that %s leads from %q to %s with %s", s.On, s.from, s.To, s.notation())
				}
			}
			for _, g := range drawn {
				from, to := g.ends()
				for _, f := range from {
					if f != to && !slices.ContainsFunc(all, func(s step) bool { return s.from == f && g.shows(m.Chart, s) }) {
						t.Errorf("nothing leads from %q to %s: %+v", f, to, g)
					}
				}
			}
		})
	}
}

// ends are what an arrow joins; nothing for what is none. The name of a node that stands
// for many statuses lists them.
func (g group) ends() (from []string, to string) {
	if !strings.HasPrefix(g.class, "edge ") {
		return nil, ""
	}
	tail, to, _ := strings.Cut(g.title, "->")
	if many, is := strings.CutPrefix(tail, "from "); is {
		return strings.Fields(many), to
	}
	return []string{tail}, to
}

// shows tells whether the group is an arrow on which the step stands.
func (g group) shows(m *lifecycle.Chart, s step) bool {
	from, to := g.ends()
	return slices.Contains(from, s.from) && to == s.To && g.class == "edge "+string(m.Kind(s.On)) && strings.Contains(" "+g.text+" ", " "+s.notation()+" ")
}

// PlantUML draws the same, and writes all prose as it is.
func TestPlantUMLDrawsEveryMove(t *testing.T) {
	plantuml, dir := needProgram(t, "plantuml", "apt-get install plantuml"), t.TempDir()
	args := []string{"-tsvg", "-charset", "UTF-8", "-failfast2"}
	for _, m := range exported() {
		path := filepath.Join(dir, m.name+".puml")
		if err := os.WriteFile(path, []byte(export.PlantUML(m.Chart)), 0o644); err != nil {
			t.Fatal(err)
		}
		args = append(args, path)
	}
	consult(t, "", plantuml, args...) // one start of Java for all
	for _, m := range exported() {
		t.Run(m.name, func(t *testing.T) {
			svg, err := os.ReadFile(filepath.Join(dir, m.name+".svg"))
			if err != nil {
				t.Fatal(err)
			}
			got := written(t, string(svg))
			want := map[string]int{cmp.Or(shown(m.Definition().Title), m.Name()): 1}
			for _, s := range m.Definition().States {
				want[shown(s.Spelled())]++
				want[shown(s.Means)]++
			}
			own, common := noteLines(m.Chart)
			for _, lines := range own {
				for _, line := range lines {
					want[line]++
				}
			}
			for _, line := range common {
				want["• "+line]++
			}
			for _, s := range moves(m.Chart) {
				want[s.notation()]++
			}
			for line, n := range want {
				if got[line] < n {
					t.Errorf("%q is written %d times and not %d", line, got[line], n)
				}
			}
			for _, line := range legend(m.Chart) {
				if got[shown(line)] == 0 {
					t.Errorf("the legend does not say %q", line)
				}
			}
		})
	}
}

// legend is what must be explained of the words on the arrows.
func legend(m *lifecycle.Chart) []string {
	var all []string
	for _, r := range m.Definition().Rows {
		for _, rule := range r.If {
			all = append(all, fmt.Sprintf("[unless %s] only if %s", rule.Code, rule.Name))
		}
		for _, effect := range r.Does {
			for _, term := range m.Definition().Terms {
				if term.Name == effect {
					all = append(all, fmt.Sprintf("/ %s: %s", effect, term.Means))
				}
			}
		}
	}
	return all
}

// written counts the texts of an SVG.
func written(t *testing.T, svg string) map[string]int {
	t.Helper()
	all, inside := map[string]int{}, false
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("no SVG: %v", err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			inside = token.Name.Local == "text"
		case xml.CharData:
			if inside {
				all[shown(string(token))]++
			}
		}
	}
}
