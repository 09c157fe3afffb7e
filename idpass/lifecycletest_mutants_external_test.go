package idpass_test

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/lifecycle/lifecycletest"
	"github.com/kycle/kycle/refund"
)

type (
	machine = lifecycle.Machine[idpass.Status, idpass.Event, idpass.Facts]
	decide  = func(idpass.Status, idpass.Event, idpass.Facts) (outcome, error)
)

// everyCell asks for every cell of the table that was written by hand, money included.
func everyCell(t lifecycletest.TB, decide decide) {
	for _, c := range table {
		out, err := decide(c.from, c.on, idpass.Facts{})
		var denied *lifecycle.Denied
		if errors.As(err, &denied) {
			out.Verdict, out.To = lifecycle.Refuse, idpass.Status(denied.From)
		}
		if out.Verdict != c.verd || out.To != c.to {
			t.Errorf("%s: %s to %q, want %s to %q: %s", c.name, out.Verdict, out.To, c.verd, c.to, c.why)
		}
		for _, effect := range []string{refund.Charged, refund.Refunded, refund.Kept} {
			if out.Does(effect) != (effect == c.fee) {
				t.Errorf("%s: effect %s: %s", c.name, effect, c.why)
			}
		}
	}
}

// everyRecord asks what a move writes down, and what is in flight and holds its slot.
func everyRecord(t lifecycletest.TB, m *machine) {
	for _, c := range table {
		out, _ := m.Decide(c.from, c.on, idpass.Facts{})
		consents, completes := c.verd == moves && c.on == idpass.Consent, c.verd == moves && c.on == idpass.CompleteCheck
		if out.Does("record_consent") != consents || out.Does("record_completion") != completes {
			t.Errorf("%s: what it records", c.name)
		}
	}
	for _, s := range statuses() {
		if m.Labelled(s, "in_flight") != slices.Contains([]idpass.Status{isNew, opened, going}, s) {
			t.Errorf("%q: in flight", s)
		}
	}
}

// everyActor is who may bring what: a person registers and cancels, and the rest is the
// provider's word, but for the deadline, which the clock knows too.
func everyActor(t lifecycletest.TB, m *machine) {
	for _, e := range idpass.Machine.Definition().Events {
		want := map[idpass.Event]string{idpass.Register: "person system", idpass.Cancel: "person", idpass.Expire: "clock provider"}[e.Name]
		for _, who := range []string{"person", "system", "provider", "clock"} {
			if m.By(e.Name, who) != slices.Contains(strings.Fields(cmp.Or(want, "provider")), who) {
				t.Errorf("%s by %s", e.Name, who)
			}
		}
	}
}

// everyStatus is what spec 2.1 says of the statuses: those in flight have the deadline of the
// link, and the others nothing moves.
func everyStatus(t lifecycletest.TB, m *machine) {
	for _, name := range statuses() {
		flying := slices.Contains([]idpass.Status{isNew, opened, going}, name)
		s := m.State(name)
		if s.Final == flying || s.Absorbing == flying || (s.Deadline == idpass.Expire) != flying || !flying && s.Deadline != "" {
			t.Errorf("%q: final %t, absorbing %t, deadline %q; in flight is %t", name, s.Final, s.Absorbing, s.Deadline, flying)
		}
	}
}

func TestTheTableNoticesEveryMutant(t *testing.T) {
	lifecycletest.Mutants(t, idpass.Machine, func(t lifecycletest.TB, m *machine) {
		everyCell(t, m.Decide)
		everyRecord(t, m)
		everyActor(t, m)
		everyStatus(t, m)
	}, nil)
}

func TestTheTableCoversEveryCase(t *testing.T) {
	everyCell(t, lifecycletest.Cover(t, idpass.Machine, nil).Decide)
}

// The table without its column of fees, a test such as many hosts have, lets these live:
// each is money.
func TestATableWithoutFeesIsWeak(t *testing.T) {
	var score lifecycletest.Score
	lifecycletest.Failures(func(t lifecycletest.TB) {
		score = lifecycletest.Mutants(t, idpass.Machine, func(t lifecycletest.TB, m *machine) {
			everyRecord(t, m)
			for _, c := range table {
				if out, err := m.Decide(c.from, c.on, idpass.Facts{}); (err != nil) != (c.verd == refuses) || err == nil && out.To != c.to {
					t.Fatalf("%s", c.name)
				}
			}
		}, nil)
	})
	t.Log(score)
	for _, words := range []string{
		`row "cancel" from "in_progress" to "cancelled": the effect refund is there too`,
		`row "cancel" from "new", "opened" to "cancelled": the effect refund is missing`,
		`row "expire" from "new", "opened", "in_progress" to "expired": the effect refund is there too`,
		`row "register" from no record to "new": the effect charge is missing`,
		`open in "opened" leads to "opened"`, // ignored, and not a stay: it stands in the audit trail
	} {
		if !slices.Contains(score.Survived, words) {
			t.Errorf("not named: %s", words)
		}
	}
}
