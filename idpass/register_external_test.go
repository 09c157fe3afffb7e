package idpass_test

import (
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/idpass/idpasstest"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/product"
	"github.com/kycle/kycle/refund"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/fault"
	"github.com/kycle/kycle/store/memory"
)

func days(n int) edit { return func(r *idpass.Registration) { r.LinkValidityDays = &n } }
func retaining(n int) edit {
	return func(r *idpass.Registration) { r.ImageRetentionDays = n }
}
func identity(text string) edit {
	return func(r *idpass.Registration) { r.RequestedIdentity = json.RawMessage(text) }
}
func applicant(text string) edit { return func(r *idpass.Registration) { r.Applicant = text } }
func showing(slot int, types ...idpass.DocumentType) edit {
	return func(r *idpass.Registration) { r.Documents[slot] = types }
}
func fee(minor int64, currency string) edit {
	return func(r *idpass.Registration) { r.Fee = refund.Amount{Minor: minor, Currency: currency} }
}

// A registration that says nothing but whose and for how much gets the defaults; the
// answer, the stored pass and its one entry agree.
func TestRegisterDefaults(t *testing.T) {
	h := newHost(t, nil)
	answer, err := h.Service.Register(ctx, h.Person, registration())
	must(t, err)
	now := h.Clock.Now()
	want := idpass.Pass{
		ID: answer.Pass.ID, OrganizationID: idpasstest.Organization, Applicant: idpasstest.Applicant, Status: idpass.New,
		Link: "https://pass.example.com/" + answer.Pass.ID.String(), CreatedAt: now, UpdatedAt: now, ExpiresAt: now.Add(week),
		Order: idpass.Order{LinkValidityDays: 7, Fee: idpasstest.Fee},
	}
	if !reflect.DeepEqual(answer.Pass, want) {
		t.Errorf("answer is\n%+v, want\n%+v", answer.Pass, want)
	}
	p, trail := sound(t, h, answer.Pass.ID)
	if !reflect.DeepEqual(p, want) {
		t.Errorf("stored is\n%+v, want\n%+v", p, want)
	}
	e := last(trail)
	if len(trail.Entries) != 1 || e.From != "" || e.To != "new" || e.Call != answer.Reference || e.Actor != h.Person || !e.RecordedAt.Equal(now) {
		t.Errorf("entry is %+v", e)
	}
	subject := refund.Subject{Organization: idpasstest.Organization, Kind: idpass.Kind, ID: p.ID}
	if charge := trail.Postings[0]; charge.Key != refund.Key(subject, refund.Charge) || charge.Seq != 1 || charge.Amount != idpasstest.Fee {
		t.Errorf("charge is %+v", charge)
	}
}

