package export_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/lifecycle/export"
)

// A note is drawn once where it is made in few statuses, and once in the legend where it is
// made in many; and it is an arrow nowhere.
func TestNotesAreLines(t *testing.T) {
	for _, part := range []struct{ name, text, own, many string }{
		{"Mermaid", export.Mermaid(permits), "\n        hand_on: handed_on [unless claimed_by_another] / send\n", "\n        in any status:\n        Put on hold: held / send\n        free: freed [unless not_held]\n"},
		{"PlantUML", export.PlantUML(permits), "\nin_review : hand_on: handed_on [unless claimed_by_another] / send\n", "\nin any status<U+003A>\n<U+2022> Put on hold<U+003A> held <U+002F> send\n<U+2022> free<U+003A> freed <U+005B>unless not_held<U+005D>\n"},
		{"DOT", export.DOT(permits), ">• ask_back: asked_back / send</font>", `>in any status</td><td width="8"></td><td align="left">Put on hold: held / send</td></tr><tr><td align="left"></td><td width="8"></td><td align="left">free: freed [unless not_held]</td>`},
	} {
		if strings.Count(part.text, part.own) != 1 || strings.Count(part.text, part.many) != 1 || strings.Count(part.text, ": held") > 1 && part.name != "PlantUML" {
			t.Errorf("%s has not %q and %q once each:\n%s", part.name, part.own, part.many, part.text)
		}
		for line := range strings.Lines(part.text) {
			if _, label, is := strings.Cut(line, "->"); is && strings.Contains(label, "held") {
				t.Errorf("%s has an arrow for a note: %s", part.name, line)
			}
		}
	}
}

// Where a note is a line of its own, and where it is not.
func TestManyStatusesShareALine(t *testing.T) {
	for _, c := range []struct {
		name, why string
		from      []string
		want      string // a line of the legend; "": it stands in each status
	}{
		{"every one", "one line says it", []string{"asked", "in_review", "granted", "refused", "withdrawn"}, "in any status"},
		{"all but one", "one line says it", []string{"in_review", "granted", "refused", "withdrawn"}, "in any status but PENDING"},
		{"three", "three lines are few", []string{"granted", "refused", "withdrawn"}, ""},
		{"one", "it is about that one", []string{"granted"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			def := permit()
			rowOf(&def, "hold", "asked").From = c.from
			got := export.Mermaid(lifecycle.Must(def).Chart())
			lines := strings.Count(got, "Put on hold: held / send")
			inLegend := c.want != "" && strings.Contains(got, "\n        "+c.want+":\n        Put on hold: held / send\n")
			if c.want != "" && (!inLegend || lines != 1) || c.want == "" && lines != len(c.from) {
				t.Errorf("%s: %d lines, in the legend: %v\n%s", c.why, lines, inLegend, got)
			}
		})
	}
}

// In an absorbing status notes are still made, so that it is no end to SCXML and XState, whose
// ends hear nothing.
func TestAbsorbingStatusHearsItsNotes(t *testing.T) {
	def := permit()
	for i := range def.Rows {
		def.Rows[i].From = without(def.Rows[i].From, "withdrawn")
	}
	archive := rowOf(&def, "complete", "asked").From // no note is left in withdrawn
	rowWithNote(&def, "archived").From = archive
	quiet := lifecycle.Must(def).Chart()
	for _, part := range []struct{ name, text, quiet, end string }{
		{"SCXML", export.SCXML(permits), export.SCXML(quiet), `<final id="withdrawn"`},
		{"XState", export.XState(permits), export.XState(quiet), `"type": "final"`},
	} {
		if strings.Contains(part.text, part.end) || !strings.Contains(part.quiet, part.end) {
			t.Errorf("%s: it is an end exactly where no note is made in it:\n%s", part.name, part.text)
		}
	}
	for _, line := range []string{`<state id="withdrawn" kycle:final="true" kycle:absorbing="true" kycle:spelling="Withdrawn"`, `<raise event="_note.archived"/>`} {
		if text := export.SCXML(permits); !strings.Contains(text, line) {
			t.Errorf("SCXML has no %q:\n%s", line, text)
		}
	}
}

