package kyc_test

import (
	"encoding/json"
	"errors"
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

func TestSyncCallsNobodyWithoutNeed(t *testing.T) {
	h := newHost(t, nil)
	v := h.In(kyc.InReview)
	sync := func(force bool, reads int, why string) {
		t.Helper()
		before := h.Provider.Reads()
		if _, err := h.Sync(ctx, h.Person, v.ID, force); err != nil || h.Provider.Reads()-before != reads {
			t.Errorf("%s: %d reads, %v", why, h.Provider.Reads()-before, err)
		}
	}
	sync(false, 1, "never read before")
	h.Clock.Advance(59 * time.Second)
	sync(false, 0, "inside the recency window")
	sync(true, 1, "forced")
	h.Clock.Advance(time.Minute)
	sync(false, 1, "the window is over")
	v = h.ByHand(kyc.Cancelled)
	sync(true, 0, "a cancelled validation answers as stored")
}

func TestSyncRefreshesEvidenceAlsoWhereTheStatusIsProtected(t *testing.T) {
	h := newHost(t, nil)
	v := h.ByHand(kyc.Rejected)
	version := len(trail(t, h, v).Entries)
	h.Clock.Advance(time.Hour)
	h.Provider.SayReading(v.ValidationSessionID, kyc.Reading{Status: kyc.ProviderApproved, ChangedAt: h.Clock.Now(),
		URL: "https://verify.example.com/new", Evidence: kyc.Evidence{Decision: json.RawMessage(`{"n":1}`), VerifiedFields: []string{"name"}}})
	for range 3 {
		got, err := h.Sync(ctx, h.Person, v.ID, true)
		if err != nil || got.Status != kyc.Rejected || string(got.Evidence.Decision) != `{"n":1}` || got.ProviderSessionURL != "https://verify.example.com/new" || !got.LastReading.Equal(h.Clock.Now()) {
			t.Fatalf("%+v %v", got, err)
		}
	}
	entries := trail(t, h, v).Entries[version:]
	if len(entries) != 1 || entries[0].Verdict != audit.Ignored || entries[0].Why != "protected" {
		t.Errorf("one entry says that a word came, the repeats write none: %+v", entries)
	}
}

func TestAProviderThatDoesNotSayWhenRepeatsItself(t *testing.T) {
	h := newHost(t, nil)
	h.Provider.Timeless = true
	v := h.Create()
	for _, said := range []kyc.ProviderStatus{kyc.ProviderNotStarted, kyc.ProviderInProgress, kyc.ProviderInReview} {
		h.Provider.Say(v.ValidationSessionID, said)
		for range 4 {
			h.Clock.Advance(time.Hour)
			if _, err := h.Sync(ctx, h.Person, v.ID, true); err != nil {
				t.Fatal(err)
			}
		}
	}
	if v, err := h.Approve(ctx, h.Person, v.ID, "because of it"); err != nil || v.Status != kyc.Approved {
		t.Fatalf("got %s, error %v, want it approved", v.Status, err)
	}
	h.Provider.Say(v.ValidationSessionID, kyc.ProviderRejected)
	for range 4 {
		h.Clock.Advance(time.Hour)
		if v, err := h.Sync(ctx, h.Person, v.ID, true); err != nil || v.Status != kyc.Approved {
			t.Fatal(v.Status, err)
		}
	}
	var verdicts []string
	for _, e := range trail(t, h, v).Entries {
		verdicts = append(verdicts, e.Event+":"+string(e.Verdict)+e.Why)
	}
	want := []string{"create:moved", "not_started_at_provider:ignoredno_row", "in_progress_at_provider:moved", "in_review_at_provider:moved",
		"approve:moved", "rejected_by_provider:ignoredprotected"}
	if len(verdicts) != len(want) {
		t.Fatalf("a word that is repeated is that word again:\n got %v\nwant %v", verdicts, want)
	}
	for i := range want {
		if verdicts[i] != want[i] {
			t.Errorf("entry %d: got %s, want %s", i+1, verdicts[i], want[i])
		}
	}
}

func TestAProviderThatTalksNonsenseIsNotHeard(t *testing.T) {
	h := newHost(t, nil)
	for _, row := range []struct {
		name    string
		reading kyc.Reading
		why     string
	}{
		{"unknown word", kyc.Reading{Status: "excellent"}, "it cannot be translated"},
		{"no word", kyc.Reading{}, "it cannot be translated"},
		{"year 9999", kyc.Reading{Status: kyc.ProviderApproved, ChangedAt: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)}, "it would silence every later word"},
		{"before creation", kyc.Reading{Status: kyc.ProviderApproved, ChangedAt: time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)}, "there was no validation"},
		{"no JSON", kyc.Reading{Status: kyc.ProviderApproved, Evidence: kyc.Evidence{ExtractedData: json.RawMessage(`{`)}}, "it could not be stored"},
		{"decision no object", kyc.Reading{Status: kyc.ProviderApproved, Evidence: kyc.Evidence{Decision: json.RawMessage(`7`)}}, "spec 1.6"},
		{"not UTF-8", kyc.Reading{Status: kyc.ProviderApproved, Evidence: kyc.Evidence{VerifiedFields: []string{"\xff"}}}, "JSON would replace it in silence"},
	} {
		t.Run(row.name, func(t *testing.T) {
			v := h.In(kyc.InReview)
			before := stored(t, h, v)
			h.Provider.SayReading(v.ValidationSessionID, row.reading)
			_, err := h.Sync(ctx, h.Person, v.ID, true)
			if p := kyc.Explain(err); !errors.Is(err, kyc.ErrProvider) || p.HTTP != 502 || p.Code != "PROVIDER_ERROR" {
				t.Fatalf("got error %v, want ErrProvider and 502: %s", err, row.why)
			}
			if stored(t, h, v).Version != before.Version {
				t.Error("something was written")
			}
		})
	}
}

