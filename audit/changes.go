package audit

import (
	"strconv"
	"time"
)

// Changes gathers what a move changed: a field that stayed as it was is left out. No
// value may be personal data, for entries cannot be erased.
type Changes []Change

// Text notes a field of text; "" stands for none.
func (c *Changes) Text(field, from, to string) {
	if from != to {
		*c = append(*c, Change{field, from, to})
	}
}

// Flag notes a field that is true or false.
func (c *Changes) Flag(field string, from, to bool) {
	if from != to {
		*c = append(*c, Change{field, strconv.FormatBool(from), strconv.FormatBool(to)})
	}
}

// Time notes a time; the zero time stands for none.
func (c *Changes) Time(field string, from, to time.Time) {
	if !from.Equal(to) {
		*c = append(*c, Change{field, timeText(from), timeText(to)})
	}
}

func timeText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}
