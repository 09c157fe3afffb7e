package drift_test

import (
	"os"
	"strings"
	"testing"

	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/lifecycle/drift"
	"github.com/kycle/kycle/lifecycle/export"
)

const drawn = `stateDiagram-v2
    [*] --> asked
    asked --> lent : lend
    asked --> void : cancel, or forget
    lent --> void
    lent --> back
    back --> [*]
    void --> [*]
`

func TestMermaid(t *testing.T) {
	const diagram = "drift: the Mermaid diagram"
	const differs = "gap: " + diagram + " is not what the machine loan says; "
	judge(t, []gate{
		{"a diagram", "states and arrows agree", drawn, ""},
		{"another order", "it does not matter", "stateDiagram\nvoid-->[*]\nback-->[*]\nlent-->back\nlent-->void\nasked-->void\nasked-->lent\n[*]-->asked", ""},
		{"in Markdown", "other blocks are not diagrams", "# Loans\n\n```sql\nstateDiagram-v2\n[*] --> x\n```\n\n```mermaid\n" + drawn + "```\n\nand more: a --> b\n", ""},
		{"in a list", "with tildes and a title", "* so:\n\n  ~~~~ {.mermaid}\n  ---\n  title: Loans\n  ---\n  " + strings.ReplaceAll(drawn, "\n", "\n  ") + "\n~~~~\n", ""},
		{"Windows", "lines end as they like", strings.ReplaceAll(drawn, "\n", "\r\n"), ""},
		{"a block that does not end", "it goes to the end", "```mermaid\n" + drawn, ""},
		{"two diagrams", "the nearest is judged", "```mermaid\nstateDiagram-v2\n[*] --> x\n```\n```mermaid\n" + drawn + "```", ""},
		{"everything else", "what draws no state and no arrow", drawn + "direction LR\n%% lent --> asked\nnote right of lent : a --> b\nnote left of back\n x --> y\nend note\n" +
			"classDef bad fill:#f00\nclass void bad\nlent:::bad --> void:::bad : lost\nstyle back fill:#fff\naccTitle: Loans\naccDescr {\nx --> y\n}\nhide empty description\nclick lent href \"x\"\n", ""},
		{"names", "a description where the id is not a state", strings.NewReplacer("void", "v", "lent", "Lent").Replace(drawn) + "state \"void\" as v\nLent : lent\n", ""},
		{"declared", "states by themselves", drawn + "state asked\nstate lent : the reader has it\nback\nstate void:::bad\n", ""},
		{"a stay", "it may be drawn", drawn + "back --> back : returned\n", ""},
		{"a note", "it may be drawn as an arrow, which leads nowhere", drawn + "lent --> lent : remind\n", ""},
		{"notes in a box", "they are prose", drawn + "note right of lent\n    remind: reminded / letter\nend note\n", ""},
		{"no ends", "not every chart draws them", strings.NewReplacer("back --> [*]\n", "", "void --> [*]\n", "").Replace(drawn), ""},

		{"an arrow in prose", "it draws nothing", drawn + "asked : long --> text\nstate back : see --> there\nasked --> lent : so --> so\nnote \"x --> y\" as N1\nnote \"x: y --> z\" as N2\n" +
			"note left of back : x --> y\nclick lent \"x --> y\"\naccTitle: x --> y\nstate \"x --> y\" as void\nlent:::bad : x --> y\n", ""},
		{"a label without a space", "the colon ends the name", strings.Replace(drawn, "void : cancel", "void:cancel --> x", 1), ""},
		{"quoted", "as Markdown has it", "> # Loans\n>\n> ```mermaid\n> " + strings.ReplaceAll(drawn, "\n", "\n>") + "\n> ```\n\nmore", ""},
		{"quoted twice, and it does not end", "it goes to the end of the quotation", ">> ```mermaid\n>> " + strings.ReplaceAll(drawn, "\n", "\n> > ") + "\n> x --> y\n```\nz --> z\n```", ""},
		{"a quotation in a block", "it is no end of it", "```mermaid\n" + drawn + "\n> ```\nvoid --> asked\n```", diagram + ": line 11: it is not understood"},

		{"a missing arrow", "it is named", strings.Replace(drawn, "    lent --> back\n", "", 1), differs + "missing here: lent --> back"},
		{"a missing state", "with its arrows", strings.ReplaceAll(strings.ReplaceAll(drawn, "    lent --> back\n", ""), "    back --> [*]\n", ""), differs + "missing here: state back, lent --> back, back --> [*]"},
		{"an unknown arrow", "it is named", drawn + "void --> asked", differs + "unknown to the machine: void --> asked"},
		{"an unknown state", "with its arrows", drawn + "lost --> asked", differs + "unknown to the machine: state lost, lost --> asked"},
		{"no birth", "where a record begins", strings.Replace(drawn, "[*] --> asked", "asked", 1), differs + "missing here: [*] --> asked"},
		{"an end that is none", "a command still acts on it", drawn + "lent --> [*]", differs + "unknown to the machine: lent --> [*]"},
		{"a forgotten end", "it is final", strings.Replace(drawn, "    void --> [*]\n", "", 1), differs + "missing here: void --> [*]"},

		{"two that differ", "the nearest is told of", "```mermaid\nstateDiagram-v2\n[*] --> x\n```\n```mermaid\n" + drawn + "void --> asked\n```\n```mermaid\nstateDiagram-v2\n[*] --> y\n```",
			differs + "unknown to the machine: void --> asked"},

		{"no diagram", "nothing to compare with", "# Loans\n", diagram + ": there is no stateDiagram in the text"},
		{"another diagram", "it has no states", "```mermaid\nflowchart LR\nasked --> lent\n```", diagram + ": there is no stateDiagram in the text"},
		{"composite", "no machine has them", "stateDiagram-v2\n[*] --> asked\nstate open {\nasked --> lent\n}", diagram + ": line 3: composite states are not understood"},
		{"concurrent", "no machine has them", "stateDiagram-v2\n--\n", diagram + ": line 2: composite states are not understood"},
		{"a choice", "no machine has them", "text\n```mermaid\nstateDiagram-v2\nstate x <<choice>>\n```", diagram + ": line 4: forks, joins and choices are not understood"},
		{"a note without a name", "a typing error", "stateDiagram-v2\nnote \"x --> y\"", diagram + ": line 2: it is not understood"},
		{"an arrow from a word of prose", "it is not passed over", "stateDiagram-v2\nstyle x --> y", diagram + ": line 2: its arrow is not understood"},
		{"half an arrow", "a typing error", "stateDiagram-v2\nasked -->", diagram + ": line 2: its arrow is not understood"},
		{"a sentence", "a typing error", "stateDiagram-v2\nasked leads to lent", diagram + ": line 2: it is not understood"},
		{"half a description", "a typing error", "stateDiagram-v2\nstate \"x", diagram + ": line 2: its description is not understood"},
		{"no name", "a typing error", "stateDiagram-v2\nstate \"x\" as a b", diagram + ": line 2: its name is not understood"},
		{"an open note", "a typing error", "stateDiagram-v2\nnote left of x\n", diagram + ": a note or a description does not end"},
	}, func(text string) error { return drift.Mermaid(loans, text) })
}

