package product

import (
	"fmt"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/refund"
	"github.com/kycle/kycle/store"
)

// Judge decides one event on one record, for a product whose decision is its table and what
// a row does. It is pure if carry is. An event that was received before is a Duplicate, a
// command that may not be is a *Refusal (lifecycle.ErrNotAllowed), and for neither there is
// anything to write. A record of Version 0 is about to be created.
//
// carry makes the value what a row says that fires, its status (Outcome.To) included, and
// tells what the entry is to say of it; At and Source are the origin's. A value whose status is
// another afterwards is an error.
func Judge[A any, S, E ~string, F any](
	m *lifecycle.Machine[S, E, F], schema store.Schema[A], r store.Record[A], on E, facts F, o Origin,
	carry func(next *A, out lifecycle.Outcome[S, E]) News,
) (Decision[A], error) {
	if before, why := r.Received(o.Receipts); before {
		return Decision[A]{Result: Result[A]{Verdict: lifecycle.Duplicate, Why: why, Value: r.Value}}, nil
	}
	index := schema.Index(r.Value)
	out, err := m.Decide(S(index.Status), on, facts)
	if err != nil {
		return Decision[A]{}, Refuse(err, m.Chart())
	}
	d := Begin(r, audit.Subject{Organization: index.Organization, Kind: schema.Kind, ID: index.ID}, m.Sum())
	var news News
	if out.Verdict.Fires() {
		news = carry(&d.Change.Next, out)
	}
	if now := schema.Index(d.Change.Next).Status; now != string(out.To) {
		return Decision[A]{}, fmt.Errorf("product: the table leads to %q, and the value says %q", out.To, now)
	}
	news.At, news.Source, d.Change.Receipts = o.At, o.Source, o.Receipts
	d.Enter(o.Call, out.Plain(), news)
	return Decision[A]{
		Result:  Result[A]{Verdict: out.Verdict, Why: out.Why, Value: d.Change.Next},
		Changes: []store.Change[A]{d.Change},
	}, nil
}

// Fees are the effects of an outcome that post the fee (News.Does).
func Fees[S, E ~string](out lifecycle.Outcome[S, E]) (does []string) {
	for _, effect := range []string{refund.Charged, refund.Refunded} {
		if out.Does(effect) {
			does = append(does, effect)
		}
	}
	return does
}
