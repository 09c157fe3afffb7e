package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

const gremlins = "github.com/go-gremlins/gremlins/cmd/gremlins@v0.6.0"

// types are the mutants that gremlins does not make unless it is asked. Its
// invert-negatives is off: all of it is in arithmetic-base already.
var types = []string{"--invert-negatives=false", "--invert-assignments", "--invert-bitwise", "--invert-bwassign",
	"--invert-logical", "--invert-loopctrl", "--remove-self-assignments"}

// report is what is read of gremlins's output.
type report struct {
	Files []struct {
		Name      string `json:"file_name"`
		Mutations []struct {
			Type, Status string
			Line, Column int
		} `json:"mutations"`
	} `json:"files"`
}

// score counts the mutants of one suite.
type score struct {
	pkg                     string
	killed, lived, timedOut int
}

func (s score) String() string {
	all := s.killed + s.lived + s.timedOut
	return fmt.Sprintf("| `%s` | %d | %d | %d | %d |", s.pkg, all, s.killed, s.timedOut, s.lived)
}

func judgeMutants(chosen []suite) error {
	text, listed, err := readList()
	if err != nil {
		return err
	}
	var found []place
	var wrong []string
	for _, s := range chosen {
		r, err := unleash(s)
		if err != nil {
			return fmt.Errorf("%s: %w", s.pkg, err)
		}
		survivors, n, err := tally(s, r, compiles)
		if err != nil {
			return err
		}
		found = append(found, survivors...)
		fmt.Println(n)
		if slices.Contains(suites, s) && !strings.Contains(text, n.String()) {
			wrong = append(wrong, "not the score of "+list+": "+n.String())
		}
	}
	wrong = append(compare(found, about(listed, chosen, false)), wrong...)
	if len(wrong) > 0 {
		return errors.New(strings.Join(wrong, "\n"))
	}
	fmt.Println("every mutant is killed, or explained in " + list)
	return nil
}

// unleash runs gremlins in a package. One mutant at a time: a timeout is then the code's
// fault and not a neighbour's.
func unleash(s suite) (report, error) {
	var r report
	self, err := os.Executable()
	if err != nil {
		return r, err
	}
	here, err := filepath.Abs(s.pkg)
	if err != nil {
		return r, err
	}
	folder, err := os.MkdirTemp("", "mutants-")
	if err != nil {
		return r, err
	}
	defer os.RemoveAll(folder)
	output := filepath.Join(folder, "report.json")
	args := append([]string{"run", "-exec=", gremlins, "unleash", "--workers=1", "--output-statuses=lctvsr",
		fmt.Sprintf("--timeout-coefficient=%d", s.factor), "--output=" + output, "--exclude-files=/"}, types...)
	sources, err := filepath.Glob(filepath.Join(s.pkg, "*.go"))
	if err != nil {
		return r, err
	}
	for _, name := range sources {
		if !s.has(filepath.ToSlash(name)) {
			args = append(args, "--exclude-files=^"+regexp.QuoteMeta(filepath.Base(name))+"$")
		}
	}
	cmd := exec.Command("go", args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = s.pkg, os.Stderr, os.Stderr
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS="+os.Getenv("GOFLAGS")+" -vet=off -count=1 -ldflags=-s '-exec="+self+" "+runCommand+" "+here+"'")
	if err := cmd.Run(); err != nil {
		return r, fmt.Errorf("gremlins: %w", err)
	}
	b, err := os.ReadFile(output)
	if errors.Is(err, os.ErrNotExist) {
		return r, nil // gremlins found nothing to break
	}
	if err != nil {
		return r, err
	}
	return r, json.Unmarshal(b, &r)
}

// tally gives the survivors of a report and the score. What only the compiler killed is
// no mutant. All that was not killed is a survivor, whatever gremlins calls it.
func tally(s suite, r report, compiles func(file string, changed []byte) (bool, error)) ([]place, score, error) {
	var survivors []place
	n := score{pkg: path.Join(s.pkg, s.only)}
	for _, f := range r.Files {
		code, err := readSource(path.Join(s.pkg, f.Name))
		if err != nil {
			return nil, n, err
		}
		for _, m := range f.Mutations {
			if m.Status != "KILLED" {
				survivors = append(survivors, code.at(m.Type, m.Line, m.Column))
			}
			switch m.Status {
			case "KILLED":
				if changed, doubtful := code.doubt(m.Type, m.Line, m.Column); doubtful {
					if ok, err := compiles(code.name, changed); err != nil {
						return nil, n, err
					} else if !ok {
						continue
					}
				}
				n.killed++
			case "TIMED OUT":
				n.timedOut++
			default:
				n.lived++
			}
		}
	}
	slices.SortFunc(survivors, func(a, b place) int { return strings.Compare(a.String(), b.String()) })
	return survivors, n, nil
}

// compiles tells whether the package of the file builds with the file changed.
func compiles(file string, changed []byte) (bool, error) {
	folder, err := os.MkdirTemp("", "mutants-")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(folder)
	name, err := filepath.Abs(file)
	if err != nil {
		return false, err
	}
	mutant, overlay := filepath.Join(folder, "mutant.go"), filepath.Join(folder, "overlay.json")
	b, err := json.Marshal(map[string]map[string]string{"Replace": {name: mutant}})
	if err := errors.Join(err, os.WriteFile(mutant, changed, 0o644), os.WriteFile(overlay, b, 0o644)); err != nil {
		return false, err
	}
	err = exec.Command("go", "build", "-overlay", overlay, "./"+path.Dir(file)).Run()
	var refused *exec.ExitError
	if errors.As(err, &refused) {
		return false, nil
	}
	return err == nil, err
}
