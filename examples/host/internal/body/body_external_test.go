package body_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/kycle/kycle/examples/host/internal/body"
	"github.com/kycle/kycle/lifecycle"
)

// request has one field of each kind.
type request struct {
	text   string
	flag   bool
	days   *int
	amount *int64
	list   []string
	any    json.RawMessage
	object map[string]json.RawMessage
	inner  string
}

func (r *request) fields() body.Fields {
	return body.Fields{
		"text": &r.text, "flag": &r.flag, "days": &r.days, "amount": &r.amount, "list": &r.list, "any": &r.any,
		"object": &r.object, "within": body.Fields{"inner": &r.inner},
	}
}

func TestObjectTakes(t *testing.T) {
	var r request
	err := body.Object([]byte(` {"text":"\ud83d\ude00 \\ud800","flag":true,"days":3,"amount":9007199254740993,"list":["a","b"],
		"any":[1, {}],"object":{"A":1,"a":2},"within":{"inner":"x"}} `), r.fields())
	if err != nil {
		t.Fatal(err)
	}
	if r.text != `😀 \ud800` || !r.flag || *r.days != 3 || *r.amount != 9007199254740993 || len(r.list) != 2 || string(r.any) != "[1, {}]" || len(r.object) != 2 || r.inner != "x" {
		t.Errorf("read as %+v", r)
	}
	var none request
	if err := body.Object([]byte(`{"text":null,"days":null,"within":null,"object":null,"any":null}`), none.fields()); err != nil || none.days != nil || none.object != nil || none.any != nil {
		t.Errorf("null is not as if it were not there: %+v, %v", none, err)
	}
}

func TestObjectRefuses(t *testing.T) {
	for _, row := range []struct{ name, why, raw, message string }{
		{"empty", "there is no object", " \n", "body: is missing: a JSON object is needed"},
		{"scalar", "no object", `7`, "body: must be a JSON object"},
		{"after", "a second value would be lost", `{} {}`, "body: must be one JSON object and nothing else"},
		{"comma", "no JSON", `{"text":"a",}`, "body: must be one JSON object and nothing else"},
		{"deep", "no JSON that Go reads", strings.Repeat(`{"any":`, 20000), "body: must be one JSON object and nothing else"},
		{"UTF-8 in a name", "replaced in silence otherwise", "{\"te\xc3t\":1}", "body: must be UTF-8"},
		{"high alone", "replaced in silence otherwise", `{"text":"\ud800"}`, "body: must be UTF-8: half of a surrogate pair stands alone"},
		{"low alone", "replaced in silence otherwise", `{"text":"\\\udc00"}`, "body: must be UTF-8: half of a surrogate pair stands alone"},
		{"two highs", "replaced in silence otherwise", `{"any":["\ud83d\ud83d\ude00"]}`, "body: must be UTF-8: half of a surrogate pair stands alone"},
		{"twice", "the last would win", `{"flag":true,"flag":false}`, "flag: is there twice"},
		{"twice by escapes", "the same name", `{"flag":true,"fl\u0061g":false}`, "flag: is there twice"},
		{"twice in an object", "the last would win", `{"object":{"k":1,"k":2}}`, "object: has a field twice"},
		{"unknown within", "strict at every depth", `{"within":{"outer":1}}`, "within.outer: is not a known field"},
		{"letters within", "encoding/json would take it", `{"within":{"INNER":"x"}}`, "within.inner: must be written in exactly these letters"},
		{"list of numbers", "words are wanted", `{"list":[1]}`, "list: must be a list of known words"},
		{"float", "whole numbers", `{"days":1.0}`, "days: must be a whole number"},
		{"overflow", "never wrapped", `{"amount":9223372036854775808}`, "amount: must be a whole number"},
		{"flag", "no word", `{"flag":"yes"}`, "flag: must be true or false"},
		{"object", "no list", `{"object":[]}`, "object: must be a JSON object"},
	} {
		t.Run(row.name, func(t *testing.T) {
			var r request
			err := body.Object([]byte(row.raw), r.fields())
			if !errors.Is(err, lifecycle.ErrInvalid) || err.Error() != row.message {
				t.Errorf("%s: got %v, want %q", row.why, err, row.message)
			}
		})
	}
}

func TestReadsSoMuchAndNoMore(t *testing.T) {
	if raw, err := body.Read(strings.NewReader(strings.Repeat("x", body.Most))); err != nil || len(raw) != body.Most {
		t.Errorf("%d bytes, error %v, want all that may be", len(raw), err)
	}
	if _, err := body.Read(strings.NewReader(strings.Repeat("x", body.Most+1))); !errors.Is(err, body.ErrTooLarge) {
		t.Errorf("got the error %v, want ErrTooLarge", err)
	}
}

// Whatever is taken is JSON that encoding/json reads the same way.
func FuzzObject(f *testing.F) {
	for _, seed := range []string{`{"text":"a"}`, `{"Text":"a"}`, `{"text":"a"}{}`, `{"text":"\ud800"}`, `{"any":{"a":[]}}`, "{\"text\":\"\xff\"}", `{"within":{"inner":"x"}}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var r request
		if err := body.Object(raw, r.fields()); err != nil {
			if !errors.Is(err, lifecycle.ErrInvalid) {
				t.Fatalf("not a refusal: %v", err)
			}
			return
		}
		var theirs map[string]any
		if err := json.Unmarshal(raw, &theirs); err != nil {
			t.Fatalf("taken, and no JSON: %v", err)
		}
		if text, there := theirs["text"].(string); there && text != r.text {
			t.Fatalf("read as %q, and it is %q", r.text, text)
		}
	})
}
