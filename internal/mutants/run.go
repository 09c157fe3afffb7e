package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"time"
)

// runCommand makes this program the -exec of the go command.
const runCommand = "run"

// runTest runs a test binary in place of the go command. Where coverage is asked for,
// the profile is to say that all of the package in the folder is run, and other packages
// are passed over: gremlins tries only what is covered, and no block of a profile holds
// the condition of a case or the value of a package's variable.
func runTest(folder, binary string, args []string) error {
	here, err := os.Getwd()
	if err != nil {
		return err
	}
	profile, ctx := "", context.Background()
	for _, arg := range args {
		if name, ok := strings.CutPrefix(arg, "-test.coverprofile="); ok {
			profile = name
		}
		if text, ok := strings.CutPrefix(arg, "-test.timeout="); ok {
			// A test binary minds its time only once its packages are initialized.
			most, err := time.ParseDuration(text)
			if err != nil {
				return err
			}
			limited, cancel := context.WithTimeout(ctx, most)
			defer cancel()
			ctx = limited
		}
	}
	if profile != "" && here != folder {
		return nil
	}
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil || profile == "" {
		return err
	}
	return coverAll(profile)
}

// coverAll adds a block to the profile for each file of the current folder.
func coverAll(profile string) error {
	b, err := os.ReadFile(profile)
	if err != nil {
		return err
	}
	_, rest, _ := bytes.Cut(b, []byte("\n"))
	name, _, ok := strings.Cut(string(rest), ":")
	if !ok {
		return nil // no statement in the package
	}
	sources, err := filepath.Glob("*.go")
	if err != nil {
		return err
	}
	for _, source := range sources {
		if !strings.HasSuffix(source, "_test.go") {
			b = fmt.Appendf(b, "%s/%s:1.1,100000.1 1 1\n", path.Dir(name), source)
		}
	}
	return os.WriteFile(profile, b, 0o644)
}
