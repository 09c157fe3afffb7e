package export

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kycle/kycle/lifecycle"
)

// The colours of a drawing can be read on white and on black alike (4.2 to 1 at least).
// A page that knows its background may map them, as LIFECYCLE.svg does.
const (
	inkColor   = "#1f2328" // names, on paper
	paperColor = "#f4f6f9" // what a status is filled with
	wishColor  = "#2b74d6" // commands
	newsColor  = "#717883" // reports, and everything that is written on no paper
)

// DOT draws the moves for Graphviz, which makes a picture of it with dot -Tsvg. Commands
// are solid, reports dashed; a final status has a double border, an absorbing one a thick
// one. Rows that lead from many statuses start in a node that names them. Notes are lines in
// their status, and those that are made in many statuses stand in the legend. In an SVG the
// group of a status has the id machine-status, such as kyc_validation-approved, and the
// classes status, final and absorbing; arrows are of the class command or report.
func DOT(m *lifecycle.Chart) string {
	d := &drawing{def: m.Definition()}
	d.line("digraph %q {", d.def.Name)
	d.line("  graph [id=%q class=lifecycle rankdir=LR nodesep=0.3 ranksep=0.4 pad=0.3 bgcolor=transparent fontname=%q fontsize=10 fontcolor=%q labelloc=b labeljust=l label=<%s>]",
		d.def.Name, fonts, newsColor, d.legend(m))
	d.line("  node [shape=box style=\"rounded,filled\" color=%q fillcolor=%q fontname=%q fontsize=13 fontcolor=%q margin=\"0.16,0.08\"]",
		newsColor, paperColor, fonts, inkColor)
	d.line("  edge [fontname=%q fontsize=10 fontcolor=%q]", fonts, newsColor)
	d.line("  \"\" [id=%q class=start shape=circle width=0.18 fixedsize=true label=\"\" style=filled fillcolor=%q]", d.def.Name+"-", newsColor)
	d.statuses(m)
	d.moves(m)
	d.line("}")
	return d.String()
}

const fonts = "Helvetica,Arial,sans-serif"

type drawing struct {
	strings.Builder
	def lifecycle.ChartDefinition
}

func (d *drawing) line(format string, args ...any) { fmt.Fprintf(d, format+"\n", args...) }

// statuses puts the ones that are not final in their order from left to right, and the
// final ones below each other at the end.
func (d *drawing) statuses(m *lifecycle.Chart) {
	var way, ends []string
	for _, s := range d.def.States {
		class, border := "status", ""
		if s.Final {
			class, border = class+" final", " peripheries=2"
		}
		if s.Absorbing {
			class, border = class+" absorbing", border+" penwidth=2.5"
		}
		d.line("  %q [id=%q class=%q label=<%s>%s]", s.Name, d.def.Name+"-"+s.Name, class,
			"<b>"+markup.Replace(called(s.Spelling, s.Name))+"</b>"+small(wrapped(s.Means, 26))+d.notes(m, s.Name), border)
		if s.Final {
			ends = append(ends, fmt.Sprintf("%q", s.Name))
		} else {
			way = append(way, fmt.Sprintf("%q", s.Name))
		}
	}
	if len(way) > 1 {
		d.line("  %s [style=invis weight=4]", strings.Join(way, " -> "))
	}
	if len(ends) > 0 {
		d.line("  { rank=same %s }", strings.Join(ends, " "))
	}
}

// notes are the lines of a status, each in the colour of its kind.
func (d *drawing) notes(m *lifecycle.Chart, status string) string {
	var b strings.Builder
	for _, r := range ownNotes(d.def, status) {
		for _, line := range wrapped("• "+label(d.def, r, asItIs), 40) {
			fmt.Fprintf(&b, "<br/><font point-size=\"9\" color=%q>%s</font>", colorOf(m.Kind(r.On)), markup.Replace(line))
		}
	}
	return b.String()
}

// colorOf is that of a command, or of a report.
func colorOf(kind lifecycle.Kind) string {
	if kind == lifecycle.Report {
		return newsColor
	}
	return wishColor
}

// stroke is one line of the drawing: the rows of one kind between the same two nodes.
type stroke struct {
	from, tail, to string // tail is from as an id has it
	kind           lifecycle.Kind
	rows           []row
}

