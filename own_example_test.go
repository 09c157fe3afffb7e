package kycle_test

import (
	"context"
	"fmt"
	"log"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/product"
	"github.com/kycle/kycle/refund"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/memory"
)

// screening is a product of a host's own: an order to look a company up in sanctions
// lists, paid when it is made and refunded if it is withdrawn before the answer.
type screening struct {
	Organization string
	ID           uuid.UUID
	Company      string
	Status       string
	OrderedAt    time.Time
}

type decision = product.Decision[screening]
type result = product.Result[screening]

var screenings = lifecycle.Must(lifecycle.Definition[string, string, struct{}]{
	Name: "screening", Title: "Sanctions screening",
	States: []lifecycle.State[string, string]{
		{Name: "ordered", NoDeadline: "the list's owner always answers"},
		{Name: "clear", Final: true}, {Name: "hit", Final: true},
		{Name: "withdrawn", Final: true, Absorbing: true},
	},
	Events: []lifecycle.Event[string]{
		{Name: "order", Kind: lifecycle.Command, By: []string{audit.Person}},
		{Name: "withdraw", Kind: lifecycle.Command, By: []string{audit.Person}},
		{Name: "found_nothing", Kind: lifecycle.Report, By: []string{audit.Provider}},
		{Name: "found_something", Kind: lifecycle.Report, By: []string{audit.Provider}},
	},
	Rows: []lifecycle.Row[string, string, struct{}]{
		{On: "order", To: "ordered", Does: []string{refund.Charged}, Why: "a search is paid in advance"},
		{On: "withdraw", From: []string{"ordered"}, To: "withdrawn", Does: []string{refund.Refunded}, Why: "nothing was delivered"},
		{On: "found_nothing", From: []string{"ordered"}, To: "clear", Why: "no list has the company"},
		{On: "found_something", From: []string{"ordered", "clear"}, To: "hit", Why: "a list has it, perhaps since today"},
	},
	Terms: []lifecycle.Term{{Name: refund.Charged, Means: "the fee becomes due"}, {Name: refund.Refunded, Means: "the fee is owed back"}},
	Policies: []lifecycle.Policy{{
		ID: "SCR-1", Source: "terms of service", Says: "What was delivered is not refunded.",
		Claims: []lifecycle.Claim{lifecycle.Only(lifecycle.Doing(refund.Refunded), lifecycle.From("ordered"))},
	}},
})

// screeningSchema is what a store needs to know of it.
var screeningSchema = store.Schema[screening]{
	Kind: "screening",
	Index: func(s screening) store.Index {
		return store.Index{Organization: s.Organization, ID: s.ID, Owner: s.Company, Status: s.Status, Created: s.OrderedAt}
	},
	Encode: func(s screening) ([]byte, error) { return store.EncodeJSON(s) },
	Decode: func(b []byte) (s screening, err error) { err = product.DecodeJSON(b, &s); return s, err },
}

// judge is the pure half of every operation: one event on one record. receipts are the keys
// under which a repeat of it is known.
func judge(r store.Record[screening], call audit.Call, event string, receipts map[string]string) (decision, error) {
	if before, why := r.Received(receipts); before {
		return decision{Result: result{Verdict: lifecycle.Duplicate, Why: why, Value: r.Value}}, nil
	}
	out, err := screenings.Decide(r.Value.Status, event, struct{}{})
	if err != nil {
		return decision{}, err
	}
	d := product.Begin(r, audit.Subject{Organization: r.Value.Organization, Kind: "screening", ID: r.Value.ID}, screenings.Sum())
	d.Change.Next.Status, d.Change.Receipts = out.To, receipts
	money := []string{refund.Charged, refund.Refunded}
	d.Enter(call, out, product.News{
		Fee: refund.Amount{Minor: 300, Currency: "AUD"}, Does: slices.DeleteFunc(money, func(effect string) bool { return !out.Does(effect) }),
	})
	made := result{Verdict: out.Verdict, Why: out.Why, Value: d.Change.Next}
	return decision{Result: made, Changes: []store.Change[screening]{d.Change}}, nil
}

// desk has the verbs of the product, over what every product does.
type desk struct{ *product.Runner[screening] }

// order makes a screening, once for each idempotency key.
func (d desk) order(ctx context.Context, a audit.Actor, company, key string) (screening, error) {
	if err := d.Authorize(a, "order"); err != nil {
		return screening{}, err
	}
	call, creation := d.Call(a), d.Creation(a, key, company)
	made, _, err := d.Create(ctx, call, creation, func(none store.Record[screening]) ([]store.Change[screening], error) {
		none.Value = screening{Organization: a.Organization, ID: creation.ID, Company: company, OrderedAt: call.At}
		born, err := judge(none, call, "order", creation.Receipts())
		return born.Changes, err
	})
	return made, err
}

// on brings any other event to a screening, under the id by which a repeat of it is known.
func (d desk) on(ctx context.Context, a audit.Actor, id uuid.UUID, event, eventID string) (result, error) {
	if err := d.Authorize(a, event); err != nil {
		return result{}, err
	}
	call, receipts := d.Call(a), map[string]string{eventID: event}
	return d.Update(ctx, call, product.Key(a, id), receipts, func(r store.Record[screening]) (decision, error) {
		return judge(r, call, event, receipts)
	})
}

// A product of your own gets what KYC validations and ID Passes have: one commit for
// state, entry, posting and receipt, guarded by a version, and a trail that proves itself.
func Example_aProductOfYourOwn() {
	ctx := context.Background()
	runner, err := product.New(product.Config[screening]{Schema: screeningSchema, Repository: memory.New(screeningSchema),
		Chart: screenings.Chart(), Settings: product.DefaultSettings()})
	if err != nil {
		log.Fatal(err)
	}
	desk, user := desk{runner}, audit.Actor{Organization: "org_a", Kind: audit.Person, ID: "user_a"}
	lists := audit.Actor{Organization: "org_a", Kind: audit.Provider, ID: "lists"}

	s, err := desk.order(ctx, user, "company_1", "order 1")
	again, _ := desk.order(ctx, user, "company_1", "order 1")
	fmt.Println(s.Status, "and paid once:", again.ID == s.ID, err)
	_, err = desk.order(ctx, user, "company_2", "order 1")
	fmt.Println(product.Explain(err, product.Cases("Screening")))
	for _, event := range []string{"found_nothing", "found_nothing", "found_something"} {
		told, err := desk.on(ctx, lists, s.ID, event, event)
		fmt.Println(event, told.Verdict, told.Value.Status, err)
	}
	_, err = desk.on(ctx, user, s.ID, "withdraw", "withdraw 1")
	fmt.Println(err)
	trail, err := desk.History(ctx, user, s.ID)
	for _, e := range trail.Entries {
		fmt.Println(e.Seq, e.Verdict, e.Event, e.From, "→", e.To)
	}
	fmt.Println("postings:", len(trail.Postings), "and all of it holds:", trail.Fault == nil, err)
	// Output:
	// ordered and paid once: true <nil>
	// {409 CONFLICT The idempotency key was used before with other input}
	// found_nothing move clear <nil>
	// found_nothing duplicate clear <nil>
	// found_something move hit <nil>
	// screening: withdraw is not allowed in "hit"; allowed here: nothing; withdraw is allowed in: ordered
	// 1 moved order  → ordered
	// 2 moved found_nothing ordered → clear
	// 3 moved found_something clear → hit
	// postings: 1 and all of it holds: true <nil>
}
