package audit

import (
	"time"

	"github.com/google/uuid"
)

// Call is one operation of a host: who makes it, when, and the random values it uses. A
// decision is a pure function of its record, its input and its call.
type Call struct {
	ID    uuid.UUID // stands in every entry that the operation writes
	Salt  uuid.UUID // hides the body of its entries; random, and never used twice
	Actor Actor
	Event string    // what it brings, as an observer is told; an entry tells its own
	At    time.Time // the host's clock: UTC, to the microsecond
}

// Entry begins an entry of the call: the caller adds what happened. body is the JSON
// object with the entry's free text; nil: it has none.
func (c Call) Entry(s Subject, body []byte) Entry {
	e := Entry{Subject: s, Call: c.ID, Actor: c.Actor, OccurredAt: c.At, RecordedAt: c.At}
	if body != nil {
		e.Salt, e.Body = append([]byte(nil), c.Salt[:]...), body
	}
	return e
}