func without(list []string, name string) (out []string) {
	for _, x := range list {
		if x != name {
			out = append(out, x)
		}
	}
	return out
}

func rowWithNote(d *lifecycle.ChartDefinition, word string) *lifecycle.Row[string, string, lifecycle.Vetoes] {
	return find(d.Rows, "note "+word, func(r lifecycle.Row[string, string, lifecycle.Vetoes]) bool { return r.Note == word })
}

// A spelling may be any text, and is text in every format; where nothing of it can be seen, the
// name stands in its place.
func TestSpellingsAreText(t *testing.T) {
	for _, c := range []struct{ name, spelling, markdown, mermaid, plantuml, dot, scxml, why string }{
		{"words", "In Review", "`In Review`", `state "In Review" as in_review`, `state "In Review" as in_review`, "<b>In Review</b>", `kycle:spelling="In Review"`, "it is why there are spellings"},
		{"marks", "a`|\"<b>#;", "`a'\\|\"<b>#;`", `state "a#96;#124;#34;#60;b#62;#35;#59;" as in_review`, `state "a<U+0060><U+007C><U+0022><U+003C>b<U+003E><U+0023><U+003B>" as in_review`,
			"<b>a`|&quot;&lt;b&gt;#;</b>", "kycle:spelling=\"a`|&quot;&lt;b&gt;#;\"", "they mean something to a format"},
		{"a command of Mermaid's", "direction LR", "`direction LR`", `state "direction#32;LR" as in_review`, `state "direction LR" as in_review`, "<b>direction LR</b>", `kycle:spelling="direction LR"`, "it would turn the drawing"},
		{"a list", "1. x", "`1. x`", `state "1#46; x" as in_review`, `state "1<U+002E> x" as in_review`, "<b>1. x</b>", `kycle:spelling="1. x"`, "labels of Mermaid's are Markdown"},
		{"lines", "a\nb\x00", "`a b`", `state "a b" as in_review`, `state "a b" as in_review`, "<b>a b</b>", `kycle:spelling="a b"`, "a label is one line"},
		{"nothing to see", "\x00 ", "| `in_review` |  | a clerk", "\n    in_review --> granted", `state "in_review" as in_review`, "<b>in_review</b>", `<state id="in_review" kycle:means`, "the name can be seen"},
	} {
		t.Run(c.name, func(t *testing.T) {
			def := permit()
			stateOf(&def, "in_review").Spelling = c.spelling
			m := lifecycle.Must(def).Chart()
			page, err := export.Page(m, "in_review")
			if err != nil {
				t.Fatal(err)
			}
			for _, part := range []struct{ format, text, want string }{
				{"Markdown", export.Markdown(m), c.markdown}, {"Mermaid", export.Mermaid(m), c.mermaid}, {"PlantUML", export.PlantUML(m), c.plantuml}, {"DOT", export.DOT(m), c.dot}, {"SCXML", export.SCXML(m), c.scxml},
			} {
				if !strings.Contains(part.text, part.want) {
					t.Errorf("%s: %s has no %q:\n%s", c.why, part.format, part.want, part.text)
				}
			}
			if line := "* Outside it is spelled " + c.markdown + ".\n"; strings.Contains(page, line) != strings.HasPrefix(c.markdown, "`") {
				t.Errorf("%s: is there the line %q?\n%s", c.why, line, page)
			}
			again, err := export.Parse([]byte(export.JSON(m)))
			if err != nil {
				t.Fatal(err)
			}
			if got := again.State("in_review").Spelling; got != c.spelling {
				t.Errorf("JSON makes %q of the spelling %q", got, c.spelling)
			}
		})
	}
}

