package audit_test

import (
	"fmt"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/kycle/kycle/audit"
)

var (
	subject = audit.Subject{Organization: "org_a", Kind: "kyc_validation", ID: uuid.MustParse("6c1a2f0e-0000-4000-8000-000000000001")}
	morning = time.Date(2026, 3, 1, 9, 30, 0, 123456000, time.UTC)
)

// chain seals entries one after another.
func chain(entries ...audit.Entry) []audit.Entry {
	var head audit.Head
	out := make([]audit.Entry, len(entries))
	for i, e := range entries {
		out[i], head = audit.Append(head, e)
	}
	return out
}

// story is one subject's history with one of everything that an entry can hold.
func story() []audit.Entry {
	person := audit.Actor{Organization: "org_a", Kind: audit.Person, ID: "user_a"}
	provider := audit.Actor{Organization: "org_a", Kind: audit.Provider, ID: "global_gueno_validation_kyc"}
	definition := audit.Digest{0: 0xde, 31: 0x01}
	all := []audit.Entry{
		{Event: "create", To: "pending", Verdict: audit.Moved, Actor: person, Salt: []byte("salt of sixteen!"),
			Body: []byte(`{"metadata":{"plan":"b"}}`)},
		{Event: "in_review_at_provider", From: "pending", To: "in_review", Verdict: audit.Moved, Actor: provider, Source: "evt_1"},
		{Event: "expired_at_provider", From: "in_review", To: "in_review", Verdict: audit.Ignored, Why: "older", Actor: provider,
			Source: "evt_0"},
		{Event: "approve", From: "in_review", To: "approved", Verdict: audit.Moved, Actor: person,
			Changes:  []audit.Change{{Field: "verified_at", To: "2026-03-01T09:33:00Z"}, {Field: "deadline", From: "2026-03-08T09:30:00Z"}},
			Postings: []string{"charge 1 CREDIT 5d2c9a43-0000-5000-8000-000000000002"},
			Salt:     []byte{0, 1, 2, 255}, Body: []byte(`{"reason":"Document verified in a video call"}`)},
		{Event: "supersede", From: "approved", To: "approved", Verdict: "superseded", Actor: person,
			Changes: []audit.Change{{Field: "superseded_by", To: "6c1a2f0e-0000-4000-8000-000000000009"}}},
	}
	for i := range all {
		all[i].Subject, all[i].Definition = subject, definition
		all[i].Call = uuid.MustParse(fmt.Sprintf("0ca11000-0000-4000-8000-%012d", i+1))
		all[i].OccurredAt = morning.Add(time.Duration(i) * time.Minute)
		all[i].RecordedAt = all[i].OccurredAt.Add(1500 * time.Microsecond)
	}
	return chain(all...)
}

var (
	words   = rapid.StringN(0, 12, 40)
	digests = rapid.Custom(func(t *rapid.T) audit.Digest {
		return audit.Digest(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "digest"))
	})
	ids = rapid.Custom(func(t *rapid.T) uuid.UUID {
		return uuid.UUID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
	})
	// From the first microsecond of year 0 to the last of 9999.
	times = rapid.Custom(func(t *rapid.T) time.Time {
		return time.UnixMicro(rapid.Int64Range(-62167219200000000, 253402300799999999).Draw(t, "time")).UTC()
	})
	anyEntry = rapid.Custom(func(t *rapid.T) audit.Entry {
		e := audit.Entry{
			Subject: audit.Subject{Organization: words.Draw(t, "organization"), Kind: words.Draw(t, "kind"), ID: ids.Draw(t, "id")},
			Call:    ids.Draw(t, "call"), Event: words.Draw(t, "event"), From: words.Draw(t, "from"), To: words.Draw(t, "to"),
			Verdict: audit.Verdict(words.Draw(t, "verdict")), Why: words.Draw(t, "why"),
			Actor:      audit.Actor{Organization: words.Draw(t, "organization"), Kind: words.Draw(t, "kind"), ID: words.Draw(t, "actor")},
			OccurredAt: times.Draw(t, "occurred"), RecordedAt: times.Draw(t, "recorded"), Source: words.Draw(t, "source"),
			Definition: digests.Draw(t, "definition"),
		}
		for range rapid.IntRange(0, 3).Draw(t, "changes") {
			e.Changes = append(e.Changes, audit.Change{Field: words.Draw(t, "field"), From: words.Draw(t, "from"), To: words.Draw(t, "to")})
		}
		for range rapid.IntRange(0, 3).Draw(t, "postings") {
			e.Postings = append(e.Postings, words.Draw(t, "line"))
		}
		if rapid.Bool().Draw(t, "with a body") {
			e.Salt = rapid.SliceOfN(rapid.Byte(), 1, 16).Draw(t, "salt")
			e.Body = []byte(words.Draw(t, "body"))
		}
		head := audit.Head{Seq: rapid.Uint64Range(0, 1<<63).Draw(t, "seq"), Hash: digests.Draw(t, "prev")}
		e, _ = audit.Append(head, e)
		return e
	})
)