// An arrow that Mermaid draws is not hidden from us, nor one drawn for us that it does not draw.
func TestMermaidReadsAsFarAsMermaid(t *testing.T) {
	const (
		diagram   = "drift: the Mermaid diagram"
		hidden    = "gap: " + diagram + " is not what the machine loan says; unknown to the machine: back --> asked"
		semicolon = diagram + ": line 9: a semicolon ends its text: #59; is one in it"
		directive = diagram + ": line 9: a directive does not end its line"
	)
	judge(t, []gate{
		{"a note that ends in a line", "it ends at the first end", drawn + "note right of asked\n text end note\nback --> asked\nnote left of back\nx\nend note\n", hidden},
		{"a note of one line", "it ends in it", drawn + "note right of asked text END NOTE back --> asked\n", hidden},
		{"a note, and nothing behind it", "it ends at the first end", drawn + "note right of asked\n text end note\nnote left of lent x end note\n", ""},
		{"the end of a note behind a comment", "a note has no comments but lines", drawn + "note right of asked\nx %% end note\nback --> asked\n", hidden},
		{"the end of a note in a comment", "the comment is taken out first", drawn + "note right of asked\n%% end note\nback --> asked\nend note\n", ""},
		{"the end of notes", "it is another word", drawn + "note right of asked\nend notes\nback --> asked\nend note\n", ""},
		{"a note with a colon in its text", "it is no label", drawn + "note right of asked b: c\nback --> asked\nend note\n", ""},
		{"a colon that begins a line", "the note is a label", drawn + "note right of asked\n\n: x\nback --> asked\nend\nnote left of back\nx\nend note\n", diagram + ": line 11: the colon of a note begins a line"},
		{"a colon that begins a line of the second note", "the same", drawn + "note left of lent x end note\nnote right of asked\n: x\nend note\n", diagram + ": line 11: the colon of a note begins a line"},
		{"a colon in a later line", "it is text", drawn + "note right of asked\nx\n: x\nend note\nnote right of asked x\n: x\nend note\n", ""},
		{"a description of one line", "it ends in it", drawn + "accDescr { short }\nback --> asked\n", hidden},
		{"a description without spaces", "the same", drawn + "accDescr{short}\n", ""},
		{"a description that ends in a line", "it ends at the first end", drawn + "accDescr { short\nmore } back --> asked\n", hidden},
		{"a description that does not end", "a typing error", drawn + "accDescr { short\n", diagram + ": a note or a description does not end"},
		{"an arrow behind the title", "it is drawn", strings.Replace(drawn, "\n", " back --> asked\n", 1), hidden},
		{"an old Macintosh", "lines end as they like", drawn + "asked --> lent : x\rback --> asked\r", hidden},
		{"a semicolon in a label", "what stands behind it is drawn", drawn + "asked --> lent : so; back --> asked\n", semicolon},
		{"a semicolon in a description", "the same", drawn + "asked : so; back --> asked\n", semicolon},
		{"a semicolon in a note", "the same", drawn + "note left of asked : so; back --> asked\n", semicolon},
		{"a semicolon behind a percent sign", "a label has no comments", drawn + "asked --> lent : 100 %% so; back --> asked\n", semicolon},
		{"a semicolon in a comment", "it is passed over", drawn + "asked --> lent %% so: so; back --> asked\nnote left of lent x end note %% a --> b\n", ""},
		{"percent signs in a name", "they are of it", drawn + "lent --> back%%x\n", "gap: " + diagram + " is not what the machine loan says; unknown to the machine: state back%%x, lent --> back%%x"},
		{"an escaped semicolon", "that is how it is written", drawn + "asked --> lent : so#59; so\nnote left of asked : so#semi; so\nstyle back fill:#fff;color:#000\n", ""},
		{"an arrow behind a directive", "it is drawn", drawn + "%%{init: {}}%% back --> asked\n", directive},
		{"a directive in a line", "the same", drawn + "asked --> lent %%{init: {}}%% back --> asked\n", directive},
		{"a directive between two", "the same", drawn + "%%{a: b}%% back --> asked %%{a: b}%%\n", directive},
		{"a directive", "it draws nothing", drawn + "%%{init: {'theme': 'dark'}}%%\n", ""},
		{"a title without text", "it takes the next line", strings.Replace(drawn, "    lent --> void\n", "accTitle:\n lent --> void\n", 1), diagram + ": line 5: it is not understood"},
		{"a direction in a label", "it takes the line", strings.Replace(drawn, "lent --> void\n", "lent --> void : direction LR\n", 1), diagram + ": line 5: Mermaid takes it for a direction"},
		{"a direction behind an arrow", "the same", strings.Replace(drawn, "lent --> void\n", "lent --> void direction tb\n", 1), diagram + ": line 5: Mermaid takes it for a direction"},
	}, func(text string) error { return drift.Mermaid(loans, text) })
}

