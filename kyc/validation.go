package kyc

import (
	"crypto/sha256"
	"database/sql/driver"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"math"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/store"
)

// Actor is who makes an operation.
type Actor = audit.Actor

// Event is a command or a report of this lifecycle.
type Event string

// Validation is one attempt to verify one person. It is a value: changing a copy changes
// nothing stored. As JSON (MarshalJSON) it is the object of spec 1.6; the tags below are
// those of the stored form, which also holds what decides the future. Times are in UTC,
// to the microsecond; a zero time stands for none.
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
	CreatedAt           time.Time                  `json:"createdAt"`
	UpdatedAt           time.Time                  `json:"updatedAt"`

	// What decides the future and is not in the JSON of spec 1.6.
	DecidedByHand   bool      `json:"decidedByHand,omitzero"`
	Charged         bool      `json:"charged,omitzero"`         // approved or rejected was entered before
	LastWord        Word      `json:"lastWord,omitzero"`        // the newest word of the provider
	LastReading     time.Time `json:"lastReading,omitzero"`     // when the last successful reading was begun
	TerminationOwed time.Time `json:"terminationOwed,omitzero"` // since when; zero: nothing is owed
	SupersededBy    uuid.UUID `json:"supersededBy,omitzero"`    // the entity's next validation, if there is one
}

// IsCurrent tells whether the validation is the entity's current one. It follows from
// the status and from whether a newer validation exists, and is never set (spec 1.4).
func (v *Validation) IsCurrent() bool {
	return Machine.Labelled(v.Status, current) && v.SupersededBy == uuid.Nil
}

// settled tells whether nothing can change the status any more: spec 1.1, "absorbing".
func (v *Validation) settled() bool {
	return v.DecidedByHand || Machine.State(v.Status).Absorbing
}

