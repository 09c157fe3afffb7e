package store_test

import (
	"errors"
	"testing"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/refund"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/storetest"
)

func TestIdempotentIDIsPinned(t *testing.T) {
	// Golden: ids that hosts have in their databases. They never change.
	for _, c := range []struct{ name, why, organization, key, want string }{
		{"plain", "the id of a create with a key", "org_a", "key-1", "8306ae9a-2fcd-5d3e-b577-c8b88f160441"},
		{"empty", "no key is a key of its own to this function", "", "", "fee899e9-2122-5a7d-9260-13efd0a0a138"},
		{"parted", "organization and key must not run together", "org", "_akey-1", "51f612aa-c00c-5551-850b-5c09cf8504b5"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := store.IdempotentID(c.organization, c.key)
			if got.String() != c.want || got.Version() != 5 {
				t.Errorf("%s of version %d, want %s: %s", got, got.Version(), c.want, c.why)
			}
		})
	}
}

func TestReceived(t *testing.T) {
	r := store.Record[thing]{Receipts: map[string]string{"event 1": "approved", "word": ""}}
	for _, c := range []struct {
		name, why string
		receipts  map[string]string
		before    bool
		want      string
	}{
		{"new", "nothing of it was heard", map[string]string{"event 2": "approved"}, false, ""},
		{"none", "an input without receipts is never known", nil, false, ""},
		{"known", "it is the same again", map[string]string{"event 1": "approved"}, true, ""},
		{"known in part", "one that is there is enough", map[string]string{"event 2": "", "word": ""}, true, ""},
		{"reused", "the id stood for something else", map[string]string{"event 1": "rejected"}, true, store.EventReused},
		{"reused and new", "in whatever order they are asked", map[string]string{"event 1": "rejected", "a": "", "b": "", "word": ""}, true, store.EventReused},
	} {
		if before, why := r.Received(c.receipts); before != c.before || why != c.want {
			t.Errorf("%s: %v %q, want %v %q: %s", c.name, before, why, c.before, c.want, c.why)
		}
	}
}

func TestChangeValid(t *testing.T) {
	schema := storetest.ThingSchema()
	subject := refund.Subject{Organization: key.Organization, Kind: "thing", ID: key.ID}
	posting, _ := refund.Post(refund.Charged, subject, refund.Amount{Minor: 500, Currency: "AUD"}, 1, created)
	foreign, _ := refund.Post(refund.Charged, refund.Subject{Organization: "org_b", Kind: "thing", ID: key.ID}, posting.Amount, 1, created)
	any := errors.New("test: any error")
	for _, c := range []struct {
		name, why string
		spoil     func(*store.Change[thing])
		want      error
	}{
		{"good", "as decided", func(*store.Change[thing]) {}, nil},
		{"posting", "its own", func(c *store.Change[thing]) { c.Postings = []refund.Posting{posting} }, nil},
		{"bad owner", "NUL", func(c *store.Change[thing]) { c.Next.Owner = "a\x00" }, store.ErrText},
		{"bad exclusive key", "not UTF-8", func(c *store.Change[thing]) { c.Next.ExclusiveKey = "\xff" }, store.ErrText},
		{"bad receipt", "its key", func(c *store.Change[thing]) { c.Receipts = map[string]string{"\xff": ""} }, store.ErrText},
		{"bad why", "an entry's text is kept too", func(c *store.Change[thing]) { c.Entries[0].Why = "\x00" }, store.ErrText},
		{"bad field", "so is what it changed", func(c *store.Change[thing]) { c.Entries[0].Changes = []audit.Change{{From: "\xff"}} }, store.ErrText},
		{"bad body", "and its free text", func(c *store.Change[thing]) { c.Entries[0].Body = []byte("\xff") }, store.ErrText},
		{"foreign entry", "another organization's", func(c *store.Change[thing]) { c.Entries[0].Subject.Organization = "org_b" }, any},
		{"entry of another kind", "kinds share tables", func(c *store.Change[thing]) { c.Entries[0].Subject.Kind = "other" }, any},
		{"entry of another record", "a chain is one record's", func(c *store.Change[thing]) { c.Entries[0].Subject.ID = uuid.Nil }, any},
		{"entry 0", "sequences begin at 1", func(c *store.Change[thing]) { c.Entries[0].Seq = 0 }, any},
		{"gap", "entries of one change follow one another", func(c *store.Change[thing]) { c.Entries[1].Seq++ }, any},
		{"broken link", "by hash too", func(c *store.Change[thing]) { c.Entries[1].Prev[0]++ }, any},
		{"foreign posting", "another organization's", func(c *store.Change[thing]) { c.Postings = []refund.Posting{foreign} }, any},
		{"posting of nothing", "refund refuses it", func(c *store.Change[thing]) {
			bad := posting
			bad.Minor = 0
			c.Postings = []refund.Posting{bad}
		}, refund.ErrPosting},
	} {
		t.Run(c.name, func(t *testing.T) {
			change := decided(store.Record[thing]{}, call, "done")
			second := decided(store.Record[thing]{Head: change.Entries[0].Head()}, call, "done")
			change.Entries = append(change.Entries, second.Entries...)
			c.spoil(&change)
			err := change.Valid(schema)
			if (err == nil) != (c.want == nil) || c.want != any && !errors.Is(err, c.want) {
				t.Errorf("error %v, want %v: %s", err, c.want, c.why)
			}
		})
	}
}

func TestHistoryReconcilesBothWays(t *testing.T) {
	subject := audit.Subject{Organization: key.Organization, Kind: "thing", ID: key.ID}
	posting, _ := refund.Post(refund.Charged, refund.Subject(subject), refund.Amount{Minor: 500, Currency: "AUD"}, 1, created)
	entry, _ := audit.Append(audit.Head{}, audit.Entry{Subject: subject, RecordedAt: created, Postings: []string{posting.Line()}})
	for _, c := range []struct {
		name, why string
		history   store.History
		want      int
	}{
		{"agreed", "one names the other", store.History{Entries: []audit.Entry{entry}, Postings: []refund.Posting{posting}}, 0},
		{"no posting", "an entry without its money", store.History{Entries: []audit.Entry{entry}}, 1},
		{"no entry", "money without its entry", store.History{Postings: []refund.Posting{posting}}, 1},
		{"empty", "nothing to compare", store.History{}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.history.Reconcile(subject); len(got) != c.want {
				t.Errorf("%d differences %v, want %d: %s", len(got), got, c.want, c.why)
			}
		})
	}
}