// bounds is every bound of a registration, on both its sides.
var bounds = []struct {
	name  string
	edit  edit
	field string // "": it is taken
	why   string
}{
	{"validity 0", days(0), "link_validity_days", "given as 0 is not left out"},
	{"validity 1", days(1), "", "the shortest"},
	{"validity 14", days(14), "", "the longest"},
	{"validity 15", days(15), "link_validity_days", "beyond the longest"},
	{"validity -1", days(-1), "link_validity_days", "a deadline before the registration"},
	{"validity huge", days(math.MaxInt), "link_validity_days", "must not overflow a date"},
	{"retention -1", retaining(-1), "image_retention_days", "no such time"},
	{"retention 0", retaining(0), "", "keep none"},
	{"retention 5000", retaining(5000), "", "the longest"},
	{"retention 5001", retaining(5001), "image_retention_days", "beyond the longest"},
	{"every document", showing(0, idpass.Licence, idpass.Passport, idpass.Medicare, idpass.Visa, idpass.Centrelink), "", "all five are known"},
	{"unknown document 1", showing(0, "library_card"), "document_1_allowed_types", "not one of the five"},
	{"unknown document 2", showing(1, "PASSPORT"), "document_2_allowed_types", "strings are exact"},
	{"empty document 3", showing(2, ""), "document_3_allowed_types", "null in JSON arrives so"},
	{"document twice", showing(1, idpass.Visa, idpass.Visa), "document_2_allowed_types", "each once"},
	{"applicant empty", applicant(""), "applicant", "whose pass is it"},
	{"applicant of one byte", applicant("a"), "", "the shortest"},
	{"applicant of 255 bytes", applicant(strings.Repeat("a", 255)), "", "the longest"},
	{"applicant of 256 bytes", applicant(strings.Repeat("a", 256)), "applicant", "too long for a key"},
	{"applicant of 128 runes", applicant(strings.Repeat("é", 128)), "applicant", "bytes are counted, not runes"},
	{"applicant with NUL", applicant("a\x00b"), "applicant", "no store takes it"},
	{"applicant not UTF-8", applicant("a\xffb"), "applicant", "JSON would replace it in silence"},
	{"slot of 255 bytes", inSlot(strings.Repeat("s", 255)), "", "the longest"},
	{"slot of 256 bytes", inSlot(strings.Repeat("s", 256)), "slot", "too long for a key"},
	{"slot with NUL", inSlot("s\x00"), "slot", "no store takes it"},
	{"key of 255 bytes", keyed(strings.Repeat("k", 255)), "", "the longest"},
	{"key of 256 bytes", keyed(strings.Repeat("k", 256)), "Idempotency-Key", "too long for a key"},
	{"key not UTF-8", keyed("\xc3"), "Idempotency-Key", "no store takes it"},
	{"identity of any JSON", identity(`[1,"a",null]`), "", "the host's matter"},
	{"identity escapes NUL", identity(`"\u0000"`), "", "escaped, it is text"},
	{"identity cut short", identity(`{"a":`), "requested_identity", "no JSON"},
	{"identity empty", identity(``), "requested_identity", "no bytes are no JSON"},
	{"identity and more", identity(`{} {}`), "requested_identity", "two values"},
	{"identity not UTF-8", identity("\"\xff\""), "requested_identity", "JSON would replace it in silence"},
	{"identity of 10240 bytes", identity(`"` + strings.Repeat("x", 10238) + `"`), "", "the largest"},
	{"identity of 10241 bytes", identity(`"` + strings.Repeat("x", 10239) + `"`), "requested_identity", "too large"},
	{"identity loose", identity(strings.Repeat(" ", 20000) + `{}`), "", "compact JSON is counted"},
	{"identity of markup", identity(`"` + strings.Repeat("<", 10238) + `"`), "", "stored as it is, not six times as long"},
	{"fee negative", fee(-1, "AUD"), "fee", "money from nowhere"},
	{"fee 0", fee(0, "AUD"), "", "a free pass"},
	{"fee of 1", fee(1, "CREDIT"), "", "a credit unit is a currency"},
	{"fee largest", fee(math.MaxInt64, "AUD"), "", "it fits, and is charged and refunded exactly"},
	{"fee without currency", fee(500, ""), "fee", "500 of what"},
	{"fee 0 without currency", fee(0, ""), "fee", "the currency is part of an amount"},
	{"fee in small letters", fee(500, "aud"), "fee", "codes are exact"},
}

// A registration inside its bounds is kept as answered; one outside is told its field and
// leaves nothing.
func TestRegisterBounds(t *testing.T) {
	for _, row := range bounds {
		t.Run(row.name, func(t *testing.T) {
			h := newHost(t, nil)
			r := registration(row.edit)
			answer, err := h.Service.Register(ctx, h.Person, r)
			if row.field == "" {
				must(t, err)
				p, _ := sound(t, h, answer.Pass.ID)
				if !reflect.DeepEqual(p, answer.Pass) {
					t.Errorf("answered\n%+v, stored\n%+v", answer.Pass, p)
				}
				return
			}
			var invalid *lifecycle.Invalid
			if !errors.As(err, &invalid) || invalid.Field != row.field {
				t.Errorf("error is %v, want one of %s: %s", err, row.field, row.why)
			}
			if !reflect.DeepEqual(answer, idpass.Answer{}) {
				t.Errorf("a refusal answers %+v", answer)
			}
			if l, err := h.List(ctx, h.Person, r.Applicant, idpass.Filter{}); err == nil && l.Total != 0 {
				t.Errorf("%d passes were registered: %s", l.Total, row.why)
			}
		})
	}
}

// What a pass keeps is its own: neither the caller's values nor the answer's reach it.
func TestRegisterKeepsItsOwn(t *testing.T) {
	h := newHost(t, nil)
	r := registration(showing(0, idpass.Visa, idpass.Licence), showing(1, idpass.Passport), identity(`{"a": "<b>"}`), days(14), retaining(30))
	answer, err := h.Service.Register(ctx, h.Person, r)
	must(t, err)
	answer.Pass.Order.Document1[0] = idpass.Medicare
	if r.Documents[0][0] != idpass.Visa || string(r.RequestedIdentity) != `{"a": "<b>"}` {
		t.Errorf("the caller's registration is %+v", r)
	}
	r.Documents[1][0], *r.LinkValidityDays = idpass.Medicare, 1
	p, _ := sound(t, h, answer.Pass.ID)
	want := idpass.Order{
		LinkValidityDays: 14, ImageRetentionDays: 30, Fee: idpasstest.Fee, RequestedIdentity: json.RawMessage(`{"a":"<b>"}`),
		Document1: []idpass.DocumentType{idpass.Visa, idpass.Licence}, Document2: []idpass.DocumentType{idpass.Passport},
	}
	if !reflect.DeepEqual(p.Order, want) || !p.ExpiresAt.Equal(p.CreatedAt.AddDate(0, 0, 14)) {
		t.Errorf("order is\n%+v, want\n%+v", p.Order, want)
	}
}

