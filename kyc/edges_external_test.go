package kyc_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/kyc/kyctest"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/store"
)

func TestUnknownStatusesAreRefusedAtEveryEdge(t *testing.T) {
	for _, bad := range []string{"", "Approved", "approved ", "great", "\x00"} {
		var s kyc.Status
		for edge, err := range map[string]error{
			"parse": second(kyc.ParseStatus(bad)), "text": s.UnmarshalText([]byte(bad)), "scan": s.Scan(bad), "scan bytes": s.Scan([]byte(bad)),
			"JSON": json.Unmarshal([]byte(fmt.Sprintf("%q", bad)), &s), "text out": second(kyc.Status(bad).MarshalText()),
			"value": second(kyc.Status(bad).Value()), "stored": second(kyc.Schema.Encode(kyc.Validation{Status: kyc.Status(bad)})),
		} {
			if bad == "\x00" && edge == "JSON" {
				continue // Go's %q is no JSON there
			}
			if !errors.Is(err, lifecycle.ErrInvalid) {
				t.Errorf("%s lets %q pass: %v", edge, bad, err)
			}
		}
	}
	var s kyc.Status
	if err := s.Scan(7); !errors.Is(err, lifecycle.ErrInvalid) {
		t.Errorf("a number is scanned: got error %v, want ErrInvalid", err)
	}
	for _, state := range kyc.Machine.Definition().States {
		value, err := state.Name.Value()
		if err != nil || s.Scan(value) != nil || s != state.Name {
			t.Errorf("%s: %v", state.Name, err)
		}
	}
}

func TestTheJSONOfAValidationLeavesNothingOut(t *testing.T) {
	h := newHost(t, nil)
	b, err := json.Marshal(h.Create().Document())
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(b, &fields); err != nil {
		t.Fatal(err)
	}
	for field, want := range map[string]any{
		"status": "pending", "isCurrent": true, "decision": nil, "documentsVerified": []any{}, "biometricResult": nil, "riskAssessment": nil,
		"verifiedFields": []any{}, "extractedData": nil, "warnings": []any{}, "verifiedAt": nil, "metadata": map[string]any{},
		"organizationId": "org_a", "provider": kyctest.Code, "createdAt": "2025-01-15T10:30:00Z", "updatedAt": "2025-01-15T10:30:00Z", "expiresAt": "2025-01-22T10:30:00Z",
	} {
		if got, there := fields[field]; !there || !reflect.DeepEqual(got, want) {
			t.Errorf("%s is %v, want %v", field, got, want)
		}
	}
	for _, field := range []string{"id", "entityId", "validationSessionId", "providerSessionUrl"} {
		if s, _ := fields[field].(string); s == "" {
			t.Errorf("%s is missing", field)
		}
	}
	if len(fields) != 20 {
		t.Errorf("%d fields, spec 1.6 names 20", len(fields))
	}
}

// drawn is any validation that could be stored.
func drawn(t *rapid.T) kyc.Validation {
	when := func(name string) time.Time {
		if rapid.Bool().Draw(t, name+" is none") {
			return time.Time{}
		}
		return time.UnixMicro(rapid.Int64Range(0, 4e15).Draw(t, name)).UTC()
	}
	text := func(name string) string { return strings.ReplaceAll(rapid.String().Draw(t, name), "\x00", "") }
	raw := func(name string) json.RawMessage {
		b, _ := store.EncodeJSON(map[string]any{"a": []any{1, 2.5, nil, text(name)}})
		return rapid.SampledFrom([]json.RawMessage{nil, b}).Draw(t, name)
	}
	states := kyc.Machine.Definition().States
	v := kyc.Validation{
		ID: uuid.New(), OrganizationID: text("org"), EntityID: uuid.New(), Provider: text("provider"),
		Status: states[rapid.IntRange(0, len(states)-1).Draw(t, "status")].Name, ValidationSessionID: text("session"),
		ExpiresAt: when("expires"), VerifiedAt: when("verified"), CreatedAt: when("created"), UpdatedAt: when("updated"),
		LastReading: when("read"), TerminationOwed: when("owed"), LastWord: kyc.Word{Status: kyc.ProviderApproved, At: when("word")},
		Charged: rapid.Bool().Draw(t, "charged"), DecidedByHand: rapid.Bool().Draw(t, "by hand"),
		Evidence: kyc.Evidence{Decision: raw("decision"), ExtractedData: raw("data")},
	}
	if m := raw("metadata"); m != nil {
		v.Metadata = map[string]json.RawMessage{text("key"): m}
	}
	return v
}

func TestTheStoredFormLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := drawn(t)
		b, err := kyc.Schema.Encode(v)
		if err != nil {
			t.Fatal(err)
		}
		got, err := kyc.Schema.Decode(b)
		if err != nil || !reflect.DeepEqual(got, v) {
			t.Fatalf("%v\n got %+v\nwant %+v", err, got, v)
		}
	})
	if _, err := kyc.Schema.Decode([]byte(`{"status":"pending","newFact":1}`)); err == nil {
		t.Error("a fact that is not known would be lost at the next commit")
	}
}

func FuzzDecodeStored(f *testing.F) {
	f.Add([]byte(`{"id":"00000000-0000-8000-8000-000000000001","status":"pending","metadata":{"a":1}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := kyc.Schema.Decode(b)
		if err != nil {
			return
		}
		if _, err := json.Marshal(v); err != nil && v.CreatedAt.Year() <= 9999 && v.UpdatedAt.Year() <= 9999 {
			t.Skip("raw JSON in it may be none")
		}
	})
}

// TestNoErrorRepeatsWhatCameIn draws names and document numbers, puts them wherever text
// comes in, and looks for them in every error.
func TestNoErrorRepeatsWhatCameIn(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		name := rapid.StringMatching(`[A-Z][a-z]{6,9} [A-Z][a-z]{6,9}`).Draw(rt, "name")
		number := rapid.StringMatching(`[A-Z]{2}[0-9]{9}`).Draw(rt, "document number")
		secret := name + " " + number
		h := newHost(t, nil)
		v := h.In(kyc.InReview)
		leak := func(err error) {
			t.Helper()
			if err == nil {
				rt.Fatal("this was meant to fail")
			}
			p := kyc.Explain(err)
			for _, text := range []string{err.Error(), fmt.Sprintf("%v", err), p.Message, p.Code} {
				if strings.Contains(text, name) || strings.Contains(text, number) {
					rt.Fatalf("personal data in an error: %s", text)
				}
			}
		}
		too := strings.Repeat(secret, 100)
		leak(second(h.Cancel(ctx, h.Person, v.ID, too)))
		leak(second(h.Reject(ctx, kyc.Actor{Organization: kyctest.Organization, Kind: secret, ID: secret}, v.ID, secret)))
		leak(second(h.Service.Create(ctx, h.Person, kyc.NewValidation{EntityID: uuid.New(), Provider: secret})))
		leak(second(h.Service.Create(ctx, h.Person, kyc.NewValidation{EntityID: uuid.New(), Provider: kyctest.Code,
			Metadata: map[string]json.RawMessage{secret: []byte(secret)}})))
		leak(second(h.Observe(ctx, kyc.ProviderReport{Source: kyctest.Code, EventID: secret, Session: secret, Status: kyc.ProviderApproved, OccurredAt: h.Clock.Now()})))
		leak(second(h.Observe(ctx, kyc.ProviderReport{Source: kyctest.Code, EventID: "e", Session: v.ValidationSessionID, Status: kyc.ProviderStatus(secret), OccurredAt: h.Clock.Now()})))
		leak(second(h.List(ctx, h.Person, v.EntityID, kyc.Filter{Status: kyc.Status(secret)})))
		leak(second(kyc.ParseStatus(secret)))
		h.Provider.SayReading(v.ValidationSessionID, kyc.Reading{Status: kyc.ProviderStatus(secret), Evidence: kyc.Evidence{ExtractedData: json.RawMessage(secret)}})
		leak(second(h.Sync(ctx, h.Person, v.ID, true)))
		h.Provider.Say(v.ValidationSessionID, kyc.ProviderInReview)
		if _, err := h.Reject(ctx, h.Person, v.ID, secret); err != nil {
			rt.Fatal(err)
		}
		leak(second(h.Reject(ctx, h.Person, v.ID, secret)))
	})
}
