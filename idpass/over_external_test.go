package idpass_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/idpass/idpasstest"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/fault"
	"github.com/kycle/kycle/store/memory"
)

// operations are those that write to a pass in flight, or make one, by their names.
func operations(h *idpasstest.Host, s *idpass.Service, id uuid.UUID) map[string]func() error {
	return map[string]func() error{
		"register":  func() error { _, err := s.Register(ctx, h.Person, registration()); return err },
		"supersede": func() error { _, err := s.Supersede(ctx, h.Person, id, registration()); return err },
		"cancel":    func() error { _, err := s.Cancel(ctx, h.Person, id); return err },
		"open":      func() error { _, err := s.Open(ctx, h.Provider, id, idpass.Report{}); return err },
		"consent":   func() error { _, err := s.Consent(ctx, h.Provider, id, idpass.Report{}); return err },
		"complete": func() error {
			_, err := s.Complete(ctx, h.Provider, id, idpass.Passed, idpass.Report{})
			return err
		},
		"fail":   func() error { _, err := s.Fail(ctx, h.Provider, id, idpass.Report{}); return err },
		"expire": func() error { _, err := s.Expire(ctx, h.Provider, id, idpass.Report{}); return err },
	}
}

// Over a repository of a host's transaction the service is the same: the same clock, ids,
// links and table. What it writes is there, and not in its own repository.
func TestOverWritesWhereItIsTold(t *testing.T) {
	h := newHost(t, nil, func(s *idpass.Settings) { s.LinkBase = "https://other.example.com" })
	within := memory.New(idpass.Schema)
	s := over(h, within)
	answer, err := s.Register(ctx, h.Person, registration(inSlot("slot_1")))
	must(t, err)
	p := answer.Pass
	if p.Link != "https://other.example.com/"+p.ID.String() || !p.CreatedAt.Equal(h.Clock.Now()) {
		t.Errorf("registered at %v with the link %s: neither is the service's", p.CreatedAt, p.Link)
	}
	if stored := record(t, within, p); !reflect.DeepEqual(stored.Value, p) {
		t.Errorf("answered %+v, stored %+v", p, stored.Value)
	}
	_, err = h.Details(ctx, h.Person, p.ID)
	wantError(t, err, store.ErrNotFound)
	// And the other way round: it does not see what is elsewhere.
	elsewhere := h.Register(inSlot("slot_1"))
	_, err = s.Details(ctx, h.Person, elsewhere.ID)
	wantError(t, err, store.ErrNotFound)
	trail, err := s.History(ctx, h.Person, p.ID)
	if err != nil || trail.Fault != nil || len(trail.Entries) != 1 {
		t.Errorf("%d entries, fault %v, error %v, want the registration", len(trail.Entries), trail.Fault, err)
	}
}

// A race that is lost in a transaction is lost for good: the host begins the transaction
// anew. The service that Over was called on goes on trying as before.
func TestOverTriesOnce(t *testing.T) {
	for name := range operations(nil, nil, uuid.Nil) {
		t.Run(name, func(t *testing.T) {
			within := fault.New(memory.New(idpass.Schema))
			h := newHost(t, within)
			p := h.Register()
			within.Follow(fault.Script(fault.Commit, fault.Conflict))
			before := within.Calls(fault.Commit)
			err := operations(h, over(h, within), p.ID)[name]()
			if n := within.Calls(fault.Commit) - before; !errors.Is(err, store.ErrConflict) || n != 1 {
				t.Errorf("%d commits, error %v, want one and ErrConflict", n, err)
			}
			within.Follow(fault.Script(fault.Commit, fault.Conflict))
			if err := operations(h, h.Service, p.ID)[name](); err != nil {
				t.Errorf("outside of it one lost race ends the operation: %v", err)
			}
		})
	}
}

// A sweep within a transaction makes the deadlines of its repository happen.
func TestOverSweeps(t *testing.T) {
	h := newHost(t, nil)
	within := memory.New(idpass.Schema)
	s := over(h, within)
	inside, err := s.Register(ctx, h.Person, registration())
	must(t, err)
	outside := h.Register()
	h.Clock.Advance(week + time.Second)
	if n, err := s.Sweep(ctx); n != 1 || err != nil {
		t.Errorf("%d expired, error %v, want one", n, err)
	}
	if p := record(t, within, inside.Pass).Value; p.Status != idpass.Expired {
		t.Errorf("the pass of the transaction is %q", p.Status)
	}
	if p := record(t, h.Repository, outside).Value; p.Status != idpass.New {
		t.Errorf("a pass outside of it is %q", p.Status)
	}
}
