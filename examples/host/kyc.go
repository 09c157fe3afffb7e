package main

import (
	"context"
	"net/url"
	"regexp"
	"strconv"

	"github.com/google/uuid"

	"github.com/kycle/kycle/examples/host/internal/body"
	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/lifecycle"
)

// create opens a validation: 201, and 201 again with the same validation for a repeat
// under the same Idempotency-Key, so that a caller who lost the first answer need not
// know which of the two it is reading.
func (h *host) create(c *call) (reply, error) {
	var entity string
	n := kyc.NewValidation{}
	err := c.fields(body.Fields{"entityId": &entity, "integrationCode": &n.Provider, "metadata": &n.Metadata})
	if err != nil {
		return reply{}, err
	}
	if n.IdempotencyKey, err = c.idempotencyKey(); err != nil {
		return reply{}, err
	}
	n.EntityID = parseID(entity) // the library refuses the zero one, and names the field
	v, err := h.kyc.Create(c.Context(), c.actor, n)
	if err != nil {
		return reply{}, err
	}
	h.remember(c.Context(), kyc.Kind, v.OrganizationID, v.ID, v.CreatedAt)
	return created(shown(v)), nil
}

// shown is a validation as callers see it.
func shown(v kyc.Validation) escaped { return escaped{v.Document()} }

// validation shows one, refreshed first where its image links may have died.
func (h *host) validation(c *call) (reply, error) {
	return viewed(c)(h.kyc.Validation(c.Context(), c.actor, c.id()))
}

// current shows the entity's current validation. There may be none although others exist:
// that is "not found" like an entity that nobody knows.
func (h *host) current(c *call) (reply, error) {
	id := c.id()
	if id == uuid.Nil {
		return reply{}, unknownID
	}
	return viewed(c)(h.kyc.Current(c.Context(), c.actor, id))
}

// unknownID answers for an entity's id that is none. Of an entity nothing but its
// validations is stored, so there is no record whose absence the library could find.
var unknownID = fault{HTTP: 404, Code: "NOT_FOUND", Message: "Validation not found"}

// viewed answers with a validation, and says where it could not be refreshed.
func viewed(c *call) func(kyc.View, error) (reply, error) {
	return func(v kyc.View, err error) (reply, error) {
		if err == nil && v.Stale {
			c.header.Set("X-Kycle-Stale", "true")
		}
		return ok(shown(v.Validation)), err
	}
}

// sync reads the provider. The body is optional, and so is force.
func (h *host) sync(c *call) (reply, error) {
	var force bool
	if err := c.optional(body.Fields{"force": &force}); err != nil {
		return reply{}, err
	}
	v, err := h.kyc.Sync(c.Context(), c.actor, c.id(), force)
	return ok(shown(v)), err
}

// decide is approve, reject and cancel. A missing body is a missing reason, which the
// library has the words for.
func (h *host) decide(verb func(context.Context, kyc.Actor, uuid.UUID, string) (kyc.Validation, error)) func(*call) (reply, error) {
	return func(c *call) (reply, error) {
		var reason string
		if err := c.optional(body.Fields{"reason": &reason}); err != nil {
			return reply{}, err
		}
		v, err := verb(c.Context(), c.actor, c.id(), reason)
		return ok(shown(v)), err
	}
}

// status sums up how an entity stands. For one that was never heard of the summary says
// so; that is no error.
func (h *host) status(c *call) (reply, error) {
	id := c.id()
	if id == uuid.Nil {
		return reply{}, unknownID
	}
	summary, err := h.kyc.Status(c.Context(), c.actor, id)
	return ok(summary), err
}

// validations is one page of an entity's.
type validations struct {
	Validations []escaped `json:"validations"`
	Total       int       `json:"total"`
	Page        int       `json:"page"`
	Limit       int       `json:"limit"`
}

// list shows one page of an entity's validations. Like a body, the query is checked
// before anything is looked up.
func (h *host) list(c *call) (reply, error) {
	filter, err := filterOf(c.URL.RawQuery)
	if err != nil {
		return reply{}, err
	}
	id := c.id()
	if id == uuid.Nil {
		return reply{}, unknownID
	}
	listing, err := h.kyc.List(c.Context(), c.actor, id, filter)
	page := validations{make([]escaped, len(listing.Values)), listing.Total, listing.Page, listing.Limit}
	for i, v := range listing.Values {
		page.Validations[i] = shown(v)
	}
	return ok(page), err
}

// counting is a number as a person would write it: no sign, no leading zero.
var counting = regexp.MustCompile(`^[1-9][0-9]{0,8}$`)

// filterOf reads the query of a list. What it does not know it refuses: a misspelt
// filter would otherwise show everything.
func filterOf(query string) (f kyc.Filter, err error) {
	invalid := func(field, problem string) (kyc.Filter, error) {
		return kyc.Filter{}, &lifecycle.Invalid{Field: field, Problem: problem}
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return invalid("query", "must be well-formed")
	}
	for name, given := range values {
		if len(given) != 1 {
			return invalid("query", "has a parameter twice")
		}
		text := given[0]
		number, _ := strconv.Atoi(text) // what is no number the pattern refuses
		switch name {
		case "page":
			if f.Page = number; !counting.MatchString(text) {
				return invalid("page", "must be at least 1")
			}
		case "limit":
			if f.Limit = number; !counting.MatchString(text) {
				return invalid("limit", "must be from 1 to 100")
			}
		case "status":
			if f.Status, err = kyc.ParseStatus(text); err != nil {
				return kyc.Filter{}, err
			}
		case "isCurrent":
			if text != "true" && text != "false" {
				return invalid("isCurrent", "must be true or false")
			}
			current := text == "true"
			f.Current = &current
		default:
			return invalid("query", "knows page, limit, status and isCurrent only")
		}
	}
	return f, nil
}

// validationAudit shows who did what, what it cost, and whether the trail holds.
func (h *host) validationAudit(c *call) (reply, error) {
	trail, err := h.kyc.History(c.Context(), c.actor, c.id())
	if err != nil {
		return reply{}, err
	}
	return ok(auditOf(trail)), nil
}
