package export

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/kycle/kycle/lifecycle"
)

// The limits of what Parse takes; they keep a hostile file from costing more than a
// moment.
const (
	MaxSize = 1 << 18 // bytes
	deepest = 64      // objects and lists around a value; the format has eight
)

// Cause says why a file is no lifecycle in JSON.
type Cause string

// The causes of Unreadable.
const (
	TooLarge         Cause = "it is larger than a lifecycle may be"
	TooMuchWork      Cause = "it would take too long to check: it has too many statuses, rows or claims for one lifecycle"
	TooDeep          Cause = "it is nested deeper than a lifecycle can be"
	ByteOrderMark    Cause = "it begins with a byte order mark; save it without one"
	NotUTF8          Cause = "it is not UTF-8"
	HalfCharacter    Cause = "an escape is half of a surrogate pair"
	NotJSON          Cause = "it is not JSON"
	TrailingBytes    Cause = "something stands after the JSON value"
	DuplicateKey     Cause = "an object has a key twice"
	UnknownField     Cause = "an object has a key that the format does not know"
	WrongType        Cause = "a value is of the wrong type"
	WrongFormat      Cause = "its format is not \"" + format + "\""
	WrongFingerprint Cause = "its fingerprint is not that of its definition"
)

// Unreadable is the error of Parse on what is no lifecycle in JSON. It repeats nothing of
// the file but Field. It is lifecycle.ErrInvalid.
type Unreadable struct {
	Cause Cause
	// Line and Column are from 1, and 0 for the whole file; a column is a character. They say
	// where a key, or what is refused for itself, begins; for WrongType they say what stands
	// behind the value, or behind the bracket that opens an object or a list.
	Line, Column int
	Field        string // the key, where it looks like the name of a field; for WrongType its path: states.final
}

// Error reads "lifecycle as JSON: at 3:5: an object has a key twice: title".
func (u *Unreadable) Error() string {
	text := "lifecycle as JSON: "
	if u.Line > 0 {
		text += fmt.Sprintf("at %d:%d: ", u.Line, u.Column)
	}
	text += string(u.Cause)
	if u.Field != "" {
		text += ": " + u.Field
	}
	return text
}

// Is makes it lifecycle.ErrInvalid.
func (u *Unreadable) Is(target error) bool { return target == lifecycle.ErrInvalid }

// at is the error at a byte of the text.
func at(text []byte, offset int64, cause Cause, field string) *Unreadable {
	before := text[:offset]
	line := before[bytes.LastIndexByte(before, '\n')+1:]
	return &Unreadable{cause, 1 + bytes.Count(before, []byte("\n")), 1 + utf8.RuneCount(line), field}
}

// known are the fields of the objects that stand under a key. An object under another one is
// of the wrong type, whatever it holds.
var known = map[string][]string{
	"": fields[fileMachine](), "states": fields[fileState](), "events": fields[fileEvent](), "rows": fields[fileRow](), "if": fields[fileRule](), "terms": fields[fileTerm](),
	"policies": fields[filePolicy](), "claims": fields[lifecycle.Claim](), "of": fields[lifecycle.Pattern](), "with": fields[lifecycle.Pattern](),
}

func fields[T any]() (names []string) {
	for i := range reflect.TypeFor[T]().NumField() {
		if field := reflect.TypeFor[T]().Field(i); field.IsExported() {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			names = append(names, name)
		}
	}
	return names
}

// fieldName is what the name of a field looks like. Another key may be anything, and is not
// repeated.
var fieldName = regexp.MustCompile(`^[a-z][A-Za-z0-9_]{0,39}$`)

// named is a key that may be repeated.
func named(key string) string {
	if fieldName.MatchString(key) {
		return key
	}
	return ""
}

// level is an object or a list that has begun.
type level struct {
	under string          // the key that it stands under
	keys  map[string]bool // that have been; nil for a list
	next  string          // the key that the next value stands under
}

// escapes are those of a JSON text: a surrogate pair, half of one (which is captured), any other.
var escapes = regexp.MustCompile(`\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|(u[dD][89a-fA-F]..)|.)`)

