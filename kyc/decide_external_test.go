package kyc_test

import (
	"errors"
	"testing"
	"time"

	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/kyc/kyctest"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/product"
	"github.com/kycle/kycle/refund"
)

func TestDecisionsByHandLeaveTheirSignature(t *testing.T) {
	for _, row := range []struct {
		name           string
		status         kyc.Status
		by, at, reason string
		current        bool
		charged        int
		why            string
	}{
		{"approve", kyc.Approved, "manuallyApprovedBy", "manuallyApprovedAt", "approvalReason", true, 1, "spec 1.4"},
		{"reject", kyc.Rejected, "manuallyRejectedBy", "manuallyRejectedAt", "rejectionReason", false, 1, "seed 001"},
		{"cancel", kyc.Cancelled, "cancelledBy", "cancelledAt", "cancellationReason", false, 0, "seed 000"},
	} {
		t.Run(row.name, func(t *testing.T) {
			h := newHost(t, nil)
			v := h.ByHand(row.status)
			if text(t, v, row.by) != "user_a" || text(t, v, row.reason) != "made for a test" ||
				text(t, v, row.at) != h.Clock.Now().Format(time.RFC3339Nano) {
				t.Errorf("metadata %s", v.Metadata)
			}
			if v.Status != row.status || v.IsCurrent != row.current || !v.DecidedByHand || !v.ExpiresAt.IsZero() {
				t.Errorf("%+v", v)
			}
			if verified := v.Status == kyc.Approved; v.VerifiedAt.IsZero() == verified || verified && !v.VerifiedAt.Equal(h.Clock.Now()) {
				t.Errorf("verifiedAt %v", v.VerifiedAt)
			}
			if got := trail(t, h, v).Postings; len(got) != row.charged {
				t.Errorf("%d postings", len(got))
			}
		})
	}
}

func TestTheFirstDecisionIsChargedAndNoOther(t *testing.T) {
	h := newHost(t, nil)
	v := h.In(kyc.InReview)
	for _, said := range []kyc.ProviderStatus{kyc.ProviderRejected, kyc.ProviderApproved, kyc.ProviderInReview, kyc.ProviderRejected} {
		if d := h.Hear(v, said); d.Verdict != lifecycle.Move {
			t.Fatalf("a provider's revision of its own decision is a real transition: %s %s", d.Verdict, d.Why)
		}
	}
	postings := trail(t, h, v).Postings
	if len(postings) != 1 || postings[0].Kind != refund.Charge || postings[0].Amount != (refund.Amount{Minor: 1, Currency: "CREDIT"}) || postings[0].Seq != 4 {
		t.Fatalf("want one charge, caused by the first decision: %+v", postings)
	}
}

func TestAFeeOfZeroPostsNothingAndIsSpentAllTheSame(t *testing.T) {
	fee := refund.Amount{Currency: "CREDIT"}
	h := newHost(t, nil, func(s *kyc.Settings) { s.Fee = fee })
	v := h.In(kyc.Approved)
	if got := trail(t, h, v).Postings; len(got) != 0 || !stored(t, h, v).Value.Charged {
		t.Fatalf("%+v", got)
	}
}

func TestTheDeadlineBelongsToTheStatus(t *testing.T) {
	h := newHost(t, nil)
	v := h.Create()
	week := 7 * 24 * time.Hour
	if want := h.Clock.Now().Add(week); !v.ExpiresAt.Equal(want) {
		t.Fatalf("pending: %v, want %v", v.ExpiresAt, want)
	}
	first := v.ExpiresAt
	if v = h.Hear(v, kyc.ProviderInProgress).Value; !v.ExpiresAt.Equal(first) {
		t.Errorf("from pending it is kept: %v", v.ExpiresAt)
	}
	if v = h.Hear(v, kyc.ProviderInProgress).Value; !v.ExpiresAt.Equal(first) {
		t.Errorf("a stay keeps it: %v", v.ExpiresAt)
	}
	if v = h.Hear(v, kyc.ProviderInReview).Value; !v.ExpiresAt.IsZero() {
		t.Errorf("in_review waits for a person: %v", v.ExpiresAt)
	}
	if v = h.Hear(v, kyc.ProviderInProgress).Value; !v.ExpiresAt.Equal(h.Clock.Now().Add(week)) {
		t.Errorf("asked to redo steps, the customer gets the time anew: %v", v.ExpiresAt)
	}
}

