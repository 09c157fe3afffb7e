package kyctest

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/store/memory"
	"github.com/kycle/kycle/store/storetest"
)

// Code is the integration code of the scripted provider.
const Code = "scripted"

// Organization is where a Host's actors belong.
const Organization = "org_a"

// Host is a service over a repository, with everything it depends on at hand. Its clock
// and ids are fixed, so that two runs of a test write the same bytes.
type Host struct {
	*kyc.Service
	Repository kyc.Repository
	Provider   *Provider
	Clock      *storetest.Clock
	Person     kyc.Actor // of Organization
	t          testing.TB
	ids        *storetest.IDs
	settings   kyc.Settings
}

// NewHost makes a host. repository nil: a new one in memory, for the table of the settings.
// Each edit may change the default settings.
func NewHost(t testing.TB, repository kyc.Repository, edit ...func(*kyc.Settings)) *Host {
	t.Helper()
	settings := kyc.DefaultSettings()
	for _, e := range edit {
		e(&settings)
	}
	if repository == nil {
		repository = memory.New(kyc.SchemaOf(settings.Lifecycle))
	}
	h := &Host{
		Clock: storetest.NewClock(), t: t, ids: &storetest.IDs{}, settings: settings,
		Person: kyc.Actor{Organization: Organization, Kind: audit.Person, ID: "user_a"},
	}
	h.Provider = NewProvider(h.Clock.Now)
	return h.Over(repository)
}

// Over is a second process of the same host: it shares everything but the repository.
func (h *Host) Over(repository kyc.Repository) *Host {
	h.t.Helper()
	other := *h
	service, err := kyc.NewService(kyc.Config{
		Repository: repository, Providers: map[string]kyc.Provider{Code: h.Provider},
		Settings: h.settings, Now: h.Clock.Now, NewID: h.ids.New,
	})
	if err != nil {
		h.t.Fatal(err)
	}
	other.Service, other.Repository = service, repository
	return &other
}

// Create makes a pending validation of a new entity.
func (h *Host) Create() kyc.Validation {
	h.t.Helper()
	return h.CreateFor(h.ids.New())
}

// CreateFor makes a pending validation of an entity.
func (h *Host) CreateFor(entity uuid.UUID) kyc.Validation {
	h.t.Helper()
	v, err := h.Service.Create(context.Background(), h.Person, kyc.NewValidation{EntityID: entity, Provider: Code})
	if err != nil {
		h.t.Fatal(err)
	}
	return v
}

// Hear lets the provider say a word about a validation one second later, and delivers it
// as a webhook.
func (h *Host) Hear(v kyc.Validation, said kyc.ProviderStatus) kyc.Result {
	h.t.Helper()
	h.Clock.Advance(time.Second)
	h.Provider.Say(v.ValidationSessionID, said)
	result, err := h.Observe(context.Background(), kyc.ProviderReport{
		Source: Code, EventID: h.ids.New().String(), Session: v.ValidationSessionID, Status: said, OccurredAt: h.Clock.Now(),
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return result
}

// In makes a validation of a new entity in any status, by the provider's word or the
// clock's; cancelled, which is neither's, by hand.
func (h *Host) In(status kyc.Status) kyc.Validation {
	h.t.Helper()
	v := h.Create()
	for _, said := range said[status] {
		v = h.Hear(v, said).Value
	}
	if status == kyc.Cancelled {
		return h.must(h.Cancel(context.Background(), h.Person, v.ID, "made for a test"))
	}
	return v
}

// ByHand makes a validation of a new entity that a person has decided: approved,
// rejected or cancelled.
func (h *Host) ByHand(status kyc.Status) kyc.Validation {
	h.t.Helper()
	decide := map[kyc.Status]func(context.Context, kyc.Actor, uuid.UUID, string) (kyc.Validation, error){
		kyc.Approved: h.Approve, kyc.Rejected: h.Reject, kyc.Cancelled: h.Cancel,
	}[status]
	if decide == nil {
		h.t.Fatalf("nobody decides %q by hand", status)
	}
	return h.must(decide(context.Background(), h.Person, h.In(kyc.InReview).ID, "made for a test"))
}

// said is what the provider says to bring a validation from pending to a status.
var said = map[kyc.Status][]kyc.ProviderStatus{
	kyc.InProgress: {kyc.ProviderInProgress},
	kyc.InReview:   {kyc.ProviderInProgress, kyc.ProviderInReview},
	kyc.Approved:   {kyc.ProviderInProgress, kyc.ProviderApproved},
	kyc.Rejected:   {kyc.ProviderInProgress, kyc.ProviderRejected},
	kyc.Expired:    {kyc.ProviderExpired},
	kyc.Abandoned:  {kyc.ProviderInProgress, kyc.ProviderAbandoned},
}

func (h *Host) must(v kyc.Validation, err error) kyc.Validation {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
	return v
}
