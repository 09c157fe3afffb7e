package export

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/kycle/kycle/lifecycle"
)

// XState writes the machine as the configuration of an XState v5 machine, in JSON. It
// starts in _none, the state of no record. Actions are the effects, by name. A guarded
// transition has the guard "unless", whose parameters list the vetoes of its rules in order:
// what must not be so, "older" where the event is older. A consumer sets up one guard, with
// what tells whether a veto applies by its word:
//
//	setup({
//	  guards: { unless: ({ context, event }, { vetoes }) => !vetoes.some((w) => veto[w](context, event)) },
//	  actions: { charge: … },
//	}).createMachine(config)
//
// An event whose row leads to where the record is has a transition to it without actions.
// A note has one without a target; its first action is _note, with its word as a parameter,
// and its effects follow. An event without a row has none: XState ignores it, and whether that
// is a refusal is in meta.events, where each event has its kind. Labels are tags. An absorbing
// status in which no note is made is of type final; other final ones are not, since a machine
// of XState hears nothing any more in one. All have meta.final. States and events go by their
// names; what the outside calls them stands in meta.spelling, before the description of a
// state, and in meta.events.
func XState(m *lifecycle.Chart) string {
	def := m.Definition()
	events, states := object{}, object{}
	for _, e := range def.Events {
		about := object{{"kind", e.Kind}, {"by", e.By}, {"means", e.Means}}
		if e.Spelling != "" {
			about = append(about, member{"spelling", e.Spelling})
		}
		events = append(events, member{e.Name, about})
	}
	states = append(states, member{unborn, object{{"on", transitions(m, def, "")}}})
	for _, s := range def.States {
		state, meta := object{{"description", s.Means}}, object{{"final", s.Final}}
		if s.Absorbing {
			meta = append(meta, member{"absorbing", true})
		}
		if s.Spelling != "" {
			state[0].value = strings.Trim(called(s.Spelling, "")+": "+s.Means, ": ")
			meta = append(meta, member{"spelling", s.Spelling})
		}
		if len(s.Labels) > 0 {
			state = append(state, member{"tags", s.Labels})
		}
		if s.Absorbing && !notedIn(def, s.Name) {
			state = append(state, member{"type", "final"})
		} else {
			state = append(state, member{"on", transitions(m, def, s.Name)})
		}
		states = append(states, member{s.Name, append(state, member{"meta", meta})})
	}
	meta := object{{"title", heading(def)}, {"fingerprint", m.Fingerprint()}}
	if def.NoEnd != "" {
		meta = append(meta, member{"noEnd", def.NoEnd})
	}
	return indented(object{
		{"id", def.Name}, {"description", def.Doc}, {"initial", unborn}, {"states", states},
		{"meta", append(meta, member{"events", events})},
	})
}

func transitions(m *lifecycle.Chart, def lifecycle.ChartDefinition, from string) object {
	on := object{}
	for _, e := range def.Events {
		at, _ := m.Cell(from, e.Name)
		if at.Row < 0 {
			continue
		}
		r := def.Rows[at.Row]
		arrow := object{}
		if at.Verdict != lifecycle.Note {
			arrow = append(arrow, member{"target", at.To})
		}
		if len(r.If) > 0 {
			var vetoes []string
			for _, rule := range r.If {
				vetoes = append(vetoes, rule.Code)
			}
			arrow = append(arrow, member{"guard", object{{"type", "unless"}, {"params", object{{"vetoes", vetoes}}}}})
		}
		if actions := actionsOf(r, at.Verdict); len(actions) > 0 {
			arrow = append(arrow, member{"actions", actions})
		}
		on = append(on, member{e.Name, append(arrow, member{"description", r.Why})})
	}
	return on
}

// actionsOf are the actions of a cell: that of a note, and the effects. Without one, XState
// takes a transition that has no target for none.
func actionsOf(r row, verdict lifecycle.Verdict) (actions []any) {
	if verdict == lifecycle.Stay {
		return nil
	}
	if r.Note != "" {
		actions = append(actions, object{{"type", "_note"}, {"params", object{{"word", r.Note}}}})
	}
	for _, effect := range r.Does {
		actions = append(actions, effect)
	}
	return actions
}

// object is a JSON object that keeps its order.
type object []member

type member struct {
	name  string
	value any
}

// MarshalJSON is that of encoding/json.
func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		for _, part := range []any{m.name, m.value} {
			text, err := json.Marshal(part)
			if err != nil {
				return nil, err
			}
			b.Write(text)
			b.WriteByte(':')
		}
		b.Truncate(b.Len() - 1)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// indented writes what is made of strings, numbers and lists alone, which cannot fail.
func indented(value any) string {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	_ = encoder.Encode(value)
	return b.String()
}
