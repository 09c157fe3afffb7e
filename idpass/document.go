package idpass

import (
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/product"
)

// Document is a pass as JSON: every field is there, absent values are null, lists [].
type Document struct {
	ID             uuid.UUID  `json:"id"`
	OrganizationID string     `json:"organization_id"`
	Applicant      string     `json:"applicant"`
	Slot           *string    `json:"slot"`
	Status         Status     `json:"status"`
	Verification   *Outcome   `json:"verification_status"`
	Link           string     `json:"link"`
	FeeRefunded    bool       `json:"fee_refunded"`
	CreatedAt      time.Time  `json:"created_at"`
	UpdatedAt      time.Time  `json:"updated_at"`
	ConsentGivenAt *time.Time `json:"consent_given_at"`
	CompletedAt    *time.Time `json:"completed_at"`
	ExpiresAt      time.Time  `json:"expires_at"`
	Supersedes     *uuid.UUID `json:"supersedes"`
	SupersededBy   *uuid.UUID `json:"superseded_by"`
	Order
}

// Document gives the pass as callers of a host's API see it. A host embeds it in an object
// of its own, or adds fields beside it.
func (p Pass) Document() Document {
	d := Document{
		ID: p.ID, OrganizationID: p.OrganizationID, Applicant: p.Applicant, Slot: product.OrNull(p.Slot), Status: p.Status,
		Verification: product.OrNull(p.Verification), Link: p.Link, FeeRefunded: p.FeeRefunded,
		CreatedAt: product.Moment(p.CreatedAt), UpdatedAt: product.Moment(p.UpdatedAt),
		ConsentGivenAt: product.OrNull(product.Moment(p.ConsentGivenAt)), CompletedAt: product.OrNull(product.Moment(p.CompletedAt)),
		ExpiresAt: product.Moment(p.ExpiresAt), Supersedes: product.OrNull(p.Supersedes), SupersededBy: product.OrNull(p.SupersededBy),
		Order: p.Order,
	}
	for _, list := range []*[]DocumentType{&d.Document1, &d.Document2, &d.Document3} {
		*list = append([]DocumentType{}, *list...)
	}
	return d
}