func TestWhatCannotBeSynced(t *testing.T) {
	h := newHost(t, nil)
	foreign := func(n byte, change func(*kyc.Validation)) uuid.UUID {
		v := h.In(kyc.InReview)
		v.ID, v.EntityID, v.ValidationSessionID = kyctestID(n), kyctestID(n), "imported"
		change(&v)
		if err := h.Repository.Commit(ctx, store.Change[kyc.Validation]{Next: v}); err != nil {
			t.Fatal(err)
		}
		return v.ID
	}
	_, err := h.Sync(ctx, h.Person, foreign(201, func(v *kyc.Validation) { v.Provider = "retired" }), true)
	if p := kyc.Explain(err); p != (product.Problem{HTTP: 400, Code: "PROVIDER_INTEGRATION_NOT_CONFIGURED", Message: "Provider integration is not configured"}) {
		t.Error(p)
	}
	_, err = h.Approve(ctx, h.Person, foreign(202, func(v *kyc.Validation) { v.ValidationSessionID = "" }), "because of it")
	if p := kyc.Explain(err); p != (product.Problem{HTTP: 400, Code: "NO_SESSION_ID", Message: "Validation has no provider session to sync"}) {
		t.Error(p)
	}
}

func TestReadingRefreshesWhatIsOld(t *testing.T) {
	h := newHost(t, nil)
	v := h.In(kyc.InReview)
	view := func(reads int, stale bool, why string) kyc.View {
		t.Helper()
		before := h.Provider.Reads()
		view, err := h.Validation(ctx, h.Person, v.ID)
		if err != nil || view.Stale != stale || h.Provider.Reads()-before != reads {
			t.Errorf("%s: stale %t, %d reads, %v", why, view.Stale, h.Provider.Reads()-before, err)
		}
		return view
	}
	h.Clock.Advance(24 * time.Hour)
	view(0, false, "never read yet")
	if _, err := h.Sync(ctx, h.Person, v.ID, false); err != nil {
		t.Fatal(err)
	}
	h.Clock.Advance(3*time.Hour + 30*time.Minute)
	view(0, false, "exactly 3.5 hours is not older")
	h.Clock.Advance(time.Microsecond)
	h.Provider.Down(true)
	view(1, true, "a failed refresh returns what is stored, marked")
	h.Provider.Down(false)
	h.Provider.Say(v.ValidationSessionID, kyc.ProviderRejected)
	if got := view(1, false, "refreshed"); got.Status != kyc.Rejected {
		t.Errorf("status %s", got.Status)
	}
	v = h.ByHand(kyc.Approved)
	h.Clock.Advance(24 * time.Hour)
	view(0, false, "settled for ever")
	v = h.In(kyc.InReview)
	if _, err := h.Sync(ctx, h.Person, v.ID, false); err != nil {
		t.Fatal(err)
	}
	h.Clock.Advance(4 * time.Hour)
	h.Provider.Say(v.ValidationSessionID, kyc.ProviderExpired)
	if _, err := h.Current(ctx, h.Person, v.EntityID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("after the refresh none is current: %v", err)
	}
}

