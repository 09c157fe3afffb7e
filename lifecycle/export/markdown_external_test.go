package export_test

import (
	"flag"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/lifecycle/export"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestMermaidDrawsNamesThatAreKeywords(t *testing.T) {
	def := door()
	def.States[3].Name = "end"
	def.Rows[2].To, def.Rows[3].To = "end", "end"
	got := export.Mermaid(lifecycle.Must(def).Chart())
	for _, line := range []string{"    state \"end\" as end_\n", "    ajar --> end_ : remove / keep\n", "    end_ --> [*]\n"} {
		if !strings.Contains(got, line) {
			t.Errorf("there is no line %q in\n%s", line, got)
		}
	}
}

func TestPageWithoutRulesOrTermsLeavesThemOut(t *testing.T) {
	def := door()
	def.Terms = nil
	def.States[1].Labels = nil
	for i := range def.Rows {
		def.Rows[i].If, def.Rows[i].Does = nil, nil
	}
	page := export.Markdown(lifecycle.Must(def).Chart())
	if strings.Contains(page, "## Rules") || strings.Contains(page, "## Terms") {
		t.Error("an empty table is shown")
	}
}

// A pipe that its author escaped is not escaped again, which would undo it.
func TestPipesAreEscapedOnce(t *testing.T) {
	def := door()
	def.States[0].Means = "a|b\\|c\r\nd\re"
	if page := export.Markdown(lifecycle.Must(def).Chart()); !strings.Contains(page, "| a\\|b\\|c d e |") {
		t.Error(page)
	}
}

// Two rules that share a word are one thing to a reader of the audit trail.
func TestPageSaysASharedWordOnce(t *testing.T) {
	def := door()
	def.Rows[4].If[1].Else = "older"
	if page := export.Markdown(lifecycle.Must(def).Chart()); strings.Contains(page, "ignore (older)<br>ignore (older)") {
		t.Error("said twice")
	}
}

// Whatever prose a definition has, each line of a table keeps the columns of its head.
func TestProseBreaksNoTable(t *testing.T) {
	prose := rapid.StringOf(rapid.RuneFrom([]rune("ab |\\`\n\r<>-#é")))
	column := regexp.MustCompile(`(^|[^\\])\|`)
	rapid.Check(t, func(t *rapid.T) {
		def := door()
		def.Title = prose.Draw(t, "title")
		def.States[0].Means = prose.Draw(t, "state")
		def.States[1].NoDeadline = "x" + prose.Draw(t, "no deadline")
		def.Events[0].Means = prose.Draw(t, "event")
		def.Events[5].NoRow = "x" + prose.Draw(t, "no row")
		def.Rows[0].Why = "x" + prose.Draw(t, "why")
		def.Rows[1].If[0].Name = "x" + prose.Draw(t, "rule")
		def.Terms[0].Means = prose.Draw(t, "term")
		columns, page := 0, export.Markdown(lifecycle.Must(def).Chart())
		for line := range strings.Lines(strings.SplitN(page, "## Statuses", 2)[1]) {
			line = strings.TrimSuffix(line, "\n")
			if !strings.HasPrefix(line, "|") {
				columns = 0
				if strings.Contains(line, "|") {
					t.Fatalf("a cell has run out of its table: %q", line)
				}
				continue
			}
			// A match eats the byte before a pipe, and no two pipes stand together.
			n := len(column.FindAllString(line, -1))
			if columns == 0 {
				columns = n
			}
			if n != columns || !strings.HasSuffix(line, " |") && !strings.HasSuffix(line, "-|") {
				t.Fatalf("%d columns instead of %d: %q", n, columns, line)
			}
		}
	})
}
