package kyc_test

import (
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/kyc/kyctest"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/product"
	"github.com/kycle/kycle/store"
)

func TestCreateSupersedesTheNewestWhateverItsStatus(t *testing.T) {
	for _, status := range []kyc.Status{kyc.Pending, kyc.InProgress, kyc.InReview, kyc.Approved, kyc.Rejected, kyc.Expired, kyc.Abandoned, kyc.Cancelled} {
		t.Run(string(status), func(t *testing.T) {
			h := newHost(t, nil)
			old := h.In(status)
			v := h.CreateFor(old.EntityID)
			after := stored(t, h, old).Value
			if after.Status != status || after.IsCurrent || after.SupersededBy != v.ID || !v.IsCurrent {
				t.Fatalf("old %+v, new %+v", after, v)
			}
			entries := trail(t, h, old).Entries
			last := entries[len(entries)-1]
			if last.Verdict != "superseded" || last.From != string(status) || last.To != string(status) || !strings.Contains(changed(last), v.ID.String()) {
				t.Errorf("entry %+v", last)
			}
			if view, err := h.Current(ctx, h.Person, old.EntityID); err != nil || view.ID != v.ID {
				t.Errorf("current is %v, %v", view.ID, err)
			}
		})
	}
}

func changed(e audit.Entry) (all string) {
	for _, c := range e.Changes {
		all += c.Field + ":" + c.From + ">" + c.To + " "
	}
	return all
}

func TestASupersededValidationNeverRegainsTheFlag(t *testing.T) {
	h := newHost(t, nil)
	old := h.In(kyc.Rejected)
	v := h.CreateFor(old.EntityID)
	if _, err := h.Cancel(ctx, h.Person, v.ID, "made for a test"); err != nil {
		t.Fatal(err)
	}
	revived := h.Hear(old, kyc.ProviderApproved).Value
	if revived.Status != kyc.Approved || revived.IsCurrent {
		t.Fatalf("a provider may revive it, without the flag: %s, current %t", revived.Status, revived.IsCurrent)
	}
	if _, err := h.Current(ctx, h.Person, old.EntityID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the newest one is cancelled, so none is current: %v", err)
	}
}

func TestAnIdempotencyKeyMakesOneValidation(t *testing.T) {
	synctest.Test(t, oneValidation)
}

func oneValidation(t *testing.T) {
	h := newHost(t, distant())
	in := kyc.NewValidation{EntityID: kyctestID(9), Provider: kyctest.Code, IdempotencyKey: "key-1",
		Metadata: map[string]json.RawMessage{"case": []byte(`{"b": 1,   "a": 2}`)}}
	var wait sync.WaitGroup
	ids := make([]uuid.UUID, 16)
	for i := range ids {
		wait.Go(func() {
			v, err := h.Service.Create(ctx, h.Person, in)
			if err != nil {
				t.Error(err)
			}
			ids[i] = v.ID
		})
	}
	wait.Wait()
	for _, id := range ids {
		if id != store.IdempotentID(kyctest.Organization, "key-1") {
			t.Fatalf("ids %v", ids)
		}
	}
	if l, err := h.List(ctx, h.Person, in.EntityID, kyc.Filter{}); err != nil || l.Total != 1 {
		t.Fatalf("%d validations, %v", l.Total, err)
	}
	if _, err := h.Cancel(ctx, h.Person, ids[0], "made for a test"); err != nil {
		t.Fatal(err)
	}
	if v, err := h.Service.Create(ctx, h.Person, in); err != nil || v.Status != kyc.Cancelled {
		t.Errorf("a repeat answers with it as it now stands: %s, %v", v.Status, err)
	}
	other := in
	other.EntityID = kyctestID(8)
	if _, err := h.Service.Create(ctx, h.Person, other); !errors.Is(err, product.ErrKeyReused) || kyc.Explain(err).Code != "CONFLICT" {
		t.Errorf("other input under the key: %v", err)
	}
	stranger := kyc.Actor{Organization: "org_b", Kind: audit.Person, ID: "user_b"}
	if v, err := h.Service.Create(ctx, stranger, other); err != nil || v.ID == ids[0] {
		t.Errorf("another organization has keys of its own: %v", err)
	}
}

