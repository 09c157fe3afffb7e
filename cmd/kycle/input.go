package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/lifecycle/export"
)

// builtin are the machines that need no file.
var builtin = map[string]func() *lifecycle.Chart{"kyc": kyc.Machine.Chart, "idpass": idpass.Machine.Chart}

// open opens a file, or the standard input for "-", which can be taken once.
func (c *call) open(name string) (io.ReadCloser, error) {
	if name == "-" {
		if c.read {
			return nil, usage("the standard input can be read once")
		}
		c.read = true
		return io.NopCloser(c.stdin), nil
	}
	file, err := os.Open(name)
	var path *fs.PathError
	if errors.As(err, &path) {
		return nil, fmt.Errorf("%s: %w; give the path of a file that can be read, or - for the standard input", name, path.Err)
	}
	if about, err := file.Stat(); err == nil && about.IsDir() {
		return nil, errors.Join(fmt.Errorf("%s: it is a directory; give the path of a file in it, or - for the standard input", name), file.Close())
	}
	return file, err
}

// chart reads a machine: one of ours by its name, or a definition in Kycle's own JSON.
func (c *call) chart(name string) (*lifecycle.Chart, error) {
	if own, ok := builtin[name]; ok {
		return own(), nil
	}
	file, err := c.open(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s: there is no such machine, and no such file; the machines are %s, "+
			"and besides them any file in Kycle's own JSON, or - for the standard input",
			name, strings.Join(slices.Sorted(maps.Keys(builtin)), " and "))
	case err != nil:
		return nil, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, export.MaxSize+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	chart, err := export.Parse(text)
	switch {
	case errors.Is(err, lifecycle.ErrDefinition):
		return nil, fmt.Errorf("%s: %w\nMend the definition: nothing can be done with it as it is", name, err)
	case err != nil:
		return nil, fmt.Errorf("%s: %w\nThe format is what \"kycle doc kyc -format json\" writes", name, err)
	}
	return chart, nil
}

// print writes one line of an answer.
func (c *call) print(format string, args ...any) {
	fmt.Fprintln(c.stdout, visible(fmt.Sprintf(format, args...)))
}

// visible writes an escape for what has no glyph, so that no name in a file begins a line,
// or tells a terminal what to do.
func visible(text string) string {
	var b strings.Builder
	for _, r := range text {
		if strconv.IsPrint(r) {
			b.WriteRune(r)
		} else {
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		}
	}
	return b.String()
}

// value writes one line of JSON.
func (c *call) value(v any) error {
	encoder := json.NewEncoder(c.stdout)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(v)
}

// counted reads "1 line", "2 lines", "2 policies".
func counted(n int, what string) string {
	if stem, y := strings.CutSuffix(what, "y"); y {
		return plural(n, what, stem+"ies")
	}
	return plural(n, what, what+"s")
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
