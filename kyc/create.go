package kyc

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"

	"github.com/google/uuid"

	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/product"
	"github.com/kycle/kycle/store"
)

// NewValidation is what a caller gives to create one.
type NewValidation struct {
	EntityID       uuid.UUID
	Provider       string                     // integration code
	Metadata       map[string]json.RawMessage // an object; at most 10,240 bytes as compact JSON
	IdempotencyKey string                     // "": every call makes a validation of its own
}

const (
	metadataMost = 10_240 // bytes
	keyMost      = 255    // bytes of an idempotency key, an event id, an integration code
)

// checked gives the input with its metadata as compact JSON, and its fingerprint, by
// which a repeated idempotency key is told from a reused one.
func (n NewValidation) checked() (NewValidation, string, error) {
	invalid := func(field, problem string) (NewValidation, string, error) {
		return n, "", &lifecycle.Invalid{Field: field, Problem: problem}
	}
	switch {
	case n.EntityID == uuid.Nil:
		return invalid("entityId", "must be a UUID")
	case len(n.IdempotencyKey) > keyMost || !store.ValidText(n.IdempotencyKey):
		return invalid("Idempotency-Key", "must be UTF-8 without NUL, at most 255 bytes")
	case n.Provider == "":
		return invalid("integrationCode", "is missing")
	case len(n.Provider) > keyMost || !store.ValidText(n.Provider):
		return invalid("integrationCode", "must be UTF-8 without NUL, at most 255 bytes")
	}
	for key := range n.Metadata {
		if !store.ValidText(key) {
			return invalid("metadata", "must be UTF-8 without NUL")
		}
	}
	if n.Metadata == nil {
		n.Metadata = map[string]json.RawMessage{} // left out is an object without members
	}
	for _, keys := range signatures {
		for _, key := range []string{keys.by, keys.at, keys.reason} {
			if _, there := n.Metadata[key]; there {
				return invalid("metadata", key+" is set by decisions only")
			}
		}
	}
	compact, err := store.EncodeJSON(n.Metadata)
	canonical := compact
	if err == nil {
		canonical, err = product.CanonicalJSON(compact)
	}
	switch {
	case err != nil:
		return invalid("metadata", "must be JSON")
	case len(canonical) > metadataMost:
		return invalid("metadata", "must be at most 10240 bytes of compact JSON")
	case !store.ValidText(string(compact)):
		return invalid("metadata", "must be UTF-8 without NUL")
	}
	n.Metadata = nil
	if err := json.Unmarshal(compact, &n.Metadata); err != nil {
		return invalid("metadata", "must be an object")
	}
	sum := sha256.Sum256(must(json.Marshal([]any{n.EntityID, n.Provider, json.RawMessage(canonical)})))
	return n, hex.EncodeToString(sum[:]), nil
}

// Create opens a provider session with the validation's id as its reference and makes the
// validation, pending. The entity's newest validation until then is superseded in the same
// commit. With an idempotency key the id is derived from organization and key: concurrent
// equal creates make one validation, and a repeat answers with it as it now stands.
//
// It fails with product.ErrForbidden, lifecycle.ErrInvalid, ErrNotConfigured, ErrProvider
// (nothing is stored, and the key is free), product.ErrKeyReused, store.ErrConflict,
// store.ErrUnavailable or store.ErrUnknownOutcome.
func (s *Service) Create(ctx context.Context, a Actor, n NewValidation) (Validation, error) {
	if err := s.runner.Authorize(a, string(Create), string(Supersede)); err != nil {
		return Validation{}, err
	}
	n, digest, err := n.checked()
	if err != nil {
		return Validation{}, err
	}
	creation := s.runner.Creation(a, n.IdempotencyKey, digest)
	creation.Holder = store.Key{Organization: a.Organization, ExclusiveKey: n.EntityID.String()}
	if v, found, err := s.runner.Created(ctx, a, creation); found || err != nil {
		return v, err
	}
	v := Validation{ID: creation.ID, OrganizationID: a.Organization, EntityID: n.EntityID, Provider: n.Provider, Metadata: n.Metadata}
	if err := s.open(ctx, &v); err != nil {
		return Validation{}, err
	}
	call := s.runner.Call(a)
	call.Event = string(Create)
	made, _, err := s.runner.Create(ctx, call, creation, func(newest store.Record[Validation]) ([]store.Change[Validation], error) {
		return create(newest, v, call, creation.Receipts(), s.settings)
	})
	return made, err
}

// open opens the session of a validation that is about to be.
func (s *Service) open(ctx context.Context, v *Validation) error {
	session, err := reach(ctx, s, v.Provider, methodOpen, func(ctx context.Context, p Provider) (Session, error) {
		return p.Open(ctx, Opening{v.ID, v.OrganizationID, v.EntityID})
	}, Session.check)
	v.ValidationSessionID, v.ProviderSessionURL = session.ID, session.URL
	return err
}

// check refuses a session that could not be found again.
func (s Session) check() error {
	if s.ID == "" || len(s.ID) > keyMost || !store.ValidText(s.ID) || !store.ValidText(s.URL) {
		return errors.New("a session without a usable id")
	}
	return nil
}
