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
)

// verb is one of the three commands of a person.
type verb func(context.Context, kyc.Actor, uuid.UUID, string) (kyc.Validation, error)

func TestOnlyWhatIsInReviewIsDecidedByHand(t *testing.T) {
	for _, state := range kyc.Machine.Definition().States {
		for event, noun := range map[kyc.Event][2]string{kyc.Approve: {"approve", "approval"}, kyc.Reject: {"reject", "rejection"}} {
			t.Run(string(event)+" "+string(state.Name), func(t *testing.T) {
				h := newHost(t, nil)
				v := h.In(state.Name)
				if state.Name == kyc.Pending {
					h.Provider.Say(v.ValidationSessionID, kyc.ProviderNotStarted)
				}
				_, err := map[kyc.Event]verb{kyc.Approve: h.Approve, kyc.Reject: h.Reject}[event](ctx, h.Person, v.ID, "because of it")
				if state.Name == kyc.InReview {
					if err != nil {
						t.Fatal(err)
					}
					return
				}
				want := `Cannot manually ` + noun[0] + `. Current status is "` + string(state.Name) + `". Manual ` + noun[1] +
					` is only allowed when status is "in_review" (validation requires manual review from compliance team).`
				if p := kyc.Explain(err); p.HTTP != 400 || p.Code != "INVALID_STATUS" || p.Message != want || !errors.Is(err, lifecycle.ErrNotAllowed) {
					t.Errorf("got %+v\nwant %s", p, want)
				}
			})
		}
	}
}

func TestCancelIsRefusedInWordsOfTheSeed(t *testing.T) {
	h := newHost(t, nil)
	_, err := h.Cancel(ctx, h.Person, h.In(kyc.Approved).ID, "because of it")
	want := `Cannot cancel. Current status is "approved". Cancellation is only allowed when status is "pending", "in_progress" or "in_review".`
	if p := kyc.Explain(err); p.Message != want || p.Code != "INVALID_STATUS" {
		t.Errorf("got %+v", p)
	}
	var denied *lifecycle.Denied
	if !errors.As(err, &denied) || denied.Machine != "kyc_validation" || denied.From != "approved" || denied.Event != "cancel" || len(denied.Allowed) != 0 {
		t.Errorf("details: %+v", denied)
	}
}

func TestADecisionByHandIsMadeOnFreshData(t *testing.T) {
	t.Run("what the provider says now is committed and stays", func(t *testing.T) {
		h := newHost(t, nil)
		v := h.In(kyc.InReview)
		h.Clock.Advance(time.Second)
		h.Provider.Say(v.ValidationSessionID, kyc.ProviderApproved)
		_, err := h.Reject(ctx, h.Person, v.ID, "because of it")
		if p := kyc.Explain(err); p.Code != "INVALID_STATUS" || !strings.Contains(p.Message, `"approved"`) {
			t.Fatalf("got error %v, want a refusal that names approved", err)
		}
		if got := stored(t, h, v).Value; got.Status != kyc.Approved || got.DecidedByHand {
			t.Errorf("%+v", got)
		}
	})
	t.Run("an older reading names the status that is not in review", func(t *testing.T) {
		h := newHost(t, nil)
		v := h.In(kyc.InReview)
		h.Provider.SayReading(v.ValidationSessionID, kyc.Reading{Status: kyc.ProviderInProgress, ChangedAt: v.CreatedAt})
		_, err := h.Approve(ctx, h.Person, v.ID, "because of it")
		var refusal *product.Refusal
		if !errors.As(err, &refusal) || refusal.Current != "in_progress" || refusal.Rule != "not_freshly_synced" {
			t.Fatalf("got error %v, want a refusal for want of fresh data that names in_progress", err)
		}
		if got := stored(t, h, v).Value.Status; got != kyc.InReview {
			t.Errorf("a word older than the last moves nothing: %s", got)
		}
	})
	t.Run("a revived one can be decided", func(t *testing.T) {
		h := newHost(t, nil)
		v := h.In(kyc.Rejected)
		h.Clock.Advance(time.Second)
		h.Provider.Say(v.ValidationSessionID, kyc.ProviderInReview)
		if v, err := h.Approve(ctx, h.Person, v.ID, "because of it"); err != nil || v.Status != kyc.Approved {
			t.Fatalf("got %s, error %v, want it approved", v.Status, err)
		}
	})
	t.Run("without a reading there is no decision", func(t *testing.T) {
		h := newHost(t, nil)
		v := h.In(kyc.InReview)
		before := stored(t, h, v).Version
		h.Provider.Down(true)
		if _, err := h.Approve(ctx, h.Person, v.ID, "because of it"); !errors.Is(err, kyc.ErrProvider) {
			t.Fatalf("got error %v, want ErrProvider", err)
		}
		if stored(t, h, v).Version != before {
			t.Error("something was written")
		}
	})
	t.Run("a settled one is refused before the provider is asked", func(t *testing.T) {
		h := newHost(t, nil)
		v := h.ByHand(kyc.Approved)
		reads := h.Provider.Reads()
		if _, err := h.Reject(ctx, h.Person, v.ID, "because of it"); !errors.Is(err, lifecycle.ErrNotAllowed) {
			t.Fatalf("got error %v, want a refusal", err)
		}
		if h.Provider.Reads() != reads {
			t.Error("the provider was asked")
		}
	})
}

