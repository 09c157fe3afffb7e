package idpass_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/idpass/idpasstest"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/fault"
	"github.com/kycle/kycle/store/memory"
)

// A store is never given what it could not give back.
func TestOnlyTextAndJSONAreStored(t *testing.T) {
	whole := idpasstest.NewHost(t, nil).Register()
	for _, row := range []struct {
		name, why string
		edit      func(*idpass.Pass)
		ok        bool
	}{
		{"as it is", "nothing is wrong with it", func(*idpass.Pass) {}, true},
		{"NUL in the applicant", "no store keeps it", func(p *idpass.Pass) { p.Applicant = "a\x00" }, false},
		{"no UTF-8 in the slot", "JSON would replace it in silence", func(p *idpass.Pass) { p.Slot = "\xff" }, false},
		{"no UTF-8 in the link", "the same", func(p *idpass.Pass) { p.Link = "\xff" }, false},
		{"no UTF-8 in the identity", "the same", func(p *idpass.Pass) { p.Order.RequestedIdentity = json.RawMessage("\"\xff\"") }, false},
	} {
		p := whole
		row.edit(&p)
		if _, err := idpass.Schema.Encode(p); errors.Is(err, store.ErrText) == row.ok || (err == nil) != row.ok {
			t.Errorf("%s: got %v (%s)", row.name, err, row.why)
		}
	}
}

// A sweep in which everything fails gives every record its turn, and ends.
func TestASweepThatOnlyFailsEnds(t *testing.T) {
	f := fault.New(memory.New(idpass.Schema))
	h := idpasstest.NewHost(t, f, func(s *idpass.Settings) { s.SweepBatch, s.SweepLease = 1, 0 })
	p := h.Register()
	h.Clock.Advance(week + time.Hour)
	endless := errors.New("test: it would never end")
	f.Follow(failing(p.ID, 0, errDown), func(c fault.Call) fault.Fault {
		if c.Method == fault.Due && c.N > 10 {
			return fault.Fail(endless)
		}
		return fault.None
	})
	if n, err := h.Sweep(ctx); n != 0 || !errors.Is(err, errDown) || errors.Is(err, endless) || f.Calls(fault.Due) != 2 {
		t.Errorf("%d expired, %v after %d batches, want the store's error after 2", n, err, f.Calls(fault.Due))
	}
}

// A pass in a status that this version does not know is judged by nobody, overdue or not.
func TestDecideRefusesAnUnknownStatus(t *testing.T) {
	h := idpasstest.NewHost(t, nil)
	p := h.Register()
	p.Status = "lost"
	for _, now := range []time.Time{p.CreatedAt, p.ExpiresAt.Add(time.Hour)} {
		in := idpass.Input{Event: idpass.Cancel, Call: audit.Call{Actor: h.Person, At: now}}
		if d, err := idpass.Decide(store.Record[idpass.Pass]{Value: p, Version: 1}, in); !errors.Is(err, lifecycle.ErrUnknown) || d.Changes != nil {
			t.Errorf("at %s: %+v, %v", now, d, err)
		}
	}
}
