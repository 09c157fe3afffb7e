package drift

import (
	"bytes"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/kycle/kycle/lifecycle"
)

// OpenAPIEnum holds the enum of a schema against the spellings of the machine's states: nil, or
// *Gap (ErrGap) with the difference, or *SourceError (ErrSource) where the document has no such
// enum. The order of the list does not matter; null may stand in it.
//
// The document is JSON: any version of OpenAPI, Swagger 2, or a JSON Schema. at says where: a JSON
// pointer ("/components/schemas/Validation/properties/status", or with "#" before it, as a
// reference has it, percent-encoded) to a schema or to its enum, or the bare name of a component.
// References within the document are followed.
//
// A schema lists its values by one of: enum; const; oneOf or anyOf of schemas that list theirs;
// a reference, also as the only schema of an allOf. Where two of these stand side by side,
// or a "not", it is *SourceError, since both would hold; and so it is where something beside
// them may refuse some of the values (a type other than string, a pattern, a length, a format, a
// condition), where a key stands twice in the document, or a bare name in two places.
func OpenAPIEnum(chart *lifecycle.Chart, document []byte, at string) error {
	source := "the enum at " + at
	fail := func(problem string) error { return &SourceError{Source: source, Problem: problem} }
	root, problem := decode(document)
	if problem != "" {
		return fail(problem)
	}
	doc := schemas{root: root}
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
	pointers = slices.DeleteFunc(pointers, func(p string) bool { _, problem := doc.resolve(p); return problem == nowhere })
	switch len(pointers) {
	case 0:
		return fail(nowhere)
	case 1:
	default:
		return fail("the name stands in several places: give a pointer")
	}
	node, problem := doc.resolve(pointers[0])
	if _, is := node.([]any); is { // the members of the schema around an enum hold, too
		if schema, within := strings.CutSuffix(pointers[0], "/enum"); within {
			node, problem = doc.resolve(schema)
		}
	}
	if problem != "" {
		return fail(problem)
	}
	list, problem := doc.list(node)
	if problem != "" {
		return fail(problem)
	}
	return compare(chart, source, list)
}

// decode reads JSON. A key that stands twice is refused: readers differ on which one counts.
func decode(document []byte) (root any, problem string) {
	if !json.Valid(document) {
		return nil, "the document is not JSON; one in YAML has to be converted first"
	}
	d := json.NewDecoder(bytes.NewReader(document))
	d.UseNumber() // one may be too large for any type, and none is looked at
	root, ok := value(d)
	if !ok {
		return nil, "an object of the document has a key twice"
	}
	return root, ""
}

// value takes the next value of what is valid JSON; ok is false where a key stands twice in it.
func value(d *json.Decoder) (node any, ok bool) {
	token, _ := d.Token()
	switch token {
	case json.Delim('{'):
		object := map[string]any{}
		for d.More() {
			key, _ := d.Token()
			name, _ := key.(string)
			_, twice := object[name]
			if object[name], ok = value(d); !ok || twice {
				return nil, false
			}
		}
		node = object
	case json.Delim('['):
		list := []any{}
		for d.More() {
			one, ok := value(d)
			if !ok {
				return nil, false
			}
			list = append(list, one)
		}
		node = list
	default:
		return token, true
	}
	_, _ = d.Token() // its end
	return node, true
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

// narrowing are the members that may refuse a string that the deciding ones allow.
var narrowing = []string{
	"pattern", "minLength", "maxLength", "format", "if", "then", "else", "dependencies", "dependentRequired", "dependentSchemas", "$dynamicRef", "$recursiveRef",
}

// narrowed says which member, if any, may refuse some of the schema's values.
func narrowed(schema map[string]any) (problem string) {
	for _, key := range narrowing {
		if _, has := schema[key]; has {
			return "its member " + key + " may refuse some of the values"
		}
	}
	kind, has := schema["type"]
	if kinds, several := kind.([]any); several && slices.Contains(kinds, any("string")) {
		kind = "string"
	}
	if has && kind != "string" {
		return "the schema's type is not string"
	}
	return ""
}

// list gives the values of a schema, or of an enum itself, without null.
func (s *schemas) list(node any) (values []string, problem string) {
	schema, is := node.(map[string]any)
	if !is {
		return enumerated(node)
	}
	if problem = narrowed(schema); problem != "" {
		return nil, problem
	}
	next, followed, problem := s.follow(schema)
	if problem != "" {
		return nil, problem
	}
	if followed {
		return s.list(next)
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

// dereference gives what a reference refers to, and anything else as it is.
func (s *schemas) dereference(node any) (any, string) {
	for {
		next, followed, problem := s.follow(node)
		if !followed || problem != "" {
			return next, problem
		}
		node = next
	}
}

// follow takes one reference. followed is false of anything else, which is given as it is: a
// schema with something to decide beside its reference, too.
func (s *schemas) follow(node any) (next any, followed bool, problem string) {
	schema, _ := node.(map[string]any)
	target, is := schema["$ref"].(string)
	if !is || slices.ContainsFunc(deciding[1:], func(key string) bool { _, has := schema[key]; return has }) {
		return node, false, ""
	}
	if s.followed++; s.followed > references {
		return nil, false, circular
	}
	if !strings.HasPrefix(target, "#") {
		return nil, false, external
	}
	fragment, err := url.PathUnescape(target[1:])
	if err != nil {
		return nil, false, encoding
	}
	if next, problem = s.resolve(fragment); problem == nowhere {
		problem = missing
	}
	return next, true, problem
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
