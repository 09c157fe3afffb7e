package main

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/uuid"
)

// What follows was written from the description of the byte format alone, as somebody
// would who trusts neither the host nor the library.

// published is an entry as the HTTP answer has it.
type published struct {
	Seq          uint64
	Event        string
	From         *string
	To           string
	Verdict      string
	Why          *string
	Actor        struct{ Organization, Kind, ID string }
	OccurredAt   time.Time
	RecordedAt   time.Time
	Source       *string
	Changes      []struct{ Field, From, To string }
	Postings     []string
	Organization string
	SubjectKind  string `json:"subject_kind"`
	SubjectID    string `json:"subject_id"`
	Call         string
	Definition   string
	BodyDigest   *string `json:"body_digest"`
	Salt         *string
	Body         *string
	PrevHash     string `json:"prev_hash"`
	Hash         string
}

// lengthFirst is a value with its length before it, as 4 bytes.
func lengthFirst(values ...[]byte) (b []byte) {
	for _, v := range values {
		b = append(binary.BigEndian.AppendUint32(b, uint32(len(v))), v...)
	}
	return b
}

func text(s *string) []byte {
	if s == nil {
		return nil
	}
	return []byte(*s)
}

func number(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

// recomputed is the entry's hash, from its published fields.
func (p published) recomputed(t *testing.T) string {
	unhex := func(s string) []byte {
		b, err := hex.DecodeString(s)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	subject, call := uuid.MustParse(p.SubjectID), uuid.MustParse(p.Call)
	var changes, postings, digest []byte
	for _, c := range p.Changes {
		changes = append(changes, lengthFirst([]byte(c.Field), []byte(c.From), []byte(c.To))...)
	}
	for _, line := range p.Postings {
		postings = append(postings, lengthFirst([]byte(line))...)
	}
	if p.BodyDigest != nil {
		digest = unhex(*p.BodyDigest)
	}
	sum := sha256.Sum256(lengthFirst(
		[]byte("kycle audit 1"), []byte(p.Organization), []byte(p.SubjectKind), subject[:], number(p.Seq), unhex(p.PrevHash), call[:],
		[]byte(p.Event), text(p.From), []byte(p.To), []byte(p.Verdict), text(p.Why),
		lengthFirst([]byte(p.Actor.Organization), []byte(p.Actor.Kind), []byte(p.Actor.ID)),
		number(uint64(p.OccurredAt.UnixMicro())), number(uint64(p.RecordedAt.UnixMicro())), text(p.Source),
		changes, postings, unhex(p.Definition), digest,
	))
	return hex.EncodeToString(sum[:])
}

// stranger recomputes every hash of a trail, and the digest of every body.
func stranger(t *testing.T, trail answer) {
	t.Helper()
	var read struct{ Entries []published }
	if err := json.Unmarshal([]byte(trail.raw), &read); err != nil {
		t.Fatal(err)
	}
	prev := hex.EncodeToString(make([]byte, sha256.Size))
	for i, p := range read.Entries {
		switch {
		case p.Seq != uint64(i+1):
			t.Errorf("entry %d has the sequence %d", i+1, p.Seq)
		case p.PrevHash != prev:
			t.Errorf("entry %d does not follow the one before", p.Seq)
		case p.Actor.Organization != p.Organization || p.Actor.ID == "":
			t.Errorf("entry %d (%s) of %q is by %+v", p.Seq, p.Event, p.Organization, p.Actor)
		case p.recomputed(t) != p.Hash:
			t.Errorf("entry %d (%s): a stranger computes another hash", p.Seq, p.Event)
		}
		if p.Body != nil {
			salt, err := hex.DecodeString(*p.Salt)
			sum := sha256.Sum256(lengthFirst(salt, []byte(*p.Body)))
			if err != nil || hex.EncodeToString(sum[:]) != *p.BodyDigest {
				t.Errorf("entry %d: a stranger computes another digest of the body", p.Seq)
			}
		}
		prev = p.Hash
	}
	if len(read.Entries) == 0 {
		t.Error("a trail without entries")
	}
}

func TestStrangerRecomputes(t *testing.T) {
	c, _ := serving(t)
	entity := uuid.NewString()
	body := `{"entityId":"` + entity + `","integrationCode":"` + code + `","metadata":{"note":"<ä> & \u2028 😀","n":1e3}}`
	a := c.ask("demo-a", "POST", "/api/kyc/validations", body).is(t, 201, nil)
	v := validation{c, a.text("id"), entity, a.text("validationSessionId")}
	v.customer("in_review", true)
	v.customer("approved", true)
	c.hook(event("late", v.session, "in_progress", c.now().Add(-time.Second)))
	v.customer("declined", true)
	v.customer("in_review", true)
	c.ask("demo-a", "POST", v.path("/reject"), `{"reason":"<not> \"good\" enough 😀"}`).is(t, 200, nil)
	v.customer("approved", true)
	c.ask("demo-a", "POST", "/api/kyc/validations", body).is(t, 201, nil) // supersedes
	stranger(t, c.whole(v.path("/audit"), 1, 0))

	owing := c.in("in_progress")
	c.ask("", "POST", "/sandbox/clock", `{"advance":"192h"}`).is(t, 200, nil)
	owing.customer("in_progress", true)
	c.ask("demo-a", "DELETE", owing.path("/cancel"), `{"reason":"no longer needed"}`).is(t, 200, nil)
	stranger(t, c.whole(owing.path("/audit"), 0, 0))

	for status := range steps {
		pass := c.pass(status)
		c.ask("demo-a", "POST", "/idpass/cancel", id(pass))
		refunds := 0
		if status == "new" || status == "opened" {
			refunds = 1
		}
		stranger(t, c.whole("/idpass/"+pass+"/audit", 1, refunds))
	}
}
