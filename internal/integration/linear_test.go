package integration

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/kyc/kyctest"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/store"
)

var linearRounds = flag.Int("linear.rounds", 3, "histories that each store is checked with; more for a long run")

const (
	linearClients = 16
	linearRecords = 4
	linearEach    = 30 // operations of one client
)

// wish is what one client asks of one record.
type wish struct {
	record int
	in     kyc.Input // Event "": it only reads
}

// answer is what the client was told. unknown: nobody could tell, so the wish may have come
// true at any time since, or not at all.
type answer struct {
	verdict lifecycle.Verdict
	why     string
	status  kyc.Status
	current bool
	version uint64 // at which the record stood then: a write that is lost shows here at once
	unknown bool
}

// standing is a record's state in the model: the validation and its receipts. encoded
// holds both, for comparison.
type standing struct {
	version  uint64
	value    kyc.Validation
	receipts map[string]string
	encoded  string
}

func stand(version uint64, v kyc.Validation, receipts map[string]string) standing {
	encoded, err := kyc.Schema.Encode(v)
	if err != nil {
		panic(err) // a value that Decide made can be encoded
	}
	keys := make([]string, 0, len(receipts))
	for key := range receipts {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return standing{version, v, receipts, fmt.Sprint(version, " ") + string(encoded) + strings.Join(keys, "\n")}
}

// step is the specification: the pure Decide, one wish at a time. It gives the answer and
// where the record stands afterwards.
func step(s standing, w wish) (answer, standing) {
	if w.in.Event == "" {
		return answer{status: s.value.Status, current: s.value.IsCurrent(), version: s.version}, s
	}
	d, err := kyc.Decide(store.Record[kyc.Validation]{Value: s.value, Version: s.version, Receipts: s.receipts}, w.in, kyc.DefaultSettings())
	if err != nil {
		return answer{verdict: lifecycle.Refuse}, s
	}
	got := decided(d, s.version)
	if len(d.Changes) == 0 {
		return got, s
	}
	receipts := maps.Clone(s.receipts)
	maps.Copy(receipts, d.Changes[0].Receipts)
	return got, stand(got.version, d.Validation, receipts)
}

// decided is what a client is told of a decision on a record at a version.
func decided(d kyc.Decision, version uint64) answer {
	return answer{verdict: d.Verdict, why: d.Why, status: d.Validation.Status, current: d.Validation.IsCurrent(), version: version + uint64(len(d.Changes))}
}

// sequential is the model that a history must agree with, for records that begin so.
func sequential(begin []standing) porcupine.Model {
	type state struct {
		record int // -1: none asked yet
		standing
	}
	model := porcupine.NondeterministicModel{
		Init: func() []any { return []any{state{record: -1}} },
		Step: func(from, input, output any) []any {
			s, w, was := from.(state), input.(wish), output.(answer)
			if s.record < 0 {
				s = state{w.record, begin[w.record]}
			}
			want, next := step(s.standing, w)
			switch {
			case was.unknown:
				return []any{s, state{w.record, next}}
			case want == was:
				return []any{state{w.record, next}}
			}
			return nil
		},
		Equal: func(a, b any) bool { return a.(state).encoded == b.(state).encoded },
		Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
			parts := make([][]porcupine.Operation, len(begin))
			for _, op := range history {
				record := op.Input.(wish).record
				parts[record] = append(parts[record], op)
			}
			return parts
		},
	}
	return model.ToModel()
}

// client makes one wish through a repository, by the one road that commits.
func client(repo kyc.Repository, key store.Key, w wish) (got answer, err error) {
	ctx := context.Background()
	if w.in.Event == "" {
		r, err := repo.Load(ctx, key)
		return answer{status: r.Value.Status, current: r.Value.IsCurrent(), version: r.Version}, err
	}
	ask := store.Ask{Key: key}
	for receipt := range w.in.Receipts {
		ask.Receipts = append(ask.Receipts, receipt)
	}
	err = store.Update(ctx, repo, w.in.Call.ID, 1000, []store.Ask{ask}, func(found []store.Record[kyc.Validation]) ([]store.Change[kyc.Validation], error) {
		d, err := kyc.Decide(found[0], w.in, kyc.DefaultSettings())
		if err == nil {
			got = decided(d, found[0].Version)
		}
		return d.Changes, err
	})
	switch {
	case errors.Is(err, store.ErrUnknownOutcome):
		return answer{unknown: true}, nil
	case errors.Is(err, lifecycle.ErrNotAllowed):
		return answer{verdict: lifecycle.Refuse}, nil
	}
	return got, err
}

