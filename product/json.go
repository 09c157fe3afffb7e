package product

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"time"

	"github.com/kycle/kycle/store"
)

// CanonicalJSON gives JSON in one spelling: members in order of their names, no white
// space, no escapes that need not be. Numbers stay as they are written. Two spellings of
// one value are so known to be equal.
func CanonicalJSON(raw []byte) ([]byte, error) {
	var value any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&value); err != nil {
		return nil, err
	}
	return store.EncodeJSON(value)
}

// DecodeJSON reads the stored form of a record. It refuses a field that the target does not
// have, since to drop it in silence would lose it at the next commit, and bytes after the
// value. The error repeats nothing of the text's values.
func DecodeJSON(text []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("bytes after the value")
	}
	return nil
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
