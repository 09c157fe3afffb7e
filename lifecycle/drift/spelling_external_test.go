package drift_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/kycle/kycle/lifecycle/drift"
	"github.com/kycle/kycle/lifecycle/export"
)

// abroad is the loan as others spell it: capitals, spaces and hyphens, and one name as it is.
func abroad() sketch {
	def := loan()
	def.state("asked").Spelling, def.state("lent").Spelling, def.state("back").Spelling = "PENDING", "On Loan", "back-in"
	return def
}

const foreign = "'PENDING', 'On Loan', 'back-in', 'void'"

// A gap names a state by its spelling, which is what has to be written, and by its name.
func TestGatesCompareSpellings(t *testing.T) {
	m := chart(abroad())
	differs := func(source string) string { return "gap: drift: " + source + " is not what the machine loan says; " }
	check := differs("the CHECK of loans.status")
	judge(t, []gate{
		{"as they are spelled", "that is what the column holds", "CREATE TABLE loans (status text CHECK (status IN (" + foreign + ")))", ""},
		{"a type", "MySQL's", "CREATE TABLE loans (status ENUM(" + foreign + "))", ""},
		{"as they are called", "no value of the column is one of the names", "CREATE TABLE loans (status text CHECK (status IN ('asked', 'lent', 'back', 'void')))",
			check + `missing here: "PENDING" (asked), "On Loan" (lent), "back-in" (back); unknown to the machine: ` +
				`asked (a name of the machine, spelled "PENDING" outside), lent (a name of the machine, spelled "On Loan" outside), back (a name of the machine, spelled "back-in" outside)`},
		{"one missing, one unknown", "both are named", "CREATE TABLE loans (status text CHECK (status IN ('PENDING', 'on loan', 'back-in')))",
			check + `missing here: "On Loan" (lent), void; unknown to the machine: on loan`},
	}, func(text string) error { return drift.SQLCheck(m, text, "loans", "status") })
	judge(t, []gate{
		{"as they are spelled", "that is what the API says", `["PENDING", "On Loan", "void", "back-in"]`, ""},
		{"as they are called", "a client gets another word", `["PENDING", "lent", "void", "back-in"]`,
			differs("the enum at ") + `missing here: "On Loan" (lent); unknown to the machine: lent (a name of the machine, spelled "On Loan" outside)`},
	}, func(text string) error { return drift.OpenAPIEnum(m, []byte(text), "") })

	const spelled = `stateDiagram-v2
    state "On Loan" as l
    state "back-in" as back
    [*] --> PENDING
    PENDING --> l : lend
    PENDING --> void : cancel, or forget
    l --> void
    l --> back
    back --> [*]
    void --> [*]
`
	diagram := differs("the Mermaid diagram")
	judge(t, []gate{
		{"as they are spelled", "by an id, or by a description", spelled, ""},
		{"by their names, described", "the name is not seen", strings.NewReplacer("PENDING", "asked", " l ", " lent ", "as l\n", "as lent\nasked : PENDING\n").Replace(spelled), ""},
		{"an entity", "Mermaid draws the character", strings.Replace(spelled, `"back-in"`, `"back#45;in"`, 1), ""},
		{"a named entity", "the same", strings.Replace(spelled, `"On Loan"`, `"On#nbsp;Loan"`, 1), ""},
		{"by their names", "that is what is seen", drawn, diagram + `missing here: state "PENDING" (asked), state "On Loan" (lent), state "back-in" (back), [*] --> "PENDING" (asked), "PENDING" (asked) --> "On Loan" (lent), ` +
			`"PENDING" (asked) --> void, "On Loan" (lent) --> void, "On Loan" (lent) --> "back-in" (back), "back-in" (back) --> [*]; unknown to the machine: ` +
			`state asked (a name of the machine, spelled "PENDING" outside), state lent (a name of the machine, spelled "On Loan" outside), state back (a name of the machine, spelled "back-in" outside), ` +
			`[*] --> asked, asked --> lent, asked --> void, lent --> void, lent --> back, back --> [*]`},
		{"the name of another", "the source reads as that one", strings.Replace(spelled, `"On Loan" as l`, `"On Loan" as asked`, 1), "drift: the Mermaid diagram: a state shows the names of several"},
		{"the spelling of another", "two are seen", spelled + "back : PENDING\n", "drift: the Mermaid diagram: a state shows the names of several"},
		{"an arrow missing", "by both names", strings.Replace(spelled, "    l --> back\n", "", 1), diagram + `missing here: "On Loan" (lent) --> "back-in" (back)`},
	}, func(text string) error { return drift.Mermaid(m, text) })
}

// Two states can swap what they are called. What the outside sees decides.
func TestSwappedSpellings(t *testing.T) {
	def := loan()
	def.state("asked").Spelling, def.state("lent").Spelling = "lent", "asked"
	m := chart(def)
	swapped := strings.NewReplacer("asked", "lent", "lent", "asked").Replace(drawn)
	if err := drift.Mermaid(m, swapped); err != nil {
		t.Errorf("the diagram of the spellings: %v", err)
	}
	if err := drift.Mermaid(m, drawn); err == nil {
		t.Error("the diagram of the names is taken, and it shows each as the other")
	}
	if err := drift.SQLCheck(m, "CREATE TABLE loans (status text CHECK (status IN "+all+"))", "loans", "status"); err != nil {
		t.Errorf("a list of both: %v", err)
	}
}

// What the exporter draws of any spelling is read as that spelling.
func TestSpellingsOfTheExporter(t *testing.T) {
	for i, spelling := range []string{"On Loan", "a-b", "#1; {x} %% y", `"quoted"`, "<b>&amp;", "direction LR", "end note", "[*]", "a --> b : c", "ﬂ°°35¶ß", "é 日本", "x\ty\x00z", "1. x"} {
		def := abroad()
		def.state("lent").Spelling = fmt.Sprint(spelling, i)
		def.event("lend").Spelling = spelling
		def.event("remind").Spelling = spelling + " once more"
		m := chart(def)
		def.state("lent").Spelling += "?"
		other := chart(def)
		for _, text := range []string{export.Mermaid(m), export.Markdown(m)} {
			if err := drift.Mermaid(m, text); err != nil {
				t.Errorf("%q: %v\n%s", spelling, err, text)
			}
			if err := drift.Mermaid(other, text); err == nil {
				t.Errorf("%q passes for %q", spelling, other.State("lent").Spelling)
			}
		}
	}
}