func TestVerifiedAtIsWhenTheProviderApproved(t *testing.T) {
	h := newHost(t, nil)
	v := h.In(kyc.Approved)
	at := h.Clock.Now()
	if !v.VerifiedAt.Equal(at) {
		t.Fatalf("%v, want %v", v.VerifiedAt, at)
	}
	if v = h.Hear(v, kyc.ProviderApproved).Value; !v.VerifiedAt.Equal(at) {
		t.Errorf("a newer report of the same status is a stay: %v", v.VerifiedAt)
	}
	if v = h.Hear(v, kyc.ProviderRejected).Value; !v.VerifiedAt.IsZero() {
		t.Errorf("it is set exactly while approved: %v", v.VerifiedAt)
	}
}

func TestAStayUpdatesTheLastWordAndWritesNoEntry(t *testing.T) {
	h := newHost(t, nil)
	v := h.In(kyc.InReview)
	before := stored(t, h, v)
	d := h.Hear(v, kyc.ProviderInReview)
	after := stored(t, h, v)
	if d.Verdict != lifecycle.Stay || after.Head != before.Head || after.Version != before.Version+1 || !after.Value.LastWord.At.Equal(h.Clock.Now()) {
		t.Fatalf("%s: %+v", d.Verdict, after)
	}
	if after.Value.UpdatedAt != before.Value.UpdatedAt {
		t.Errorf("nothing else changes")
	}
}

func TestTwoWordsOfOneInstantAreRanked(t *testing.T) {
	ranked := []kyc.ProviderStatus{kyc.ProviderInProgress, kyc.ProviderInReview, kyc.ProviderExpired, kyc.ProviderAbandoned, kyc.ProviderRejected, kyc.ProviderApproved}
	for i, low := range ranked {
		for _, high := range ranked[i+1:] {
			for _, order := range [][2]kyc.ProviderStatus{{low, high}, {high, low}} {
				h := newHost(t, nil)
				v := h.Create()
				for n, said := range order {
					if _, err := h.Observe(ctx, kyc.ProviderReport{Source: kyctest.Code, EventID: string(rune('a' + n)),
						Session: v.ValidationSessionID, Status: said, OccurredAt: h.Clock.Now()}); err != nil {
						t.Fatal(err)
					}
				}
				want, _ := high.Event()
				if got := stored(t, h, v).Value; got.LastWord.Status != high {
					t.Errorf("%v in one instant end in %s, want what %s leads to", order, got.Status, want)
				}
			}
		}
	}
}

func TestDecideIsPure(t *testing.T) {
	h := newHost(t, nil)
	v := h.In(kyc.InReview)
	r := stored(t, h, v)
	in := kyc.Input{Event: kyc.Cancel, Reason: "because", Call: callAt(h.Clock.Now())}
	first, err := kyc.Decide(r, in, kyc.DefaultSettings())
	if err != nil {
		t.Fatal(err)
	}
	second, err := kyc.Decide(r, in, kyc.DefaultSettings())
	if err != nil || first.Changes[0].Entries[0].Hash != second.Changes[0].Entries[0].Hash {
		t.Errorf("same input, another change: %v", err)
	}
	if len(r.Value.Metadata) != 0 || r.Value.Status != kyc.InReview {
		t.Errorf("the record that was given has changed: %+v", r.Value)
	}
}

func TestACommandMeetsTheDeadlineFirst(t *testing.T) {
	for _, row := range []struct {
		name  string
		in    kyc.Status
		after time.Duration
		now   string // what the refusal names; "": not refused
		why   string
	}{
		{"on the instant", kyc.Pending, 0, "", "the deadline does not lie in the past yet"},
		{"pending", kyc.Pending, time.Microsecond, "expired", "no outcome depends on when a sweep ran"},
		{"in progress", kyc.InProgress, time.Microsecond, "abandoned", "no outcome depends on when a sweep ran"},
	} {
		t.Run(row.name, func(t *testing.T) {
			h := newHost(t, nil)
			v := h.In(row.in)
			h.Clock.Advance(v.ExpiresAt.Sub(h.Clock.Now()) + row.after)
			before := stored(t, h, v)
			_, err := h.Cancel(ctx, h.Person, v.ID, "too late?")
			var refusal *product.Refusal
			if errors.As(err, &refusal) != (row.now != "") || refusal != nil && refusal.Current != row.now {
				t.Fatalf("got error %v, want a refusal that names %q: %s", err, row.now, row.why)
			}
			if err != nil && stored(t, h, v).Version != before.Version {
				t.Error("a refused command writes nothing")
			}
		})
	}
}
