package main

import (
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/examples/host/internal/body"
	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/lifecycle"
)

// registered is the answer to a registration.
type registered struct {
	ID        uuid.UUID     `json:"id"`
	Status    idpass.Status `json:"status"`
	Link      string        `json:"link"`
	ExpiresAt time.Time     `json:"expires_at"`
	Reference uuid.UUID     `json:"reference"`
}

// registeredOf takes the status from the pass: that of a repeat under the same key may
// have moved on since.
func registeredOf(a idpass.Answer) registered {
	return registered{a.Pass.ID, a.Pass.Status, a.Pass.Link, a.Pass.ExpiresAt, a.Reference}
}

// registration reads the body that register and supersede share; id is where supersede's
// prior pass goes, nil for register.
func (c *call) registration(id *string) (r idpass.Registration, err error) {
	var amount *int64
	fields := body.Fields{
		"applicant": &r.Applicant, "slot": &r.Slot,
		"link_validity_days": &r.LinkValidityDays, "image_retention_days": &r.ImageRetentionDays,
		"document_1_allowed_types": &r.Documents[0], "document_2_allowed_types": &r.Documents[1], "document_3_allowed_types": &r.Documents[2],
		"requested_identity": &r.RequestedIdentity,
		"fee":                body.Fields{"amount": &amount, "currency": &r.Fee.Currency},
	}
	if id != nil { // register has no such field, and refuses it
		fields["id"] = id
	}
	if err := c.fields(fields); err != nil {
		return r, err
	}
	if amount == nil { // what is left out is not free of charge
		return r, &lifecycle.Invalid{Field: "fee", Problem: "needs an amount of 0 or more minor units and a currency"}
	}
	r.Fee.Minor = *amount
	r.IdempotencyKey, err = c.idempotencyKey()
	return r, err
}

// register makes a pass and charges its fee.
func (h *host) register(c *call) (reply, error) {
	r, err := c.registration(nil)
	if err != nil {
		return reply{}, err
	}
	answer, err := h.idpass.Register(c.Context(), c.actor, r)
	if err != nil {
		return reply{}, err
	}
	h.remember(c.Context(), idpass.Kind, c.actor.Organization, answer.Pass.ID, answer.Pass.CreatedAt)
	return created(registeredOf(answer)), nil
}

// passID reads a body that is an id alone. A string that is no UUID is the zero one.
func (c *call) passID() (uuid.UUID, error) {
	var id *string
	if err := c.fields(body.Fields{"id": &id}); err != nil {
		return uuid.Nil, err
	}
	if id == nil {
		return uuid.Nil, &lifecycle.Invalid{Field: "id", Problem: "is required"}
	}
	return parseID(*id), nil
}

// details answers with all there is of a pass, and a reference of this call.
func (h *host) details(c *call) (reply, error) {
	id, err := c.passID()
	if err != nil {
		return reply{}, err
	}
	pass, err := h.idpass.Details(c.Context(), c.actor, id)
	if err != nil {
		return reply{}, err
	}
	return ok(escaped{struct {
		idpass.Document
		Reference uuid.UUID `json:"reference"`
	}{pass.Document(), uuid.New()}}), nil
}

// cancelPass ends a pass in flight. Whether the fee comes back is the lifecycle's word, on
// the status that the commit itself left: nothing is asked beforehand.
func (h *host) cancelPass(c *call) (reply, error) {
	id, err := c.passID()
	if err != nil {
		return reply{}, err
	}
	answer, err := h.idpass.Cancel(c.Context(), c.actor, id)
	return ok(struct {
		Status      idpass.Status `json:"status"`
		FeeRefunded bool          `json:"fee_refunded"`
		Reference   uuid.UUID     `json:"reference"`
	}{answer.Pass.Status, answer.Pass.FeeRefunded, answer.Reference}), err
}

// supersede cancels one pass and registers another in one commit. Applicant and slot may
// be left out, for the new pass takes them over.
func (h *host) supersede(c *call) (reply, error) {
	var prior string
	r, err := c.registration(&prior)
	if err != nil {
		return reply{}, err
	}
	if prior == "" {
		return reply{}, &lifecycle.Invalid{Field: "id", Problem: "is required: the pass that is superseded"}
	}
	answer, err := h.idpass.Supersede(c.Context(), c.actor, parseID(prior), r)
	if err != nil {
		return reply{}, err
	}
	h.remember(c.Context(), idpass.Kind, c.actor.Organization, answer.Pass.ID, answer.Pass.CreatedAt)
	type ended struct {
		ID          uuid.UUID     `json:"id"`
		Status      idpass.Status `json:"status"`
		FeeRefunded bool          `json:"fee_refunded"`
	}
	return created(struct {
		Cancelled ended `json:"cancelled"`
		registered
	}{ended{answer.Prior.ID, answer.Prior.Status, answer.Prior.FeeRefunded}, registeredOf(answer.Answer)}), nil
}

// passAudit is validationAudit's twin.
func (h *host) passAudit(c *call) (reply, error) {
	trail, err := h.idpass.History(c.Context(), c.actor, c.id())
	if err != nil {
		return reply{}, err
	}
	return ok(auditOf(trail)), nil
}
