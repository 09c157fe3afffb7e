package idpass

import (
	"encoding/json"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/kycle/kycle/audit"
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

func decode(b []byte) (Pass, error) {
	var p Pass
	if err := json.Unmarshal(b, &p); err != nil {
		return Pass{}, fmt.Errorf("idpass: stored pass: %v", err)
	}
	return p, nil
}
