package linear

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/kyc/kyctest"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/store"
)

// tellsOfAnEntry has the verdicts that leave an entry.
var tellsOfAnEntry = map[lifecycle.Verdict]bool{lifecycle.Move: true, lifecycle.Ignore: true}

// gathering is one history in the making: what each client asked and was told, and when.
type gathering struct {
	handles []kyc.Repository
	keys    []store.Key
	now     time.Time

	mended chan struct{} // closed once nothing disturbs any more
	mu     sync.Mutex
	more   *sync.Cond // ended has grown
	ended  int
	after  int // answered, of those asked when nothing disturbed any more

	history []porcupine.Operation
	told    map[uuid.UUID]answer // by call; reads have none
	failed  map[uuid.UUID]error  // of calls that have, without a doubt, not happened
}

func (g *gathering) String() string {
	lost, perhaps := 0, 0
	for _, op := range g.history {
		switch told := op.Output.(answer); {
		case told.perhaps:
			perhaps++
		case told.lost:
			lost++
		}
	}
	return fmt.Sprintf("%d answers, %d of them lost, and %d failures; %d stays were in doubt; %d answers once nothing disturbed any more",
		len(g.history)-perhaps, lost, len(g.failed), perhaps, g.after)
}

// run lets all clients make their wishes, and disturbs them.
func (g *gathering) run(seed uint64, disturb func()) error {
	g.more, g.mended = sync.NewCond(&g.mu), make(chan struct{})
	var wait sync.WaitGroup
	start := time.Now()
	for c := range clients {
		wait.Go(func() { g.client(c, rand.New(rand.NewPCG(seed, uint64(c))), start) })
	}
	if disturb != nil {
		g.mu.Lock()
		for g.ended < clients*each/4 {
			g.more.Wait()
		}
		g.mu.Unlock()
		disturb()
	}
	close(g.mended)
	wait.Wait()
	if g.after == 0 {
		return errors.New("nobody was answered any more")
	}
	for call, err := range g.failed {
		if disturb == nil {
			return fmt.Errorf("call %s: %w", call, err)
		}
	}
	return nil
}

// client makes the wishes of one client, one after the other.
func (g *gathering) client(c int, r *rand.Rand, start time.Time) {
	for n := range each {
		if n == each*3/4 {
			<-g.mended // the last quarter is for a store that has recovered
		}
		w := draw(r, g.now, n)
		calm := closed(g.mended)
		op := porcupine.Operation{ClientId: c, Input: w, Call: int64(time.Since(start))}
		repo := &doubted{Repository: g.handles[c%len(g.handles)]}
		told, err := ask(repo, g.keys[w.record], w)
		op.Output, op.Return = told, int64(time.Since(start))
		if told.lost {
			op.Return = math.MaxInt64 // it may come true at any time
		}
		g.mu.Lock()
		g.ended++
		g.more.Broadcast()
		for range repo.stays {
			g.history = append(g.history, porcupine.Operation{ClientId: c, Input: w, Call: op.Call, Output: answer{perhaps: true}, Return: math.MaxInt64})
		}
		if err != nil { // it has changed nothing, and is left out of the history
			g.failed[w.in.Call.ID] = err
		} else {
			g.history = append(g.history, op)
			if w.in.Event != "" {
				g.told[w.in.Call.ID] = told
			}
			if calm && !told.lost {
				g.after++
			}
		}
		g.mu.Unlock()
		if err != nil {
			<-g.mended
		}
	}
}

func closed(c chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// doubted counts the commits of a stay whose outcome nobody knew. A stay has no entry that
// could settle it, so it is decided again, and its wish is told what it is by then: the
// duplicate, as likely as not, of a commit of its own. Each of these may have come true
// besides.
type doubted struct {
	kyc.Repository
	stays int
}

func (d *doubted) Commit(ctx context.Context, changes ...store.Change[kyc.Validation]) error {
	err := d.Repository.Commit(ctx, changes...)
	if errors.Is(err, store.ErrUnknownOutcome) && len(changes[0].Entries) == 0 {
		d.stays++
	}
	return err
}

// ask makes one wish through a repository, by the one road that commits.
func ask(repo kyc.Repository, key store.Key, w wish) (told answer, err error) {
	ctx := context.Background()
	if w.in.Event == "" {
		r, err := repo.Load(ctx, key)
		return answer{status: r.Value.Status, current: r.Value.IsCurrent, version: r.Version}, err
	}
	var found store.Record[kyc.Validation]
	wanted := store.Read[kyc.Validation]{Key: key, Into: &found}
	for receipt := range w.in.Receipts {
		wanted.Receipts = append(wanted.Receipts, receipt)
	}
	reads, limits := []store.Read[kyc.Validation]{wanted}, store.Limits{Attempts: 1000}
	err = store.Update(ctx, repo, w.in.Call.ID, limits, reads, func() ([]store.Change[kyc.Validation], error) {
		d, err := kyc.Decide(found, w.in, kyc.DefaultSettings())
		if err == nil {
			told = decided(d, found.Version)
		}
		return d.Changes, err
	})
	switch {
	case errors.Is(err, store.ErrUnknownOutcome):
		return answer{lost: true}, nil
	case errors.Is(err, lifecycle.ErrNotAllowed):
		return answer{verdict: lifecycle.Refuse}, nil
	}
	return told, err
}

// said are the words of the provider that clients report.
var said = []kyc.ProviderStatus{
	kyc.ProviderNotStarted, kyc.ProviderInProgress, kyc.ProviderInReview, kyc.ProviderInReview,
	kyc.ProviderApproved, kyc.ProviderRejected, kyc.ProviderExpired,
}

// draw gives a client's n-th wish: mostly reports, often late or repeated; commands only
// towards the end, since a decision by hand would absorb a record at once and hide faults.
func draw(r *rand.Rand, now time.Time, n int) (w wish) {
	w = wish{record: r.IntN(records)}
	defer func() { w.in.Call.Actor = actor(w.in.Event) }() // once the event is drawn
	w.in.Call = audit.Call{ID: uuid.New(), Salt: uuid.New(), At: now}
	if r.IntN(10) == 0 {
		return w
	}
	if n > each*4/5 && r.IntN(5) == 0 {
		w.in.Event, w.in.Reason, w.in.Reading = kyc.Approve, "because of it", kyc.ProviderInReview
		if r.IntN(2) == 0 {
			w.in.Event = kyc.Cancel
		}
		return w
	}
	w.in.Word = kyc.Word{Status: said[r.IntN(len(said))], At: now.Add(time.Duration(n+r.IntN(8)) * time.Second)}
	w.in.Event, _ = w.in.Word.Status.Event()
	w.in.Receipts = map[string]string{fmt.Sprint("event ", r.IntN(200)): "", fmt.Sprint("word ", w.in.Word): ""}
	return w
}

// actor is of a kind that may bring the event: the first that the table lists.
func actor(on kyc.Event) kyc.Actor {
	for _, e := range kyc.Machine.Definition().Events {
		if e.Name == on {
			return kyc.Actor{Organization: kyctest.Organization, Kind: e.By[0], ID: "user_a"}
		}
	}
	return kyc.Actor{Organization: kyctest.Organization, Kind: audit.Person, ID: "user_a"}
}
