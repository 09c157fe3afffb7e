package drift_test

import (
	"errors"
	"testing"

	"github.com/kycle/kycle/lifecycle/drift"
)

const circular = "its references lead in a circle, or are more than anybody follows"

func TestOpenAPIEnum(t *testing.T) {
	document := func(enum string) string {
		return `{"openapi":"3.1.0","components":{"schemas":{"Status":{"type":"string","enum":` + enum + `},"Loan":{"properties":{"status":{"$ref":"#/components/schemas/Status"}}},
			"a/b~c":{"enum":` + enum + `},"Circle":{"$ref":"#/components/schemas/Circle"},"Away":{"$ref":"other.json#/x"},"Lost":{"$ref":"#/nowhere"},"Plain":{"type":"string"}}},"list":[{"enum":` + enum + `}]}`
	}
	whole := document(`["void","asked","lent","back",null]`)
	at := func(pointer string) func(string) error {
		return func(text string) error { return drift.OpenAPIEnum(loans, []byte(text), pointer) }
	}
	for _, pointer := range []string{"Status", "a/b~c", "/components/schemas/Status", "#/components/schemas/Status/enum", "/components/schemas/Loan/properties/status",
		"/components/schemas/Loan/properties/status/enum", "/components/schemas/a~1b~0c", "/list/0"} {
		if err := at(pointer)(whole); err != nil {
			t.Error(err)
		}
	}
	if err := at("Status")(`{"swagger":"2.0","definitions":{"Status":{"enum":["void","asked","lent","back"]}}}`); err != nil {
		t.Error(err)
	}
	if err := at("")(`["void","asked","lent","back"]`); err != nil {
		t.Error("the whole document is the enum:", err)
	}
	judge(t, []gate{
		{"missing", "a new state", document(`["asked","lent"]`), "gap: drift: the enum at Status is not what the machine loan says; missing here: back, void"},
		{"unknown", "another spelling", document(`["asked","lent","back","void","Void"]`), "gap: drift: the enum at Status is not what the machine loan says; unknown to the machine: Void"},
		{"not strings", "it is no list of names", document(`[1]`), "drift: the enum at Status: a value of the enum is not a string"},
		{"no list", "it is no enum", document(`"asked"`), "drift: the enum at Status: what stands there is neither a schema nor an enum"},
		{"YAML", "it is not JSON", "openapi: 3.1.0", "drift: the enum at Status: the document is not JSON; one in YAML has to be converted first"},
		{"elsewhere", "the component is not there", `{"components":{"schemas":{}}}`, "drift: the enum at Status: nothing stands there"},
	}, at("Status"))
	for pointer, want := range map[string]string{
		"Circle": circular, "Away": "a reference leads to another document: hand over one that holds everything", "Lost": "a reference leads to nothing", "Circle/x": "nothing stands there",
		"/components/schemas/Circle/x": circular, "/components/schemas/Lost/x": "a reference leads to nothing", "#/%zz": "the pointer is not percent-encoded as it should be", "Plain": "the schema has no enum",
		"/list/1": "nothing stands there", "/list/x": "nothing stands there", "/list/0/enum/0/x": "nothing stands there", "#list": "nothing stands there",
	} {
		var source *drift.SourceError
		if err := at(pointer)(whole); !errors.As(err, &source) || source.Problem != want {
			t.Errorf("%s: %v, not %s", pointer, err, want)
		}
	}
}

// The values of a schema can be written in several ways.
func TestOpenAPISchemas(t *testing.T) {
	const (
		at     = "drift: the enum at S: "
		others = `{"const":"lent"},{"const":"back"},{"enum":["void",null]}`
	)
	judge(t, []gate{
		{"an allOf of a reference", "the idiom of 3.0 for a description beside it", `{"description":"x","nullable":true,"allOf":[{"$ref":"#/components/schemas/A%20B"}]}`, ""},
		{"a percent-encoded reference", "it is a fragment of a URI", `{"$ref":"#/%63omponents/schemas/A%20B"}`, ""},
		{"oneOf", "the idiom of 3.1 for a description of each", `{"oneOf":[{"const":"asked","description":"x"},` + others + `]}`, ""},
		{"anyOf", "and it may be null", `{"anyOf":[{"type":"null"},{"$ref":"#/components/schemas/A%20B"}]}`, ""},
		{"both may hold", "of an anyOf", `{"anyOf":[{"const":"asked"},{"$ref":"#/components/schemas/A%20B"}]}`, ""},
		{"one value", "a const is a list of one", `{"const":"asked"}`, "gap: drift: the enum at S is not what the machine loan says; missing here: lent, back, void"},
		{"one of them is missing", "a new state", `{"oneOf":[` + others + `]}`, "gap: drift: the enum at S is not what the machine loan says; missing here: asked"},
		{"a const of a number", "it is no name", `{"const":1}`, at + "a value of the enum is not a string"},
		{"one without a list", "anything is allowed", `{"anyOf":[{"type":"string"},` + others + `]}`, at + "the schema has no enum"},
		{"neither", "oneOf allows what exactly one does", `{"oneOf":[{"const":"lent"},` + others + `]}`, at + "a value stands in two schemas of a oneOf, and so in none"},
		{"an allOf of several", "all of them hold", `{"allOf":[{"enum":["asked"]},{"enum":["lent"]}]}`, at + "the schema has an allOf of several"},
		{"an enum and a const", "both hold", `{"const":"asked","enum":["asked","lent","back","void"]}`, at + "several members of the schema say which values there are"},
		{"an enum and a not", "both hold", `{"enum":["asked","lent","back","void"],"not":{"const":"void"}}`, at + "several members of the schema say which values there are"},
		{"an enum beside a reference", "both hold, or one of them, by the version", `{"$ref":"#/components/schemas/A%20B","enum":["asked"]}`, at + "several members of the schema say which values there are"},
		{"no list of schemas", "it is not as it should be", `{"anyOf":"x"}`, at + "what stands there is neither a schema nor an enum"},
		{"a circle of choices", "it has no end", `{"anyOf":[{"$ref":"#/components/schemas/S"},{"$ref":"#/components/schemas/S"}]}`, at + circular},
		{"no reference", "it is not as it should be", `{"$ref":"#/%zz"}`, at + "a reference is not percent-encoded as it should be"},
		{"a reference that is none", "it is not as it should be", `{"$ref":1}`, at + "the schema has no enum"},
	}, func(schema string) error {
		return drift.OpenAPIEnum(loans, []byte(`{"components":{"schemas":{"S":`+schema+`,"A B":{"enum":["void","asked","lent","back"]}}}}`), "S")
	})
}
