// Package refund is the money side of a lifecycle, as pure values: amounts, postings,
// what is charged, what is owed back, and whether the books agree with the audit trail.
//
// Nothing here moves money. A [Posting] says what is due; its key is derived from the
// business fact and not from the request, so it is also the idempotency key that a host
// hands its payment system. Which rows of a lifecycle charge, refund or keep a fee is
// data in the lifecycle: the effects [Charged], [Refunded] and [Kept].
package refund
