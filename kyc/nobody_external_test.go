package kyc_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/kyc/kyctest"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/product"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/fault"
)

// operations are all that an actor can do to a validation.
var operations = map[string]func(h *kyctest.Host, a kyc.Actor, v kyc.Validation) error{
	"create": func(h *kyctest.Host, a kyc.Actor, v kyc.Validation) error {
		return second(h.Service.Create(ctx, a, kyc.NewValidation{EntityID: v.EntityID, Provider: kyctest.Code}))
	},
	"approve": func(h *kyctest.Host, a kyc.Actor, v kyc.Validation) error {
		return second(h.Approve(ctx, a, v.ID, "because"))
	},
	"reject": func(h *kyctest.Host, a kyc.Actor, v kyc.Validation) error {
		return second(h.Reject(ctx, a, v.ID, "because"))
	},
	"cancel": func(h *kyctest.Host, a kyc.Actor, v kyc.Validation) error {
		return second(h.Cancel(ctx, a, v.ID, "because"))
	},
	"sync": func(h *kyctest.Host, a kyc.Actor, v kyc.Validation) error { return second(h.Sync(ctx, a, v.ID, true)) },
	"get":  func(h *kyctest.Host, a kyc.Actor, v kyc.Validation) error { return second(h.Validation(ctx, a, v.ID)) },
	"current": func(h *kyctest.Host, a kyc.Actor, v kyc.Validation) error {
		return second(h.Current(ctx, a, v.EntityID))
	},
	"status": func(h *kyctest.Host, a kyc.Actor, v kyc.Validation) error {
		return second(h.Status(ctx, a, v.EntityID))
	},
	"list": func(h *kyctest.Host, a kyc.Actor, v kyc.Validation) error {
		return second(h.List(ctx, a, v.EntityID, kyc.Filter{}))
	},
	"history": func(h *kyctest.Host, a kyc.Actor, v kyc.Validation) error { return second(h.History(ctx, a, v.ID)) },
}

// Every operation is made by an actor (spec, first page): an organization, a kind and an id.
func TestNobodyMayDoAnything(t *testing.T) {
	f := fault.New(newStore())
	h := newHost(t, f)
	v := h.In(kyc.InReview)
	for name, edit := range map[string]func(*kyc.Actor){
		"no organization": func(a *kyc.Actor) { a.Organization = "" },
		"no kind":         func(a *kyc.Actor) { a.Kind = "" },
		"no id":           func(a *kyc.Actor) { a.ID = "" },
		"no text":         func(a *kyc.Actor) { a.ID = "user\x00a" },
	} {
		for operation, do := range operations {
			nobody := h.Person
			edit(&nobody)
			loads := f.Calls(fault.Load)
			if err := do(h, nobody, v); !errors.Is(err, lifecycle.ErrInvalid) || f.Calls(fault.Load) != loads {
				t.Errorf("%s, %s: got %v after %d loads", operation, name, err, f.Calls(fault.Load)-loads)
			}
		}
	}
	for _, operation := range []string{"create", "approve", "reject", "cancel"} {
		machine := kyc.Actor{Organization: kyctest.Organization, Kind: audit.Provider, ID: "gateway"}
		if err := operations[operation](h, machine, v); !errors.Is(err, product.ErrForbidden) {
			t.Errorf("%s by a provider: got %v", operation, err)
		}
	}
}

// Do makes the commands that somebody wishes for. What the service brings itself is nobody's
// wish, and a report is news: neither is looked up, whoever asks.
func TestNobodyWishesForWhatTheServiceBrings(t *testing.T) {
	f := fault.New(newStore())
	h := newHost(t, f)
	v := h.In(kyc.InReview)
	wishes := []kyc.Event{kyc.Approve, kyc.Reject, kyc.Cancel}
	for _, event := range kyc.Machine.Definition().Events {
		if slices.Contains(wishes, event.Name) {
			continue
		}
		loads := f.Calls(fault.Load)
		for _, kind := range event.By {
			actor := kyc.Actor{Organization: kyctest.Organization, Kind: kind, ID: "x"}
			_, err := h.Do(ctx, actor, v.ID, event.Name, "because of it")
			if !errors.Is(err, product.ErrForbidden) || f.Calls(fault.Load) != loads {
				t.Errorf("%s by a %s: got error %v after %d loads, want ErrForbidden after none", event.Name, kind, err, f.Calls(fault.Load)-loads)
			}
		}
	}
	for _, on := range append(wishes, "undo") {
		got, err := h.Do(ctx, h.Person, h.In(kyc.InReview).ID, on, "because of it")
		if (err == nil) == (on == "undo") || on == "undo" && !errors.Is(err, product.ErrForbidden) {
			t.Errorf("%s: got %s, error %v", on, got.Status, err)
		}
	}
}

