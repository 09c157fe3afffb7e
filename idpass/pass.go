package idpass

import (
	"database/sql/driver"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/refund"
)

// Actor is who makes an operation.
type Actor = audit.Actor

// Event is a command or a report of this lifecycle.
type Event string

// Outcome is what a completed check found.
type Outcome string

const (
	Passed      Outcome = "passed"
	CheckFailed Outcome = "failed"
)

// Pass is one ID Pass. It is a value: changing a copy changes nothing stored. Document is
// what callers of an API see of it; the tags below are those of the stored form. Times are
// in UTC, to the microsecond; a zero time stands for none.
type Pass struct {
	ID             uuid.UUID `json:"id"`
	OrganizationID string    `json:"organization_id"`
	Applicant      string    `json:"applicant"`     // the host's key for the customer
	Slot           string    `json:"slot,omitzero"` // held while in flight; "": none
	Status         Status    `json:"status"`
	Verification   Outcome   `json:"verification_status,omitzero"` // "" until the check came to an outcome
	Link           string    `json:"link"`
	Order
	FeeRefunded    bool      `json:"fee_refunded"`
	Supersedes     uuid.UUID `json:"supersedes,omitzero"` // the prior pass that this one took the place of
	SupersededBy   uuid.UUID `json:"superseded_by,omitzero"`
	CreatedAt      time.Time `json:"created_at"`
	UpdatedAt      time.Time `json:"updated_at"`
	ConsentGivenAt time.Time `json:"consent_given_at,omitzero"`
	CompletedAt    time.Time `json:"completed_at,omitzero"`
	ExpiresAt      time.Time `json:"expires_at"` // the deadline of the link: registration and validity
}

// UnmarshalText refuses an unknown outcome; used for JSON too.
func (o *Outcome) UnmarshalText(text []byte) error {
	if found := Outcome(text); found != Passed && found != CheckFailed {
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
