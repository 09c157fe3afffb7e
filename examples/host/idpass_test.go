package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"
)

func id(id string) string { return fmt.Sprintf(`{"id":%q}`, id) }

func notInFlight(status string) string {
	return `Cannot cancel. Current status is "` + status + `". Only passes in "new", "opened" or "in_progress" can be cancelled.`
}

// steps is how the sandbox brings a new pass to a status.
var steps = map[string][]string{
	"new": nil, "opened": {`{"event":"open"}`}, "in_progress": {`{"event":"open"}`, `{"event":"consent"}`},
	"complete": {`{"event":"complete","outcome":"failed"}`}, "failed": {`{"event":"fail"}`},
}

func (c client) pass(status string) string {
	c.t.Helper()
	pass := c.register(nil).is(c.t, 201, fields{"status": "new"}).text("id")
	for _, step := range steps[status] {
		c.ask("", "POST", "/sandbox/idpass/"+pass, step).is(c.t, 200, fields{"result": "applied"})
	}
	return pass
}

func TestCancelPass(t *testing.T) {
	c, _ := serving(t)
	for _, row := range []struct {
		name, why string
		refunded  any // nil: refused
	}{
		{"new", "seed 003: no step was taken", true},
		{"opened", "seed 003: opening is no step", true},
		{"in_progress", "seed 003: past consent", false},
		{"complete", "seed 003: terminal", nil},
		{"failed", "seed 003: terminal", nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			c := client{t, c.base}
			pass := c.pass(row.name)
			c.ask("demo-b", "POST", "/idpass/cancel", id(pass)).is(t, 404, problem("NOT_FOUND", "ID Pass not found"))
			if row.refunded == nil {
				c.ask("demo-a", "POST", "/idpass/cancel", id(pass)).is(t, 400, problem("INVALID_STATUS", notInFlight(row.name)))
				c.whole("/idpass/"+pass+"/audit", 1, 0)
				return
			}
			a := c.ask("demo-a", "POST", "/idpass/cancel", id(pass)).is(t, 200, fields{"status": "cancelled", "fee_refunded": row.refunded})
			if _, err := uuid.Parse(a.text("reference")); err != nil || len(a.body) != 3 {
				t.Errorf("not the answer of the specification: %s", a.raw)
			}
			c.ask("demo-a", "POST", "/idpass/cancel", id(pass)).is(t, 400, problem("INVALID_STATUS", notInFlight("cancelled")))
			refunds := 0
			if row.refunded == true {
				refunds = 1
			}
			trail := c.whole("/idpass/"+pass+"/audit", 1, refunds)
			if refunds == 1 && trail.at("postings.1.reverses") != trail.at("postings.0.key") {
				t.Errorf("the refund does not name the charge: %s", trail.raw)
			}
			if !strings.Contains(trail.raw, a.text("reference")) {
				t.Error("the reference of the call is not in the trail")
			}
		})
	}
}

func TestRegisterAndDetails(t *testing.T) {
	c, _ := serving(t)
	a := c.register(fields{"slot": "s1", "link_validity_days": 14, "image_retention_days": 5000, "requested_identity": fields{"given": "x"},
		"document_1_allowed_types": []string{"passport", "licence"}}).is(t, 201, fields{"status": "new"})
	if len(a.body) != 5 || a.text("link") == "" || a.text("expires_at") == "" {
		t.Errorf("not the answer of the specification: %s", a.raw)
	}
	d := c.ask("demo-a", "POST", "/idpass/details", id(a.text("id"))).is(t, 200, fields{
		"id": a.text("id"), "status": "new", "verification_status": nil, "consent_given_at": nil, "completed_at": nil, "fee_refunded": false,
		"expires_at": a.text("expires_at"), "slot": "s1", "applicant": "applicant-1", "requested_identity.given": "x", "fee.amount": 500,
		"document_1_allowed_types.1": "licence", "document_2_allowed_types": "[]", "link_validity_days": 14,
	})
	if _, err := uuid.Parse(d.text("reference")); err != nil {
		t.Errorf("no reference: %s", d.raw)
	}
	c.register(fields{"slot": "s1"}).is(t, 409, fields{"error": "SLOT_TAKEN"})
	c.ask("demo-b", "POST", "/idpass/register", order(fields{"slot": "s1"})).is(t, 201, nil) // another organization's slot
	free := c.register(fields{"fee": fields{"amount": 0, "currency": "AUD"}}).is(t, 201, nil).text("id")
	c.ask("demo-a", "POST", "/idpass/cancel", id(free)).is(t, 200, fields{"fee_refunded": false})
	c.whole("/idpass/"+free+"/audit", 0, 0)
	first := c.ask("demo-a", "POST", "/idpass/register", order(nil), "Idempotency-Key", "k").is(t, 201, nil)
	c.ask("demo-a", "POST", "/idpass/register", order(nil), "Idempotency-Key", "k").is(t, 201, fields{"id": first.text("id")})
	c.ask("demo-a", "POST", "/idpass/register", order(fields{"slot": "x"}), "Idempotency-Key", "k").is(t, 409, fields{"error": "CONFLICT"})
}

