package audit_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"reflect"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/kycle/kycle/audit"
)

var update = flag.Bool("update", false, "write the golden files anew")

// vector is one entry as other implementations get it: its JSON, and what that must
// come to.
type vector struct {
	Why       string      `json:"why"`
	Entry     audit.Entry `json:"entry"`
	Canonical string      `json:"canonical"` // hex
	Hash      string      `json:"hash"`      // hex
}

// vectors are a chain of five, and entries by themselves at the edges of the format.
func vectors() []vector {
	reasons := []string{
		"the first of a chain, with a body", "a report that moved; no body", "a report that was ignored",
		"changes, a posting and a body with a reason", "superseded: to is from",
	}
	entries := story()
	add := func(why string, e audit.Entry) {
		e, _ = audit.Append(audit.Head{}, e)
		reasons, entries = append(reasons, why), append(entries, e)
	}
	add("everything empty that can be, and the times of the epoch", audit.Entry{OccurredAt: time.Unix(0, 0), RecordedAt: time.Unix(0, 0)})
	add("text beyond ASCII and what JSON escapes, counted in bytes",
		audit.Entry{Subject: subject, Event: "é\u2028<&>\"\\\n", Why: "日本", OccurredAt: morning, RecordedAt: morning, Salt: []byte{}, Body: []byte(`{}`)})
	add("the first and the last microsecond that a time can be",
		audit.Entry{Subject: subject, OccurredAt: time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC), RecordedAt: time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC)})
	erased := story()[3]
	erased.Salt, erased.Body = nil, nil
	reasons, entries = append(reasons, "the fourth, with its body erased: the same bytes, the same hash"), append(entries, erased)
	var all []vector
	for i, e := range entries {
		stored := e.Encode()
		all = append(all, vector{reasons[i], e, hex.EncodeToString(stored[:len(stored)-32]), e.Hash.String()})
	}
	return all
}

// The vectors are published: a difference means that entries written before no longer
// verify. Write them anew only before the first release.
func TestVectors(t *testing.T) {
	const path = "testdata/vectors.json"
	got, err := json.MarshalIndent(vectors(), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("the vectors are not those of %s; if that is meant, run: go test ./audit -run TestVectors -update", path)
	}
	var published []vector
	if err := json.Unmarshal(want, &published); err != nil {
		t.Fatal(err)
	}
	for _, v := range published {
		bytes := recompute(v.Entry)
		if got := hex.EncodeToString(bytes); got != v.Canonical {
			t.Errorf("%s: canonical bytes %s, want %s", v.Why, got, v.Canonical)
		}
		if sum := sha256.Sum256(bytes); hex.EncodeToString(sum[:]) != v.Hash || v.Entry.Hash.String() != v.Hash {
			t.Errorf("%s: hash %x, want %s", v.Why, sum, v.Hash)
		}
	}
}

// recompute writes the canonical bytes from the text of doc.go alone, as a stranger
// would, and shares nothing with the package.
func recompute(e audit.Entry) []byte {
	sized := func(parts ...[]byte) []byte {
		var out []byte
		for _, p := range parts {
			out = append(out, byte(len(p)>>24), byte(len(p)>>16), byte(len(p)>>8), byte(len(p)))
			out = append(out, p...)
		}
		return out
	}
	eight := func(n uint64) []byte {
		var out [8]byte
		binary.BigEndian.PutUint64(out[:], n)
		return out[:]
	}
	micro := func(t time.Time) []byte { return eight(uint64(t.Unix()*1e6 + int64(t.Nanosecond())/1e3)) }
	var changes, postings, digest []byte
	for _, c := range e.Changes {
		changes = append(changes, sized([]byte(c.Field), []byte(c.From), []byte(c.To))...)
	}
	for _, p := range e.Postings {
		postings = append(postings, sized([]byte(p))...)
	}
	if e.Body != nil {
		sum := sha256.Sum256(sized(e.Salt, e.Body))
		digest = sum[:]
	} else if e.Erased() {
		digest = e.BodyDigest[:]
	}
	return sized(
		[]byte("kycle audit 1"),
		[]byte(e.Subject.Organization), []byte(e.Subject.Kind), e.Subject.ID[:],
		eight(e.Seq), e.Prev[:], e.Call[:],
		[]byte(e.Event), []byte(e.From), []byte(e.To), []byte(e.Verdict), []byte(e.Why),
		sized([]byte(e.Actor.Organization), []byte(e.Actor.Kind), []byte(e.Actor.ID)),
		micro(e.OccurredAt), micro(e.RecordedAt), []byte(e.Source),
		changes, postings, e.Definition[:], digest,
	)
}

