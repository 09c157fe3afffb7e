package idpass_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/idpass/idpasstest"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/refund"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/fault"
	"github.com/kycle/kycle/store/memory"
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
	h := newHost(f, nil)
	for _, s := range statuses() {
		b, err := idpass.Schema.Encode(h.In(s, inSlot("slot-"+string(s)), identity(`{"a":"<"}`), showing(0, idpass.Visa)))
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

// spoilt is one way in which stored text can be no pass of this version's.
type spoilt struct{ name, from, to, why string }

// What no pass can be is refused when it is read, and so is what this version does not
// know: to drop it in silence would lose it at the next commit.
func TestDecodeRefuses(t *testing.T) {
	h := newHost(t, nil)
	good, err := idpass.Schema.Encode(h.In(idpass.Complete))
	must(t, err)
	for _, row := range []spoilt{
		{"unknown status", `"status":"complete"`, `"status":"done"`, "not one of the seven"},
		{"status in capitals", `"status":"complete"`, `"status":"COMPLETE"`, "strings are exact"},
		{"status of a number", `"status":"complete"`, `"status":1`, "no text"},
		{"status null", `"status":"complete"`, `"status":null`, "a pass has one"},
		{"no status", `"status":"complete",`, ``, "a pass has one"},
		{"unknown outcome", `"verification_status":"passed"`, `"verification_status":"maybe"`, "passed or failed"},
		{"empty outcome", `"verification_status":"passed"`, `"verification_status":""`, "passed or failed"},
		{"malformed id", `"id":"00000000`, `"id":"0000-0000`, "no UUID"},
		{"id null", `"id":"00000000-0000-8000-8000-000000000001"`, `"id":null`, "a pass has one"},
		{"no id", `"id":"00000000-0000-8000-8000-000000000001",`, ``, "a pass has one"},
		{"unknown document", `"document_1_allowed_types":null`, `"document_1_allowed_types":["library_card"]`, "not one of the five"},
		{"document null", `"document_2_allowed_types":null`, `"document_2_allowed_types":["visa",null]`, "not one of the five"},
		{"bad time", `"created_at":"2025-01-15`, `"created_at":"2025-13-15`, "no such month"},
		{"cut short", `Z"}`, `Z"`, "no JSON"},
		{"unknown field", `{`, `{"risk":"high",`, "a newer version wrote it, and means something by it"},
		{"unknown field in the fee", `"currency":"AUD"`, `"currency":"AUD","net":400`, "a field within is a field too"},
		{"nested order", `"link_validity_days":7,`, `"order":{"link_validity_days":7},`, "another version's shape"},
		{"a list", `{`, `[{`, "another version's shape"},
		{"text after the value", `Z"}`, `Z"}x`, "it is no JSON any more"},
		{"a brace after the value", `Z"}`, `Z"}}`, "it is no JSON any more"},
		{"a second value", `Z"}`, `Z"} {}`, "which of the two is the pass?"},
		{"NUL after the value", `Z"}`, "Z\"}\x00", "a page of a file that was cut short"},
	} {
		t.Run(row.name, func(t *testing.T) {
			bad := strings.Replace(string(good), row.from, row.to, 1)
			if bad == string(good) {
				t.Fatalf("nothing was spoilt in %s", good)
			}
			if p, err := idpass.Schema.Decode([]byte(bad)); err == nil || !reflect.DeepEqual(p, idpass.Pass{}) {
				t.Errorf("decoded as %+v, error %v: %s", p, err, row.why)
			}
		})
	}
}

// Records that were written as the Go value has its names, with the order within, are not
// read as far as they happen to fit.
func TestDecodeRefusesTheNamesOfGo(t *testing.T) {
	const old = `{"ID":"00000000-0000-8000-8000-000000000001","OrganizationID":"org_a","Applicant":"applicant-1","Status":"new",` +
		`"Link":"https://pass.example.com/1","Order":{"link_validity_days":7,"fee":{"amount":500,"currency":"AUD"}},` +
		`"CreatedAt":"2025-01-15T10:30:00Z"}`
	if p, err := idpass.Schema.Decode([]byte(old)); err == nil || !reflect.DeepEqual(p, idpass.Pass{}) {
		t.Errorf("decoded as %+v, error %v", p, err)
	}
}

// A pass that a newer version has written keeps what it says: every operation fails, and
// none commits it without the field that this version does not know.
func TestAPassOfANewerVersionIsLeftAlone(t *testing.T) {
	newer := idpass.Schema
	newer.Encode = func(p idpass.Pass) ([]byte, error) {
		b, err := idpass.Schema.Encode(p)
		return append([]byte(`{"risk":"high",`), b[1:]...), err
	}
	h := newHost(t, memory.New(newer))
	id := store.IdempotentID(idpasstest.Organization, "key")
	if _, err := h.Service.Register(ctx, h.Person, registration(keyed("key"))); err != nil {
		t.Fatal(err)
	}
	for name, operation := range map[string]func() error{
		"details":   func() error { _, err := h.Details(ctx, h.Person, id); return err },
		"list":      func() error { _, err := h.List(ctx, h.Person, idpasstest.Applicant, idpass.Filter{}); return err },
		"cancel":    func() error { _, err := h.Cancel(ctx, h.Person, id); return err },
		"open":      func() error { _, err := h.Open(ctx, h.Provider, id, idpass.Report{}); return err },
		"supersede": func() error { _, err := h.Supersede(ctx, h.Person, id, registration()); return err },
		"repeat":    func() error { _, err := h.Service.Register(ctx, h.Person, registration(keyed("key"))); return err },
	} {
		if err := operation(); err == nil || !strings.Contains(err.Error(), "risk") || idpass.Explain(err).Code != "INTERNAL" {
			t.Errorf("%s: got the error %v, want one that names the field, and INTERNAL for the caller", name, err)
		}
	}
	trail, err := h.Repository.History(ctx, store.Key{Organization: idpasstest.Organization, ID: id}, 0, 0)
	if err != nil || len(trail.Entries) != 1 {
		t.Errorf("%d entries, error %v, want the registration alone", len(trail.Entries), err)
	}
}

// A store is never given what it could not give back.
func TestOnlyTextAndJSONAreStored(t *testing.T) {
	whole := newHost(t, nil).Register()
	for _, row := range []struct {
		name, why string
		edit      func(*idpass.Pass)
		ok        bool
	}{
		{"as it is", "nothing is wrong with it", func(*idpass.Pass) {}, true},
		{"NUL in the applicant", "no store keeps it", func(p *idpass.Pass) { p.Applicant = "a\x00" }, false},
		{"no UTF-8 in the slot", "JSON would replace it in silence", func(p *idpass.Pass) { p.Slot = "\xff" }, false},
		{"no UTF-8 in the link", "the same", func(p *idpass.Pass) { p.Link = "\xff" }, false},
		{"no UTF-8 in the identity", "the same", func(p *idpass.Pass) { p.Order.RequestedIdentity = json.RawMessage("\"\xff\"") }, false},
	} {
		p := whole
		row.edit(&p)
		if _, err := idpass.Schema.Encode(p); errors.Is(err, store.ErrText) == row.ok || (err == nil) != row.ok {
			t.Errorf("%s: got the error %v, takes it %v is wanted (%s)", row.name, err, row.ok, row.why)
		}
	}
}

// A sweep in which everything fails gives every record its turn, and ends.
func TestASweepThatOnlyFailsEnds(t *testing.T) {
	f := fault.New(memory.New(idpass.Schema))
	h := newHost(t, f, func(s *idpass.Settings) { s.SweepBatch, s.SweepLease = 1, 0 })
	p := h.Register()
	h.Clock.Advance(week + time.Hour)
	endless := errors.New("test: it would never end")
	f.Follow(failing(p.ID, 0, errDown), func(c fault.Call) fault.Fault {
		if c.Method == fault.Due && c.N > 10 {
			return fault.Fail(endless)
		}
		return fault.None
	})
	if n, err := h.Sweep(ctx); n != 0 || !errors.Is(err, errDown) || errors.Is(err, endless) || f.Calls(fault.Due) != 3 {
		t.Errorf("%d expired, %v after %d batches, want the store's error after 3: the second sees it again, the third looks behind it", n, err, f.Calls(fault.Due))
	}
}

// A pass in a status that this version does not know is judged by nobody, overdue or not.
func TestDecideRefusesAnUnknownStatus(t *testing.T) {
	h := newHost(t, nil)
	p := h.Register()
	p.Status = "lost"
	for _, now := range []time.Time{p.CreatedAt, p.ExpiresAt.Add(time.Hour)} {
		in := idpass.Input{Event: idpass.Cancel, Call: audit.Call{Actor: h.Person, At: now}}
		if d, err := idpass.Decide(store.Record[idpass.Pass]{Value: p, Version: 1}, in); !errors.Is(err, lifecycle.ErrUnknown) || d.Changes != nil {
			t.Errorf("at %s: got %+v, error %v, want ErrUnknown", now, d, err)
		}
	}
}
