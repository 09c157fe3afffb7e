// Package page draws the host's one page: both lifecycles, read off the machines that run,
// how many records stand where, and what became of the newest ones.
package page

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"strings"
	"time"

	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/kyc"
)

//go:generate cp ../../../../kyc/LIFECYCLE.svg kyc_validation.svg
//go:generate cp ../../../../idpass/LIFECYCLE.svg id_pass.svg

var (
	//go:embed kyc_validation.svg
	validationPicture []byte
	//go:embed id_pass.svg
	passPicture []byte
	//go:embed page.css
	style string
	//go:embed page.html
	source string
)

var parsed = template.Must(template.New("page").Parse(source))

// Page is what of the page never changes. It may be used at once.
type Page struct {
	machines []machine
	style    string
}

// New reads the pictures and asks both machines for every verdict. It fails where a picture
// does not show every status.
func New() (*Page, error) {
	validation, err := machineOf(kyc.Machine.Chart(), validationPicture)
	if err != nil {
		return nil, err
	}
	pass, err := machineOf(idpass.Machine.Chart(), passPicture)
	if err != nil {
		return nil, err
	}
	p := &Page{machines: []machine{validation, pass}}
	for _, m := range p.machines {
		if !strings.Contains(p.style, m.Picture.style) { // one for all, as a rule
			p.style += m.Picture.style
		}
	}
	p.style += style // the page's own comes last and has the last word
	return p, nil
}

// Policy is the Content-Security-Policy that the page is to be sent with: nothing is loaded
// from anywhere, nothing runs, and the one style that applies is the page's own.
func (p *Page) Policy() string {
	sum := sha256.Sum256([]byte(p.style))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}

// Counts are how many records stand in each status, by the kind of record.
type Counts map[string]map[string]int

// Record is one of the newest: nothing on it is anybody's.
type Record struct {
	Kind, ID, Status string
	Created          time.Time
	Entries          []Entry
	Earlier          int    // entries before those
	Fault            string // of the audit trail; "": it was verified
}

// Entry is one line of a record's audit trail.
type Entry struct {
	Seq                               uint64
	Event, From, To, Verdict, Why, By string
	At                                time.Time
}

// HTML is the page at a time of the host's clock. It needs nothing from elsewhere.
func (p *Page) HTML(now time.Time, counts Counts, recent []Record) ([]byte, error) {
	v := view{Style: template.CSS(p.style), Now: now, Recent: recent}
	for _, m := range p.machines {
		s := section{machine: m, Counts: counts[m.Name]}
		for _, status := range m.States {
			n := s.Counts[status.Name]
			if s.Total += n; !status.Final {
				s.Flying += n
			}
		}
		v.Sections = append(v.Sections, s)
	}
	for _, r := range recent {
		if r.Fault == "" {
			v.Verified++
		}
	}
	var b bytes.Buffer
	err := parsed.Execute(&b, v)
	return b.Bytes(), err
}

// view is what the template shows.
type view struct {
	Style    template.CSS
	Now      time.Time
	Sections []section
	Recent   []Record
	Verified int
}

// section is one lifecycle with its records.
type section struct {
	machine
	Counts        map[string]int
	Total, Flying int
}
