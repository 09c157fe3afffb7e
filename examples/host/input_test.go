package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"
)

const reasonLeast = "Reason must be at least 5 characters"

// What is wrong with a body is said before anything is looked up, and names the field.
func TestBodies(t *testing.T) {
	c, _ := serving(t)
	v := c.in("in_review")
	entity := uuid.NewString()
	create := "/api/kyc/validations"
	for _, row := range []struct{ name, why, path, body, message string }{
		{"empty", "there is nothing to create from", create, "", "body: is missing: a JSON object is needed"},
		{"malformed", "half an object is none", create, `{"entityId":`, "body: must be one JSON object and nothing else"},
		{"array", "a list is no object", create, `[]`, "body: must be a JSON object"},
		{"null", "nothing is no object", create, `null`, "body: must be a JSON object"},
		{"bytes after", "a second value would be dropped in silence", create, fmt.Sprintf(`{"entityId":%q,"integrationCode":%q}{}`, entity, code), "body: must be one JSON object and nothing else"},
		{"not UTF-8", "JSON is UTF-8, and would be changed in silence", create, "{\"entityId\":\"\xff\"}", "body: must be UTF-8"},
		{"half a pair", "it would be replaced in silence", v.path("/reject"), `{"reason":"half \ud800 a pair"}`, "body: must be UTF-8: half of a surrogate pair stands alone"},
		{"unknown field", "a misspelt wish is not granted in part", create, fmt.Sprintf(`{"entityId":%q,"integrationCode":%q,"extra":1}`, entity, code), "extra: is not a known field"},
		{"unknown field that is a name", "what a client writes as a name may be a person's", v.path("/reject"), `{"Some Body":1}`, "body: has a field that is none of reason"},
		{"other letters", "encoding/json would take it", v.path("/reject"), `{"Reason":"long enough"}`, "reason: must be written in exactly these letters"},
		{"field twice", "the last would win in silence", v.path("/reject"), `{"reason":"long enough","reason":"another one"}`, "reason: is there twice"},
		{"wrong type", "a number is no reason", v.path("/approve"), `{"reason":12345}`, "reason: must be a string"},
		{"force as text", "a word is no flag", v.path("/sync"), `{"force":"true"}`, "force: must be true or false"},
		{"metadata as list", "metadata is an object", create, fmt.Sprintf(`{"entityId":%q,"integrationCode":%q,"metadata":[]}`, entity, code), "metadata: must be a JSON object"},
		{"metadata too big", "10,240 bytes at most", create, fmt.Sprintf(`{"entityId":%q,"integrationCode":%q,"metadata":{"k":%q}}`, entity, code, strings.Repeat("m", 10_240)), "metadata: must be at most 10240 bytes of compact JSON"},
		{"metadata of a decision", "only a decision sets it", create, fmt.Sprintf(`{"entityId":%q,"integrationCode":%q,"metadata":{"manuallyApprovedBy":"user_b"}}`, entity, code), "metadata: manuallyApprovedBy is set by decisions only"},
		{"no entity", "nobody is verified", create, fmt.Sprintf(`{"integrationCode":%q}`, code), "entityId: must be a UUID"},
		{"entity no UUID", "spec 1.6", create, fmt.Sprintf(`{"entityId":"42","integrationCode":%q}`, code), "entityId: must be a UUID"},
		{"entity in braces", "one form, the usual one", create, fmt.Sprintf(`{"entityId":"{%s}","integrationCode":%q}`, entity, code), "entityId: must be a UUID"},
	} {
		t.Run(row.name, func(t *testing.T) {
			client{t, c.base}.ask("demo-a", "POST", row.path, row.body).is(t, 400, problem("VALIDATION_ERROR", row.message))
		})
	}
	c.ask("demo-a", "POST", create, fmt.Sprintf(`{"entityId":%q,"integrationCode":"another_provider"}`, entity)).
		is(t, 400, problem("PROVIDER_INTEGRATION_NOT_CONFIGURED", "Provider integration is not configured"))
	c.ask("demo-a", "GET", v.path(""), "").is(t, 200, fields{"status": "in_review", "metadata": "map[]"}) // nothing of all that was done
	c.whole(v.path("/audit"), 0, 0)
}

func TestReasons(t *testing.T) {
	c, _ := serving(t)
	for _, row := range []struct {
		name, why, reason, message string
	}{
		{"missing", "seeds: required", `{}`, reasonLeast},
		{"no body", "as good as missing", ``, reasonLeast},
		{"null", "as good as missing", `{"reason":null}`, reasonLeast},
		{"four", "seeds: at least 5", `{"reason":"abcd"}`, reasonLeast},
		{"white space", "trimmed, nothing is left", `{"reason":" \t\n        "}`, reasonLeast},
		{"four in white space", "trimmed, four are left", `{"reason":"   abcd   "}`, reasonLeast},
		{"1001", "spec: at most 1,000", `{"reason":"` + strings.Repeat("x", 1001) + `"}`, "Reason must be at most 1000 characters"},
		{"NUL", "no store takes it", `{"reason":"long\u0000enough"}`, "reason: must be UTF-8 without NUL"},
	} {
		t.Run(row.name, func(t *testing.T) {
			c := client{t, c.base}
			v := c.in("in_review")
			for verb, method := range map[string]string{"/approve": "POST", "/reject": "POST", "/cancel": "DELETE"} {
				c.ask("demo-a", method, v.path(verb), row.reason).is(t, 400, problem("VALIDATION_ERROR", row.message))
			}
			c.ask("demo-a", "GET", v.path(""), "").is(t, 200, fields{"status": "in_review"})
		})
	}
	for _, reason := range []string{"😀😀😀😀😀", strings.Repeat("ä", 1000), "<b>&</b>"} {
		v := c.in("in_review")
		c.ask("demo-a", "POST", v.path("/approve"), fmt.Sprintf(`{"reason":%q}`, reason)).is(t, 200, fields{"metadata.approvalReason": reason})
		c.whole(v.path("/audit"), 1, 0)
	}
}

