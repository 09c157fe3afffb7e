package kyc_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/kyc/kyctest"
	"github.com/kycle/kycle/store"
)

// The free text of an entry stands in its body, which can be erased; what has none, has no body.
func TestFreeTextStandsInTheBody(t *testing.T) {
	h := newHost(t, nil)
	for _, row := range []struct {
		name, why string
		make      func() kyc.Validation
		body      string // of the last entry
	}{
		{"create", "nothing was said", h.Create, ""},
		{"create with metadata", "it may be personal", func() kyc.Validation {
			v, err := h.Service.Create(ctx, h.Person, kyc.NewValidation{EntityID: kyctestID(3), Provider: kyctest.Code, Metadata: map[string]json.RawMessage{"plan": json.RawMessage(`"b"`)}})
			if err != nil {
				t.Fatal(err)
			}
			return v
		}, `{"metadata":{"plan":"b"}}`},
		{"a report", "a provider gives no reasons", func() kyc.Validation { return h.In(kyc.InReview) }, ""},
		{"a decision by hand", "its reason", func() kyc.Validation {
			v, err := h.Approve(ctx, h.Person, h.In(kyc.InReview).ID, "seen in a call")
			if err != nil {
				t.Fatal(err)
			}
			return v
		}, `{"reason":"seen in a call"}`},
	} {
		entries := trail(t, h, row.make()).Entries
		last := entries[len(entries)-1]
		if string(last.Body) != row.body || (last.BodyDigest == audit.Digest{}) != (row.body == "") {
			t.Errorf("%s: %s, digest %s (%s)", row.name, last.Body, last.BodyDigest, row.why)
		}
	}
}

// A webhook knows no organization: its entry stands under the record's.
func TestAReportsActorIsOfTheRecordsOrganization(t *testing.T) {
	h := newHost(t, nil)
	for _, e := range trail(t, h, h.In(kyc.Approved)).Entries {
		if e.Actor.Organization != kyctest.Organization {
			t.Errorf("%s by %+v", e.Event, e.Actor)
		}
	}
}

// Lists go by the time of creation: it is the clock's, and after the one before it even
// where the clock stood still or was set back.
func TestTheTimeOfCreationFollowsTheOneBefore(t *testing.T) {
	h := newHost(t, nil)
	entity := kyctestID(4)
	first := h.CreateFor(entity)
	h.Clock.Advance(time.Hour)
	if later := h.CreateFor(entity); !later.CreatedAt.Equal(h.Clock.Now()) {
		t.Errorf("an hour later it is %s, not %s", later.CreatedAt, h.Clock.Now())
	}
	h.Clock.Advance(-2 * time.Hour)
	if back := h.CreateFor(entity); !back.CreatedAt.Equal(first.CreatedAt.Add(time.Hour + time.Microsecond)) {
		t.Errorf("by a clock that was set back it is %s", back.CreatedAt)
	}
}

// Evidence is of the time it was given: a webhook that was overtaken by a reading brings
// none, and neither does one that is ignored.
func TestEvidenceIsTheNewest(t *testing.T) {
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	seen := func(text string) *kyc.Evidence {
		return &kyc.Evidence{RiskAssessment: json.RawMessage(`"` + text + `"`)}
	}
	v := kyc.Validation{
		ID: kyctestID(7), OrganizationID: kyctest.Organization, EntityID: kyctestID(8), Status: kyc.InProgress, CreatedAt: noon.Add(-time.Hour), ExpiresAt: noon.Add(time.Hour),
		LastWord: kyc.Word{Status: kyc.ProviderInProgress, At: noon.Add(-30 * time.Minute)}, LastReading: noon.Add(-10 * time.Minute), Evidence: *seen("read"),
	}
	for _, row := range []struct {
		name, why string
		word      kyc.Word
		read      time.Time
		want      string
	}{
		{"a newer webhook", "it is heard", kyc.Word{Status: kyc.ProviderInReview, At: noon.Add(-time.Minute)}, time.Time{}, "told"},
		{"one from before the reading", "the reading saw more", kyc.Word{Status: kyc.ProviderInReview, At: noon.Add(-20 * time.Minute)}, time.Time{}, "read"},
		{"one on the reading's instant", "the same", kyc.Word{Status: kyc.ProviderInReview, At: noon.Add(-10 * time.Minute)}, time.Time{}, "read"},
		{"one that is ignored", "older than the last word", kyc.Word{Status: kyc.ProviderInReview, At: noon.Add(-40 * time.Minute)}, time.Time{}, "read"},
		{"a newer one that moves nothing", "not started has no row", kyc.Word{Status: kyc.ProviderNotStarted, At: noon.Add(-time.Minute)}, time.Time{}, "read"},
		{"a newer reading", "it is heard whatever it says", kyc.Word{Status: kyc.ProviderInProgress, At: noon.Add(-30 * time.Minute)}, noon, "told"},
		{"an older reading", "begun before the last one", kyc.Word{Status: kyc.ProviderInReview, At: noon.Add(-11 * time.Minute)}, noon.Add(-11 * time.Minute), "read"},
	} {
		event, _ := row.word.Status.Event()
		call := callAt(noon)
		call.Actor = kyc.Actor{Kind: audit.Provider, ID: kyctest.Code}
		d, err := kyc.Decide(store.Record[kyc.Validation]{Value: v, Version: 1},
			kyc.Input{Event: event, Call: call, Word: row.word, ReadAt: row.read, Evidence: seen("told")}, kyc.DefaultSettings())
		if got := string(d.Value.Evidence.RiskAssessment); err != nil || got != `"`+row.want+`"` {
			t.Errorf("%s: got %s, %v (%s)", row.name, got, err, row.why)
		}
	}
}
