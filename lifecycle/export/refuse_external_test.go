package export_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/lifecycle/export"
)

// crowd is a sound file: statuses in a chain, and reports, each by a kind of actor of its
// own, that lead from all of them but the last to one. It claims one thing as often as it is told to.
func crowd(statuses, reports, claims int, claim string) string {
	many := func(n int, each func(i int) string) string {
		var all []string
		for i := range n {
			all = append(all, each(i))
		}
		return strings.Join(all, ",")
	}
	status := func(i int) string { return fmt.Sprintf(`"s%d"`, i) }
	return `{"format":"kycle lifecycle 1","name":"crowd","states":[` +
		many(statuses-1, func(i int) string { return fmt.Sprintf(`{"name":"s%d","no_deadline":"x"}`, i) }) + fmt.Sprintf(`,{"name":"s%d","final":true}`, statuses-1) +
		`],"events":[{"name":"begin","kind":"command","by":["x"]},{"name":"on","kind":"report","by":["x"]},` +
		many(reports, func(i int) string { return fmt.Sprintf(`{"name":"e%d","kind":"report","by":["x%d"]}`, i, i) }) +
		`],"rows":[{"on":"begin","to":"s0","why":"x"},` +
		many(statuses-1, func(i int) string { return fmt.Sprintf(`{"on":"on","from":["s%d"],"to":"s%d","why":"x"}`, i, i+1) }) + "," +
		many(reports, func(i int) string {
			return fmt.Sprintf(`{"on":"e%d","from":[%s],"to":"s%d","why":"x"}`, i, many(statuses-1, status), i%statuses)
		}) +
		`],"policies":[{"id":"x","source":"x","says":"x","tests":["x"],"claims":[` + many(claims, func(int) string { return claim }) + "]}]}"
}

// aside is a sound file that breaks so many policies, all of which are set aside.
func aside(policies int) string {
	list := make([]string, policies)
	for i := range list {
		list[i] = fmt.Sprintf(`{"id":"p%d","source":"x","says":"x","set_aside":"x","claims":[{"kind":"never","of":{"on":["e0"]}},{"kind":"never","of":{"on":["e1"]}}]}`, i)
	}
	head, _, _ := strings.Cut(crowd(10, 2, 0, ""), `"policies":`)
	return head + `"policies":[` + strings.Join(list, ",") + "]}"
}

const (
	keptApart = `{"kind":"no_single_actor","of":{"on":["e0"]},"with":[{"on":["e1"]}]}`
	ends      = `{"kind":"eventually_final"}`
	offered   = `{"kind":"offers","of":{"on":["e0","e1","e2","e3","e4","e5","e6","e7","e8","e9"],"from":["s0","s1","s2","s3","s4","s5","s6","s7","s8"]}}`
	never     = `{"kind":"never","of":{"on":["e0"],"from":["s39"]}}`
)

// A file costs what its parts multiply to, and a small one can be a great deal.
func TestParseWeighsTheWork(t *testing.T) {
	for _, c := range []struct {
		name, text string
		taken      bool
		why        string
	}{
		{"ours, claimed over and over", strings.Replace(export.JSON(kyc.Machine.Chart()), `"claims": [`, `"claims": [`+strings.Repeat(`{"kind":"eventually_final"},`, 500), 1), true,
			"nobody writes so much, and it takes no time"},
		{"a large machine", crowd(100, 30, 20, `{"kind":"never","of":{"on":["e0"],"from":["s99"]}}`), true, "a hundred statuses and three thousand cells are much, and not too much"},
		{"many claims", crowd(40, 30, 300, never), true, "a claim is one search"},
		{"actors kept apart", crowd(40, 60, 5, keptApart), false, "a search for each kind of actor, of which there are sixty"},
		{"few actors kept apart", crowd(40, 2, 5, keptApart), true, "three kinds of actor are what people have"},
		{"ends", crowd(40, 60, 60, ends), false, "a path to each status, for every claim"},
		{"offers", crowd(40, 60, 80, offered), false, "a look for each event from each status"},
		{"traps", crowd(300, 20, 0, ""), false, "a path to each status, and back"},
		{"rows", crowd(20, 1000, 0, ""), false, "every cell looks through the rows"},
		{"one row from everywhere", strings.Replace(crowd(60, 2, 0, ""), `"from":["s0"]`, `"from":["s0"`+strings.Repeat(`,"s0"`, 48_000)+`]`, 1), false, "a row is as many steps as it has statuses to leave"},
		{"some set aside", aside(300), true, "each is judged by itself, and they are few"},
		{"many set aside", aside(1500), false, "each is judged by itself, on a copy of the whole"},
		{"long lists of notes", crowd(40, 60, 10, strings.Replace(never, `"from":["s39"]`, `"notes":["n"`+strings.Repeat(`,"n"`, 1000)+"]", 1)), false, "the same"},
		{"long patterns", crowd(40, 60, 10, strings.Replace(never, `"s39"`, `"s39"`+strings.Repeat(`,"s39"`, 1000), 1)), false, "each step is held against each name"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if len(c.text) > export.MaxSize {
				t.Fatalf("%d bytes: it is refused for its size", len(c.text))
			}
			_, err := export.Parse([]byte(c.text))
			var unreadable *export.Unreadable
			refused := errors.As(err, &unreadable) && unreadable.Cause == export.TooMuchWork && errors.Is(err, lifecycle.ErrInvalid)
			if refused == c.taken || c.taken && err != nil {
				t.Errorf("%s: %.500v", c.why, err)
			}
		})
	}
}

