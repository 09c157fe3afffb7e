package audit

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

const format = "kycle audit 1"

// Encode gives the stored form: the canonical bytes, then the entry's Hash.
func (e *Entry) Encode() []byte {
	b := e.canonical(make([]byte, 0, room))
	return append(b, e.Hash[:]...)
}

// room is what most entries need. Their bytes are hashed from the stack, then.
const room = 1024

// sum is the hash of the canonical bytes.
func (e *Entry) sum() Digest {
	var buffer [room]byte
	return sha256.Sum256(e.canonical(buffer[:0]))
}

// canonical appends the fields of the byte format, in its order.
func (e *Entry) canonical(b []byte) []byte {
	b = text(b, format)
	b = text(b, e.Subject.Organization)
	b = text(b, e.Subject.Kind)
	b = field(b, e.Subject.ID[:])
	b = number(b, e.Seq)
	b = field(b, e.Prev[:])
	b = field(b, e.Call[:])
	b = text(b, e.Event)
	b = text(b, e.From)
	b = text(b, e.To)
	b = text(b, string(e.Verdict))
	b = text(b, e.Why)
	b, at := open(b)
	b = text(b, e.Actor.Organization)
	b = text(b, e.Actor.Kind)
	b = text(b, e.Actor.ID)
	closeAt(b, at)
	b = number(b, uint64(e.OccurredAt.UnixMicro()))
	b = number(b, uint64(e.RecordedAt.UnixMicro()))
	b = text(b, e.Source)
	b, at = open(b)
	for _, c := range e.Changes {
		b = text(b, c.Field)
		b = text(b, c.From)
		b = text(b, c.To)
	}
	closeAt(b, at)
	b, at = open(b)
	for _, line := range e.Postings {
		b = text(b, line)
	}
	closeAt(b, at)
	b = field(b, e.Definition[:])
	if e.BodyDigest == (Digest{}) {
		return field(b, nil)
	}
	return field(b, e.BodyDigest[:])
}

func field(b, value []byte) []byte {
	return append(binary.BigEndian.AppendUint32(b, uint32(len(value))), value...)
}

func text(b []byte, value string) []byte {
	return append(binary.BigEndian.AppendUint32(b, uint32(len(value))), value...)
}

func number(b []byte, n uint64) []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint32(b, 8), n)
}

// open and closeAt bracket a field of nested fields whose length is not known yet.
func open(b []byte) (_ []byte, at int) { return append(b, 0, 0, 0, 0), len(b) }
func closeAt(b []byte, at int)         { binary.BigEndian.PutUint32(b[at:], uint32(len(b)-at-4)) }

// digestBody is the digest of salt and body; zero where there is no body.
func digestBody(salt, body []byte) Digest {
	if body == nil {
		return Digest{}
	}
	var buffer [room]byte
	return sha256.Sum256(field(field(buffer[:0], salt), body))
}

// Decode reads an entry back from its stored form and the salt and body beside it (nil:
// erased, or never there). It checks the form, not the truth of it: that is Verify's.
// The error is ErrFormat; the entry returned with it is the zero Entry, which no hash fits:
// a store hands it on in a history, so that Verify names its place.
func Decode(stored, salt, body []byte) (Entry, error) {
	e, err := decode(stored)
	if err != nil {
		return Entry{}, err
	}
	e.Salt, e.Body = salt, body
	return e, nil
}

func decode(stored []byte) (e Entry, err error) {
	cut := max(0, len(stored)-len(e.Hash)) // too short for a hash is too short for the first field
	r, hash := reader{rest: stored[:cut]}, stored[cut:]
	if string(r.next()) != format {
		return e, fmt.Errorf("%w: not of version 1", ErrFormat)
	}
	e.Subject = Subject{Organization: r.text(), Kind: r.text(), ID: uuid.UUID(r.fixed(16))}
	e.Seq = r.number()
	e.Prev = Digest(r.fixed(32))
	e.Call = uuid.UUID(r.fixed(16))
	e.Event, e.From, e.To = r.text(), r.text(), r.text()
	e.Verdict, e.Why = Verdict(r.text()), r.text()
	actor := reader{rest: r.next()}
	e.Actor = Actor{actor.text(), actor.text(), actor.text()}
	e.OccurredAt = r.time()
	e.RecordedAt = r.time()
	e.Source = r.text()
	changes := reader{rest: r.next()}
	for changes.more() {
		e.Changes = append(e.Changes, Change{changes.text(), changes.text(), changes.text()})
	}
	postings := reader{rest: r.next()}
	for postings.more() {
		e.Postings = append(e.Postings, postings.text())
	}
	e.Definition = Digest(r.fixed(32))
	if digest := r.next(); len(digest) > 0 {
		if len(digest) != 32 || Digest(digest) == (Digest{}) {
			r.failed = true
		} else {
			e.BodyDigest = Digest(digest)
		}
	}
	e.Hash = Digest(hash)
	for _, part := range []reader{r, actor, changes, postings} {
		if part.failed || len(part.rest) > 0 {
			return e, fmt.Errorf("%w: a field is cut short, too long, left over or out of range", ErrFormat)
		}
	}
	return e, nil
}

// reader walks length-prefixed fields. After a failure it gives zero values.
type reader struct {
	rest   []byte
	failed bool
}

func (r *reader) more() bool { return len(r.rest) > 0 && !r.failed }

func (r *reader) next() []byte {
	if r.failed || len(r.rest) < 4 {
		r.failed = true
		return nil
	}
	n := uint64(binary.BigEndian.Uint32(r.rest))
	if n > uint64(len(r.rest)-4) {
		r.failed = true
		return nil
	}
	value := r.rest[4 : 4+n]
	r.rest = r.rest[4+n:]
	return value
}

func (r *reader) text() string {
	value := r.next()
	if !utf8.Valid(value) { // JSON would replace it in silence, and no hash would hold
		r.failed = true
	}
	return string(value)
}

func (r *reader) fixed(n int) []byte {
	value := r.next()
	if len(value) != n {
		r.failed = true
		return make([]byte, n)
	}
	return value
}

func (r *reader) number() uint64 { return binary.BigEndian.Uint64(r.fixed(8)) }

// The years that RFC 3339 can write: 0 to 9999.
var (
	earliest = time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()
	latest   = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro() - 1
)

func (r *reader) time() time.Time {
	micro := int64(r.number())
	if micro < earliest || micro > latest {
		r.failed = true
	}
	return time.UnixMicro(micro).UTC()
}
