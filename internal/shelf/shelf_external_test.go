package shelf_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/internal/shelf"
	"github.com/kycle/kycle/refund"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/storetest"
)

var day = time.Date(2025, 1, 15, 0, 0, 0, 0, time.UTC)

// change is one of the n-th thing, with an entry behind the head.
func change(n byte, expect uint64, head audit.Head, edit func(*store.Change[storetest.Thing])) store.Change[storetest.Thing] {
	id := uuid.UUID{6: 0x80, 8: 0x80, 15: n}
	c := store.Change[storetest.Thing]{Expect: expect, Next: storetest.MakeThing(storetest.Facts{Organization: "org_a", ID: id, Owner: "owner", Created: day, Due: day})}
	e, _ := audit.Append(head, audit.Entry{Subject: audit.Subject{Organization: "org_a", Kind: storetest.ThingSchema().Kind, ID: id}, Event: "told", Verdict: audit.Moved})
	c.Entries = []audit.Entry{e}
	if edit != nil {
		edit(&c)
	}
	return c
}

func charged(c *store.Change[storetest.Thing]) {
	subject := refund.Subject(c.Entries[0].Subject)
	p, _ := refund.Post(refund.Charged, subject, refund.Amount{Minor: 1, Currency: "AUD"}, c.Entries[0].Seq, day)
	c.Postings = []refund.Posting{p}
}

func received(c *store.Change[storetest.Thing]) { c.Receipts = map[string]string{"key": "value"} }

func TestAShelfIsTakenBackToWhereItWas(t *testing.T) {
	s := &shelf.Shelf[storetest.Thing]{Schema: storetest.ThingSchema()}
	commit := func(c store.Change[storetest.Thing]) error { return s.Commit(t.Context(), c) }
	if err := commit(change(1, 0, audit.Head{}, received)); err != nil {
		t.Fatal(err)
	}
	before := s.Lives
	head := before[0].Head
	if err := commit(change(1, 1, head, charged)); err != nil {
		t.Fatal(err)
	}
	after := s.Lives[0]
	for _, row := range []struct {
		name, why string
		change    store.Change[storetest.Thing]
		want      error
	}{
		{"a stale version", "another came first", change(1, 1, head, nil), store.ErrConflict},
		{"a record that is there", "it must not be", change(1, 0, audit.Head{}, nil), store.ErrConflict},
		{"a record that is not there", "it must be", change(2, 1, audit.Head{}, nil), store.ErrConflict},
		{"a posting twice", "one per key, for ever", change(1, 2, after.Head, charged), store.ErrDuplicate},
		{"a receipt twice", "one per key, for ever", change(1, 2, after.Head, received), store.ErrDuplicate},
	} {
		if err := commit(row.change); !errors.Is(err, row.want) || s.Lives[0] != after || len(s.Lives) != 1 {
			t.Errorf("%s: %v: %s", row.name, err, row.why)
		}
	}
	key := store.Key{Organization: "org_a", ID: after.Change.Entries[0].Subject.ID}
	h, err := s.History(t.Context(), key, 1, 0)
	if err != nil || len(h.Entries) != 1 || h.Entries[0].Seq != 2 || len(h.Postings) != 1 || len(after.Since(before[0])) != 1 {
		t.Errorf("history %+v %v", h, err)
	}
	if r, err := s.Load(t.Context(), key, "key", "other"); err != nil || r.Version != 2 || r.Receipts["key"] != "value" || len(r.Receipts) != 1 {
		t.Errorf("loaded %+v %v", r, err)
	}
	if keys, err := s.Due(t.Context(), day, 0, 5); err != nil || len(keys) != 1 {
		t.Errorf("due %v %v", keys, err)
	}
	s.Lives = before
	if r, err := s.Load(t.Context(), key); err != nil || r.Version != 1 || r.Head != head {
		t.Errorf("back where it was: %+v %v", r, err)
	}
}
