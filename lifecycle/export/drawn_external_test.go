package export_test

import (
	"fmt"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/kycle/kycle/lifecycle"
)

// nasty are pieces of prose that mean something to one of the formats.
var nasty = []string{
	`"`, "'", "<", ">", "&", "<b>", "</label>", "<br/>", "&lt;", "&#0;", "-->", "<!--", "]]>", "<![CDATA[", "|", `\|`, `\`, `\n`, "\n", "\r\n", "\t",
	"\x00", "\x1b[31m", "\x7f", "\u0085", "\u2028", "\u202e", "\ufeff", "\ufffe", "\ud7ff", "\U0010ffff", "\xff", "\xc3", "é", "日本", "🙂",
	"```", "`", "# ", "- ", "---", "%%", "%date()", "!include /", "@enduml", "endlegend", "[[x]]", "{{", "}}", "[*]", "::", ";", "$x", "__proto__", "{", "}",
	"direction LR", "end note", "END  NOTE", "style:#", "1. ", "<<fork>>",
}

// prose draws text that begins with a letter, so that it is never empty, and goes on in
// the worst way.
func prose(t *rapid.T, label string) string {
	return "x " + strings.Join(rapid.SliceOfN(rapid.SampledFrom(nasty), 0, 6).Draw(t, label), rapid.SampledFrom([]string{"", " ", "a"}).Draw(t, label))
}

// words are names that some format could take for its own.
var words = []string{
	"end", "state", "note", "node", "graph", "edge", "strict", "subgraph", "digraph", "as", "class", "style", "title", "legend", "final", "initial",
	"constructor", "on", "none", "root_start", "no_record", "true", "null", "a1", "x_y_z", "direction", "hide", "scale", "click", "default", "left", "fork",
}

// spelled draws what the outside calls the i-th of something, which is no other's.
func spelled(t *rapid.T, i int) string {
	if rapid.Bool().Draw(t, "is spelled") {
		return fmt.Sprint(i) + prose(t, "spelling")
	}
	return ""
}

// drawn gives random charts that are sound by construction, with nasty prose and names:
// state i is reached from state i-1 by the first report, and whatever has no row says so.
// The last state may be absorbing, and any may have a note.
func drawn(t *rapid.T) *lifecycle.Chart {
	type (
		state = lifecycle.State[string, string]
		event = lifecycle.Event[string]
		row   = lifecycle.Row[string, string, lifecycle.Vetoes]
	)
	names := rapid.Permutation(words).Draw(t, "names")
	d := lifecycle.ChartDefinition{
		Name: "drawn", Title: prose(t, "title"), Doc: prose(t, "doc"),
		Terms: []lifecycle.Term{{Name: "effect", Means: prose(t, "term")}, {Name: "label", Means: prose(t, "term")}},
	}
	absorbing := rapid.Bool().Draw(t, "absorbing")
	for i := range rapid.IntRange(2, 6).Draw(t, "states") {
		s := state{Name: names[i], Spelling: spelled(t, i), Means: prose(t, "means"), Final: i > 0, NoDeadline: prose(t, "no deadline")}
		if rapid.Bool().Draw(t, "labelled") || i == 0 {
			s.Labels = []string{"label"}
		}
		d.States = append(d.States, s)
	}
	first, second, last := d.States[0].Name, d.States[1].Name, len(d.States)-1
	d.States[last].Absorbing = absorbing
	d.Policies = policies(t, first, second)
	d.Events = []event{{Name: "birth", Kind: lifecycle.Command, By: []string{"anyone"}, Means: prose(t, "means")}}
	d.Rows = []row{{On: "birth", To: first, Does: []string{"effect"}, Why: prose(t, "why")}}
	rules := []lifecycle.Rule[lifecycle.Vetoes]{lifecycle.Open(prose(t, "rule"), "older"), lifecycle.Open(prose(t, "rule"), "closed")}
	for i := range rapid.IntRange(1, 5).Draw(t, "events") {
		on := event{Name: fmt.Sprintf("report_%d", i), Spelling: spelled(t, i), Kind: lifecycle.Report, By: []string{"clock"}, Means: prose(t, "means")}
		sources, onPurpose := len(d.States), false
		if i > 0 && rapid.Bool().Draw(t, "command") {
			on.Kind, onPurpose = lifecycle.Command, rapid.Bool().Draw(t, "on purpose")
			if !onPurpose {
				sources = 1 // no command leaves what is final
			}
		}
		if absorbing {
			sources = min(sources, last)
		}
		for from := range sources {
			to := rapid.IntRange(-1, last).Draw(t, "to")
			if i == 0 && from < last {
				to = from + 1
			}
			if to < 0 {
				continue
			}
			r := row{On: on.Name, From: []string{d.States[from].Name}, To: d.States[to].Name, Why: prose(t, "why")}
			r.MovesFinal = onPurpose && from > 0 && to != from
			if onPurpose && from > 0 && to == from {
				continue // a stay needs no permission, and has none
			}
			r.If = rules[:rapid.IntRange(0, 2).Draw(t, "rules")]
			if r.From[0] != r.To && rapid.Bool().Draw(t, "effect") { // a stay has none
				r.Does = []string{"effect"}
			}
			d.Rows = append(d.Rows, r)
		}
		if !slices.ContainsFunc(d.Rows, func(r row) bool { return r.On == on.Name }) {
			on.NoRow = prose(t, "no row")
		}
		d.Events = append(d.Events, on)
	}
	notes(t, &d, rules)
	m, err := lifecycle.New(d)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// notes draws a few, each made in some of the statuses.
func notes(t *rapid.T, d *lifecycle.ChartDefinition, rules []lifecycle.Rule[lifecycle.Vetoes]) {
	for i := range rapid.IntRange(0, 3).Draw(t, "notes") {
		on := lifecycle.Event[string]{Name: fmt.Sprintf("mark_%d", i), Spelling: spelled(t, 10+i), Kind: lifecycle.Command, By: []string{"anyone"}, Means: prose(t, "means")}
		r := lifecycle.Row[string, string, lifecycle.Vetoes]{On: on.Name, Note: fmt.Sprintf("marked_%d", i), Why: prose(t, "why"), If: rules[:rapid.IntRange(0, 2).Draw(t, "rules")]}
		for _, s := range d.States[rapid.IntRange(0, len(d.States)-1).Draw(t, "from"):] {
			r.From = append(r.From, s.Name)
		}
		if rapid.Bool().Draw(t, "effect") {
			r.Does = []string{"effect"}
		}
		d.Events, d.Rows = append(d.Events, on), append(d.Rows, r)
	}
}

// policies are one that holds, and one that speaks of nothing and is set aside.
func policies(t *rapid.T, first, second string) []lifecycle.Policy {
	return []lifecycle.Policy{{ID: prose(t, "id"), Source: prose(t, "source"), Says: prose(t, "says"), Tests: []string{"TestX"}, Claims: []lifecycle.Claim{
		lifecycle.MustPass(lifecycle.To(second), lifecycle.From("", first)),
		lifecycle.Never(lifecycle.On("birth").And(lifecycle.OfKind(lifecycle.Command)).And(lifecycle.To(second))),
		lifecycle.EndsWithoutClock(),
	}}, {ID: "aside", Source: prose(t, "source"), Says: prose(t, "says"), SetAside: prose(t, "set aside"), Claims: []lifecycle.Claim{
		lifecycle.Never(lifecycle.On(prose(t, "no event"))),
	}}}
}
