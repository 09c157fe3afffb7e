package product_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/product"
	"github.com/kycle/kycle/refund"
	"github.com/kycle/kycle/store"
)

var (
	doorCall = audit.Call{
		ID: uuid.UUID{1}, Salt: uuid.UUID{2}, Actor: door, At: time.Date(2025, 1, 15, 10, 30, 0, 0, time.UTC),
	}
	drawn = ticket{ID: uuid.UUID{3}, Organization: "org_a", Guest: "ann", Status: valid}
)

// outcome is what the table says of an event, in plain strings.
func outcome(t testing.TB, from status, on event, f facts) lifecycle.Outcome[string, string] {
	t.Helper()
	out, err := tickets.Decide(from, on, f)
	if err != nil {
		t.Fatal(err)
	}
	return out.Plain()
}

func TestEnterByVerdict(t *testing.T) {
	soon := facts{until: doorCall.At.Add(1), now: doorCall.At}
	for _, row := range []struct {
		name, why string
		out       lifecycle.Outcome[string, string]
		want      []audit.Entry // event, from, to, verdict and why of it
	}{
		{"creation", "it begins with no record", outcome(t, "", sell, soon), in(audit.Entry{Event: "sell", To: "valid", Verdict: audit.Moved})},
		{"move", "the status changed",
			outcome(t, valid, enter, soon), in(audit.Entry{Event: "enter", From: "valid", To: "used", Verdict: audit.Moved})},
		{"note", "its verdict is its own word", outcome(t, valid, reprint, soon),
			in(audit.Entry{Event: "reprint", From: "valid", To: "valid", Verdict: "reprinted"})},
		{"ignored by a rule", "the rule's word says why", outcome(t, valid, lapse, soon),
			in(audit.Entry{Event: "lapse", From: "valid", To: "valid", Verdict: audit.Ignored, Why: "not_over"})},
		{"ignored without a row", "the entry says so", outcome(t, void, enter, soon),
			in(audit.Entry{Event: "enter", From: "void", To: "void", Verdict: audit.Ignored, Why: lifecycle.NoRow})},
		{"stay", "every repetition would write one", outcome(t, used, enter, soon), nil},
		{"duplicate", "nothing happens", lifecycle.Outcome[string, string]{Event: "enter", Verdict: lifecycle.Duplicate}, nil},
		{"refusal", "nothing is written", lifecycle.Outcome[string, string]{Event: "give_back", Verdict: lifecycle.Refuse}, nil},
		{"nothing", "it is no outcome", lifecycle.Outcome[string, string]{}, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			d := product.Begin(store.Record[ticket]{Value: drawn, Version: 7}, subjectOf(drawn), tickets.Sum())
			d.Enter(doorCall, row.out, product.News{Body: []byte("{}")})
			if d.Change.Next != drawn || d.Change.Expect != 7 || d.Change.Receipts != nil || d.Change.Postings != nil {
				t.Errorf("change %+v, want the ticket at version 7, and nothing else", d.Change)
			}
			var got []audit.Entry
			for _, e := range d.Change.Entries {
				got = append(got, audit.Entry{Event: e.Event, From: e.From, To: e.To, Verdict: e.Verdict, Why: e.Why})
			}
			if !reflect.DeepEqual(got, row.want) {
				t.Errorf("entries %+v, want %+v: %s", got, row.want, row.why)
			}
		})
	}
}

// What the entry tells beside its outcome is the call's, the machine's and the news'.
func TestEnterTellsTheNews(t *testing.T) {
	before := doorCall.At.Add(-time.Minute)
	head := audit.Head{Seq: 4, Hash: audit.Digest{9}}
	var changes audit.Changes
	changes.Flag("current", true, false)
	out := outcome(t, valid, enter, facts{})
	for _, row := range []struct {
		name, why string
		news      product.News
		want      audit.Entry
	}{
		{"nothing", "it happened at the call, and has no body", product.News{}, audit.Entry{OccurredAt: doorCall.At}},
		{"a time", "it happened before it was told", product.News{At: before}, audit.Entry{OccurredAt: before}},
		{"a time of another zone", "entries are in UTC",
			product.News{At: before.In(time.FixedZone("here", 3600))}, audit.Entry{OccurredAt: before}},
		{"a source", "the event that brought it", product.News{Source: "door/17"}, audit.Entry{OccurredAt: doorCall.At, Source: "door/17"}},
		{"a body", "it is salted with the call's salt", product.News{Body: []byte(`{"reason":"late"}`)},
			audit.Entry{OccurredAt: doorCall.At, Salt: doorCall.Salt[:], Body: []byte(`{"reason":"late"}`)}},
		{"changes", "fields by name", product.News{Changes: changes}, audit.Entry{OccurredAt: doorCall.At, Changes: changes}},
	} {
		t.Run(row.name, func(t *testing.T) {
			d := product.Begin(store.Record[ticket]{Value: drawn, Version: 4, Head: head}, subjectOf(drawn), tickets.Sum())
			d.Enter(doorCall, out, row.news)
			want := row.want
			want.Subject, want.Call, want.Actor, want.RecordedAt, want.Definition = subjectOf(drawn), doorCall.ID, door, doorCall.At, tickets.Sum()
			want.Event, want.From, want.To, want.Verdict = "enter", "valid", "used", audit.Moved
			want, _ = audit.Append(head, want)
			if got := d.Change.Entries; len(got) != 1 || !reflect.DeepEqual(got[0], want) {
				t.Errorf("entries %+v, want %+v: %s", got, want, row.why)
			}
			if e := d.Change.Entries[0]; e.Seq != 5 || e.Prev != head.Hash || e.Definition.String() != tickets.Fingerprint() {
				t.Errorf("entry %d after %s by %s, want 5 after the head, by the machine's fingerprint", e.Seq, e.Prev, e.Definition)
			}
		})
	}
}

