package idpasstest

import (
	"context"
	"testing"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/refund"
	"github.com/kycle/kycle/store/memory"
	"github.com/kycle/kycle/store/storetest"
)

// Organization is where a Host's actors belong.
const Organization = "org_a"

// Applicant is the customer of a pass that Register makes.
const Applicant = "applicant-1"

// Fee is the fee of a pass that Register makes.
var Fee = refund.Amount{Minor: 500, Currency: "AUD"}

// Host is a service over a repository, with everything it depends on at hand. Its clock
// and ids are fixed, so that two runs of a test write the same bytes.
type Host struct {
	*idpass.Service
	Repository idpass.Repository
	Clock      *storetest.Clock
	Person     idpass.Actor // of Organization; registers, cancels and supersedes
	Provider   idpass.Actor // of Organization; reports the customer's progress
	t          testing.TB
}

// NewHost makes a host. repository nil: a new one in memory. Each edit may change the
// default settings.
func NewHost(t testing.TB, repository idpass.Repository, edit ...func(*idpass.Settings)) *Host {
	t.Helper()
	if repository == nil {
		repository = memory.New(idpass.Schema)
	}
	settings := idpass.DefaultSettings()
	for _, e := range edit {
		e(&settings)
	}
	ids := &storetest.IDs{}
	h := &Host{
		Repository: repository, Clock: storetest.NewClock(), t: t,
		Person:   idpass.Actor{Organization: Organization, Kind: audit.Person, ID: "user_a"},
		Provider: idpass.Actor{Organization: Organization, Kind: audit.Provider, ID: "provider_a"},
	}
	service, err := idpass.NewService(idpass.Config{Repository: repository, Settings: settings, Now: h.Clock.Now, NewID: ids.New})
	if err != nil {
		t.Fatal(err)
	}
	h.Service = service
	return h
}

// Registration is a valid one, for a test to change: Applicant, Fee, and no slot.
func Registration() idpass.Registration {
	return idpass.Registration{Applicant: Applicant, Fee: Fee}
}

// Register makes a new pass from Registration, changed by each edit. The operation itself
// is Host.Service.Register.
func (h *Host) Register(edit ...func(*idpass.Registration)) idpass.Pass {
	h.t.Helper()
	r := Registration()
	for _, e := range edit {
		e(&r)
	}
	answer, err := h.Service.Register(context.Background(), h.Person, r)
	if err != nil {
		h.t.Fatal(err)
	}
	return answer.Pass
}

// In makes a pass in any status, by the provider's reports; cancelled, which is none of
// its, by a person, before any step was taken. A complete one is passed.
func (h *Host) In(status idpass.Status, edit ...func(*idpass.Registration)) idpass.Pass {
	h.t.Helper()
	p := h.Register(edit...)
	for _, on := range steps[status] {
		p = h.take(on, p.ID)
	}
	if p.Status != status {
		h.t.Fatalf("idpasstest: no way to %q is known", status)
	}
	return p
}

// steps lead from new to a status.
var steps = map[idpass.Status][]idpass.Event{
	idpass.Opened:     {idpass.Open},
	idpass.InProgress: {idpass.Open, idpass.Consent},
	idpass.Complete:   {idpass.Open, idpass.Consent, idpass.CompleteCheck},
	idpass.Failed:     {idpass.Open, idpass.Consent, idpass.Fail},
	idpass.Expired:    {idpass.Expire},
	idpass.Cancelled:  {idpass.Cancel},
}

// take makes one step happen by the operation that is made for it.
func (h *Host) take(on idpass.Event, id uuid.UUID) idpass.Pass {
	h.t.Helper()
	ctx := context.Background()
	if on == idpass.Cancel {
		answer, err := h.Cancel(ctx, h.Person, id)
		if err != nil {
			h.t.Fatal(err)
		}
		return answer.Pass
	}
	if on == idpass.CompleteCheck {
		return h.must(h.Complete(ctx, h.Provider, id, idpass.Passed, idpass.Report{}))
	}
	report := map[idpass.Event]func(context.Context, idpass.Actor, uuid.UUID, idpass.Report) (idpass.Result, error){
		idpass.Open: h.Open, idpass.Consent: h.Consent, idpass.Fail: h.Fail, idpass.Expire: h.Expire,
	}[on]
	return h.must(report(ctx, h.Provider, id, idpass.Report{}))
}

func (h *Host) must(decision idpass.Result, err error) idpass.Pass {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
	return decision.Value
}