func TestReportsAreHeardOnce(t *testing.T) {
	h := newHost(t, nil)
	v := h.Create()
	start := h.Clock.Now()
	h.Clock.Advance(time.Hour)
	for _, row := range []struct {
		name    string
		event   string
		status  kyc.ProviderStatus
		after   time.Duration
		verdict lifecycle.Verdict
		reason  string
		why     string
	}{
		{"first", "e1", kyc.ProviderInReview, 20 * time.Minute, lifecycle.Move, "", "a newer word"},
		{"same event", "e1", kyc.ProviderInReview, 20 * time.Minute, lifecycle.Duplicate, "", "source and event id are known"},
		{"same event, other word", "e1", kyc.ProviderApproved, 30 * time.Minute, lifecycle.Duplicate, store.EventReused, "source and event id are known, and the host is told that a word is lost"},
		{"same word, other event", "e2", kyc.ProviderInReview, 20 * time.Minute, lifecycle.Duplicate, "", "session, status and time are known"},
		{"older", "e3", kyc.ProviderInProgress, 10 * time.Minute, lifecycle.Ignore, "older", "webhooks are reordered"},
		{"older again", "e4", kyc.ProviderInProgress, 10 * time.Minute, lifecycle.Duplicate, "", "an ignored word was received too"},
		{"same status later", "e5", kyc.ProviderInReview, 30 * time.Minute, lifecycle.Stay, "", "a newer report of what holds"},
		{"not started", "e6", kyc.ProviderNotStarted, 40 * time.Minute, lifecycle.Ignore, "no_row", "it never moves anything"},
		{"a nanosecond later", "e7", kyc.ProviderInReview, 30*time.Minute + time.Nanosecond, lifecycle.Duplicate, "", "times are of microseconds"},
		{"skewed", "e8", kyc.ProviderApproved, 65 * time.Minute, lifecycle.Move, "", "five minutes ahead are a skewed clock"},
	} {
		d, err := h.Observe(ctx, kyc.ProviderReport{Source: kyctest.Code, EventID: row.event, Session: v.ValidationSessionID,
			Status: row.status, OccurredAt: start.Add(row.after)})
		if err != nil || d.Verdict != row.verdict || d.Why != row.reason {
			t.Errorf("%s (%s): got %s %q %v", row.name, row.why, d.Verdict, d.Why, err)
		}
	}
	if got := len(trail(t, h, v).Entries); got != 5 {
		t.Errorf("%d entries: create, two moves and two ignored", got)
	}
}

