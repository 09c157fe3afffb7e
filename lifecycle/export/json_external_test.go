package export_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/lifecycle/export"
)

// What is written is read back whole: the same definition, prose and policies included,
// the same judgement of every cell, and the same bytes.
func TestJSONComesBackWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawn(t)
		text := export.JSON(m)
		again, err := export.Parse([]byte(text))
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if again.Fingerprint() != m.Fingerprint() || export.JSON(again) != text {
			t.Fatalf("another machine came back:\n%s\n%s", text, export.JSON(again))
		}
		if one, two := bare(m), bare(again); !reflect.DeepEqual(one, two) {
			t.Fatalf("got %+v, want %+v", two, one)
		}
		sameCells(t, m, again)
	})
}

// bare is a definition without what cannot be compared or written: its rules' functions,
// and bytes that are not UTF-8.
func bare(m *lifecycle.Chart) lifecycle.ChartDefinition {
	def := m.Definition()
	for i, r := range def.Rows {
		for j := range r.If {
			def.Rows[i].If[j].Holds = nil
		}
		if len(r.If) == 0 {
			def.Rows[i].If = nil
		}
	}
	var out lifecycle.ChartDefinition
	valid(reflect.ValueOf(&out).Elem(), reflect.ValueOf(def))
	return out
}

// valid copies a value, and replaces in its texts what is not UTF-8 as encoding/json does.
func valid(to, from reflect.Value) {
	switch from.Kind() {
	case reflect.String:
		to.SetString(string([]rune(from.String())))
	case reflect.Struct:
		for i := range from.NumField() {
			if to.Field(i).CanSet() { // the others are nobody's to write
				valid(to.Field(i), from.Field(i))
			}
		}
	case reflect.Slice:
		for i := range from.Len() {
			to.Set(reflect.Append(to, reflect.Zero(to.Type().Elem())))
			valid(to.Index(i), from.Index(i))
		}
	case reflect.Pointer:
		if !from.IsNil() {
			to.Set(reflect.New(to.Type().Elem()))
			valid(to.Elem(), from.Elem())
		}
	default:
		to.Set(from)
	}
}

// withoutProse leaves out a rule's name, whose broken bytes are written as U+FFFD.
func withoutProse(err error) {
	var denied *lifecycle.Denied
	if errors.As(err, &denied) {
		denied.Condition = ""
	}
}

func sameCells(t *rapid.T, one, two *lifecycle.Chart) {
	def := one.Definition()
	for _, s := range append([]lifecycle.State[string, string]{{}}, def.States...) {
		for _, e := range def.Events {
			for _, no := range []lifecycle.Vetoes{nil, {"older"}, {"closed"}, {"older", "closed"}} {
				a, errA := one.Decide(s.Name, e.Name, no)
				b, errB := two.Decide(s.Name, e.Name, no)
				withoutProse(errA)
				withoutProse(errB)
				if !reflect.DeepEqual(a, b) || !reflect.DeepEqual(errA, errB) {
					t.Fatalf("%s in %q, vetoed by %v: %+v, %v became %+v, %v", e.Name, s.Name, no, a, errA, b, errB)
				}
			}
		}
	}
}

