package etcd

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/refund"
	"github.com/kycle/kycle/store"
)

// TestFactsComeBack since the next commit takes away the keys that they name.
func TestFactsComeBack(t *testing.T) {
	moment := time.Date(1969, 12, 31, 23, 59, 59, 999_999_000, time.UTC)
	at := place{"org_a", low}
	for _, c := range []struct {
		name, why string
		index     store.Index
	}{
		{"all", "every fact", store.Index{Owner: "owner", Status: "open", Current: true, ExclusiveKey: "key", Session: "session", Due: moment, Created: moment}},
		{"none", "no due is not the year 1970", store.Index{Created: time.Unix(0, 0).UTC()}},
		{"due 1970", "nor is 1970 no due", store.Index{Due: time.Unix(0, 0).UTC(), Created: moment}},
		{"text", "a line break would end the line", store.Index{Owner: "a\nb\u2028\"<>\ufffd", ExclusiveKey: "\x01\x7f", Created: moment}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.index.Organization, c.index.ID = at.organization, at.id
			head := audit.Head{Seq: 1<<53 + 1, Hash: audit.Digest{1, 2, 3}}
			value, err := recordValue(factsOf(c.index, head), []byte("line\nline"))
			if err != nil {
				t.Fatal(err)
			}
			f, data, err := parseRecord([]byte(value))
			if err != nil || string(data) != "line\nline" || f.head() != head || !reflect.DeepEqual(f.index(at), c.index) {
				t.Errorf("%+v, head %+v, data %q, error %v; want %+v: %s", f.index(at), f.head(), data, err, c.index, c.why)
			}
		})
	}
}

// TestEntriesComeBack with what stands beside the hashed bytes.
func TestEntriesComeBack(t *testing.T) {
	subject := audit.Subject{Organization: "org_a", Kind: "thing", ID: low}
	for _, c := range []struct {
		name, why  string
		salt, body []byte
		erased     bool
	}{
		{"without a body", "it never had one, which is not erased", nil, nil, false},
		{"with both", "any bytes", []byte{0, 255}, []byte(`{}`), false},
		{"an empty body", "it is there", []byte("salt"), []byte{}, false},
		{"no salt", "there is still a body", nil, []byte(`{}`), false},
		{"erased", "it was there", []byte("salt"), []byte(`{}`), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, _ := audit.Append(audit.Head{}, audit.Entry{Subject: subject, Event: "told", Verdict: audit.Moved, Salt: c.salt, Body: c.body})
			if c.erased {
				e.Salt, e.Body = nil, nil
			}
			got := parseEntry([]byte(entryValue(&e)))
			if err := audit.Verify(subject, []audit.Entry{got}); err != nil || got.Hash != e.Hash {
				t.Errorf("verify: %v: %s", err, c.why)
			}
			if string(got.Body) != string(e.Body) || string(got.Salt) != string(e.Salt) || got.Erased() != c.erased {
				t.Errorf("salt %q, body %q, erased %v: %s", got.Salt, got.Body, got.Erased(), c.why)
			}
		})
	}
}

// TestDamagedValues are no panic, and an entry is marked for audit.Verify to name.
func TestDamagedValues(t *testing.T) {
	e, _ := audit.Append(audit.Head{}, audit.Entry{Event: "told", Salt: []byte("salt"), Body: []byte(`{}`)})
	whole := entryValue(&e)
	for n := range len(whole) - 1 {
		if n == 4+len(e.Encode()) {
			continue // this is how an erased one looks
		}
		var fault *audit.Fault
		if err := audit.Verify(e.Subject, []audit.Entry{parseEntry([]byte(whole[:n]))}); !errors.As(err, &fault) || fault.Seq != 1 {
			t.Fatalf("an entry cut at %d: %v, want a fault at entry 1", n, err)
		}
	}
	for _, damaged := range []string{"", "{}", "x\n{}", "\xff\xff\xff\xff"} {
		_, _, record := parseRecord([]byte(damaged))
		_, posting := parsePosting([]byte("[" + damaged))
		_, session := parseSession([]byte(damaged))
		_, holder := parseHolder("org_a", []byte(damaged))
		for what, err := range map[string]error{"record": record, "posting": posting, "session": session, "exclusive key": holder} {
			if !errors.Is(err, errDamaged) {
				t.Errorf("%s of %q: error %v, want %v", what, damaged, err, errDamaged)
			}
		}
	}
}

// TestPostingsComeBack to the microsecond, and to the last unit.
func TestPostingsComeBack(t *testing.T) {
	subject := refund.Subject{Organization: "org_a", Kind: "thing", ID: low}
	at := time.Date(2261, 1, 2, 3, 4, 5, 6000, time.UTC)
	for _, effect := range []string{refund.Charged, refund.Refunded} {
		want, _ := refund.Post(effect, subject, refund.Amount{Minor: 1<<63 - 1, Currency: "AUD"}, 7, at)
		value, err := postingValue(want)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := parsePosting([]byte(value)); err != nil || got != want {
			t.Errorf("%+v, error %v; want %+v", got, err, want)
		}
	}
}

// TestALeaseComesBack, and nothing is none.
func TestALeaseComesBack(t *testing.T) {
	for _, micro := range []int64{-1, 0, 1 << 50} {
		if until, ok := leased([]byte(number(ordered(micro)))); !ok || until != micro {
			t.Errorf("leased until %d, %v; want %d", until, ok, micro)
		}
	}
	if _, ok := leased(nil); ok {
		t.Error("nothing is a lease")
	}
}
