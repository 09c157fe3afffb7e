package kyc_test

import (
	"errors"
	"testing"
	"time"

	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/lifecycle"
)

func TestHowAnEntityStands(t *testing.T) {
	h := newHost(t, nil)
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
	h := newHost(t, nil)
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

// TestAVerificationEndsOnADayThatThereIs is fault A9 and spec 1.5: calendar months, and the
// last day of a shorter month.
func TestAVerificationEndsOnADayThatThereIs(t *testing.T) {
	at := func(text string) time.Time {
		when, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	for _, row := range []struct {
		name, why string
		verified  string
		months    int
		want      string
	}{
		{"31 January + 1", "February has no such day", "2027-01-31T12:00:00Z", 1, "2027-02-28T12:00:00Z"},
		{"31 January + 1, leap year", "February has one day more", "2028-01-31T12:00:00Z", 1, "2028-02-29T12:00:00Z"},
		{"31 August + 6", "it is in the next year", "2025-08-31T00:00:00Z", 6, "2026-02-28T00:00:00Z"},
		{"31 August + 6, leap year", "the same", "2027-08-31T00:00:00Z", 6, "2028-02-29T00:00:00Z"},
		{"29 February + 12", "only leap years have it", "2028-02-29T23:59:59.999999Z", 12, "2029-02-28T23:59:59.999999Z"},
		{"29 February + 48", "the next leap year has it", "2028-02-29T23:59:59.999999Z", 48, "2032-02-29T23:59:59.999999Z"},
		{"31 October + 1", "the last instant of a month stays in the next", "2025-10-31T23:59:59.999999Z", 1, "2025-11-30T23:59:59.999999Z"},
		{"31 December + 14", "over two new years", "2025-12-31T08:30:00Z", 14, "2027-02-28T08:30:00Z"},
		{"28 February + 1", "a last day is none where the month is longer", "2026-02-28T12:00:00Z", 1, "2026-03-28T12:00:00Z"},
		{"31 July + 1", "August has it", "2025-07-31T12:00:00Z", 1, "2025-08-31T12:00:00Z"},
		{"15 January + 12", "any other day is itself", "2026-01-15T10:30:00.000001Z", 12, "2027-01-15T10:30:00.000001Z"},
		{"1 December + 1", "the first day is itself", "2025-12-01T00:00:00Z", 1, "2026-01-01T00:00:00Z"},
	} {
		t.Run(row.name, func(t *testing.T) {
			h := newHost(t, nil, func(s *kyc.Settings) { s.VerificationMonths = row.months })
			verified, want := at(row.verified), at(row.want)
			h.Clock.Advance(verified.Add(-time.Second).Sub(h.Clock.Now()))
			v := h.Hear(h.Create(), kyc.ProviderApproved).Value // a second later
			for _, moment := range []struct {
				now      time.Time
				verified bool
			}{{verified, true}, {want.Add(-time.Microsecond), true}, {want, false}} {
				h.Clock.Advance(moment.now.Sub(h.Clock.Now()))
				got, err := h.Status(ctx, h.Person, v.EntityID)
				if err != nil || !same(got.ExpiresAt, want) || got.IsVerified != moment.verified || got.NeedsReverification == moment.verified {
					t.Errorf("at %v: until %v, verified %t, error %v, want until %v, %t: %s",
						moment.now, got.ExpiresAt, got.IsVerified, err, want, moment.verified, row.why)
				}
			}
		})
	}
}