func TestTooLarge(t *testing.T) {
	c, _ := serving(t)
	v := c.in("in_review")
	megabyte := `{"reason":"` + strings.Repeat("x", 1<<20) + `"}`
	for _, path := range []string{v.path("/approve"), v.path("/sync"), "/api/kyc/validations", "/idpass/register", "/idpass/cancel"} {
		c.ask("demo-a", "POST", path, megabyte).is(t, 413, problem("VALIDATION_ERROR", "body: must be at most 65536 bytes"))
	}
	c.ask("", "POST", v.path("/approve"), megabyte).is(t, 401, fields{"error": "UNAUTHORIZED"})
	c.hook(megabyte).is(t, 413, fields{"error": "VALIDATION_ERROR"})
	exactly := `{"reason":"enough of it"` + strings.Repeat(" ", 64<<10-len(`{"reason":"enough of it"}`)) + `}`
	c.ask("demo-a", "POST", v.path("/approve"), exactly).is(t, 200, nil)
}

// 401, then the body, then 404: an earlier check is never given away by a later one.
func TestOrderOfChecks(t *testing.T) {
	c, _ := serving(t)
	foreign := c.in("in_review").id
	const reason = `{"reason":"long enough"}`
	notFound := problem("NOT_FOUND", "Validation not found")
	for name, id := range map[string]string{"unknown": uuid.NewString(), "foreign": foreign, "malformed": "42", "zero": uuid.Nil.String(), "braces": "{" + foreign + "}", "encoded": "%00"} {
		t.Run(name, func(t *testing.T) {
			c, path := client{t, c.base}, "/api/kyc/validations/"+id
			for verb, method := range map[string]string{"/approve": "POST", "/reject": "POST", "/cancel": "DELETE", "/sync": "POST", "/audit": "GET", "": "GET"} {
				c.ask("", method, path+verb, "{").is(t, 401, fields{"error": "UNAUTHORIZED"})
				c.ask("demo-c", method, path+verb, "{").is(t, 401, fields{"error": "UNAUTHORIZED"})
				switch verb {
				case "", "/audit":
					c.ask("demo-b", method, path+verb, "").is(t, 404, notFound)
				case "/sync":
					c.ask("demo-b", method, path+verb, "{").is(t, 400, fields{"error": "VALIDATION_ERROR"})
					c.ask("demo-b", method, path+verb, "").is(t, 404, notFound)
				default:
					c.ask("demo-b", method, path+verb, "{").is(t, 400, fields{"error": "VALIDATION_ERROR"})
					c.ask("demo-b", method, path+verb, `{"reason":"1234"}`).is(t, 400, problem("VALIDATION_ERROR", reasonLeast))
					c.ask("demo-b", method, path+verb, reason).is(t, 404, notFound)
				}
			}
			if name != "unknown" && name != "foreign" {
				for _, view := range []string{"current", "status", "validations"} {
					c.ask("demo-b", "GET", "/api/kyc/entities/"+id+"/"+view, "").is(t, 404, notFound)
				}
				c.ask("demo-b", "GET", "/api/kyc/entities/"+id+"/validations?page=0", "").is(t, 400, fields{"error": "VALIDATION_ERROR"})
			}
		})
	}
}

func TestKeys(t *testing.T) {
	c, _ := serving(t)
	v := c.create()
	for name, header := range map[string][]string{
		"none": {}, "unknown": {"Authorization", "Bearer demo-c"}, "no scheme": {"Authorization", "demo-a"}, "basic": {"Authorization", "Basic demo-a"},
		"empty": {"Authorization", "Bearer "}, "padded": {"Authorization", "Bearer  demo-a"}, "two": {"Authorization", "Bearer demo-a", "Authorization", "Bearer demo-b"},
	} {
		t.Run(name, func(t *testing.T) {
			a := client{t, c.base}.ask("", "GET", v.path(""), "", header...).is(t, 401, problem("UNAUTHORIZED", "A valid API key is needed"))
			if a.header.Get("WWW-Authenticate") != "Bearer" {
				t.Error("it does not say what kind of key is needed")
			}
		})
	}
	c.ask("", "GET", v.path(""), "", "Authorization", "bearer demo-a").is(t, 200, nil) // RFC 9110: the scheme is case-insensitive
}

func TestUnknownRoutes(t *testing.T) {
	c, log := serving(t)
	v := c.create()
	for _, path := range []string{"/api", "/api/kyc/validations/" + v.id + "/erase", "/nothing", "/api//kyc/validations", "/api/kyc/validations/", "/idpass//audit", "/a/../idpass/register"} {
		c.ask("demo-a", "GET", path, "").is(t, 404, fields{"error": "NOT_FOUND"})
	}
	for method, path := range map[string]string{"PUT": "/api/kyc/validations", "POST": v.path("/cancel"), "DELETE": v.path(""), "GET": "/idpass/register", "PATCH": v.path("/approve"), "SOMEBODY": v.path("")} {
		c.ask("demo-a", method, path, "").is(t, 404, fields{"error": "NOT_FOUND"})
	}
	if strings.Contains(log.String(), "SOMEBODY") || strings.Contains(log.String(), "erase") {
		t.Error("the log repeats what a client made up")
	}
	c.ask("", "GET", "/healthz", "").is(t, 200, fields{"status": "ok"})
}
