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
			t.Errorf("%s: got %v, want %s", pointer, err, want)
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

// A full enum says nothing where something beside it refuses some of its values, or where
// readers differ on which of two counts.
func TestOpenAPIBesideTheEnum(t *testing.T) {
	const (
		at    = "drift: the enum at S: "
		full  = `"enum":["asked","lent","back","void"]`
		twice = at + "an object of the document has a key twice"
		kind  = at + "the schema's type is not string"
	)
	may := func(member string) string { return at + "its member " + member + " may refuse some of the values" }
	whole := func(schema string) string { return `{"components":{"schemas":{"S":` + schema + `}}}` }
	beside := func(members string) string { return whole(`{` + full + `,` + members + `}`) }
	referred := func(members string) string {
		return `{"components":{"schemas":{"T":{` + full + `},"S":{"$ref":"#/components/schemas/T",` + members + `}}}}`
	}
	judge(t, []gate{
		{"a string", "that is what statuses are", beside(`"type":"string"`), ""},
		{"a string or null", "it may be null", beside(`"type":["null","string"]`), ""},
		{"prose", "it refuses nothing", beside(`"description":"x","example":"asked","nullable":true,"x-n":1e999`), ""},
		{"an integer", "no value is one", beside(`"type":"integer"`), kind},
		{"a list", "its items are of another schema", beside(`"type":"array","items":{"type":"string"}`), kind},
		{"none of the types", "no value is one", beside(`"type":["integer","null"]`), kind},
		{"no type", "it is not as it should be", beside(`"type":1`), kind},
		{"a type around a choice", "it holds for each", whole(`{"type":"integer","anyOf":[{` + full + `}]}`), kind},
		{"a pattern", "it holds too", beside(`"pattern":"^a"`), may("pattern")},
		{"at least", "it holds too", beside(`"minLength":5`), may("minLength")},
		{"at most", "it holds too", beside(`"maxLength":4`), may("maxLength")},
		{"a format", "some readers hold it", beside(`"format":"date"`), may("format")},
		{"a condition", "it holds too", beside(`"if":{"const":"void"},"then":false`), may("if")},
		{"half a condition", "it means something to somebody", beside(`"else":false`), may("else")},
		{"the other half", "the same", beside(`"then":false`), may("then")},
		{"a dependent schema", "it holds too", beside(`"dependentSchemas":{}`), may("dependentSchemas")},
		{"a dependent key", "it holds too", beside(`"dependentRequired":{}`), may("dependentRequired")},
		{"dependencies", "so they were called before", beside(`"dependencies":{}`), may("dependencies")},
		{"a dynamic reference", "what it leads to holds too", beside(`"$dynamicRef":"#x"`), may("$dynamicRef")},
		{"a recursive reference", "so it was called before", beside(`"$recursiveRef":"#"`), may("$recursiveRef")},
		{"a pattern beside a reference", "both hold since 3.1", referred(`"pattern":"^a"`), may("pattern")},
		{"prose beside a reference", "it refuses nothing", referred(`"description":"x"`), ""},
		{"a pattern around a choice", "it holds for each", whole(`{"pattern":"^a","oneOf":[{` + full + `}]}`), may("pattern")},
		{"a pattern in a choice", "it holds there", whole(`{"anyOf":[{"pattern":"^a",` + full + `}]}`), may("pattern")},
		{"an enum twice", "readers differ on which one counts", whole(`{"enum":["x"],` + full + `}`), twice},
		{"an escaped enum twice", "an escape makes no other key", whole(`{"\u0065num":["x"],` + full + `}`), twice},
		{"a schema twice", "readers differ on which one counts", `{"components":{"schemas":{"S":{},"S":{` + full + `}}}}`, twice},
		{"a key twice in a list", "the document is not sound", `{"x":[{"a":1,"a":1}],"components":{"schemas":{"S":{` + full + `}}}}`, twice},
		{"a name in two places", "it may mean either", `{"components":{"schemas":{"S":{` + full + `}}},"$defs":{"S":{}}}`, at + "the name stands in several places: give a pointer"},
		{"two values", "a document is one", whole(`{`+full+`}`) + "{}", at + "the document is not JSON; one in YAML has to be converted first"},
	}, func(document string) error { return drift.OpenAPIEnum(loans, []byte(document), "S") })

	const enum = "/components/schemas/S/enum"
	err := drift.OpenAPIEnum(loans, []byte(beside(`"not":{"const":"void"}`)), enum)
	if want := "drift: the enum at " + enum + ": several members of the schema say which values there are"; err == nil || err.Error() != want {
		t.Errorf("a pointer to the enum: got %v, want %s", err, want)
	}
}
