package lifecycle

import "fmt"

// Parse takes the stored string of a state. An unknown one is *Invalid (ErrInvalid), so
// that none gets in or out at the edges to text, JSON and SQL.
func (m *Machine[S, E, F]) Parse(text string) (S, error) {
	if s := S(text); m.Has(s) {
		return s, nil
	}
	return none, &Invalid{Field: "status", Problem: fmt.Sprintf("is not a status of the machine %q", m.def.Name)}
}

// Text is the way out: it fails like Parse.
func (m *Machine[S, E, F]) Text(s S) (string, error) {
	known, err := m.Parse(string(s))
	return string(known), err
}

// Scan takes a state from a driver of database/sql. What is no text is *Invalid too.
func (m *Machine[S, E, F]) Scan(from any) (S, error) {
	switch text := from.(type) {
	case string:
		return m.Parse(text)
	case []byte:
		return m.Parse(string(text))
	}
	return none, &Invalid{Field: "status", Problem: fmt.Sprintf("is %T and no text", from)}
}
