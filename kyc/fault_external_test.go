package kyc_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/kyc/kyctest"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/product"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/fault"
)

var errDisk = errors.New("disk on fire")

// bent is a repository whose histories are bent on the way.
type bent struct {
	kyc.Repository
	bend func(*store.History)
}

func (b *bent) History(ctx context.Context, k store.Key, after uint64, limit int) (store.History, error) {
	h, err := b.Repository.History(ctx, k, after, limit)
	if b.bend != nil {
		b.bend(&h)
	}
	return h, err
}

func TestAStoresFailureIsTold(t *testing.T) {
	for _, row := range []struct {
		name   string
		breaks fault.Method
		do     func(*kyctest.Host, kyc.Validation) error
	}{
		{"load, get", fault.Load, func(h *kyctest.Host, v kyc.Validation) error { return second(h.Validation(ctx, h.Person, v.ID)) }},
		{"load, sync", fault.Load, func(h *kyctest.Host, v kyc.Validation) error { return second(h.Sync(ctx, h.Person, v.ID, true)) }},
		{"load, approve", fault.Load, func(h *kyctest.Host, v kyc.Validation) error {
			return second(h.Approve(ctx, h.Person, v.ID, "because"))
		}},
		{"load, create", fault.Load, func(h *kyctest.Host, v kyc.Validation) error {
			return second(h.Service.Create(ctx, h.Person, kyc.NewValidation{EntityID: v.EntityID, Provider: kyctest.Code, IdempotencyKey: "k"}))
		}},
		{"commit, cancel", fault.Commit, func(h *kyctest.Host, v kyc.Validation) error {
			return second(h.Cancel(ctx, h.Person, v.ID, "because"))
		}},
		{"list, list", fault.List, func(h *kyctest.Host, v kyc.Validation) error {
			return second(h.List(ctx, h.Person, v.EntityID, kyc.Filter{}))
		}},
		{"list, status", fault.List, func(h *kyctest.Host, v kyc.Validation) error { return second(h.Status(ctx, h.Person, v.EntityID)) }},
		{"load, status", fault.Load, func(h *kyctest.Host, v kyc.Validation) error { return second(h.Status(ctx, h.Person, v.EntityID)) }},
		{"due, sweep", fault.Due, func(h *kyctest.Host, v kyc.Validation) error { return second(h.Sweep(ctx)) }},
		{"load, sweep", fault.Load, func(h *kyctest.Host, v kyc.Validation) error {
			h.Clock.Advance(8 * 24 * time.Hour)
			return second(h.Sweep(ctx))
		}},
		{"history, history", fault.History, func(h *kyctest.Host, v kyc.Validation) error { return second(h.History(ctx, h.Person, v.ID)) }},
	} {
		t.Run(row.name, func(t *testing.T) {
			f := fault.New(newStore())
			h := newHost(t, f)
			v := h.Create()
			f.Follow(fault.Always(row.breaks, fault.Fail(errDisk)))
			err := row.do(h, v)
			if p := kyc.Explain(err); !errors.Is(err, errDisk) || p.Code != "INTERNAL" || p.HTTP != 500 || strings.Contains(p.Message, "disk") {
				t.Errorf("got %v, %+v", err, p)
			}
		})
	}
}

func TestACommitInDoubt(t *testing.T) {
	for _, row := range []struct {
		name  string
		doubt fault.Fault
		why   string
	}{
		{"it happened", fault.LostAnswer, "the entry with the call's id settles it: the command is done, once"},
		{"it did not", fault.LostRequest, "it is decided again"},
		{"it happens late", fault.Late, "what it was is decided again, and meets it"},
	} {
		t.Run(row.name, func(t *testing.T) {
			h := newHost(t, fault.New(newStore(), fault.Every(2, fault.Commit, row.doubt)))
			v := h.In(kyc.InReview)
			v, err := h.Approve(ctx, h.Person, v.ID, "because of it")
			if err != nil || v.Status != kyc.Approved {
				t.Fatal(v.Status, err)
			}
			if got := trail(t, h, v); len(got.Postings) != 1 || got.Entries[len(got.Entries)-1].Event != "approve" {
				t.Errorf("%+v", got)
			}
		})
	}
	f := fault.New(newStore())
	h := newHost(t, f)
	v := h.Create()
	f.Follow(fault.Always(fault.Commit, fault.LostRequest), fault.Always(fault.History, fault.Fail(errDisk)))
	_, err := h.Cancel(ctx, h.Person, v.ID, "because of it")
	if p := kyc.Explain(err); p.HTTP != 503 || p.Code != "UNKNOWN_OUTCOME" {
		t.Errorf("where the history cannot be read either, it is said: %v", err)
	}
	f.Follow(fault.Always(fault.Commit, fault.Conflict))
	_, err = h.Cancel(ctx, h.Person, v.ID, "because of it")
	if p := kyc.Explain(err); p.HTTP != 409 || p.Code != "CONFLICT" {
		t.Errorf("every attempt lost: %v", err)
	}
}