func TestWhatWasDecidedByHandIsProtectedForEver(t *testing.T) {
	for _, status := range []kyc.Status{kyc.Approved, kyc.Rejected, kyc.Cancelled} {
		t.Run(string(status), func(t *testing.T) {
			h := newHost(t, nil)
			v := h.ByHand(status)
			for _, said := range []kyc.ProviderStatus{kyc.ProviderInProgress, kyc.ProviderInReview, kyc.ProviderApproved, kyc.ProviderRejected, kyc.ProviderExpired, kyc.ProviderAbandoned} {
				if d := h.Hear(v, said); d.Verdict != lifecycle.Ignore {
					t.Errorf("%s: %s", said, d.Verdict)
				}
				if _, err := h.Sync(ctx, h.Person, v.ID, true); err != nil {
					t.Error(err)
				}
			}
			h.Clock.Advance(400 * 24 * time.Hour)
			if _, err := h.Sweep(ctx); err != nil {
				t.Error(err)
			}
			got := stored(t, h, v).Value
			if got.Status != v.Status || got.IsCurrent != v.IsCurrent || !got.VerifiedAt.Equal(v.VerifiedAt) || len(got.Metadata) != 3 {
				t.Errorf("%+v", got)
			}
			for key, value := range v.Metadata {
				if string(got.Metadata[key]) != string(value) {
					t.Errorf("metadata %s: %s", key, got.Metadata[key])
				}
			}
			trail(t, h, v)
		})
	}
}

func TestReasons(t *testing.T) {
	for _, row := range []struct {
		name, reason, message, why string
	}{
		{"missing", "", "Reason must be at least 5 characters", "seeds 000 and 001"},
		{"four", "abcd", "Reason must be at least 5 characters", "seeds 000 and 001"},
		{"four and white space", "  abcd\n\t", "Reason must be at least 5 characters", "it is trimmed"},
		{"white space", "          ", "Reason must be at least 5 characters", "it is trimmed"},
		{"five emoji", "🙂🙂🙂🙂🙂", "", "code points are what counts"},
		{"1,000", strings.Repeat("é", 1000), "", "at most 1,000 code points"},
		{"1,001", strings.Repeat("é", 1001), "Reason must be at most 1000 characters", "at most 1,000 code points"},
		{"not UTF-8", "abcde\xff", "reason: must be UTF-8 without NUL", "spec 1.5"},
		{"NUL", "abcde\x00fgh", "reason: must be UTF-8 without NUL", "no store takes it"},
	} {
		for name, pick := range map[string]func(*kyctest.Host) verb{
			"approve": func(h *kyctest.Host) verb { return h.Approve },
			"reject":  func(h *kyctest.Host) verb { return h.Reject },
			"cancel":  func(h *kyctest.Host) verb { return h.Cancel },
		} {
			t.Run(name+" "+row.name, func(t *testing.T) {
				h := newHost(t, nil)
				v := h.In(kyc.InReview)
				_, err := pick(h)(ctx, h.Person, v.ID, row.reason)
				if row.message == "" {
					if err != nil {
						t.Fatal(err)
					}
					return
				}
				if p := kyc.Explain(err); p.Code != "VALIDATION_ERROR" || p.Message != row.message {
					t.Errorf("got %+v", p)
				}
				if _, err := pick(h)(ctx, h.Person, uuid.New(), row.reason); !errors.Is(err, lifecycle.ErrInvalid) {
					t.Errorf("the reason is checked before the id: %v", err)
				}
			})
		}
	}
}

func TestCommandsArePersons(t *testing.T) {
	h := newHost(t, nil)
	v := h.In(kyc.InReview)
	for _, kind := range []string{audit.Provider, audit.Clock, audit.System, "robot"} {
		actor := kyc.Actor{Organization: kyctest.Organization, Kind: kind, ID: "x"}
		for _, do := range []verb{h.Approve, h.Reject, h.Cancel} {
			if _, err := do(ctx, actor, uuid.New(), "because of it"); !errors.Is(err, product.ErrForbidden) || kyc.Explain(err).HTTP != 403 {
				t.Errorf("%s: %v", kind, err)
			}
		}
	}
	for _, nobody := range []kyc.Actor{{}, {Kind: audit.Person, ID: "x"}, {Organization: "org_a", Kind: audit.Person}, {Organization: "a\x00", Kind: audit.Person, ID: "x"}} {
		if _, err := h.Cancel(ctx, nobody, v.ID, "because of it"); !errors.Is(err, lifecycle.ErrInvalid) {
			t.Errorf("%+v: %v", nobody, err)
		}
	}
}

func TestAnotherOrganizationsRecordIsNotFound(t *testing.T) {
	h := newHost(t, nil)
	v := h.In(kyc.InReview)
	b := kyc.Actor{Organization: "org_b", Kind: audit.Person, ID: "user_b"}
	for name, err := range map[string]error{
		"approve": second(h.Approve(ctx, b, v.ID, "because of it")), "reject": second(h.Reject(ctx, b, v.ID, "because of it")),
		"cancel": second(h.Cancel(ctx, b, v.ID, "because of it")), "sync": second(h.Sync(ctx, b, v.ID, true)),
		"get": second(h.Validation(ctx, b, v.ID)), "current": second(h.Current(ctx, b, v.EntityID)), "history": second(h.History(ctx, b, v.ID)),
	} {
		if !errors.Is(err, store.ErrNotFound) || kyc.Explain(err) != (product.Problem{HTTP: 404, Code: "NOT_FOUND", Message: "Validation not found"}) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if l, err := h.List(ctx, b, v.EntityID, kyc.Filter{}); err != nil || l.Total != 0 {
		t.Errorf("list: %+v %v", l, err)
	}
	if s, err := h.Status(ctx, b, v.EntityID); err != nil || s.HasKYC {
		t.Errorf("status: %+v %v", s, err)
	}
}

func second[T any](_ T, err error) error { return err }
