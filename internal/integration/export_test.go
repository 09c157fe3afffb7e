package integration

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kycle/kycle/lifecycle"
)

// The exported formats are checked by the programs that they are for.

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
	of   *lifecycle.Chart
	from string
	lifecycle.Row[string, string, lifecycle.Vetoes]
}

// steps lists every row from each of its states, notes or all others.
func steps(m *lifecycle.Chart, notes bool) []step {
	var all []step
	for _, r := range m.Definition().Rows {
		for _, s := range r.Sources() {
			if s != r.To && notes == (r.Note != "") {
				all = append(all, step{m, s, r})
			}
		}
	}
	return all
}

// moves lists the steps that change the state.
func moves(m *lifecycle.Chart) []step { return steps(m, false) }

// notation is how a step stands in a drawing: "approve [unless older] / charge, note" on an
// arrow, and "hold: held / send" for a note.
func (s step) notation() string {
	var words []string
	for _, rule := range s.If {
		words = append(words, rule.Code)
	}
	text := ""
	for _, e := range s.of.Definition().Events {
		if e.Name == s.On {
			text = shown(e.Spelled())
		}
	}
	if s.Note != "" {
		text += ": " + s.Note
	}
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
