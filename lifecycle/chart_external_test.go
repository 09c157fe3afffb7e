package lifecycle_test

import (
	"testing"

	"github.com/kycle/kycle/lifecycle"
)

// A chart judges as its machine does, once it is told which rules say no.
func TestChartJudgesAsItsMachine(t *testing.T) {
	chart := doors.Chart()
	if chart.Fingerprint() != doors.Fingerprint() || chart.Name() != doors.Name() {
		t.Errorf("the chart is %s %s", chart.Name(), chart.Fingerprint())
	}
	vetoes := map[facts]lifecycle.Vetoes{
		{true, true}: nil, {open: true}: {"older"}, {newer: true}: {"closed"}, {}: {"closed", "older"},
	}
	def := doors.Definition()
	for _, s := range append(def.States, lifecycle.State[state, event]{}) {
		for _, e := range def.Events {
			for f, no := range vetoes {
				got, err := chart.Decide(string(s.Name), string(e.Name), no)
				want, wantErr := doors.Decide(s.Name, e.Name, f)
				if (err == nil) != (wantErr == nil) || got.Verdict != want.Verdict || got.To != string(want.To) || got.Why != want.Why {
					t.Errorf("%s in %q under %v: %+v %v, not %+v %v", e.Name, s.Name, no, got, err, want, wantErr)
				}
			}
		}
	}
}

// A chart's definition makes the machine again: it is what files hold.
func TestChartIsADefinition(t *testing.T) {
	again, err := lifecycle.New(doors.Chart().Definition())
	if err != nil || again.Fingerprint() != doors.Fingerprint() {
		t.Errorf("%v: another machine", err)
	}
}
