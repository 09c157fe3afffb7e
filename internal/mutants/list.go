package main

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
)

// mark stands before the token that a mutant changes, in the text of its line.
const mark = "▸"

// place is a piece of code by what it says and not by where it stands, so that it is
// found again after edits elsewhere. Twice the same in one function is two places.
type place struct {
	file string // from the module's root
	fn   string // "Plus", "Amount.Plus"; "-" outside of functions
	kind string // gremlins's type of a mutant, or uncovered
	text string // the source line without its indentation
}

// uncovered is the kind of a block of statements that no test runs.
const uncovered = "UNCOVERED"

func (p place) String() string {
	return fmt.Sprintf("* `%s` `%s` %s ``%s``:", p.file, p.fn, p.kind, p.text)
}

var entry = regexp.MustCompile("(?m)^\\* `([^`]+)` `([^`]+)` ([A-Z_]+) ``(.+)``: *(.*)$")

// readList reads the list, whole and as the places that it explains.
func readList() (text string, listed []place, err error) {
	b, err := os.ReadFile(list)
	if err != nil {
		return "", nil, err
	}
	listed, err = parse(string(b))
	return string(b), listed, err
}

// parse reads the places that a list explains. Lines of another form are prose.
func parse(text string) ([]place, error) {
	var all []place
	for _, m := range entry.FindAllStringSubmatch(text, -1) {
		p := place{m[1], m[2], m[3], m[4]}
		if m[5] == "" {
			return nil, fmt.Errorf("%s gives no reason for %s", list, p)
		}
		all = append(all, p)
	}
	return all, nil
}

// compare holds what was found against what is listed, and tells every difference.
func compare(found, listed []place) []string {
	var all []string
	rest := slices.Clone(listed)
	for _, p := range found {
		if i := slices.Index(rest, p); i >= 0 {
			rest = slices.Delete(rest, i, i+1)
			continue
		}
		all = append(all, "not in the list: "+p.String())
	}
	for _, p := range rest {
		all = append(all, "in the list, and no longer so: "+p.String())
	}
	return all
}

// about keeps the places of the suites, uncovered ones or mutants.
func about(listed []place, chosen []suite, coverage bool) []place {
	return slices.DeleteFunc(slices.Clone(listed), func(p place) bool {
		return (p.kind == uncovered) != coverage || !slices.ContainsFunc(chosen, func(s suite) bool { return s.has(p.file) })
	})
}

// has tells whether a file, named from the module's root, counts for the suite.
func (s suite) has(file string) bool {
	name, ok := strings.CutPrefix(file, s.pkg+"/")
	code := strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go")
	return ok && code && !strings.Contains(name, "/") && (s.only == "" || s.only == name)
}
