// Package linear checks stores for linearizability: what many clients at once were told
// must be what some order of one-at-a-time decisions would have told them. The pure
// kyc.Decide is the specification, and porcupine looks for the order.
package linear

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"testing"

	"github.com/anishathalye/porcupine"
	"github.com/google/uuid"

	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/kyc/kyctest"
	"github.com/kycle/kycle/store"
)

var rounds = flag.Int("linear.rounds", 3, "histories that each store is checked with; more for a long run")

const (
	clients = 16
	records = 4
	each    = 30 // wishes of one client
)

// Check drives one store through two handles with many clients on few records, several
// times anew. disturb, if not nil, is called once a history, when a quarter of its wishes
// have ended, while the clients go on: it is where faults come from. Once it has returned
// the store must answer again: whoever was refused by then waits for that, and everybody's
// last quarter does.
//
// Every answer must be explained by one order of decisions. An answer that was lost is
// looked up in the audit first: if its entry is there it has happened, and otherwise it
// has not. Afterwards every entry must belong to a wish that was not told otherwise, every
// chain verify and replay to what is stored, and the postings agree.
func Check(t *testing.T, open func(*testing.T) (one, two kyc.Repository), disturb func()) {
	t.Helper()
	one, two := open(t)
	h := kyctest.NewHost(t, one)
	for round := range *rounds {
		found, err := check(h, two, round, disturb)
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		t.Logf("round %d: %s", round, found)
	}
}

// check makes one history and judges it.
func check(h *kyctest.Host, other kyc.Repository, round int, disturb func()) (*gathering, error) {
	ctx, begin, keys := context.Background(), make([]standing, records), make([]store.Key, records)
	for i := range begin {
		v, err := h.Service.Create(ctx, h.Person, kyc.NewValidation{
			EntityID: uuid.New(), Provider: kyctest.Code, IdempotencyKey: fmt.Sprint("round ", round, " record ", i)})
		if err != nil {
			return nil, err
		}
		begin[i], keys[i] = stand(1, v, map[string]string{}), kyc.Index(v).Key()
	}
	g := &gathering{handles: []kyc.Repository{h.Repository, other}, keys: keys, now: h.Clock.Now(), told: map[uuid.UUID]answer{}, failed: map[uuid.UUID]error{}}
	if err := g.run(uint64(round), disturb); err != nil {
		return g, err
	}
	written := map[uuid.UUID]int{} // entries of a call
	for _, key := range keys {
		trail, err := h.History(ctx, h.Person, key.ID)
		if err != nil || trail.Fault != nil {
			return g, fmt.Errorf("history: %v, fault: %v", err, trail.Fault)
		}
		for _, e := range trail.Entries[1:] { // behind the creation's
			written[e.Call]++
		}
	}
	if err := g.accounted(written); err != nil {
		return g, err
	}
	return g, explained(begin, g.settled(written))
}

// accounted compares the entries with what the clients were told.
func (g *gathering) accounted(written map[uuid.UUID]int) error {
	var wrong []error
	theirs := 0
	for call, told := range g.told {
		theirs += written[call]
		want := 0
		if tellsOfAnEntry[told.verdict] {
			want = 1
		}
		if n := written[call]; told.lost && n > 1 || !told.lost && n != want {
			wrong = append(wrong, fmt.Errorf("call %s was told %+v and has %d entries", call, told, n))
		}
	}
	for call, err := range g.failed {
		if n := written[call]; n > 0 {
			wrong = append(wrong, fmt.Errorf("call %s failed without a doubt and has %d entries: %w", call, n, err))
		}
	}
	all := 0
	for _, n := range written {
		all += n
	}
	if all != theirs && len(wrong) == 0 {
		wrong = append(wrong, fmt.Errorf("%d entries of nobody's calls", all-theirs))
	}
	return errors.Join(wrong...)
}

// settled is the history with every lost answer looked up in the audit.
func (g *gathering) settled(written map[uuid.UUID]int) []porcupine.Operation {
	for i := range g.history {
		op := &g.history[i]
		if told := op.Output.(answer); told.lost {
			told.written = written[op.Input.(wish).in.Call.ID] > 0
			op.Output = told
		}
	}
	return g.history
}
