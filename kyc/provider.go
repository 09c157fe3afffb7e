package kyc

import (
	"context"
	"encoding/json"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/store"
)

// Provider is the port to the outside service that verifies a person. A host writes one
// for each integration and registers it under its integration code. Methods are called
// outside any transaction and may be called again after a failure.
type Provider interface {
	// Open opens a session with a reference. Asked again with the same reference it
	// answers with the same session.
	Open(ctx context.Context, o Opening) (Session, error)
	// Report reads how a session stands. A status that it cannot translate is an error.
	Report(ctx context.Context, session string) (Reading, error)
	// Terminate ends a session so that its link stops working. Terminating twice is
	// harmless: gone tells that there was nothing left to end.
	Terminate(ctx context.Context, session string) (gone bool, err error)
}

// Opening is what a provider is told to open a session.
type Opening struct {
	Reference    uuid.UUID // the validation's id
	Organization string
	EntityID     uuid.UUID
}

// Session is an open session.
type Session struct {
	ID  string
	URL string // the link for the customer
}

// ProviderStatus is a provider's word for how a session stands, in the terms of this
// library: an adapter translates the provider's own.
type ProviderStatus string

const (
	ProviderNotStarted ProviderStatus = "not_started"
	ProviderInProgress ProviderStatus = "in_progress" // started, or asked to redo steps
	ProviderInReview   ProviderStatus = "in_review"
	ProviderExpired    ProviderStatus = "expired"
	ProviderAbandoned  ProviderStatus = "abandoned"
	ProviderRejected   ProviderStatus = "rejected"
	ProviderApproved   ProviderStatus = "approved"
)

// words is the translation of a provider's words into events, in the order in which two
// words of one instant are ranked (spec 1.3).
var words = []struct {
	status  ProviderStatus
	event   Event
	shownAs Status // what a person is told that the status is
}{
	{ProviderNotStarted, NotStartedAtProvider, Pending},
	{ProviderInProgress, InProgressAtProvider, InProgress},
	{ProviderInReview, InReviewAtProvider, InReview},
	{ProviderExpired, ExpiredAtProvider, Expired},
	{ProviderAbandoned, AbandonedAtProvider, Abandoned},
	{ProviderRejected, RejectedByProvider, Rejected},
	{ProviderApproved, ApprovedByProvider, Approved},
}

// rank is the place of a word among words of one instant; -1 for what is no word.
func (s ProviderStatus) rank() int {
	for i := range words {
		if words[i].status == s {
			return i
		}
	}
	return -1
}

// Event is the report that the word makes; ok is false for an unknown word.
func (s ProviderStatus) Event() (e Event, ok bool) {
	if i := s.rank(); i >= 0 {
		return words[i].event, true
	}
	return "", false
}

// Word is one word of the provider: what it said, and when that came to be so.
type Word struct {
	Status ProviderStatus `json:"status"`
	At     time.Time      `json:"at"`
}

// newer tells whether w is a later word than last; the zero Word is before every other.
func (w Word) newer(last Word) bool {
	if w.At.Equal(last.At) {
		return w.Status.rank() > last.Status.rank()
	}
	return last.Status == "" || w.At.After(last.At)
}

// receipt is the key by which a word is known to have been received, on its record.
func (w Word) receipt() string {
	return "word " + string(w.Status) + " " + w.At.Format(time.RFC3339Nano)
}

// place puts a word of the provider in order, and gives the last word to judge it by. A
// webhook from before the creation is refused; a reading may tell of a session that an
// earlier attempt to create opened. Where the provider does not say when, a word that
// repeats the last one is that word again, and one that was asked for before the last
// reading is older than what that reading heard.
func (d *draft) place() (last Word, err error) {
	v, in := &d.Change.Next, &d.in
	last = v.LastWord
	if in.Word.At.Before(v.CreatedAt.Add(-d.settings.ClockSkew)) && in.Word.Status != "" {
		if in.ReadAt.IsZero() {
			return last, &lifecycle.Invalid{Field: "occurredAt", Problem: "lies before the creation of the validation"}
		}
		in.Word.At = v.CreatedAt
	}
	switch {
	case in.Timeless && in.Word.Status == last.Status:
		in.Word = last
	case in.Timeless && last.Status != "" && last.At.Before(v.LastReading) && !v.LastReading.After(in.Call.At):
		last.At = v.LastReading
	}
	return last, nil
}

