package etcd

import (
	"context"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/refund"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/etcd"
	"github.com/kycle/kycle/store/storetest"
)

type thing = storetest.Thing

var epoch = time.Date(2025, 1, 15, 10, 30, 0, 0, time.UTC)

// owner has all things of a test.
const owner = "11111111-1111-4111-8111-111111111111"

// idOf gives the n-th record's id.
func idOf(n int) (id uuid.UUID) {
	id[6], id[8], id[14], id[15] = 0x40, 0x80, byte(n>>8), byte(n)
	return id
}

func keyOf(n int) store.Key { return store.Key{Organization: "org_a", ID: idOf(n)} }

// told is a change of the n-th record: the higher n is, the newer and the later due. It
// ends every third one.
func told(on store.Record[thing], n int, call uuid.UUID) store.Change[thing] {
	moment := epoch.Add(time.Duration(n) * time.Second)
	f := storetest.Facts{
		Organization: "org_a", ID: idOf(n), Owner: owner, Session: idOf(n).String(), Ended: n%3 == 0,
		Created: moment, Due: moment, Note: "told",
	}
	entry, _ := audit.Append(on.Head, audit.Entry{
		Subject: audit.Subject{Organization: "org_a", Kind: "thing", ID: idOf(n)}, Call: call,
		Event: "told", From: "open", To: "open", Verdict: audit.Moved, OccurredAt: epoch, RecordedAt: epoch,
		Actor: audit.Actor{Organization: "org_a", Kind: audit.Person, ID: "user_a"},
		Salt:  []byte("salt"), Body: []byte(`{"reason":"because it is so"}`),
	})
	return store.Change[thing]{Next: storetest.MakeThing(f), Expect: on.Version, Entries: []audit.Entry{entry}}
}

// charged is a creation with everything that a commit can have.
func charged(n int) store.Change[thing] {
	c := told(store.Record[thing]{}, n, idOf(1))
	subject := refund.Subject{Organization: "org_a", Kind: "thing", ID: idOf(n)}
	p, _ := refund.Post(refund.Charged, subject, refund.Amount{Minor: 500, Currency: "AUD"}, 1, epoch)
	c.Postings, c.Receipts = []refund.Posting{p}, map[string]string{"key": "1"}
	return c
}

// tap stands between a store and its client. Its hooks see each call and may make it fail:
// before it is sent, or after it was answered.
type tap struct {
	clientv3.KV
	mu            sync.Mutex
	before, after func(call) error
	sent          map[string]int // by what
}

// call is one question to etcd.
type call struct {
	what string // "read" or "write"
	n    int    // the how-many-eth of those, from 1
}

// tapped gives a store on a client of its own, with a tap between.
func tapped(t *testing.T, under string) (*etcd.Store[thing], *tap) {
	t.Helper()
	client := shared.dial(t)
	wire := &tap{KV: client.KV, sent: map[string]int{}}
	client.KV = wire
	return etcd.New(client, under, storetest.ThingSchema()), wire
}

// set sets the hooks and counts anew; nil lets everything pass.
func (t *tap) set(before, after func(call) error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.before, t.after, t.sent = before, after, map[string]int{}
}

func (t *tap) count() map[string]int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return maps.Clone(t.sent)
}

func (t *tap) Do(ctx context.Context, op clientv3.Op) (clientv3.OpResponse, error) {
	c := call{what: "read"}
	_, then, _ := op.Txn()
	for _, inner := range then {
		if !inner.IsGet() {
			c.what = "write"
		}
	}
	t.mu.Lock()
	t.sent[c.what]++
	c.n = t.sent[c.what]
	before, after := t.before, t.after
	t.mu.Unlock()
	if before != nil {
		if err := before(c); err != nil {
			return clientv3.OpResponse{}, err
		}
	}
	answer, err := t.KV.Do(ctx, op)
	if err == nil && after != nil {
		err = after(c)
	}
	return answer, err
}
