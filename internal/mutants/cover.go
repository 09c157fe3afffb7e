package main

import (
	"errors"
	"fmt"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// enough is the percentage of statements that tests run at least, in every package.
const enough = 95

var blockLine = regexp.MustCompile(`(?m)^github\.com/kycle/kycle/(.+):(\d+)\.\d+,\d+\.\d+ (\d+) (\d+)$`)

// block is one line of a profile. A profile of several test binaries has it several times.
type block struct {
	file       string
	line       int
	statements int
	run        bool
}

func readProfile(text string) []block {
	var all []block
	seen := map[string]int{}
	for _, m := range blockLine.FindAllStringSubmatch(text, -1) {
		where := m[0][:strings.Index(m[0], " ")]
		line, _ := strconv.Atoi(m[2]) // digits, by the pattern
		statements, _ := strconv.Atoi(m[3])
		i, known := seen[where]
		if !known {
			i = len(all)
			seen[where] = i
			all = append(all, block{file: m[1], line: line, statements: statements})
		}
		all[i].run = all[i].run || m[4] != "0"
	}
	return all
}

func judgeCoverage(profile string) error {
	b, err := os.ReadFile(profile)
	if err != nil {
		return err
	}
	_, listed, err := readList()
	if err != nil {
		return err
	}
	var found []place
	var wrong []string
	blocks := readProfile(string(b))
	for _, s := range suites {
		missing, percent, err := share(s, blocks)
		if err != nil {
			return err
		}
		found = append(found, missing...)
		fmt.Printf("%5.1f %% of the statements of %s\n", percent, path.Join(s.pkg, s.only))
		if percent < enough {
			wrong = append(wrong, fmt.Sprintf("%s: tests run %.1f %% of its statements, and %d %% are asked for", s.pkg, percent, enough))
		}
	}
	wrong = append(wrong, compare(found, about(listed, suites, true))...)
	if len(wrong) > 0 {
		return errors.New(strings.Join(wrong, "\n"))
	}
	fmt.Println("every statement is run, or explained in " + list)
	return nil
}

// share gives the blocks of a suite that no test runs, and the percentage of statements
// that one does.
func share(s suite, blocks []block) (missing []place, percent float64, err error) {
	run, all := 0, 0
	sources := map[string]*source{}
	for _, b := range blocks {
		if !s.has(b.file) {
			continue
		}
		all += b.statements
		if b.run {
			run += b.statements
			continue
		}
		if sources[b.file] == nil {
			if sources[b.file], err = readSource(b.file); err != nil {
				return nil, 0, err
			}
		}
		missing = append(missing, sources[b.file].at(uncovered, b.line, 0))
	}
	if all == 0 {
		return nil, 0, fmt.Errorf("the profile says nothing of %s", s.pkg)
	}
	slices.SortFunc(missing, func(a, b place) int { return strings.Compare(a.String(), b.String()) })
	return missing, 100 * float64(run) / float64(all), nil
}
