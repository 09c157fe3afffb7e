package product_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/product"
	"github.com/kycle/kycle/store"
)

// shade refuses in the words of a careless type: they repeat the value.
type shade string

func (s *shade) UnmarshalText(text []byte) error {
	if string(text) != "blue" {
		return fmt.Errorf("no shade %q: %w", text, &lifecycle.Invalid{Field: "shade", Problem: string(text)})
	}
	*s = shade(text)
	return nil
}

type page struct {
	Lines []line `json:"lines"`
}

type line struct {
	Words int `json:"words"`
}

// stored is a record with something of everything.
type stored struct {
	Text   string          `json:"text"`
	Count  int             `json:"count"`
	Small  int8            `json:"small"`
	At     time.Time       `json:"at,omitzero"`
	ID     uuid.UUID       `json:"id"`
	Shade  shade           `json:"shade,omitempty"`
	Page   page            `json:"page"`
	Counts map[string]int  `json:"counts"`
	Raw    json.RawMessage `json:"raw,omitempty"`
}

func TestDecodeJSONReadsARecord(t *testing.T) {
	want := stored{
		Text: "<é> ", Count: -1, At: time.Date(2025, 1, 15, 10, 30, 0, 1000, time.UTC), ID: uuid.UUID{1}, Shade: "blue",
		Page: page{[]line{{1}, {2}}}, Counts: map[string]int{"a": 1}, Raw: json.RawMessage(`{"any":[1e400,"\ud800",{"b":1,"b":2}]}`),
	}
	text, err := store.EncodeJSON(want)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct{ name, why, text string }{
		{"as it was written", "it comes back exactly", string(text)},
		{"with white space around it", "it says nothing", "\n\t " + string(text) + "\r\n"},
		{"names in another case", "as encoding/json reads them", strings.Replace(string(text), `"count"`, `"COUNT"`, 1)},
		{"a member twice", "the last counts", `{"count":7,"text":"lost",` + string(text[1:])},
	} {
		var got stored
		if err := product.DecodeJSON([]byte(row.text), &got); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, error %v, want %+v: %s", row.name, got, err, want, row.why)
		}
	}
	var empty stored
	if err := product.DecodeJSON([]byte(`{"page":null}`), &empty); err != nil || !reflect.DeepEqual(empty, stored{}) {
		t.Errorf("got %+v, error %v; what is left out or null is as it was", empty, err)
	}
}

// A secret stands in every place of a text that cannot be read. No error repeats it, though
// those of encoding/json, of times and of ids do.
func TestDecodeJSONRefuses(t *testing.T) {
	const (
		secret  = "Ann Example"
		noJSON  = "not one JSON value in UTF-8"
		member  = ": a member is not known, or not of the form that it must have"
		nowhere = "a member is not known, or not of the form that it must have"
	)
	for _, row := range []struct{ name, why, text, want string }{
		{"unknown field", "it would be lost at the next commit", `{"text":"Ann Example","note":"Ann Example"}`, "note" + member},
		{"unknown field within", "there too", `{"page":{"note":"Ann Example"}}`, "page" + member},
		{"unknown field in a list within", "there too", `{"page":{"lines":[{"words":1},{"words":1,"note":"Ann Example"}]}}`, "page" + member},
		{"unknown field that is a name", "it may be a person's", `{"Ann Example":1}`, nowhere},
		{"unknown field that is long", "no field has such a name", `{"` + strings.Repeat("a", 41) + `":1}`, nowhere},
		{"two of them", "the first in order is named", `{"zoo":1,"ant":2}`, "ant" + member},
		{"a name and a field", "the field is named", `{"Ann Example":1,"zoo":2}`, "zoo" + member},
		{"text for a number", "the wrong type", `{"count":"Ann Example"}`, "count" + member},
		{"a number for text", "the wrong type", `{"text":19451945}`, "text" + member},
		{"a fraction for a whole number", "encoding/json repeats it", `{"count":1945.1945}`, "count" + member},
		{"a number that does not fit", "encoding/json repeats it", `{"small":19451945}`, "small" + member},
		{"a number of text in a map", "a map's names are anybody's", `{"counts":{"Ann Example":"1945"}}`, "counts" + member},
		{"a time that is none", "package time repeats it", `{"at":"Ann Example"}`, "at" + member},
		{"an id that is none", "package uuid repeats nine letters", `{"id":"Ann Example` + strings.Repeat("0", 34) + `"}`, "id" + member},
		{"a word of a type's own", "the type repeats it, and says that a caller did it", `{"shade":"Ann Example"}`, "shade" + member},
		{"an object for a list", "the wrong type", `{"page":{"lines":{"Ann Example":1}}}`, "page" + member},
		{"a member twice, the first wrong", "the last is sound", `{"count":"Ann Example","count":1}`, nowhere},
		{"a value after it", "what would be lost", `{"text":"Ann Example"} {}`, noJSON},
		{"bytes after it", "what would be lost", `{"text":"Ann Example"}Ann`, noJSON},
		{"a bracket after it", "what would be lost", `{"text":"Ann Example"}}`, noJSON},
		{"cut short", "it is not whole", `{"text":"Ann Example`, noJSON},
		{"nothing", "no value", ``, noJSON},
		{"white space", "no value", "\n", noJSON},
		{"no JSON", "encoding/json repeats the first letter", `Ann Example`, noJSON},
		{"a quote too many", "encoding/json repeats a letter", `{"text":"Ann"Example"}`, noJSON},
		{"no text", "it would be replaced in silence", "{\"text\":\"Ann Example\xff\"}", noJSON},
		{"no text, and an unknown field", "it cannot be read at all", "{\"note\":\"\xff\"}", noJSON},
		{"null", "no record is nothing", `null`, "no JSON object"},
		{"null and white space", "no record is nothing", " null\n", "no JSON object"},
		{"text", "no object", `"Ann Example"`, "no JSON object"},
		{"a number", "no object", `19451945`, "no JSON object"},
		{"a list", "no object", `["Ann Example"]`, "no JSON object"},
		{"too deep", "no reader takes it", `{"raw":` + strings.Repeat("[", 10_001) + strings.Repeat("]", 10_001) + `}`, noJSON},
	} {
		t.Run(row.name, func(t *testing.T) {
			var into stored
			err := product.DecodeJSON([]byte(row.text), &into)
			if err == nil || err.Error() != row.want {
				t.Fatalf("error %v, want %q: %s", err, row.want, row.why)
			}
			for _, part := range []string{secret, "Ann", "1945", "Ex"} {
				if strings.Contains(fmt.Sprintf("%v %+v", err, err), part) {
					t.Errorf("error %q repeats %q: %s", err, part, row.why)
				}
			}
			if errors.Is(err, lifecycle.ErrInvalid) {
				t.Errorf("error %v is %v: what is stored is no fault of a caller's", err, lifecycle.ErrInvalid)
			}
		})
	}
}

