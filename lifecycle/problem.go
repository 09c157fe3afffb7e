package lifecycle

import (
	"errors"
	"fmt"
	"strings"
)

// Problem is an error as the caller of a host's API gets it: one code, the HTTP status
// that goes with it, and a message without personal data or anything of the inside.
type Problem struct {
	HTTP    int    `json:"-"`
	Code    string `json:"error"`
	Message string `json:"message"`
}

// Case maps what errors.Is finds in an error to a problem. An empty Message is the
// error's own: that of the Explained in it.
type Case struct {
	Is error
	Problem
}

// Explained is an error whose text is written for a caller.
type Explained interface {
	error
	Explanation() string
}

// Explain gives the problem of the first case that applies; what none does is INTERNAL,
// and says nothing of the inside.
func Explain(err error, cases []Case) Problem {
	for _, c := range cases {
		if !errors.Is(err, c.Is) {
			continue
		}
		p := c.Problem
		var own Explained
		if p.Message == "" && errors.As(err, &own) {
			p.Message = own.Explanation()
		}
		return p
	}
	return Problem{500, "INTERNAL", "Something went wrong on our side"}
}

// Explanation is the text of Error, which never repeats the value.
func (i *Invalid) Explanation() string { return i.Error() }

// Sources reads the states in which the event is allowed as a list for a person:
// `"new", "opened" or "in_progress"`.
func (d *Denied) Sources() string {
	quoted := make([]string, len(d.AllowedFrom))
	for i, name := range d.AllowedFrom {
		quoted[i] = fmt.Sprintf("%q", name)
	}
	last := len(quoted) - 1
	if last < 1 {
		return strings.Join(quoted, "")
	}
	return strings.Join(quoted[:last], ", ") + " or " + quoted[last]
}
