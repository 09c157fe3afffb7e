package audit

import (
	"errors"
	"time"

	"github.com/google/uuid"
)

// Verdict is what became of what an entry tells. For all but Moved, To is From. A note's
// verdict is its own word, which stands in the table: "superseded", "terminated" and so on.
type Verdict string

const (
	Moved   Verdict = "moved"   // the status changed, creation included
	Ignored Verdict = "ignored" // a report that changed nothing; Why says why
)

var (
	// ErrFault is what every *Fault is: the chain does not hold.
	ErrFault = errors.New("audit: fault in the chain")
	// ErrFormat: bytes that are not an entry in canonical form.
	ErrFormat = errors.New("audit: not a canonical entry")
)

// Actor is who made an operation. Kinds are person, provider, clock and system.
type Actor struct {
	Organization string
	Kind         string
	ID           string
}

// The kinds of actor.
const (
	Person   = "person"   // a user of the host
	Provider = "provider" // webhooks, readings, a pass customer's progress
	Clock    = "clock"    // deadlines
	System   = "system"   // terminations, erasures
)

// Subject is whose history an entry belongs to.
type Subject struct {
	Organization string
	Kind         string
	ID           uuid.UUID
}

// Change is one field that a move changed, in text that holds no personal data.
type Change struct {
	Field string `json:"field"`
	From  string `json:"from"`
	To    string `json:"to"`
}

// Digest is a SHA-256 sum. The zero Digest stands for none.
type Digest [32]byte

// Entry is one line of a subject's history. Append fills in Seq, Prev, BodyDigest and
// Hash; everything else is the caller's. Times are kept in UTC to the microsecond.
type Entry struct {
	Subject Subject
	Seq     uint64 // from 1, without a gap
	Prev    Digest // hash of the entry before; zero for the first
	Call    uuid.UUID

	Event    string
	From, To string // statuses; From is "" for a creation
	Verdict  Verdict
	Why      string // for Ignored
	Actor    Actor

	OccurredAt time.Time // when it happened, by whoever reports it
	RecordedAt time.Time // when it was committed, by the host's clock

	Source     string // the source event that brought it, if one did
	Changes    []Change
	Postings   []string // refund.Posting.Line of each posting it caused
	Definition Digest   // fingerprint of the definition that judged it

	BodyDigest Digest // zero: it never had a body
	Hash       Digest

	// Body is a JSON object with the free text ("reason", "metadata"); it and its Salt
	// stand beside the hashed bytes. Both nil with a BodyDigest: erased.
	Salt, Body []byte
}

// Erased tells whether the entry had a body that was removed.
func (e *Entry) Erased() bool {
	return e.BodyDigest != Digest{} && e.Salt == nil && e.Body == nil
}

// Head is the last entry of a chain, all that the next one needs to know. The zero Head
// is that of an empty chain.
type Head struct {
	Seq  uint64
	Hash Digest
}

// Head is the chain's head once e is its last entry.
func (e *Entry) Head() Head { return Head{e.Seq, e.Hash} }