func TestPassBodies(t *testing.T) {
	c, _ := serving(t)
	for _, row := range []struct {
		name, why string
		extra     fields
		field     string
	}{
		{"validity 0", "0 is no default", fields{"link_validity_days": 0}, "link_validity_days"},
		{"validity 15", "1 to 14", fields{"link_validity_days": 15}, "link_validity_days"},
		{"validity half", "whole days", fields{"link_validity_days": 1.5}, "link_validity_days"},
		{"retention", "0 to 5000", fields{"image_retention_days": 5001}, "image_retention_days"},
		{"document", "five kinds", fields{"document_2_allowed_types": []string{"library card"}}, "document_2_allowed_types"},
		{"document twice", "each once", fields{"document_3_allowed_types": []string{"visa", "visa"}}, "document_3_allowed_types"},
		{"document no list", "a list", fields{"document_1_allowed_types": "visa"}, "document_1_allowed_types"},
		{"no applicant", "whose pass?", fields{"applicant": ""}, "applicant"},
		{"negative fee", "money is not paid out so", fields{"fee": fields{"amount": -1, "currency": "AUD"}}, "fee"},
		{"float fee", "never floats", fields{"fee": fields{"amount": 5.5, "currency": "AUD"}}, "fee.amount"},
		{"huge fee", "overflow is an error", fields{"fee": fields{"amount": 1e30, "currency": "AUD"}}, "fee.amount"},
		{"no amount", "left out is not free", fields{"fee": fields{"currency": "AUD"}}, "fee"},
		{"no currency", "an amount of what?", fields{"fee": fields{"amount": 5}}, "fee"},
		{"no fee", "left out is not free", fields{"fee": nil}, "fee"},
		{"fee with more", "strict within, too", fields{"fee": fields{"amount": 5, "currency": "AUD", "tax": 1}}, "fee.tax"},
		{"identity too big", "10,240 bytes", fields{"requested_identity": strings.Repeat("x", 10_240)}, "requested_identity"},
		{"other letters", "encoding/json would take it", fields{"Slot": "x"}, "slot"},
		{"id", "supersede's, not register's", fields{"id": uuid.NewString()}, "id"},
	} {
		t.Run(row.name, func(t *testing.T) {
			c := client{t, c.base}
			a := c.register(row.extra).is(t, 400, fields{"error": "VALIDATION_ERROR"})
			if !strings.HasPrefix(a.text("message"), row.field+": ") {
				t.Errorf("it does not name %s: %s", row.field, a.raw)
			}
		})
	}
	none := problem("NOT_FOUND", "ID Pass not found")
	for _, path := range []string{"/idpass/details", "/idpass/cancel"} {
		c.ask("demo-a", "POST", path, id(uuid.NewString())).is(t, 404, none)
		c.ask("demo-a", "POST", path, id("42")).is(t, 404, none)
		c.ask("demo-a", "POST", path, `{}`).is(t, 400, problem("VALIDATION_ERROR", "id: is required"))
		c.ask("demo-a", "POST", path, `{"id":7}`).is(t, 400, problem("VALIDATION_ERROR", "id: must be a string"))
		c.ask("demo-a", "POST", path, ``).is(t, 400, fields{"error": "VALIDATION_ERROR"})
		c.ask("", "POST", path, `{}`).is(t, 401, nil)
	}
	c.ask("demo-a", "GET", "/idpass/42/audit", "").is(t, 404, none)
}

func TestSupersede(t *testing.T) {
	c, _ := serving(t)
	prior := c.register(fields{"slot": "s1"}).is(t, 201, nil).text("id")
	with := func(extra fields) string { extra["slot"] = "s1"; return order(extra) }
	a := c.ask("demo-a", "POST", "/idpass/supersede", with(fields{"id": prior}), "Idempotency-Key", "k").is(t, 201, fields{
		"cancelled.id": prior, "cancelled.status": "cancelled", "cancelled.fee_refunded": true, "status": "new"})
	if len(a.body) != 6 || a.text("reference") == "" {
		t.Errorf("not the answer of the specification: %s", a.raw)
	}
	c.ask("demo-a", "POST", "/idpass/supersede", with(fields{"id": prior}), "Idempotency-Key", "k").is(t, 201, fields{"id": a.text("id")})
	c.ask("demo-a", "POST", "/idpass/supersede", with(fields{"id": prior})).is(t, 400, problem("INVALID_STATUS", notInFlight("cancelled")))
	c.ask("demo-b", "POST", "/idpass/supersede", with(fields{"id": a.text("id")})).is(t, 404, problem("NOT_FOUND", "ID Pass not found"))
	c.ask("demo-a", "POST", "/idpass/supersede", with(fields{"id": "42"})).is(t, 404, nil)
	c.ask("demo-a", "POST", "/idpass/supersede", with(fields{})).is(t, 400, fields{"error": "VALIDATION_ERROR"})
	c.ask("demo-a", "POST", "/idpass/supersede", with(fields{"id": a.text("id"), "applicant": "applicant-2"})).is(t, 400, fields{"error": "VALIDATION_ERROR"})
	c.ask("demo-a", "POST", "/idpass/supersede", with(fields{"id": a.text("id"), "link_validity_days": 0})).is(t, 400, fields{"error": "VALIDATION_ERROR"})
	c.whole("/idpass/"+prior+"/audit", 1, 1)
	c.whole("/idpass/"+a.text("id")+"/audit", 1, 0)
	open := c.pass("in_progress")
	c.ask("demo-a", "POST", "/idpass/supersede", order(fields{"id": open})).is(t, 201, fields{"cancelled.fee_refunded": false})
	t.Run("order of checks", func(t *testing.T) {
		c.ask("demo-a", "POST", "/idpass/supersede", with(fields{"id": uuid.NewString(), "link_validity_days": 0})).is(t, 400, fields{"error": "VALIDATION_ERROR"})
	})
}
