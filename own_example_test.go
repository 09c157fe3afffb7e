package kycle_test

import (
	"context"
	"fmt"
	"log"
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
	Rows: []lifecycle.Row[string, string, struct{}]{
		{On: "order", To: "ordered", Does: []string{refund.Charged}, Why: "a search is paid in advance"},
		{On: "withdraw", From: []string{"ordered"}, To: "withdrawn", Does: []string{refund.Refunded}, Why: "nothing was delivered"},
		{On: "found_nothing", From: []string{"ordered"}, To: "clear", Why: "no list has the company"},
		{On: "found_something", From: []string{"ordered", "clear"}, To: "hit", Why: "a list has it, perhaps since today"},
	},
	Terms: []lifecycle.Term{
		{Name: refund.Charged, Means: "the fee becomes due"},
		{Name: refund.Refunded, Means: "the fee is owed back"},
	},
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

// judge is the pure half of every operation: the table decides, and the value follows it.
func judge(r store.Record[screening], on string, from product.Origin) (product.Decision[screening], error) {
	carry := func(s *screening, out lifecycle.Outcome[string, string]) product.News {
		s.Status = out.To
		return product.News{Fee: refund.Amount{Minor: 300, Currency: "AUD"}, Does: product.Fees(out)}
	}
	return product.Judge(screenings, screeningSchema, r, on, struct{}{}, from, carry)
}

// A product of your own gets what KYC validations and ID Passes have: one commit for
// state, entry, posting and receipt, guarded by a version, and a trail that proves itself.
func Example_aProductOfYourOwn() {
	ctx := context.Background()
	desk, err := product.NewVerbs(product.Config[screening]{
		Schema: screeningSchema, Repository: memory.New(screeningSchema), Chart: screenings.Chart(), Settings: product.DefaultSettings(),
	}, judge)
	if err != nil {
		log.Fatal(err)
	}
	user := audit.Actor{Organization: "org_a", Kind: audit.Person, ID: "user_a"}
	lists := audit.Actor{Organization: "org_a", Kind: audit.Provider, ID: "lists"}
	order := func(company string) (screening, error) {
		return desk.Create(ctx, user, "order", product.Birth[screening]{IdempotencyKey: "order 1", Input: company,
			Value: func(id uuid.UUID, at time.Time) screening {
				return screening{Organization: user.Organization, ID: id, Company: company, OrderedAt: at}
			}})
	}
	s, err := order("company_1")
	again, _ := order("company_1")
	fmt.Println(s.Status, "and paid once:", again.ID == s.ID, err)
	_, err = order("company_2")
	fmt.Println(product.Explain(err, product.Cases("Screening")).Code)
	for _, event := range []string{"found_nothing", "found_nothing", "found_something"} {
		told, err := desk.Report(ctx, lists, s.ID, event, product.Report{EventID: event})
		fmt.Println(event, told.Verdict, told.Value.Status, err)
	}
	_, err = desk.Command(ctx, user, s.ID, "withdraw")
	fmt.Println(product.Explain(err, product.Cases("Screening")).Message)
	trail, err := desk.History(ctx, user, s.ID)
	for _, e := range trail.Entries {
		fmt.Println(e.Seq, e.Verdict, e.Event, e.From, "→", e.To)
	}
	fmt.Println("postings:", len(trail.Postings), "and all of it holds:", trail.Fault == nil, err)
	// Output:
	// ordered and paid once: true <nil>
	// CONFLICT
	// found_nothing move clear <nil>
	// found_nothing duplicate clear <nil>
	// found_something move hit <nil>
	// Cannot withdraw. Current status is "hit". It is allowed when status is "ordered".
	// 1 moved order  → ordered
	// 2 moved found_nothing ordered → clear
	// 3 moved found_something clear → hit
	// postings: 1 and all of it holds: true <nil>
}
