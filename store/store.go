package store

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/refund"
)

var (
	// ErrNotFound: no such record in this organization.
	ErrNotFound = errors.New("store: not found")
	// ErrConflict: another writer came first; load again and decide anew.
	ErrConflict = errors.New("store: conflict")
	// ErrDuplicate: the key of a posting or a receipt is there already.
	ErrDuplicate = errors.New("store: duplicate key")
	// ErrUnknownOutcome: a commit may or may not have happened.
	ErrUnknownOutcome = errors.New("store: unknown outcome")
	// ErrUnavailable: the store could not be asked, or its commit was never sent.
	ErrUnavailable = errors.New("store: unavailable")
	// ErrText: what could not be read back: text with NUL or not UTF-8, an entry's time
	// outside the years 0 to 9999.
	ErrText = errors.New("store: text with NUL or invalid UTF-8, or a time out of range")
)

// Repository keeps the records of one kind of aggregate. All methods may be called at
// once; the package comment numbers what they promise.
type Repository[A any] interface {
	// Load returns the record of a key, with those of the receipts asked for that it has.
	// It fails with ErrNotFound.
	Load(ctx context.Context, key Key, receipts ...string) (Record[A], error)
	// Commit makes one change, or two: the record replaced, then the new one. It fails
	// with ErrConflict, ErrDuplicate, ErrUnknownOutcome, ErrUnavailable or ErrText.
	Commit(ctx context.Context, changes ...Change[A]) error
	// List returns one page of an owner's records, newest first, ties by id.
	List(ctx context.Context, q Query) (Page[A], error)
	// Due returns at most limit keys (by ID) of records due at now, and leases them until
	// now + lease: those of a lower rank first, in a rank the longest due first, ties by
	// id. A lease of 0 leases nothing.
	Due(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]Key, error)
	// History returns at most limit entries (0: all) after a sequence, and all postings.
	// A subject without entries has the empty history; that is no error.
	History(ctx context.Context, key Key, after uint64, limit int) (History, error)
}

// Key names a record in one of three ways: by Organization and ID, by Organization and
// the ExclusiveKey it holds, or by Session alone (a webhook knows no organization).
type Key struct {
	Organization string
	ID           uuid.UUID
	ExclusiveKey string
	Session      string
}

// Record is a loaded value with what the next change must know.
type Record[A any] struct {
	Value    A
	Version  uint64 // from 1; 0 means that there is no record
	Head     audit.Head
	Receipts map[string]string // of those asked for: key to fingerprint of the input
}

// EventReused is why a duplicate ought to be looked into: its event id came before, and
// told something else then.
const EventReused = "event_reused"

// Received tells whether one of the receipts is there already; why is EventReused if it
// was there for other input, and else "".
func (r Record[A]) Received(receipts map[string]string) (before bool, why string) {
	for key, fingerprint := range receipts {
		then, there := r.Receipts[key]
		before = before || there
		if there && then != fingerprint {
			why = EventReused
		}
	}
	return before, why
}

// Change is what a decision wants written. It is a value: nothing has happened yet.
type Change[A any] struct {
	Next     A
	Expect   uint64 // the version it was decided on; 0: must not exist. Commit leaves Expect+1
	Entries  []audit.Entry
	Postings []refund.Posting
	Receipts map[string]string
}

// Query asks for one page of an owner's records.
type Query struct {
	Organization, Owner string
	Status              string // "": any
	Current             *bool  // nil: any
	Offset, Limit       int
}

// Page is one page, and how many records the whole listing has.
type Page[A any] struct {
	Records []Record[A] // without receipts
	Total   int
}

// History is a subject's audit trail and books.
type History struct {
	Entries  []audit.Entry
	Postings []refund.Posting
}

// Reconcile compares the entries with the postings, both ways.
func (h History) Reconcile(s audit.Subject) []refund.Difference {
	var causes []refund.Cause
	for _, e := range h.Entries {
		for _, line := range e.Postings {
			causes = append(causes, refund.Cause{Seq: e.Seq, Line: line, At: e.RecordedAt})
		}
	}
	return refund.Reconcile(refund.Subject(s), causes, h.Postings)
}

var receiptNamespace = uuid.MustParse("6a4dd8a1-6d2e-5b0e-8a53-6f0c7d0b9f11")

// IdempotentID is the id of the record that a create with an idempotency key makes: a
// name-based UUID (version 5) of organization and key, so that all rivals meet at it.
func IdempotentID(organization, key string) uuid.UUID {
	return uuid.NewSHA1(receiptNamespace, []byte(organization+"\x00"+key))
}
