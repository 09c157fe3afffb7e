package idpass_test

import (
	"context"
	"fmt"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/refund"
	"github.com/kycle/kycle/store/memory"
	"github.com/kycle/kycle/store/storetest"
)

// A person of the organization, and the provider that carries its passes out.
var (
	user     = idpass.Actor{Organization: "org_a", Kind: audit.Person, ID: "user_a"}
	provider = idpass.Actor{Organization: "org_a", Kind: audit.Provider, ID: "provider_a"}
)

// newService makes a service with a fixed clock and fixed ids, so that the output below
// is always the same. A host leaves Now and NewID out.
func newService() *idpass.Service {
	ids := &storetest.IDs{}
	service, err := watchedService(idpass.Config{
		Repository: memory.New(idpass.Schema), Settings: idpass.DefaultSettings(),
		Now: storetest.NewClock().Now, NewID: ids.New,
	})
	if err != nil {
		panic(err)
	}
	return service
}

func printTrail(service *idpass.Service, p idpass.Pass) {
	trail, err := service.History(context.Background(), user, p.ID)
	if err != nil {
		panic(err)
	}
	for _, e := range trail.Entries {
		fmt.Printf("%d. %s: %q to %q\n", e.Seq, e.Event, e.From, e.To)
	}
	for _, posting := range trail.Postings {
		fmt.Printf("%s %d %s by entry %d\n", posting.Kind, posting.Minor, posting.Currency, posting.Seq)
	}
	fmt.Println("fault:", trail.Fault)
}

// Register a pass, and cancel it before the customer took any step: the fee goes back.
func Example_registerAndCancelWithRefund() {
	ctx, service := context.Background(), newService()
	registered, err := service.Register(ctx, user, idpass.Registration{
		Applicant: "applicant-1", Slot: "visa-check",
		Documents: [3][]idpass.DocumentType{{idpass.Passport, idpass.Licence}, {idpass.Visa}},
		Fee:       refund.Amount{Minor: 500, Currency: "AUD"},
	})
	if err != nil {
		fmt.Println(idpass.Explain(err))
		return
	}
	fmt.Println(registered.Pass.Status, registered.Pass.Link)

	cancelled, err := service.Cancel(ctx, user, registered.Pass.ID)
	if err != nil {
		fmt.Println(idpass.Explain(err))
		return
	}
	fmt.Println(cancelled.Pass.Status, "refunded:", cancelled.Pass.FeeRefunded, "reference:", cancelled.Reference)
	printTrail(service, cancelled.Pass)
	// Output:
	// new https://pass.example.com/00000000-0000-8000-8000-000000000001
	// cancelled refunded: true reference: 00000000-0000-8000-8000-000000000004
	// 1. register: "" to "new"
	// 2. cancel: "new" to "cancelled"
	// charge 500 AUD by entry 1
	// refund 500 AUD by entry 2
	// fault: <nil>
}

// Cancel a pass past consent: the work has begun, so the fee stays. A second cancel is an
// error that says why.
func Example_cancelPastConsent() {
	ctx, service := context.Background(), newService()
	registered, err := service.Register(ctx, user, idpass.Registration{
		Applicant: "applicant-1", Fee: refund.Amount{Minor: 500, Currency: "AUD"},
	})
	if err != nil {
		fmt.Println(idpass.Explain(err))
		return
	}
	id := registered.Pass.ID
	// The provider may repeat itself: the event's id tells.
	for range 2 {
		given, err := service.Consent(ctx, provider, id, idpass.Report{EventID: "event-1"})
		fmt.Println(given.Verdict, given.Value.Status, err)
	}
	cancelled, err := service.Cancel(ctx, user, id)
	fmt.Println(cancelled.Pass.Status, "refunded:", cancelled.Pass.FeeRefunded, err)
	_, err = service.Cancel(ctx, user, id)
	problem := idpass.Explain(err)
	fmt.Println(problem.HTTP, problem.Code, problem.Message)
	// Output:
	// move in_progress <nil>
	// duplicate in_progress <nil>
	// cancelled refunded: false <nil>
	// 400 INVALID_STATUS Cannot cancel. Current status is "cancelled". Only passes in "new", "opened" or "in_progress" can be cancelled.
}

// Supersede a pass, because what it asks for has changed: the prior one is cancelled and
// the new one takes its slot, in one commit, so that never both are in flight.
func Example_supersede() {
	ctx, service := context.Background(), newService()
	fee := refund.Amount{Minor: 500, Currency: "AUD"}
	first, err := service.Register(ctx, user, idpass.Registration{Applicant: "applicant-1", Slot: "visa-check", Fee: fee})
	if err != nil {
		fmt.Println(idpass.Explain(err))
		return
	}
	second, err := service.Supersede(ctx, user, first.Pass.ID, idpass.Registration{
		Documents: [3][]idpass.DocumentType{{idpass.Visa}}, Fee: fee, IdempotencyKey: "visa-changed",
	})
	if err != nil {
		fmt.Println(idpass.Explain(err))
		return
	}
	fmt.Println("prior:", second.Prior.Status, "refunded:", second.Prior.FeeRefunded)
	fmt.Println("new:", second.Pass.Status, second.Pass.Applicant, second.Pass.Slot)

	// The slot is taken again, by the new pass.
	_, err = service.Register(ctx, user, idpass.Registration{Applicant: "applicant-1", Slot: "visa-check", Fee: fee})
	fmt.Println(idpass.Explain(err).Code)
	// Output:
	// prior: cancelled refunded: true
	// new: new applicant-1 visa-check
	// SLOT_TAKEN
}
