package audit_test

import (
	"errors"
	"testing"

	"github.com/kycle/kycle/audit"
)

// A history can be genuine, move by its table, and still say what no entry says.
func TestReplayRefusesVerdictsThatAreNone(t *testing.T) {
	table := ladder{story()[0].Definition.String()}
	for _, tc := range []struct {
		name, why string
		edit      func([]audit.Entry)
		fault     uint64
	}{
		{"unknown verdict", "there are six", func(e []audit.Entry) { e[4].Verdict = "waved" }, 5},
		{"no verdict", "every entry has one", func(e []audit.Entry) { e[4].Verdict = "" }, 5},
		{"ignored for no reason", "an ignored report says why", func(e []audit.Entry) { e[2].Why = "" }, 3},
		{"moved for a reason", "only an ignored report has a why", func(e []audit.Entry) { e[1].Why = "older" }, 2},
	} {
		entries := story()
		tc.edit(entries)
		var fault *audit.Fault
		if _, err := audit.Replay(entries, table); !errors.As(err, &fault) || fault.Kind != "replay" || fault.Seq != tc.fault {
			t.Errorf("%s: got the error %v, want a fault at %d (%s)", tc.name, err, tc.fault, tc.why)
		}
	}
}

// The tables are asked by fingerprint, so their order says nothing.
func TestReplayFindsItsTableAnywhere(t *testing.T) {
	mine, other := ladder{story()[0].Definition.String()}, ladder{"another"}
	for name, tables := range map[string][]audit.Table{"alone": {mine}, "first": {mine, other}, "last": {other, mine}} {
		if status, err := audit.Replay(story(), tables...); status != "approved" || err != nil {
			t.Errorf("%s: got %q, %v", name, status, err)
		}
	}
}
