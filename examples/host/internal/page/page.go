// Package page draws the host's one page: both lifecycles, read off the machines that run,
// and how recent records stand.
package page

import (
	"bytes"
	_ "embed"
	"html/template"
	"time"

	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/lifecycle"
)

//go:embed page.html
var source string

var parsed = template.Must(template.New("page").Parse(source))

// Record is one line of the page: nothing that is anybody's.
type Record struct {
	Kind, ID, Status string
	Created, Updated time.Time
	Verified         bool // the audit trail
}

// HTML is the page at a time of the host's clock. It needs nothing from elsewhere.
func HTML(now time.Time, recent []Record) ([]byte, error) {
	validation, err := machineOf(kyc.Machine)
	if err != nil {
		return nil, err
	}
	pass, err := machineOf(idpass.Machine)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = parsed.Execute(&b, struct {
		Now      time.Time
		Machines []machine
		Recent   []Record
	}{now, []machine{validation, pass}, recent})
	return b.Bytes(), err
}

// machine is one lifecycle as the page shows it.
type machine struct {
	Title, Doc, Mermaid, Fingerprint string
	Lanes                            lanes
	Events                           []string
	Rows                             []matrixRow
}

type matrixRow struct {
	State, Means string
	Cells        [][]cell
}

// cell is one verdict; a (status, event) pair has one for each outcome of its rule.
type cell struct{ Verdict, Detail string }

// machineOf reads everything off the machine: nothing on the page is typed by hand.
func machineOf[S, E ~string, F any](m *lifecycle.Machine[S, E, F]) (v machine, err error) {
	def := m.Definition()
	v = machine{Title: def.Title, Doc: def.Doc, Mermaid: m.Mermaid(), Fingerprint: m.Fingerprint(), Lanes: lanesOf(def)}
	for _, e := range def.Events {
		v.Events = append(v.Events, string(e.Name))
	}
	states := append([]lifecycle.State[S, E]{{Means: "no record yet"}}, def.States...)
	for _, s := range states {
		row := matrixRow{State: string(s.Name), Means: s.Means}
		for _, e := range def.Events {
			outcomes, err := m.Verdicts(s.Name, e.Name)
			if err != nil {
				return v, err
			}
			var cells []cell
			for _, o := range outcomes {
				c := cell{Verdict: string(o.Verdict), Detail: o.Why}
				if o.Verdict == lifecycle.Move {
					c.Detail = "→ " + string(o.To)
				}
				cells = append(cells, c)
			}
			row.Cells = append(row.Cells, cells)
		}
		v.Rows = append(v.Rows, row)
	}
	return v, nil
}
