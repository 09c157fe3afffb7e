package idpass

import (
	"database/sql/driver"
	"encoding/json"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/refund"
	"github.com/kycle/kycle/store"
)

// Actor is who makes an operation.
type Actor = audit.Actor

// Event is a command or a report of this lifecycle.
type Event string

// Outcome is what a completed check found.
type Outcome string

const (
	Passed    Outcome = "passed"
	NotPassed Outcome = "failed"
)

// Pass is one ID Pass. It is a value: changing a copy changes nothing stored. Its JSON is
// both the answer to a caller and the stored form. Times are in UTC, to the microsecond;
// a zero time stands for none and is null in JSON.
type Pass struct {
	ID             uuid.UUID
	OrganizationID string
	Applicant      string // the host's key for the customer
	Slot           string // held while in flight; "": none
	Status         Status
	Verification   Outcome // "" until the check came to an outcome
	Link           string
	Order          Order
	FeeRefunded    bool
	Supersedes     uuid.UUID // the prior pass that this one took the place of
	SupersededBy   uuid.UUID
	CreatedAt      time.Time
	UpdatedAt      time.Time
	ConsentGivenAt time.Time
	CompletedAt    time.Time
	ExpiresAt      time.Time // the deadline of the link: registration and validity
}

// UnmarshalText refuses an unknown outcome; used for JSON too.
func (o *Outcome) UnmarshalText(text []byte) error {
	if found := Outcome(text); found != Passed && found != NotPassed {
		return &lifecycle.Invalid{Field: "verification_status", Problem: "must be passed or failed"}
	}
	*o = Outcome(text)
	return nil
}

// Order is what was ordered with a pass.
type Order struct {
	LinkValidityDays   int             `json:"link_validity_days"`
	ImageRetentionDays int             `json:"image_retention_days"`
	Document1          []DocumentType  `json:"document_1_allowed_types"`
	Document2          []DocumentType  `json:"document_2_allowed_types"`
	Document3          []DocumentType  `json:"document_3_allowed_types"`
	RequestedIdentity  json.RawMessage `json:"requested_identity"` // any JSON, or nil; may be personal
	Fee                refund.Amount   `json:"fee"`
}

// InFlight tells whether the pass is in flight, which is when it holds its slot.
func (p *Pass) InFlight() bool { return Machine.Labelled(p.Status, inFlight) }

// overdue tells whether the deadline of a pass in flight lies in the past.
func (p *Pass) overdue(now time.Time) bool { return p.InFlight() && p.ExpiresAt.Before(now) }

// document is a pass as JSON.
type document struct {
	ID             uuid.UUID  `json:"id"`
	OrganizationID string     `json:"organization_id"`
	Applicant      string     `json:"applicant"`
	Slot           *string    `json:"slot"`
	Status         Status     `json:"status"`
	Verification   *Outcome   `json:"verification_status"`
	Link           string     `json:"link"`
	FeeRefunded    bool       `json:"fee_refunded"`
	CreatedAt      time.Time  `json:"created_at"`
	UpdatedAt      time.Time  `json:"updated_at"`
	ConsentGivenAt *time.Time `json:"consent_given_at"`
	CompletedAt    *time.Time `json:"completed_at"`
	ExpiresAt      time.Time  `json:"expires_at"`
	Supersedes     *uuid.UUID `json:"supersedes"`
	SupersededBy   *uuid.UUID `json:"superseded_by"`
	Order
}

// MarshalJSON writes every field; absent values are null, lists []. It fails for an
// unknown status.
func (p Pass) MarshalJSON() ([]byte, error) {
	d := document{
		ID: p.ID, OrganizationID: p.OrganizationID, Applicant: p.Applicant, Slot: orNull(p.Slot), Status: p.Status,
		Verification: orNull(p.Verification), Link: p.Link, FeeRefunded: p.FeeRefunded, CreatedAt: moment(p.CreatedAt),
		UpdatedAt: moment(p.UpdatedAt), ConsentGivenAt: orNull(moment(p.ConsentGivenAt)), CompletedAt: orNull(moment(p.CompletedAt)),
		ExpiresAt: moment(p.ExpiresAt), Supersedes: orNull(p.Supersedes), SupersededBy: orNull(p.SupersededBy), Order: p.Order,
	}
	for _, slot := range []*[]DocumentType{&d.Document1, &d.Document2, &d.Document3} {
		*slot = append([]DocumentType{}, *slot...)
	}
	return store.EncodeJSON(d)
}

// UnmarshalJSON reads what MarshalJSON wrote. It refuses an unknown or missing status, an
// unknown outcome or document type, and a malformed or missing id.
func (p *Pass) UnmarshalJSON(b []byte) error {
	var d document
	if err := json.Unmarshal(b, &d); err != nil {
		return err
	}
	// A field that is null or not there calls no UnmarshalText, which would refuse it.
	if _, err := ParseStatus(string(d.Status)); err != nil {
		return err
	}
	if d.ID == uuid.Nil {
		return &lifecycle.Invalid{Field: "id", Problem: "must be a UUID"}
	}
	if slices.Contains(slices.Concat(d.Document1, d.Document2, d.Document3), "") {
		return &lifecycle.Invalid{Field: "document type", Problem: "must not be null"}
	}
	*p = Pass{
		ID: d.ID, OrganizationID: d.OrganizationID, Applicant: d.Applicant, Slot: orZero(d.Slot), Status: d.Status,
		Verification: orZero(d.Verification), Link: d.Link, FeeRefunded: d.FeeRefunded, CreatedAt: moment(d.CreatedAt),
		UpdatedAt: moment(d.UpdatedAt), ConsentGivenAt: moment(orZero(d.ConsentGivenAt)), CompletedAt: moment(orZero(d.CompletedAt)),
		ExpiresAt: moment(d.ExpiresAt), Supersedes: orZero(d.Supersedes), SupersededBy: orZero(d.SupersededBy), Order: d.Order,
	}
	p.Order.RequestedIdentity = orNone(p.Order.RequestedIdentity)
	for _, slot := range []*[]DocumentType{&p.Order.Document1, &p.Order.Document2, &p.Order.Document3} {
		*slot = own(*slot)
	}
	return nil
}

// moment is a time as JSON has it: a host's own tables may give local ones.
func moment(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

func orNull[T comparable](value T) *T {
	var zero T
	if value == zero {
		return nil
	}
	return &value
}

func orZero[T any](value *T) (zero T) {
	if value == nil {
		return zero
	}
	return *value
}

// Status is where a pass stands. An unknown one is refused, with lifecycle.ErrInvalid, at
// every edge: text, JSON and SQL, in and out.
type Status string

// ParseStatus takes the stored string of a status.
func ParseStatus(text string) (Status, error) { return Machine.Parse(text) }

func (s Status) MarshalText() ([]byte, error) {
	text, err := Machine.Text(s)
	return []byte(text), err
}

func (s *Status) UnmarshalText(text []byte) (err error) {
	*s, err = Machine.Parse(string(text))
	return err
}

func (s Status) Value() (driver.Value, error) { return Machine.Text(s) }

func (s *Status) Scan(from any) (err error) {
	*s, err = Machine.Scan(from)
	return err
}
