package export

import (
	"fmt"
	"strings"

	"github.com/kycle/kycle/lifecycle"
)

// unborn is the state of no record in the formats that have no pseudo-state for it. No
// name of ours begins with an underscore.
const unborn = "_none"

// SCXML writes the machine as a W3C State Chart XML document, version 1.0. It starts in
// _none, the state of no record. An absorbing status in which no note is made is a final
// element, for nothing happens in it; another final one is a state with kycle:final, and with
// kycle:absorbing where it is that. A rule is the word of it in the object veto, which the
// processor holds: true says no. An effect is an internal event, _effect.charge. A note is a
// transition without a target that raises its word, _note.superseded, before its effects. An
// event whose row leads to where the record is has a transition without a target that raises
// nothing; an event without a row has none, and SCXML drops it. Ids and events are the names;
// kycle:spelling, and kycle:spelled on a transition, is what the outside calls them.
func SCXML(m *lifecycle.Chart) string {
	d := &document{def: m.Definition()}
	d.line(`<?xml version="1.0" encoding="UTF-8"?>`)
	d.line(`<scxml xmlns="http://www.w3.org/2005/07/scxml" xmlns:kycle="%s" version="1.0" datamodel="ecmascript" name="%s" initial="%s"%s>`,
		namespace, d.def.Name, unborn,
		attributes("title", heading(d.def), "doc", d.def.Doc, "noend", d.def.NoEnd, "fingerprint", m.Fingerprint()))
	d.line("  <datamodel>")
	d.line(`    <data id="veto" expr="{%s}"/>`, strings.Join(d.vetoes(m), ", "))
	d.line("  </datamodel>")
	d.line(`  <state id="%s">`, unborn)
	d.transitions(m, "")
	d.line("  </state>")
	for _, s := range d.def.States {
		means := attributes("spelling", called(s.Spelling, ""), "means", s.Means, "deadline", s.Deadline, "labels", strings.Join(s.Labels, " "))
		switch noted := notedIn(d.def, s.Name); {
		case s.Absorbing && !noted:
			d.line(`  <final id="%s"%s/>`, s.Name, means)
			continue
		case s.Absorbing:
			means = ` kycle:final="true" kycle:absorbing="true"` + means
		case s.Final:
			means = ` kycle:final="true"` + means
		}
		d.line(`  <state id="%s"%s>`, s.Name, means)
		d.transitions(m, s.Name)
		d.line("  </state>")
	}
	d.line("</scxml>")
	return d.String()
}

const namespace = "https://github.com/kycle/kycle/lifecycle"

type document struct {
	strings.Builder
	def lifecycle.ChartDefinition
}

func (d *document) line(format string, args ...any) { fmt.Fprintf(d, format+"\n", args...) }

// vetoes says no for no rule: "older: false".
func (d *document) vetoes(m *lifecycle.Chart) []string {
	var all []string
	for _, u := range rules(m, d.def) {
		all = append(all, u.otherwise+": false")
	}
	return all
}

func (d *document) transitions(m *lifecycle.Chart, from string) {
	for _, e := range d.def.Events {
		at, _ := m.Cell(from, e.Name)
		if at.Row < 0 {
			continue
		}
		r := d.def.Rows[at.Row]
		head := fmt.Sprintf(`<transition event="%s"`, e.Name)
		var conditions []string
		for _, rule := range r.If {
			conditions = append(conditions, "!veto."+rule.Code)
		}
		if len(conditions) > 0 {
			head += fmt.Sprintf(` cond="%s"`, markup.Replace(strings.Join(conditions, " && ")))
		}
		if at.Verdict == lifecycle.Move {
			head += fmt.Sprintf(` target="%s"`, at.To)
		}
		head += attributes("spelled", called(e.Spelling, ""), "kind", string(e.Kind), "by", strings.Join(e.By, " "), "why", r.Why)
		raised := raises(r, at.Verdict)
		if len(raised) == 0 {
			d.line("    %s/>", head)
			continue
		}
		d.line("    %s>", head)
		for _, event := range raised {
			d.line(`      <raise event="%s"/>`, event)
		}
		d.line("    </transition>")
	}
}

// raises are the internal events of a cell: the word of a note, and the effects.
func raises(r row, verdict lifecycle.Verdict) (events []string) {
	if verdict == lifecycle.Stay {
		return nil
	}
	if r.Note != "" {
		events = append(events, "_note."+r.Note)
	}
	for _, effect := range r.Does {
		events = append(events, "_effect."+effect)
	}
	return events
}

// attributes writes pairs of a name and prose in our namespace, and leaves empty ones out.
func attributes(pairs ...string) string {
	var b strings.Builder
	for i := 0; i < len(pairs); i += 2 {
		if text := plain(pairs[i+1]); text != "" {
			fmt.Fprintf(&b, ` kycle:%s="%s"`, pairs[i], markup.Replace(text))
		}
	}
	return b.String()
}