// draw gives a client's n-th wish: mostly reports, often late or repeated; commands only
// towards the end, since a decision by hand would absorb a record at once and hide faults.
func draw(r *rand.Rand, now time.Time, n int) wish {
	w := wish{record: r.IntN(linearRecords)}
	if r.IntN(10) == 0 {
		return w
	}
	w.in.Call = audit.Call{ID: uuid.New(), Salt: uuid.New(), At: now, Actor: kyc.Actor{Organization: kyctest.Organization, Kind: audit.Person, ID: "user_a"}}
	if n > linearEach*4/5 && r.IntN(5) == 0 {
		w.in.Event, w.in.Reason, w.in.Reading = kyc.Approve, "because of it", kyc.ProviderInReview
		if r.IntN(2) == 0 {
			w.in.Event = kyc.Cancel
		}
		return w
	}
	said := []kyc.ProviderStatus{kyc.ProviderNotStarted, kyc.ProviderInProgress, kyc.ProviderInReview, kyc.ProviderInReview, kyc.ProviderApproved, kyc.ProviderRejected, kyc.ProviderExpired}
	w.in.Word = kyc.Word{Status: said[r.IntN(len(said))], At: now.Add(time.Duration(n+r.IntN(8)) * time.Second)}
	w.in.Event, _ = w.in.Word.Status.Event()
	w.in.Receipts = map[string]string{fmt.Sprint("event ", r.IntN(200)): "", fmt.Sprint("word ", w.in.Word): ""}
	return w
}

// linearizable drives one store through two handles with many clients on few records and
// checks that what they were told is what some order of one-at-a-time decisions would have
// told them. during, if not nil, runs meanwhile: it is where faults come from, and asked(n)
// lets it wait until n wishes have ended. A wish that fails without a doubt has changed
// nothing, and is left out.
func linearizable(t *testing.T, one, two kyc.Repository, during func(asked func(n int))) {
	t.Helper()
	for round := range *linearRounds {
		h := kyctest.NewHost(t, one)
		begin, keys := make([]standing, linearRecords), make([]store.Key, linearRecords)
		for i := range begin {
			v, err := h.Service.Create(context.Background(), h.Person, kyc.NewValidation{
				EntityID: uuid.New(), Provider: kyctest.Code, IdempotencyKey: fmt.Sprint("round ", round, " record ", i)})
			if err != nil {
				t.Fatal(err)
			}
			begin[i], keys[i] = stand(1, v, map[string]string{}), kyc.Index(v).Key()
		}
		history := gather(t, []kyc.Repository{one, two}, keys, h.Clock.Now(), uint64(round), during)
		if err := explained(begin, history); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		for _, key := range keys {
			trail, err := h.History(context.Background(), h.Person, key.ID)
			if err != nil || trail.Fault != nil {
				t.Fatalf("round %d: history: %v, fault: %v", round, err, trail.Fault)
			}
		}
	}
}

// explained tells whether some order of decisions explains a history. That it could not
// be found out in time is a failure too.
func explained(begin []standing, history []porcupine.Operation) error {
	result, _ := porcupine.CheckOperationsVerbose(sequential(begin), history, 2*time.Minute)
	if result != porcupine.Ok {
		return fmt.Errorf("the history of %d operations is %s: no order of decisions was found that explains it", len(history), result)
	}
	return nil
}

// gather runs the clients and writes down what each asked and was told, and when.
func gather(t *testing.T, handles []kyc.Repository, keys []store.Key, now time.Time, seed uint64, during func(asked func(n int))) (history []porcupine.Operation) {
	var mu sync.Mutex
	var wait sync.WaitGroup
	ended, more := 0, sync.NewCond(&mu)
	start := time.Now()
	for c := range linearClients {
		wait.Go(func() {
			r := rand.New(rand.NewPCG(seed, uint64(c)))
			for n := range linearEach {
				w := draw(r, now, n)
				op := porcupine.Operation{ClientId: c, Input: w, Call: int64(time.Since(start))}
				got, err := client(handles[c%len(handles)], keys[w.record], w)
				mu.Lock()
				ended++
				more.Broadcast()
				mu.Unlock()
				if err != nil {
					if during == nil {
						t.Errorf("client %d: %v", c, err)
					}
					continue
				}
				op.Output, op.Return = got, int64(time.Since(start))
				if got.unknown {
					op.Return = int64(time.Hour)
				}
				mu.Lock()
				history = append(history, op)
				mu.Unlock()
			}
		})
	}
	if during != nil {
		during(func(n int) {
			mu.Lock()
			defer mu.Unlock()
			for ended < n {
				more.Wait()
			}
		})
	}
	wait.Wait()
	return history
}
