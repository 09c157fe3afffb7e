package integration

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/lifecycle"
)

// The exported formats are checked by the programs that they are for.

// chart is a machine whose exports are checked.
type chart struct {
	name, why string
	*lifecycle.Chart
}

func exported() []chart {
	return []chart{
		{"kyc", "many rows, rules on most, final statuses that reports leave", kyc.Machine.Chart()},
		{"idpass", "no rule, one event with two effects, all final statuses absorbing", idpass.Machine.Chart()},
		{"untitled", "a page and a diagram have a heading all the same", untitled()},
		{"nasty", "prose that is every format's own language, and names that are its keywords", nasty()},
	}
}

func untitled() *lifecycle.Chart {
	def := idpass.Machine.Chart().Definition()
	def.Title = ""
	return lifecycle.Must(def)
}

// evil is prose that ends, begins, includes or fetches something in one format or another.
const evil = `"<b>' & ]]> --> ||| \n \ %date() $x !include /etc/passwd [[http://x]] ~~ ** // __ <img:a> {{ }} #é日本🙂 @enduml </label> ;:%%{init}%% <!-- &lt; <![CDATA[ ` +
	"`a`\n@enduml\n\t\r\n\x00\x1b[31m\x7f\u0085\u2028\u202e\ufeff\ufffe\xff end"

// nasty is a chain of statuses with the names that some format may take for its own.
func nasty() *lifecycle.Chart {
	names := strings.Fields("end state note node graph edge strict subgraph digraph as class style title legend final initial constructor on none root_start " +
		"no_record true null direction hide scale click default left fork acctitle accdescr classdef statediagram a1 x_y_z")
	def := lifecycle.ChartDefinition{
		Name: "nasty", Title: evil, Doc: evil, Terms: []lifecycle.Term{{Name: "charge", Means: evil}, {Name: "send", Means: evil}, {Name: "label", Means: evil}},
		Events: []lifecycle.Event[string]{
			{Name: "create", Kind: lifecycle.Command, By: []string{"person"}, Means: evil},
			{Name: "next", Kind: lifecycle.Report, By: []string{"clock"}, Means: evil},
			{Name: "error", Kind: lifecycle.Report, By: []string{"clock"}, Means: evil, NoRow: evil},
			{Name: "again", Kind: lifecycle.Report, By: []string{"provider"}, Means: evil},
			{Name: "jump", Kind: lifecycle.Command, By: []string{"person"}, Means: evil},
		},
		Rows: []lifecycle.Row[string, string, lifecycle.Vetoes]{
			{On: "create", To: names[0], Why: evil, Does: []string{"charge"}},
			{On: "jump", From: names[:5], To: names[5], Why: evil, Does: []string{"charge", "send"}, If: []lifecycle.Rule[lifecycle.Vetoes]{lifecycle.Open(evil, "older")}},
		},
	}
	rules := []lifecycle.Rule[lifecycle.Vetoes]{lifecycle.Open(evil, "older"), lifecycle.Open(evil, "class")}
	last := len(names) - 1
	for i, name := range names {
		def.States = append(def.States, lifecycle.State[string, string]{Name: name, Means: evil, NoDeadline: evil, Labels: []string{"label"}, Final: i >= last-1, Absorbing: i == last})
		if i < last {
			def.Rows = append(def.Rows,
				lifecycle.Row[string, string, lifecycle.Vetoes]{On: "next", From: []string{name}, To: names[i+1], Why: evil, If: rules},
				lifecycle.Row[string, string, lifecycle.Vetoes]{On: "again", From: []string{name}, To: name, Why: evil, If: rules[1:]})
		}
	}
	return lifecycle.Must(def)
}

// needProgram gives the path of a program that is on the PATH, or in one of the folders.
func needProgram(t *testing.T, program, install string, folders ...string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	for _, folder := range folders {
		if err != nil {
			path, err = exec.LookPath(filepath.Join(folder, program))
		}
	}
	needTool(t, err == nil, "there is no "+program, install)
	return path
}

// needTool skips aloud where a tool is missing, or fails where CI is set: there a skipped
// proof is none.
func needTool(t *testing.T, there bool, missing, install string) {
	t.Helper()
	switch {
	case there:
	case os.Getenv("CI") == "":
		fmt.Fprintf(os.Stderr, "SKIPPED %s: %s; install it: %s\n", t.Name(), missing, install)
		t.Skip(missing)
	default:
		t.Fatalf("%s; install it: %s", missing, install)
	}
}

// consult runs a program on a text and fails the test where it complains of anything.
func consult(t *testing.T, text, program string, args ...string) string {
	t.Helper()
	c := exec.Command(program, args...)
	var complaints bytes.Buffer
	c.Stdin, c.Stderr = strings.NewReader(text), &complaints
	answer, err := c.Output()
	if err != nil || complaints.Len() > 0 {
		t.Fatalf("%s: %v\n%s", program, err, complaints.Bytes())
	}
	return string(answer)
}

// step is one row taken from one of its states.
type step struct {
	from string
	lifecycle.Row[string, string, lifecycle.Vetoes]
}

// moves lists the steps that change the state.
func moves(m *lifecycle.Chart) []step {
	var all []step
	for _, r := range m.Definition().Rows {
		from := r.From
		if len(from) == 0 {
			from = []string{""}
		}
		for _, s := range from {
			if s != r.To {
				all = append(all, step{s, r})
			}
		}
	}
	return all
}

// notation is how a step stands on an arrow: "approve [unless older] / charge, note".
func (s step) notation() string {
	var words []string
	for _, rule := range s.If {
		words = append(words, rule.Code)
	}
	text := s.On
	if len(words) > 0 {
		text += " [unless " + strings.Join(words, ", ") + "]"
	}
	if len(s.Does) > 0 {
		text += " / " + strings.Join(s.Does, ", ")
	}
	return text
}

// shown is prose as it can be seen: in one line, without what has no glyph.
func shown(text string) string {
	clean := strings.Map(func(r rune) rune {
		switch {
		case r < ' ' || r == '\x7f' || r == '\u0085' || r == '\u2028' || r == '\u202e' || r == '\ufeff' || r == '\ufffe' || r == '\u00a0':
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
	return strings.Join(strings.Fields(clean), " ")
}