// A policy that is set aside may speak of what no table has, in whatever words: it is checked
// for nothing.
func TestSetAsideClaimsAreProse(t *testing.T) {
	def := permit()
	def.Policies = append(def.Policies, lifecycle.Policy{
		ID: "PERMIT-9", Source: "a page", Says: "x", SetAside: "a [link](https://example.com)", Claims: []lifecycle.Claim{lifecycle.Never(lifecycle.On("<script>|`"))},
	})
	page := export.Markdown(lifecycle.Must(def).Chart())
	if want := "| PERMIT-9 | a page | x | there is never &lt;script&gt;\\|\\` |  | a \\[link\\](https:\\//example.com) |\n"; !strings.Contains(page, want) {
		t.Errorf("there is no %q in\n%s", want, page)
	}
}

// What a page says of a lifecycle without an end, in words.
func TestNoEndIsSaid(t *testing.T) {
	def := account()
	def.NoEnd = "<b>never</b>"
	m := lifecycle.Must(def).Chart()
	for _, part := range []struct{ name, text, want string }{
		{"Markdown", export.Markdown(m), "\n\nNo status is final: &lt;b&gt;never&lt;/b&gt;.\n"}, {"DOT", export.DOT(m), ">no status is final: &lt;b&gt;never&lt;/b&gt;<"},
		{"PlantUML", export.PlantUML(m), "\nno status is final<U+003A> <U+003C>b<U+003E>never"}, {"SCXML", export.SCXML(m), ` kycle:noend="&lt;b&gt;never&lt;/b&gt;"`},
		{"XState", export.XState(m), `"noEnd": "\u003cb\u003enever\u003c/b\u003e"`}, {"JSON", export.JSON(m), `"no_end": "<b>never</b>"`},
	} {
		if !strings.Contains(part.text, part.want) {
			t.Errorf("%s has no %q:\n%s", part.name, part.want, part.text)
		}
	}
	if text := export.DOT(m); strings.Contains(text, "rank=same") || strings.Contains(text, "double border") {
		t.Errorf("DOT speaks of ends where there are none:\n%s", text)
	}
}

// Every cell of the page is what the machine says of it, a note's word with it.
func TestMatrixSaysEveryCell(t *testing.T) {
	for _, m := range []*lifecycle.Chart{doors.Chart(), permits, accounts} {
		_, matrix, _ := strings.Cut(export.Markdown(m), "## Every status and event")
		for _, e := range m.Definition().Events {
			_, line, _ := strings.Cut(matrix, fmt.Sprintf("\n| `%s` | ", e.Name))
			cells := strings.Split(strings.SplitN(line, " |\n", 2)[0], " | ")
			for i, s := range append([]lifecycle.State[string, string]{{}}, m.Definition().States...) {
				out, err := m.Verdicts(s.Name, e.Name)
				if err != nil {
					t.Fatal(err)
				}
				want := map[lifecycle.Verdict]string{lifecycle.Move: "move → " + out[0].To, lifecycle.Note: "note: " + out[0].Word, lifecycle.Stay: "stay",
					lifecycle.Refuse: "refuse", lifecycle.Ignore: "ignore (no_row)"}[out[0].Verdict]
				if i >= len(cells) || strings.Split(cells[i], "<br>")[0] != want || strings.Count(cells[i], "<br>") != len(out)-1 {
					t.Errorf("%s in %q: got %q, want %q and %d more", e.Name, s.Name, cells, want, len(out)-1)
				}
			}
		}
	}
}

// Moves and notes that are made in the same many statuses are told apart.
func TestMovesOfManyStatusesAreNoNotes(t *testing.T) {
	def := permit()
	rowOf(&def, "forget", "asked").From = []string{"asked", "in_review", "granted", "refused"}
	rowOf(&def, "complete", "asked").From = []string{"asked", "granted", "refused"}
	rowWithNote(&def, "ended").From = []string{"asked", "granted", "refused"}
	m := lifecycle.Must(def).Chart()
	if text := export.Mermaid(m); strings.Contains(text, "\n        forget") || !strings.Contains(text, "    granted --> withdrawn : forget\n") {
		t.Errorf("a move is drawn as a note:\n%s", text)
	}
	if text := export.DOT(m); strings.Contains(text, `"from asked granted refused"`) || !strings.Contains(text, `"from asked in_review granted refused" -> "withdrawn"`) {
		t.Errorf("three arrows of one row are few, and a note beside them makes them no more:\n%s", text)
	}
}
