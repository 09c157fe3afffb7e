package payout_test

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const guide = "../../docs/guides/a-product-of-your-own.md"

var block = regexp.MustCompile("(?ms)^```([^\n]*)\n(.*?)^```$")

// Every code block of the guide names its file, and stands in it line by line. A line "…"
// leaves something out.
func TestTheGuideShowsTheSource(t *testing.T) {
	text, shown := read(t, guide), map[string]bool{}
	if fences := strings.Count("\n"+text, "\n```"); fences != 2*len(block.FindAllString(text, -1)) {
		t.Errorf("%d fences do not make blocks", fences)
	}
	for _, found := range block.FindAllStringSubmatch(text, -1) {
		name, ok := strings.CutPrefix(found[1], "go ")
		if !ok || name != filepath.Base(name) {
			t.Errorf("a block that names no Go file of this package: %q", found[1])
			continue
		}
		shown[name] = true
		rest := trimmed(read(t, name))
		for _, part := range strings.Split(found[2], "\n…\n") {
			at := index(rest, trimmed(part))
			if at < 0 {
				t.Errorf("%s has no such lines, or not in this order:\n%s", name, part)
				break
			}
			rest = rest[at+len(trimmed(part)):]
		}
	}
	for _, name := range []string{"lifecycle.go", "rules.go", "policies.go", "payout.go", "decide.go", "service.go"} {
		if !shown[name] {
			t.Errorf("the guide shows nothing of %s", name)
		}
	}
}

// trimmed gives the lines of a text without the white space around each.
func trimmed(text string) []string {
	lines := strings.Split(strings.Trim(text, "\n"), "\n")
	for i := range lines {
		lines[i] = strings.Join(strings.Fields(lines[i]), " ")
	}
	return lines
}

// index is where a list stands in another, whole and in order.
func index(in, part []string) int {
	for i := range in {
		if i+len(part) <= len(in) && slices.Equal(in[i:i+len(part)], part) {
			return i
		}
	}
	return -1
}

// A guide is read in one sitting.
func TestTheGuideIsShort(t *testing.T) {
	text, code := read(t, guide), false
	for i, line := range strings.Split(text, "\n") {
		if strings.HasPrefix(line, "```") {
			code = !code
		}
		if width := len([]rune(line)); !code && width > 100 {
			t.Errorf("line %d has %d columns, want at most 100", i+1, width)
		}
	}
	if lines := strings.Count(text, "\n"); lines > 150 {
		t.Errorf("%d lines, want at most 150", lines)
	}
}
