package refund_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/kycle/kycle/refund"
)

type (
	trail = []refund.Cause
	books = []refund.Posting
)

func cause(p refund.Posting) refund.Cause {
	return refund.Cause{Seq: p.Seq, Line: p.Line(), At: p.At}
}

// Each case spoils honest books (a charge at entry 1, its refund at entry 4) in one way
// and says which difference is found first, at which entry, and how many there are.
func TestReconcileNamesEveryDifference(t *testing.T) {
	for _, tc := range []struct {
		name, why string
		spoil     func(trail, books) (trail, books)
		want      []refund.Difference
	}{
		{"honest", "they agree", func(c trail, b books) (trail, books) { return c, b }, nil},
		{"empty", "nothing was charged", func(trail, books) (trail, books) { return nil, nil }, nil},
		{"charge alone", "not every pass is refunded", func(c trail, b books) (trail, books) { return c[:1], b[:1] }, nil},
		{"posting missing", "the trail says more than the books", func(c trail, b books) (trail, books) { return c, b[:1] },
			[]refund.Difference{{Seq: 4, Problem: "is not there: " + post(refund.Refunded, 4).Line()}}},
		{"cause missing", "the books say more than the trail", func(c trail, b books) (trail, books) { return c[:1], b },
			[]refund.Difference{{Seq: 4, Key: post(refund.Refunded, 4).Key, Problem: "no audit entry names it so"}}},
		{"another entry", "the entry is part of the posting", func(c trail, b books) (trail, books) {
			c[1].Seq = 5
			return c, b
		},
			[]refund.Difference{{Seq: 4, Key: post(refund.Refunded, 4).Key, Problem: "no audit entry names it so"}, {Seq: 5, Problem: "is not there: " + post(refund.Refunded, 4).Line()}}},
		{"named twice", "one posting, told as two", func(c trail, b books) (trail, books) {
			return append(c, c[1], c[1]), b
		}, []refund.Difference{{Seq: 4, Problem: "an audit entry names it twice: " + post(refund.Refunded, 4).Line()}}},
		{"posted twice", "money moved twice", func(c trail, b books) (trail, books) {
			return c, append(b, b[0])
		},
			[]refund.Difference{{Seq: 1, Key: post(refund.Charged, 1).Key, Problem: "posted twice"}}},
		{"refund without a charge", "nothing was paid", func(c trail, b books) (trail, books) { return c[1:], b[1:] },
			[]refund.Difference{{Seq: 4, Key: post(refund.Refunded, 4).Key, Problem: "refunds no charge of that amount"}}},
		{"refund of another amount", "what was paid is owed back", func(c trail, b books) (trail, books) {
			b[1].Minor = 499
			c[1] = cause(b[1])
			return c, b
		}, []refund.Difference{{Seq: 4, Key: post(refund.Refunded, 4).Key, Problem: "refunds no charge of that amount"}}},
		{"refund in another currency", "the same", func(c trail, b books) (trail, books) {
			b[1].Currency = "NZD"
			c[1] = cause(b[1])
			return c, b
		}, []refund.Difference{{Seq: 4, Key: post(refund.Refunded, 4).Key, Problem: "refunds no charge of that amount"}}},
	} {
		honest := books{post(refund.Charged, 1), post(refund.Refunded, 4)}
		causes, postings := tc.spoil(trail{cause(honest[0]), cause(honest[1])}, honest)
		if got := refund.Reconcile(pass, causes, postings); !slices.Equal(got, tc.want) {
			t.Errorf("%s: got %v, want %v (%s)", tc.name, got, tc.want, tc.why)
		}
	}
}

// Books of another subject: right in themselves, and wrong here.
func TestReconcileRefusesStrangersPostings(t *testing.T) {
	foreign := pass
	foreign.Organization = "org_b"
	p, _ := refund.Post(refund.Charged, foreign, fee, 1, noon)
	want := []refund.Difference{{Seq: 1, Key: p.Key, Problem: "belongs to another subject"}}
	if got := refund.Reconcile(pass, []refund.Cause{cause(p)}, []refund.Posting{p}); !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
	// A posting that no Post made, though the trail agrees with it.
	p = post(refund.Charged, 1)
	p.Key = uuid.UUID{1}
	if got := refund.Reconcile(pass, []refund.Cause{cause(p)}, []refund.Posting{p}); len(got) != 1 || got[0].Key != p.Key {
		t.Errorf("got %v", got)
	}
}

// Any single harm to honest books is noticed, and honest books never are.
func TestReconcileNoticesAnyHarm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		books := []refund.Posting{post(refund.Charged, 1), post(refund.Refunded, rapid.Uint64Range(2, 9).Draw(t, "seq"))}
		causes := []refund.Cause{cause(books[0]), cause(books[1])}
		if got := refund.Reconcile(pass, causes, books); got != nil {
			t.Fatalf("honest books differ: %v", got)
		}
		p, c := &books[rapid.IntRange(0, 1).Draw(t, "posting")], &causes[rapid.IntRange(0, 1).Draw(t, "cause")]
		harms := []func(){
			func() { p.Key[3]++ }, func() { p.Subject.ID[3]++ }, func() { p.Kind += "x" }, func() { p.Minor++ },
			func() { p.Currency = "NZD" }, func() { p.Reverses[3]++ }, func() { p.Seq++ },
			func() { p.At = p.At.Add(time.Microsecond) }, func() { c.Seq += 10 }, func() { c.Line += "0" },
			func() { books = append(books, *p) }, func() { causes = append(causes, *c) },
			func() { books = slices.Delete(books, 0, 1) }, func() { causes = slices.Delete(causes, 1, 2) },
		}
		harms[rapid.IntRange(0, len(harms)-1).Draw(t, "harm")]()
		if got := refund.Reconcile(pass, causes, books); len(got) == 0 {
			t.Fatal("not noticed")
		}
	})
}
