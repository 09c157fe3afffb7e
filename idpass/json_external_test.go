package idpass_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/lifecycle"
)

// Every field is there, absent values are null, lists [].
func TestDocumentOfANewPass(t *testing.T) {
	h := newHost(t, nil)
	b, err := json.MarshalIndent(h.Register().Document(), "", "  ")
	must(t, err)
	const want = `{
  "id": "00000000-0000-8000-8000-000000000001",
  "organization_id": "org_a",
  "applicant": "applicant-1",
  "slot": null,
  "status": "new",
  "verification_status": null,
  "link": "https://pass.example.com/00000000-0000-8000-8000-000000000001",
  "fee_refunded": false,
  "created_at": "2025-01-15T10:30:00Z",
  "updated_at": "2025-01-15T10:30:00Z",
  "consent_given_at": null,
  "completed_at": null,
  "expires_at": "2025-01-22T10:30:00Z",
  "supersedes": null,
  "superseded_by": null,
  "link_validity_days": 7,
  "image_retention_days": 0,
  "document_1_allowed_types": [],
  "document_2_allowed_types": [],
  "document_3_allowed_types": [],
  "requested_identity": null,
  "fee": {
    "amount": 500,
    "currency": "AUD"
  }
}`
	if string(b) != want {
		t.Errorf("got %s", b)
	}
}

// shown is a pass as a host shows it: the document, and a field of the host's own.
type shown struct {
	idpass.Document
	Badge string `json:"badge"`
}

// A host adds to a pass what is its own. An embedded type that wrote its JSON itself would
// take the field away in silence.
func TestDocumentIsEmbedded(t *testing.T) {
	h := newHost(t, nil)
	p := h.In(idpass.Complete, inSlot("slot_1"), showing(0, idpass.Visa), identity(`{"name":"A. Nobody"}`))
	got, err := json.Marshal(shown{p.Document(), "gold"})
	must(t, err)
	const want = `{"id":"00000000-0000-8000-8000-000000000001","organization_id":"org_a","applicant":"applicant-1","slot":"slot_1",` +
		`"status":"complete","verification_status":"passed","link":"https://pass.example.com/00000000-0000-8000-8000-000000000001",` +
		`"fee_refunded":false,"created_at":"2025-01-15T10:30:00Z","updated_at":"2025-01-15T10:30:00Z",` +
		`"consent_given_at":"2025-01-15T10:30:00Z","completed_at":"2025-01-15T10:30:00Z","expires_at":"2025-01-22T10:30:00Z","supersedes":null,"superseded_by":null,` +
		`"link_validity_days":7,"image_retention_days":0,"document_1_allowed_types":["visa"],"document_2_allowed_types":[],` +
		`"document_3_allowed_types":[],"requested_identity":{"name":"A. Nobody"},"fee":{"amount":500,"currency":"AUD"},"badge":"gold"}`
	if string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	list, err := json.Marshal(map[string]any{"passes": []shown{{p.Document(), "gold"}}})
	must(t, err)
	if want := `{"passes":[` + want + `]}`; string(list) != want {
		t.Errorf("in a list: got\n%s\nwant\n%s", list, want)
	}
}

// Whoever changes a document changes no pass.
func TestDocumentIsACopy(t *testing.T) {
	h := newHost(t, nil)
	p := h.Register(showing(0, idpass.Visa), showing(2, idpass.Passport))
	d := p.Document()
	d.Document1[0], d.Document3[0] = idpass.Licence, idpass.Licence
	if p.Order.Document1[0] != idpass.Visa || p.Order.Document3[0] != idpass.Passport {
		t.Errorf("the pass asks for %q and %q now, and did for a visa and a passport", p.Order.Document1, p.Order.Document3)
	}
}

// A host with tables of its own may read local times, and a zero one with a zone.
func TestDocumentTimesAreUTC(t *testing.T) {
	h := newHost(t, nil)
	p := h.In(idpass.InProgress)
	want, err := json.Marshal(p.Document())
	must(t, err)
	zone := time.FixedZone("east", 10*60*60)
	for _, at := range []*time.Time{&p.CreatedAt, &p.UpdatedAt, &p.ConsentGivenAt, &p.CompletedAt, &p.ExpiresAt} {
		*at = at.Add(999 * time.Nanosecond).In(zone)
		if at == &p.CompletedAt {
			*at = time.Time{}.In(zone)
		}
	}
	if got, err := json.Marshal(p.Document()); err != nil || string(got) != string(want) {
		t.Errorf("got %s (error %v)\nwant %s", got, err, want)
	}
}

// A status that the table does not know gets out by no edge.
func TestDocumentOfAnUnknownStatus(t *testing.T) {
	if b, err := json.Marshal(idpass.Pass{Status: "done"}.Document()); err == nil {
		t.Errorf("an unknown status got out: %s", b)
	}
}

// A status is one of the seven at every edge: text, JSON, SQL.
func TestStatusEdges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.SampledFrom([]string{"", "NEW", " new", "new\x00"}), rapid.String(),
			rapid.Map(rapid.SampledFrom(statuses()), func(s idpass.Status) string { return string(s) })).Draw(t, "text")
		known := slices.Contains(statuses(), idpass.Status(text))
		check := func(edge string, got idpass.Status, err error) {
			t.Helper()
			if known && (err != nil || string(got) != text) {
				t.Fatalf("%s takes %q as %q, error %v", edge, text, got, err)
			}
			if !known && err == nil {
				t.Fatalf("%s takes %q", edge, text)
			}
		}
		parsed, err := idpass.ParseStatus(text)
		check("parse", parsed, err)
		var s idpass.Status
		err = s.UnmarshalText([]byte(text))
		check("text", s, err)
		for _, from := range []any{text, []byte(text)} {
			s = ""
			err = s.Scan(from)
			check("scan", s, err)
		}
		out, err := idpass.Status(text).MarshalText()
		check("marshal", idpass.Status(out), err)
		value, err := idpass.Status(text).Value()
		check("value", idpass.Status(value.(string)), err)
	})
	var s idpass.Status
	for _, from := range []any{nil, 1, 1.5, true, time.Now()} {
		wantError(t, s.Scan(from), lifecycle.ErrInvalid)
	}
}
