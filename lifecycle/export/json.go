package export

import (
	_ "embed"
	"encoding/json"
	"errors"

	"github.com/kycle/kycle/lifecycle"
)

// Schema is the JSON Schema (draft 2020-12) of what JSON writes and Parse reads.
//
//go:embed schema.json
var Schema string

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
		NoEnd       string       `json:"no_end,omitempty"`
	}
	fileState struct {
		Name       string   `json:"name"`
		Means      string   `json:"means,omitempty"`
		Spelling   string   `json:"spelling,omitempty"`
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

		Spelling string `json:"spelling,omitempty"`
	}
	fileRow struct {
		On   string     `json:"on"`
		From []string   `json:"from,omitempty"`
		To   string     `json:"to,omitempty"`
		Note string     `json:"note,omitempty"`
		If   []fileRule `json:"if,omitempty"`
		Does []string   `json:"does,omitempty"`
		Why  string     `json:"why"`

		MovesFinal bool `json:"moves_final,omitempty"`
	}
	fileRule struct {
		Name string `json:"name"`
		Code string `json:"code"`
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

		SetAside string `json:"set_aside,omitempty"`
	}
)

// JSON writes the whole definition, policies and prose included, as Schema describes it.
// What is not UTF-8 in prose becomes U+FFFD.
func JSON(m *lifecycle.Chart) string {
	def := m.Definition()
	f := fileMachine{Format: format, Name: def.Name, Title: def.Title, Doc: def.Doc, NoEnd: def.NoEnd, Fingerprint: m.Fingerprint()}
	for _, s := range def.States {
		f.States = append(f.States, fileState{s.Name, s.Means, s.Spelling, s.Final, s.Absorbing, s.Deadline, s.NoDeadline, s.Labels})
	}
	for _, e := range def.Events {
		f.Events = append(f.Events, fileEvent(e))
	}
	for _, r := range def.Rows {
		row := fileRow{r.On, r.From, r.To, r.Note, nil, r.Does, r.Why, r.MovesFinal}
		for _, rule := range r.If {
			row.If = append(row.If, fileRule{rule.Name, rule.Code})
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

// Parse reads what JSON wrote, or a person in its place; a fingerprint may be left out. It
// evaluates nothing: rules are left open. It fails with *Unreadable
// (lifecycle.ErrInvalid), or with all the *lifecycle.Defects of the definition.
func Parse(text []byte) (*lifecycle.Chart, error) {
	if u := strict(text); u != nil {
		return nil, u
	}
	var f fileMachine
	if err := json.Unmarshal(text, &f); err != nil { // the text is JSON of known fields: a type is wrong
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) {
			return nil, at(text, wrong.Offset, WrongType, wrong.Field)
		}
		return nil, &Unreadable{Cause: WrongType}
	}
	switch {
	case f.Format != format:
		return nil, &Unreadable{Cause: WrongFormat}
	case f.work() > maxWork:
		return nil, &Unreadable{Cause: TooMuchWork}
	}
	m, err := lifecycle.New(f.sketch())
	if err != nil {
		return nil, err
	}
	if f.Fingerprint != "" && f.Fingerprint != m.Fingerprint() {
		return nil, &Unreadable{Cause: WrongFingerprint}
	}
	return m, nil
}

func (f *fileMachine) sketch() lifecycle.ChartDefinition {
	def := lifecycle.ChartDefinition{Name: f.Name, Title: f.Title, Doc: f.Doc, NoEnd: f.NoEnd}
	for _, s := range f.States {
		def.States = append(def.States, lifecycle.State[string, string]{
			Name: s.Name, Means: s.Means, Spelling: s.Spelling, Final: s.Final, Absorbing: s.Absorbing,
			Deadline: s.Deadline, NoDeadline: s.NoDeadline, Labels: s.Labels,
		})
	}
	for _, e := range f.Events {
		def.Events = append(def.Events, lifecycle.Event[string](e))
	}
	for _, r := range f.Rows {
		row := row{On: r.On, From: r.From, To: r.To, Note: r.Note, Does: r.Does, Why: r.Why, MovesFinal: r.MovesFinal}
		for _, rule := range r.If {
			row.If = append(row.If, lifecycle.Open(rule.Name, rule.Code))
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
