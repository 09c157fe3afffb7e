package drift

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/kycle/kycle/lifecycle"
)

// OpenAPIEnum holds the enum of a schema against the machine: nil, or *Gap (ErrGap)
// with the difference, or *SourceError (ErrSource) where the document has no such enum. The order
// of the list does not matter; null may stand in it.
//
// The document is JSON: any version of OpenAPI, Swagger 2, or a JSON Schema. at says where: a JSON
// pointer ("/components/schemas/Validation/properties/status", with or without "#" before
// it) to a schema or to its enum, or the bare name of a component. References within the
// document are followed.
func OpenAPIEnum(chart *lifecycle.Chart, document []byte, at string) error {
	source := "the enum at " + at
	fail := func(problem string) error { return &SourceError{Source: source, Problem: problem} }
	var root any
	if err := json.Unmarshal(document, &root); err != nil {
		return fail("the document is not JSON; one in YAML has to be converted first")
	}
	pointers := []string{strings.TrimPrefix(at, "#")}
	if at != "" && !strings.ContainsAny(at[:1], "#/") {
		name := strings.NewReplacer("~", "~0", "/", "~1").Replace(at)
		pointers = []string{"/components/schemas/" + name, "/definitions/" + name, "/$defs/" + name}
	}
	var node any
	found := false
	for _, p := range pointers {
		if node, found = resolve(root, p, new(int)); found {
			break
		}
	}
	if !found {
		return fail("nothing stands there")
	}
	if schema, ok := node.(map[string]any); ok {
		if node, ok = schema["enum"]; !ok {
			return fail("the schema has no enum")
		}
	}
	values, ok := node.([]any)
	if !ok {
		return fail("what stands there is neither a schema nor an enum")
	}
	var list []string
	for _, v := range values {
		switch v := v.(type) {
		case string:
			list = append(list, v)
		case nil: // the status may be null; the list is as long as without it
		default:
			return fail("a value of the enum is not a string")
		}
	}
	return gap(chart.Name(), source, statuses(chart), list)
}

// references is how many are followed: they may lead in a circle.
const references = 64

// resolve follows a JSON pointer (RFC 6901), and each reference that stands on the way or
// at its end.
func resolve(root any, pointer string, followed *int) (node any, ok bool) {
	parts := strings.Split(pointer, "/")
	if parts[0] != "" {
		return nil, false
	}
	node = root
	for _, part := range parts[1:] {
		if node, ok = dereference(root, node, followed); !ok {
			return nil, false
		}
		if node, ok = member(node, strings.NewReplacer("~1", "/", "~0", "~").Replace(part)); !ok {
			return nil, false
		}
	}
	return dereference(root, node, followed)
}

// dereference gives what a reference refers to, and anything else as it is.
func dereference(root, node any, followed *int) (any, bool) {
	schema, _ := node.(map[string]any)
	target, is := schema["$ref"].(string)
	if !is {
		return node, true
	}
	if *followed++; *followed > references || !strings.HasPrefix(target, "#") {
		return nil, false
	}
	return resolve(root, target[1:], followed)
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
