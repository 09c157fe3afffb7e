package kyc_test

import (
	"errors"
	"testing"
	"time"

	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/kyc/kyctest"
	"github.com/kycle/kycle/lifecycle"
)

func TestHowAnEntityStands(t *testing.T) {
	h := kyctest.NewHost(t, nil)
	check := func(entity kyc.Validation, want kyc.Summary, verified, expires time.Time, why string) {
		t.Helper()
		got, err := h.Status(ctx, h.Person, entity.EntityID)
		if err != nil || got.HasKYC != want.HasKYC || got.IsVerified != want.IsVerified || got.NeedsReverification != want.NeedsReverification ||
			(got.CurrentValidation == nil) != (want.CurrentValidation == nil) || !same(got.LastVerifiedAt, verified) || !same(got.ExpiresAt, expires) {
			t.Errorf("%s: %+v %v", why, got, err)
		}
	}
	none := kyc.Validation{EntityID: kyctestID(7)}
	check(none, kyc.Summary{}, time.Time{}, time.Time{}, "no validation at all")

	v := h.In(kyc.Approved)
	at := v.VerifiedAt
	some := &kyc.SummaryRef{}
	check(v, kyc.Summary{HasKYC: true, IsVerified: true, CurrentValidation: some}, at, at.AddDate(1, 0, 0), "approved")

	h.Clock.Advance(at.AddDate(1, 0, 0).Sub(h.Clock.Now()) - time.Microsecond)
	check(v, kyc.Summary{HasKYC: true, IsVerified: true, CurrentValidation: some}, at, at.AddDate(1, 0, 0), "expiresAt lies ahead")
	h.Clock.Advance(time.Microsecond)
	check(v, kyc.Summary{HasKYC: true, NeedsReverification: true, CurrentValidation: some}, at, at.AddDate(1, 0, 0), "a year is over")

	h.CreateFor(v.EntityID)
	check(v, kyc.Summary{HasKYC: true, NeedsReverification: true, CurrentValidation: some}, at, time.Time{}, "a new one is pending; the old one's time holds on it")

	v = h.In(kyc.Rejected)
	check(v, kyc.Summary{HasKYC: true, NeedsReverification: true}, time.Time{}, time.Time{}, "none is current")
}

func same(got *time.Time, want time.Time) bool {
	return got == nil && want.IsZero() || got != nil && got.Equal(want)
}

func TestListPagesAndFilters(t *testing.T) {
	h := kyctest.NewHost(t, nil)
	entity := kyctestID(9)
	var ids []string
	for range 5 {
		ids = append(ids, h.CreateFor(entity).ID.String())
		h.Clock.Advance(time.Second)
	}
	yes, no := true, false
	for _, row := range []struct {
		name   string
		filter kyc.Filter
		want   []int // places in order of creation
		total  int
		why    string
	}{
		{"all", kyc.Filter{}, []int{4, 3, 2, 1, 0}, 5, "newest first"},
		{"second page", kyc.Filter{Page: 2, Limit: 2}, []int{2, 1}, 5, "total counts all pages"},
		{"behind the end", kyc.Filter{Page: 9, Limit: 2}, nil, 5, "an empty page is no error"},
		{"current", kyc.Filter{Current: &yes}, []int{4}, 1, "the newest"},
		{"not current", kyc.Filter{Current: &no, Limit: 1}, []int{3}, 4, "the others"},
		{"by status", kyc.Filter{Status: kyc.Approved}, nil, 0, "none is"},
	} {
		t.Run(row.name, func(t *testing.T) {
			l, err := h.List(ctx, h.Person, entity, row.filter)
			if err != nil || l.Total != row.total || len(l.Values) != len(row.want) {
				t.Fatalf("%+v %v", l, err)
			}
			for i, n := range row.want {
				if l.Values[i].ID.String() != ids[n] {
					t.Errorf("place %d", i)
				}
			}
		})
	}
	for _, f := range []kyc.Filter{{Page: -1}, {Limit: -1}, {Limit: 101}, {Status: "great"}, {Page: 1 << 40}} {
		if _, err := h.List(ctx, h.Person, entity, f); !errors.Is(err, lifecycle.ErrInvalid) {
			t.Errorf("%+v: %v", f, err)
		}
	}
}