func TestDecodeJSONIntoWhatIsNoPointer(t *testing.T) {
	for _, into := range []any{nil, stored{}, (*stored)(nil)} {
		if err := product.DecodeJSON([]byte(`{"text":"a"}`), into); err == nil {
			t.Errorf("into %T: no error, want one", into)
		}
	}
}

func TestCanonicalJSON(t *testing.T) {
	for _, row := range []struct{ name, why, raw, want string }{
		{"members", "in order of their names, at any depth",
			`{"b":{"d":1,"c":2},"a":[{"y":1,"x":2}]}`, `{"a":[{"x":2,"y":1}],"b":{"c":2,"d":1}}`},
		{"white space", "says nothing", " {\n\t\"a\" : [ 1 , 2 ] }\r\n", `{"a":[1,2]}`},
		{"lists", "their order says something", `[3,1,2]`, `[3,1,2]`},
		{"escapes", "that need not be", `"\u0061\/\u00e9\ud83d\ude00\u003c"`, `"a/é😀<"`},
		{"escapes that must be", "one spelling of each", `"\u0022\u005c\u000a\u0000"`, `"\"\\\n\u0000"`},
		{"numbers", "they stay as they are written", `[1,1.0,1e2,-0,12345678901234567890,1e400]`, `[1,1.0,1e2,-0,12345678901234567890,1e400]`},
		{"words", "there are three", ` [ true,false, null ] `, `[true,false,null]`},
		{"a member twice", "the last counts", `{"a":1,"b":0,"a":2}`, `{"a":2,"b":0}`},
		{"names in two cases", "they are two", `{"b":1,"B":2,"":3}`, `{"":3,"B":2,"b":1}`},
		{"half a surrogate pair", "as encoding/json reads it", `"\ud800"`, "\"\uFFFD\""},
		{"empty ones", "they are values", `[{},[],""]`, `[{},[],""]`},
	} {
		got, err := product.CanonicalJSON([]byte(row.raw))
		if err != nil || string(got) != row.want {
			t.Errorf("%s: got %s, error %v, want %s: %s", row.name, got, err, row.want, row.why)
		}
	}
}

func TestCanonicalJSONRefuses(t *testing.T) {
	for _, row := range []struct{ name, why, raw string }{
		{"nothing", "no value", ``},
		{"no JSON", "no value", `Ann Example`},
		{"cut short", "it is not whole", `{"name":"Ann`},
		{"a value after it", "two values are not one", `{"name":"Ann"} {}`},
		{"bytes after it", "they would count for nothing", `{"name":"Ann"}Ann`},
		{"no text", "two texts would be one", "\"Ann\xff\""},
	} {
		got, err := product.CanonicalJSON([]byte(row.raw))
		if err == nil || got != nil || err.Error() != "not one JSON value in UTF-8" {
			t.Errorf("%s: got %s, error %v, want one that repeats nothing: %s", row.name, got, err, row.why)
		}
	}
}

