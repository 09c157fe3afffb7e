package kyc

import (
	"database/sql/driver"
	"fmt"
	"sync"

	"github.com/kycle/kycle/lifecycle"
)

// Status is where a validation stands. One that no table of this process has is refused,
// with lifecycle.ErrInvalid, at every edge: text, JSON and SQL, in and out. A service
// refuses what its own table does not have.
type Status string

// statuses are those of Machine and of every table that Extend made.
var statuses sync.Map

func init() { know(Machine) }

func know(m *Lifecycle) {
	for _, s := range m.Definition().States {
		statuses.Store(s.Name, true)
	}
}

// ParseStatus takes the stored string of a status.
func ParseStatus(text string) (Status, error) {
	if _, known := statuses.Load(Status(text)); known {
		return Status(text), nil
	}
	return "", &lifecycle.Invalid{Field: "status", Problem: "is not a status of a validation"}
}

func (s Status) MarshalText() ([]byte, error) {
	_, err := ParseStatus(string(s))
	return []byte(s), err
}

func (s *Status) UnmarshalText(text []byte) (err error) {
	*s, err = ParseStatus(string(text))
	return err
}

func (s Status) Value() (driver.Value, error) {
	_, err := ParseStatus(string(s))
	return string(s), err
}

func (s *Status) Scan(from any) (err error) {
	switch text := from.(type) {
	case string:
		*s, err = ParseStatus(text)
	case []byte:
		*s, err = ParseStatus(string(text))
	default:
		*s, err = "", &lifecycle.Invalid{Field: "status", Problem: fmt.Sprintf("is %T and no text", from)}
	}
	return err
}
