package drift_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/kycle/kycle/lifecycle/drift"
)

// answers fails unless an answer of a gate is one of the three there are.
func answers(t *testing.T, err error) {
	t.Helper()
	if err != nil && !errors.Is(err, drift.ErrGap) && !errors.Is(err, drift.ErrSource) {
		t.Error(err)
	}
}

// Any text gets an answer; and what stands in a comment or a string before the table
// changes none.
func FuzzSQLCheck(f *testing.F) {
	for _, seed := range []string{"", "'", "/*/**/", "$a$x$a$", "CREATE TABLE loans (status text CHECK (status::text = ANY (ARRAY['a'::x(1)[]])))", "E'\\", "check(status in('a'::\"b\".c", "`"} {
		f.Add(seed)
	}
	sound := "CREATE TABLE loans (status text CHECK (status IN " + all + "));"
	f.Fuzz(func(t *testing.T, text string) {
		answers(t, drift.SQLCheck(loans, text, "loans", "status"))
		for _, hidden := range []string{"'" + strings.ReplaceAll(text, "'", "''") + "'", `"` + strings.ReplaceAll(text, `"`, `""`) + `"`, "-- " + strings.ReplaceAll(text, "\n", " ") + "\n"} {
			if err := drift.SQLCheck(loans, "SELECT "+hidden+"; "+sound, "loans", "status"); err != nil {
				t.Errorf("behind %q: %v", hidden, err)
			}
		}
	})
}

// Any text gets an answer, and a diagram with one line more is never read as with less.
func FuzzMermaid(f *testing.F) {
	for _, seed := range []string{"", drawn, "```mermaid\n" + drawn, "stateDiagram\nnote left of a\nend note", "stateDiagram\nstate \"x\" as y:::z\n", "stateDiagram\na:::b --> c:::d : e"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		answers(t, drift.Mermaid(loans, text))
		if strings.ContainsAny(text, "`~\r\n%") {
			return
		}
		var gap *drift.Gap
		if err := drift.Mermaid(loans, drawn+text+"\n"); errors.As(err, &gap) && len(gap.Missing) > 0 {
			t.Errorf("%q hides %v", text, gap.Missing)
		}
	})
}

// Any document and any pointer get an answer.
func FuzzOpenAPIEnum(f *testing.F) {
	f.Add(`{"components":{"schemas":{"A":{"$ref":"#/components/schemas/A/x/y"}}}}`, "A")
	f.Add(`{"a":[{"enum":["x"]}]}`, "#/a/0")
	f.Add(`[null]`, "")
	f.Fuzz(func(t *testing.T, document, pointer string) {
		answers(t, drift.OpenAPIEnum(loans, []byte(document), pointer))
	})
}
