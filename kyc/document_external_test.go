package kyc_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/lifecycle"
)

// documents are validations whose JSON is kept byte for byte: callers of hosts read it.
func documents() map[string]kyc.Validation {
	at := time.Date(2025, 1, 15, 10, 30, 0, 123456789, time.FixedZone("", 2*3600))
	full := kyc.Validation{
		ID: kyctestID(1), OrganizationID: "org_a", EntityID: kyctestID(2), Status: kyc.Approved, Provider: "scripted",
		ValidationSessionID: "session_1", ProviderSessionURL: "https://verify.example.com/?a=1&b=<2>",
		Evidence: kyc.Evidence{
			Decision:          json.RawMessage(`{"n": 1.0, "by": "<é & 🙂>"}`),
			DocumentsVerified: []json.RawMessage{json.RawMessage(`{"type":"passport"}`), json.RawMessage(`2`)},
			BiometricResult:   json.RawMessage(`[1,2]`), RiskAssessment: json.RawMessage(`"low"`), VerifiedFields: []string{"name", "né"},
			ExtractedData: json.RawMessage(`12345678901234567890`), Warnings: []json.RawMessage{json.RawMessage(`null`)},
		},
		Metadata:  map[string]json.RawMessage{"z": json.RawMessage(`{"b": 1,   "a": 2}`), "a": json.RawMessage(`"<"`)},
		ExpiresAt: at.Add(time.Hour), VerifiedAt: at, IsCurrent: true, CreatedAt: at.Add(-time.Hour), UpdatedAt: at,
		DecidedByHand: true, Charged: true, LastReading: at, TerminationOwed: at, TerminationNext: at, TerminationFailures: 1,
	}
	superseded := full
	superseded.IsCurrent, superseded.SupersededBy = false, kyctestID(3)
	whole := at.Truncate(time.Second)
	bare := kyc.Validation{
		ID: full.ID, EntityID: full.EntityID, OrganizationID: "org_a", Status: kyc.Pending, Provider: "scripted", IsCurrent: true,
		CreatedAt: whole, UpdatedAt: whole,
	}
	return map[string]kyc.Validation{"full": full, "superseded": superseded, "bare": bare}
}

// TestTheJSONOfAValidationStaysAsItIs compares bytes (spec 1.6): order, nulls and empty
// lists, times in UTC to the microsecond, raw JSON passed on, nothing of the stored form.
func TestTheJSONOfAValidationStaysAsItIs(t *testing.T) {
	all := documents()
	for name, v := range all {
		want, err := os.ReadFile(filepath.Join("testdata", "documents", name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		document := v.Document()
		for as, shown := range map[string]any{"value": document, "pointer": &document, "view": kyc.View{Validation: v, Stale: true}.Document()} {
			got, err := json.Marshal(shown)
			if err != nil || string(got) != strings.TrimSpace(string(want)) {
				t.Errorf("%s, as a %s: error %v\n got %s\nwant %s", name, as, err, got, want)
			}
		}
	}
	if files, err := filepath.Glob("testdata/documents/*"); err != nil || len(files) != len(all) {
		t.Errorf("%d files for %d documents, error %v", len(files), len(all), err)
	}
}

func TestAnUnknownStatusIsNeverShown(t *testing.T) {
	v := documents()["bare"]
	v.Status = "great"
	if b, err := json.Marshal(v.Document()); err == nil {
		t.Errorf("it was written as %s (spec 1.6: refused at every edge, with %v)", b, lifecycle.ErrInvalid)
	}
}

// A host's answer: the document, and fields of its own beside it.
type answer struct {
	kyc.Document
	Risk  string `json:"risk"`
	Stale bool   `json:"stale"`
}

// TestAHostAddsFieldsOfItsOwn: the fields of both stand in one object, in both directions.
func TestAHostAddsFieldsOfItsOwn(t *testing.T) {
	h := newHost(t, nil)
	v := h.Create()
	view, err := h.Validation(ctx, h.Person, v.ID)
	if err != nil {
		t.Fatal(err)
	}
	own, err := json.Marshal(v.Document())
	if err != nil {
		t.Fatal(err)
	}
	for name, document := range map[string]kyc.Document{"a validation's": v.Document(), "a view's": view.Document()} {
		got, err := json.Marshal(answer{document, "low", view.Stale})
		if want := strings.TrimSuffix(string(own), "}") + `,"risk":"low","stale":false}`; err != nil || string(got) != want {
			t.Errorf("%s: error %v\n got %s\nwant %s", name, err, got, want)
		}
		var back answer
		if err := json.Unmarshal(got, &back); err != nil || back.ID != v.ID || back.Risk != "low" || !reflect.DeepEqual(back.ExpiresAt, document.ExpiresAt) {
			t.Errorf("%s, read by a client: %+v, error %v", name, back, err)
		}
	}
}

// TestADocumentIsTheCallersToChange: its lists may be appended to and written.
func TestADocumentIsTheCallersToChange(t *testing.T) {
	v := documents()["full"]
	d := v.Document()
	d.VerifiedFields[0], d.DocumentsVerified[0], d.Warnings[0] = "changed", json.RawMessage(`1`), json.RawMessage(`1`)
	d.ID, *d.ValidationSessionID = uuid.Nil, "changed"
	if again := documents()["full"]; !reflect.DeepEqual(v, again) {
		t.Errorf("the validation has changed with its document: %+v", v)
	}
}
