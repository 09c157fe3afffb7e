package etcd

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/etcd"
	"github.com/kycle/kycle/store/storetest"
)

// TestTooLargeIsRefused goes to the limits of a transaction and beyond: what this side
// lets pass etcd must take, and what it would refuse is never sent.
func TestTooLargeIsRefused(t *testing.T) {
	for _, c := range []struct {
		name, why string
		receipts  int
		body      int // bytes
		refused   bool
	}{
		{"119 receipts", "with record, entry, posting, four keys to find it by and a new status: 128 operations", 119, 0, false},
		{"one receipt more", "etcd would refuse the whole", 120, 0, true},
		{"many more", "also more than one read looks up", 400, 0, true},
		{"a body of 1.5 MiB less what surrounds it", "the limit is of the whole request", 0, 1_570_000, false},
		{"a body of 1.5 MiB", "its keys make it larger than the limit", 0, 1536 << 10, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, wire := tapped(t, prefix())
			change := charged(1)
			change.Receipts = map[string]string{}
			for n := range c.receipts {
				change.Receipts[fmt.Sprint("receipt ", n)] = "1"
			}
			if c.body > 0 {
				e := change.Entries[0]
				e.Body = []byte(`{"reason":"` + strings.Repeat("x", c.body) + `"}`)
				e, _ = audit.Append(audit.Head{}, e)
				change.Entries = []audit.Entry{e}
			}
			err := s.Commit(t.Context(), change)
			var large *etcd.TooLarge
			if errors.As(err, &large) != c.refused || (err != nil) != c.refused {
				t.Fatalf("commit: error %v: %s", err, c.why)
			}
			if c.refused && (wire.count()["write"] > 0 || large.Operations <= 128 && large.Bytes <= 1536<<10) {
				t.Errorf("%+v, and %d transactions were sent", large, wire.count()["write"])
			}
			if _, err := s.Load(t.Context(), keyOf(1)); (err == nil) == c.refused {
				t.Errorf("load: error %v: %s", err, c.why)
			}
		})
	}
}

// many is more than two batches of whatever is read in batches.
const many = 230

// TestLongReads walks ranges that are longer than one answer may be.
func TestLongReads(t *testing.T) {
	one, two := handles(t, storetest.ThingSchema())(t)
	var record store.Record[thing]
	for n := range many {
		if err := one.Commit(t.Context(), told(store.Record[thing]{}, n, idOf(1))); err != nil {
			t.Fatalf("commit: %v", err)
		}
		if n > 0 {
			if err := one.Commit(t.Context(), told(record, 0, idOf(n))); err != nil {
				t.Fatalf("commit: %v", err)
			}
		}
		var err error
		if record, err = two.Load(t.Context(), keyOf(0)); err != nil {
			t.Fatalf("load: %v", err)
		}
	}
	t.Run("history", func(t *testing.T) { longHistory(t, two) })
	t.Run("list", func(t *testing.T) { longList(t, two) })
	t.Run("due", func(t *testing.T) { longDue(t, one, two) })
}

func longHistory(t *testing.T, s store.Repository[thing]) {
	for _, c := range []struct{ after, limit, want int }{{0, 0, many}, {0, 150, 150}, {many - 120, 0, 120}, {100, 100, 100}} {
		h, err := s.History(t.Context(), keyOf(0), uint64(c.after), c.limit)
		if err != nil || len(h.Entries) != c.want {
			t.Fatalf("after %d, limit %d: %d entries, error %v", c.after, c.limit, len(h.Entries), err)
		}
		for i, e := range h.Entries {
			if e.Seq != uint64(c.after+i+1) {
				t.Fatalf("after %d: entry %d in place %d", c.after, e.Seq, i)
			}
		}
	}
}

