// Package tour plays the journeys of both products against a running host, over HTTP and
// with nothing but what any client has, and tells them as a story. It stops at the first
// answer that is not the specified one.
package tour

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Play plays all journeys and returns the first answer that differs, as an error that
// says what was expected.
func Play(ctx context.Context, out io.Writer, base, secret string) error {
	t := &tour{ctx: ctx, out: out, base: base, secret: secret, client: &http.Client{Timeout: 20 * time.Second}}
	t.print("Two products, one set of promises. Every request below is real. Ids are cut short,\nand members of an answer that are null, empty or of no interest to the story left out.\n")
	for _, journey := range []func(*tour){
		rejected, approvedByHand, cancelledInAnOutage, wordsOutOfOrder, meetsTheProvider, outOfTime, foreign,
		refunded, kept, superseded, slotTaken, passOutOfTime,
	} {
		journey(t)
		if t.err != nil {
			t.print("\nThe tour ends here: %v\n", t.err)
			return t.err
		}
	}
	t.print("\nEvery answer was the specified one.\n")
	return nil
}

// tour remembers its first failure, after which every step does nothing: so a journey
// reads as a list of steps.
type tour struct {
	ctx          context.Context
	out          io.Writer
	base, secret string
	client       *http.Client
	err          error
	headings     int
}

// print tells a line, with ids cut to their first digits: enough to recognize them by.
func (t *tour) print(format string, args ...any) {
	fmt.Fprint(t.out, id.ReplaceAllString(fmt.Sprintf(format, args...), "$1…"))
}

var id = regexp.MustCompile(`([0-9a-f]{8})(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

// heading begins a journey.
func (t *tour) heading(title string) {
	if t.err != nil {
		return
	}
	t.headings++
	t.print("\n%d. %s\n%s\n", t.headings, title, strings.Repeat("-", len(title)+4))
}

// say is the storyteller's voice.
func (t *tour) say(text string) {
	if t.err == nil {
		t.print("\n%s\n", text)
	}
}

// fail keeps the first failure: what came after it may be its consequence.
func (t *tour) fail(format string, args ...any) {
	if t.err == nil {
		t.err = fmt.Errorf(format, args...)
	}
}

// fields is a JSON object, or what is expected of one.
type fields = map[string]any

// answer is what came back.
type answer struct {
	tour    *tour
	request string
	status  int
	body    fields
}

const (
	userA = "demo-a" // of org_a
	userB = "demo-b" // of org_b
	noOne = ""       // the sandbox asks for no token
)

// ask makes one request and shows it with its answer.
func (t *tour) ask(token, method, path string, body any) answer {
	return t.send(token, method, path, body, nil)
}

// send is ask with headers, as a provider needs them.
func (t *tour) send(token, method, path string, body any, header http.Header) answer {
	a := answer{tour: t, request: method + " " + path, body: fields{}}
	if t.err != nil {
		return a
	}
	var raw []byte
	if body != nil {
		raw, t.err = json.Marshal(body)
	}
	request, err := http.NewRequestWithContext(t.ctx, method, t.base+path, bytes.NewReader(raw))
	if err != nil {
		t.fail("%s: %w", a.request, err)
		return a
	}
	for name, values := range header {
		request.Header[name] = values
	}
	who := "sandbox"
	if token != noOne {
		request.Header.Set("Authorization", "Bearer "+token)
		who = token
	}
	if header != nil {
		who = "provider"
	}
	t.print("  %-8s > %s %s\n", who, a.request, raw)
	response, err := t.client.Do(request)
	if err != nil {
		t.fail("%s: %w", a.request, err)
		return a
	}
	defer response.Body.Close()
	a.status = response.StatusCode
	if err := json.NewDecoder(response.Body).Decode(&a.body); err != nil {
		t.fail("%s: the answer is no JSON object: %w", a.request, err)
	}
	if a.body["entries"] == nil {
		t.print("           < %d %s\n", a.status, short(a.body))
	}
	return a
}

// dull members of an answer say nothing in a story.
var dull = []string{
	"organizationId", "organization_id", "entityId", "provider", "updatedAt", "updated_at", "providerSessionUrl",
	"documentsVerified", "biometricResult", "riskAssessment", "verifiedFields", "decision",
}

// short is an answer without what is dull, null or empty. It is for reading only: what is
// checked is the whole answer.
func short(body fields) []byte {
	kept := fields{}
	for name, value := range body {
		list, isList := value.([]any)
		object, isObject := value.(fields)
		if value != nil && !slices.Contains(dull, name) && (!isList || len(list) > 0) && (!isObject || len(object) > 0) {
			kept[name] = value
		}
	}
	raw, _ := json.Marshal(kept) // it came from JSON
	return raw
}

// is checks the answer: its status, and the members that are named, at any depth by dots.
func (a answer) is(status int, want fields) answer {
	if a.tour.err == nil && a.status != status {
		a.tour.fail("%s: expected status %d, got %d with %s", a.request, status, a.status, short(a.body))
	}
	// Compared as text: JSON has one kind of number, and Go many.
	for name, value := range want {
		if got := a.at(name); a.tour.err == nil && fmt.Sprint(got) != fmt.Sprint(value) {
			a.tour.fail("%s: expected %s to be %v, got %v", a.request, name, value, got)
		}
	}
	return a
}

// at is a member of the answer, by its path; nil where there is none.
func (a answer) at(path string) any {
	var value any = a.body
	for name := range strings.SplitSeq(path, ".") {
		object, _ := value.(fields)
		value = object[name]
	}
	return value
}

func (a answer) text(path string) string {
	text, _ := a.at(path).(string)
	return text
}

// trail shows a record's audit lines and checks that the chain holds, and how often it was
// charged and refunded.
func (t *tour) trail(path string, charges, refunds int) {
	a := t.ask(userA, "GET", path, nil).is(200, fields{"chain.verified": true, "chain.fault": nil})
	entries, _ := a.at("entries").([]any)
	for _, e := range entries {
		line := answer{tour: t, body: e.(fields)}
		t.print("           | %v. %-24s %11s -> %-11s %-10s by %s %s%s%s\n", line.at("seq"), line.text("event"),
			orNone(line.text("from")), line.text("to"), line.text("verdict"), line.text("actor.kind"), line.text("actor.id"),
			after(", because ", line.text("why")), after(": ", line.text("reason")))
	}
	counted := map[string]int{}
	postings, _ := a.at("postings").([]any)
	for _, p := range postings {
		line := answer{tour: t, body: p.(fields)}
		counted[line.text("kind")]++
		t.print("           | money: %s %v %s, by entry %v\n", line.text("kind"), line.at("amount"), line.text("currency"), line.at("seq"))
	}
	if t.err == nil {
		t.print("           | the hash chain holds\n")
	}
	if counted["charge"] != charges || counted["refund"] != refunds {
		t.fail("%s: expected %d charges and %d refunds, got %d and %d", a.request, charges, refunds, counted["charge"], counted["refund"])
	}
}

func orNone(text string) string {
	if text == "" {
		return "(none)"
	}
	return text
}

func after(before, text string) string {
	if text == "" {
		return ""
	}
	return before + text
}