func TestReportsThatCannotBeRight(t *testing.T) {
	h := newHost(t, nil)
	v := h.Create()
	good := kyc.ProviderReport{Source: kyctest.Code, EventID: "e", Session: v.ValidationSessionID, Status: kyc.ProviderApproved, OccurredAt: h.Clock.Now()}
	for _, row := range []struct {
		name  string
		edit  func(*kyc.ProviderReport)
		field string
		why   string
	}{
		{"no event id", func(p *kyc.ProviderReport) { p.EventID = "" }, "eventId", "a repeat could not be known"},
		{"no session", func(p *kyc.ProviderReport) { p.Session = "" }, "sessionId", "it finds the record"},
		{"NUL", func(p *kyc.ProviderReport) { p.EventID = "\x00" }, "eventId", "no store takes it"},
		{"unknown status", func(p *kyc.ProviderReport) { p.Status = "great" }, "status", "spec 1.6"},
		{"year 0", func(p *kyc.ProviderReport) { p.OccurredAt = time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC) }, "occurredAt", "before the creation"},
		{"no time", func(p *kyc.ProviderReport) { p.OccurredAt = time.Time{} }, "occurredAt", "before the creation"},
		{"year 9999", func(p *kyc.ProviderReport) { p.OccurredAt = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC) }, "occurredAt", "it would silence every later word"},
		{"beyond the skew", func(p *kyc.ProviderReport) { p.OccurredAt = p.OccurredAt.Add(5*time.Minute + time.Microsecond) }, "occurredAt", "spec 1.5"},
		{"evidence", func(p *kyc.ProviderReport) { p.Evidence = &kyc.Evidence{Decision: json.RawMessage("{")} }, "evidence", "it could not be stored"},
	} {
		t.Run(row.name, func(t *testing.T) {
			report := good
			row.edit(&report)
			_, err := h.Observe(ctx, report)
			var invalid *lifecycle.Invalid
			if !errors.As(err, &invalid) || invalid.Field != row.field {
				t.Errorf("got error %v, want a fault of %q: %s", err, row.field, row.why)
			}
		})
	}
	good.Session = "session_unknown"
	if _, err := h.Observe(ctx, good); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("unknown session: %v", err)
	}
	if got := stored(t, h, v); got.Version != 1 {
		t.Errorf("nothing was written: version %d", got.Version)
	}
}

func TestEvidenceIsOfTheNewestReading(t *testing.T) {
	h := newHost(t, nil)
	r := stored(t, h, h.In(kyc.InReview))
	found := func(n string) *kyc.Evidence { return &kyc.Evidence{ExtractedData: json.RawMessage(n)} }
	word := r.Value.LastWord
	decide := func(readAt time.Time, n string) {
		t.Helper()
		d, err := kyc.Decide(r, kyc.Input{Event: kyc.InReviewAtProvider, Word: word, ReadAt: readAt, Evidence: found(n), Call: callAt(h.Clock.Now().Add(time.Minute))}, kyc.DefaultSettings())
		if err != nil || d.Verdict != lifecycle.Duplicate {
			t.Fatal(d.Verdict, err)
		}
		r.Value = d.Value
	}
	now := h.Clock.Now()
	decide(now, "1")
	decide(now.Add(time.Second), "2")
	decide(now, "3") // begun before, committed after
	if string(r.Value.Evidence.ExtractedData) != "2" || !r.Value.LastReading.Equal(now.Add(time.Second)) {
		t.Errorf("evidence %s of %v", r.Value.Evidence.ExtractedData, r.Value.LastReading)
	}
}

func TestAWebhooksEvidenceIsTakenWhereItsWordIs(t *testing.T) {
	h := newHost(t, nil)
	v := h.Create()
	created := h.Clock.Advance(time.Hour)
	for n, row := range []struct {
		name   string
		status kyc.ProviderStatus
		after  time.Duration
		want   string
	}{
		{"a move", kyc.ProviderInReview, -30 * time.Minute, "0"},
		{"a stay", kyc.ProviderInReview, -20 * time.Minute, "1"},
		{"older", kyc.ProviderInProgress, -40 * time.Minute, "1"},
		{"a duplicate", kyc.ProviderInReview, -20 * time.Minute, "1"},
	} {
		d, err := h.Observe(ctx, kyc.ProviderReport{Source: kyctest.Code, EventID: row.name, Session: v.ValidationSessionID, Status: row.status,
			OccurredAt: created.Add(row.after), Evidence: &kyc.Evidence{ExtractedData: json.RawMessage([]byte{'0' + byte(n)})}})
		if got := string(stored(t, h, v).Value.Evidence.ExtractedData); err != nil || got != row.want {
			t.Errorf("%s (%s): evidence %s, want %s; %v", row.name, d.Verdict, got, row.want, err)
		}
	}
}
