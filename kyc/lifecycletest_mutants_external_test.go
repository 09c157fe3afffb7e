package kyc_test

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/lifecycle/lifecycletest"
	"github.com/kycle/kycle/refund"
)

type (
	machine = lifecycle.Machine[kyc.Status, kyc.Event, kyc.Facts]
	decide  = func(kyc.Status, kyc.Event, kyc.Facts) (outcome, error)
)

// factsBut are facts under which exactly the rules of these words say no.
func factsBut(words ...string) kyc.Facts {
	now := time.Date(2025, 1, 15, 10, 30, 0, 0, time.UTC)
	f := kyc.Facts{
		Reading: kyc.ProviderInReview, Word: kyc.Word{Status: kyc.ProviderInReview, At: now}, Now: now,
		LastWord:   kyc.Word{Status: kyc.ProviderInProgress, At: now.Add(-time.Hour)},
		Validation: &kyc.Validation{ExpiresAt: now.Add(-time.Minute), TerminationOwed: now}, Newer: uuid.UUID{1},
	}
	for _, word := range words {
		switch word {
		case "not_freshly_synced":
			f.Reading = kyc.ProviderInProgress
		case "older":
			f.Word.At = now.Add(-2 * time.Hour)
		case "protected":
			f.Validation.DecidedByHand = true
		case "not_due":
			f.Validation.ExpiresAt = now.Add(time.Minute)
		case "no_newer":
			f.Newer = uuid.Nil
		case "not_owed":
			f.Validation.TerminationOwed = time.Time{}
		}
	}
	return f
}

// effects are those of the specification (1.4), by event; in progress only where it is not
// a going on.
var effects = map[kyc.Event]string{
	kyc.Create: "start_deadline", kyc.Approve: refund.Charged + " record_decision", kyc.Reject: refund.Charged + " record_decision",
	kyc.Cancel: "owe_termination record_decision", kyc.InProgressAtProvider: "start_deadline",
	kyc.ApprovedByProvider: refund.Charged, kyc.RejectedByProvider: refund.Charged,
	kyc.Supersede: "give_way", kyc.Terminate: "end_termination", kyc.TerminateFoundGone: "end_termination",
}

// everyCell asks for the verdict of every cell in the list that was written by hand, with
// all rules holding, with each of them broken, and with all of them broken.
func everyCell(t lifecycletest.TB, decide decide) {
	for _, status := range slices.Sorted(maps.Keys(cells)) {
		for _, cell := range strings.Split(cells[status], ";") {
			event, verdicts, _ := strings.Cut(strings.TrimSpace(cell), ": ")
			want := strings.Split(verdicts, " / ")
			var words []string
			for _, verdict := range want[1:] {
				words = append(words, verdict[strings.Index(verdict, " ")+1:])
			}
			one(t, decide, status, kyc.Event(event), factsBut(), want[0])
			for i, word := range words {
				one(t, decide, status, kyc.Event(event), factsBut(word), want[i+1])
			}
			if len(words) > 1 { // the first one decides
				one(t, decide, status, kyc.Event(event), factsBut(words...), want[1])
			}
		}
	}
}

// one asks for one verdict, in the words of cells.
func one(t lifecycletest.TB, decide decide, status kyc.Status, on kyc.Event, f kyc.Facts, want string) {
	out, err := decide(status, on, f)
	var denied *lifecycle.Denied
	got := strings.TrimSpace(string(out.Verdict) + " " + out.Why)
	switch {
	case errors.As(err, &denied):
		got = strings.TrimSpace("refuse " + denied.Rule)
	case out.Verdict == lifecycle.Move:
		got = "move " + string(out.To)
	case out.Verdict == lifecycle.Note:
		got = "note " + out.Word
	}
	if got != want {
		t.Errorf("%s in %q: got %s, want %s", on, status, got, want)
	}
	for _, effect := range []string{"start_deadline", "record_decision", "owe_termination", "end_termination", "give_way", refund.Charged} {
		specified := slices.Contains(strings.Fields(effects[on]), effect) && !(on == kyc.InProgressAtProvider && status == kyc.Pending)
		if (out.Verdict == lifecycle.Move || out.Verdict == lifecycle.Note) && out.Does(effect) != specified {
			t.Errorf("%s in %q: effect %s: %t", on, status, effect, !specified)
		}
	}
}

// everyLabel is spec 1.4: what is current, and what is verified.
func everyLabel(t lifecycletest.TB, m *machine) {
	for status := range cells {
		isCurrent := slices.Contains([]kyc.Status{kyc.Pending, kyc.InProgress, kyc.InReview, kyc.Approved}, status)
		if m.Labelled(status, "current") != isCurrent || m.Labelled(status, "verified") != (status == kyc.Approved) {
			t.Errorf("labels of %q", status)
		}
	}
}

