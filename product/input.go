package product

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/store"
)

// Origin is where an event comes from, and how a repeat of it is known.
type Origin struct {
	Call     audit.Call
	At       time.Time         // when it happened; zero: at the call
	Source   string            // the source event, if one brought it
	Receipts map[string]string // the keys under which it is remembered
}

// Report is news of a record that a provider brings.
type Report struct {
	EventID    string    // the provider's id of the event, 1 to KeyMost bytes, by which a repeat is known
	OccurredAt time.Time // as the provider says; zero: now. The entry tells it, and nothing goes by it
}

// Birth is a record that is about to be, and what it is made of.
type Birth[A any] struct {
	// IdempotencyKey makes equal creates one record; "": every create makes its own.
	IdempotencyKey string
	// Input is what the caller gave, as JSON can write it. The same key with another is
	// ErrKeyReused.
	Input any
	// ExclusiveKey is the one that the record will hold (store.Index), "" for none. Where
	// another record holds it, the create is ErrHeld.
	ExclusiveKey string
	// Value gives the record for its id and the time, without a status.
	Value func(id uuid.UUID, at time.Time) A
}

// KeyMost is how many bytes a key of a caller's may have: an idempotency key, an event id.
const KeyMost = 255

// CheckText refuses, with lifecycle.ErrInvalid, text that is not UTF-8, holds a NUL, or has
// fewer or more bytes.
func CheckText(field, text string, least, most int) error {
	if len(text) < least || len(text) > most || !store.ValidText(text) {
		return &lifecycle.Invalid{Field: field, Problem: fmt.Sprintf("must be UTF-8 without NUL, %d to %d bytes", least, most)}
	}
	return nil
}

// digest tells a caller's input from any other (Creation). It is that of the input's JSON;
// what JSON cannot write is a mistake of the product's, and panics.
func digest(input any) string {
	text, err := json.Marshal(input)
	if err != nil {
		panic(err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
