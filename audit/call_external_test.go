package audit_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
)

func TestCallBeginsItsEntries(t *testing.T) {
	call := audit.Call{ID: uuid.UUID{1}, Salt: uuid.UUID{2}, Actor: audit.Actor{Organization: "org_a", Kind: audit.Person, ID: "user_a"},
		At: morning}
	bare := call.Entry(subject, nil)
	if bare.Salt != nil || bare.Body != nil {
		t.Error("an entry without a body has a salt")
	}
	full := call.Entry(subject, []byte(`{"reason":"as agreed"}`))
	if string(full.Body) != `{"reason":"as agreed"}` || !slices.Equal(full.Salt, call.Salt[:]) {
		t.Errorf("body %s, salt %x", full.Body, full.Salt)
	}
	for _, e := range []audit.Entry{bare, full} {
		if e.Subject != subject || e.Call != call.ID || e.Actor != call.Actor || e.OccurredAt != morning || e.RecordedAt != morning {
			t.Errorf("got %+v", e)
		}
	}
	full.Salt[0]++ // the entry's own copy
	if call.Salt != (uuid.UUID{2}) {
		t.Error("the call's salt was changed through its entry")
	}
}

func TestChangesLeaveOutWhatStayed(t *testing.T) {
	var c audit.Changes
	east := morning.In(time.FixedZone("east", 3600))
	c.Text("same", "a", "a")
	c.Flag("same", true, true)
	c.Time("same", morning, east) // one moment in two zones
	c.Time("same", time.Time{}, time.Time{})
	if c != nil {
		t.Fatalf("got %v", c)
	}
	c.Text("text", "", "a")
	c.Flag("flag", true, false)
	c.Time("set", time.Time{}, east)
	c.Time("taken", morning, time.Time{})
	want := audit.Changes{
		{Field: "text", To: "a"}, {Field: "flag", From: "true", To: "false"},
		{Field: "set", To: "2026-03-01T09:30:00.123456Z"}, {Field: "taken", From: "2026-03-01T09:30:00.123456Z"},
	}
	if !slices.Equal(c, want) {
		t.Errorf("got %v, want %v", c, want)
	}
}
