package lifecycle_test

import (
	"testing"

	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/lifecycle/export"
)

// What is changed in a definition, by whoever holds one, reaches no machine.
func TestMachineIsFrozen(t *testing.T) {
	spoil := func(d definition) {
		d.States[0].Name, d.States[1].Labels[0] = "spoilt", "spoilt"
		d.Events[1].Kind, d.Events[1].By[0] = lifecycle.Report, "spoilt"
		d.Rows[1].To, d.Rows[1].If[0].Holds = "gone", func(facts) bool { return false }
		d.Rows[4].From[0], d.Rows[4].Does[0], d.Terms[0].Name = "gone", "spoilt", "spoilt"
		p := d.Policies[0]
		p.Tests[0], p.Claims[0].Of.On[0], p.Claims[0].With[0].From[0], p.Claims[1].States[0] = "spoilt", "spoilt", "spoilt", "spoilt"
	}
	mine := door()
	mine.Policies = []lifecycle.Policy{{ID: "D-1", Source: "lease", Says: "so", Tests: []string{"TestDoors"}, Claims: []lifecycle.Claim{
		lifecycle.Only(lifecycle.On("push"), lifecycle.From("shut")), lifecycle.Absorbing("gone")}}}
	m := lifecycle.Must(mine)
	page := export.Markdown(m.Chart())
	spoil(mine)
	spoil(m.Definition())
	if export.Markdown(m.Chart()) != page || m.Fingerprint() != doors.Fingerprint() {
		t.Error("the page or the fingerprint has changed")
	}
	out, err := m.Decide("shut", "push", facts{open: true})
	if err != nil || out.To != "ajar" || !m.By("push", "person") || !m.Labelled("ajar", "drafty") {
		t.Errorf("got %+v, %v", out, err)
	}
}

// The value stands in every audit entry ever written under this definition: a change of
// how it is computed orphans them all. So it is never to be changed here.
func TestFingerprintIsPinned(t *testing.T) {
	const want = "2124638a58eff4ed331df1e0ee35eae2ad58e994faa775bb584fbb1658fa5485"
	if got := doors.Fingerprint(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestFingerprintTellsDecisionsFromProse(t *testing.T) {
	for _, tc := range []struct {
		name, why string
		decides   bool
		edit      func(*definition)
	}{
		{"name", "two machines of one shape differ", true, func(d *definition) { d.Name = "gate" }},
		{"final", "commands act or do not", true, func(d *definition) { d.Rows[4].From = d.Rows[4].From[:2]; d.States[2].Absorbing = true }},
		{"deadline", "what the clock brings", true, func(d *definition) { d.States[0].Deadline = ""; d.States[0].NoDeadline = "patience" }},
		{"label", "facts follow from it", true, func(d *definition) { d.States[0].Labels = []string{"drafty"} }},
		{"order of states", "Denied lists them in order", true, func(d *definition) { d.States[0], d.States[1] = d.States[1], d.States[0] }},
		{"kind", "refuse or ignore", true, func(d *definition) { d.Events[5].Kind = lifecycle.Command }},
		{"by", "who may bring it", true, func(d *definition) { d.Events[1].By = []string{"person", "system"} }},
		{"from", "another cell has the row", true, func(d *definition) { d.Rows[4].From = []state{"shut", "ajar"} }},
		{"to", "it leads elsewhere", true, func(d *definition) { d.Rows[2].To = "lost" }},
		{"effects", "what it costs", true, func(d *definition) { d.Rows[5].Does = []string{"keep"} }},
		{"rule's name", "it is prose; its word stands for it", false, func(d *definition) { d.Rows[4].If[0].Name, d.Rows[5].If[0].Name = "not older", "not older" }},
		{"rule's word", "entries bear it", true, func(d *definition) { d.Rows[5].If[0].Code = "stale" }},
		{"order of rules", "the first that does not hold decides", true, func(d *definition) { r := d.Rows[4].If; r[0], r[1] = r[1], r[0] }},
		{"one rule less", "more happens", true, func(d *definition) { d.Rows[4].If = d.Rows[4].If[:1] }},
		{"split row", "the rows are what is judged by", true, func(d *definition) {
			twin := d.Rows[4]
			twin.From = []state{"lost"}
			d.Rows[4].From = []state{"shut", "ajar"}
			d.Rows = append(d.Rows, twin)
		}},
		{"prose", "better words decide nothing", false, func(d *definition) {
			d.Title, d.Doc, d.Rows[0].Why, d.Events[5].NoRow = "Gate", "Another.", "because", "still"
			d.States[0].Means, d.States[1].NoDeadline, d.Events[0].Means, d.Terms[0].Means = "m", "n", "o", "p"
		}},
		{"terms", "they explain", false, func(d *definition) { d.Terms[0], d.Terms[1] = d.Terms[1], d.Terms[0] }},
	} {
		def := door()
		tc.edit(&def)
		m, err := lifecycle.New(def)
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
		} else if (m.Fingerprint() != doors.Fingerprint()) != tc.decides {
			t.Errorf("%s: differs %v (%s)", tc.name, !tc.decides, tc.why)
		}
	}
}
