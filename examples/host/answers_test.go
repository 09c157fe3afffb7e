package main

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"
)

var (
	anyID   = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
	anyTime = regexp.MustCompile(`\d{4}-\d\d-\d\dT[0-9:.]+Z`)
)

// stripped puts words in the place of what no two runs have in common.
func stripped(raw string) string {
	return anyTime.ReplaceAllString(anyID.ReplaceAllString(strings.TrimSuffix(raw, "\n"), "ID"), "TIME")
}

// An answer stays what it was to the byte: members in their order, and what HTML would read
// as escapes. Clients sign answers, and compare them.
func TestAnswersToTheByte(t *testing.T) {
	c, _ := serving(t)
	entity := uuid.NewString()
	created := c.ask("demo-a", "POST", "/api/kyc/validations",
		fmt.Sprintf(`{"entityId":%q,"integrationCode":%q,"metadata":{"note":"<ä> & \u2028","a":{"z":1,"b":[ 1e3 ]}}}`, entity, code))
	list := c.ask("demo-a", "GET", "/api/kyc/entities/"+entity+"/validations?limit=1", "")
	none := c.ask("demo-a", "GET", "/api/kyc/entities/"+uuid.NewString()+"/validations", "")
	const extra = `{"applicant":"<a> & b","slot":"s","requested_identity":{"z":"<&>","a":[ 1 ]},"document_1_allowed_types":["visa"],"fee":{"amount":5,"currency":"AUD"}}`
	pass := c.ask("demo-a", "POST", "/idpass/register", extra)
	details := c.ask("demo-a", "POST", "/idpass/details", id(pass.text("id")))
	const validation = `{"id":"ID","entityId":"ID","organizationId":"org_a","validationSessionId":"session_ID","status":"pending",` +
		`"provider":"global_gueno_validation_kyc","providerSessionUrl":"https://verify.example.com/session_ID","decision":null,` +
		`"documentsVerified":[],"biometricResult":null,"riskAssessment":null,"verifiedFields":[],"extractedData":null,"warnings":[],` +
		`"isCurrent":true,"expiresAt":"TIME","verifiedAt":null,` +
		`"metadata":{"a":{"z":1,"b":[1e3]},"note":"\u003cä\u003e \u0026 \u2028"},"createdAt":"TIME","updatedAt":"TIME"}`
	for _, row := range []struct{ name, why, got, want string }{
		{"create", "the object of spec 1.6", created.raw, validation},
		{"list", "the members of a page are the same objects", list.raw, `{"validations":[` + validation + `],"total":1,"page":1,"limit":1}`},
		{"empty list", "no records are an empty list, and not null", none.raw, `{"validations":[],"total":0,"page":1,"limit":100}`},
		{"register", "five members of a pass", pass.raw,
			`{"id":"ID","status":"new","link":"https://pass.example.com/ID","expires_at":"TIME","reference":"ID"}`},
		{"details", "the whole pass, and the reference of this call behind it", details.raw,
			`{"id":"ID","organization_id":"org_a","applicant":"\u003ca\u003e \u0026 b","slot":"s","status":"new","verification_status":null,` +
				`"link":"https://pass.example.com/ID","fee_refunded":false,"created_at":"TIME","updated_at":"TIME","consent_given_at":null,` +
				`"completed_at":null,"expires_at":"TIME","supersedes":null,"superseded_by":null,"link_validity_days":7,"image_retention_days":0,` +
				`"document_1_allowed_types":["visa"],"document_2_allowed_types":[],"document_3_allowed_types":[],` +
				`"requested_identity":{"a":[1],"z":"\u003c\u0026\u003e"},"fee":{"amount":5,"currency":"AUD"},"reference":"ID"}`},
	} {
		if got := stripped(row.got); got != row.want {
			t.Errorf("%s: got\n%s\nwant\n%s (%s)", row.name, got, row.want, row.why)
		}
	}
}