func longList(t *testing.T, s store.Repository[thing]) {
	for _, c := range []struct {
		status              string
		offset, limit, want int
		total               int
	}{{"", 0, many, many, many}, {"", 150, 60, 60, many}, {"ended", 60, 100, (many+2)/3 - 60, (many + 2) / 3}, {"", many - 1, 9, 1, many}} {
		page, err := s.List(t.Context(), store.Query{Organization: "org_a", Owner: owner, Status: c.status, Offset: c.offset, Limit: c.limit})
		if err != nil || len(page.Records) != c.want || page.Total != c.total {
			t.Fatalf("%+v: %d records of %d, error %v", c, len(page.Records), page.Total, err)
		}
		for i := range page.Records[1:] {
			if !page.Records[i].Value.Created.After(page.Records[i+1].Value.Created) {
				t.Fatalf("%+v: not newest first at %d", c, i)
			}
		}
	}
}

// longDue leases in turns, each handle past what the other has.
func longDue(t *testing.T, one, two store.Repository[thing]) {
	now := epoch.Add(time.Hour)
	var got []store.Key
	for turn := 0; len(got) < many; turn++ {
		s := []store.Repository[thing]{one, two}[turn%2]
		keys, err := s.Due(t.Context(), now, time.Minute, 70)
		if err != nil || len(keys) != min(70, many-len(got)) {
			t.Fatalf("turn %d: %d keys after %d, error %v", turn, len(keys), len(got), err)
		}
		got = append(got, keys...)
	}
	var want []store.Key
	for n := range many {
		want = append(want, keyOf(n))
	}
	if !slices.Equal(got, want) {
		t.Error("not the longest due first")
	}
	if keys, err := one.Due(t.Context(), now.Add(time.Minute), 0, 1000); err != nil || !slices.Equal(keys, want) {
		t.Errorf("after the leases: %d keys, error %v", len(keys), err)
	}
}

// TestKindsAndPrefixesNeverMeet puts two kinds under one prefix, and a third store under
// one that begins like it, all with the same ids.
func TestKindsAndPrefixesNeverMeet(t *testing.T) {
	client, under := shared.dial(t), prefix()
	other := storetest.ThingSchema()
	other.Kind = "thing_other"
	stores := []store.Repository[thing]{
		etcd.New(client, under, storetest.ThingSchema()), etcd.New(client, under, other), etcd.New(client, under+"r", storetest.ThingSchema()),
	}
	for i, s := range stores {
		c := told(store.Record[thing]{}, 1, idOf(1))
		c.Entries, c.Next.Note = nil, fmt.Sprint("of store ", i)
		if err := s.Commit(t.Context(), c); err != nil {
			t.Fatalf("store %d: commit: %v", i, err)
		}
	}
	for i, s := range stores {
		record, err := s.Load(t.Context(), store.Key{Session: idOf(1).String()})
		if err != nil || record.Value.Note != fmt.Sprint("of store ", i) {
			t.Errorf("store %d: load: %q, error %v", i, record.Value.Note, err)
		}
		if keys, err := s.Due(t.Context(), epoch.Add(time.Hour), time.Hour, 10); err != nil || len(keys) != 1 {
			t.Errorf("store %d: due: %v, error %v", i, keys, err)
		}
		if page, err := s.List(t.Context(), store.Query{Organization: "org_a", Owner: owner, Limit: 10}); err != nil || page.Total != 1 {
			t.Errorf("store %d: list: %d, error %v", i, page.Total, err)
		}
	}
}

// TestAnOwnerIsNoPartOfAKey asks for the list of an owner whose name is made to end within
// the key of somebody else's record.
func TestAnOwnerIsNoPartOfAKey(t *testing.T) {
	one, _ := handles(t, storetest.ThingSchema())(t)
	c := told(store.Record[thing]{}, 1, idOf(1))
	c.Next.Created = time.UnixMicro(0x0005_ffff_ffff_ffff).UTC() // its key goes on with 7f fa 00
	if err := one.Commit(t.Context(), c); err != nil {
		t.Fatalf("commit: %v", err)
	}
	for _, name := range []string{owner + "\x00\x7f\xfa", owner[:8], owner + "\x00"} {
		page, err := one.List(t.Context(), store.Query{Organization: "org_a", Owner: name, Limit: 10})
		if err != nil || page.Total+len(page.Records) > 0 {
			t.Errorf("list of %q: %d of %d, error %v; want none", name, len(page.Records), page.Total, err)
		}
	}
}
