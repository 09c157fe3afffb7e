package lifecycle_test

import (
	"slices"
	"testing"

	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/lifecycle/export"
)

// What is changed in a definition, by whoever holds one, reaches no machine.
func TestMachineIsFrozen(t *testing.T) {
	spoil := func(d *definition) {
		stateOf(d, "shut").Name, stateOf(d, "ajar").Labels[0] = "spoilt", "spoilt"
		pushed, push, seen := eventOf(d, "push"), rowOf(d, "push", "shut"), rowOf(d, "seen_ajar", "shut")
		pushed.Kind, pushed.By[0] = lifecycle.Report, "spoilt"
		push.To, push.If[0].Holds = "gone", func(facts) bool { return false }
		seen.From[0], seen.Does[0], termOf(d, "drafty").Name = "gone", "spoilt", "spoilt"
		p := d.Policies[0]
		p.Tests[0], p.Claims[0].Of.On[0], p.Claims[0].With[0].From[0], p.Claims[1].States[0] = "spoilt", "spoilt", "spoilt", "spoilt"
	}
	mine := door()
	mine.Policies = []lifecycle.Policy{{ID: "D-1", Source: "lease", Says: "so", Tests: []string{"TestDoors"}, Claims: []lifecycle.Claim{
		lifecycle.Only(lifecycle.On("push"), lifecycle.From("shut")), lifecycle.Absorbing("gone")}}}
	m := lifecycle.Must(mine)
	page := export.Markdown(m.Chart())
	spoil(&mine)
	copied := m.Definition()
	spoil(&copied)
	if export.Markdown(m.Chart()) != page || m.Fingerprint() != doors.Fingerprint() {
		t.Error("the page or the fingerprint has changed")
	}
	out, err := m.Decide("shut", "push", facts{open: true})
	if err != nil || out.To != "ajar" || !m.By("push", "person") || !m.Labelled("ajar", "drafty") {
		t.Errorf("got %+v, %v", out, err)
	}
}

// The values stand in every audit entry ever written under these definitions: a change of
// how they are computed orphans them all. So they are never to be changed here.
func TestFingerprintIsPinned(t *testing.T) {
	for want, m := range map[string]*machine{
		"2124638a58eff4ed331df1e0ee35eae2ad58e994faa775bb584fbb1658fa5485": doors,
		"c85d2fcf20a4c10c39976cc8e3823f4633b6cd144334fe49e7f527b97d6efd56": notedDoors,
	} {
		if got := m.Fingerprint(); got != want {
			t.Errorf("%s: got %s, want %s", m.Name(), got, want)
		}
	}
}

