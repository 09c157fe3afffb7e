package drift

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/kycle/kycle/lifecycle"
)

// OpenAPIEnum holds the enum of a schema against the machine: nil, or *Gap (ErrGap)
// with the difference, or *SourceError (ErrSource) where the document has no such enum. The order
// of the list does not matter; null may stand in it.
//
// The document is JSON: any version of OpenAPI, Swagger 2, or a JSON Schema. at says where: a JSON
// pointer ("/components/schemas/Validation/properties/status", or with "#" before it, as a
// reference has it, percent-encoded) to a schema or to its enum, or the bare name of a component.
// References within the document are followed.
//
// A schema lists its values by one of: enum; const; oneOf or anyOf of schemas that list theirs;
// a reference, also as the only schema of an allOf. Where two of these stand side by side,
// or a "not", it is *SourceError, since both would hold.
func OpenAPIEnum(chart *lifecycle.Chart, document []byte, at string) error {
	source := "the enum at " + at
	fail := func(problem string) error { return &SourceError{Source: source, Problem: problem} }
	var doc schemas
	if err := json.Unmarshal(document, &doc.root); err != nil {
		return fail("the document is not JSON; one in YAML has to be converted first")
	}
	name := strings.NewReplacer("~", "~0", "/", "~1").Replace(at)
	pointers := []string{"/components/schemas/" + name, "/definitions/" + name, "/$defs/" + name}
	if at == "" || at[0] == '/' {
		pointers = []string{at}
	} else if at[0] == '#' {
		fragment, err := url.PathUnescape(at[1:])
		if err != nil {
			return fail("the pointer is not percent-encoded as it should be")
		}
		pointers = []string{fragment}
	}
	var node any
	problem := ""
	for _, p := range pointers {
		if node, problem = doc.resolve(p); problem != nowhere {
			break
		}
	}
	if problem != "" {
		return fail(problem)
	}
	list, problem := doc.list(node)
	if problem != "" {
		return fail(problem)
	}
	return gap(chart.Name(), source, statuses(chart), list)
}

// schemas is a document, and how many of its references were followed.
type schemas struct {
	root     any
	followed int
}

// references is how many are followed: they may lead in a circle.
const references = 1000

const (
	malformed = "what stands there is neither a schema nor an enum"
	nowhere   = "nothing stands there"
	circular  = "its references lead in a circle, or are more than anybody follows"
	external  = "a reference leads to another document: hand over one that holds everything"
	missing   = "a reference leads to nothing"
	encoding  = "a reference is not percent-encoded as it should be"
)

// deciding are the members of a schema that say which values there are.
var deciding = []string{"$ref", "enum", "const", "allOf", "oneOf", "anyOf", "not"}

// list gives the values of a schema, or of an enum itself, without null.
func (s *schemas) list(node any) (values []string, problem string) {
	if node, problem = s.dereference(node); problem != "" {
		return nil, problem
	}
	schema, is := node.(map[string]any)
	if !is {
		return enumerated(node)
	}
	by := slices.DeleteFunc(slices.Clone(deciding), func(key string) bool { _, has := schema[key]; return !has })
	if len(by) > 1 {
		return nil, "several members of the schema say which values there are"
	}
	switch key := strings.Join(by, ""); key {
	case "enum":
		return enumerated(schema[key])
	case "const":
		return enumerated([]any{schema[key]})
	case "allOf", "oneOf", "anyOf":
		of, ok := schema[key].([]any)
		if !ok {
			return nil, malformed
		}
		if key == "allOf" && len(of) > 1 {
			return nil, "the schema has an allOf of several"
		}
		for _, one := range of {
			if null, is := one.(map[string]any); is && null["type"] == "null" {
				continue
			}
			more, problem := s.list(one)
			if problem != "" {
				return nil, problem
			}
			if key == "oneOf" && len(without(more, values)) < len(more) {
				return nil, "a value stands in two schemas of a oneOf, and so in none"
			}
			values = append(values, more...)
		}
		return values, ""
	}
	return nil, "the schema has no enum"
}

func enumerated(node any) (list []string, problem string) {
	values, ok := node.([]any)
	if !ok {
		return nil, malformed
	}
	for _, v := range values {
		switch v := v.(type) {
		case string:
			list = append(list, v)
		case nil: // the status may be null; the list is as long as without it
		default:
			return nil, "a value of the enum is not a string"
		}
	}
	return list, ""
}

// resolve follows a JSON pointer (RFC 6901), and each reference that stands on the way.
func (s *schemas) resolve(pointer string) (node any, problem string) {
	parts := strings.Split(pointer, "/")
	if parts[0] != "" {
		return nil, nowhere
	}
	node = s.root
	for _, part := range parts[1:] {
		if node, problem = s.dereference(node); problem != "" {
			return nil, problem
		}
		var ok bool
		if node, ok = member(node, strings.NewReplacer("~1", "/", "~0", "~").Replace(part)); !ok {
			return nil, nowhere
		}
	}
	return node, ""
}

// dereference gives what a reference refers to, and anything else as it is: a schema with
// something to decide beside its reference, too.
func (s *schemas) dereference(node any) (any, string) {
	schema, _ := node.(map[string]any)
	target, is := schema["$ref"].(string)
	if !is || slices.ContainsFunc(deciding[1:], func(key string) bool { _, has := schema[key]; return has }) {
		return node, ""
	}
	if s.followed++; s.followed > references {
		return nil, circular
	}
	if !strings.HasPrefix(target, "#") {
		return nil, external
	}
	fragment, err := url.PathUnescape(target[1:])
	if err != nil {
		return nil, encoding
	}
	next, problem := s.resolve(fragment)
	if problem == nowhere {
		return nil, missing
	}
	if problem != "" {
		return nil, problem
	}
	return s.dereference(next)
}

func member(node any, name string) (child any, ok bool) {
	switch node := node.(type) {
	case map[string]any:
		child, ok = node[name]
	case []any:
		if i, err := strconv.Atoi(name); err == nil && i >= 0 && i < len(node) {
			return node[i], true
		}
	}
	return child, ok
}
