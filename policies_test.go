package kycle_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/lifecycle"
)

type row = lifecycle.Row[string, string, lifecycle.Vetoes]

// Where a lifecycle lives, and the lifecycle.
var lifecycles = []struct {
	dir   string
	chart *lifecycle.Chart
}{{"kyc", kyc.Machine.Chart()}, {"idpass", idpass.Machine.Chart()}}

// The traceability matrix names tests: a test that was renamed must not leave a promise
// that nobody shows.
func TestPoliciesNameTestsThatExist(t *testing.T) {
	for _, l := range lifecycles {
		tests := map[string]bool{}
		files, _ := filepath.Glob(l.dir + "/*_test.go")
		for _, name := range files {
			parsed, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range parsed.Decls {
				if f, ok := d.(*ast.FuncDecl); ok && strings.HasPrefix(f.Name.Name, "Test") {
					tests[f.Name.Name] = true
				}
			}
		}
		for _, p := range l.chart.Definition().Policies {
			for _, name := range p.Tests {
				if !tests[name] {
					t.Errorf("%s names %s, and %s has no such test", p.ID, name, l.dir)
				}
			}
		}
	}
}

// A claim that no change of the table can break says nothing. Each is broken by at least
// one small change after which the table is otherwise sound.
func TestEveryClaimBites(t *testing.T) {
	for _, l := range lifecycles {
		bitten := map[string]bool{}
		total := 0
		for _, def := range changes(l.chart) {
			_, err := lifecycle.New(def)
			var defects *lifecycle.Defects
			if errors.As(err, &defects) {
				for _, d := range defects.List {
					bitten[d.Where+d.Text[:max(0, strings.Index(d.Text, "\n    but:"))]] = true
				}
			}
			total++
		}
		for _, p := range l.chart.Definition().Policies {
			for _, c := range p.Claims {
				if !bitten[p.ID+fmt.Sprintf("%q (%s) is broken\n    claimed: %s", p.Says, p.Source, c)] {
					t.Errorf("%s: no small change breaks %q", p.ID, c)
				}
			}
		}
		t.Logf("%s: %d changes", l.dir, total)
	}
}

// changes are the definitions that differ from a chart's in one place: a cell leads
// elsewhere, or has a row where it had none, or has none any more; only the deadline leaves
// a state; a row asks one rule less, or has one effect less or more; an event may be brought
// by somebody else; a label is elsewhere; a deadline is gone.
func changes(chart *lifecycle.Chart) []lifecycle.ChartDefinition {
	var all []lifecycle.ChartDefinition
	change := func(edit func(*lifecycle.ChartDefinition)) {
		def := chart.Definition()
		edit(&def)
		all = append(all, def)
	}
	sound := chart.Definition()
	for _, state := range sound.States {
		for _, event := range sound.Events {
			for _, to := range sound.States {
				change(func(d *lifecycle.ChartDefinition) { redirect(d, state.Name, event.Name, to.Name) })
			}
			change(func(d *lifecycle.ChartDefinition) {
				drop(d, state.Name, func(on string) bool { return on == event.Name })
			})
		}
		change(func(d *lifecycle.ChartDefinition) {
			drop(d, state.Name, func(on string) bool { return on != state.Deadline })
		})
	}
	for i, r := range sound.Rows {
		for j := range r.If {
			change(func(d *lifecycle.ChartDefinition) { d.Rows[i].If = slices.Delete(d.Rows[i].If, j, j+1) })
		}
		for j := range r.Does {
			change(func(d *lifecycle.ChartDefinition) {
				gone := d.Rows[i].Does[j]
				d.Rows[i].Does = slices.Delete(d.Rows[i].Does, j, j+1)
				if !slices.ContainsFunc(d.Rows, func(r row) bool { return slices.Contains(r.Does, gone) }) {
					d.Rows[(i+1)%len(d.Rows)].Does = append(d.Rows[(i+1)%len(d.Rows)].Does, gone) // a term is used
				}
			})
		}
		for _, term := range sound.Terms {
			change(func(d *lifecycle.ChartDefinition) { d.Rows[i].Does = append(d.Rows[i].Does, term.Name) })
		}
	}
	for i := range sound.Events {
		for _, by := range []string{"person", "provider", "clock", "system"} {
			change(func(d *lifecycle.ChartDefinition) { d.Events[i].By = []string{by} })
		}
	}
	for i := range sound.States {
		for _, term := range sound.Terms {
			change(func(d *lifecycle.ChartDefinition) { d.States[i].Labels = []string{term.Name} })
			change(func(d *lifecycle.ChartDefinition) { d.States[i].Labels = append(d.States[i].Labels, term.Name) })
		}
		change(func(d *lifecycle.ChartDefinition) { d.States[i].Deadline, d.States[i].NoDeadline = "", "it waits" })
	}
	return all
}

// drop takes the rows of some events away from a state.
func drop(d *lifecycle.ChartDefinition, state string, which func(on string) bool) {
	births := map[string]bool{} // they lead from no state, and stay
	for _, r := range d.Rows {
		births[r.On] = births[r.On] || len(r.From) == 0
	}
	for i := range d.Rows {
		if which(d.Rows[i].On) {
			d.Rows[i].From = slices.DeleteFunc(d.Rows[i].From, func(s string) bool { return s == state })
		}
	}
	d.Rows = slices.DeleteFunc(d.Rows, func(r row) bool { return len(r.From) == 0 && !births[r.On] })
}

// redirect gives a cell a row of its own, with the rules and effects that it had; who may
// leave the state is set right.
func redirect(d *lifecycle.ChartDefinition, state, on, to string) {
	moved := row{On: on, From: []string{state}, To: to, Why: "a change"}
	for _, r := range d.Rows {
		if r.On == on && slices.Contains(r.From, state) {
			moved.If, moved.Does = r.If, r.Does
		}
	}
	drop(d, state, func(name string) bool { return name == on })
	d.Rows = append(d.Rows, moved)
	for i := range d.Events {
		if d.Events[i].Name == on {
			d.Events[i].NoRow = ""
		}
	}
	for i := range d.States {
		s := &d.States[i]
		if s.Name != state {
			continue
		}
		s.Absorbing = false
		if e := slices.IndexFunc(d.Events, func(e lifecycle.Event[string]) bool { return e.Name == on }); s.Final && d.Events[e].Kind == lifecycle.Command {
			s.Final, s.NoDeadline = false, "it waits"
		}
	}
}
