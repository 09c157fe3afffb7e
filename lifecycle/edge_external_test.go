package lifecycle_test

import (
	"errors"
	"testing"

	"github.com/kycle/kycle/lifecycle"
)

func TestStatesCrossEdgesByTheirNameOnly(t *testing.T) {
	for _, row := range []struct {
		name string
		from any
		ok   bool
		why  string
	}{
		{"text", "shut", true, "the stored string"},
		{"bytes", []byte("ajar"), true, "what some drivers give"},
		{"another case", "Shut", false, "strings are a file format"},
		{"empty", "", false, "no record is no state"},
		{"null", nil, false, "a status is never absent"},
		{"a number", 7, false, "a status is text"},
	} {
		t.Run(row.name, func(t *testing.T) {
			s, err := doors.Scan(row.from)
			if (err == nil) != row.ok || err != nil && !errors.Is(err, lifecycle.ErrInvalid) {
				t.Fatalf("%v: %v", s, err)
			}
			if text, err := doors.Text(s); (err == nil) != row.ok || text != string(s) {
				t.Errorf("way out: %q %v", text, err)
			}
		})
	}
}
