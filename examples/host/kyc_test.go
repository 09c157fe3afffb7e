package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"
)

func rejection(status string) string {
	return `Cannot manually reject. Current status is "` + status + `". Manual rejection is only allowed when status is "in_review" (validation requires manual review from compliance team).`
}

func approval(status string) string {
	return `Cannot manually approve. Current status is "` + status + `". Manual approval is only allowed when status is "in_review" (validation requires manual review from compliance team).`
}

func cancellation(status string) string {
	return `Cannot cancel. Current status is "` + status + `". Cancellation is only allowed when status is "pending", "in_progress" or "in_review".`
}

// The object of spec 1.6: every member is there, and nothing else.
func TestValidationObject(t *testing.T) {
	c, _ := serving(t)
	entity := uuid.NewString()
	a := c.ask("demo-a", "POST", "/api/kyc/validations", fmt.Sprintf(`{"entityId":%q,"integrationCode":%q,"metadata":{"case":7}}`, entity, code))
	a.is(t, 201, fields{
		"entityId": entity, "organizationId": "org_a", "status": "pending", "provider": code, "decision": nil, "documentsVerified": "[]",
		"biometricResult": nil, "riskAssessment": nil, "verifiedFields": "[]", "extractedData": nil, "warnings": "[]", "isCurrent": true,
		"verifiedAt": nil, "metadata.case": 7,
	})
	names := strings.Fields(`id entityId organizationId validationSessionId status provider providerSessionUrl decision documentsVerified
		biometricResult riskAssessment verifiedFields extractedData warnings isCurrent expiresAt verifiedAt metadata createdAt updatedAt`)
	for _, name := range names {
		if _, there := a.body[name]; !there {
			t.Errorf("%s is left out", name)
		}
	}
	if len(a.body) != len(names) {
		t.Errorf("%d members, want %d: %s", len(a.body), len(names), a.raw)
	}
	if got := a.header.Get("Content-Type"); got != "application/json" {
		t.Errorf("Content-Type is %q", got)
	}
}

func TestDecisionsByHand(t *testing.T) {
	for _, row := range []struct {
		name, why, verb, method, key string
		want                         fields
	}{
		{"approve", "seed 001: the mirror of reject", "/approve", "POST", "approved", fields{"status": "approved", "isCurrent": true, "metadata.manuallyApprovedBy": "user_a", "metadata.approvalReason": "seen by two"}},
		{"reject", "seed 001: never verified, not current", "/reject", "POST", "rejected", fields{"status": "rejected", "isCurrent": false, "verifiedAt": nil, "metadata.manuallyRejectedBy": "user_a", "metadata.rejectionReason": "seen by two"}},
		{"cancel", "seed 000: not current, and a new one may be created", "/cancel", "DELETE", "cancelled", fields{"status": "cancelled", "isCurrent": false, "verifiedAt": nil, "metadata.cancelledBy": "user_a", "metadata.cancellationReason": "seen by two"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			c, _ := serving(t)
			v := c.in("in_review")
			c.ask("demo-a", row.method, v.path(row.verb), `{"reason":"  seen by two \n"}`).is(t, 200, row.want)
			charges := 1
			if row.verb == "/cancel" {
				charges = 0
				c.ask("", "GET", "/sandbox/kyc/sessions/"+v.session, "").is(t, 200, fields{"terminated": true})
			}
			trail := c.whole(v.path("/audit"), charges, 0)
			if !strings.Contains(trail.raw, `"reason":"seen by two"`) {
				t.Errorf("the reason is not in the trail: %s", trail.raw)
			}
			for _, status := range []string{"approved", "declined", "in_progress"} {
				v.customer(status, true).is(t, 200, fields{"webhook.status": 200, "webhook.answer.result": "ignored"})
				c.ask("demo-a", "POST", v.path("/sync"), `{"force":true}`)
				c.ask("demo-a", "GET", v.path(""), "").is(t, 200, row.want)
			}
		})
	}
}

