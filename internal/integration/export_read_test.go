package integration

import (
	"encoding/json"
	"encoding/xml"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/lifecycle/export"
)

// schema compiles the published JSON Schema.
func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(export.Schema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", document); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

func TestJSONSatisfiesItsSchema(t *testing.T) {
	for _, m := range exported() {
		t.Run(m.name, func(t *testing.T) {
			text := export.JSON(m.Chart)
			document, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			if err := schema(t).Validate(document); err != nil {
				t.Error(err)
			}
			again, err := export.Parse([]byte(text))
			if err != nil || export.JSON(again) != text {
				t.Errorf("it does not come back: %v", err)
			}
		})
	}
}

// What the schema refuses, and Parse must refuse too, or the schema would be a promise
// that nobody keeps.
func TestSchemaAndParseRefuseAlike(t *testing.T) {
	text := export.JSON(idpass.Machine.Chart())
	for _, c := range []struct{ name, old, with, why string }{
		{"unknown field", `"title":`, `"titel":`, "a misspelt field"},
		{"unknown field of a rule", `"why":`, `"because":`, "a misspelt field, deep inside"},
		{"bad name", `"id_pass"`, `"ID Pass"`, "names are a file format"},
		{"bad kind", `"kind": "report"`, `"kind": "rumour"`, "an event is a command or a report"},
		{"nobody", `"by": [
        "person"
      ]`, `"by": []`, "every event comes from somebody"},
		{"wrong type", `"final": true`, `"final": "true"`, "a word is no truth"},
		{"no reason", `"why": "a pass is paid for when it is registered"`, `"why": ""`, "every row has a reason"},
		{"another format", `"kycle lifecycle 1"`, `"kycle lifecycle 9"`, "this is the schema of version 1"},
		{"a move and a note", `"to": "new"`, `"to": "new", "note": "made"`, "a row leads somewhere or makes a note"},
		{"neither", `"to": "new",`, "", "the same"},
		{"a note of no record", `"to": "new"`, `"note": "made"`, "there is nothing to make it of"},
		{"a note by the word of a move", `"to": "opened"`, `"note": "moved"`, "a history has that word for something else"},
		{"a note that is no word", `"to": "opened"`, `"note": "Has opened"`, "words are a file format too"},
		{"half a fingerprint", `"fingerprint": "`, `"fingerprint": "x`, "a fingerprint is hexadecimal"},
	} {
		t.Run(c.name, func(t *testing.T) {
			broken := strings.Replace(text, c.old, c.with, 1)
			if broken == text {
				t.Fatal("nothing was broken")
			}
			document, err := jsonschema.UnmarshalJSON(strings.NewReader(broken))
			if err != nil {
				t.Fatal(err)
			}
			if schema(t).Validate(document) == nil {
				t.Errorf("the schema takes it: %s", c.why)
			}
			if _, err := export.Parse([]byte(broken)); err == nil {
				t.Errorf("Parse takes it: %s", c.why)
			}
		})
	}
}

// What the schema requires, a machine cannot do without.
func TestRequiredFieldsAreMissed(t *testing.T) {
	required := map[string]string{
		"": "format name states events rows", "states": "name", "events": "name kind by", "rows": "on to why", "if": "name code", "terms": "name", "policies": "id", "claims": "kind",
	}
	for where, names := range required {
		for _, name := range strings.Fields(names) {
			t.Run(strings.TrimPrefix(where+" "+name, " "), func(t *testing.T) {
				var document any
				if err := json.Unmarshal([]byte(export.JSON(kyc.Machine.Chart())), &document); err != nil {
					t.Fatal(err)
				}
				if !without(document, "", where, name) {
					t.Fatalf("there is no such field in %q", where)
				}
				if schema(t).Validate(document) == nil {
					t.Error("the schema takes it")
				}
				text, err := json.Marshal(document)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := export.Parse(text); err == nil {
					t.Error("Parse takes it")
				}
			})
		}
	}
}

// without takes a field away from the first object that stands under a key.
func without(value any, here, where, name string) bool {
	switch value := value.(type) {
	case []any:
		return slices.ContainsFunc(value, func(v any) bool { return without(v, here, where, name) })
	case map[string]any:
		if _, has := value[name]; has && here == where {
			delete(value, name)
			return true
		}
		for key, v := range value {
			if without(v, key, where, name) {
				return true
			}
		}
	}
	return false
}

// libxml2 finds SCXML well-formed, and Qt's compiler of state charts, which looks every
// target up, takes it.
func TestSCXMLIsRead(t *testing.T) {
	xmllint := needProgram(t, "xmllint", "apt-get install libxml2-utils")
	qscxmlc := needProgram(t, "qscxmlc", "apt-get install libqt5scxml5-bin", "/usr/lib/qt5/bin", "/usr/lib/qt6/libexec")
	for _, m := range exported() {
		t.Run(m.name, func(t *testing.T) {
			text := export.SCXML(m.Chart)
			consult(t, text, xmllint, "--noout", "--nonet", "-")
			path := filepath.Join(t.TempDir(), "chart")
			if err := os.WriteFile(path+".scxml", []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			consult(t, "", qscxmlc, "--header", path+".h", "--impl", path+".cpp", path+".scxml")
		})
	}
}

type (
	scxmlTransition struct {
		Event  string `xml:"event,attr"`
		Target string `xml:"target,attr"`
		Called string `xml:"https://github.com/kycle/kycle/lifecycle spelled,attr"`
		Cond   string `xml:"cond,attr"`
		Raise  []struct {
			Event string `xml:"event,attr"`
		} `xml:"raise"`
	}
	scxmlState struct {
		ID          string            `xml:"id,attr"`
		Final       bool              `xml:"https://github.com/kycle/kycle/lifecycle final,attr"`
		Absorbing   bool              `xml:"https://github.com/kycle/kycle/lifecycle absorbing,attr"`
		Spelling    string            `xml:"https://github.com/kycle/kycle/lifecycle spelling,attr"`
		Means       string            `xml:"https://github.com/kycle/kycle/lifecycle means,attr"`
		Transitions []scxmlTransition `xml:"transition"`
	}
	scxmlChart struct {
		XMLName xml.Name     `xml:"http://www.w3.org/2005/07/scxml scxml"`
		Initial string       `xml:"initial,attr"`
		States  []scxmlState `xml:"state"`
		Finals  []scxmlState `xml:"final"`
	}
)

// The chart that a reader of XML finds is the machine, cell by cell.
func TestSCXMLSaysEveryCell(t *testing.T) {
	for _, m := range exported() {
		t.Run(m.name, func(t *testing.T) {
			var read scxmlChart
			if err := xml.Unmarshal([]byte(export.SCXML(m.Chart)), &read); err != nil {
				t.Fatal(err)
			}
			got := map[string][]scxmlTransition{}
			for _, s := range read.States {
				got[s.ID] = s.Transitions
			}
			if read.Initial != "_none" || got["_none"] == nil {
				t.Errorf("it begins in %q", read.Initial)
			}
			scxmlCells(t, m.Chart, "", got["_none"])
			for _, s := range m.Definition().States {
				scxmlCells(t, m.Chart, s.Name, got[s.Name])
				in := read.States
				own, common := noteLines(m.Chart)
				ends := s.Absorbing && len(own[s.Name])+len(common) == 0 // an end hears nothing
				if ends {
					in = read.Finals
				}
				i := slices.IndexFunc(in, func(x scxmlState) bool { return x.ID == s.Name })
				if i < 0 || in[i].Means != shown(s.Means) || in[i].Spelling != shown(s.Spelling) || !ends && (in[i].Final != s.Final || in[i].Absorbing != s.Absorbing) {
					t.Errorf("%s is not there as what it is: %+v", s.Name, in)
				}
			}
		})
	}
}

func scxmlCells(t *testing.T, m *lifecycle.Chart, from string, got []scxmlTransition) {
	t.Helper()
	var want []scxmlTransition
	for _, e := range m.Definition().Events {
		at, _ := m.Cell(from, e.Name)
		if at.Row < 0 {
			continue
		}
		w, r := scxmlTransition{Event: e.Name, Called: shown(e.Spelling)}, m.Definition().Rows[at.Row]
		var conditions []string
		for _, rule := range r.If {
			conditions = append(conditions, "!veto."+rule.Code)
		}
		w.Cond = strings.Join(conditions, " && ")
		raise := func(event string) {
			w.Raise = append(w.Raise, struct {
				Event string `xml:"event,attr"`
			}{event})
		}
		switch at.Verdict {
		case lifecycle.Move:
			w.Target = at.To
		case lifecycle.Note:
			raise("_note." + r.Note)
		}
		if at.Verdict != lifecycle.Stay {
			for _, effect := range r.Does {
				raise("_effect." + effect)
			}
		}
		want = append(want, w)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%q: got %+v, want %+v", from, got, want)
	}
}
