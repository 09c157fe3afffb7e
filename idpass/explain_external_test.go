package idpass_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/product"
	"github.com/kycle/kycle/store"
)

// Every error is exactly one code, HTTP status and message, however deeply it is wrapped.
func TestExplain(t *testing.T) {
	h := newHost(t, nil)
	_, refused := h.Cancel(ctx, h.Person, h.In(idpass.Complete).ID)
	_, invalid := h.List(ctx, h.Person, "a", idpass.Filter{Limit: 101})
	const cancelMessage = `Cannot cancel. Current status is "complete". Only passes in "new", "opened" or "in_progress" can be cancelled.`
	rows := []struct {
		name    string
		err     error
		http    int
		code    string
		message string
		why     string
	}{
		{"not found", store.ErrNotFound, 404, "NOT_FOUND", "ID Pass not found", "unknown, foreign and malformed ids alike"},
		{"wrong status", refused, 400, "INVALID_STATUS", cancelMessage, "the words of the specification"},
		{"bad input", invalid, 400, "VALIDATION_ERROR", "limit: must be from 1 to 100", "names the field"},
		{"bad text", store.ErrText, 400, "VALIDATION_ERROR", "Text must be UTF-8 without NUL", "the store's last word on input"},
		{"forbidden", product.ErrForbidden, 403, "FORBIDDEN", "This kind of actor may not do this", "the kind is wrong, not the organization"},
		{"slot taken", idpass.ErrSlotTaken, 409, "SLOT_TAKEN", "Another ID Pass in flight holds the slot", "does not say which"},
		{"key reused", product.ErrKeyReused, 409, "CONFLICT", "The idempotency key was used before with other input", "trying again does not help"},
		{"conflict", store.ErrConflict, 409, "CONFLICT", "Other writers came first; try again", "trying again helps"},
		{"unknown outcome", store.ErrUnknownOutcome, 503, "UNKNOWN_OUTCOME", "It could not be found out whether this was done; read the record before trying again", "neither yes nor no"},
		{"unknown outcome of a conflict", fmt.Errorf("%w: %w", store.ErrUnknownOutcome, store.ErrConflict), 503, "UNKNOWN_OUTCOME",
			"It could not be found out whether this was done; read the record before trying again", "the doubt is told first"},
		{"anything else", errors.New("test: secret"), 500, "INTERNAL", "Something went wrong on our side", "says nothing of the inside"},
		{"cancelled context", context.Canceled, 500, "INTERNAL", "Something went wrong on our side", "nobody is there to read it"},
		{"unknown event", lifecycle.ErrUnknown, 500, "INTERNAL", "Something went wrong on our side", "a defect, not an input"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			want := product.Problem{HTTP: row.http, Code: row.code, Message: row.message}
			for _, err := range []error{row.err, fmt.Errorf("outer: %w", fmt.Errorf("inner: %w", row.err))} {
				if got := idpass.Explain(err); got != want {
					t.Errorf("got %+v, want %+v: %s", got, want, row.why)
				}
			}
		})
	}
}

// A refusal tells what would be allowed; it is the machine's and the package's at once.
func TestRefusal(t *testing.T) {
	h := newHost(t, nil)
	p := h.In(idpass.Failed)
	_, err := h.Cancel(ctx, h.Person, p.ID)
	var denied *lifecycle.Denied
	if !errors.As(err, &denied) || denied.Machine != "id_pass" || denied.Event != "cancel" || denied.From != "failed" ||
		denied.Rule != "" || len(denied.Allowed) != 0 || fmt.Sprint(denied.AllowedFrom) != "[new opened in_progress]" {
		t.Errorf("denied is %+v", denied)
	}
	// No operation registers a pass that is there, but Decide can be asked to.
	_, err = idpass.Decide(record(t, h.Repository, p), idpass.Input{Event: idpass.Register})
	if wantError(t, err, lifecycle.ErrNotAllowed); strings.Contains(err.Error(), "cancelled") {
		t.Errorf("a refused register speaks of cancel: %v", err)
	}
}

// No error text, whoever reads it, holds anything of the customer's: what is drawn here
// goes into every field that may be personal, and comes back in none.
func TestErrorsHoldNothingPersonal(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		secret := "secret" + rapid.StringMatching(`[a-z0-9 ]{4,12}`).Draw(rt, "secret")
		raw, err := json.Marshal(map[string]string{"name": secret})
		must(t, err)
		h := newHost(t, nil)
		whose := []edit{applicant(secret), inSlot(secret), identity(string(raw)), keyed(secret)}
		p := h.In(rapid.SampledFrom(statuses()).Draw(rt, "status"), whose...)
		spoil := rapid.SampledFrom([]edit{
			func(*idpass.Registration) {}, days(15), costing(-1), keyed(""), fee(1, secret), applicant(secret + "\x00"), applicant(secret + "2"),
			inSlot(secret + "\xff"), identity(string(raw) + secret), identity(string(raw) + strings.Repeat(" ", 10_300)),
			showing(1, idpass.DocumentType(secret)), identity(`"` + strings.Repeat(secret, 2000) + `"`), keyed(strings.Repeat(secret, 50)),
		}).Draw(rt, "spoil")
		r := registration(append(whose, spoil)...)
		errs := map[string]error{}
		_, errs["register"] = h.Service.Register(ctx, h.Person, r)
		_, errs["supersede"] = h.Supersede(ctx, h.Person, p.ID, r)
		_, errs["cancel"] = h.Cancel(ctx, h.Person, p.ID)
		_, errs["cancel again"] = h.Cancel(ctx, h.Person, p.ID)
		_, errs["details"] = h.Details(ctx, h.Person, uuid.New())
		_, errs["list"] = h.List(ctx, h.Person, secret+"\x00", idpass.Filter{Status: idpass.Status(secret)})
		_, errs["list by status"] = h.List(ctx, h.Person, secret, idpass.Filter{Status: idpass.Status(secret)})
		_, errs["open"] = h.Open(ctx, h.Provider, p.ID, idpass.Report{EventID: secret + "\x00"})
		_, errs["complete"] = h.Complete(ctx, h.Provider, p.ID, idpass.Outcome(secret), idpass.Report{})
		_, errs["forbidden"] = h.Cancel(ctx, idpass.Actor{Organization: secret, Kind: secret, ID: secret}, p.ID)
		_, errs["parse"] = idpass.ParseStatus(secret)
		_, errs["decide"] = idpass.Decide(record(t, h.Repository, p), idpass.Input{Event: idpass.Event(secret)})
		stored, err := idpass.Schema.Encode(p)
		must(t, err)
		for _, field := range []string{`"complete"`, `"new"`, `"cancelled"`, `:null`, `:[]`} {
			_, errs["decode "+field] = idpass.Schema.Decode([]byte(strings.Replace(string(stored), field, `"`+secret+`"`, 1)))
		}
		for name, err := range errs {
			if err != nil && (strings.Contains(err.Error(), "secret") || strings.Contains(idpass.Explain(err).Message, "secret")) {
				rt.Errorf("%s: %v", name, err)
			}
		}
	})
}
