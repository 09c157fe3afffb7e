package export

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"unicode/utf8"

	"github.com/kycle/kycle/lifecycle"
)

// Schema is the JSON Schema (draft 2020-12) of what JSON writes and Parse reads.
//
//go:embed schema.json
var Schema string

// The limits of what Parse takes; they keep a hostile file from costing more than a
// moment.
const (
	MaxSize = 1 << 18 // bytes
	deepest = 64      // objects and lists around a value; the format has eight
)

const format = "kycle lifecycle 1"

// The file as it stands, in this order. Empty fields are left out, so that equal
// definitions have equal bytes.
type (
	fileMachine struct {
		Format      string       `json:"format"`
		Name        string       `json:"name"`
		Title       string       `json:"title,omitempty"`
		Doc         string       `json:"doc,omitempty"`
		Fingerprint string       `json:"fingerprint,omitempty"`
		States      []fileState  `json:"states"`
		Events      []fileEvent  `json:"events"`
		Rows        []fileRow    `json:"rows"`
		Terms       []fileTerm   `json:"terms,omitempty"`
		Policies    []filePolicy `json:"policies,omitempty"`
	}
	fileState struct {
		Name       string   `json:"name"`
		Means      string   `json:"means,omitempty"`
		Final      bool     `json:"final,omitempty"`
		Absorbing  bool     `json:"absorbing,omitempty"`
		Deadline   string   `json:"deadline,omitempty"`
		NoDeadline string   `json:"no_deadline,omitempty"`
		Labels     []string `json:"labels,omitempty"`
	}
	fileEvent struct {
		Name  string         `json:"name"`
		Kind  lifecycle.Kind `json:"kind"`
		By    []string       `json:"by"`
		Means string         `json:"means,omitempty"`
		NoRow string         `json:"no_row,omitempty"`
	}
	fileRow struct {
		On   string     `json:"on"`
		From []string   `json:"from,omitempty"`
		To   string     `json:"to"`
		If   []fileRule `json:"if,omitempty"`
		Does []string   `json:"does,omitempty"`
		Why  string     `json:"why"`
	}
	fileRule struct {
		Name string `json:"name"`
		Else string `json:"else"`
	}
	fileTerm struct {
		Name  string `json:"name"`
		Means string `json:"means,omitempty"`
	}
	filePolicy struct {
		ID     string            `json:"id"`
		Source string            `json:"source,omitempty"`
		Says   string            `json:"says,omitempty"`
		Claims []lifecycle.Claim `json:"claims,omitempty"`
		Tests  []string          `json:"tests,omitempty"`
	}
)

// JSON writes the whole definition, policies and prose included, as Schema describes it.
// What is not UTF-8 in prose becomes U+FFFD.
func JSON(m *lifecycle.Chart) string {
	def := m.Definition()
	f := fileMachine{Format: format, Name: def.Name, Title: def.Title, Doc: def.Doc, Fingerprint: m.Fingerprint()}
	for _, s := range def.States {
		f.States = append(f.States, fileState{s.Name, s.Means, s.Final, s.Absorbing, s.Deadline, s.NoDeadline, s.Labels})
	}
	for _, e := range def.Events {
		f.Events = append(f.Events, fileEvent(e))
	}
	for _, r := range def.Rows {
		row := fileRow{r.On, r.From, r.To, nil, r.Does, r.Why}
		for _, rule := range r.If {
			row.If = append(row.If, fileRule{rule.Name, rule.Else})
		}
		f.Rows = append(f.Rows, row)
	}
	for _, t := range def.Terms {
		f.Terms = append(f.Terms, fileTerm(t))
	}
	for _, p := range def.Policies {
		f.Policies = append(f.Policies, filePolicy(p))
	}
	// A broken byte is written as an escape of U+FFFD, and U+FFFD as itself. Written from
	// what was read, both are the same.
	var read fileMachine
	_ = json.Unmarshal([]byte(indented(f)), &read) // it has just been written
	return indented(read)
}

// Cause says why a file is no lifecycle in JSON.
type Cause string

// The causes of Unreadable.
const (
	TooLarge         Cause = "it is larger than a lifecycle may be"
	TooMuchWork      Cause = "it would take too long to check: it has too many statuses, rows or claims for one lifecycle"
	TooDeep          Cause = "it is nested deeper than a lifecycle can be"
	ByteOrderMark    Cause = "it begins with a byte order mark; save it without one"
	NotUTF8          Cause = "it is not UTF-8"
	NotJSON          Cause = "it is not JSON"
	TrailingBytes    Cause = "something stands after the JSON value"
	DuplicateKey     Cause = "an object has a key twice"
	UnknownField     Cause = "an object has a key that the format does not know"
	WrongType        Cause = "a value is of the wrong type"
	WrongFormat      Cause = "its format is not \"" + format + "\""
	WrongFingerprint Cause = "its fingerprint is not that of its definition"
)

