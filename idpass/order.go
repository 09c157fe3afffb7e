package idpass

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/product"
	"github.com/kycle/kycle/refund"
	"github.com/kycle/kycle/store"
)

// DocumentType is a kind of document that a customer may show.
type DocumentType string

const (
	Licence    DocumentType = "licence"
	Passport   DocumentType = "passport"
	Medicare   DocumentType = "medicare"
	Visa       DocumentType = "visa"
	Centrelink DocumentType = "centrelink"
)

var documentTypes = []DocumentType{Licence, Passport, Medicare, Visa, Centrelink}

// UnmarshalText refuses an unknown document type; used for JSON too.
func (d *DocumentType) UnmarshalText(text []byte) error {
	if !slices.Contains(documentTypes, DocumentType(text)) {
		return &lifecycle.Invalid{Field: "document type", Problem: "must be licence, passport, medicare, visa or centrelink"}
	}
	*d = DocumentType(text)
	return nil
}

// Registration is what a caller gives to register a pass.
type Registration struct {
	Applicant          string // the host's key for the customer, 1 to 255 bytes
	Slot               string // any key of the host's; one pass in flight holds it. "": unlimited
	LinkValidityDays   *int   // 1 to 14; nil: 7
	ImageRetentionDays int    // 0 to 5000
	Documents          [3][]DocumentType
	RequestedIdentity  json.RawMessage // any JSON of at most 10,240 bytes; nil: none
	Fee                refund.Amount   // 0 or more, with a currency
	IdempotencyKey     string          // "": every call registers a pass of its own
}

const (
	validityLeast, validityMost, validityDefault = 1, 14, 7 // days
	retentionMost                                = 5000     // days
	identityMost                                 = 10_240   // bytes
	textMost                                     = 255      // bytes of a key
)

// order checks the registration and gives what is ordered.
func (r Registration) order() (Order, error) {
	o := Order{
		LinkValidityDays: validityDefault, ImageRetentionDays: r.ImageRetentionDays, Fee: r.Fee,
		Document1: own(r.Documents[0]), Document2: own(r.Documents[1]), Document3: own(r.Documents[2]),
	}
	if r.LinkValidityDays != nil {
		o.LinkValidityDays = *r.LinkValidityDays
	}
	invalid := func(field, problem string) (Order, error) {
		return Order{}, &lifecycle.Invalid{Field: field, Problem: problem}
	}
	switch {
	case o.LinkValidityDays < validityLeast || o.LinkValidityDays > validityMost:
		return invalid("link_validity_days", "must be from 1 to 14")
	case o.ImageRetentionDays < 0 || o.ImageRetentionDays > retentionMost:
		return invalid("image_retention_days", "must be from 0 to 5000")
	case r.Fee.Check() != nil:
		return invalid("fee", "needs an amount of 0 or more minor units and a currency of 3 to 12 capital letters")
	}
	for _, text := range []struct {
		field, value string
		needed       bool
	}{{"applicant", r.Applicant, true}, {"slot", r.Slot, false}, {"Idempotency-Key", r.IdempotencyKey, false}} {
		if len(text.value) > textMost || !store.ValidText(text.value) || text.needed && text.value == "" {
			return invalid(text.field, "must be UTF-8 without NUL, at most 255 bytes, and not empty where it is needed")
		}
	}
	for i, types := range r.Documents {
		for j, d := range types {
			if !slices.Contains(documentTypes, d) || slices.Contains(types[:j], d) {
				return invalid(fmt.Sprintf("document_%d_allowed_types", i+1), "must be known document types, each once")
			}
		}
	}
	if r.RequestedIdentity != nil {
		canonical, err := product.CanonicalJSON(r.RequestedIdentity)
		if err != nil || !json.Valid(r.RequestedIdentity) || !utf8.Valid(r.RequestedIdentity) || len(canonical) > identityMost {
			return invalid("requested_identity", "must be JSON of at most 10240 bytes")
		}
		o.RequestedIdentity = orNone(canonical)
	}
	return o, nil
}

// own is a copy of the order's own. An empty list is none, as it will be read back.
func own(types []DocumentType) []DocumentType { return append([]DocumentType(nil), types...) }

// orNone takes the null of JSON for none.
func orNone(text json.RawMessage) json.RawMessage {
	if string(text) == "null" {
		return nil
	}
	return text
}

// fingerprint tells a repeated idempotency key from a reused one; prior is the pass that
// is superseded, if one is.
func (r Registration) fingerprint(o Order, prior uuid.UUID) string {
	sum := sha256.Sum256(must(json.Marshal([]any{r.Applicant, r.Slot, o, prior})))
	return hex.EncodeToString(sum[:])
}

// Report is news of a pass customer's progress.
type Report struct {
	EventID    string    // the source's id of the event, by which a repeat is known; "": none
	OccurredAt time.Time // zero: now
}

// check refuses a report that cannot be right, and gives it with its time.
func (r Report) check(now time.Time, skew time.Duration) (Report, error) {
	if len(r.EventID) > textMost || !store.ValidText(r.EventID) {
		return r, &lifecycle.Invalid{Field: "eventId", Problem: "must be UTF-8 without NUL, at most 255 bytes"}
	}
	if r.OccurredAt.IsZero() {
		r.OccurredAt = now
	}
	if r.OccurredAt = r.OccurredAt.UTC().Truncate(time.Microsecond); r.OccurredAt.After(now.Add(skew)) {
		return r, &lifecycle.Invalid{Field: "occurredAt", Problem: "lies in the future"}
	}
	return r, nil
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
