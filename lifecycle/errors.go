package lifecycle

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

var (
	// ErrNotAllowed is what every *Denied is.
	ErrNotAllowed = errors.New("lifecycle: not allowed")
	// ErrUnknown: a state or an event that the machine does not have.
	ErrUnknown = errors.New("lifecycle: unknown")
	// ErrDefinition is what every *Defects is.
	ErrDefinition = errors.New("lifecycle: defective definition")
	// ErrInvalid is what every *Invalid is.
	ErrInvalid = errors.New("lifecycle: invalid input")
)

// Denied tells why a command was refused and what would have been allowed. It holds
// names from the definition only, never data of a record.
type Denied struct {
	Machine string
	From    string
	Event   string
	Rule    string // the Code of the rule that said no; "" where there is no row
	// Condition is the Name of that rule, which finishes the sentence "only if …".
	Condition string
	// Allowed are the commands that have a row in From, in the definition's order: Event
	// is one of them where a rule said no.
	Allowed []string
	// AllowedFrom are the states in which Event has a row, in the definition's order.
	AllowedFrom []string
}

func (d *Denied) Error() string {
	where := fmt.Sprintf("in %q", d.From)
	if d.From == none {
		where = "with no record"
	}
	text := fmt.Sprintf("%s: %s is not allowed %s", d.Machine, d.Event, where)
	if d.Rule != "" {
		text += " (" + d.Rule + ")"
	}
	// What a rule has just refused is no advice.
	others := slices.DeleteFunc(slices.Clone(d.Allowed), func(on string) bool { return on == d.Event })
	text += "; allowed here: " + orNone(others)
	if d.Rule == "" && len(d.AllowedFrom) > 0 {
		text += "; " + d.Event + " is allowed in: " + strings.Join(d.AllowedFrom, ", ")
	}
	return text
}

func (d *Denied) Is(target error) bool { return target == ErrNotAllowed }

func orNone(names []string) string {
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, ", ")
}

// Invalid is input that no rule was asked about, because it cannot be right. Problem
// never repeats the value, which may be personal.
type Invalid struct {
	Field   string // as the caller knows it; "" if it is the whole
	Problem string // a sentence without the final stop
}

func (i *Invalid) Error() string {
	if i.Field == "" {
		return i.Problem
	}
	return i.Field + ": " + i.Problem
}

func (i *Invalid) Is(target error) bool { return target == ErrInvalid }

// Defect is one thing wrong with a definition.
type Defect struct {
	Kind  string // which check, in a word or two: "dead end", "two rows for a cell" …
	Where string // the state, event or row
	Text  string
}

// Defects is everything wrong with a definition, in the order of the checks.
type Defects struct {
	Machine string
	List    []Defect
}

func (d *Defects) Error() string {
	var b strings.Builder
	plural := "s"
	if len(d.List) == 1 {
		plural = ""
	}
	fmt.Fprintf(&b, "lifecycle: %q has %d defect%s:", d.Machine, len(d.List), plural)
	for _, x := range d.List {
		fmt.Fprintf(&b, "\n  %s: %s: %s", x.Kind, x.Where, x.Text)
	}
	return b.String()
}

func (d *Defects) Is(target error) bool { return target == ErrDefinition }

// Explanation is the text of Error, which never repeats the value.
func (i *Invalid) Explanation() string { return i.Error() }

// Sources reads the states in which the event is allowed as a list for a person:
// `"new", "opened" or "in_progress"`.
func (d *Denied) Sources() string {
	quoted := make([]string, len(d.AllowedFrom))
	for i, name := range d.AllowedFrom {
		quoted[i] = fmt.Sprintf("%q", name)
	}
	return or(quoted)
}
