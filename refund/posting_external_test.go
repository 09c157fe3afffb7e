package refund_test

import (
	"crypto/sha1"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/kycle/kycle/refund"
)

var (
	pass = refund.Subject{Organization: "org_a", Kind: "id_pass", ID: uuid.MustParse("6c1a2f0e-0000-4000-8000-000000000001")}
	fee  = refund.Amount{Minor: 500, Currency: "AUD"}
	noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
)

func post(effect string, seq uint64) refund.Posting {
	p, _ := refund.Post(effect, pass, fee, seq, noon)
	return p
}

func TestPost(t *testing.T) {
	for _, tc := range []struct {
		name, why, effect string
		amount            refund.Amount
		ok                bool
		kind              refund.Kind
		reverses          uuid.UUID
	}{
		{"charge", "the fee becomes due", refund.Charged, fee, true, refund.Charge, uuid.Nil},
		{"refund", "it names the charge that it reverses", refund.Refunded, fee, true, refund.Refund, refund.Key(pass, refund.Charge)},
		{"keep", "nothing is owed back", refund.Kept, fee, false, "", uuid.Nil},
		{"another effect", "it is not about money", "notify", fee, false, "", uuid.Nil},
		{"no effect", "most rows have none", "", fee, false, "", uuid.Nil},
		{"charge of nothing", "a fee of 0 posts nothing", refund.Charged, refund.Amount{Currency: "AUD"}, false, "", uuid.Nil},
		{"refund of nothing", "nothing was paid", refund.Refunded, refund.Amount{Currency: "AUD"}, false, "", uuid.Nil},
		{"negative", "a charge is no refund with a sign", refund.Charged, refund.Amount{Minor: -1, Currency: "AUD"}, false, "", uuid.Nil},
	} {
		p, ok := refund.Post(tc.effect, pass, tc.amount, 7, noon)
		if ok != tc.ok {
			t.Errorf("%s: posts %v (%s)", tc.name, ok, tc.why)
			continue
		}
		want := refund.Posting{}
		if ok {
			want = refund.Posting{Key: refund.Key(pass, tc.kind), Subject: pass, Kind: tc.kind, Amount: tc.amount, Reverses: tc.reverses, Seq: 7, At: noon}
		}
		if p != want {
			t.Errorf("%s: got %+v (%s)", tc.name, p, tc.why)
		}
		if ok && p.Check() != nil {
			t.Errorf("%s: %v", tc.name, p.Check())
		}
	}
}

// The keys stand in hosts' payment systems: were one to change, a fee could be charged
// twice. They are pinned here, and derived once more from the words of Key's comment.
func TestKeysArePinned(t *testing.T) {
	for kind, want := range map[refund.Kind]string{
		refund.Charge: "a315da52-f882-550c-ae0f-52f46f94c166",
		refund.Refund: "020e1ce7-0ddb-5f8b-b6ee-c23749023248",
	} {
		got := refund.Key(pass, kind)
		if got.String() != want {
			t.Errorf("%s: got %s, want %s", kind, got, want)
		}
		if byHand := derive(pass, kind); got != byHand || got.Version() != 5 {
			t.Errorf("%s: got %s, by hand %s", kind, got, byHand)
		}
	}
}

// derive is RFC 9562's version 5 of namespace and name, spelt out.
func derive(s refund.Subject, k refund.Kind) (id uuid.UUID) {
	space := uuid.MustParse("b0a6a1a8-5f0c-5e55-9a43-2d2f4f0c7a6e")
	sum := sha1.Sum([]byte(string(space[:]) + s.Organization + "\x00" + s.Kind + "\x00" + string(s.ID[:]) + "\x00" + string(k)))
	copy(id[:], sum[:])
	id[6], id[8] = id[6]&0x0f|0x50, id[8]&0x3f|0x80
	return id
}

func TestKeysDifferByEveryPart(t *testing.T) {
	text := rapid.StringMatching(`[a-z_]{0,6}`)
	rapid.Check(t, func(t *rapid.T) {
		draw := func(n string) (refund.Subject, refund.Kind) {
			s := refund.Subject{Organization: text.Draw(t, "organization"+n), Kind: text.Draw(t, "kind"+n)}
			s.ID[rapid.IntRange(0, 15).Draw(t, "byte"+n)] = rapid.Byte().Draw(t, "id"+n)
			return s, rapid.SampledFrom([]refund.Kind{refund.Charge, refund.Refund}).Draw(t, "direction"+n)
		}
		s1, k1 := draw("1")
		s2, k2 := draw("2")
		if rapid.Bool().Draw(t, "divided otherwise") { // the same letters, another division
			all := s1.Organization + s1.Kind
			cut := rapid.IntRange(0, len(all)).Draw(t, "cut")
			s2, k2 = s1, k1
			s2.Organization, s2.Kind = all[:cut], all[cut:]
		}
		if same := s1 == s2 && k1 == k2; (refund.Key(s1, k1) == refund.Key(s2, k2)) != same {
			t.Fatalf("%v %s and %v %s", s1, k1, s2, k2)
		}
	})
	other := pass
	for part, edit := range map[string]func(){
		"organization": func() { other.Organization = "org_b" }, "kind": func() { other.Kind = "kyc_validation" }, "id": func() { other.ID[15]++ },
	} {
		other = pass
		edit()
		if refund.Key(other, refund.Charge) == refund.Key(pass, refund.Charge) {
			t.Errorf("the key does not tell the %s", part)
		}
	}
}

func TestPostingCheckRefuses(t *testing.T) {
	for _, tc := range []struct {
		name, why string
		edit      func(*refund.Posting)
	}{
		{"another key", "it is derived from the fact", func(p *refund.Posting) { p.Key[0]++ }},
		{"another subject", "the key is not its own", func(p *refund.Posting) { p.Subject.Organization = "org_b" }},
		{"another kind", "a charge reverses nothing", func(p *refund.Posting) { p.Kind = refund.Charge }},
		{"unknown kind", "there are two", func(p *refund.Posting) { p.Kind = "gift" }},
		{"reverses nothing", "a refund names its charge", func(p *refund.Posting) { p.Reverses = uuid.Nil }},
		{"reverses itself", "and no other posting", func(p *refund.Posting) { p.Reverses = p.Key }},
		{"nothing", "0 is not posted", func(p *refund.Posting) { p.Minor = 0 }},
		{"negative", "not an amount", func(p *refund.Posting) { p.Minor = -500 }},
		{"no currency", "not an amount", func(p *refund.Posting) { p.Currency = "" }},
	} {
		p := post(refund.Refunded, 4)
		tc.edit(&p)
		if err := p.Check(); !errors.Is(err, refund.ErrPosting) {
			t.Errorf("%s: got %v (%s)", tc.name, err, tc.why)
		}
	}
	p := post(refund.Charged, 1)
	p.Minor = -1
	if err := p.Check(); !errors.Is(err, refund.ErrAmount) {
		t.Errorf("got %v: the amount is to blame", err)
	}
}
