package kyc

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/product"
	"github.com/kycle/kycle/store"
)

// Kind is the kind of a validation as audit entries, postings and stores name it.
const Kind = "kyc_validation"

// Repository keeps validations. The stores of this library take Schema; a host with
// tables of its own maps the exported fields of Validation and implements the port,
// with Index as the list of what must be found by what.
type Repository = store.Repository[Validation]

// Schema is what a store of this library needs to keep validations.
var Schema = SchemaOf(Machine)

// SchemaOf is Schema for a table that Extend made: it knows that table's statuses too. nil:
// Machine.
func SchemaOf(m *Lifecycle) store.Schema[Validation] {
	if m == nil {
		m = Machine
	}
	return store.Schema[Validation]{
		Kind: Kind, Index: Index,
		Encode: func(v Validation) ([]byte, error) { return encode(m, v) },
		Decode: func(b []byte) (Validation, error) { return decode(m, b) },
	}
}

// Index tells what a validation is found by. The newest validation of an entity sits on
// the entity's seat, whatever its status, until a newer one takes it.
func Index(v Validation) store.Index {
	index := store.Index{
		Organization: v.OrganizationID, ID: v.ID, Owner: v.EntityID.String(),
		Status: string(v.Status), Current: v.IsCurrent, Created: v.CreatedAt,
	}
	if v.SupersededBy == uuid.Nil {
		index.ExclusiveKey = v.EntityID.String()
	}
	if v.ValidationSessionID != "" {
		index.Session = session(v.Provider, v.ValidationSessionID)
	}
	switch {
	case !v.ExpiresAt.IsZero():
		index.Due = v.ExpiresAt.Add(time.Microsecond) // on the instant itself it is in time
	case !v.TerminationOwed.IsZero() && v.TerminationNext.IsZero():
		index.Due = v.TerminationOwed // a host's own tables may not know when it is tried next
	case !v.TerminationOwed.IsZero():
		index.Due, index.DueRank = v.TerminationNext, 1 // deadlines first (spec 1.4)
	}
	return index
}

// session is unique among all providers' sessions.
func session(provider, id string) string { return strconv.Quote(provider) + " " + id }

func subject(v *Validation) audit.Subject {
	return audit.Subject{Organization: v.OrganizationID, Kind: Kind, ID: v.ID}
}

// encode refuses, with store.ErrText, what JSON would replace in silence.
func encode(m *Lifecycle, v Validation) ([]byte, error) {
	if _, err := m.Text(v.Status); err != nil {
		return nil, err
	}
	usable := store.ValidText(v.Provider+v.ValidationSessionID+v.ProviderSessionURL) && v.Evidence.usable()
	for key, value := range v.Metadata {
		usable = usable && store.ValidText(key) && store.ValidText(string(value))
	}
	if !usable {
		return nil, store.ErrText
	}
	return store.EncodeJSON(v)
}

// decode refuses what this version of the library does not know: to drop it in silence
// would lose it at the next commit.
func decode(m *Lifecycle, b []byte) (Validation, error) {
	var v Validation
	err := product.DecodeJSON(b, &v)
	if err == nil {
		_, err = m.Text(v.Status) // one that is left out or null was not looked at
	}
	if err == nil && v.LastWord.Status != "" && v.LastWord.Status.rank() < 0 {
		err = errors.New("an unknown word of the provider")
	}
	if err != nil {
		return Validation{}, fmt.Errorf("kyc: stored validation: %v", err)
	}
	return v, nil
}