// strict refuses what encoding/json takes: bytes that are not UTF-8, escapes of no character, a key that stands
// twice, that no field has by exactly this name, and a second value.
func strict(text []byte) *Unreadable {
	switch {
	case len(text) > MaxSize:
		return &Unreadable{Cause: TooLarge}
	case !utf8.Valid(text):
		return &Unreadable{Cause: NotUTF8}
	case bytes.HasPrefix(text, []byte("\ufeff")):
		return &Unreadable{Cause: ByteOrderMark}
	}
	d := json.NewDecoder(bytes.NewReader(text))
	open := []level{{}} // the first is around all
	wantsKey := false
	for first := true; first || len(open) > 1; first = false {
		from := begin(text, d)
		token, err := d.Token()
		if err != nil {
			return at(text, from, NotJSON, "")
		}
		if slices.ContainsFunc(escapes.FindAllSubmatchIndex(text[from:d.InputOffset()], -1), func(at []int) bool { return at[2] >= 0 }) {
			return at(text, from, HalfCharacter, "")
		}
		top := &open[len(open)-1]
		switch token {
		case json.Delim('{'):
			open = append(open, level{top.next, map[string]bool{}, ""})
		case json.Delim('['):
			open = append(open, level{top.next, nil, top.next})
		case json.Delim('}'), json.Delim(']'):
			open = open[:len(open)-1]
		default:
			if name, is := token.(string); is && wantsKey {
				names, judged := known[top.under]
				switch {
				case top.keys[name]:
					return at(text, from, DuplicateKey, named(name))
				case judged && !slices.Contains(names, name):
					return at(text, from, UnknownField, named(name))
				}
				top.keys[name], top.next, wantsKey = true, name, false
				continue
			}
		}
		if len(open)-1 > deepest {
			return at(text, from, TooDeep, "")
		}
		wantsKey = open[len(open)-1].keys != nil
	}
	from := begin(text, d)
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return at(text, from, TrailingBytes, "")
	}
	return nil
}

// begin is where the next token begins.
func begin(text []byte, d *json.Decoder) int64 {
	rest := text[d.InputOffset():]
	return int64(len(text) - len(bytes.TrimLeft(rest, " \t\r\n,:")))
}

// maxWork is what Parse takes of work: less than a second's. A machine of ours takes a
// hundredth of it.
const maxWork = 1 << 26

// work is about what it takes to construct the machine, counted in names compared. It grows
// with the product of what there is, so that a small file can be much of it; its size keeps the
// product below what an int64 holds.
func (f *fileMachine) work() int64 {
	var steps, names int64
	width := int64(1) // of the longest list that a step is held against
	kinds := map[string]bool{}
	for _, r := range f.Rows {
		steps += int64(max(1, len(r.From)))
		names += int64(len(r.If)) + 1 // its note
		width = max(width, int64(len(r.If)), int64(len(r.Does)))
	}
	for _, e := range f.Events {
		width = max(width, int64(len(e.By)))
		names += int64(len(e.By))
		for _, by := range e.By {
			kinds[by] = true
		}
	}
	states, events, actors := int64(len(f.States)+1), int64(len(f.Events)), int64(len(kinds))
	names += states + events + int64(len(f.Terms))
	search := 32 * steps // each is found, remembered and followed
	// Every cell looks through the rows, and to each state a path is searched for, and back.
	work := states*events*int64(len(f.Rows)) + 4*states*search + steps*width*width
	copied := steps + names + 16*(states+events+int64(len(f.Rows))) // the whole definition
	var aside int64
	for _, p := range f.Policies {
		if p.SetAside != "" {
			aside++
		}
		for _, c := range p.Claims {
			size := int64(claimSize(c))
			copied += 32 + size
			one := 2*search + (1+size)*(4*steps*width+names) + actors*names
			switch c.Kind {
			case lifecycle.ClaimNoSingleActor: // a search for each kind of actor
				one *= 1 + actors
			case lifecycle.ClaimOffers: // one look for each event, and each state of it
				one *= 1 + size
			case lifecycle.ClaimEventuallyFinal: // a path to each state
				one += states * search
			}
			work += one
		}
	}
	return work + aside*copied // each that is set aside is judged by itself, on a copy
}

// claimSize is how many names stand in a claim.
func claimSize(c lifecycle.Claim) int {
	size := len(c.States)
	patterns := c.With
	if c.Of != nil {
		patterns = append([]lifecycle.Pattern{*c.Of}, patterns...)
	}
	for _, p := range patterns {
		size += 1 + len(p.On) + len(p.By) + len(p.OnlyBy) + len(p.From) + len(p.To) + len(p.If) + len(p.Does) + len(p.Notes)
	}
	return size
}
