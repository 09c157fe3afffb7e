package export_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/lifecycle/export"
)

// golden compares with a file, so that a change of a format is seen as a reader sees it.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("it is not %s; read the difference, then run: go test ./lifecycle/export -update\n%s", path, got)
	}
}

func TestGoldenInEveryFormat(t *testing.T) {
	for _, m := range []*lifecycle.Chart{doors.Chart(), permits, accounts} {
		for _, f := range export.Formats {
			t.Run(m.Name()+" "+f.Name, func(t *testing.T) { golden(t, "testdata/"+m.Name()+f.Extension, f.Write(m)) })
		}
	}
}

func TestFormatsAreToldApart(t *testing.T) {
	names, extensions := map[string]bool{}, map[string]bool{}
	for _, f := range export.Formats {
		if names[f.Name] || extensions[f.Extension] || f.Name == "" || f.Extension[0] != '.' || f.MediaType == "" {
			t.Errorf("%+v", f)
		}
		names[f.Name], extensions[f.Extension] = true, true
	}
}

// Whatever a definition holds, each format is text of whole lines, the same each time, and
// what it is embedded in still ends where it did.
func TestProseBreaksNoFormat(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawn(t)
		for _, f := range export.Formats {
			text := f.Write(m)
			if text != f.Write(m) {
				t.Fatalf("%s differs from one time to the next", f.Name)
			}
			if !utf8.ValidString(text) || !strings.HasSuffix(text, "\n") {
				t.Fatalf("%s is not whole lines of UTF-8", f.Name)
			}
			inJSON := f.MediaType == "application/json" // which keeps prose as it is, and escapes what it must
			if i := strings.IndexFunc(text, func(r rune) bool { return unicode.IsControl(r) && r != '\n' }); i >= 0 && !inJSON {
				t.Fatalf("%s has a control character: %q", f.Name, text[max(i-20, 0):i+3])
			}
			if check := wellFormed[f.Name]; check != nil {
				check(t, m, text)
			}
		}
	})
}

var wellFormed = map[string]func(*rapid.T, *lifecycle.Chart, string){
	"json":     isJSON,
	"xstate":   isJSON,
	"scxml":    func(t *rapid.T, _ *lifecycle.Chart, text string) { isXML(t, text) },
	"dot":      hasSoundLabels,
	"plantuml": keepsItsLines,
	"mermaid":  holdsNamesOnly,
}

func isJSON(t *rapid.T, _ *lifecycle.Chart, text string) {
	if !json.Valid([]byte(text)) {
		t.Fatalf("no JSON:\n%s", text)
	}
}

func isXML(t *rapid.T, text string) {
	d := xml.NewDecoder(strings.NewReader(text))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("no XML: %v\n%s", err, text)
		}
	}
}

// hasSoundLabels: every statement of a DOT file is a line, and a label in it is XML.
func hasSoundLabels(t *rapid.T, m *lifecycle.Chart, text string) {
	labels := 0
	for line := range strings.Lines(text) {
		_, label, has := strings.Cut(line, " label=<")
		if !has {
			continue
		}
		labels++
		end := strings.LastIndex(label, ">")
		if rest := label[end:]; rest != ">]\n" && rest != "> peripheries=2]\n" && rest != "> peripheries=2 penwidth=2.5]\n" {
			t.Fatalf("a label ends in %q: %s", rest, line)
		}
		isXML(t, "<label>"+label[:end]+"</label>")
	}
	if states := len(m.Definition().States); labels < 1+states {
		t.Fatalf("%d labels on %d states", labels, states)
	}
}

// onPurpose is a line of a legend; whoever called the event, it begins with a number.
var onPurpose = regexp.MustCompile(`^([0-9]+x.*|report_\d)<U\+003A> it moves a record out of a final status, on purpose$`)

// keepsItsLines: prose makes no line of a PlantUML file more, and no line another one.
func keepsItsLines(t *rapid.T, m *lifecycle.Chart, text string) {
	def := m.Definition()
	names := []string{"title ", "hide ", "state ", "legend ", "endlegend", "@startuml", "@enduml", "[*] ", "On an arrow", "A line ", "in ", "<U+2022> ",
		"<U+005B>unless ", "<U+002F> effect"}
	for _, s := range def.States {
		names = append(names, s.Name+" ", s.Name+"_ ")
	}
	ends := 0
	for line := range strings.Lines(text) {
		if !slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(line, n) }) && !onPurpose.MatchString(strings.TrimSpace(line)) {
			t.Fatalf("a line of prose: %q", line)
		}
		if strings.HasPrefix(line, "@enduml") {
			ends++
		}
		if strings.ContainsAny(strings.TrimLeft(line, "[*]@"), "!%~{}`$") {
			t.Fatalf("prose that PlantUML reads: %q", line)
		}
	}
	if ends != 1 {
		t.Fatalf("%d ends", ends)
	}
}