// What a host's own tables may hold, and a store of this library would not.
func TestDecideTakesARecordAsItIs(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	v := kyc.Validation{ID: kyctestID(7), OrganizationID: kyctest.Organization, EntityID: kyctestID(8), Status: kyc.Pending, ExpiresAt: now.Add(time.Hour)}
	in := kyc.Input{Event: kyc.Cancel, Call: callAt(now), Reason: "because"}
	d, err := kyc.Decide(store.Record[kyc.Validation]{Value: v, Version: 1}, in, kyc.DefaultSettings())
	if err != nil || string(d.Value.Metadata["cancelledBy"]) != `"user_a"` || v.Metadata != nil {
		t.Errorf("without metadata: %v, %v", d.Value.Metadata, err)
	}
	if b, err := json.Marshal(v.Document()); err != nil || !json.Valid(b) || string(member(t, b, "metadata")) != "{}" {
		t.Errorf("metadata is an object: %s, %v", b, err)
	}
	v.Status = "lost"
	for _, deadline := range []time.Time{now.Add(time.Hour), now.Add(-time.Hour)} { // an overdue one is judged by its deadline first
		v.ExpiresAt = deadline
		if _, err := kyc.Decide(store.Record[kyc.Validation]{Value: v, Version: 1}, in, kyc.DefaultSettings()); !errors.Is(err, lifecycle.ErrUnknown) {
			t.Errorf("in a status that the machine does not have: %v", err)
		}
	}
	if e, ok := kyc.ProviderStatus("lost").Event(); ok || e != "" {
		t.Errorf("a word that is none makes the report %q", e)
	}
}

func member(t *testing.T, object []byte, name string) json.RawMessage {
	t.Helper()
	var members map[string]json.RawMessage
	if err := json.Unmarshal(object, &members); err != nil {
		t.Fatal(err)
	}
	return members[name]
}

// A store is never given what it could not give back.
func TestOnlyTextAndJSONAreStored(t *testing.T) {
	whole := newHost(t, nil).In(kyc.InReview)
	for _, row := range []struct {
		name, why string
		edit      func(*kyc.Validation)
		ok        bool
	}{
		{"as it is", "nothing is wrong with it", func(*kyc.Validation) {}, true},
		{"NUL in the provider", "no store keeps it", func(v *kyc.Validation) { v.Provider = "a\x00" }, false},
		{"no UTF-8 in the link", "JSON would replace it in silence", func(v *kyc.Validation) { v.ProviderSessionURL = "\xff" }, false},
		{"no JSON in the evidence", "it is passed on as it came", func(v *kyc.Validation) { v.Evidence.RiskAssessment = json.RawMessage("{") }, false},
		{"no UTF-8 in a key", "the same", func(v *kyc.Validation) { v.Metadata = map[string]json.RawMessage{"\xff": json.RawMessage("1")} }, false},
		{"no UTF-8 in a value", "the same", func(v *kyc.Validation) { v.Metadata = map[string]json.RawMessage{"plan": json.RawMessage("\"\xff\"")} }, false},
	} {
		v := whole
		row.edit(&v)
		if _, err := kyc.Schema.Encode(v); errors.Is(err, store.ErrText) == row.ok || (err == nil) != row.ok {
			t.Errorf("%s: got %v (%s)", row.name, err, row.why)
		}
	}
}