func TestAProviderFailureStoresNothingAndLeavesTheKeyFree(t *testing.T) {
	h := newHost(t, nil)
	in := kyc.NewValidation{EntityID: kyctestID(9), Provider: kyctest.Code, IdempotencyKey: "key-1"}
	h.Provider.Down(true)
	_, err := h.Service.Create(ctx, h.Person, in)
	if !errors.Is(err, kyc.ErrProvider) || !errors.Is(err, kyctest.ErrDown) || kyc.Explain(err).HTTP != 502 {
		t.Fatalf("got error %v, want ErrProvider, the provider's own in it, and 502", err)
	}
	if s, err := h.Status(ctx, h.Person, in.EntityID); err != nil || s.HasKYC {
		t.Errorf("%+v %v", s, err)
	}
	h.Provider.Down(false)
	in.EntityID = kyctestID(8)
	if _, err := h.Service.Create(ctx, h.Person, in); err != nil {
		t.Errorf("the key was not used: %v", err)
	}
}

func TestCreateRefusesBadInput(t *testing.T) {
	meta := func(key, value string) map[string]json.RawMessage {
		return map[string]json.RawMessage{key: []byte(value)}
	}
	long := `"` + strings.Repeat("<", 10_240-len(`{"k":""}`)) + `"`
	for _, row := range []struct {
		name  string
		edit  func(*kyc.NewValidation)
		field string // "": it is taken
		why   string
	}{
		{"no entity", func(n *kyc.NewValidation) { n.EntityID = uuid.Nil }, "entityId", "a validation is of somebody"},
		{"no code", func(n *kyc.NewValidation) { n.Provider = "" }, "integrationCode", "it names the provider"},
		{"key with NUL", func(n *kyc.NewValidation) { n.IdempotencyKey = "a\x00" }, "Idempotency-Key", "no store takes it"},
		{"key too long", func(n *kyc.NewValidation) { n.IdempotencyKey = strings.Repeat("k", 256) }, "Idempotency-Key", "a limit for every text"},
		{"decision key", func(n *kyc.NewValidation) { n.Metadata = meta("approvalReason", `"x"`) }, "metadata", "spec 1.6: they are the decision's"},
		{"not JSON", func(n *kyc.NewValidation) { n.Metadata = meta("k", `{`) }, "metadata", "it is an object of JSON"},
		{"not UTF-8", func(n *kyc.NewValidation) { n.Metadata = meta("k", "\"\xff\"") }, "metadata", "JSON is UTF-8"},
		{"10,241 bytes", func(n *kyc.NewValidation) { n.Metadata = meta("k", long+" ") }, "", "compact JSON is what counts"},
		{"one byte more", func(n *kyc.NewValidation) { n.Metadata = meta("kk", long) }, "metadata", "at most 10,240"},
	} {
		t.Run(row.name, func(t *testing.T) {
			h := newHost(t, nil)
			in := kyc.NewValidation{EntityID: kyctestID(9), Provider: kyctest.Code}
			row.edit(&in)
			_, err := h.Service.Create(ctx, h.Person, in)
			var invalid *lifecycle.Invalid
			if errors.As(err, &invalid) != (row.field != "") || invalid != nil && invalid.Field != row.field {
				t.Fatalf("got %v, want a fault of %q", err, row.field)
			}
		})
	}
	h := newHost(t, nil)
	if _, err := h.Service.Create(ctx, h.Person, kyc.NewValidation{EntityID: kyctestID(9), Provider: "unknown"}); !errors.Is(err, kyc.ErrNotConfigured) {
		t.Errorf("unknown integration code: %v", err)
	}
}

func TestMetadataComesBackAsItWentIn(t *testing.T) {
	h := newHost(t, nil)
	in := kyc.NewValidation{EntityID: kyctestID(9), Provider: kyctest.Code, Metadata: map[string]json.RawMessage{
		"big": []byte("12345678901234567890"), "html": []byte(`"<a&b>"`), "emoji": []byte(`"é 🙂"`), "null": []byte("null")}}
	v, err := h.Service.Create(ctx, h.Person, in)
	if err != nil {
		t.Fatal(err)
	}
	for key, value := range in.Metadata {
		if got := stored(t, h, v).Value.Metadata[key]; string(got) != string(value) {
			t.Errorf("%s: got %s, want %s", key, got, value)
		}
	}
	if body := string(trail(t, h, v).Entries[0].Body); !strings.Contains(body, "12345678901234567890") {
		t.Errorf("it stands in the entry's body, which can be erased: %s", body)
	}
}
