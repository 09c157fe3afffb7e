package payout

import (
	"cmp"
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/product"
	"github.com/kycle/kycle/store"
)

// approvalTime is how long a payout waits for its two approvals (payout rules, 4).
const approvalTime = 3 * 24 * time.Hour

// Service makes the operations. It keeps nothing between calls, and sees only the records of
// the actor's organization. The errors are those of product.Verbs, and what a verb lists.
type Service struct {
	product.Queries[Payout] // Details, List (by payee), History, Ready
	verbs                   product.Verbs[Payout, Event]
}

// NewService checks the configuration, whose Schema and Chart are this product's own. The
// error is lifecycle.ErrInvalid, and names the first field that cannot be.
func NewService(c product.Config[Payout]) (*Service, error) {
	c.Schema, c.Chart = Schema, Machine.Chart()
	verbs, err := product.NewVerbs(c, Decide)
	if err != nil {
		return nil, err
	}
	return &Service{verbs.Queries, verbs}, nil
}

// Over gives the same service over a transaction of the host's (product.Runner.Over).
func (s *Service) Over(repository store.Repository[Payout]) *Service {
	verbs := s.verbs.Over(repository)
	return &Service{verbs.Queries, verbs}
}

// Request makes a payout that waits for its approvals, and charges its fee. With an
// idempotency key equal requests make one payout, and a repeat answers with it as it now
// stands. It fails with a *product.Refusal, product.ErrHeld or product.ErrKeyReused.
func (s *Service) Request(ctx context.Context, a audit.Actor, o Order, idempotencyKey string) (Payout, error) {
	err := cmp.Or(product.CheckText("payee", o.Payee, 1, product.KeyMost), product.CheckText("invoice", o.Invoice, 0, product.KeyMost))
	if o.Amount.Check() != nil || o.Amount.Minor == 0 || o.Fee.Check() != nil {
		err = &lifecycle.Invalid{Field: "amount", Problem: "must be above 0, with a fee of 0 or more, each with a currency"}
	}
	if err != nil {
		return Payout{}, err
	}
	return s.verbs.Create(ctx, a, Request, product.Birth[Payout]{
		IdempotencyKey: idempotencyKey, Input: o, ExclusiveKey: o.Invoice,
		Value: func(id uuid.UUID, at time.Time) Payout {
			return Payout{ID: id, OrganizationID: a.Organization, Order: o, RequestedBy: a.ID, CreatedAt: at, ExpiresAt: at.Add(approvalTime)}
		},
	})
}

// Approve is the first approval or the second, as the payout stands when it is committed.
// It fails with store.ErrNotFound or a *product.Refusal.
func (s *Service) Approve(ctx context.Context, a audit.Actor, id uuid.UUID) (Payout, error) {
	return s.verbs.Command(ctx, a, id, ApproveFirst, ApproveSecond)
}

// Withdraw ends a payout that was not sent, and recalls one that was. Whether the fee is
// refunded is the row's word. It fails with store.ErrNotFound or a *product.Refusal.
func (s *Service) Withdraw(ctx context.Context, a audit.Actor, id uuid.UUID) (Payout, error) {
	return s.verbs.Command(ctx, a, id, Withdraw)
}

// Report takes the provider's news: PaidByProvider or ReturnedByProvider. A repeat of the
// event id is a Duplicate. What changes nothing is an Ignore, and the trail tells of it. It
// fails with store.ErrNotFound.
func (s *Service) Report(ctx context.Context, a audit.Actor, id uuid.UUID, on Event, r product.Report) (product.Result[Payout], error) {
	return s.verbs.Report(ctx, a, id, on, r)
}

// Sweep makes due deadlines happen, and tells how many payouts expired.
func (s *Service) Sweep(ctx context.Context) (expired int, err error) { return s.verbs.Sweep(ctx) }

// Explain maps an error of this package to exactly one problem; any other is INTERNAL.
func Explain(err error) product.Problem {
	held := product.Problem{HTTP: 409, Code: "INVOICE_HELD", Message: "Another payout holds the invoice"}
	return product.Explain(err, append(product.Cases("Payout"), product.Case{Is: product.ErrHeld, Problem: held}))
}
