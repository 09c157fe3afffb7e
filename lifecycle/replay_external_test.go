package lifecycle_test

import (
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/kycle/kycle/audit"
)

// A machine is the table that a history is replayed through.
var _ audit.Table = notedDoors

// told writes the entries of "person hang shut moved, provider creak ajar older, …": who
// brought which event, where it led, and its verdict, or the reason why it was ignored.
func told(t *testing.T, by *machine, text string) (entries []audit.Entry) {
	t.Helper()
	sum, err := hex.DecodeString(by.Fingerprint())
	if err != nil {
		t.Fatal(err)
	}
	var head audit.Head
	at := ""
	for _, part := range strings.Split(text, ", ") {
		w := strings.Fields(part)
		e := audit.Entry{Event: w[1], From: at, To: w[2], Verdict: audit.Verdict(w[3]), Actor: audit.Actor{Kind: w[0]}, Definition: audit.Digest(sum)}
		if w[3] == "older" || w[3] == "no_row" {
			e.Verdict, e.Why = audit.Ignored, w[3]
		}
		e, head = audit.Append(head, e)
		entries, at = append(entries, e), w[2]
	}
	return entries
}

func TestAHistoryWithNotesIsReplayed(t *testing.T) {
	const life = "person hang shut moved, system paint shut painted, person push ajar moved, person propose ajar proposed, provider creak ajar older, "
	for _, tc := range []struct {
		name, why, more string
		fault           bool // of the last entry
	}{
		{"a note", "its word is the table's", "provider creak ajar creaked", false},
		{"notes at the end", "an absorbing state has them too", "system remove gone moved, person paint gone painted, system paint gone painted", false},
		{"another word", "the table has another one", "provider creak ajar painted", true},
		{"a note that moves", "it leads nowhere", "person paint gone painted", true},
		{"a note said to be a move", "the same", "person paint gone moved", true},
		{"a note of a move", "its row moves", "person remove ajar removed", true},
		{"a note where none is", "nobody proposes there", "person remove gone moved, person propose gone proposed", true},
		{"a note by the wrong actor", "a provider hears, and nobody else", "person creak ajar creaked", true},
		{"a command that is ignored", "it is refused, and writes nothing", "person propose ajar older", true},
		{"a report that is ignored", "no row has it here", "person remove gone moved, provider creak gone no_row", false},
		{"a stay", "it writes nothing", "provider seen_ajar ajar moved", true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			entries := told(t, notedDoors, life+tc.more)
			last := entries[len(entries)-1]
			status, err := audit.Replay(entries, notedDoors)
			var fault *audit.Fault
			if errors.As(err, &fault) != tc.fault || tc.fault && fault.Seq != last.Seq || !tc.fault && status != last.To {
				t.Errorf("got %q, %v, want a fault at entry %d: %v (%s)", status, err, last.Seq, tc.fault, tc.why)
			}
		})
	}
}

func TestAHistoryWithoutAnEndIsReplayed(t *testing.T) {
	const life = "system transfer suspended moved, person write suspended written, clock forgive active moved, system suspend suspended moved"
	status, err := audit.Replay(told(t, members, life), members)
	if status != "suspended" || err != nil {
		t.Errorf("got %q, %v, want suspended", status, err)
	}
}
