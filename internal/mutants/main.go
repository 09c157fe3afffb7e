// Command mutants has gremlins break the code, one token at a time, and says which of the
// breaks no test noticed. MUTANTS.md lists those that nothing can notice, and why; a
// survivor that is not in the list is an error, and so is a line of the list that is no
// longer true. From the module's root:
//
//	go run ./internal/mutants                 every package of the list below; an hour
//	go run ./internal/mutants refund audit    these
//	go run ./internal/mutants kyc/decide.go   one file of one of them
//	go run ./internal/mutants cover PROFILE   statements that no test runs, by the same list
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
)

// list is the file with the reasons, in the module's root.
const list = "MUTANTS.md"

// suite is a package whose tests are put to the test.
type suite struct {
	pkg    string
	only   string // the one file that counts; "": all
	factor int    // how many times longer than all tests with their compilation a mutant may run
}

var suites = []suite{
	{"refund", "", 60},
	{"audit", "", 60},
	{"store", "update.go", 10},
	{"lifecycle", "", 20},
	{"idpass", "", 20},
	{"kyc", "", 10},
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		var ended *exec.ExitError
		if errors.As(err, &ended) && ended.ExitCode() > 0 {
			os.Exit(ended.ExitCode())
		}
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) > 2 && args[0] == runCommand:
		return runTest(args[1], args[2], args[3:])
	case len(args) == 2 && args[0] == "cover":
		return judgeCoverage(args[1])
	}
	chosen := suites
	if len(args) > 0 {
		chosen = nil
	}
	for _, arg := range args {
		s, ok := find(arg)
		if !ok {
			return fmt.Errorf("%s is no package of the list in internal/mutants, nor a file of one", arg)
		}
		chosen = append(chosen, s)
	}
	return judgeMutants(chosen)
}

// find gives a suite by its package, or one file of it by its name.
func find(arg string) (suite, bool) {
	for _, s := range suites {
		if s.pkg == arg {
			return s, true
		}
		if s.has(arg) {
			s.only = path.Base(arg)
			return s, true
		}
	}
	return suite{}, false
}
