package main

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// drawn is text that looks personal and occurs nowhere by chance: a name, or the number
// of a document.
func drawn(r *rand.Rand) string {
	letters := func(from rune, n int) string {
		var b strings.Builder
		for range n {
			b.WriteRune(from + rune(r.IntN(26)))
		}
		return b.String()
	}
	if r.IntN(2) == 0 {
		return letters('A', 1) + letters('a', 7) + " " + letters('A', 1) + letters('a', 9)
	}
	return letters('A', 2) + fmt.Sprint(1_000_000_00+r.IntN(8_999_999_99))
}

// Personal data never appears in an error text or a log line, wherever it was written.
func TestNothingPersonalGetsOut(t *testing.T) {
	c, log := serving(t)
	r := rand.New(rand.NewPCG(1, 2)) // fixed: a failure comes again
	var all []string
	personal := func() string {
		all = append(all, drawn(r))
		return all[len(all)-1]
	}
	v := c.in("in_review")
	done := c.in("cancelled")
	pass := c.pass("complete")
	for range 12 {
		for _, q := range erroneous(personal, v, done, pass) {
			leaks(t, all, q.method+" "+q.path, c.ask(q.token, q.method, q.path, q.body))
		}
		leaks(t, all, "webhook", c.hook(fmt.Sprintf(`{"eventId":"e","sessionId":%q,"status":"approved","occurredAt":"2026-01-01T00:00:00Z"}`, personal())))
		leaks(t, all, "webhook", c.hook(fmt.Sprintf(`{"eventId":"e","sessionId":%q,"status":%q,"occurredAt":%q}`, v.session, personal(), personal())))
	}
	// What goes well holds it where it belongs, and the log not even then.
	c.ask("demo-a", "POST", v.path("/approve"), fmt.Sprintf(`{"reason":%q}`, personal())).is(t, 200, fields{"metadata.approvalReason": all[len(all)-1]})
	slot := personal()
	c.register(fields{"applicant": personal(), "slot": slot, "requested_identity": fields{"name": personal()}}).is(t, 201, nil)
	leaks(t, all, "slot taken", c.register(fields{"slot": slot}))
	for _, text := range all {
		if strings.Contains(log.String(), text) || strings.Contains(log.String(), url.PathEscape(text)) {
			t.Fatalf("the log holds %q", text)
		}
	}
	if !strings.Contains(log.String(), `route="POST /api/kyc/validations/{id}/approve" status=200`) {
		t.Error("the log does not say what was asked")
	}
}

// request is one to be refused.
type request struct{ token, method, path, body string }

// erroneous are requests that hold something personal wherever a client could put it, and
// that are refused for every kind of reason.
func erroneous(personal func() string, v, done validation, pass string) []request {
	return []request{
		{"demo-a", "POST", v.path("/reject"), fmt.Sprintf(`{"reason":%q`, personal())},
		{"demo-a", "POST", v.path("/reject"), fmt.Sprintf(`{%q:"long enough"}`, personal())},
		{"demo-a", "POST", v.path("/reject"), fmt.Sprintf(`{"reason":{"name":%q}}`, personal())},
		{"demo-a", "POST", v.path("/reject"), fmt.Sprintf(`{"reason":%q}`, strings.Repeat(personal(), 120))},
		{"demo-a", "POST", v.path("/reject"), fmt.Sprintf("{\"reason\":\"%s\\u0000\"}", personal())},
		{"demo-a", "POST", done.path("/approve"), fmt.Sprintf(`{"reason":%q}`, personal())},
		{"demo-b", "DELETE", v.path("/cancel"), fmt.Sprintf(`{"reason":%q}`, personal())},
		{"demo-a", "POST", "/api/kyc/validations/" + url.PathEscape(personal()) + "/approve", `{"reason":"long enough"}`},
		{"demo-a", "GET", "/api/kyc/entities/" + url.PathEscape(personal()) + "/current", ""},
		{"demo-a", "GET", "/api/kyc/entities/" + v.entity + "/validations?status=" + url.QueryEscape(personal()), ""},
		{"demo-a", "GET", "/api/kyc/entities/" + v.entity + "/validations?" + url.QueryEscape(personal()) + "=1", ""},
		{"demo-a", "POST", "/api/kyc/validations", fmt.Sprintf(`{"entityId":%q,"integrationCode":%q}`, personal(), code)},
		{"demo-a", "POST", "/api/kyc/validations", fmt.Sprintf(`{"entityId":%q,"integrationCode":%q}`, uuid.NewString(), personal())},
		{"demo-a", "POST", "/api/kyc/validations", fmt.Sprintf(`{"entityId":%q,"integrationCode":%q,"metadata":{"cancelledBy":%q}}`, uuid.NewString(), code, personal())},
		{"demo-a", "POST", "/api/kyc/validations", fmt.Sprintf(`{"entityId":%q,"integrationCode":%q,"metadata":[%q]}`, uuid.NewString(), code, personal())},
		{"demo-a", "POST", "/idpass/register", order(fields{"applicant": strings.Repeat(personal(), 30)})},
		{"demo-a", "POST", "/idpass/register", order(fields{"document_1_allowed_types": []string{personal()}})},
		{"demo-a", "POST", "/idpass/register", order(fields{"requested_identity": fields{"name": personal()}, "link_validity_days": 0})},
		{"demo-a", "POST", "/idpass/register", order(fields{"fee": fields{"amount": 1, "currency": personal()}})},
		{"demo-a", "POST", "/idpass/details", id(personal())},
		{"demo-a", "POST", "/idpass/cancel", fmt.Sprintf(`{"id":%q,"reason":%q}`, pass, personal())},
		{personal(), "POST", "/idpass/cancel", id(pass)},
		{"", "GET", "/" + url.PathEscape(personal()), ""},
		{"", "POST", "/webhooks/kyc", fmt.Sprintf(`{"eventId":%q}`, personal())},
		{"", "POST", "/sandbox/kyc/sessions/" + url.PathEscape(personal()), `{"status":"approved"}`},
		{"", "POST", "/sandbox/kyc/sessions/" + v.session, fmt.Sprintf(`{"status":%q}`, personal())},
		{"", "POST", "/sandbox/idpass/" + pass, fmt.Sprintf(`{"event":"complete","outcome":%q}`, personal())},
		{"", "POST", "/sandbox/clock", fmt.Sprintf(`{"advance":%q}`, personal())},
	}
}

// leaks looks for everything drawn so far in an error answer.
func leaks(t *testing.T, all []string, what string, a answer) {
	t.Helper()
	if a.status < 400 || a.status == 500 || a.text("error") == "" || a.text("message") == "" || len(a.body) != 2 {
		t.Fatalf("%s: not the shape of an error: %d %s", what, a.status, a.raw)
	}
	for _, text := range all {
		if strings.Contains(a.raw, text) || strings.Contains(fmt.Sprint(a.header), text) {
			t.Fatalf("%s: the answer holds %q: %s", what, text, a.raw)
		}
	}
}
