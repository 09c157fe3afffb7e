package audit_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/kycle/kycle/audit"
)

// without is an exported entry that lacks a member.
func without(t *testing.T, e audit.Entry, member string) string {
	t.Helper()
	text, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(text, &members); err != nil {
		t.Fatal(err)
	}
	delete(members, member)
	if text, err = json.Marshal(members); err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// What is hashed must be there; what is only shown may be left out.
func TestImportNeedsOnlyWhatIsHashed(t *testing.T) {
	first := story()[0]
	for member, needed := range map[string]bool{"seq": true, "hash": true, "erased": false, "reason": false} {
		got, err := audit.Import(strings.NewReader(without(t, first, member)))
		if needed != errors.Is(err, audit.ErrFormat) {
			t.Errorf("without %s: %v", member, err)
		}
		if !needed && (len(got) != 1 || audit.Verify(subject, got[0].Entries) != nil) {
			t.Errorf("without %s it does not hold: %+v", member, got)
		}
	}
}

// A body that is no JSON has no reason, so none may be shown for it.
func TestImportShowsNoReasonOfABodyThatIsNoJSON(t *testing.T) {
	e := story()[0]
	e.Body = []byte("by telephone")
	e = chain(e)[0]
	for shown, holds := range map[string]bool{"null": true, `"by telephone"`: false} {
		text := strings.Replace(exported(t, e), `"reason":null`, `"reason":`+shown, 1)
		got, err := audit.Import(strings.NewReader(text))
		if err != nil || (audit.Verify(subject, got[0].Entries) == nil) != holds {
			t.Errorf("shown %s: %v", shown, err)
		}
	}
}

// Tables at hand are no help where the one that judged is not among them.
func TestUnknownIsKnownByNoOther(t *testing.T) {
	entries := story()
	for name, tables := range map[string][]audit.Table{"one other": {table("other")}, "two others": {table("other"), table("another")}} {
		if got := audit.Unknown(entries, tables...); !slices.Equal(got, []audit.Digest{entries[0].Definition}) {
			t.Errorf("%s: %v", name, got)
		}
	}
}