func (d *drawing) moves(m *lifecycle.Chart) {
	var all []stroke
	var crowds []string
	for _, r := range d.def.Rows {
		tails := moving(r)
		if d.crowded(r) {
			name := "from " + strings.Join(r.From, " ")
			if !slices.Contains(crowds, name) {
				crowds = append(crowds, name)
				d.line("  %q [id=\"%s-from-%d\" class=from style=\"rounded,dashed\" fontsize=10 fontcolor=%q label=<%s>]",
					name, d.def.Name, len(crowds), newsColor, markedUp(wrapped("from "+crowd(d.def, r.From), 26)))
			}
			tails = []string{name}
		}
		for _, from := range tails {
			kind := m.Kind(r.On)
			i := slices.IndexFunc(all, func(s stroke) bool { return s.from == from && s.to == r.To && s.kind == kind })
			if i < 0 {
				i = len(all)
				tail := from
				if at := slices.Index(crowds, from); at >= 0 {
					tail = fmt.Sprintf("from-%d", at+1)
				}
				all = append(all, stroke{from, tail, r.To, kind, nil})
			}
			all[i].rows = append(all[i].rows, r)
		}
	}
	for _, s := range all {
		weight := 1
		switch {
		case s.tail != s.from: // what comes from many is laid out last, around the rest
			weight = 0
		case s.kind == lifecycle.Command:
			weight = 3
		}
		look := fmt.Sprintf("color=%q style=solid arrowhead=normal", wishColor)
		if s.kind == lifecycle.Report {
			look = fmt.Sprintf("color=%q style=dashed arrowhead=empty", newsColor)
		}
		d.line("  %q -> %q [id=\"%s-%s-%s-%s\" class=%s weight=%d %s label=<%s>]",
			s.from, s.to, d.def.Name, s.tail, s.to, s.kind, s.kind, weight, look, s.label(d.def))
	}
}

func (s stroke) label(def lifecycle.ChartDefinition) string {
	var all []string
	for _, r := range s.rows {
		text := fmt.Sprintf("<font color=%q><b>%s</b></font>", colorOf(s.kind), markup.Replace(calledEvent(def, r.On)))
		all = append(all, text+small([]string{conditions(r)})+small(wrapped(effects(r), 22)))
	}
	return strings.Join(all, "<br/>")
}

// crowded tells whether a row leads from so many statuses that one arrow for each would
// hide the others: more than three, or three that another row leads from too.
func (d *drawing) crowded(r row) bool {
	n := len(moving(r))
	return n > 3 || n == 3 && slices.ContainsFunc(d.def.Rows, func(other row) bool {
		return other.Note == "" && (other.On != r.On || other.To != r.To) && slices.Equal(other.From, r.From)
	})
}

// legend says how to read the drawing, and what its words mean.
func (d *drawing) legend(m *lifecycle.Chart) string {
	var b strings.Builder
	line := func(sign, text string) {
		fmt.Fprintf(&b, `<tr><td align="left">%s</td><td width="8"></td><td align="left">%s</td></tr>`, sign, text)
	}
	put := func(sign, means string) {
		for _, text := range wrapped(means, 110) {
			line(sign, markup.Replace(text))
			sign = ""
		}
	}
	b.WriteString(`<table border="0" cellborder="0" cellspacing="0" cellpadding="1">`)
	b.WriteString(`<tr><td colspan="3" height="10"></td></tr>`)
	fmt.Fprintf(&b, `<tr><td align="left" colspan="3"><font point-size="16"><b>%s</b></font></td></tr>`, markup.Replace(heading(d.def)))
	for _, text := range wrapped(d.def.Doc, 130) {
		fmt.Fprintf(&b, `<tr><td align="left" colspan="3">%s</td></tr>`, markup.Replace(text))
	}
	b.WriteString(`<tr><td colspan="3" height="6"></td></tr>`)
	put(fmt.Sprintf("<font color=%q>━━▶</font>", wishColor), "a command: somebody's wish, refused where it may not be")
	put("╍╍▷", "a report: news of what already happened, ignored where it changes nothing")
	put("no arrow", "an event whose row leads to where the record is")
	if d.def.NoEnd == "" {
		put("▣", "a double border: final, no command moves a record out of it; a thick one: absorbing, nothing does")
	} else {
		put("no ▣", "no status is final: "+d.def.NoEnd)
	}
	d.legendOfNotes(put)
	for _, r := range leavesFinal(d.def) {
		put(markup.Replace(calledEvent(d.def, r.On)), onPurpose)
	}
	for _, u := range rules(m, d.def) {
		put(unless(u.otherwise), "only if "+u.name)
	}
	for _, t := range d.def.Terms {
		if slices.ContainsFunc(d.def.Rows, func(r row) bool { return slices.Contains(r.Does, t.Name) }) {
			put("/ "+t.Name, t.Means)
		}
	}
	b.WriteString("</table>")
	return b.String()
}

// legendOfNotes says what a line in a status is, and which notes are made in many of them.
func (d *drawing) legendOfNotes(put func(sign, means string)) {
	if !hasNotes(d.def) {
		return
	}
	put("• event: word", "a note: the record stays in its status, and its history gets an entry with the word")
	for _, c := range commonNotes(d.def) {
		for i, r := range c.rows {
			sign := ""
			if i == 0 {
				sign = markedUp(wrapped(c.where, 26))
			}
			put(sign, label(d.def, r, asItIs))
		}
	}
}

// markedUp is lines of text, one below the other.
func markedUp(lines []string) string {
	var all []string
	for _, line := range lines {
		all = append(all, markup.Replace(line))
	}
	return strings.Join(all, "<br/>")
}

// small is lines of small print below what stands before them.
func small(lines []string) string {
	var b strings.Builder
	for _, line := range lines {
		if line != "" {
			fmt.Fprintf(&b, "<br/><font point-size=\"9\">%s</font>", markup.Replace(line))
		}
	}
	return b.String()
}
