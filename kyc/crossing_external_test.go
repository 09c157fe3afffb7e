package kyc_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/kyc/kyctest"
	"github.com/kycle/kycle/product"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/fault"
)

// late makes the next commit with an entry land only after the history was read to settle
// it: the worst moment there is.
func late() fault.Plan {
	made := false
	return func(c fault.Call) fault.Fault {
		if made || c.Method != fault.Commit || c.Entries == 0 {
			return fault.None
		}
		made = true
		return fault.Late
	}
}

func TestACommitThatLandsLateIsAnsweredAsItWasMade(t *testing.T) {
	for _, row := range []struct {
		name string
		do   func(*kyctest.Host, kyc.Validation) (kyc.Validation, error)
		want kyc.Status
		why  string
	}{
		{"approve", func(h *kyctest.Host, v kyc.Validation) (kyc.Validation, error) {
			return h.Approve(ctx, h.Person, v.ID, "because of it")
		}, kyc.Approved, "decided again it would be refused, by its own doing"},
		{"cancel", func(h *kyctest.Host, v kyc.Validation) (kyc.Validation, error) {
			return h.Cancel(ctx, h.Person, v.ID, "because of it")
		}, kyc.Cancelled, "and the session is terminated at once"},
		{"create", func(h *kyctest.Host, v kyc.Validation) (kyc.Validation, error) {
			return h.Service.Create(ctx, h.Person, kyc.NewValidation{EntityID: v.EntityID, Provider: kyctest.Code})
		}, kyc.Pending, "its own record is no stranger's"},
	} {
		t.Run(row.name, func(t *testing.T) {
			l := fault.New(newStore())
			h := newHost(t, l)
			v := h.In(kyc.InReview)
			l.Follow(late())
			got, err := row.do(h, v)
			if err != nil || got.Status != row.want || got.ID == uuid.Nil {
				t.Fatalf("%s: %+v %v", row.why, got, err)
			}
			if stored(t, h, got).Value.Status != row.want || row.want == kyc.Cancelled && !h.Provider.Terminated(v.ValidationSessionID) {
				t.Error(row.why)
			}
			trail(t, h, got)
		})
	}
}

func TestACreateThatWasRepeatedAfterACrashLosesNothing(t *testing.T) {
	f := fault.New(newStore(), fault.Script(fault.Commit, fault.Fail(errDisk)))
	h := newHost(t, f)
	in := kyc.NewValidation{EntityID: kyctestID(9), Provider: kyctest.Code, IdempotencyKey: "key-1"}
	if _, err := h.Service.Create(ctx, h.Person, in); !errors.Is(err, errDisk) {
		t.Fatalf("got error %v, want the disk's", err)
	}
	session := "session_" + store.IdempotentID(kyctest.Organization, "key-1").String()
	h.Clock.Advance(10 * time.Minute)
	h.Provider.Say(session, kyc.ProviderInReview) // the customer got the link from the provider, and finished
	h.Clock.Advance(10 * time.Minute)
	v, err := h.Service.Create(ctx, h.Person, in)
	if err != nil || v.ValidationSessionID != session {
		t.Fatal(v.ValidationSessionID, err)
	}
	if v, err = h.Sync(ctx, h.Person, v.ID, true); err != nil || v.Status != kyc.InReview {
		t.Fatalf("the work done before the creation counts: %s %v", v.Status, err)
	}
	if v, err = h.Approve(ctx, h.Person, v.ID, "because of it"); err != nil || v.Status != kyc.Approved {
		t.Errorf("%s %v", v.Status, err)
	}
}

func TestANotStartedOfAnyTimeDoesNoHarm(t *testing.T) {
	h := newHost(t, nil)
	for _, year := range []int{-1, 0, 1, 1970} {
		v := h.Create()
		h.Provider.SayReading(v.ValidationSessionID, kyc.Reading{Status: kyc.ProviderNotStarted, ChangedAt: time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)})
		if _, err := h.Sync(ctx, h.Person, v.ID, true); err != nil {
			t.Fatal(err)
		}
		if got := trail(t, h, v).Entries; len(got) != 2 || !got[1].OccurredAt.Equal(v.CreatedAt) {
			t.Errorf("year %d: %+v", year, got[1])
		}
	}
}