// What is refused is found by its line and column, and by its name where that is one.
func TestParseSaysWhere(t *testing.T) {
	head := "{\n \"format\": \"kycle lifecycle 1\",\n"
	for _, c := range []struct{ name, text, want, why string }{
		{"unknown field", head + ` "titel": "x", "name": "door"}`, "at 3:2: an object has a key that the format does not know: titel", "where the key stands, and not where the file ends"},
		{"unknown field, deep", head + ` "name": "é日", "states": [{"name": "x"}, {"naem": "y"}]}`, "at 3:43: an object has a key that the format does not know: naem", "a column is a character"},
		{"unknown field, deeper", head + ` "policies": [{"claims": [{"of": {"clash": "x"}}]}]}`, "at 3:35: an object has a key that the format does not know: clash", "a field of Go is none of the file"},
		{"no name", head + ` "name": "x", "": 1}`, "at 3:15: an object has a key that the format does not know", "it is nobody's"},
		{"no name, deeper", head + ` "policies": [{"claims": [{"of": {"": 1}}]}]}`, "at 3:35: an object has a key that the format does not know", "the same"},
		{"known elsewhere", head + ` "rows": [{"title": "x"}]}`, "at 3:12: an object has a key that the format does not know: title", "a row has none"},
		{"a key that is no name", head + ` "Jane Doe": 1}`, "at 3:2: an object has a key that the format does not know", "it may be somebody's name"},
		{"twice", head + "\t\"name\" : \"x\" ,\r\n  \"name\": \"y\"}", "at 4:3: an object has a key twice: name", "where the second one stands"},
		{"twice, after a list", head + ` "states": [], "states": []}`, "at 3:16: an object has a key twice: states", "a list ends, and the object goes on"},
		{"twice where nothing may be", head + ` "name": {"Jane Doe": 1, "Jane Doe": 2}}`, "at 3:26: an object has a key twice", "it may be somebody's name"},
		{"wrong type", head + ` "states": [{"final": "yes"}]}`, "at 3:28: a value is of the wrong type: states.final", "behind the value"},
		{"wrong type, an object", head + ` "name": {"x": 1}}`, "at 3:11: a value is of the wrong type: name", "behind its first bracket"},
		{"wrong type, a list", head + ` "states": [{"name": ["x"]}]}`, "at 3:23: a value is of the wrong type: states.name", "behind its first bracket"},
		{"half a character", head + ` "name": "x", "title": "a\ud800b"}`, "at 3:24: an escape is half of a surrogate pair", "where its text begins"},
		{"half a character in a key", head + ` "na\udc00me": "x"}`, "at 3:2: an escape is half of a surrogate pair", "before it is no known key"},
		{"no JSON", head + ` name: "x"}`, "at 3:2: it is not JSON", "where it stops to be"},
		{"cut short", head + ` "name": "x`, "at 3:10: it is not JSON", "the text that never ends"},
		{"trailing", "{}\n\n  {}", "at 3:3: something stands after the JSON value", "where it begins"},
		{"nested", strings.Repeat("[\n", 100), "at 65:1: it is nested deeper than a lifecycle can be", "the first that is too deep"},
		{"the whole", "{}", `its format is not "kycle lifecycle 1"`, "it is nowhere"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := export.Parse([]byte(c.text))
			if want := "lifecycle as JSON: " + c.want; err == nil || err.Error() != want {
				t.Errorf("got %v\nwant %s: %s", err, want, c.why)
			}
		})
	}
}
