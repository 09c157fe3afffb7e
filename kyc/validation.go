package kyc

import (
	"encoding/json"
	"math"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
)

// Actor is who makes an operation.
type Actor = audit.Actor

// Event is a command or a report of this lifecycle.
type Event string

// Validation is one attempt to verify one person. It is a value: changing a copy changes
// nothing stored. Document is what callers of an API see of it. The tags below are those of
// the stored form, which also holds what decides the future. Times are in UTC, to the
// microsecond; a zero time stands for none.
type Validation struct {
	ID                  uuid.UUID                  `json:"id"`
	OrganizationID      string                     `json:"organizationId"`
	EntityID            uuid.UUID                  `json:"entityId"`
	Status              Status                     `json:"status"`
	Provider            string                     `json:"provider"` // integration code
	ValidationSessionID string                     `json:"validationSessionId"`
	ProviderSessionURL  string                     `json:"providerSessionUrl"`
	Evidence            Evidence                   `json:"evidence"`
	Metadata            map[string]json.RawMessage `json:"metadata"`
	ExpiresAt           time.Time                  `json:"expiresAt,omitzero"` // the deadline of the link
	VerifiedAt          time.Time                  `json:"verifiedAt,omitzero"`
	IsCurrent           bool                       `json:"isCurrent"` // the entity's current one: spec 1.4
	CreatedAt           time.Time                  `json:"createdAt"`
	UpdatedAt           time.Time                  `json:"updatedAt"`

	// What decides the future and is not in the JSON of spec 1.6.
	DecidedByHand bool      `json:"decidedByHand,omitzero"`
	Charged       bool      `json:"charged,omitzero"`      // approved or rejected was entered before
	LastWord      Word      `json:"lastWord,omitzero"`     // the newest word of the provider
	LastReading   time.Time `json:"lastReading,omitzero"`  // when the last successful reading was begun
	SupersededBy  uuid.UUID `json:"supersededBy,omitzero"` // the entity's next validation, if there is one

	TerminationOwed     time.Time `json:"terminationOwed,omitzero"`     // since when; zero: nothing is owed
	TerminationFailures int       `json:"terminationFailures,omitzero"` // tries in a row that failed
	TerminationNext     time.Time `json:"terminationNext,omitzero"`     // when it is tried next
}

// overdue tells whether the deadline lies in the past.
func (v *Validation) overdue(now time.Time) bool {
	return !v.ExpiresAt.IsZero() && v.ExpiresAt.Before(now)
}

// readAge is how long ago the last successful reading was begun; ok is false if there was
// none. One that lies ahead was made by a clock that has been set back since: it is as
// old as can be.
func (v *Validation) readAge(now time.Time) (age time.Duration, ok bool) {
	if v.LastReading.After(now) {
		return math.MaxInt64, true
	}
	return now.Sub(v.LastReading), !v.LastReading.IsZero()
}

// View is a validation as a reader gets it: Stale tells that it was due for a refresh
// and the provider could not be read.
type View struct {
	Validation
	Stale bool
}

// Summary is how an entity stands (spec 1.5, "status summary").
type Summary struct {
	HasKYC              bool        `json:"hasKyc"`     // any validation exists
	IsVerified          bool        `json:"isVerified"` // the current one is approved and ExpiresAt lies ahead
	CurrentValidation   *SummaryRef `json:"currentValidation"`
	LastVerifiedAt      *time.Time  `json:"lastVerifiedAt"` // the newest that holds on any of them
	ExpiresAt           *time.Time  `json:"expiresAt"`      // of the current one's verification; null unless it is approved
	NeedsReverification bool        `json:"needsReverification"`
}

// SummaryRef names the current validation.
type SummaryRef struct {
	ID         uuid.UUID  `json:"id"`
	Status     Status     `json:"status"`
	VerifiedAt *time.Time `json:"verifiedAt"`
}
