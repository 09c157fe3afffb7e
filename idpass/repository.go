package idpass

import (
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/product"
	"github.com/kycle/kycle/store"
)

// Kind is the kind of a pass as audit entries, postings and stores name it.
const Kind = "id_pass"

// Repository keeps passes. The stores of this library take Schema; a host with tables of
// its own maps the exported fields of Pass and implements the port, with Index as the
// list of what must be found by what.
type Repository = store.Repository[Pass]

// Schema is what a store of this library needs to keep passes.
var Schema = store.Schema[Pass]{Kind: Kind, Index: Index, Encode: encode, Decode: decode}

// Index tells what a pass is found by. A pass sits on its slot while it is in flight.
func Index(p Pass) store.Index {
	index := store.Index{
		Organization: p.OrganizationID, ID: p.ID, Owner: p.Applicant, Status: string(p.Status),
		Current: p.InFlight(), Created: p.CreatedAt,
	}
	if p.InFlight() {
		index.ExclusiveKey = p.Slot
		if !p.ExpiresAt.IsZero() {
			index.Due = p.ExpiresAt.Add(time.Microsecond) // on the instant itself it is in time
		}
	}
	return index
}

func subject(p *Pass) audit.Subject {
	return audit.Subject{Organization: p.OrganizationID, Kind: Kind, ID: p.ID}
}

// encode refuses, with store.ErrText, what JSON would replace in silence.
func encode(p Pass) ([]byte, error) {
	if !store.ValidText(p.Applicant+p.Slot+p.Link) || !utf8.Valid(p.Order.RequestedIdentity) {
		return nil, store.ErrText
	}
	return store.EncodeJSON(p)
}

// decode refuses what this version of the library does not know, as package kyc does.
func decode(b []byte) (Pass, error) {
	var p Pass
	err := product.DecodeJSON(b, &p)
	if err == nil { // what is left out or null was not looked at
		_, err = ParseStatus(string(p.Status))
	}
	switch {
	case err != nil:
	case p.ID == uuid.Nil:
		err = &lifecycle.Invalid{Field: "id", Problem: "must be a UUID"}
	case slices.Contains(slices.Concat(p.Order.Document1, p.Order.Document2, p.Order.Document3), ""):
		err = &lifecycle.Invalid{Field: "document type", Problem: "must not be null"}
	}
	if err != nil {
		return Pass{}, fmt.Errorf("idpass: stored pass: %v", err)
	}
	p.Order.RequestedIdentity = orNone(p.Order.RequestedIdentity)
	return p, nil
}