// Two creates with one key: the one that comes second finds the first one's validation at
// its own commit, and answers with it, or with the conflict.
func TestACreateMeetsItsRival(t *testing.T) {
	for _, row := range []struct {
		name  string
		rival kyc.NewValidation
		want  error
	}{
		{"equal", kyc.NewValidation{EntityID: kyctestID(5), Provider: kyctest.Code, IdempotencyKey: "k"}, nil},
		{"with other input", kyc.NewValidation{EntityID: kyctestID(6), Provider: kyctest.Code, IdempotencyKey: "k"}, product.ErrKeyReused},
	} {
		t.Run(row.name, func(t *testing.T) {
			f := fault.New(newStore())
			h := newHost(t, f)
			var first kyc.Validation
			f.Follow(fault.Script(fault.Commit, fault.Wait(func(inner context.Context) (err error) {
				if first, err = h.Service.Create(inner, h.Person, row.rival); err == nil {
					first = h.Hear(first, kyc.ProviderInReview).Value
				}
				return err
			})))
			got, err := h.Service.Create(ctx, h.Person, kyc.NewValidation{EntityID: kyctestID(5), Provider: kyctest.Code, IdempotencyKey: "k"})
			if !errors.Is(err, row.want) || row.want == nil && (got.ID != first.ID || got.Status != kyc.InReview) {
				t.Errorf("got %v %s, %v; the rival's is %v, and in review by now", got.ID, got.Status, err, first.ID)
			}
		})
	}
}

// A provider that the host no longer has configured is owed its termination all the same.
func TestATerminationOutlivesItsProvidersConfiguration(t *testing.T) {
	h := newHost(t, nil)
	v := h.Create()
	bare, err := kyc.NewService(kyc.Config{Repository: h.Repository, Settings: kyc.DefaultSettings(), Now: h.Clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	if v, err = bare.Cancel(ctx, h.Person, v.ID, "because"); err != nil || v.TerminationOwed.IsZero() {
		t.Fatalf("cancel: owed since %v, %v", v.TerminationOwed, err)
	}
	h.Clock.Advance(time.Second) // past the pause after the first failure
	if done, err := bare.Sweep(ctx); err != nil || done != (kyc.Swept{Owed: 1}) {
		t.Errorf("sweep: %+v, error %v", done, err)
	}
	h.Clock.Advance(time.Hour) // past the next pause, and the sweep's lease
	if done, err := h.Sweep(ctx); err != nil || done != (kyc.Swept{Terminated: 1}) || !h.Provider.Terminated(v.ValidationSessionID) {
		t.Errorf("configured again: %+v, %v", done, err)
	}
}

// A sweep in which everything fails gives every record its turn, and ends.
func TestASweepThatOnlyFailsEnds(t *testing.T) {
	f := fault.New(newStore())
	h := newHost(t, f, func(s *kyc.Settings) { s.SweepBatch, s.SweepLease = 1, 0 })
	h.Create()
	h.Clock.Advance(8 * 24 * time.Hour)
	endless := errors.New("test: it would never end")
	f.Follow(fault.Always(fault.Load, fault.Fail(errDisk)), func(c fault.Call) fault.Fault {
		if c.Method == fault.Due && c.N > 10 {
			return fault.Fail(endless)
		}
		return fault.None
	})
	if done, err := h.Sweep(ctx); !errors.Is(err, errDisk) || errors.Is(err, endless) || done != (kyc.Swept{}) || f.Calls(fault.Due) != 3 {
		t.Errorf("%+v, %v after %d batches, want the store's error after 3: the second sees it again, the third looks behind it", done, err, f.Calls(fault.Due))
	}
}

// Every word that a provider can say is read back as it was stored; no other is.
func TestEveryWordIsReadBack(t *testing.T) {
	v := newHost(t, nil).Create()
	for _, word := range []kyc.ProviderStatus{
		"", kyc.ProviderNotStarted, kyc.ProviderInProgress, kyc.ProviderInReview, kyc.ProviderExpired, kyc.ProviderAbandoned, kyc.ProviderRejected, kyc.ProviderApproved, "lost",
	} {
		v.LastWord = kyc.Word{Status: word, At: v.CreatedAt}
		stored, err := kyc.Schema.Encode(v)
		if err != nil {
			t.Fatal(err)
		}
		got, err := kyc.Schema.Decode(stored)
		if (err == nil) != (word != "lost") || err == nil && got.LastWord != v.LastWord {
			t.Errorf("%q: got %v, %v", word, got.LastWord, err)
		}
	}
}