func TestEveryEntryIsWrittenAsTheFormatSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := anyEntry.Draw(t, "entry")
		want := recompute(e)
		if sum := sha256.Sum256(want); !bytes.Equal(e.Encode(), append(want, sum[:]...)) {
			t.Fatalf("stored form %x", e.Encode())
		}
	})
}

func TestEntriesComeBackFromBytesAndJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := anyEntry.Draw(t, "entry")
		if rapid.Bool().Draw(t, "erased") {
			e.Salt, e.Body = nil, nil
		}
		got, err := audit.Decode(e.Encode(), e.Salt, e.Body)
		if err != nil || !reflect.DeepEqual(got, e) {
			t.Fatalf("from bytes %+v, %v", got, err)
		}
		text, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		var back audit.Entry
		if err := json.Unmarshal(text, &back); err != nil || !reflect.DeepEqual(back, e) {
			t.Fatalf("from %s %+v, %v", text, back, err)
		}
	})
}

func TestDecodeRefusesEveryOtherForm(t *testing.T) {
	good := story()[3].Encode()
	for _, tc := range []struct {
		name, why string
		stored    []byte
	}{
		{"nothing", "not even a hash", nil},
		{"a hash alone", "no fields before it", good[len(good)-32:]},
		{"another version", "its fields may differ", bytes.Replace(good, []byte("audit 1"), []byte("audit 2"), 1)},
		{"cut", "the last field runs into the hash", append(bytes.Clone(good[:len(good)-33]), good[len(good)-32:]...)},
		{"a field too many", "there is one way to write an entry", append(append(bytes.Clone(good[:len(good)-32]), 0, 0, 0, 0), good[len(good)-32:]...)},
		{"a length beyond the end", "lengths are data too", append(append([]byte(nil), 0xff, 0xff, 0xff, 0xff), good[4:]...)},
		{"text that is not UTF-8", "JSON would replace it", bytes.Replace(good, []byte("approve"), []byte("approv\xff"), 1)},
		{"a change of two fields", "it has three", story4(func(b []byte) []byte {
			// The last field of the last change is empty: take its length away, and 4 from that of the changes.
			at := bytes.Index(b, []byte("2026-03-08T09:30:00Z")) + len("2026-03-08T09:30:00Z")
			start := bytes.Index(b, []byte("\x00\x00\x00\x0bverified_at"))
			b[start-1] -= 4
			return append(b[:at], b[at+4:]...)
		})},
		{"a time after the year 9999", "RFC 3339 cannot write it", story4(func(b []byte) []byte {
			return bytes.Replace(b, recordedAt(), bytes.Repeat([]byte{0x7f}, 8), 1)
		})},
		{"a digest of zeros", "no body is written as no bytes", story4(func(b []byte) []byte {
			return append(b[:len(b)-64], make([]byte, 64)...)
		})},
		{"a digest of 31 bytes", "a fixed size", story4(func(b []byte) []byte {
			b[len(b)-65]--
			return append(b[:len(b)-33], b[len(b)-32:]...)
		})},
	} {
		e, err := audit.Decode(tc.stored, nil, nil)
		if !errors.Is(err, audit.ErrFormat) {
			t.Errorf("%s: got the error %v, want ErrFormat (%s)", tc.name, err, tc.why)
		}
		// What cannot be read is not dropped in silence: it is a fault of the chain.
		var fault *audit.Fault
		if err := audit.Verify(subject, []audit.Entry{e}); !errors.As(err, &fault) || fault.Kind != "edit" || fault.Seq != 1 {
			t.Errorf("%s: verified as %v, want an edit of entry 1", tc.name, err)
		}
	}
}

// Append cannot fail, so it seals times that no RFC 3339 writes; reading them back does.
func TestDecodeRefusesTimesBeyondRFC3339(t *testing.T) {
	first := time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)
	end := time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		name, why string
		at        time.Time
		ok        bool
	}{
		{"first", "the year 0 begins", first, true},
		{"before the first", "the year -1", first.Add(-time.Microsecond), false},
		{"last", "the year 9999 ends", end.Add(-time.Microsecond), true},
		{"after the last", "five digits", end, false},
	} {
		e, _ := audit.Append(audit.Head{}, audit.Entry{OccurredAt: tc.at, RecordedAt: morning})
		if _, err := audit.Decode(e.Encode(), nil, nil); (err == nil) != tc.ok || !tc.ok && !errors.Is(err, audit.ErrFormat) {
			t.Errorf("%s: got the error %v, decodes %v is wanted (%s)", tc.name, err, tc.ok, tc.why)
		}
	}
}

