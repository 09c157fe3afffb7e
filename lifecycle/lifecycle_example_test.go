package lifecycle_test

import (
	"errors"
	"fmt"

	"github.com/kycle/kycle/lifecycle"
)

// A lifecycle is data: what can be, what can happen, and where that leads.
func Example_writingALifecycle() {
	type ticket struct{ paid bool }
	machine, err := lifecycle.New(lifecycle.Definition[string, string, ticket]{
		Name: "ticket",
		States: []lifecycle.State[string, string]{
			{Name: "open", NoDeadline: "it waits for its owner"},
			{Name: "used", Final: true, Absorbing: true},
		},
		Events: []lifecycle.Event[string]{
			{Name: "print", Kind: lifecycle.Command, By: []string{"system"}},
			{Name: "use", Kind: lifecycle.Command, By: []string{"person"}},
		},
		Rows: []lifecycle.Row[string, string, ticket]{
			{On: "print", To: "open", Why: "every ticket begins so"},
			{On: "use", From: []string{"open"}, To: "used", Why: "once only",
				If: []lifecycle.Rule[ticket]{{Name: "paid", Code: "unpaid", Holds: func(t ticket) bool { return t.paid }}}},
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	out, _ := machine.Decide("open", "use", ticket{paid: true})
	fmt.Println(out.Verdict, "to", out.To)

	_, err = machine.Decide("used", "use", ticket{paid: true})
	fmt.Println(err)
	// Output:
	// move to used
	// ticket: use is not allowed in "used"; allowed here: nothing; use is allowed in: open
}

// A note says what became so and moves nothing: what is used can be refunded all the same.
func Example_makingANote() {
	type ticket struct{}
	machine := lifecycle.Must(lifecycle.Definition[string, string, ticket]{
		Name: "ticket",
		States: []lifecycle.State[string, string]{
			{Name: "open", NoDeadline: "it waits for its owner"},
			{Name: "used", Final: true, Absorbing: true},
		},
		Events: []lifecycle.Event[string]{
			{Name: "print", Kind: lifecycle.Command, By: []string{"system"}},
			{Name: "use", Kind: lifecycle.Command, By: []string{"person"}},
			{Name: "refund", Kind: lifecycle.Command, By: []string{"person"}},
		},
		Rows: []lifecycle.Row[string, string, ticket]{
			{On: "print", To: "open", Why: "every ticket begins so"},
			{On: "use", From: []string{"open"}, To: "used", Why: "once only"},
			{On: "refund", From: []string{"used"}, Note: "refunded", Does: []string{"pay_back"}, Why: "the show was cancelled"},
		},
		Terms: []lifecycle.Term{{Name: "pay_back", Means: "the price is owed back"}},
	})
	out, _ := machine.Decide("used", "refund", ticket{})
	fmt.Println(out.Verdict, out.Word, "in", out.To, "pays back:", out.Does("pay_back"))
	// Output:
	// note refunded in used pays back: true
}

// A refusal carries what would have been allowed, for an answer to whoever wished it.
func ExampleDenied() {
	_, err := doors.Decide("ajar", "push", facts{})
	var denied *lifecycle.Denied
	if errors.As(err, &denied) {
		fmt.Println(denied.Allowed, denied.AllowedFrom)
	}
	// Output:
	// [remove] [shut]
}

// What must never happen is said beside the table, and checked on every path of it.
func ExampleMachine_Broken() {
	policies := []lifecycle.Policy{
		{ID: "LEASE-1", Source: "lease, page 1", Says: "What is gone stays gone.", Claims: []lifecycle.Claim{lifecycle.Absorbing("gone")}},
		{ID: "LEASE-2", Source: "lease, page 2", Says: "A door is removed only after somebody has opened it.",
			Claims: []lifecycle.Claim{lifecycle.MustPass(lifecycle.On("remove"), lifecycle.To("ajar"))}},
	}
	for _, breach := range doors.Broken(policies...) {
		fmt.Println(breach)
	}
	// Output:
	// LEASE-2: "A door is removed only after somebody has opened it." (lease, page 2) is broken
	//     claimed: remove: only after, or as, any step to ajar
	//     but: nothing of the kind came before the last step
	//     for example: hang → shut [charge], remove → gone [refund]
}
