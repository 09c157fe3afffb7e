package idpasstest_test

import (
	"context"
	"testing"

	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/idpass/idpasstest"
	"github.com/kycle/kycle/store/memory"
)

// A host's test begins with a pass in the status that it is about.
func TestInGivesEveryStatus(t *testing.T) {
	h := idpasstest.NewHost(t, nil)
	for _, s := range idpass.Machine.Definition().States {
		t.Run(string(s.Name), func(t *testing.T) {
			p := h.In(s.Name)
			if p.Status != s.Name || p.Applicant != idpasstest.Applicant || p.Order.Fee != idpasstest.Fee {
				t.Errorf("got %+v", p)
			}
			trail, err := h.History(context.Background(), h.Person, p.ID)
			if err != nil || trail.Fault != nil {
				t.Errorf("history: %v, fault %v", err, trail.Fault)
			}
		})
	}
}

// Two runs write the same bytes, so a host's golden files hold.
func TestHostsAreAlike(t *testing.T) {
	a, b := idpasstest.NewHost(t, nil), idpasstest.NewHost(t, nil)
	if p, q := a.In(idpass.Complete), b.In(idpass.Complete); p.ID != q.ID || !p.CompletedAt.Equal(q.CompletedAt) || p.Link != q.Link {
		t.Errorf("%+v and %+v differ", p, q)
	}
}

// What is given is used: the repository, the edits of settings and of the registration.
func TestHostTakesWhatIsGiven(t *testing.T) {
	repository := memory.New(idpass.Schema)
	h := idpasstest.NewHost(t, repository, func(s *idpass.Settings) { s.LinkBase = "https://other.example.com" })
	p := h.In(idpass.Opened, func(r *idpass.Registration) { r.Slot = "slot_a" })
	if p.Slot != "slot_a" || p.Link != "https://other.example.com/"+p.ID.String() {
		t.Errorf("got slot %q and link %q", p.Slot, p.Link)
	}
	if _, err := repository.Load(context.Background(), idpass.Index(p).Key()); err != nil {
		t.Errorf("the pass is not in the repository that was given: %v", err)
	}
}
