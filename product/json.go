package product

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/kycle/kycle/store"
)

// What is wrong with a text that is to be JSON. None repeats anything of it.
var (
	errNoJSON   = errors.New("not one JSON value in UTF-8")
	errNoObject = errors.New("no JSON object")
	errMember   = errors.New("a member is not known, or not of the form that it must have")
)

// CanonicalJSON gives one JSON value in one spelling: members in order of their names, no
// white space, no escapes but those of store.EncodeJSON. Numbers stay as they are written.
// Two spellings of one value are so known to be equal. Of a member that is there twice the
// last counts, and an escape of half a surrogate pair is U+FFFD, as encoding/json reads them.
//
// It refuses what is not UTF-8, and bytes after the value. The error repeats nothing of raw.
func CanonicalJSON(raw []byte) ([]byte, error) {
	var value any
	if readJSON(raw, &value, (*json.Decoder).UseNumber) != nil {
		return nil, errNoJSON
	}
	return store.EncodeJSON(value)
}

// DecodeJSON reads the stored form of a record, a JSON object. It refuses a field that the
// target does not have, at any depth, since to drop it in silence would lose it at the next
// commit; null; what is not UTF-8; and bytes after the object. Names are taken in any letter
// case, and of a member that is there twice the last counts, as encoding/json reads them:
// store.EncodeJSON writes neither.
//
// The error names the outermost member that is not as it must be, and repeats nothing else
// of the text: the messages of encoding/json, of times and of ids repeat values. It wraps
// nothing, for a record that cannot be read is no fault of a caller's. into is of no use then.
func DecodeJSON(text []byte, into any) error {
	err := readJSON(text, into, (*json.Decoder).DisallowUnknownFields)
	var misuse *json.InvalidUnmarshalError
	switch {
	case errors.As(err, &misuse): // into is no pointer
		return err
	case err != nil && (!json.Valid(text) || !utf8.Valid(text)):
		return errNoJSON
	case err != nil:
		return misfit(text, reflect.TypeOf(into).Elem())
	case string(bytes.TrimSpace(text)) == "null":
		return errNoObject
	}
	return nil
}

// readJSON reads one value and nothing else.
func readJSON(text []byte, into any, how func(*json.Decoder)) error {
	if !utf8.Valid(text) { // it would be replaced in silence
		return errNoJSON
	}
	d := json.NewDecoder(bytes.NewReader(text))
	how(d)
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errNoJSON
	}
	return nil
}

// fieldName is what the name of a field looks like. Another may be a person's.
var fieldName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,39}$`)

// misfit finds the member of an object for which the target has no place: each is read alone.
func misfit(text []byte, target reflect.Type) error {
	var members map[string]json.RawMessage
	if json.Unmarshal(text, &members) != nil {
		return errNoObject
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		alone, err := store.EncodeJSON(map[string]json.RawMessage{name: members[name]})
		if err == nil && fieldName.MatchString(name) &&
			readJSON(alone, reflect.New(target).Interface(), (*json.Decoder).DisallowUnknownFields) != nil {
			return fmt.Errorf("%s: %w", name, errMember)
		}
	}
	return errMember
}

// Moment is a time as it is stored and shown: UTC, to the microsecond.
func Moment(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// OrNull is nil for the zero value, which JSON writes as null.
func OrNull[T comparable](value T) *T {
	var zero T
	if value == zero {
		return nil
	}
	return &value
}