func TestFingerprintTellsDecisionsFromProse(t *testing.T) {
	for _, tc := range []struct {
		name, why string
		decides   bool
		edit      func(*definition)
	}{
		{"name", "two machines of one shape differ", true, func(d *definition) { d.Name = "gate" }},
		{"absorbing", "it is not moved, or it is", true, func(d *definition) {
			rowOf(d, "seen_ajar", "shut").From = []state{"shut", "ajar"}
			stateOf(d, "lost").Absorbing = true
		}},
		{"deadline", "what the clock brings", true, func(d *definition) {
			stateOf(d, "shut").Deadline, stateOf(d, "shut").NoDeadline = "", "patience"
		}},
		{"label", "facts follow from it", true, func(d *definition) { stateOf(d, "shut").Labels = []string{"drafty"} }},
		{"order of states", "Denied lists them in order", true, func(d *definition) {
			shut, ajar := stateOf(d, "shut"), stateOf(d, "ajar")
			*shut, *ajar = *ajar, *shut
		}},
		{"kind", "refuse or ignore", true, func(d *definition) { eventOf(d, "wind").Kind = lifecycle.Command }},
		{"by", "who may bring it", true, func(d *definition) { eventOf(d, "push").By = []string{"person", "system"} }},
		{"from", "another cell has the row", true, func(d *definition) { rowOf(d, "seen_ajar", "shut").From = []state{"shut", "ajar"} }},
		{"to", "it leads elsewhere", true, func(d *definition) { rowOf(d, "remove", "shut").To = "lost" }},
		{"effects", "what it costs", true, func(d *definition) { rowOf(d, "decay", "shut").Does = []string{"keep"} }},
		{"rule's name", "it is prose; its word stands for it", false, func(d *definition) {
			rowOf(d, "seen_ajar", "shut").If[0].Name, rowOf(d, "decay", "shut").If[0].Name = "not older", "not older"
		}},
		{"rule's word", "entries bear it", true, func(d *definition) { rowOf(d, "decay", "shut").If[0].Code = "stale" }},
		{"order of rules", "the first that does not hold decides", true, func(d *definition) {
			slices.Reverse(rowOf(d, "seen_ajar", "shut").If)
		}},
		{"one rule less", "more happens", true, func(d *definition) {
			seen := rowOf(d, "seen_ajar", "shut")
			seen.If = seen.If[:1]
		}},
		{"split row", "the rows are what is judged by", true, func(d *definition) {
			twin := *rowOf(d, "seen_ajar", "shut")
			twin.From = []state{"lost"}
			rowOf(d, "seen_ajar", "shut").From = []state{"shut", "ajar"}
			d.Rows = append(d.Rows, twin)
		}},
		{"prose", "better words decide nothing", false, func(d *definition) {
			d.Title, d.Doc, rowOf(d, "hang", "").Why, eventOf(d, "wind").NoRow = "Gate", "Another.", "because", "still"
			stateOf(d, "shut").Means, stateOf(d, "ajar").NoDeadline = "m", "n"
			eventOf(d, "hang").Means, termOf(d, "drafty").Means = "o", "p"
		}},
		{"terms", "they explain", false, func(d *definition) { slices.Reverse(d.Terms) }},
	} {
		if got, err := lifecycle.New(changed(t, door, tc.edit)); err != nil {
			t.Errorf("%s: %v", tc.name, err)
		} else if (got.Fingerprint() != doors.Fingerprint()) != tc.decides {
			t.Errorf("%s: differs %v (%s)", tc.name, !tc.decides, tc.why)
		}
	}
}

func TestFingerprintTellsNotes(t *testing.T) {
	for _, tc := range []struct {
		name, why string
		decides   bool
		edit      func(*definition)
	}{
		{"word", "it is the verdict of an entry", true, func(d *definition) { rowOf(d, "creak", "ajar").Note = "heard" }},
		{"effect", "what it costs", true, func(d *definition) { rowOf(d, "creak", "ajar").Does = nil }},
		{"from", "another cell has the note", true, func(d *definition) { rowOf(d, "creak", "ajar").From = []state{"ajar"} }},
		{"rule", "more is noted", true, func(d *definition) { rowOf(d, "creak", "ajar").If = nil }},
		{"a move in its place", "it leads somewhere", true, func(d *definition) {
			creak := rowOf(d, "creak", "ajar")
			creak.Note, creak.To = "", "lost"
		}},
		{"a stay in its place", "it writes nothing", true, func(d *definition) {
			creak := rowOf(d, "creak", "ajar")
			creak.Note, creak.To, creak.From, creak.Does = "", "ajar", []state{"ajar"}, nil
		}},
		{"spelling", "others call it so, and it decides nothing", false, func(d *definition) {
			stateOf(d, "ajar").Spelling, eventOf(d, "creak").Spelling = "In Use", "CREAK"
		}},
		{"a policy set aside", "policies decide nothing", false, func(d *definition) {
			d.Policies = []lifecycle.Policy{aside(lifecycle.Never(lifecycle.Noting("painted")))}
		}},
	} {
		if got, err := lifecycle.New(changed(t, noted, tc.edit)); err != nil {
			t.Errorf("%s: %v", tc.name, err)
		} else if (got.Fingerprint() != notedDoors.Fingerprint()) != tc.decides {
			t.Errorf("%s: differs %v (%s)", tc.name, !tc.decides, tc.why)
		}
	}
	other := lifecycle.Must(changed(t, membership, func(d *definition) { d.NoEnd = "they are for ever" }))
	if other.Fingerprint() != members.Fingerprint() {
		t.Error("why there is no end is prose, and decides nothing")
	}
}
