package kyc_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/kyc/kyctest"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/store"
)

// named is a provider that names its sessions as it is told.
type named struct {
	kyc.Provider
	id string
}

func (p named) Open(context.Context, kyc.Opening) (kyc.Session, error) {
	return kyc.Session{ID: p.id}, nil
}

// Whatever is used as a key has 255 bytes at most: each limit is met, and passed by one.
func TestKeysEndAt255Bytes(t *testing.T) {
	h := newHost(t, nil)
	create := func(edit func(n *kyc.NewValidation, key string)) func(string) error {
		return func(key string) error {
			n := kyc.NewValidation{EntityID: kyctestID(3), Provider: kyctest.Code}
			edit(&n, key)
			return second(h.Service.Create(ctx, h.Person, n))
		}
	}
	observe := func(edit func(r *kyc.ProviderReport, key string)) func(string) error {
		return func(key string) error {
			r := kyc.ProviderReport{Source: kyctest.Code, EventID: "e", Session: "s", Status: kyc.ProviderApproved, OccurredAt: h.Clock.Now()}
			edit(&r, key)
			return second(h.Observe(ctx, r))
		}
	}
	for _, row := range []struct {
		name    string
		do      func(key string) error
		most    error // with 255 bytes
		tooMany error // with 256
	}{
		{"idempotency key", create(func(n *kyc.NewValidation, key string) { n.IdempotencyKey = key }), nil, lifecycle.ErrInvalid},
		{"integration code", create(func(n *kyc.NewValidation, key string) { n.Provider = key }), kyc.ErrNotConfigured, lifecycle.ErrInvalid},
		{"source", observe(func(r *kyc.ProviderReport, key string) { r.Source = key }), store.ErrNotFound, lifecycle.ErrInvalid},
		{"event id", observe(func(r *kyc.ProviderReport, key string) { r.EventID = key }), store.ErrNotFound, lifecycle.ErrInvalid},
		{"session of a report", observe(func(r *kyc.ProviderReport, key string) { r.Session = key }), store.ErrNotFound, lifecycle.ErrInvalid},
		{"session of a provider", func(key string) error {
			s, err := kyc.NewService(kyc.Config{
				Repository: h.Repository, Providers: map[string]kyc.Provider{kyctest.Code: named{h.Provider, key}}, Settings: kyc.DefaultSettings(), Now: h.Clock.Now,
			})
			if err != nil {
				t.Fatal(err)
			}
			return second(s.Create(ctx, h.Person, kyc.NewValidation{EntityID: kyctestID(3), Provider: kyctest.Code}))
		}, nil, kyc.ErrProvider},
	} {
		if err := row.do(strings.Repeat("k", 255)); !errors.Is(err, row.most) {
			t.Errorf("%s of 255 bytes: got %v, want %v", row.name, err, row.most)
		}
		if err := row.do(strings.Repeat("k", 256)); !errors.Is(err, row.tooMany) {
			t.Errorf("%s of 256 bytes: got %v, want %v", row.name, err, row.tooMany)
		}
	}
}

// A reason is counted in code points (seeds 000, 001), without the white space around it.
func TestReasonsAreCountedInCodePoints(t *testing.T) {
	h := newHost(t, nil)
	for _, row := range []struct {
		name, reason string
		ok           bool
	}{
		{"five letters", "é à ü", true},
		{"four, and white space", "  édàü  ", false},
		{"a thousand", strings.Repeat("é", 1000), true},
		{"a thousand and one", strings.Repeat("é", 1001), false},
	} {
		_, err := h.Cancel(ctx, h.Person, h.Create().ID, row.reason)
		if (err == nil) != row.ok || err != nil && !errors.Is(err, lifecycle.ErrInvalid) {
			t.Errorf("%s: got %v", row.name, err)
		}
	}
}

// Two words of one instant are ranked, and a word is not newer than itself (spec 1.3).
func TestWordsOfOneInstantAreRanked(t *testing.T) {
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	ranked := []kyc.ProviderStatus{kyc.ProviderInProgress, kyc.ProviderInReview, kyc.ProviderExpired, kyc.ProviderAbandoned, kyc.ProviderRejected, kyc.ProviderApproved}
	for i, said := range ranked {
		for j, before := range ranked {
			on, _ := said.Event()
			out, err := kyc.Machine.Decide(kyc.InReview, on, kyc.Facts{Word: kyc.Word{Status: said, At: noon}, LastWord: kyc.Word{Status: before, At: noon}})
			if ignored := out.Verdict == lifecycle.Ignore; err != nil || ignored != (i <= j) {
				t.Errorf("%s after %s: %s, %v", said, before, out.Verdict, err)
			}
		}
	}
}
