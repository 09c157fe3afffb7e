package kyc_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/kyc/kyctest"
	"github.com/kycle/kycle/store"
)

// hooked is a provider during whose calls something else happens.
type hooked struct {
	*kyctest.Provider
	opened                 kyc.Session // if it has a URL, what Open answers
	reporting, terminating func()
}

func (p *hooked) Open(ctx context.Context, o kyc.Opening) (kyc.Session, error) {
	if p.opened.URL != "" {
		return p.opened, nil
	}
	return p.Provider.Open(ctx, o)
}

func (p *hooked) Report(ctx context.Context, session string) (kyc.Reading, error) {
	if p.reporting != nil {
		p.reporting()
	}
	return p.Provider.Report(ctx, session)
}

func (p *hooked) Terminate(ctx context.Context, session string) (bool, error) {
	if do := p.terminating; do != nil {
		p.terminating = nil
		do()
	}
	return p.Provider.Terminate(ctx, session)
}

// hook gives a host's service with a provider that can be hooked.
func hook(t *testing.T, h *kyctest.Host) (*kyc.Service, *hooked) {
	t.Helper()
	p := &hooked{Provider: h.Provider}
	s, err := kyc.NewService(kyc.Config{Repository: h.Repository, Providers: map[string]kyc.Provider{kyctest.Code: p},
		Settings: kyc.DefaultSettings(), Now: h.Clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	return s, p
}

func TestACancelAndASweepTerminateOnce(t *testing.T) {
	h := newHost(t, nil)
	s, p := hook(t, h)
	v := h.In(kyc.InReview)
	p.terminating = func() {
		if done, err := s.Sweep(ctx); err != nil || done.Terminated != 1 {
			t.Errorf("%+v %v", done, err)
		}
	}
	if _, err := s.Cancel(ctx, h.Person, v.ID, "because of it"); err != nil {
		t.Fatal(err)
	}
	ends := 0
	for _, e := range trail(t, h, v).Entries {
		if e.Verdict == "terminated" || e.Verdict == "gone" {
			ends++
		}
	}
	if ends != 1 {
		t.Errorf("%d entries of the end of one session", ends)
	}
}

func TestADecisionIsSignedWhenItIsCommitted(t *testing.T) {
	h := newHost(t, nil)
	s, p := hook(t, h)
	v := h.In(kyc.InReview)
	p.reporting = func() { h.Clock.Advance(time.Minute) }
	v, err := s.Approve(ctx, h.Person, v.ID, "because of it")
	if err != nil || !v.VerifiedAt.Equal(h.Clock.Now()) {
		t.Errorf("the reading took a minute; verified at %v, it is %v; %v", v.VerifiedAt, h.Clock.Now(), err)
	}
}

func TestACancelWhileTheProviderIsReadWins(t *testing.T) {
	h := newHost(t, nil)
	s, p := hook(t, h)
	v := h.In(kyc.InReview)
	h.Clock.Advance(time.Second)
	h.Provider.Say(v.ValidationSessionID, kyc.ProviderApproved)
	p.reporting = func() {
		p.reporting = nil
		r := stored(t, h, v)
		d, err := kyc.Decide(r, kyc.Input{Event: kyc.Cancel, Reason: "because of it", Call: callAt(h.Clock.Now())}, kyc.DefaultSettings())
		if err == nil {
			err = h.Repository.Commit(ctx, d.Changes...)
		}
		if err != nil {
			t.Error(err)
		}
	}
	if got, err := s.Sync(ctx, h.Person, v.ID, true); err != nil || got.Status != kyc.Cancelled {
		t.Errorf("%s %v", got.Status, err)
	}
	entries := trail(t, h, v).Entries
	if last := entries[len(entries)-1]; last.Verdict != audit.Ignored || last.Why != "no_row" {
		t.Errorf("the reading is told of: %+v", last)
	}
}

func TestASessionThatCannotBeUsedIsNone(t *testing.T) {
	h := newHost(t, nil)
	s, p := hook(t, h)
	for _, bad := range []kyc.Session{{URL: "u"}, {ID: "a\x00", URL: "u"}, {ID: "\xff", URL: "u"}, {ID: "a", URL: "u\x00"}} {
		p.opened = bad
		_, err := s.Create(ctx, h.Person, kyc.NewValidation{EntityID: uuid.New(), Provider: kyctest.Code})
		if !errors.Is(err, kyc.ErrProvider) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestAValidationWithoutASessionOwesNoTermination(t *testing.T) {
	h := newHost(t, nil)
	v := h.In(kyc.InReview)
	v.ID, v.EntityID, v.ValidationSessionID = kyctestID(201), kyctestID(202), ""
	v.Metadata = map[string]json.RawMessage{"case": []byte("7")}
	c := store.Change[kyc.Validation]{Next: v}
	if err := h.Repository.Commit(ctx, c); err != nil {
		t.Fatal(err)
	}
	d, err := kyc.Decide(store.Record[kyc.Validation]{Value: v, Version: 1}, kyc.Input{Event: kyc.Cancel, Reason: "because of it", Call: callAt(h.Clock.Now())}, kyc.DefaultSettings())
	if err != nil || !d.Value.TerminationOwed.IsZero() || len(d.Value.Metadata) != 4 {
		t.Errorf("%+v %v", d.Value, err)
	}
	if len(v.Metadata) != 1 {
		t.Errorf("the record that was given has changed: %s", v.Metadata)
	}
	if got, err := h.Cancel(ctx, h.Person, v.ID, "because of it"); err != nil || got.Status != kyc.Cancelled {
		t.Errorf("got %s, error %v, want it cancelled", got.Status, err)
	}
}

func TestLastVerifiedLooksAtAllOfThem(t *testing.T) {
	h := newHost(t, nil)
	old := h.In(kyc.InReview)
	next := h.CreateFor(old.EntityID)
	first := h.Hear(next, kyc.ProviderApproved).Value.VerifiedAt
	second := h.Hear(old, kyc.ProviderApproved).Value.VerifiedAt // superseded, and approved later
	status, err := h.Status(ctx, h.Person, old.EntityID)
	if err != nil || !status.LastVerifiedAt.Equal(second) || !status.ExpiresAt.Equal(first.AddDate(1, 0, 0)) || status.CurrentValidation.ID != next.ID {
		t.Errorf("%+v %v", status, err)
	}
	h.Hear(next, kyc.ProviderInReview)
	first = h.Hear(next, kyc.ProviderApproved).Value.VerifiedAt // approved again, later still
	if status, err := h.Status(ctx, h.Person, old.EntityID); err != nil || !status.LastVerifiedAt.Equal(first) {
		t.Errorf("%+v %v", status, err)
	}
}

func TestAValidationIsDueOnceItsDeadlineLiesInThePast(t *testing.T) {
	h := newHost(t, nil)
	v := h.Create()
	if due := kyc.Index(v).Due; !due.Equal(v.ExpiresAt.Add(time.Microsecond)) {
		t.Errorf("due at %v, a sweep at the deadline itself would find it in vain", due)
	}
}
