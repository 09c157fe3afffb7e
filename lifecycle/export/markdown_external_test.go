package export_test

import (
	"errors"
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
	stateOf(&def, "gone").Name = "end"
	rowOf(&def, "remove", "shut").To, rowOf(&def, "remove", "ajar").To = "end", "end"
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
	stateOf(&def, "ajar").Labels = nil
	for i := range def.Rows {
		def.Rows[i].If, def.Rows[i].Does = nil, nil
	}
	page := export.Markdown(lifecycle.Must(def).Chart())
	if strings.Contains(page, "## Rules") || strings.Contains(page, "## Terms") {
		t.Error("an empty table is shown")
	}
}

// What Markdown reads as its own is shown, and nothing in it is live.
func TestMarkdownShowsProseAsItIs(t *testing.T) {
	for _, row := range []struct{ name, text, want, why string }{
		{"words", "so, it is: a (plain) text!", "so, it is: a (plain) text!", "a page is read as a file too"},
		{"emphasis", "*x* **y** _z_ __a b__", `\*x\* \*\*y\*\* \_z\_ \_\_a b\_\_`, "a definition says what it says, and not how loud"},
		{"a name", "given_at and in_review", "given_at and in_review", "within a word it is no mark"},
		{"code", "`x`", "\\`x\\`", "it would hide what comes behind it"},
		{"a link", "[here](https://example.com)", `\[here\](https:\//example.com)`, "a page of data must lead nowhere"},
		{"an image", "![x](x.png)", `!\[x\](x.png)`, "nor fetch anything"},
		{"an address", "www.example.com, WWW.example.com", `www\.example.com, WWW\.example.com`, "GitHub would link it"},
		{"HTML", "<b onclick=x>&lt;<br>", "&lt;b onclick=x&gt;&amp;lt;&lt;br&gt;", "no element, and no reference"},
		{"a pipe", `a|b\|c`, `a\|b\\\|c`, "it would end the cell"},
		{"a backslash at the end", `a\`, `a\\`, "it would take the mark behind it"},
		{"other marks", "~~x~~ #1 $y$ [^1]", `\~\~x\~\~ \#1 \$y\$ \[^1\]`, "struck out, a heading, a formula, a footnote"},
		{"lines", "a\r\nb\rc", "a b c", "a cell is one line"},
	} {
		t.Run(row.name, func(t *testing.T) {
			def := door()
			def.Title, def.Doc, stateOf(&def, "shut").Means, stateOf(&def, "ajar").NoDeadline = row.text, row.text, row.text, row.text
			termOf(&def, "drafty").Means, termOf(&def, "charge").Means = row.text, row.text
			eventOf(&def, "hang").Means, eventOf(&def, "push").Means, eventOf(&def, "wind").NoRow = row.text, row.text, row.text
			rowOf(&def, "hang", "").Why, rowOf(&def, "push", "shut").Why = row.text, row.text
			ruleOf(rowOf(&def, "push", "shut"), "closed").Name = row.text
			ruleOf(rowOf(&def, "seen_ajar", "shut"), "closed").Name = row.text
			def.Policies = []lifecycle.Policy{{ID: row.text, Source: row.text, Says: row.text, SetAside: row.text, Tests: []string{"TestX"}}}
			chart := lifecycle.Must(def).Chart()
			page := export.Markdown(chart)
			status, err := export.Page(chart, "shut")
			ajar, err2 := export.Page(chart, "ajar")
			if err := errors.Join(err, err2); err != nil {
				t.Fatal(err)
			}
			for _, part := range []struct{ page, line string }{
				{page, "# " + row.want + "\n\n"}, {page, "\n\n" + row.want + "\n\n"}, {page, "| `shut` | " + row.want + " |"}, {page, "| none: " + row.want + " |"},
				{page, "| `hang` | command | person | " + row.want + " |"}, {page, "| it blew | " + row.want + " |"}, {page, "| `charge` | " + row.want + " |\n"},
				{page, "| `ajar` | " + row.want + " |  | " + row.want + " |\n"}, {page, "\n| " + row.want + " | refuse, ignore | `closed` |"}, {page, "move → ajar<br>refuse unless " + row.want + " |"},
				{page, "| `charge` | " + row.want + " |  | hang"}, {page, "\n| " + row.want + " | " + row.want + " | " + row.want + " |  | `TestX` | " + row.want + " |\n"},
				{status, "A status of " + row.want + " (machine"}, {status, "): " + row.want + "."}, {status, "| `push` | command | person | " + row.want + " | `ajar` | " + row.want + " |  | " + row.want + " |\n"},
				{status, "| `closed` | only if " + row.want + " |"}, {status, "| `no_row` | " + row.want + " |"}, {status, "| `charge` | " + row.want + " |\n"},
				{ajar, "\n* No deadline: " + row.want + ".\n"}, {ajar, "\n* `drafty` holds: " + row.want + ".\n"},
			} {
				if !strings.Contains(part.page, part.line) {
					t.Errorf("%s: there is no %q", row.why, part.line)
				}
			}
		})
	}
}

// The paragraph below the title begins no list, no line and no heading.
func TestDocIsAParagraph(t *testing.T) {
	for _, row := range []struct{ name, text, want, why string }{
		{"a list", "- a", `\- a`, "one of three marks"},
		{"another list", "+ a", `\+ a`, "the second"},
		{"a third list", "* a", `\* a`, "the third is a mark anywhere"},
		{"a numbered list", "12. a", `12\. a`, "its stop is the mark"},
		{"another numbered list", "1) a", `1\) a`, "the other one"},
		{"a number", "12 a", "12 a", "it has no mark"},
		{"a line", "---", `\---`, "it would be drawn"},
		{"an underline", "===", `\===`, "it would make a heading of what stands above"},
		{"code", "    a", "a", "four spaces are its mark"},
		{"a quotation", "> a", "&gt; a", "nobody said it"},
		{"a heading", "# a", `\# a`, "the page has its own"},
	} {
		t.Run(row.name, func(t *testing.T) {
			def := door()
			def.Doc = row.text
			if page := export.Markdown(lifecycle.Must(def).Chart()); !strings.Contains(page, "# Door\n\n"+row.want+"\n\n") {
				t.Errorf("%s: %q is not there in\n%.80s", row.why, row.want, page)
			}
		})
	}
}

// The names of tests are anybody's, and stay within the marks of code.
func TestNamesOfTestsStayCode(t *testing.T) {
	def := door()
	def.Policies = []lifecycle.Policy{{ID: "D-1", Source: "s", Says: "s", Tests: []string{"Test`X`|\ny"}}}
	if page := export.Markdown(lifecycle.Must(def).Chart()); !strings.Contains(page, "| `Test'X'\\| y` |") {
		t.Errorf("the name does not stay within its marks:\n%s", page)
	}
}

// A machine without a title is called by its name, in every format that has one.
func TestTitleIsTheNameWhereThereIsNone(t *testing.T) {
	for _, title := range []string{"", "\n\x00"} {
		def := door()
		def.Title = title
		chart := lifecycle.Must(def).Chart()
		status, _ := export.Page(chart, "shut")
		for _, part := range []struct{ name, text, line string }{
			{"Markdown", export.Markdown(chart), "# door\n"}, {"Page", status, "A status of door (machine"}, {"PlantUML", export.PlantUML(chart), "\ntitle door\n"},
			{"DOT", export.DOT(chart), "<b>door</b>"}, {"SCXML", export.SCXML(chart), ` kycle:title="door"`}, {"XState", export.XState(chart), `"title": "door"`},
		} {
			if !strings.Contains(part.text, part.line) {
				t.Errorf("%s of %q: there is no %q", part.name, title, part.line)
			}
		}
	}
}

// A veto is drawn as one: a bare word in brackets would read as what must hold.
func TestDiagramsSayUnless(t *testing.T) {
	for _, part := range []struct{ name, text, arrow, legend string }{
		{"Mermaid", export.Mermaid(doors.Chart()), " : decay [unless older]\n", ""},
		{"Markdown", export.Markdown(doors.Chart()), "seen_ajar [unless older, closed] / note", "| within opening hours | refuse, ignore | `closed` |"},
		{"PlantUML", export.PlantUML(doors.Chart()), `push [unless closed]\nseen_ajar [unless older, closed] / note`, "<U+005B>unless closed<U+005D> only if within opening hours\n"},
		{"DOT", export.DOT(doors.Chart()), ">[unless older, closed]<", `>[unless closed]</td><td width="8"></td><td align="left">only if within opening hours<`},
	} {
		if !strings.Contains(part.text, part.arrow) || !strings.Contains(part.text, part.legend) {
			t.Errorf("%s does not say %q and %q:\n%s", part.name, part.arrow, part.legend, part.text)
		}
	}
}

// Whatever prose a definition has, each line of a table keeps the columns of its head.
func TestProseBreaksNoTable(t *testing.T) {
	prose := rapid.StringOf(rapid.RuneFrom([]rune("ab |\\`\n\r<>-#é")))
	column := regexp.MustCompile(`(^|[^\\])\|`)
	rapid.Check(t, func(t *rapid.T) {
		def := door()
		def.Title = prose.Draw(t, "title")
		stateOf(&def, "shut").Means, stateOf(&def, "shut").Spelling = prose.Draw(t, "state"), prose.Draw(t, "spelling")
		stateOf(&def, "ajar").NoDeadline = "x" + prose.Draw(t, "no deadline")
		eventOf(&def, "hang").Means, eventOf(&def, "hang").Spelling = prose.Draw(t, "event"), prose.Draw(t, "spelling")
		eventOf(&def, "wind").NoRow = "x" + prose.Draw(t, "no row")
		rowOf(&def, "hang", "").Why = "x" + prose.Draw(t, "why")
		rule := "x" + prose.Draw(t, "rule")
		ruleOf(rowOf(&def, "push", "shut"), "closed").Name = rule
		ruleOf(rowOf(&def, "seen_ajar", "shut"), "closed").Name = rule
		termOf(&def, "drafty").Means = prose.Draw(t, "term")
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
