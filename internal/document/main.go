// Command document writes the generated files of one package into the current folder;
// go generate runs it.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/lifecycle/export"
)

// files are all that is generated. A write gets what the file holds now, which is nothing
// where there is none.
var files = []struct {
	pkg, name string
	write     func(now []byte) ([]byte, error)
}{
	{"kyc", "LIFECYCLE.md", page(kyc.Machine.Chart())},
	{"kyc", "LIFECYCLE.svg", picture(kyc.Machine.Chart())},
	{"kyc", "CONVERGENCE.md", convergence},
	{"idpass", "LIFECYCLE.md", page(idpass.Machine.Chart())},
	{"idpass", "LIFECYCLE.svg", picture(idpass.Machine.Chart())},
}

func page(m *lifecycle.Chart) func([]byte) ([]byte, error) {
	return func([]byte) ([]byte, error) { return []byte(export.Illustrated(m, "LIFECYCLE.svg")), nil }
}

func main() {
	if err := write(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "document:", err)
		os.Exit(1)
	}
}

func write(args []string) error {
	var errs []error
	known := false
	for _, f := range files {
		if len(args) != 1 || f.pkg != args[0] {
			continue
		}
		known = true
		now, err := os.ReadFile(f.name)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		text, err := f.write(now)
		if err == nil && !bytes.Equal(text, now) {
			err = os.WriteFile(f.name, text, 0o644)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", f.name, err))
		}
	}
	if !known {
		var names []string
		for _, f := range files {
			names = append(names, f.pkg)
		}
		return fmt.Errorf("usage: document PACKAGE, which is one of %v", slices.Compact(names))
	}
	return errors.Join(errs...)
}
