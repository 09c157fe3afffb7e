package store

import (
	"bytes"
	"encoding/json"
)

// EncodeJSON is json.Marshal without the escapes for HTML, for the stored form: JSON
// that a value holds comes back as it went in, and is no longer than it was.
func EncodeJSON(value any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(value)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

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
	return EncodeJSON(value)
}