// The lines of a Mermaid chart. A text in it has marks that are nobody's, and numbers.
var (
	mermaidLine = regexp.MustCompile(`^(stateDiagram-v2|    state "[^"]+" as \w+|    (\[\*\]|\w+) --> (\[\*\]|\w+)( : [^:"]+)?|    note right of \w+|        [^":]+:( [^":]+)?|    end note)$`)
	mermaidText = regexp.MustCompile(`^([\pL\pN ,()/'_.\-\[\]]|#\d+;|<br/>)*$`)
	mermaidOwn  = regexp.MustCompile(`(?i)direction\s+(tb|bt|rl|lr)|end note`)
)

// holdsNamesOnly: a Mermaid chart has no prose, and a spelling in it is text and nothing else.
func holdsNamesOnly(t *rapid.T, m *lifecycle.Chart, text string) {
	boxes := strings.Count(text, "\n    end note\n")
	if strings.Count(text, "    note right of ") != boxes || strings.Count(strings.ToLower(text), "end note") != boxes {
		t.Fatalf("a box does not end where it should:\n%s", text)
	}
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if !mermaidLine.MatchString(line) {
			t.Fatalf("no line of a chart: %q", line)
		}
		shown := line
		if _, label, has := strings.Cut(line, " : "); has {
			shown = label
		} else if _, quoted, has := strings.Cut(line, `state "`); has {
			shown, _, _ = strings.Cut(quoted, `"`)
		} else if inBox, has := strings.CutPrefix(line, "        "); has {
			shown = strings.Replace(inBox, ":", "", 1)
		} else {
			continue
		}
		if !mermaidText.MatchString(shown) || mermaidOwn.MatchString(shown) {
			t.Fatalf("text that Mermaid reads as its own: %q", shown)
		}
	}
}

// A page of one status is complete: each event of the machine stands in it, as what can
// happen or as what cannot.
func TestPageOfEachStatus(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawn(t)
		for _, s := range m.Definition().States {
			page, err := export.Page(m, s.Name)
			if err != nil {
				t.Fatal(err)
			}
			happens, rest, _ := strings.Cut(page, "\n## What is refused\n")
			refused, ignored, _ := strings.Cut(rest, "\n## What is ignored\n")
			for _, e := range m.Definition().Events {
				at, _ := m.Cell(s.Name, e.Name)
				line, never := fmt.Sprintf("\n| `%s` | ", e.Name), fmt.Sprintf("\n| `%s` | always | ", e.Name)
				if strings.Contains(happens, line) != (at.Row >= 0) {
					t.Fatalf("%s in %s: can it happen?\n%s", e.Name, s.Name, page)
				}
				if strings.Contains(refused, never) != (at.Verdict == lifecycle.Refuse) || strings.Contains(ignored, never) != (at.Verdict == lifecycle.Ignore) {
					t.Fatalf("%s in %s: is it refused or ignored?\n%s", e.Name, s.Name, page)
				}
			}
		}
	})
}

func TestGoldenPagesOfStatuses(t *testing.T) {
	for _, p := range []struct {
		chart  *lifecycle.Chart
		status string
	}{{doors.Chart(), "shut"}, {doors.Chart(), "ajar"}, {doors.Chart(), "gone"}, {permits, "refused"}, {permits, "withdrawn"}, {accounts, "active"}} {
		page, err := export.Page(p.chart, p.status)
		if err != nil {
			t.Fatal(err)
		}
		golden(t, "testdata/"+p.chart.Name()+"-"+p.status+".md", page)
	}
	for _, name := range []string{"", "open", "no_record"} {
		if _, err := export.Page(doors.Chart(), name); !errors.Is(err, lifecycle.ErrUnknown) {
			t.Errorf("%q: got %v, want %v", name, err, lifecycle.ErrUnknown)
		}
	}
}
