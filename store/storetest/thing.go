package storetest

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/store"
)

// Thing is a small aggregate for the tests of stores that keep any aggregate by its
// schema.
type Thing struct {
	Organization          string
	ID                    uuid.UUID
	Owner, Status         string
	Current               bool
	ExclusiveKey, Session string
	Due, Created          time.Time
	DueRank               uint8
	Note                  string
	Tags                  map[string]string // something that a careless store would share
}

// ThingSchema is the schema of a Thing. Its codec is JSON and exact: it refuses, with
// store.ErrText, text that JSON would replace in silence.
func ThingSchema() store.Schema[Thing] {
	return store.Schema[Thing]{
		Kind: "thing",
		Index: func(t Thing) store.Index {
			return store.Index{
				Organization: t.Organization, ID: t.ID, Owner: t.Owner, Status: t.Status, Current: t.Current,
				ExclusiveKey: t.ExclusiveKey, Session: t.Session, Due: t.Due, DueRank: t.DueRank, Created: t.Created,
			}
		},
		Encode: func(t Thing) ([]byte, error) {
			if !store.ValidText(t.Note) {
				return nil, fmt.Errorf("storetest: the note: %w", store.ErrText)
			}
			return json.Marshal(t)
		},
		Decode: func(b []byte) (t Thing, err error) { return t, json.Unmarshal(b, &t) },
	}
}

// Things is the subject for such a store; open is Subject.Open.
func Things(open func(t *testing.T) (one, two store.Repository[Thing])) Subject[Thing] {
	return Subject[Thing]{Kind: ThingSchema().Kind, Open: open, Make: MakeThing, Index: ThingSchema().Index}
}

// MakeThing is Subject.Make for a Thing. Its exclusive key is its owner's, and it is
// current while it holds it.
func MakeThing(f Facts) Thing {
	t := Thing{
		Organization: f.Organization, ID: f.ID, Owner: f.Owner, Status: "open", Current: f.Exclusive,
		Session: f.Session, Due: f.Due, DueRank: f.DueRank, Created: f.Created, Note: f.Note, Tags: map[string]string{"colour": "blue"},
	}
	if f.Exclusive {
		t.ExclusiveKey = "key of " + f.Owner
	}
	if f.Ended {
		t.Status = "ended"
	}
	if f.Status != "" {
		t.Status = f.Status
	}
	return t
}
