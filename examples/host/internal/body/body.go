// Package body reads JSON request bodies strictly: what encoding/json would let pass in
// silence (a field in another letter case, a field twice, an unknown one, bytes after the
// value, half a surrogate pair) is refused, because a caller who sent it meant something
// that would not happen.
package body

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/kycle/kycle/lifecycle"
)

// Most is the largest body that is read, in bytes.
const Most = 64 << 10

// ErrTooLarge: the body has more than Most bytes.
var ErrTooLarge = errors.New("body: too large")

// Read reads a body of at most Most bytes. It fails with ErrTooLarge, or with
// lifecycle.ErrInvalid where the sender broke off.
func Read(r io.Reader) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(r, Most+1))
	switch {
	case len(raw) > Most:
		return nil, ErrTooLarge
	case err != nil:
		return nil, invalid("body", "could not be read to its end")
	}
	return raw, nil
}

// Fields says where the members of an object go, by their exact names. A value is a
// pointer to a string, bool, int or int64, or to a pointer to one, to a slice of strings,
// json.RawMessage (any value) or map[string]json.RawMessage (any object), or Fields for
// an object within. A member that is null is as if it were not there.
type Fields map[string]any

// Object reads one object and nothing else into fields. The error is
// lifecycle.ErrInvalid and names the field; it never repeats a value.
func Object(raw []byte, into Fields) error {
	switch {
	case !utf8.Valid(raw):
		return invalid("body", "must be UTF-8")
	case len(bytes.TrimSpace(raw)) == 0:
		return invalid("body", "is missing: a JSON object is needed")
	case !json.Valid(raw): // bytes after the value too
		return invalid("body", "must be one JSON object and nothing else")
	case loneSurrogate(raw):
		return invalid("body", "must be UTF-8: half of a surrogate pair stands alone")
	}
	return object("body", "", raw, into)
}

// object reads an object that is known to be valid JSON. whole is its own name, prefix
// stands before the names of its members.
func object(whole, prefix string, raw []byte, into Fields) error {
	all, err := members(whole, prefix, raw, into)
	if err != nil {
		return err
	}
	for _, m := range all {
		target, known := into[m.name]
		if !known {
			return unknown(whole, prefix, m.name, into)
		}
		if err := set(prefix+m.name, m.value, target); err != nil {
			return err
		}
	}
	return nil
}

type member struct {
	name  string
	value json.RawMessage
}

// members lists an object's members, each once. One that is there twice is named if it
// is known.
func members(whole, prefix string, raw []byte, known Fields) ([]member, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return nil, invalid(whole, "must be a JSON object")
	}
	var all []member
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, invalid(whole, "must be a JSON object")
		}
		m := member{name: name.(string)} // a key of a valid object is a string
		if err := d.Decode(&m.value); err != nil {
			return nil, invalid(whole, "must be a JSON object")
		}
		if slices.ContainsFunc(all, func(o member) bool { return o.name == m.name }) {
			if known[m.name] != nil {
				return nil, invalid(prefix+m.name, "is there twice")
			}
			return nil, invalid(whole, "has a field twice")
		}
		all = append(all, m)
	}
	return all, nil
}

// fieldName is what a field's name looks like. Whatever else was sent as a name may be a
// person's, and is not repeated.
var fieldName = regexp.MustCompile(`^[a-z][A-Za-z0-9_]{0,39}$`)

func unknown(whole, prefix, name string, into Fields) error {
	known := make([]string, 0, len(into))
	for k := range into {
		known = append(known, k)
		if strings.EqualFold(k, name) {
			return invalid(prefix+k, "must be written in exactly these letters")
		}
	}
	if fieldName.MatchString(name) {
		return invalid(prefix+name, "is not a known field")
	}
	slices.Sort(known)
	return invalid(whole, "has a field that is none of "+strings.Join(known, ", "))
}

// set reads one member's value into its target.
func set(field string, raw json.RawMessage, target any) error {
	if string(raw) == "null" {
		return nil
	}
	problem := "must be "
	switch to := target.(type) {
	case Fields:
		return object(field, field+".", raw, to)
	case *json.RawMessage:
		*to = raw
		return nil
	case *map[string]json.RawMessage:
		all, err := members(field, "", raw, nil) // names of its own, which may be anybody's
		*to = make(map[string]json.RawMessage, len(all))
		for _, m := range all {
			(*to)[m.name] = m.value
		}
		return err
	case *string, **string:
		problem += "a string"
	case *bool, **bool:
		problem += "true or false"
	case *int, **int, *int64, **int64:
		problem += "a whole number"
	default:
		problem += "a list of known words"
	}
	if json.Unmarshal(raw, target) != nil {
		return invalid(field, problem)
	}
	return nil
}

// loneSurrogate finds an escape such as \ud800 without its other half, which
// encoding/json would replace in silence. raw is valid JSON, so that a backslash stands
// in strings only and is never the last byte.
func loneSurrogate(raw []byte) bool {
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' {
			continue
		}
		switch unit := escaped(raw[i:]); {
		case unit >= 0xDC00 && unit <= 0xDFFF:
			return true
		case unit >= 0xD800 && unit <= 0xDBFF:
			if low := escaped(raw[i+6:]); low < 0xDC00 || low > 0xDFFF {
				return true
			}
			i += 11
		default:
			i++ // the byte after a backslash begins nothing
		}
	}
	return false
}

// escaped is the code unit of a \uXXXX at the beginning of b; 0 for everything else.
func escaped(b []byte) uint64 {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0
	}
	unit, _ := strconv.ParseUint(string(b[2:6]), 16, 16)
	return unit
}

func invalid(field, problem string) error {
	return &lifecycle.Invalid{Field: field, Problem: problem}
}
