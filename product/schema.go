package product

import (
	"bytes"
	"unicode/utf8"

	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/store"
)

// JSONSchema keeps the values of a product as JSON. Text that could not be read back is
// refused with store.ErrText, and a status that the table does not have with
// lifecycle.ErrInvalid, in and out. What is read is refused as by DecodeJSON.
func JSONSchema[A any](kind string, index func(A) store.Index, table *lifecycle.Chart) store.Schema[A] {
	known := func(value A) error {
		_, err := table.Parse(index(value).Status)
		return err
	}
	return store.Schema[A]{
		Kind: kind, Index: index,
		Encode: func(value A) ([]byte, error) {
			if err := known(value); err != nil {
				return nil, err
			}
			text, err := store.EncodeJSON(value)
			if err == nil && lossy(text) {
				err = store.ErrText
			}
			return text, err
		},
		Decode: func(text []byte) (value A, err error) {
			if err = DecodeJSON(text, &value); err == nil {
				err = known(value)
			}
			return value, err
		},
	}
}

// lossy tells whether JSON that was just written holds a NUL, or a replacement for what was
// not UTF-8. The encoder writes both as escapes, and a U+FFFD of the value's own never.
func lossy(text []byte) bool {
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' {
			continue
		}
		if i++; bytes.HasPrefix(text[i:], []byte("u0000")) || bytes.HasPrefix(text[i:], []byte("ufffd")) {
			return true
		}
	}
	return !utf8.Valid(text) // JSON that the value holds as it is
}
