package refund_test

import (
	"fmt"

	"github.com/kycle/kycle/refund"
)

// A line is part of hashed bytes.
func ExamplePosting_Line() {
	fmt.Println(post(refund.Charged, 1).Line())
	fmt.Println(post(refund.Refunded, 4).Line())
	// Output:
	// charge 500 AUD a315da52-f882-550c-ae0f-52f46f94c166
	// refund 500 AUD 020e1ce7-0ddb-5f8b-b6ee-c23749023248 reverses a315da52-f882-550c-ae0f-52f46f94c166
}

// The key of a fact is what a payment system gets as idempotency key, however often the
// request is made.
func ExampleKey_idempotencyForAPaymentSystem() {
	first, again := post(refund.Charged, 1), post(refund.Charged, 1)
	fmt.Println(first.Key == again.Key, first.Key == refund.Key(pass, refund.Charge))
	// Output: true true
}

// Books are compared with the audit trail; every difference is named, none means agreement.
func ExampleReconcile() {
	charge := post(refund.Charged, 1)
	causes := []refund.Cause{{Seq: 1, Line: charge.Line(), At: charge.At}}
	fmt.Println(refund.Reconcile(pass, causes, []refund.Posting{charge}))
	for _, d := range refund.Reconcile(pass, causes, nil) {
		fmt.Println(d)
	}
	// Output:
	// []
	// entry 1, posting 00000000-0000-0000-0000-000000000000: is not there: charge 500 AUD a315da52-f882-550c-ae0f-52f46f94c166
}