// An arrow from a state to itself is one of the machine's, or it is none.
func TestMermaidStays(t *testing.T) {
	def := loan()
	def.dropEvent("remind")
	def.dropEvent("mark")
	def.dropTerm("letter")
	judge(t, []gate{
		{"a stay", "it may be drawn", drawn + "back --> back : returned\n", ""},
		{"a stay that is none", "nothing happens there", drawn + "lent --> lent", "gap: drift: the Mermaid diagram is not what the machine loan says; unknown to the machine: lent --> lent"},
	}, func(text string) error { return drift.Mermaid(chart(def), text) })
}

// A reader of the diagram sees descriptions, so that one must not name another state.
func TestMermaidDescriptions(t *testing.T) {
	const (
		diagram = "drift: the Mermaid diagram: "
		several = diagram + "a state shows the names of several"
		shared  = diagram + "several ids stand for one state"
	)
	judge(t, []gate{
		{"swapped", "each is drawn as the other", drawn + "state \"lent\" as asked\nstate \"asked\" as lent\n", several},
		{"swapped, after a colon", "the same", drawn + "asked : lent\nlent : asked\n", several},
		{"one of another", "two are drawn alike", drawn + "state asked : lent\n", several},
		{"a second description", "both are drawn", drawn + "lent : the reader has it\nlent : back\n", several},
		{"two of a strange one", "it may be either", strings.ReplaceAll(drawn, "void", "v") + "v : void\nv : back\n", several},
		{"two ids", "each has half of the arrows", strings.Replace(drawn, "lent --> void", "b --> void", 1) + "state \"lent\" as b\n", shared},
		{"two strange ids", "the same", strings.NewReplacer("asked --> lent", "asked --> a", "lent -->", "b -->").Replace(drawn) + "a : lent\nb : lent\n", shared},
		{"its own name", "it is no other", drawn + "asked : asked\nlent : the reader has it\nlent : lent\n", ""},
		{"prose before the name", "all descriptions are drawn", strings.ReplaceAll(drawn, "void", "v") + "v : nothing came of it\nv : void\n", ""},
	}, func(text string) error { return drift.Mermaid(loans, text) })
}

// What the exporter draws, and what the repository's own pages show, agrees.
func TestMermaidOfTheExporter(t *testing.T) {
	keyword := loan()
	keyword.rename("void", "end")
	keyword.Policies = nil
	charts := []*lifecycle.Chart{kyc.Machine.Chart(), idpass.Machine.Chart(), chart(loan()), chart(keyword)}
	for i, c := range charts {
		if err := drift.Mermaid(c, export.Mermaid(c)); err != nil {
			t.Error(err)
		}
		if err := drift.Mermaid(c, export.Markdown(c)); err != nil {
			t.Error(err)
		}
		if err := drift.Mermaid(charts[(i+1)%len(charts)], export.Mermaid(c)); err == nil {
			t.Errorf("%s passes for another machine", c.Name())
		}
	}
	for page, c := range map[string]*lifecycle.Chart{"../../kyc/LIFECYCLE.md": charts[0], "../../idpass/LIFECYCLE.md": charts[1]} {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		if err := drift.Mermaid(c, string(text)); err != nil {
			t.Error(page, err)
		}
	}
}