// everyActor is who may bring what: a person decides, the clock knows the deadline, the
// system ends sessions, who creates supersedes, and the rest is the provider's word.
func everyActor(t lifecycletest.TB, m *machine) {
	for _, e := range kyc.Machine.Definition().Events {
		want := map[kyc.Event]string{
			kyc.Create: "person system", kyc.Approve: "person", kyc.Reject: "person", kyc.Cancel: "person", kyc.DeadlinePassed: "clock",
			kyc.Supersede: "person system", kyc.Terminate: "system", kyc.TerminateFoundGone: "system",
		}[e.Name]
		for _, who := range []string{"person", "system", "provider", "clock"} {
			if m.By(e.Name, who) != slices.Contains(strings.Fields(cmp.Or(want, "provider")), who) {
				t.Errorf("%s by %s", e.Name, who)
			}
		}
	}
}

// everyStatus is what spec 1.1 says of the statuses: which are final, which one nothing moves,
// and which the clock ends.
func everyStatus(t lifecycletest.TB, m *machine) {
	for _, s := range []struct {
		name             kyc.Status
		final, absorbing bool
		deadline         kyc.Event
		why              string
	}{
		{kyc.Pending, false, false, kyc.DeadlinePassed, "the link ends"},
		{kyc.InProgress, false, false, kyc.DeadlinePassed, "the link ends"},
		{kyc.InReview, false, false, "", "it waits for a person"},
		{kyc.Approved, true, false, "", "the provider may revise it"},
		{kyc.Rejected, true, false, "", "the provider may revise it"},
		{kyc.Expired, true, false, "", "the clock's verdict is provisional"},
		{kyc.Abandoned, true, false, "", "the clock's verdict is provisional"},
		{kyc.Cancelled, true, true, "", "ended by the organization, for good"},
	} {
		got := m.State(s.name)
		if got.Final != s.final || got.Absorbing != s.absorbing || got.Deadline != s.deadline {
			t.Errorf("%q: final %t, absorbing %t, deadline %q: %s", s.name, got.Final, got.Absorbing, got.Deadline, s.why)
		}
	}
}

func TestTheListOfCellsNoticesEveryMutant(t *testing.T) {
	lifecycletest.Mutants(t, kyc.Machine, func(t lifecycletest.TB, m *machine) {
		everyCell(t, m.Decide)
		everyLabel(t, m)
		everyActor(t, m)
		everyStatus(t, m)
	}, nil)
}

func TestTheListOfCellsCoversEveryCase(t *testing.T) {
	everyCell(t, lifecycletest.Cover(t, kyc.Machine, nil).Decide)
}

// A test of what should happen, and of nothing that should not, leaves these to live. Each
// would cost money or a decision.
func TestATestOfTheRoadsAloneIsWeak(t *testing.T) {
	tour := lifecycletest.CellTour(kyc.Machine)
	roads := func(t lifecycletest.TB, m *machine) {
		for _, w := range tour {
			for _, step := range w {
				if out, err := m.Decide(step.From, step.Event, factsBut()); err != nil || out.Verdict != step.Verdict || out.To != step.To {
					t.Fatalf("%s in %q", step.Event, step.From)
				}
			}
		}
	}
	var score lifecycletest.Score
	lifecycletest.Failures(func(t lifecycletest.TB) { score = lifecycletest.Mutants(t, kyc.Machine, roads, nil) })
	t.Log(score)
	for _, words := range []string{
		`approve in "pending" leads to "approved"`,
		`not_started_at_provider in "approved" leads to "pending"`,
		`deadline_passed in "in_review" leads to "expired"`,
		`row "approve" from "in_review" to "approved": nobody asks the rule not_freshly_synced`,
		`row "rejected_by_provider" from "pending", "in_progress", "in_review", "approved", "rejected", "expired", "abandoned" to "rejected": nobody asks the rule protected`,
		`row "cancel" from "pending", "in_progress", "in_review" to "cancelled": the effect owe_termination is missing`,
		`state "rejected": the label current is there too`,
	} {
		if !slices.Contains(score.Survived, words) {
			t.Errorf("not named: %s", words)
		}
	}
}

// What a service did stands in its audit trail, and a cover can be told from there.
func TestACoverCanReadAnAuditTrail(t *testing.T) {
	c := lifecycletest.NewCoverage(kyc.Machine, func(o outcome) string {
		if o.From != kyc.Approved || o.Event != kyc.RejectedByProvider || o.Why == "older" {
			return "told elsewhere"
		}
		return ""
	})
	h := newHost(t, nil)
	for _, v := range []kyc.Validation{h.In(kyc.Approved), h.ByHand(kyc.Approved)} {
		h.Hear(v, kyc.ProviderRejected)
		entries := trail(t, h, v).Entries
		e := entries[len(entries)-1]
		c.Observe(outcome{From: kyc.Status(e.From), Event: kyc.Event(e.Event), Why: e.Why}, nil)
	}
	if missing := c.Missing(); missing != nil {
		t.Error(fmt.Sprint(missing))
	}
}