// A free pass posts nothing, whatever becomes of it, and no fee of it is ever refunded.
func TestFreePassPostsNothing(t *testing.T) {
	for _, s := range statuses() {
		t.Run(string(s), func(t *testing.T) {
			h := newHost(t, nil)
			p, trail := sound(t, h, h.In(s, costing(0)).ID)
			if p.FeeRefunded || len(trail.Postings) != 0 {
				t.Errorf("fee_refunded %v, postings %v", p.FeeRefunded, trail.Postings)
			}
		})
	}
}

// A repeat with its key answers with the pass as it now stands, and writes nothing.
func TestRegisterRepeated(t *testing.T) {
	h := newHost(t, nil)
	full := []edit{keyed("key"), inSlot("slot"), showing(0, idpass.Visa), identity(`{"a":1}`)}
	first, err := h.Service.Register(ctx, h.Person, registration(full...))
	must(t, err)
	if first.Pass.ID != store.IdempotentID(idpasstest.Organization, "key") {
		t.Errorf("id %s is not derived from organization and key", first.Pass.ID)
	}
	_, err = h.Consent(ctx, h.Provider, first.Pass.ID, idpass.Report{})
	must(t, err)
	h.Clock.Advance(time.Hour)
	same := []struct {
		name, why string
		edits     []edit
	}{
		{"equal", "the same bytes", nil},
		{"default spelt out", "7 days are the default", []edit{days(7)}},
		{"spaces in JSON", "the same value", []edit{identity(` { "a" : 1 } `)}},
		{"empty list for none", "an order without documents either way", []edit{showing(2, []idpass.DocumentType{}...)}},
	}
	for _, row := range same {
		t.Run(row.name, func(t *testing.T) {
			unchanged(t, h, first.Pass, func() {
				again, err := h.Service.Register(ctx, h.Person, registration(append(full, row.edits...)...))
				must(t, err)
				if again.Pass.ID != first.Pass.ID || again.Pass.Status != idpass.InProgress || again.Reference == first.Reference {
					t.Errorf("repeated: %+v: %s", again, row.why)
				}
			})
		})
	}
	other := []struct {
		name, why string
		edit      edit
	}{
		{"applicant", "another customer", applicant("applicant-2")},
		{"slot", "another slot", inSlot("other")},
		{"no slot", "not the slot", inSlot("")},
		{"fee", "another price", costing(501)},
		{"currency", "another price", fee(500, "NZD")},
		{"validity", "another deadline", days(8)},
		{"retention", "another order", retaining(1)},
		{"documents", "another order", showing(0, idpass.Passport)},
		{"documents of another place", "another order", showing(1, idpass.Visa)},
		{"identity", "another order", identity(`{"a":2}`)},
		{"no identity", "another order", identity(`null`)},
	}
	for _, row := range other {
		t.Run("other "+row.name, func(t *testing.T) {
			unchanged(t, h, first.Pass, func() {
				answer, err := h.Service.Register(ctx, h.Person, registration(append(full, row.edit)...))
				wantError(t, err, product.ErrKeyReused)
				if !reflect.DeepEqual(answer, idpass.Answer{}) {
					t.Errorf("answers with the other's pass: %s", row.why)
				}
			})
		})
	}
}

// Without a key every call registers; a key is its organization's own.
func TestRegisterKeysAreApart(t *testing.T) {
	h := newHost(t, nil)
	a, b := h.Register(), h.Register()
	c, d := h.Register(keyed("a")), h.Register(keyed("b"))
	theirs, err := h.Service.Register(ctx, stranger, registration(keyed("a")))
	must(t, err)
	ids := map[uuid.UUID]bool{a.ID: true, b.ID: true, c.ID: true, d.ID: true, theirs.Pass.ID: true}
	if len(ids) != 5 {
		t.Errorf("%d passes of 5 registrations", len(ids))
	}
}

// The null of JSON is no identity, in the answer as in the store.
func TestRegisterNullIdentity(t *testing.T) {
	h := newHost(t, nil)
	if p := h.Register(identity(" null ")); p.Order.RequestedIdentity != nil {
		t.Errorf("identity is %s", p.Order.RequestedIdentity)
	}
}

// A commit of which nobody knows is settled by its entry: one pass, one charge, and the
// answer is the pass that is there.
func TestRegisterThroughUnknownOutcomes(t *testing.T) {
	for n, doubt := range []fault.Fault{fault.LostAnswer, fault.LostRequest, fault.Late} {
		h := newHost(t, fault.New(memory.New(idpass.Schema), fault.Script(fault.Commit, doubt)))
		p := h.Register(inSlot("slot"))
		if stored, trail := sound(t, h, p.ID); !reflect.DeepEqual(stored, p) || len(trail.Postings) != 1 || last(trail).Verdict != audit.Moved {
			t.Errorf("doubt %d: answered\n%+v, stored\n%+v", n, p, stored)
		}
	}
}
