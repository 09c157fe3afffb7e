package kycle_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/refund"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/memory"
	"github.com/kycle/kycle/store/storetest"
)

// screening is a product of a host's own: an order to look a company up in sanctions
// lists, paid when it is made and refunded if it is withdrawn before the answer.
type screening struct {
	Organization string
	ID           uuid.UUID
	Status       string
	OrderedAt    time.Time
}

type screeningRow = lifecycle.Row[string, string, struct{}]

var screenings = lifecycle.Must(lifecycle.Definition[string, string, struct{}]{
	Name: "screening", Title: "Sanctions screening",
	States: []lifecycle.State[string, string]{
		{Name: "ordered", NoDeadline: "the list's owner always answers"},
		{Name: "clear", Final: true},
		{Name: "hit", Final: true},
		{Name: "withdrawn", Final: true, Absorbing: true},
	},
	Events: []lifecycle.Event[string]{
		{Name: "order", Kind: lifecycle.Command, By: []string{audit.Person}},
		{Name: "withdraw", Kind: lifecycle.Command, By: []string{audit.Person}},
		{Name: "found_nothing", Kind: lifecycle.Report, By: []string{audit.Provider}},
		{Name: "found_something", Kind: lifecycle.Report, By: []string{audit.Provider}},
	},
	Rows: []screeningRow{
		{On: "order", To: "ordered", Does: []string{refund.Charged}, Why: "a search is paid in advance"},
		{On: "withdraw", From: []string{"ordered"}, To: "withdrawn", Does: []string{refund.Refunded}, Why: "nothing was delivered"},
		{On: "found_nothing", From: []string{"ordered"}, To: "clear", Why: "no list has the company"},
		{On: "found_something", From: []string{"ordered", "clear"}, To: "hit", Why: "a list has it, perhaps since today"},
	},
	Terms: []lifecycle.Term{
		{Name: refund.Charged, Means: "the fee becomes due"},
		{Name: refund.Refunded, Means: "the fee is owed back"},
	},
	Policies: []lifecycle.Policy{
		{ID: "SCR-1", Source: "terms of service", Says: "A search is paid once, when it is ordered.", Claims: []lifecycle.Claim{
			lifecycle.Only(lifecycle.Doing(refund.Charged), lifecycle.On("order")),
			lifecycle.AtMostOnce(lifecycle.Doing(refund.Charged))}},
		{ID: "SCR-2", Source: "terms of service", Says: "What was delivered is not refunded.", Claims: []lifecycle.Claim{
			lifecycle.Only(lifecycle.Doing(refund.Refunded), lifecycle.From("ordered")),
			lifecycle.AtMostOnce(lifecycle.Doing(refund.Refunded))}},
	},
})

// screeningSchema is what a store needs to know of it.
var screeningSchema = store.Schema[screening]{
	Kind: "screening",
	Index: func(s screening) store.Index {
		return store.Index{Organization: s.Organization, ID: s.ID, Status: s.Status, Created: s.OrderedAt}
	},
	Encode: func(s screening) ([]byte, error) { return json.Marshal(s) },
	Decode: func(b []byte) (s screening, err error) { return s, json.Unmarshal(b, &s) },
}

var errForbidden = errors.New("screening: not for this kind of actor")

// judge is the pure half of every operation: one event on one record, under the id by which
// a repeat of it is known. Nothing that is refused is written; what is ignored leaves an
// entry that says why.
func judge(r store.Record[screening], event, id string, call audit.Call) ([]store.Change[screening], error) {
	receipts := map[string]string{id: event}
	switch before, _ := r.Received(receipts); {
	case r.Value.Organization != call.Actor.Organization, r.Version == 0 && event != "order":
		return nil, store.ErrNotFound // somebody else's is not there either
	case !screenings.By(event, call.Actor.Kind):
		return nil, errForbidden
	case before:
		return nil, nil // said twice, heard once
	}
	out, err := screenings.Decide(r.Value.Status, event, struct{}{})
	if err != nil {
		return nil, err
	}
	d := store.NewDraft(r)
	s := &d.Change.Next
	s.Status, d.Change.Receipts = out.To, receipts
	if out.Verdict == lifecycle.Stay {
		return []store.Change[screening]{d.Change}, nil
	}
	e := call.Entry(audit.Subject{Organization: s.Organization, Kind: "screening", ID: s.ID}, nil)
	e.Event, e.From, e.To, e.Why = event, out.From, out.To, out.Why
	e.Verdict = map[lifecycle.Verdict]audit.Verdict{lifecycle.Move: audit.Moved, lifecycle.Ignore: audit.Ignored}[out.Verdict]
	if e.Definition, err = audit.ParseDigest(screenings.Fingerprint()); err != nil {
		return nil, err
	}
	var postings []refund.Posting
	for _, effect := range []string{refund.Charged, refund.Refunded} {
		fee := refund.Amount{Minor: 300, Currency: "AUD"}
		if p, due := refund.Post(effect, refund.Subject(e.Subject), fee, d.Seq(), call.At); due && out.Does(effect) {
			postings = append(postings, p)
		}
	}
	d.Append(e, postings...)
	return []store.Change[screening]{d.Change}, nil
}

// A product of your own gets what KYC validations and ID Passes have: one commit for
// state, entry, posting and receipt, guarded by a version, and a trail that proves itself.
func Example_aProductOfYourOwn() {
	ctx, clock, repo := context.Background(), storetest.NewClock(), memory.New(screeningSchema)
	key := store.Key{Organization: "org_a", ID: uuid.New()}
	on := func(actorKind, event, id string) error {
		clock.Advance(time.Hour)
		call := audit.Call{ID: uuid.New(), Salt: uuid.New(), At: clock.Now(), Actor: audit.Actor{Organization: "org_a", Kind: actorKind, ID: "id_1"}}
		var found store.Record[screening]
		reads := []store.Read[screening]{{Key: key, Receipts: []string{id}, Into: &found}}
		return store.Update(ctx, repo, call.ID, store.Limits{}, reads, func() ([]store.Change[screening], error) {
			if found.Version == 0 { // not there: perhaps this is its birth
				found.Value = screening{Organization: key.Organization, ID: key.ID, OrderedAt: call.At}
			}
			return judge(found, event, id, call)
		})
	}
	fmt.Println(on(audit.Person, "order", "order 1"), on(audit.Person, "order", "order 1")) // a retry is paid once
	fmt.Println(on(audit.Provider, "found_nothing", "event 1"), on(audit.Provider, "found_something", "event 2"))
	fmt.Println("too late:", errors.Is(on(audit.Person, "withdraw", "withdraw 1"), lifecycle.ErrNotAllowed))
	fmt.Println("too old:", on(audit.Provider, "found_nothing", "event 3"))

	subject := audit.Subject{Organization: "org_a", Kind: "screening", ID: key.ID}
	trail, err := store.Examine(ctx, repo, key, subject, func(s screening) string { return s.Status }, screenings.Chart())
	if err != nil {
		log.Fatal(err)
	}
	for _, e := range trail.Entries {
		fmt.Println(e.Seq, e.Verdict, e.Why, e.Event, e.From, "→", e.To)
	}
	fmt.Println("postings:", len(trail.Postings), "and all of it holds:", trail.Fault == nil)
	// Output:
	// <nil> <nil>
	// <nil> <nil>
	// too late: true
	// too old: <nil>
	// 1 moved  order  → ordered
	// 2 moved  found_nothing ordered → clear
	// 3 moved  found_something clear → hit
	// 4 ignored no_row found_nothing hit → hit
	// postings: 1 and all of it holds: true
}
