package refund

import (
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"
)

// The effects on money that a row of a lifecycle can have.
const (
	Charged  = "charge" // the fee becomes due
	Refunded = "refund" // the fee is owed back
	Kept     = "keep"   // the record ends, and the fee stays paid
)

// Kind is the direction of a posting.
type Kind string

const (
	Charge Kind = "charge"
	Refund Kind = "refund"
)

// Subject is whose posting it is.
type Subject struct {
	Organization string    `json:"organization"`
	Kind         string    `json:"kind"`
	ID           uuid.UUID `json:"id"`
}

// Posting is one immutable line of the books.
type Posting struct {
	Key      uuid.UUID `json:"key"` // see Key
	Subject  Subject   `json:"subject"`
	Kind     Kind      `json:"kind"`
	Amount             // more than 0
	Reverses uuid.UUID `json:"reverses"` // the charge that a refund reverses; zero for a charge
	Seq      uint64    `json:"seq"`      // the audit entry that caused it
	At       time.Time `json:"at"`
}

var namespace = uuid.MustParse("b0a6a1a8-5f0c-5e55-9a43-2d2f4f0c7a6e")

// Key derives a posting's key from the business fact: a name-based UUID (version 5) of
// organization, subject kind, subject id and direction, with NUL between (no store takes
// text that holds one, so no two facts can meet). One subject has one charge key and
// one refund key for ever, whatever is retried.
func Key(s Subject, k Kind) uuid.UUID {
	var buffer [256]byte
	name := append(buffer[:0], namespace[:]...)
	name = append(append(name, s.Organization...), 0)
	name = append(append(name, s.Kind...), 0)
	name = append(append(name, s.ID[:]...), 0)
	sum := sha1.Sum(append(name, k...)) // as uuid.NewSHA1 has it, without its allocations
	id := uuid.UUID(sum[:16])
	id[6], id[8] = id[6]&0x0f|0x50, id[8]&0x3f|0x80
	return id
}

// Post gives the posting that an effect causes: a charge for Charged, the refund of that
// charge for Refunded. ok is false for every other effect, and for an amount of 0, which
// posts nothing.
func Post(effect string, s Subject, a Amount, seq uint64, at time.Time) (p Posting, ok bool) {
	if a.Minor <= 0 {
		return Posting{}, false
	}
	p = Posting{Subject: s, Amount: a, Seq: seq, At: at}
	switch effect {
	case Charged:
		p.Kind = Charge
	case Refunded:
		p.Kind, p.Reverses = Refund, Key(s, Charge)
	default:
		return Posting{}, false
	}
	p.Key = Key(s, p.Kind)
	return p, true
}

// ErrPosting: a posting that cannot be right by itself.
var ErrPosting = errors.New("refund: not a posting")

// Check refuses, with ErrPosting, what Post cannot have made.
func (p Posting) Check() error {
	effect := map[Kind]string{Charge: Charged, Refund: Refunded}[p.Kind]
	want, ok := Post(effect, p.Subject, p.Amount, p.Seq, p.At)
	switch err := p.Amount.Check(); {
	case err != nil:
		return fmt.Errorf("%w: %w", ErrPosting, err)
	case !ok || want != p:
		return fmt.Errorf("%w: key, kind and what it reverses do not belong together", ErrPosting)
	}
	return nil
}

// Line is the posting as its audit entry names it: "charge 500 AUD KEY", or "refund 500
// AUD KEY reverses KEY". Part of the hashed bytes, so never to be changed.
func (p Posting) Line() string {
	var buffer [160]byte
	b := append(append(buffer[:0], p.Kind...), ' ')
	b = append(strconv.AppendInt(b, p.Minor, 10), ' ')
	b = append(append(b, p.Currency...), ' ')
	b = appendID(b, p.Key)
	if p.Reverses != uuid.Nil {
		b = appendID(append(b, " reverses "...), p.Reverses)
	}
	return string(b)
}

// appendID appends an id as RFC 9562 writes it.
func appendID(b []byte, id uuid.UUID) []byte {
	for i, part := range [...][]byte{id[:4], id[4:6], id[6:8], id[8:10], id[10:]} {
		if i > 0 {
			b = append(b, '-')
		}
		b = hex.AppendEncode(b, part)
	}
	return b
}
