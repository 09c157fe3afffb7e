package kyc

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/product"
)

// Document is the JSON of spec 1.6: every field is there, absent values are null, lists [].
type Document struct {
	ID                  uuid.UUID                  `json:"id"`
	EntityID            uuid.UUID                  `json:"entityId"`
	OrganizationID      string                     `json:"organizationId"`
	ValidationSessionID *string                    `json:"validationSessionId"`
	Status              Status                     `json:"status"`
	Provider            string                     `json:"provider"`
	ProviderSessionURL  *string                    `json:"providerSessionUrl"`
	Decision            json.RawMessage            `json:"decision"`
	DocumentsVerified   []json.RawMessage          `json:"documentsVerified"`
	BiometricResult     json.RawMessage            `json:"biometricResult"`
	RiskAssessment      json.RawMessage            `json:"riskAssessment"`
	VerifiedFields      []string                   `json:"verifiedFields"`
	ExtractedData       json.RawMessage            `json:"extractedData"`
	Warnings            []json.RawMessage          `json:"warnings"`
	IsCurrent           bool                       `json:"isCurrent"`
	ExpiresAt           *time.Time                 `json:"expiresAt"`
	VerifiedAt          *time.Time                 `json:"verifiedAt"`
	Metadata            map[string]json.RawMessage `json:"metadata"`
	CreatedAt           time.Time                  `json:"createdAt"`
	UpdatedAt           time.Time                  `json:"updatedAt"`
}

// Document gives the validation as callers of a host's API see it. A host embeds it in an
// object of its own, or adds fields beside it. Its lists are copies; it shares the
// validation's metadata and raw JSON.
func (v Validation) Document() Document {
	metadata := v.Metadata
	if metadata == nil {
		metadata = map[string]json.RawMessage{}
	}
	return Document{
		ID: v.ID, EntityID: v.EntityID, OrganizationID: v.OrganizationID,
		ValidationSessionID: product.OrNull(v.ValidationSessionID), Status: v.Status, Provider: v.Provider,
		ProviderSessionURL: product.OrNull(v.ProviderSessionURL),
		Decision:           v.Evidence.Decision,
		DocumentsVerified:  append([]json.RawMessage{}, v.Evidence.DocumentsVerified...),
		BiometricResult:    v.Evidence.BiometricResult,
		RiskAssessment:     v.Evidence.RiskAssessment,
		VerifiedFields:     append([]string{}, v.Evidence.VerifiedFields...),
		ExtractedData:      v.Evidence.ExtractedData,
		Warnings:           append([]json.RawMessage{}, v.Evidence.Warnings...),
		IsCurrent:          v.IsCurrent,
		ExpiresAt:          product.OrNull(product.Moment(v.ExpiresAt)), VerifiedAt: product.OrNull(product.Moment(v.VerifiedAt)),
		Metadata: metadata, CreatedAt: product.Moment(v.CreatedAt), UpdatedAt: product.Moment(v.UpdatedAt),
	}
}