// Unreadable is the error of Parse on what is no lifecycle in JSON. It repeats nothing of
// the file. It is lifecycle.ErrInvalid.
type Unreadable struct {
	Cause  Cause
	Offset int64 // in bytes, of about where it was noticed; 0 for the whole
}

func (u *Unreadable) Error() string {
	return fmt.Sprintf("lifecycle as JSON: at byte %d: %s", u.Offset, string(u.Cause))
}

// Is makes it lifecycle.ErrInvalid.
func (u *Unreadable) Is(target error) bool { return target == lifecycle.ErrInvalid }

// Parse reads what JSON wrote, or a person in its place; a fingerprint may be left out. It
// evaluates nothing: rules are left open. It fails with *Unreadable
// (lifecycle.ErrInvalid), or with all the *lifecycle.Defects of the definition.
func Parse(text []byte) (*lifecycle.Chart, error) {
	if err := strict(text); err != nil {
		return nil, err
	}
	var f fileMachine
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) {
			return nil, &Unreadable{WrongType, wrong.Offset}
		}
		// The text is JSON, as strict knows; nothing else is left.
		return nil, &Unreadable{UnknownField, d.InputOffset()}
	}
	switch {
	case f.Format != format:
		return nil, &Unreadable{WrongFormat, 0}
	case f.work() > maxWork:
		return nil, &Unreadable{TooMuchWork, 0}
	}
	m, err := lifecycle.New(f.sketch())
	if err != nil {
		return nil, err
	}
	if f.Fingerprint != "" && f.Fingerprint != m.Fingerprint() {
		return nil, &Unreadable{WrongFingerprint, 0}
	}
	return m, nil
}

func (f *fileMachine) sketch() lifecycle.Sketch {
	def := lifecycle.Sketch{Name: f.Name, Title: f.Title, Doc: f.Doc}
	for _, s := range f.States {
		def.States = append(def.States, lifecycle.State[string, string]{
			Name: s.Name, Means: s.Means, Final: s.Final, Absorbing: s.Absorbing, Deadline: s.Deadline, NoDeadline: s.NoDeadline, Labels: s.Labels,
		})
	}
	for _, e := range f.Events {
		def.Events = append(def.Events, lifecycle.Event[string](e))
	}
	for _, r := range f.Rows {
		row := row{On: r.On, From: r.From, To: r.To, Does: r.Does, Why: r.Why}
		for _, rule := range r.If {
			row.If = append(row.If, lifecycle.Open(rule.Name, rule.Else))
		}
		def.Rows = append(def.Rows, row)
	}
	for _, t := range f.Terms {
		def.Terms = append(def.Terms, lifecycle.Term(t))
	}
	for _, p := range f.Policies {
		def.Policies = append(def.Policies, lifecycle.Policy(p))
	}
	return def
}

// key is what all keys of the format look like. encoding/json also takes a key of another
// case for one that it knows, so these are refused before it sees them.
var key = regexp.MustCompile(`^[a-z]+(_[a-z]+)*$`)

// strict refuses what encoding/json takes: bytes that are not UTF-8, a key that stands
// twice, and a second value.
func strict(text []byte) error {
	if len(text) > MaxSize {
		return &Unreadable{TooLarge, MaxSize}
	}
	if !utf8.Valid(text) {
		return &Unreadable{NotUTF8, 0}
	}
	if bytes.HasPrefix(text, []byte("\ufeff")) {
		return &Unreadable{ByteOrderMark, 0}
	}
	d := json.NewDecoder(bytes.NewReader(text))
	var open []map[string]bool // the keys of each object around; nil for a list
	wantsKey := false
	for first := true; first || len(open) > 0; first = false {
		token, err := d.Token()
		if err != nil {
			return &Unreadable{NotJSON, d.InputOffset()}
		}
		switch token {
		case json.Delim('{'):
			open = append(open, map[string]bool{})
		case json.Delim('['):
			open = append(open, nil)
		case json.Delim('}'), json.Delim(']'):
			open = open[:len(open)-1]
		default:
			if name, is := token.(string); is && wantsKey {
				keys := open[len(open)-1]
				switch {
				case keys[name]:
					return &Unreadable{DuplicateKey, d.InputOffset()}
				case !key.MatchString(name):
					return &Unreadable{UnknownField, d.InputOffset()}
				}
				keys[name], wantsKey = true, false
				continue
			}
		}
		if len(open) > deepest {
			return &Unreadable{TooDeep, d.InputOffset()}
		}
		wantsKey = len(open) > 0 && open[len(open)-1] != nil
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return &Unreadable{TrailingBytes, d.InputOffset()}
	}
	return nil
}