func TestATrailThatDoesNotHoldIsShown(t *testing.T) {
	for _, row := range []struct {
		name string
		bend func(*store.History)
		kind string // of the audit.Fault; "": the books
		why  string
	}{
		{"an entry was edited", func(h *store.History) { h.Entries[1].Actor.ID = "user_b" }, "edit", "its hash is not its content's"},
		{"a body was edited", func(h *store.History) { h.Entries[2].Body = []byte(`{"reason":"another"}`) }, "edit", "its digest is not the body's"},
		{"a body was erased", func(h *store.History) { h.Entries[2].Body, h.Entries[2].Salt = nil, nil }, "none", "erasing leaves the chain valid"},
		{"an entry is missing", func(h *store.History) { h.Entries = append(h.Entries[:1:1], h.Entries[2:]...) }, "gap", "sequences are contiguous"},
		{"the end is missing", func(h *store.History) { h.Entries = h.Entries[:2] }, "cut", "the record's head is an anchor"},
		{"a charge is missing", func(h *store.History) { h.Postings = nil }, "", "the entry names it"},
		{"a charge is another", func(h *store.History) { h.Postings[0].Minor = 2 }, "", "the entry names its amount"},
	} {
		t.Run(row.name, func(t *testing.T) {
			f := &bent{Repository: newStore()}
			h := newHost(t, f)
			v := h.ByHand(kyc.Approved)
			trail(t, h, v)
			f.bend = row.bend
			got, err := h.History(ctx, h.Person, v.ID)
			var fault *audit.Fault
			switch errors.As(got.Fault, &fault); {
			case err != nil:
				t.Fatal(err)
			case row.kind == "none" && got.Fault != nil, row.kind == "" && !errors.Is(got.Fault, product.ErrBooks):
				t.Errorf("got fault %v, want that of %q: %s", got.Fault, row.kind, row.why)
			case row.kind != "" && row.kind != "none" && (fault == nil || fault.Kind != row.kind):
				t.Errorf("got %v, want a fault of kind %s", got.Fault, row.kind)
			}
		})
	}
	t.Run("another status is stored", func(t *testing.T) {
		h := newHost(t, nil)
		r := stored(t, h, h.In(kyc.InReview))
		r.Value.Status = kyc.Approved
		if err := h.Repository.Commit(ctx, store.Change[kyc.Validation]{Next: r.Value, Expect: r.Version}); err != nil {
			t.Fatal(err)
		}
		if got, err := h.History(ctx, h.Person, r.Value.ID); err != nil || !errors.Is(got.Fault, audit.ErrFault) {
			t.Errorf("the history does not end there: %v %v", got.Fault, err)
		}
	})
}

func TestAServiceNeedsItsParts(t *testing.T) {
	good := kyc.Config{Repository: newStore(), Settings: kyc.DefaultSettings()}
	if s, err := kyc.NewService(good); err != nil || s == nil {
		t.Fatal(err)
	}
	for field, edit := range map[string]func(*kyc.Config){
		"Repository": func(c *kyc.Config) { c.Repository = nil },
		"Providers":  func(c *kyc.Config) { c.Providers = map[string]kyc.Provider{"forgotten": nil} },
	} {
		c := good
		edit(&c)
		var invalid *lifecycle.Invalid
		if _, err := kyc.NewService(c); !errors.As(err, &invalid) || invalid.Field != field {
			t.Errorf("without %s: %v", field, err)
		}
	}
}

func TestACancelledContextEndsEveryOperation(t *testing.T) {
	h := newHost(t, nil)
	v := h.In(kyc.InReview)
	before := stored(t, h, v)
	done, cancel := context.WithCancel(ctx)
	cancel()
	for name, err := range map[string]error{
		"get": second(h.Validation(done, h.Person, v.ID)), "sync": second(h.Sync(done, h.Person, v.ID, true)),
		"cancel": second(h.Cancel(done, h.Person, v.ID, "because")), "approve": second(h.Approve(done, h.Person, v.ID, "because")),
		"create": second(h.Service.Create(done, h.Person, kyc.NewValidation{EntityID: uuid.New(), Provider: kyctest.Code})),
	} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if stored(t, h, v).Version != before.Version {
		t.Error("something was written")
	}
}