// Every status that a command is refused in, with the message to the letter.
func TestWrongStatus(t *testing.T) {
	c, _ := serving(t)
	for _, status := range []string{"pending", "in_progress", "in_review", "approved", "rejected", "expired", "abandoned", "cancelled"} {
		t.Run(status, func(t *testing.T) {
			c := client{t, c.base}
			v := c.in(status)
			if status != "in_review" {
				c.ask("demo-a", "POST", v.path("/reject"), `{"reason":"long enough"}`).is(t, 400, problem("INVALID_STATUS", rejection(status)))
				c.ask("demo-a", "POST", v.path("/approve"), `{"reason":"long enough"}`).is(t, 400, problem("INVALID_STATUS", approval(status)))
			}
			switch status {
			case "pending", "in_progress", "in_review":
				c.ask("demo-a", "DELETE", v.path("/cancel"), `{"reason":"long enough"}`).is(t, 200, nil)
			default:
				c.ask("demo-a", "DELETE", v.path("/cancel"), `{"reason":"long enough"}`).is(t, 400, problem("INVALID_STATUS", cancellation(status)))
			}
		})
	}
}

func TestEntityRoutes(t *testing.T) {
	c, _ := serving(t)
	v := c.in("approved")
	entity := "/api/kyc/entities/" + v.entity
	c.ask("demo-a", "GET", entity+"/current", "").is(t, 200, fields{"id": v.id})
	c.ask("demo-a", "GET", entity+"/status", "").is(t, 200, fields{"hasKyc": true, "isVerified": true, "needsReverification": false,
		"currentValidation.id": v.id, "currentValidation.status": "approved"})
	c.ask("demo-b", "GET", entity+"/current", "").is(t, 404, problem("NOT_FOUND", "Validation not found"))
	none := fields{"hasKyc": false, "isVerified": false, "needsReverification": false, "currentValidation": nil, "lastVerifiedAt": nil, "expiresAt": nil}
	c.ask("demo-b", "GET", entity+"/status", "").is(t, 200, none)
	newer := c.ask("demo-a", "POST", "/api/kyc/validations", fmt.Sprintf(`{"entityId":%q,"integrationCode":%q}`, v.entity, code)).is(t, 201, nil)
	c.ask("demo-a", "GET", entity+"/validations", "").is(t, 200, fields{"total": 2, "page": 1, "limit": 100,
		"validations.0.id": newer.text("id"), "validations.1.id": v.id, "validations.1.isCurrent": false})
	c.ask("demo-a", "GET", entity+"/validations?page=2&limit=1", "").is(t, 200, fields{"total": 2, "page": 2, "limit": 1, "validations.0.id": v.id})
	c.ask("demo-a", "GET", entity+"/validations?status=approved&isCurrent=true", "").is(t, 200, fields{"total": 0, "validations": "[]"})
	c.ask("demo-b", "GET", entity+"/validations", "").is(t, 200, fields{"total": 0})
	for _, query := range []string{"page=0", "page=-1", "page=x", "page=", "page=1&page=2", "page=99999999999999999999", "page=01", "limit=0", "limit=101",
		"limit=1.5", "status=verified", "status=", "isCurrent=yes", "isCurrent=", "sort=asc", "Page=1", "%zz", "a;b"} {
		c.ask("demo-a", "GET", entity+"/validations?"+query, "").is(t, 400, fields{"error": "VALIDATION_ERROR"})
	}
}

