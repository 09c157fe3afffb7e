package store

import (
	"bytes"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
)

// Schema is what the stores of this library need to keep an aggregate without knowing
// it. A host with tables of its own maps the aggregate's fields and needs none.
type Schema[A any] struct {
	Kind   string // lower snake case; the audit subject's kind
	Index  func(A) Index
	Encode func(A) ([]byte, error) // the whole value; UTF-8 text
	Decode func([]byte) (A, error)
}

// Index is all that our stores know of an aggregate. They compare these facts and never
// interpret them.
type Index struct {
	Organization string
	ID           uuid.UUID
	Owner        string // List finds it by this
	Status       string // List may filter by it
	Current      bool   // List may filter by it
	// ExclusiveKey is held by one record of a kind and organization at a time: taken at creation,
	// given up for good. "": none.
	ExclusiveKey string
	// Session is unique in all organizations and set at creation. "": none.
	Session string
	Due     time.Time // Due finds it from then on; zero: never
	DueRank uint8     // of the records that are due, those of a lower rank come first
	Created time.Time // List's order; set at creation
}

// Key is the record's key by id.
func (i Index) Key() Key { return Key{Organization: i.Organization, ID: i.ID} }

// Valid refuses text that no store takes, with ErrText.
func (i Index) Valid() error {
	for _, s := range []string{i.Organization, i.Owner, i.Status, i.ExclusiveKey, i.Session} {
		if !ValidText(s) {
			return ErrText
		}
	}
	return nil
}

// ValidText tells whether a store takes a text: UTF-8 without NUL.
func ValidText(s string) bool { return utf8.ValidString(s) && !strings.Contains(s, "\x00") }

// storable tells whether an entry can be read back as it is: every text of it, its body
// included, and its times.
func storable(e *audit.Entry) bool {
	for _, t := range [...]time.Time{e.OccurredAt, e.RecordedAt} {
		if t.Year() < 0 || t.Year() > 9999 {
			return false
		}
	}
	for _, s := range [...]string{
		e.Event, e.From, e.To, string(e.Verdict), e.Why, e.Source, e.Actor.Organization, e.Actor.Kind, e.Actor.ID,
	} {
		if !ValidText(s) {
			return false
		}
	}
	for _, c := range e.Changes {
		if !ValidText(c.Field) || !ValidText(c.From) || !ValidText(c.To) {
			return false
		}
	}
	return utf8.Valid(e.Body) && bytes.IndexByte(e.Body, 0) < 0
}

// Valid refuses a change with a text or a time that could not be read back, with ErrText,
// and one whose entries
// and postings are not its own record's, or are not in sequence.
func (c Change[A]) Valid(schema Schema[A]) error {
	index := schema.Index(c.Next)
	if err := index.Valid(); err != nil {
		return err
	}
	for key, fingerprint := range c.Receipts {
		if !ValidText(key) || !ValidText(fingerprint) {
			return ErrText
		}
	}
	for i, e := range c.Entries {
		if !storable(&e) {
			return ErrText
		}
		if e.Subject.Organization != index.Organization || e.Subject.Kind != schema.Kind || e.Subject.ID != index.ID {
			return fmt.Errorf("store: entry %d belongs to another record", e.Seq)
		}
		if e.Seq == 0 || i > 0 && (e.Seq != c.Entries[i-1].Seq+1 || e.Prev != c.Entries[i-1].Hash) {
			return fmt.Errorf("store: entry %d does not follow the one before", e.Seq)
		}
	}
	for _, p := range c.Postings {
		if p.Subject.Organization != index.Organization || p.Subject.Kind != schema.Kind || p.Subject.ID != index.ID {
			return fmt.Errorf("store: posting %s belongs to another record", p.Key)
		}
		if err := p.Check(); err != nil {
			return err
		}
	}
	return nil
}
