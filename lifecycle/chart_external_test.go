package lifecycle_test

import (
	"testing"

	"github.com/kycle/kycle/lifecycle"
)

// A chart judges as its machine does, once it is told which rules say no.
func TestChartJudgesAsItsMachine(t *testing.T) {
	for _, m := range []*machine{doors, notedDoors} {
		t.Run(m.Name(), func(t *testing.T) { chartJudges(t, m) })
	}
}

func chartJudges(t *testing.T, m *machine) {
	chart := m.Chart()
	if chart.Fingerprint() != m.Fingerprint() || chart.Name() != m.Name() {
		t.Errorf("the chart is %s %s", chart.Name(), chart.Fingerprint())
	}
	vetoes := map[facts]lifecycle.Vetoes{
		{true, true}: nil, {open: true}: {"older"}, {newer: true}: {"closed"}, {}: {"closed", "older"},
	}
	def := m.Definition()
	for _, s := range append(def.States, lifecycle.State[state, event]{}) {
		for _, e := range def.Events {
			for f, no := range vetoes {
				got, err := chart.Decide(string(s.Name), string(e.Name), no)
				want, wantErr := m.Decide(s.Name, e.Name, f)
				alike := got.Verdict == want.Verdict && got.To == string(want.To) && got.Why == want.Why && got.Word == want.Word
				if (err == nil) != (wantErr == nil) || !alike || got.Does("charge") != want.Does("charge") {
					t.Errorf("%s in %q under %v: %+v %v, not %+v %v", e.Name, s.Name, no, got, err, want, wantErr)
				}
			}
		}
	}
}

// A chart's definition makes the machine again: it is what files hold.
func TestChartIsADefinition(t *testing.T) {
	for _, m := range []*machine{doors, notedDoors, members} {
		again, err := lifecycle.New(m.Chart().Definition())
		if err != nil || again.Fingerprint() != m.Fingerprint() {
			t.Errorf("%s: got another machine, or the error %v", m.Name(), err)
		}
	}
}
