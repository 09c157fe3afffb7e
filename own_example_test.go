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
	Policies: []lifecycle.Policy{{ID: "SCR-1", Source: "terms of service", Says: "What was delivered is not refunded.", Claims: []lifecycle.Claim{
		lifecycle.Only(lifecycle.Doing(refund.Refunded), lifecycle.From("ordered"))}}},
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

// judge is the pure half of every operation: one event on one record. Nothing that is
// refused is written; what is ignored leaves an entry that says why.
func judge(r store.Record[screening], event string, call audit.Call) ([]store.Change[screening], error) {
	if !screenings.By(event, call.Actor.Kind) {
		return nil, fmt.Errorf("%s is not for a %s", event, call.Actor.Kind)
	}
	out, err := screenings.Decide(r.Value.Status, event, struct{}{})
	if err != nil || out.Verdict == lifecycle.Stay {
		return nil, err
	}
	d := store.NewDraft(r)
	s := &d.Change.Next
	s.Status = out.To
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
// state, entry and posting, guarded by a version, and a trail that proves itself.
func Example_aProductOfYourOwn() {
	ctx, clock, repo := context.Background(), storetest.NewClock(), memory.New(screeningSchema)
	first := screening{Organization: "org_a", ID: uuid.New(), OrderedAt: clock.Now()}
	on := func(actorKind, event string) error {
		clock.Advance(time.Hour)
		call := audit.Call{ID: uuid.New(), Salt: uuid.New(), At: clock.Now(), Actor: audit.Actor{Organization: "org_a", Kind: actorKind, ID: "id_1"}}
		key := screeningSchema.Index(first).Key()
		return store.Update(ctx, repo, call.ID, 0, []store.Ask{{Key: key}}, func(found []store.Record[screening]) ([]store.Change[screening], error) {
			if found[0].Version == 0 {
				found[0].Value = first // not there yet: this is its birth
			}
			return judge(found[0], event, call)
		})
	}
	fmt.Println(on(audit.Person, "order"), on(audit.Provider, "found_nothing"), on(audit.Provider, "found_something"))
	fmt.Println("too late:", errors.Is(on(audit.Person, "withdraw"), lifecycle.ErrNotAllowed), on(audit.Provider, "found_nothing"))

	subject := audit.Subject{Organization: "org_a", Kind: "screening", ID: first.ID}
	trail, err := store.Examine(ctx, repo, screeningSchema.Index(first).Key(), subject, func(s screening) string { return s.Status }, screenings.Chart())
	if err != nil {
		log.Fatal(err)
	}
	for _, e := range trail.Entries {
		fmt.Println(e.Seq, e.Verdict, e.Why, e.Event, e.From, "→", e.To)
	}
	fmt.Println("postings:", len(trail.Postings), "and all of it holds:", trail.Fault == nil)
	// Output:
	// <nil> <nil> <nil>
	// too late: true <nil>
	// 1 moved  order  → ordered
	// 2 moved  found_nothing ordered → clear
	// 3 moved  found_something clear → hit
	// 4 ignored no_row found_nothing hit → hit
	// postings: 1 and all of it holds: true
}