func TestIdempotentCreate(t *testing.T) {
	c, _ := serving(t)
	body := fmt.Sprintf(`{"entityId":%q,"integrationCode":%q}`, uuid.NewString(), code)
	first := c.ask("demo-a", "POST", "/api/kyc/validations", body, "Idempotency-Key", "key-1").is(t, 201, nil)
	again := c.ask("demo-a", "POST", "/api/kyc/validations", body, "Idempotency-Key", "key-1").is(t, 201, nil)
	if first.raw != again.raw {
		t.Errorf("a repeat answers otherwise:\n%s%s", first.raw, again.raw)
	}
	other := fmt.Sprintf(`{"entityId":%q,"integrationCode":%q}`, uuid.NewString(), code)
	c.ask("demo-a", "POST", "/api/kyc/validations", other, "Idempotency-Key", "key-1").is(t, 409, fields{"error": "CONFLICT"})
	if id := c.ask("demo-b", "POST", "/api/kyc/validations", body, "Idempotency-Key", "key-1").is(t, 201, nil).text("id"); id == first.text("id") {
		t.Error("two organizations share a key")
	}
	c.ask("demo-a", "POST", "/api/kyc/validations", body, "Idempotency-Key", "a", "Idempotency-Key", "b").is(t, 400, fields{"error": "VALIDATION_ERROR"})
	c.ask("demo-a", "POST", "/api/kyc/validations", body, "Idempotency-Key", strings.Repeat("k", 256)).is(t, 400, fields{"error": "VALIDATION_ERROR"})
	c.ask("", "POST", "/sandbox/kyc/outage", `{"down":true}`).is(t, 200, nil)
	c.ask("demo-a", "POST", "/api/kyc/validations", body, "Idempotency-Key", "key-2").is(t, 502, fields{"error": "PROVIDER_ERROR"})
	c.ask("", "POST", "/sandbox/kyc/outage", `{"down":false}`).is(t, 200, nil)
	c.ask("demo-a", "POST", "/api/kyc/validations", other, "Idempotency-Key", "key-2").is(t, 201, nil) // the key was left free
}

// Reading, refreshing, and what is shown while the provider is down.
func TestSyncAndStale(t *testing.T) {
	c, _ := serving(t)
	v := c.create()
	reads := func(want int) {
		t.Helper()
		c.ask("", "GET", "/sandbox/kyc/sessions/"+v.session, "").is(t, 200, fields{"reads": want})
	}
	c.ask("demo-a", "GET", v.path(""), "").is(t, 200, nil)
	reads(0) // never read yet: no refresh
	v.customer("in_review", false)
	c.ask("demo-a", "POST", v.path("/sync"), "").is(t, 200, fields{"status": "in_review", "decision.result": "manual_review"})
	c.ask("demo-a", "POST", v.path("/sync"), `{"force":false}`).is(t, 200, nil)
	reads(1) // within the recency window nobody is called
	c.ask("demo-a", "POST", v.path("/sync"), `{"force":true}`).is(t, 200, nil)
	reads(2)
	c.ask("", "POST", "/sandbox/clock", `{"advance":"3h31m"}`).is(t, 200, nil)
	c.ask("demo-a", "GET", v.path(""), "").is(t, 200, nil)
	reads(3) // image links die
	c.ask("", "POST", "/sandbox/clock", `{"advance":"4h"}`).is(t, 200, nil)
	c.ask("", "POST", "/sandbox/kyc/outage", `{"down":true}`).is(t, 200, nil)
	stale := c.ask("demo-a", "GET", "/api/kyc/entities/"+v.entity+"/current", "").is(t, 200, fields{"status": "in_review"})
	if stale.header.Get("X-Kycle-Stale") != "true" {
		t.Error("a validation that could not be refreshed is not marked")
	}
	down := problem("PROVIDER_ERROR", `provider "`+code+`" could not be reached or gave no usable answer`)
	c.ask("demo-a", "POST", v.path("/sync"), `{"force":true}`).is(t, 502, down)
	c.ask("demo-a", "POST", v.path("/reject"), `{"reason":"long enough"}`).is(t, 502, down)
	c.ask("", "POST", "/sandbox/kyc/outage", `{"down":false}`).is(t, 200, nil)
	c.ask("", "POST", "/sandbox/kyc/sessions/"+v.session, `{"status":"approved","occurredAt":"9999-01-01T00:00:00Z"}`).is(t, 200, nil)
	c.ask("demo-a", "POST", v.path("/sync"), `{"force":true}`).is(t, 502, down) // it talks nonsense
	if fresh := c.ask("demo-a", "GET", v.path(""), ""); fresh.header.Get("X-Kycle-Stale") != "true" {
		t.Error("nonsense counts as a reading")
	}
}