func TestMoment(t *testing.T) {
	here := time.FixedZone("here", -3600)
	for _, row := range []struct {
		name, why string
		given     time.Time
		want      time.Time
	}{
		{"of another zone", "UTC", time.Date(2025, 1, 15, 23, 30, 0, 0, here), time.Date(2025, 1, 16, 0, 30, 0, 0, time.UTC)},
		{"finer", "it is cut, and not rounded",
			time.Date(2025, 1, 15, 10, 30, 0, 999_999_999, time.UTC), time.Date(2025, 1, 15, 10, 30, 0, 999_999_000, time.UTC)},
		{"none", "it stays none", time.Time{}, time.Time{}},
		{"none of another zone", "it is none all the same", time.Time{}.In(here), time.Time{}},
	} {
		if got := product.Moment(row.given); got != row.want {
			t.Errorf("%s: got %v, want %v: %s", row.name, got, row.want, row.why)
		}
	}
	if now := time.Now(); product.Moment(now) != product.Moment(now.Round(0)) {
		t.Error("a reading of the monotonic clock is no part of a moment")
	}
}

func TestOrNull(t *testing.T) {
	text := "a"
	p := product.OrNull(text)
	if p == nil || *p != "a" || p == &text {
		t.Errorf("got %v, want a copy of the text", p)
	}
	if got := fmt.Sprint(product.OrNull(""), product.OrNull(uuid.Nil), product.OrNull(time.Time{}),
		product.OrNull(0)); got != "<nil> <nil> <nil> <nil>" {
		t.Errorf("got %s, want none of the zero values", got)
	}
}

// Whatever is read is JSON, and is read again as the same record. Whatever is not says no
// more than the name of a field.
func FuzzDecodeJSON(f *testing.F) {
	for _, seed := range []string{
		`{"text":"a","count":1,"page":{"lines":[{"words":1}]},"counts":{"a":1},"raw":{"a":1,"a":2},"shade":"blue"}`,
		`{"at":"2025-01-15T10:30:00.000001Z","id":"01000000-0000-0000-0000-000000000000"}`, `{"Ann Example":1}`, `{"count":1.5}`,
		`null`, `{}`, `{}{}`, `{"text":"\ud800"}`, "\xff", `{"TEXT":"a","text":"b"}`, `[[[`, `{"small":300}`, `{"raw":null}`,
	} {
		f.Add([]byte(seed))
	}
	said := regexp.MustCompile(`^(not one JSON value in UTF-8|no JSON object|([A-Za-z][A-Za-z0-9_]{0,39}: )?` +
		`a member is not known, or not of the form that it must have)$`)
	f.Fuzz(func(t *testing.T, text []byte) {
		var first, second stored
		if err := product.DecodeJSON(text, &first); err != nil {
			if !said.MatchString(err.Error()) {
				t.Fatalf("error %q says more than the name of a field", err)
			}
			return
		}
		if !json.Valid(text) || !utf8.Valid(text) {
			t.Fatalf("read %q", text)
		}
		again, err := store.EncodeJSON(first)
		if err != nil {
			return // a time beyond the years that JSON has
		}
		if err := product.DecodeJSON(again, &second); err != nil {
			t.Fatalf("read %q, wrote %q, which is not read: %v", text, again, err)
		}
		if third, err := store.EncodeJSON(second); err != nil || string(third) != string(again) {
			t.Fatalf("wrote %q, then %q, error %v", again, third, err)
		}
	})
}

// What is JSON has one canonical spelling, which is its own, of the same value, and that of
// every other spelling too.
func FuzzCanonicalJSON(f *testing.F) {
	for _, seed := range []string{
		`{"b":1,"a":[1.0,1e400,-0,"\u003c\ud83d\ude00",null,true]}`, ` [ ] `, `"\ud800"`, `{"a":1,"a":2}`, `1 2`, "\"\xff\"", `"\u2028"`, ``,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, err := product.CanonicalJSON(raw)
		if sound := json.Valid(raw) && utf8.Valid(raw); (err == nil) != sound {
			t.Fatalf("%q: error %v, want one: %t", raw, err, !sound)
		}
		if err != nil {
			return
		}
		if !json.Valid(got) || !reflect.DeepEqual(valueOf(t, got), valueOf(t, raw)) {
			t.Fatalf("%q became %q, another value", raw, got)
		}
		indented, err := json.MarshalIndent(json.RawMessage(raw), " ", "\t") // with escapes for HTML
		if err != nil {
			t.Fatal(err)
		}
		for _, spelling := range [][]byte{got, indented} {
			if again, err := product.CanonicalJSON(spelling); err != nil || string(again) != string(got) {
				t.Fatalf("%q became %q, and %q became %q, error %v", raw, got, spelling, again, err)
			}
		}
	})
}

func valueOf(t *testing.T, raw []byte) (value any) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.UseNumber()
	if err := d.Decode(&value); err != nil {
		t.Fatal(err)
	}
	return value
}