func TestASlowReadingDoesNotBeatAQuickerOne(t *testing.T) {
	for _, timeless := range []bool{true, false} {
		h := newHost(t, nil)
		h.Provider.Timeless = timeless
		s, p := hook(t, h)
		v := h.In(kyc.InProgress)
		p.reporting = func() { // while the first reading is under way, a second is begun and committed
			p.reporting = nil
			h.Clock.Advance(time.Minute)
			h.Provider.SayReading(v.ValidationSessionID, kyc.Reading{Status: kyc.ProviderInProgress, ChangedAt: h.Clock.Now(), Evidence: kyc.Evidence{ExtractedData: json.RawMessage("2")}})
			if _, err := s.Sync(ctx, h.Person, v.ID, true); err != nil {
				t.Error(err)
			}
			h.Provider.SayReading(v.ValidationSessionID, kyc.Reading{Status: kyc.ProviderInReview, ChangedAt: h.Clock.Now().Add(-time.Second), Evidence: kyc.Evidence{ExtractedData: json.RawMessage("1")}})
		}
		got, err := s.Sync(ctx, h.Person, v.ID, true)
		if err != nil || got.Status != kyc.InProgress || string(got.Evidence.ExtractedData) != "2" {
			t.Errorf("timeless %t: status %s, evidence %s, %v", timeless, got.Status, got.Evidence.ExtractedData, err)
		}
	}
}

func TestAClockThatIsSetBackHidesNothing(t *testing.T) {
	h := newHost(t, nil)
	v := h.In(kyc.InReview)
	if _, err := h.Sync(ctx, h.Person, v.ID, true); err != nil {
		t.Fatal(err)
	}
	h.Clock.Advance(-12 * time.Hour)
	reads := h.Provider.Reads()
	h.Provider.SayReading(v.ValidationSessionID, kyc.Reading{Status: kyc.ProviderInReview, Evidence: kyc.Evidence{ExtractedData: json.RawMessage("2")}})
	view, err := h.Validation(ctx, h.Person, v.ID)
	if err != nil || h.Provider.Reads() == reads || string(view.Evidence.ExtractedData) != "2" || !view.LastReading.Equal(h.Clock.Now()) {
		t.Errorf("a reading of the future is as old as can be: %+v %v", view, err)
	}
}

func TestTheCurrentOneIsFoundThoughItChangesMeanwhile(t *testing.T) {
	h := newHost(t, nil)
	s, p := hook(t, h)
	v := h.In(kyc.InReview)
	if _, err := s.Sync(ctx, h.Person, v.ID, true); err != nil {
		t.Fatal(err)
	}
	h.Clock.Advance(4 * time.Hour)
	var next kyc.Validation
	p.reporting = func() { p.reporting = nil; next = h.CreateFor(v.EntityID) }
	if view, err := s.Current(ctx, h.Person, v.EntityID); err != nil || view.ID != next.ID {
		t.Errorf("%v, want %v: %v", view.ID, next.ID, err)
	}
}

func TestNewerIsByOrderOfCommit(t *testing.T) {
	h := newHost(t, nil)
	s, _ := hook(t, h)
	first := h.Create()
	h.Clock.Advance(-time.Hour) // the clock of another process
	second, err := s.Create(ctx, h.Person, kyc.NewValidation{EntityID: first.EntityID, Provider: kyctest.Code})
	if err != nil {
		t.Fatal(err)
	}
	l, err := h.List(ctx, h.Person, first.EntityID, kyc.Filter{})
	if err != nil || l.Values[0].ID != second.ID || !l.Values[0].IsCurrent {
		t.Errorf("the list begins with %v: %v", l.Values[0].ID, err)
	}
}

func TestTwoProvidersSessionsNeverMeet(t *testing.T) {
	provider := kyctest.NewProvider(time.Now)
	repo := newStore()
	s, err := kyc.NewService(kyc.Config{Repository: repo, Settings: kyc.DefaultSettings(), Providers: map[string]kyc.Provider{"a/b": provider}})
	if err != nil {
		t.Fatal(err)
	}
	person := kyc.Actor{Organization: "org_a", Kind: "person", ID: "user_a"}
	v, err := s.Create(ctx, person, kyc.NewValidation{EntityID: uuid.New(), Provider: "a/b"})
	if err != nil {
		t.Fatal(err)
	}
	report := kyc.ProviderReport{Source: "a", EventID: "e", Session: "b/" + v.ValidationSessionID, Status: kyc.ProviderApproved, OccurredAt: time.Now()}
	if _, err := s.Observe(ctx, report); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a report of provider a reached a session of a/b: %v", err)
	}
}

