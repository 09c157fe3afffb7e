package idpass_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/idpass/idpasstest"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/refund"
	"github.com/kycle/kycle/store"
)

var times = rapid.Custom(func(t *rapid.T) time.Time {
	return time.UnixMicro(rapid.Int64Range(-62_135_596_800_000_000+1, 253_402_300_799_999_999).Draw(t, "micro")).UTC()
})

var documentLists = rapid.Custom(func(t *rapid.T) []idpass.DocumentType {
	all := []idpass.DocumentType{idpass.Licence, idpass.Passport, idpass.Medicare, idpass.Visa, idpass.Centrelink}
	list := rapid.SliceOfDistinct(rapid.SampledFrom(all), rapid.ID).Draw(t, "types")
	if len(list) == 0 {
		return nil
	}
	return list
})

// anyPass draws passes as they may be stored, sense in them or not.
var anyPass = rapid.Custom(func(t *rapid.T) idpass.Pass {
	optional := rapid.OneOf(rapid.Just(time.Time{}), times)
	ids := rapid.Map(rapid.SliceOfN(rapid.Byte(), 16, 16), func(b []byte) uuid.UUID { b[0] |= 1; return uuid.UUID(b) })
	text := rapid.StringOf(rapid.Rune().Filter(func(r rune) bool { return r != 0 })) // no store takes NUL
	p := idpass.Pass{
		ID: ids.Draw(t, "id"), OrganizationID: text.Draw(t, "organization"), Applicant: text.Draw(t, "applicant"),
		Slot: text.Draw(t, "slot"), Status: rapid.SampledFrom(statuses()).Draw(t, "status"),
		Verification: rapid.SampledFrom([]idpass.Outcome{"", idpass.Passed, idpass.CheckFailed}).Draw(t, "verification"),
		Link:         text.Draw(t, "link"), FeeRefunded: rapid.Bool().Draw(t, "refunded"),
		CreatedAt: times.Draw(t, "created"), UpdatedAt: times.Draw(t, "updated"), ExpiresAt: times.Draw(t, "expires"),
		ConsentGivenAt: optional.Draw(t, "consent"), CompletedAt: optional.Draw(t, "completed"),
		Order: idpass.Order{
			LinkValidityDays: rapid.IntRange(1, 14).Draw(t, "validity"), ImageRetentionDays: rapid.IntRange(0, 5000).Draw(t, "retention"),
			Document1: documentLists.Draw(t, "1"), Document2: documentLists.Draw(t, "2"), Document3: documentLists.Draw(t, "3"),
			Fee: refund.Amount{Minor: rapid.Int64Min(0).Draw(t, "minor"), Currency: rapid.StringMatching(`[A-Z]{3,12}`).Draw(t, "currency")},
		},
	}
	if rapid.Bool().Draw(t, "linked") {
		p.Supersedes, p.SupersededBy = ids.Draw(t, "supersedes"), ids.Draw(t, "superseded by")
	}
	if rapid.Bool().Draw(t, "with identity") {
		raw, err := store.EncodeJSON(rapid.MapOf(rapid.String(), rapid.String()).Draw(t, "identity"))
		if err != nil {
			t.Fatal(err)
		}
		p.Order.RequestedIdentity = raw
	}
	return p
})

// The stored form comes back exactly, markup in the identity included, and it is a fixed
// point: stored again it is the same bytes.
func TestStoredFormComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyPass.Draw(t, "pass")
		b, err := idpass.Schema.Encode(p)
		if err != nil {
			t.Fatal(err)
		}
		back, err := idpass.Schema.Decode(b)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(p, back) {
			t.Fatalf("went in as\n%#v\nand came back as\n%#v", p, back)
		}
		if again, err := idpass.Schema.Encode(back); err != nil || string(again) != string(b) {
			t.Fatalf("stored as\n%s\nand again as\n%s", b, again)
		}
	})
}