// received tells whether a report came before, by its receipts or as the last word; why is
// store.EventReused if its event id stood for another word then.
func received(r store.Record[Validation], in *Input) (before bool, why string) {
	if before, why = r.Received(in.Receipts); before {
		return before, why
	}
	last := r.Value.LastWord
	return in.Word.Status != "" && in.Word.Status == last.Status && in.Word.At.Equal(last.At), ""
}

// Reading is how a session stands, as the provider tells it when asked.
type Reading struct {
	Status    ProviderStatus
	ChangedAt time.Time // when the status came to be so; zero: the provider does not say
	URL       string    // the link for the customer; "": as before
	Evidence  Evidence
}

// Evidence is what the provider found, kept and passed on as it came: JSON, which may
// be personal data and stands in no error, log line or audit entry.
type Evidence struct {
	Decision          json.RawMessage   `json:"decision,omitempty"` // an object, or nil
	DocumentsVerified []json.RawMessage `json:"documentsVerified,omitempty"`
	BiometricResult   json.RawMessage   `json:"biometricResult,omitempty"`
	RiskAssessment    json.RawMessage   `json:"riskAssessment,omitempty"`
	VerifiedFields    []string          `json:"verifiedFields,omitempty"`
	ExtractedData     json.RawMessage   `json:"extractedData,omitempty"`
	Warnings          []json.RawMessage `json:"warnings,omitempty"`
}

// usable tells whether every part is JSON in UTF-8, and the decision an object or nothing.
func (e Evidence) usable() bool {
	parts := slices.Concat(e.DocumentsVerified, e.Warnings,
		[]json.RawMessage{e.Decision, e.BiometricResult, e.RiskAssessment, e.ExtractedData})
	for _, p := range parts {
		if p != nil && !(json.Valid(p) && utf8.Valid(p)) {
			return false
		}
	}
	if slices.ContainsFunc(e.VerifiedFields, func(f string) bool { return !store.ValidText(f) }) {
		return false
	}
	var object map[string]json.RawMessage
	return e.Decision == nil || json.Unmarshal(e.Decision, &object) == nil
}

// ProviderReport is a provider's report as a webhook brings it.
type ProviderReport struct {
	Source     string // integration code of the provider
	EventID    string // the provider's id of the report, never one of its session: the first word under it is the only one heard
	Session    string
	Status     ProviderStatus
	OccurredAt time.Time
	Evidence   *Evidence // nil: it brings none
}

// check refuses a report that cannot be right by itself: now is the host's clock.
func (p ProviderReport) check(now time.Time, skew time.Duration) error {
	for _, text := range []struct{ field, value string }{{"source", p.Source}, {"eventId", p.EventID}, {"sessionId", p.Session}} {
		switch {
		case text.value == "":
			return &lifecycle.Invalid{Field: text.field, Problem: "is missing"}
		case len(text.value) > keyMost || !store.ValidText(text.value):
			return &lifecycle.Invalid{Field: text.field, Problem: "must be UTF-8 without NUL, at most 255 bytes"}
		}
	}
	if p.Status.rank() < 0 {
		return &lifecycle.Invalid{Field: "status", Problem: "is not a status of a provider"}
	}
	if p.Evidence != nil && !p.Evidence.usable() {
		return &lifecycle.Invalid{Field: "evidence", Problem: "must be JSON, its decision an object"}
	}
	if p.OccurredAt.After(now.Add(skew)) {
		return &lifecycle.Invalid{Field: "occurredAt", Problem: "lies in the future"}
	}
	return nil
}

// check refuses a reading that cannot be right. The session may be older than the
// validation, since a repeated create finds the one that was opened first, but no older
// than a link lives: before that nobody can have used it.
func (r Reading) check(created, now time.Time, s Settings) error {
	p := ProviderReport{Source: "-", EventID: "-", Session: "-", Status: r.Status, OccurredAt: r.ChangedAt, Evidence: &r.Evidence}
	if err := p.check(now, s.ClockSkew); err != nil || r.ChangedAt.IsZero() || r.Status == ProviderNotStarted {
		return err
	}
	if r.ChangedAt.Before(created.Add(-s.LinkValidity - s.ClockSkew)) {
		return &lifecycle.Invalid{Field: "occurredAt", Problem: "lies before the creation of the validation"}
	}
	return nil
}
