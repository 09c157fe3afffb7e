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
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/memory"
)

var errDisk = errors.New("disk on fire")

// faulty is a repository whose methods fail when told to, and whose histories can be bent.
type faulty struct {
	kyc.Repository
	load, commit, list, due, history error
	bend                             func(*store.History)
}

func (f *faulty) Load(ctx context.Context, k store.Key, receipts ...string) (store.Record[kyc.Validation], error) {
	if f.load != nil {
		return store.Record[kyc.Validation]{}, f.load
	}
	return f.Repository.Load(ctx, k, receipts...)
}

func (f *faulty) Commit(ctx context.Context, c ...store.Change[kyc.Validation]) error {
	if f.commit != nil {
		return f.commit
	}
	return f.Repository.Commit(ctx, c...)
}

func (f *faulty) List(ctx context.Context, q store.Query) (store.Page[kyc.Validation], error) {
	if f.list != nil {
		return store.Page[kyc.Validation]{}, f.list
	}
	return f.Repository.List(ctx, q)
}

func (f *faulty) Due(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]store.Key, error) {
	if f.due != nil {
		return nil, f.due
	}
	return f.Repository.Due(ctx, now, lease, limit)
}

func (f *faulty) History(ctx context.Context, k store.Key, after uint64, limit int) (store.History, error) {
	if f.history != nil {
		return store.History{}, f.history
	}
	h, err := f.Repository.History(ctx, k, after, limit)
	if f.bend != nil {
		f.bend(&h)
	}
	return h, err
}

func TestAStoresFailureIsTold(t *testing.T) {
	for _, row := range []struct {
		name   string
		breaks func(*faulty)
		do     func(*kyctest.Host, kyc.Validation) error
	}{
		{"load, get", func(f *faulty) { f.load = errDisk }, func(h *kyctest.Host, v kyc.Validation) error { return second(h.Validation(ctx, h.Person, v.ID)) }},
		{"load, sync", func(f *faulty) { f.load = errDisk }, func(h *kyctest.Host, v kyc.Validation) error { return second(h.Sync(ctx, h.Person, v.ID, true)) }},
		{"load, approve", func(f *faulty) { f.load = errDisk }, func(h *kyctest.Host, v kyc.Validation) error {
			return second(h.Approve(ctx, h.Person, v.ID, "because"))
		}},
		{"load, create", func(f *faulty) { f.load = errDisk }, func(h *kyctest.Host, v kyc.Validation) error {
			return second(h.Service.Create(ctx, h.Person, kyc.NewValidation{EntityID: v.EntityID, Provider: kyctest.Code, IdempotencyKey: "k"}))
		}},
		{"commit, cancel", func(f *faulty) { f.commit = errDisk }, func(h *kyctest.Host, v kyc.Validation) error {
			return second(h.Cancel(ctx, h.Person, v.ID, "because"))
		}},
		{"list, list", func(f *faulty) { f.list = errDisk }, func(h *kyctest.Host, v kyc.Validation) error {
			return second(h.List(ctx, h.Person, v.EntityID, kyc.Filter{}))
		}},
		{"list, status", func(f *faulty) { f.list = errDisk }, func(h *kyctest.Host, v kyc.Validation) error { return second(h.Status(ctx, h.Person, v.EntityID)) }},
		{"load, status", func(f *faulty) { f.load = errDisk }, func(h *kyctest.Host, v kyc.Validation) error { return second(h.Status(ctx, h.Person, v.EntityID)) }},
		{"due, sweep", func(f *faulty) { f.due = errDisk }, func(h *kyctest.Host, v kyc.Validation) error { return second(h.Sweep(ctx)) }},
		{"load, sweep", func(f *faulty) { f.load = errDisk }, func(h *kyctest.Host, v kyc.Validation) error {
			h.Clock.Advance(8 * 24 * time.Hour)
			return second(h.Sweep(ctx))
		}},
		{"history, history", func(f *faulty) { f.history = errDisk }, func(h *kyctest.Host, v kyc.Validation) error { return second(h.History(ctx, h.Person, v.ID)) }},
	} {
		t.Run(row.name, func(t *testing.T) {
			f := &faulty{Repository: memory.New(kyc.Schema)}
			h := kyctest.NewHost(t, f)
			v := h.Create()
			row.breaks(f)
			err := row.do(h, v)
			if p := kyc.Explain(err); !errors.Is(err, errDisk) || p.Code != "INTERNAL" || p.HTTP != 500 || strings.Contains(p.Message, "disk") {
				t.Errorf("got %v, %+v", err, p)
			}
		})
	}
}

func TestACommitInDoubt(t *testing.T) {
	for _, row := range []struct {
		name     string
		happened bool
		why      string
	}{
		{"it happened", true, "the entry with the call's id settles it: the command is done, once"},
		{"it did not", false, "it is decided again"},
	} {
		t.Run(row.name, func(t *testing.T) {
			doubts := 0
			h := kyctest.NewHost(t, memory.New(kyc.Schema, memory.UnknownOutcomes(func() (bool, bool) {
				doubts++
				return doubts%2 == 0, row.happened
			})))
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
	f := &faulty{Repository: memory.New(kyc.Schema)}
	h := kyctest.NewHost(t, f)
	v := h.Create()
	f.commit, f.history = store.ErrUnknownOutcome, errDisk
	_, err := h.Cancel(ctx, h.Person, v.ID, "because of it")
	if p := kyc.Explain(err); p.HTTP != 503 || p.Code != "UNKNOWN_OUTCOME" {
		t.Errorf("where the history cannot be read either, it is said: %v", err)
	}
	f.commit, f.history = store.ErrConflict, nil
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
			f := &faulty{Repository: memory.New(kyc.Schema)}
			h := kyctest.NewHost(t, f)
			v := h.ByHand(kyc.Approved)
			trail(t, h, v)
			f.bend = row.bend
			got, err := h.History(ctx, h.Person, v.ID)
			var fault *audit.Fault
			switch errors.As(got.Fault, &fault); {
			case err != nil:
				t.Fatal(err)
			case row.kind == "none" && got.Fault != nil, row.kind == "" && !errors.Is(got.Fault, store.ErrBooks):
				t.Errorf("got %v", got.Fault)
			case row.kind != "" && row.kind != "none" && (fault == nil || fault.Kind != row.kind):
				t.Errorf("got %v, want a fault of kind %s", got.Fault, row.kind)
			}
		})
	}
	t.Run("another status is stored", func(t *testing.T) {
		h := kyctest.NewHost(t, nil)
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
	good := kyc.Config{Repository: memory.New(kyc.Schema), Settings: kyc.DefaultSettings()}
	if s, err := kyc.NewService(good); err != nil || s == nil {
		t.Fatal(err)
	}
	for name, edit := range map[string]func(*kyc.Config){
		"repository": func(c *kyc.Config) { c.Repository = nil }, "fee": func(c *kyc.Config) { c.Settings.Fee.Minor = -1 },
		"settings": func(c *kyc.Config) { c.Settings = kyc.Settings{} }, "batch": func(c *kyc.Config) { c.Settings.SweepBatch = 0 },
	} {
		c := good
		edit(&c)
		if _, err := kyc.NewService(c); !errors.Is(err, lifecycle.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestACancelledContextEndsEveryOperation(t *testing.T) {
	h := kyctest.NewHost(t, nil)
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
