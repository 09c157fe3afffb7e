package etcd

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/refund"
	"github.com/kycle/kycle/store"
)

// facts are the first line of a record's value: by which keys it is found, so that the
// next commit can take them away, and the head of its chain. The head is here and not read
// from the last entry, so that a load costs the same however long the history is, and so
// that a history that was cut short does not fit its record.
type facts struct {
	Owner        string       `json:"owner"`
	Status       string       `json:"status"`
	Current      bool         `json:"current"`
	ExclusiveKey string       `json:"exclusive_key,omitempty"`
	Session      string       `json:"session,omitempty"`
	Due          *int64       `json:"due,omitempty"` // microseconds since 1970 UTC; nil: never
	DueRank      uint8        `json:"due_rank,omitempty"`
	Created      int64        `json:"created"`
	Seq          uint64       `json:"seq"`
	Hash         audit.Digest `json:"hash"`
}

// factsOf takes times to the microsecond, as keys have them.
func factsOf(i store.Index, head audit.Head) facts {
	f := facts{
		Owner: i.Owner, Status: i.Status, Current: i.Current, ExclusiveKey: i.ExclusiveKey, Session: i.Session,
		DueRank: i.DueRank, Created: i.Created.UnixMicro(), Seq: head.Seq, Hash: head.Hash,
	}
	if !i.Due.IsZero() {
		due := i.Due.UnixMicro()
		f.Due = &due
	}
	return f
}

// index gives the facts back as far as keys are made of them.
func (f facts) index(p place) store.Index {
	i := store.Index{
		Organization: p.organization, ID: p.id, Owner: f.Owner, Status: f.Status, Current: f.Current,
		ExclusiveKey: f.ExclusiveKey, Session: f.Session, DueRank: f.DueRank, Created: time.UnixMicro(f.Created).UTC(),
	}
	if f.Due != nil {
		i.Due = time.UnixMicro(*f.Due).UTC()
	}
	return i
}

func (f facts) head() audit.Head { return audit.Head{Seq: f.Seq, Hash: f.Hash} }

// recordValue is the line of facts, and the encoded value behind it.
func recordValue(f facts, data []byte) (string, error) {
	line, err := json.Marshal(f)
	if err != nil {
		return "", err
	}
	return string(line) + "\n" + string(data), nil
}

// parseRecord shares the value's bytes; they are the reader's own.
func parseRecord(value []byte) (f facts, data []byte, err error) {
	line, data, ok := bytes.Cut(value, []byte("\n"))
	if !ok || json.Unmarshal(line, &f) != nil {
		return facts{}, nil, fmt.Errorf("%w: a record", errDamaged)
	}
	return f, data, nil
}

// entryValue is the stored form with its length before it; then, unless the entry has no
// body, the salt with its length and the body.
func entryValue(e *audit.Entry) string {
	stored := e.Encode()
	b := make([]byte, 0, len(stored)+len(e.Salt)+len(e.Body)+8)
	b = append(binary.BigEndian.AppendUint32(b, uint32(len(stored))), stored...)
	if e.BodyDigest != (audit.Digest{}) && !e.Erased() {
		b = append(binary.BigEndian.AppendUint32(b, uint32(len(e.Salt))), e.Salt...)
		b = append(b, e.Body...)
	}
	return string(b)
}

// parseEntry gives an entry that cannot be read as audit.Decode does, marked: it is
// evidence, and no reason to keep the others back.
func parseEntry(value []byte) audit.Entry {
	stored, rest, ok := field(value)
	var salt, body []byte
	if ok && len(rest) > 0 {
		salt, body, ok = field(rest)
	}
	if !ok {
		stored = nil
	}
	// The error is left out on purpose: the entry is marked.
	e, _ := audit.Decode(stored, salt, body)
	return e
}

// field cuts off a value that has its length before it. Who appends to the value gets a
// copy, since something else follows it.
func field(b []byte) (value, rest []byte, ok bool) {
	if len(b) < 4 || uint64(binary.BigEndian.Uint32(b)) > uint64(len(b)-4) {
		return nil, nil, false
	}
	n := 4 + int(binary.BigEndian.Uint32(b))
	return b[4:n:n], b[n:], true
}

// postingValue is JSON, with the time as a database keeps it.
func postingValue(p refund.Posting) (string, error) {
	p.At = p.At.UTC().Truncate(time.Microsecond)
	b, err := json.Marshal(p)
	return string(b), err
}

func parsePosting(value []byte) (p refund.Posting, err error) {
	if json.Unmarshal(value, &p) != nil {
		return refund.Posting{}, fmt.Errorf("%w: a posting", errDamaged)
	}
	p.At = p.At.UTC()
	return p, nil
}

// parseHolder reads the id of the record that holds an exclusive key.
func parseHolder(organization string, value []byte) (place, error) {
	id, err := uuid.FromBytes(value)
	if err != nil {
		return place{}, fmt.Errorf("%w: an exclusive key", errDamaged)
	}
	return place{organization, id}, nil
}

// sessionValue is where a session's record is: it may be in any organization.
func sessionValue(p place) string { return string(p.id[:]) + p.organization }

func parseSession(value []byte) (place, error) {
	if len(value) < 16 {
		return place{}, fmt.Errorf("%w: a session", errDamaged)
	}
	return place{string(value[16:]), uuid.UUID(value[:16])}, nil
}

// listedValue is what List filters by.
func listedValue(i store.Index) string {
	if i.Current {
		return "1" + i.Status
	}
	return "0" + i.Status
}

// leased is when a lease ends, in microseconds; ok is false where there is none.
func leased(value []byte) (until int64, ok bool) {
	if len(value) != 8 {
		return 0, false
	}
	return int64(ordered(int64(binary.BigEndian.Uint64(value)))), true
}