// A time in JSON may be written in any zone and finer than it is hashed; what is read is
// what the hash is of, and nothing that it does not cover.
func TestTimesInJSONAreReadAsTheyAreHashed(t *testing.T) {
	text, err := json.Marshal(story()[1])
	if err != nil {
		t.Fatal(err)
	}
	text = bytes.ReplaceAll(text, []byte(`"2026-03-01T09:31:00.123456Z"`), []byte(`"2026-03-01T10:31:00.123456999+01:00"`))
	text = bytes.ReplaceAll(text, []byte(`"2026-03-01T09:31:00.124956Z"`), []byte(`"2026-03-01T10:31:00.124956999+01:00"`))
	var e audit.Entry
	if err := json.Unmarshal(text, &e); err != nil || !reflect.DeepEqual(e, story()[1]) || !bytes.Contains(text, []byte("999+01:00")) {
		t.Errorf("got %+v, %v", e, err)
	}
}

func story4(edit func([]byte) []byte) []byte { return edit(story()[3].Encode()) }

func recordedAt() []byte {
	return binary.BigEndian.AppendUint64(nil, uint64(story()[3].RecordedAt.UnixMicro()))
}

// FuzzDecode: nothing makes it panic, and what it takes was written in the one way.
func FuzzDecode(f *testing.F) {
	for _, v := range vectors() {
		f.Add(v.Entry.Encode())
	}
	f.Add([]byte{})
	f.Add(make([]byte, 36))
	f.Fuzz(func(t *testing.T, stored []byte) {
		e, err := audit.Decode(stored, nil, nil)
		if err != nil {
			if !errors.Is(err, audit.ErrFormat) {
				t.Fatalf("got the error %v, want ErrFormat", err)
			}
			return
		}
		if !bytes.Equal(e.Encode(), stored) {
			t.Fatalf("%x came back as %x", stored, e.Encode())
		}
		if _, err := json.Marshal(e); err != nil {
			t.Fatal(err)
		}
	})
}

func TestDigestText(t *testing.T) {
	want := audit.Digest{0: 0xab, 31: 1}
	if got, err := audit.ParseDigest(want.String()); err != nil || got != want {
		t.Errorf("got %s, %v", got, err)
	}
	for name, text := range map[string]string{
		"empty": "", "short": want.String()[:62], "odd": want.String()[:63], "long": want.String() + "00", "not hex": "zz" + want.String()[2:],
	} {
		got := want
		if err := got.UnmarshalText([]byte(text)); !errors.Is(err, audit.ErrFormat) || got != want {
			t.Errorf("%s: got %s, %v", name, got, err)
		}
		if got, err := audit.ParseDigest(text); !errors.Is(err, audit.ErrFormat) || got != (audit.Digest{}) {
			t.Errorf("%s: parsed as %s, %v", name, got, err)
		}
	}
}

func TestUnmarshalJSONRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"not an object": `[]`, "a hash that is none": `{"hash":"00"}`, "a salt that is not hex": `{"salt":"zz","body":"{}"}`,
		"an id that is none": `{"subject_id":"x"}`, "a time that is none": `{"occurredAt":"yesterday"}`,
	} {
		var e audit.Entry
		if err := json.Unmarshal([]byte(text), &e); !errors.Is(err, audit.ErrFormat) {
			t.Errorf("%s: got the error %v, want ErrFormat", name, err)
		}
	}
}

// A reader of the JSON sees a person's reason in clear, absent values as null, lists as [].
func TestJSONIsForPeopleToo(t *testing.T) {
	for _, tc := range []struct {
		name, why string
		entry     audit.Entry
		want      map[string]any
	}{
		{"reason", "read out of the body", story()[3], map[string]any{"reason": "Document verified in a video call", "why": nil, "erased": false}},
		{"creation", "from null", story()[0], map[string]any{"from": nil, "reason": nil, "changes": []any{}, "postings": []any{}}},
		{"no body", "nothing beside the bytes", story()[1], map[string]any{"body": nil, "salt": nil, "body_digest": nil, "source": "evt_1"}},
		{"body that is no object", "shown as it is", chain(audit.Entry{Salt: []byte{1}, Body: []byte("text")})[0], map[string]any{"reason": nil, "body": "text"}},
	} {
		text, err := json.Marshal(tc.entry)
		if err != nil {
			t.Fatal(err)
		}
		var got map[string]any
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatal(err)
		}
		for key, want := range tc.want {
			value, there := got[key]
			if !there || !reflect.DeepEqual(value, want) {
				t.Errorf("%s: %q is %v (%s)", tc.name, key, value, tc.why)
			}
		}
	}
	if _, err := json.Marshal(audit.Entry{Call: uuid.Nil, OccurredAt: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}); err == nil {
		t.Error("a time beyond RFC 3339 was written")
	}
}