func TestWhatIsDecodedIsAValidation(t *testing.T) {
	for _, bad := range []string{`{}`, `{"status":null}`, `{"status":"pending"} {}`, `{"status":"pending","lastWord":{"status":"great"}}`, `[]`, ``} {
		if _, err := kyc.Schema.Decode([]byte(bad)); err == nil {
			t.Errorf("%s passes", bad)
		}
	}
	h := newHost(t, nil)
	if shown, err := json.Marshal(h.Create().Document()); err != nil || second(kyc.Schema.Decode(shown)) == nil {
		t.Errorf("what callers see lacks what decides the future, and must not be read back: %s, error %v", shown, err)
	}
	s, p := hook(t, h)
	p.opened = kyc.Session{ID: strings.Repeat("s", 256), URL: "u"}
	if _, err := s.Create(ctx, h.Person, kyc.NewValidation{EntityID: uuid.New(), Provider: kyctest.Code}); !errors.Is(err, kyc.ErrProvider) {
		t.Errorf("a session that no webhook could name: %v", err)
	}
	for _, key := range []string{"\xff", "a\x00"} {
		_, err := s.Create(ctx, h.Person, kyc.NewValidation{EntityID: uuid.New(), Provider: kyctest.Code, Metadata: map[string]json.RawMessage{key: []byte("1")}})
		if kyc.Explain(err).Code != "VALIDATION_ERROR" {
			t.Errorf("metadata key %q: %v", key, err)
		}
	}
}

func TestACancelThatEndsTheSessionMeanwhileIsNoProvidersFault(t *testing.T) {
	for _, row := range []struct {
		name string
		do   func(*kyc.Service, *kyctest.Host, kyc.Validation) (kyc.Validation, error)
		code string // "": it is answered as stored
	}{
		{"sync", func(s *kyc.Service, h *kyctest.Host, v kyc.Validation) (kyc.Validation, error) {
			return s.Sync(ctx, h.Person, v.ID, true)
		}, ""},
		{"approve", func(s *kyc.Service, h *kyctest.Host, v kyc.Validation) (kyc.Validation, error) {
			return s.Approve(ctx, h.Person, v.ID, "because of it")
		}, "INVALID_STATUS"},
	} {
		t.Run(row.name, func(t *testing.T) {
			h := newHost(t, nil)
			s, p := hook(t, h)
			v := h.In(kyc.InReview)
			p.reporting = func() {
				p.reporting = nil
				if _, err := h.Cancel(ctx, h.Person, v.ID, "because of it"); err != nil {
					t.Error(err)
				}
			}
			got, err := row.do(s, h, v)
			if row.code == "" && (err != nil || got.Status != kyc.Cancelled) || row.code != "" && kyc.Explain(err).Code != row.code {
				t.Errorf("%s %v", got.Status, err)
			}
		})
	}
}

func TestOneValueInTwoSpellingsIsOneInput(t *testing.T) {
	h := newHost(t, nil)
	create := func(metadata string) (kyc.Validation, error) {
		return h.Service.Create(ctx, h.Person, kyc.NewValidation{EntityID: kyctestID(9), Provider: kyctest.Code, IdempotencyKey: "key-1",
			Metadata: map[string]json.RawMessage{"m": json.RawMessage(metadata)}})
	}
	first, err := create(`{"a":{"x":1,"y":"é/<"}}`)
	if err != nil {
		t.Fatal(err)
	}
	again, err := create(`{"a": {"y":"\u00e9\/\u003c", "x":1}}`)
	if err != nil || again.ID != first.ID {
		t.Errorf("order of members, escapes and white space are spelling: %v", err)
	}
	if _, err := create(`{"a":{"x":2,"y":"é/<"}}`); !errors.Is(err, product.ErrKeyReused) {
		t.Errorf("another value: %v", err)
	}
	long := strings.Repeat(`\u00e9`, 5000) // 10,000 bytes, written in 30,000
	if _, err := h.Service.Create(ctx, h.Person, kyc.NewValidation{EntityID: kyctestID(9), Provider: kyctest.Code,
		Metadata: map[string]json.RawMessage{"m": json.RawMessage(`"` + long + `"`)}}); err != nil {
		t.Errorf("escapes do not count: %v", err)
	}
}
