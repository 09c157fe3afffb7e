package kyc_test

import (
	"errors"
	"testing"
	"time"

	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/store/fault"
)

// A repeated create finds the session that was opened first, so a reading may tell of a
// time before the validation: as long as a link lives, and the clocks' skew.
func TestAReadingMayBeOlderThanItsValidation(t *testing.T) {
	for _, row := range []struct {
		name string
		past time.Duration // beyond a link's life and the skew
		want error
	}{
		{"as old as a link can be", 0, nil},
		{"older than that", time.Microsecond, kyc.ErrProvider},
	} {
		h := newHost(t, nil)
		v, settings := h.Create(), kyc.DefaultSettings()
		h.Provider.SayReading(v.ValidationSessionID, kyc.Reading{
			Status: kyc.ProviderInReview, ChangedAt: v.CreatedAt.Add(-settings.LinkValidity - settings.ClockSkew - row.past),
		})
		if _, err := h.Sync(ctx, h.Person, v.ID, true); !errors.Is(err, row.want) {
			t.Errorf("%s: got %v, want %v", row.name, err, row.want)
		}
	}
}

// One look is enough, unless a newer validation came meanwhile.
func TestCurrentLooksOnce(t *testing.T) {
	f := fault.New(newStore())
	h := newHost(t, f)
	v := h.Create()
	before := f.Calls(fault.Load)
	if got, err := h.Current(ctx, h.Person, v.EntityID); err != nil || got.ID != v.ID || f.Calls(fault.Load) != before+1 {
		t.Errorf("%v, %v after %d loads", got.ID, err, f.Calls(fault.Load)-before)
	}
}

// The verification that holds longest may be that of the oldest validation, behind whole
// pages of newer ones.
func TestTheLastVerificationIsFoundOnAnyPage(t *testing.T) {
	f := fault.New(newStore())
	h := newHost(t, f)
	entity := kyctestID(4)
	oldest := h.CreateFor(entity)
	for range 200 { // three pages, so that the third is asked for too
		h.Hear(h.CreateFor(entity), kyc.ProviderApproved)
	}
	h.Clock.Advance(time.Hour)
	last := h.Hear(oldest, kyc.ProviderApproved).Value.VerifiedAt
	f.Follow(func(c fault.Call) fault.Fault {
		if c.Method == fault.List && c.N > 10 {
			return fault.Fail(errors.New("test: it would never end"))
		}
		return fault.None
	})
	if s, err := h.Status(ctx, h.Person, entity); err != nil || s.LastVerifiedAt == nil || !s.LastVerifiedAt.Equal(last) {
		t.Errorf("%v, %v, want %v", s.LastVerifiedAt, err, last)
	}
}
