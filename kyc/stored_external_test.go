package kyc_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/kyc/kyctest"
)

// A whole validation as it is stored; what stands at the end is put in by each case.
const (
	storedForm = `{"id":"00000000-0000-8000-8000-000000000001","organizationId":"org_a","entityId":"00000000-0000-8000-8000-000000000002",` +
		`"status":"in_review","provider":"scripted","validationSessionId":"s","providerSessionUrl":"u","evidence":{"extractedData":{"any":1}},` +
		`"metadata":{"any":{"thing":1}},"isCurrent":true,"createdAt":"2025-01-15T10:30:00Z","updatedAt":"2025-01-15T10:30:00Z",` +
		`"lastWord":{"status":"in_review","at":"2025-01-15T10:30:00Z"}`
	secret = "Jane Doe"
)

// TestWhatIsStoredIsReadWholeOrNotAtAll is fault D12: what this release does not know would
// be lost at the next commit.
func TestWhatIsStoredIsReadWholeOrNotAtAll(t *testing.T) {
	for _, row := range []struct {
		name, why, text string
		taken           bool
	}{
		{"as it is", "nothing is wrong with it", storedForm + "}", true},
		{"white space around it", "it says nothing", " \n" + storedForm + "}\t\n", true},
		{"a field more", "a newer release wrote it", storedForm + `,"newFact":"` + secret + `"}`, false},
		{"a field more in the evidence", "it is passed on as it came, or not at all", strings.Replace(storedForm, `"extractedData"`, `"newFact":"`+secret+`","extractedData"`, 1) + "}", false},
		{"a field more in the last word", "it decides the future", strings.Replace(storedForm, `"at"`, `"resolution":"1s","at"`, 1) + "}", false},
		{"another value after it", "one of the two would be lost", storedForm + `} {"status":"approved"}`, false},
		{"a bracket after it", "it is not what was written", storedForm + "}}", false},
		{"a NUL after it", "it is not what was written", storedForm + "}\x00", false},
		{"text after it", "it is not what was written", storedForm + "} " + secret, false},
		{"an unknown status", "no table has it", strings.Replace(storedForm, `"in_review","provider"`, `"`+secret+`","provider"`, 1) + "}", false},
		{"no status", "nothing says where it stands", strings.Replace(storedForm, `"status":"in_review","provider"`, `"provider"`, 1) + "}", false},
		{"an unknown word of the provider", "it cannot be ranked", strings.Replace(storedForm, `{"status":"in_review"`, `{"status":"`+secret+`"`, 1) + "}", false},
		{"cut", "it is not what was written", storedForm, false},
		{"a list", "it is no validation", "[" + storedForm + "}]", false},
		{"nothing", "it is no validation", "", false},
	} {
		v, err := kyc.Schema.Decode([]byte(row.text))
		if (err == nil) != row.taken {
			t.Errorf("%s: got %+v, error %v, want it taken: %t (%s)", row.name, v, err, row.taken, row.why)
		}
		if err != nil && strings.Contains(err.Error(), secret) {
			t.Errorf("%s: the error repeats what is stored: %v", row.name, err)
		}
		if row.taken {
			again, err := kyc.Schema.Encode(v)
			if err != nil || !bytes.Equal(again, []byte(storedForm+"}")) {
				t.Errorf("%s: it is written again as\n%s, error %v", row.name, again, err)
			}
		}
	}
}

// TestARecordOfANewerReleaseIsLeftAlone has every operation meet one. None may answer with
// half of it, and none may write it again without what it did not know.
func TestARecordOfANewerReleaseIsLeftAlone(t *testing.T) {
	newer := kyc.Schema
	newer.Encode = func(v kyc.Validation) ([]byte, error) {
		b, err := kyc.Schema.Encode(v)
		return append(bytes.TrimSuffix(b, []byte("}")), `,"newFact":true}`...), err
	}
	repository := newStoreOf(newer)
	h := newHost(t, repository)
	v := h.Create()
	loads := 0
	for name, do := range operations {
		if name == "create" || name == "status" || name == "list" { // of the entity, and of what else it has
			continue
		}
		if err := do(h, h.Person, v); err == nil || strings.Contains(err.Error(), "true") {
			t.Errorf("%s: got error %v, want it refused without a word of what is stored", name, err)
		}
		loads++
	}
	if loads < 6 {
		t.Errorf("%d operations were tried, want all that load the validation", loads)
	}
	if _, err := h.Observe(ctx, kyc.ProviderReport{
		Source: kyctest.Code, EventID: "e", Session: v.ValidationSessionID, Status: kyc.ProviderApproved, OccurredAt: h.Clock.Now(),
	}); err == nil {
		t.Error("a webhook was taken")
	}
}
