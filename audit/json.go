package audit

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// String is the lower-case hex form.
func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// MarshalText gives the hex form.
func (d Digest) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText takes 64 hex digits. The error is ErrFormat, and d is left as it was.
func (d *Digest) UnmarshalText(b []byte) error {
	var sum Digest
	if len(b) != 2*len(sum) {
		return fmt.Errorf("%w: a digest is 64 hex digits", ErrFormat)
	}
	if _, err := hex.Decode(sum[:], b); err != nil {
		return fmt.Errorf("%w: a digest is 64 hex digits", ErrFormat)
	}
	*d = sum
	return nil
}

// ParseDigest is UnmarshalText on a string.
func ParseDigest(hex string) (Digest, error) {
	var d Digest
	err := d.UnmarshalText([]byte(hex))
	return d, err
}

// line is an entry as JSON: every field of the byte format, and what stands beside it,
// so that a stranger can recompute the hash.
type line struct {
	Seq          uint64          `json:"seq"`
	Event        string          `json:"event"`
	From         *string         `json:"from"`
	To           string          `json:"to"`
	Verdict      Verdict         `json:"verdict"`
	Why          *string         `json:"why"`
	Actor        lineActor       `json:"actor"`
	Reason       json.RawMessage `json:"reason"`
	OccurredAt   time.Time       `json:"occurredAt"`
	RecordedAt   time.Time       `json:"recordedAt"`
	Source       *string         `json:"source"`
	Changes      []Change        `json:"changes"`
	Postings     []string        `json:"postings"`
	Organization string          `json:"organization"`
	SubjectKind  string          `json:"subject_kind"`
	SubjectID    uuid.UUID       `json:"subject_id"`
	Call         uuid.UUID       `json:"call"`
	Definition   Digest          `json:"definition"`
	BodyDigest   *Digest         `json:"body_digest"`
	Salt         *string         `json:"salt"` // hex
	Body         *string         `json:"body"` // the text, byte for byte
	Erased       bool            `json:"erased"`
	PrevHash     Digest          `json:"prev_hash"`
	Hash         Digest          `json:"hash"`
}

type lineActor struct {
	Kind         string `json:"kind"`
	ID           string `json:"id"`
	Organization string `json:"organization"`
}

// MarshalJSON writes every field, in the names of the HTTP answer.
// "reason" is read out of the body, for a person's eyes; the hash goes by "body".
func (e Entry) MarshalJSON() ([]byte, error) {
	l := line{
		Seq: e.Seq, Event: e.Event, From: orNull(e.From), To: e.To, Verdict: e.Verdict, Why: orNull(e.Why),
		Actor:      lineActor{e.Actor.Kind, e.Actor.ID, e.Actor.Organization},
		OccurredAt: e.OccurredAt, RecordedAt: e.RecordedAt, Source: orNull(e.Source),
		Changes: append([]Change{}, e.Changes...), Postings: append([]string{}, e.Postings...),
		Organization: e.Subject.Organization, SubjectKind: e.Subject.Kind, SubjectID: e.Subject.ID,
		Call: e.Call, Definition: e.Definition, Erased: e.Erased(), PrevHash: e.Prev, Hash: e.Hash,
	}
	if e.BodyDigest != (Digest{}) {
		l.BodyDigest = &e.BodyDigest
	}
	if e.Salt != nil { // each by itself: half an erasure must not read as a whole one
		salt := hex.EncodeToString(e.Salt)
		l.Salt = &salt
	}
	if e.Body != nil {
		body := string(e.Body)
		l.Body = &body
		var free struct {
			Reason json.RawMessage `json:"reason"`
		}
		if json.Unmarshal(e.Body, &free) == nil {
			l.Reason = free.Reason
		}
	}
	return json.Marshal(l)
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// UnmarshalJSON reads what MarshalJSON wrote, exactly: Verify holds for the entries of
// an exported history as it does for those of the store. The error is ErrFormat.
func (e *Entry) UnmarshalJSON(b []byte) error {
	var l line
	if err := json.Unmarshal(b, &l); err != nil {
		return fmt.Errorf("%w: %w", ErrFormat, err)
	}
	*e = Entry{
		Subject: Subject{l.Organization, l.SubjectKind, l.SubjectID}, Seq: l.Seq, Prev: l.PrevHash, Call: l.Call,
		Event: l.Event, From: orEmpty(l.From), To: l.To, Verdict: l.Verdict, Why: orEmpty(l.Why),
		Actor:      Actor{l.Actor.Organization, l.Actor.Kind, l.Actor.ID},
		OccurredAt: moment(l.OccurredAt), RecordedAt: moment(l.RecordedAt), Source: orEmpty(l.Source),
		Definition: l.Definition, Hash: l.Hash,
	}
	if len(l.Changes) > 0 {
		e.Changes = l.Changes
	}
	if len(l.Postings) > 0 {
		e.Postings = l.Postings
	}
	if l.BodyDigest != nil {
		e.BodyDigest = *l.BodyDigest
	}
	if l.Body != nil {
		e.Body = []byte(*l.Body)
	}
	if l.Salt != nil {
		salt, err := hex.DecodeString(*l.Salt)
		if err != nil {
			return fmt.Errorf("%w: the salt is not hex", ErrFormat)
		}
		e.Salt = salt
	}
	return nil
}

func orEmpty(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