// The fee is posted for those effects of the row that the news ask for, each once, under
// the sequence of the entry that causes it.
func TestEnterPosts(t *testing.T) {
	subject := refund.Subject(subjectOf(drawn))
	charge, _ := refund.Post(refund.Charged, subject, price, 5, doorCall.At)
	back, _ := refund.Post(refund.Refunded, subject, price, 5, doorCall.At)
	past := facts{until: doorCall.At, now: doorCall.At.Add(1)}
	for _, row := range []struct {
		name, why string
		out       lifecycle.Outcome[string, string]
		fee       refund.Amount
		does      []string
		want      []refund.Posting
	}{
		{"charge", "the row charges", outcome(t, "", sell, past), price, in(refund.Charged), in(charge)},
		{"refund", "the row refunds, and names the charge", outcome(t, valid, give, past), price, in(refund.Refunded), in(back)},
		{"both asked for", "the row knows which it is", outcome(t, valid, give, past), price, in(refund.Charged, refund.Refunded), in(back)},
		{"asked for twice", "a key is posted once", outcome(t, "", sell, past), price, in(refund.Charged, refund.Charged), in(charge)},
		{"not asked for", "it was charged before", outcome(t, "", sell, past), price, nil, nil},
		{"the other asked for", "the row does not", outcome(t, "", sell, past), price, in(refund.Refunded), nil},
		{"kept", "nothing moves", outcome(t, valid, lapse, past), price, in(refund.Kept, refund.Charged, refund.Refunded), nil},
		{"a fee of 0", "posts nothing", outcome(t, "", sell, past), refund.Amount{Currency: "EUR"}, in(refund.Charged), nil},
		{"an ignored report", "it has no effects", outcome(t, void, enter, past), price, in(refund.Charged), nil},
		{"a note", "this one is free", outcome(t, valid, reprint, past), price, in(refund.Charged), nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			d := product.Begin(store.Record[ticket]{Value: drawn, Version: 4, Head: audit.Head{Seq: 4}}, subjectOf(drawn), tickets.Sum())
			d.Enter(doorCall, row.out, product.News{Fee: row.fee, Does: row.does})
			if !reflect.DeepEqual(d.Change.Postings, row.want) {
				t.Errorf("postings %+v, want %+v: %s", d.Change.Postings, row.want, row.why)
			}
			var lines []string
			for _, p := range row.want {
				lines = append(lines, p.Line())
			}
			if e := d.Change.Entries; len(e) != 1 || e[0].Seq != 5 || !reflect.DeepEqual(e[0].Postings, lines) {
				t.Errorf("entries %+v, want one that names %q: %s", e, lines, row.why)
			}
		})
	}
}

// Both effects of one row post the charge first, as the refund names it.
func TestEnterPostsTheChargeFirst(t *testing.T) {
	def := tickets.Definition()
	for i := range def.Rows {
		if def.Rows[i].On == enter {
			def.Rows[i].Does = in(refund.Refunded, refund.Charged)
		}
	}
	machine := lifecycle.Must(def)
	out, err := machine.Decide(valid, enter, facts{})
	if err != nil {
		t.Fatal(err)
	}
	d := product.Begin(store.Record[ticket]{Value: drawn}, subjectOf(drawn), machine.Sum())
	d.Enter(doorCall, out.Plain(), product.News{Fee: price, Does: in(refund.Refunded, refund.Charged)})
	if p := d.Change.Postings; len(p) != 2 || p[0].Kind != refund.Charge || p[1].Reverses != p[0].Key {
		t.Errorf("postings %+v, want the charge and the refund of it", p)
	}
}

// Two entries of one decision follow each other, each with its own postings, and are one
// commit. The chain verifies, replays and agrees with the books.
func TestADraftOfTwoEntries(t *testing.T) {
	o := open(t)
	v := o.sold(t, order{Guest: "ann"})
	call := o.Call(clerk)
	_, err := o.Update(t.Context(), call, product.Key(clerk, v.ID), nil, func(r store.Record[ticket]) (product.Decision[ticket], error) {
		d := product.Begin(r, subjectOf(r.Value), tickets.Sum())
		d.Enter(call, outcome(t, valid, reprint, facts{}), product.News{Source: "one"})
		d.Enter(call, outcome(t, valid, give, facts{}), product.News{Source: "two", Fee: price, Does: in(refund.Refunded)})
		d.Change.Next.Status = void
		return product.Decision[ticket]{Result: product.Result[ticket]{Value: d.Change.Next}, Changes: in(d.Change)}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	trail := o.trail(t, v.ID)
	if got := events(trail); !reflect.DeepEqual(got, in("sell", "reprint/reprinted", "give_back")) {
		t.Fatalf("history %q", got)
	}
	for i, want := range []string{"", "one", "two"} {
		if e := trail.Entries[i]; e.Seq != uint64(i+1) || e.Source != want {
			t.Errorf("entry %d is %d from %q, want it from %q", i+1, e.Seq, e.Source, want)
		}
	}
	if p := trail.Postings; len(p) != 2 || p[0].Seq != 1 || p[1].Seq != 3 || len(trail.Differences) != 0 {
		t.Errorf("postings %+v, differences %v, want them under the entries 1 and 3", p, trail.Differences)
	}
	if err := audit.Verify(subjectOf(v), trail.Entries, o.stored(t, v.ID).Head); err != nil {
		t.Error(err)
	}
	if end, err := audit.Replay(trail.Entries, tickets); err != nil || end != string(void) {
		t.Errorf("replays to %q, error %v", end, err)
	}
}