// Whatever bytes are decoded: a pass that can be stored, compact from then on, and comes
// back, or an error.
func FuzzDecode(f *testing.F) {
	h := idpasstest.NewHost(f, nil)
	for _, s := range statuses() {
		b, err := json.Marshal(h.In(s, inSlot("slot-"+string(s)), identity(`{"a":"<"}`), showing(0, idpass.Visa)))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte(`{"id":null,"status":null}`))
	f.Add([]byte(`{"id":"00000000-0000-8000-8000-000000000001","status":"new","requested_identity": { "a" : 1 },"document_1_allowed_types":[null]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := idpass.Schema.Decode(b)
		if err != nil {
			return
		}
		if !slices.Contains(statuses(), p.Status) || p.ID == uuid.Nil {
			t.Fatalf("decoded with status %q and id %s", p.Status, p.ID)
		}
		stored, err := idpass.Schema.Encode(p)
		if err != nil {
			return // a time that JSON cannot write
		}
		back, err := idpass.Schema.Decode(stored)
		if err != nil {
			t.Fatalf("stored as %s: %v", stored, err)
		}
		if again, err := idpass.Schema.Encode(back); err != nil || string(again) != string(stored) {
			t.Fatalf("stored as\n%s\nand again as\n%s (%v)", stored, again, err)
		}
	})
}

// Every field is there, absent values are null, lists [].
func TestJSONOfANewPass(t *testing.T) {
	h := idpasstest.NewHost(t, nil)
	b, err := json.MarshalIndent(h.Register(), "", "  ")
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

// What no pass can be is refused at the edge, and the variable is left as it was.
func TestDecodeRefuses(t *testing.T) {
	h := idpasstest.NewHost(t, nil)
	good, err := json.Marshal(h.In(idpass.Complete))
	must(t, err)
	rows := []struct{ name, from, to, why string }{
		{"unknown status", `"status":"complete"`, `"status":"done"`, "not one of the seven"},
		{"status in capitals", `"status":"complete"`, `"status":"COMPLETE"`, "strings are exact"},
		{"status of a number", `"status":"complete"`, `"status":1`, "no text"},
		{"status null", `"status":"complete"`, `"status":null`, "a pass has one"},
		{"no status", `"status":"complete",`, ``, "a pass has one"},
		{"unknown outcome", `"verification_status":"passed"`, `"verification_status":"maybe"`, "passed, failed or null"},
		{"empty outcome", `"verification_status":"passed"`, `"verification_status":""`, "passed, failed or null"},
		{"malformed id", `"id":"00000000`, `"id":"0000-0000`, "no UUID"},
		{"id null", `"id":"00000000-0000-8000-8000-000000000001"`, `"id":null`, "a pass has one"},
		{"unknown document", `"document_1_allowed_types":[]`, `"document_1_allowed_types":["library_card"]`, "not one of the five"},
		{"document null", `"document_2_allowed_types":[]`, `"document_2_allowed_types":["visa",null]`, "not one of the five"},
		{"bad time", `"created_at":"2025-01-15`, `"created_at":"2025-13-15`, "no such month"},
		{"cut short", `}}`, `}`, "no JSON"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			bad := strings.Replace(string(good), row.from, row.to, 1)
			if bad == string(good) {
				t.Fatalf("nothing was spoilt in %s", good)
			}
			var p idpass.Pass
			if err := json.Unmarshal([]byte(bad), &p); err == nil || !reflect.DeepEqual(p, idpass.Pass{}) {
				t.Errorf("%v, %+v: %s", err, p, row.why)
			}
			if p, err := idpass.Schema.Decode([]byte(bad)); err == nil {
				t.Errorf("decoded as %+v: %s", p, row.why)
			}
		})
	}
	if b, err := json.Marshal(idpass.Pass{ID: uuid.New(), Status: "done"}); err == nil {
		t.Errorf("an unknown status got out: %s", b)
	}
}

// A host with tables of its own may read local times, and a zero one with a zone.
func TestJSONTimesAreUTC(t *testing.T) {
	h := idpasstest.NewHost(t, nil)
	p := h.In(idpass.InProgress)
	want, err := json.Marshal(p)
	must(t, err)
	zone := time.FixedZone("east", 10*60*60)
	for _, at := range []*time.Time{&p.CreatedAt, &p.UpdatedAt, &p.ConsentGivenAt, &p.CompletedAt, &p.ExpiresAt} {
		*at = at.Add(999 * time.Nanosecond).In(zone)
		if at == &p.CompletedAt {
			*at = time.Time{}.In(zone)
		}
	}
	if got, err := json.Marshal(p); err != nil || string(got) != string(want) {
		t.Errorf("got %s (%v)\nwant %s", got, err, want)
	}
	local := strings.Replace(string(want), `"created_at":"2025-01-15T10:30:00Z"`, `"created_at":"2025-01-15T20:30:00+10:00"`, 1)
	var back idpass.Pass
	if err := json.Unmarshal([]byte(local), &back); err != nil || back.CreatedAt != h.Clock.Now() {
		t.Errorf("created at %v (%v)", back.CreatedAt, err)
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
				t.Fatalf("%s: %q, %v", edge, got, err)
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