// overdue tells whether the deadline lies in the past.
func (v *Validation) overdue(now time.Time) bool {
	return overdue.Holds(Facts{Deadline: v.ExpiresAt, Now: now})
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

// clone keeps a decision from changing what it was given.
func (v Validation) clone() Validation {
	v.Metadata = maps.Clone(v.Metadata)
	return v
}

// document is the JSON of spec 1.6.
type document struct {
	ID                  uuid.UUID                  `json:"id"`
	EntityID            uuid.UUID                  `json:"entityId"`
	OrganizationID      string                     `json:"organizationId"`
	ValidationSessionID *string                    `json:"validationSessionId"`
	Status              Status                     `json:"status"`
	Provider            string                     `json:"provider"`
	ProviderSessionURL  *string                    `json:"providerSessionUrl"`
	Decision            json.RawMessage            `json:"decision"`
	DocumentsVerified   []json.RawMessage          `json:"documentsVerified"`
	BiometricResult     json.RawMessage            `json:"biometricResult"`
	RiskAssessment      json.RawMessage            `json:"riskAssessment"`
	VerifiedFields      []string                   `json:"verifiedFields"`
	ExtractedData       json.RawMessage            `json:"extractedData"`
	Warnings            []json.RawMessage          `json:"warnings"`
	IsCurrent           bool                       `json:"isCurrent"`
	ExpiresAt           *time.Time                 `json:"expiresAt"`
	VerifiedAt          *time.Time                 `json:"verifiedAt"`
	Metadata            map[string]json.RawMessage `json:"metadata"`
	CreatedAt           time.Time                  `json:"createdAt"`
	UpdatedAt           time.Time                  `json:"updatedAt"`
}

// MarshalJSON writes the object of spec 1.6: every field is there, absent values are
// null, lists []. It fails for an unknown status. There is no way back from it, since it
// lacks what decides the future: stores use Schema.
func (v Validation) MarshalJSON() ([]byte, error) {
	metadata := v.Metadata
	if metadata == nil {
		metadata = map[string]json.RawMessage{}
	}
	return json.Marshal(document{
		ID: v.ID, EntityID: v.EntityID, OrganizationID: v.OrganizationID,
		ValidationSessionID: orNull(v.ValidationSessionID), Status: v.Status, Provider: v.Provider,
		ProviderSessionURL: orNull(v.ProviderSessionURL),
		Decision:           v.Evidence.Decision,
		DocumentsVerified:  append([]json.RawMessage{}, v.Evidence.DocumentsVerified...),
		BiometricResult:    v.Evidence.BiometricResult,
		RiskAssessment:     v.Evidence.RiskAssessment,
		VerifiedFields:     append([]string{}, v.Evidence.VerifiedFields...),
		ExtractedData:      v.Evidence.ExtractedData,
		Warnings:           append([]json.RawMessage{}, v.Evidence.Warnings...),
		IsCurrent:          v.IsCurrent(), ExpiresAt: orNull(moment(v.ExpiresAt)), VerifiedAt: orNull(moment(v.VerifiedAt)),
		Metadata: metadata, CreatedAt: moment(v.CreatedAt), UpdatedAt: moment(v.UpdatedAt),
	})
}

// moment is a time as JSON has it: a host's own tables may give local ones.
func moment(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// UnmarshalJSON refuses: what the JSON of spec 1.6 lacks decides the future, and to read
// it back would lose that in silence. Stores use Schema.
func (v *Validation) UnmarshalJSON([]byte) error { return errOneWay }

var errOneWay = errors.New("kyc: the JSON of a validation is not its stored form")

func orNull[T comparable](value T) *T {
	var zero T
	if value == zero {
		return nil
	}
	return &value
}

// View is a validation as a reader gets it: Stale tells that it was due for a refresh
// and the provider could not be read. As JSON it is the validation.
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

// Listing is one page of an entity's validations, newest first.
type Listing struct {
	Validations []Validation `json:"validations"`
	Total       int          `json:"total"`
	Page        int          `json:"page"`
	Limit       int          `json:"limit"`
}

// Status is where a validation stands. An unknown one is refused, with
// lifecycle.ErrInvalid, at every edge: text, JSON and SQL, in and out.
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

// NewValidation is what a caller gives to create one.
type NewValidation struct {
	EntityID       uuid.UUID
	Provider       string                     // integration code
	Metadata       map[string]json.RawMessage // an object; at most 10,240 bytes as compact JSON
	IdempotencyKey string                     // "": every call makes a validation of its own
}

const (
	metadataMost = 10_240 // bytes
	keyMost      = 255    // bytes of an idempotency key, an event id, an integration code
)

// checked gives the input with its metadata as compact JSON, and its fingerprint, by
// which a repeated idempotency key is told from a reused one.
func (n NewValidation) checked() (NewValidation, string, error) {
	invalid := func(field, problem string) (NewValidation, string, error) {
		return n, "", &lifecycle.Invalid{Field: field, Problem: problem}
	}
	switch {
	case n.EntityID == uuid.Nil:
		return invalid("entityId", "must be a UUID")
	case len(n.IdempotencyKey) > keyMost || !store.ValidText(n.IdempotencyKey):
		return invalid("Idempotency-Key", "must be UTF-8 without NUL, at most 255 bytes")
	case n.Provider == "":
		return invalid("integrationCode", "is missing")
	case len(n.Provider) > keyMost || !store.ValidText(n.Provider):
		return invalid("integrationCode", "must be UTF-8 without NUL, at most 255 bytes")
	}
	for key := range n.Metadata {
		if !store.ValidText(key) {
			return invalid("metadata", "must be UTF-8 without NUL")
		}
	}
	if n.Metadata == nil {
		n.Metadata = map[string]json.RawMessage{} // left out is an object without members
	}
	for _, keys := range signatures {
		for _, key := range []string{keys.by, keys.at, keys.reason} {
			if _, there := n.Metadata[key]; there {
				return invalid("metadata", key+" is set by decisions only")
			}
		}
	}
	compact, err := store.EncodeJSON(n.Metadata)
	canonical := compact
	if err == nil {
		canonical, err = store.CanonicalJSON(compact)
	}
	switch {
	case err != nil:
		return invalid("metadata", "must be JSON")
	case len(canonical) > metadataMost:
		return invalid("metadata", "must be at most 10240 bytes of compact JSON")
	case !store.ValidText(string(compact)):
		return invalid("metadata", "must be UTF-8 without NUL")
	}
	n.Metadata = nil
	if err := json.Unmarshal(compact, &n.Metadata); err != nil {
		return invalid("metadata", "must be an object")
	}
	sum := sha256.Sum256(must(json.Marshal([]any{n.EntityID, n.Provider, json.RawMessage(canonical)})))
	return n, hex.EncodeToString(sum[:]), nil
}

func quote[T any](value T) json.RawMessage { return must(json.Marshal(value)) }

// must is for what cannot fail: marshalling values of our own, package-level tables.
func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
