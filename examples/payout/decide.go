package payout

import (
	"slices"
	"strings"

	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/product"
	"github.com/kycle/kycle/refund"
	"github.com/kycle/kycle/store"
)

// Decide judges one event on one record. It is pure. A command that may not be is a
// *product.Refusal (lifecycle.ErrNotAllowed); then there is nothing to write.
func Decide(r store.Record[Payout], on Event, from product.Origin) (product.Decision[Payout], error) {
	before, actor := r.Value, from.Call.Actor
	facts := Facts{Actor: actor, Payout: &before, Now: from.Call.At}
	carry := func(p *Payout, out lifecycle.Outcome[Status, Event]) product.News {
		p.Status, p.UpdatedAt = out.To, from.Call.At
		if out.Does(recordApproval) {
			p.ApprovedBy = append(slices.Clip(p.ApprovedBy), actor.ID)
		}
		if out.Does(refund.Refunded) {
			p.FeeRefunded = p.Fee.Minor > 0
		}
		news := product.News{Fee: p.Fee, Does: product.Fees(out)}
		news.Changes.Text("approved_by", strings.Join(before.ApprovedBy, ", "), strings.Join(p.ApprovedBy, ", "))
		news.Changes.Flag("fee_refunded", before.FeeRefunded, p.FeeRefunded)
		return news
	}
	return product.Judge(Machine, Schema, r, on, facts, from, carry)
}