func TestParseRefuses(t *testing.T) {
	text := export.JSON(doors.Chart())
	edit := func(old, with string) string {
		if !strings.Contains(text, old) {
			t.Fatalf("there is no %s in the door", old)
		}
		return strings.Replace(text, old, with, 1)
	}
	for _, c := range []struct {
		name, text string
		cause      export.Cause
		why        string
	}{
		{"empty", "", export.NotJSON, "nothing is no value"},
		{"half", text[:len(text)/2], export.NotJSON, "a copy that broke off"},
		{"a comment", "// door\n" + text, export.NotJSON, "JSON has none"},
		{"closed too early", "}" + text, export.NotJSON, "the reader of tokens must not run off its stack"},
		{"unknown field", edit(`"title":`, `"titel":`), export.UnknownField, "a misspelt field would be lost in silence"},
		{"unknown field, deep", edit(`"code": "older"`, `"code": "older", "holds": "true"`), export.UnknownField, "nothing is evaluated, so nothing may ask for it"},
		{"case", edit(`"title":`, `"Title":`), export.UnknownField, "encoding/json would take it"},
		{"folded case", edit(`"kind":`, `"`+"\u212a"+`ind":`), export.UnknownField, "the Kelvin sign is a k to encoding/json"},
		{"duplicate key", edit(`"final": true`, `"final": true, "final": false`), export.DuplicateKey, "readers differ on which one counts"},
		{"duplicate key, escaped", edit(`"final": true`, `"final": true, "f\u0069nal": false`), export.DuplicateKey, "an escape makes no other key"},
		{"duplicate key after a list", edit(`"does": [`, `"does": [], "does": [`), export.DuplicateKey, "a list ends, and the object goes on"},
		{"trailing value", text + "{}", export.TrailingBytes, "one file is one machine"},
		{"trailing bytes", text + "x", export.TrailingBytes, "what is it?"},
		{"not UTF-8", edit("Door", "D\xffr"), export.NotUTF8, "encoding/json would replace it in silence"},
		{"half of a surrogate pair", edit("Door", `D\ud800r`), export.HalfCharacter, "encoding/json would replace it in silence"},
		{"too large", text + strings.Repeat(" ", export.MaxSize), export.TooLarge, "a file is read whole"},
		{"a byte order mark", "\ufeff" + text, export.ByteOrderMark, "it is not JSON, and nobody sees why"},
		{"nested too deep", strings.Repeat("[", 100), export.TooDeep, "no lifecycle is, whatever stands inside"},
		{"a key nested too deep", `{"states":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + "}", export.TooDeep, "it is JSON, and encoding/json does not read it"},
		{"wrong type", edit(`"final": true`, `"final": "yes"`), export.WrongType, "a guess could be wrong"},
		{"a list", "[]", export.WrongType, "a machine is an object"},
		{"null", "null", export.WrongFormat, "it says nothing"},
		{"another format", edit("kycle lifecycle 1", "kycle lifecycle 2"), export.WrongFormat, "a later version may mean something else"},
		{"another definition's fingerprint", edit(`"to": "gone"`, `"to": "lost"`), export.WrongFingerprint, "somebody changed a row, and the fingerprint tells"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := export.Parse([]byte(c.text))
			var unreadable *export.Unreadable
			if !errors.As(err, &unreadable) || unreadable.Cause != c.cause || !errors.Is(err, lifecycle.ErrInvalid) {
				t.Errorf("got %v, want %s: %s", err, c.cause, c.why)
			}
		})
	}
}

// A definition that can be read is judged like one written in Go: all defects at once.
func TestParseReportsAllDefects(t *testing.T) {
	text := strings.NewReplacer(`"to": "ajar"`, `"to": "open"`, `"why": "wood rots"`, `"why": ""`).Replace(export.JSON(doors.Chart()))
	_, err := export.Parse([]byte(text))
	var defects *lifecycle.Defects
	if !errors.As(err, &defects) || len(defects.List) < 3 {
		t.Errorf("got %v, want three defects at least", err)
	}
}

// Escapes of whole characters are as good as the characters.
func TestParseReadsEscapes(t *testing.T) {
	text := strings.NewReplacer(`"fingerprint": "`+doors.Fingerprint()+`",`, "", `"title": "Door"`, `"title": "\ud83d\udeaa \\ud800"`).Replace(export.JSON(doors.Chart()))
	m, err := export.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := m.Definition().Title, `🚪 \ud800`; got != want {
		t.Errorf("got the title %q, want %q", got, want)
	}
}

func TestFingerprintMayBeLeftOut(t *testing.T) {
	text := strings.Replace(export.JSON(doors.Chart()), `"fingerprint": "`+doors.Fingerprint()+`",`, "", 1)
	m, err := export.Parse([]byte(text))
	if err != nil || m.Fingerprint() != doors.Fingerprint() {
		t.Errorf("it is read as another machine, or not at all: %v", err)
	}
}

// The published schema and the Go types of the file name the same fields. That what is
// written satisfies it, a validator says in internal/integration.
func TestSchemaNamesTheFields(t *testing.T) {
	type object struct {
		Properties map[string]json.RawMessage
		Required   []string
		Closed     *bool `json:"additionalProperties"`
	}
	var schema struct {
		object
		Defs map[string]object `json:"$defs"`
	}
	if err := json.Unmarshal([]byte(export.Schema), &schema); err != nil {
		t.Fatal(err)
	}
	// Everything that can stand in a file stands in one of these.
	def := door()
	def.Policies = []lifecycle.Policy{{ID: "D-1", Source: "s", Says: "s", Tests: []string{"TestX"}, Claims: []lifecycle.Claim{
		lifecycle.Only(lifecycle.To("gone"), lifecycle.From("shut", "ajar").And(lifecycle.By("person")).And(lifecycle.OfKind(lifecycle.Command))),
		lifecycle.Only(lifecycle.Guarded("closed").And(lifecycle.Doing("note")), lifecycle.On("seen_ajar")),
		lifecycle.Labelled("drafty", "ajar"), lifecycle.EndsByClock("ajar"),
	}}}
	found := map[string]map[string]bool{}
	for _, m := range []*lifecycle.Chart{lifecycle.Must(def).Chart(), permits, accounts} {
		var file any
		if err := json.Unmarshal([]byte(export.JSON(m)), &file); err != nil {
			t.Fatal(err)
		}
		collect(found, "", file)
	}
	objects := map[string]object{"": schema.object}
	for where, name := range map[string]string{"states": "state", "events": "event", "rows": "row", "if": "rule", "terms": "term", "policies": "policy", "claims": "claim", "of": "steps"} {
		objects[where] = schema.Defs[name]
	}
	for where, o := range objects {
		var named, written []string
		for name := range o.Properties {
			named = append(named, name)
		}
		for name := range found[where] {
			written = append(written, name)
		}
		if where == "of" { // no pattern uses all there is
			for i := range reflect.TypeFor[lifecycle.Pattern]().NumField() {
				if field := reflect.TypeFor[lifecycle.Pattern]().Field(i); field.IsExported() {
					name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
					written = append(written, name)
				}
			}
		}
		slices.Sort(named)
		slices.Sort(written)
		if !slices.Equal(named, slices.Compact(written)) || o.Closed == nil || *o.Closed {
			t.Errorf("%q: the schema names %v, the file %v", where, named, written)
		}
	}
}

// collect gathers the keys of all objects that stand under one key.
func collect(found map[string]map[string]bool, where string, value any) {
	switch value := value.(type) {
	case []any:
		for _, v := range value {
			collect(found, where, v)
		}
	case map[string]any:
		if found[where] == nil {
			found[where] = map[string]bool{}
		}
		for k, v := range value {
			found[where][k] = true
			collect(found, k, v)
		}
	}
}

// FuzzParse: nothing panics, and what is taken is written and read again as the same
// machine and the same bytes, in every format.
func FuzzParse(f *testing.F) {
	text := export.JSON(doors.Chart())
	f.Add([]byte(text))
	f.Add([]byte(strings.ReplaceAll(text, `"put in"`, `"\u0000\ud800]]>"`)))
	f.Add([]byte(strings.ReplaceAll(text, `"shut"`, `""`)))
	f.Add([]byte(export.JSON(permits)))
	f.Add([]byte(export.JSON(accounts)))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := export.Parse(text)
		if err != nil {
			if !errors.Is(err, lifecycle.ErrInvalid) && !errors.Is(err, lifecycle.ErrDefinition) {
				t.Fatalf("an error of no kind: %v", err)
			}
			return
		}
		for _, format := range export.Formats {
			format.Write(m)
		}
		written := export.JSON(m)
		again, err := export.Parse([]byte(written))
		if err != nil {
			t.Fatalf("%v\n%s", err, written)
		}
		if again.Fingerprint() != m.Fingerprint() || export.JSON(again) != written {
			t.Fatalf("another machine came back:\n%s\n%s", written, export.JSON(again))
		}
	})
}
