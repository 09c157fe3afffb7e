package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/examples/host/internal/tour"
)

func TestSandboxControls(t *testing.T) {
	c, _ := serving(t)
	v := c.create()
	session := "/sandbox/kyc/sessions/" + v.session
	c.ask("", "GET", session, "").is(t, 200, fields{"status": "not_started", "terminated": false, "reads": 0})
	c.ask("", "GET", "/sandbox/kyc/sessions/nobody", "").is(t, 404, problem("NOT_FOUND", "Session not found"))
	c.ask("", "POST", "/sandbox/kyc/sessions/nobody", `{"status":"approved"}`).is(t, 404, problem("NOT_FOUND", "Session not found"))
	for name, body := range map[string]string{"unknown status": `{"status":"rejected"}`, "no status": `{}`, "field": `{"status":"approved","why":1}`,
		"time": `{"status":"approved","occurredAt":"soon"}`, "flag": `{"status":"approved","notify":1}`} {
		t.Run(name, func(t *testing.T) {
			client{t, c.base}.ask("", "POST", session, body).is(t, 400, fields{"error": "VALIDATION_ERROR"})
		})
	}
	var last time.Time
	for range 20 { // each is a newer word than the one before
		at, err := time.Parse(time.RFC3339, v.customer("in_review", false).text("occurredAt"))
		if err != nil || !at.After(last) {
			t.Errorf("%s does not come after %s (%v)", at, last, err)
		}
		last = at
	}
	c.ask("demo-a", "DELETE", v.path("/cancel"), `{"reason":"long enough"}`).is(t, 200, nil)
	v.customer("approved", true).is(t, 200, fields{"terminated": true, "webhook.answer.result": "ignored"}) // works on a terminated one
	c.ask("", "POST", "/sandbox/kyc/outage", `{}`).is(t, 400, fields{"error": "VALIDATION_ERROR"})
	c.ask("", "POST", session, `{"status":"approved","occurredAt":"0000-01-01T00:00:00Z","notify":true}`).is(t, 200, fields{"webhook.status": 400})
	v.customer("declined", true).is(t, 200, fields{"webhook.status": 200}) // nonsense does not drag later words along
}

func TestSandboxClock(t *testing.T) {
	c, _ := serving(t)
	before := c.now()
	for _, advance := range []string{`"-1s"`, `"soon"`, `""`, `5`, `"2562047h"`} {
		c.ask("", "POST", "/sandbox/clock", `{"advance":`+advance+`}`).is(t, 400, fields{"error": "VALIDATION_ERROR"})
	}
	c.ask("", "POST", "/sandbox/clock", `{"advance":"192h"}`).is(t, 200, nil)
	if moved := c.now().Sub(before); moved < 192*time.Hour || moved > 193*time.Hour {
		t.Errorf("the clock moved by %v", moved)
	}
	for range 3 {
		c.ask("", "POST", "/sandbox/clock", `{"advance":"400000h"}`) // until it is refused
	}
	c.ask("", "POST", "/sandbox/clock", `{"advance":"876000h"}`).is(t, 400, nil)
	v := c.in("approved") // and the host works in that year, too
	c.whole(v.path("/audit"), 1, 0)
}

func TestSandboxPasses(t *testing.T) {
	c, _ := serving(t)
	pass := c.ask("demo-b", "POST", "/idpass/register", order(nil)).is(t, 201, nil).text("id")
	for _, body := range []string{`{}`, `{"event":"cancel"}`, `{"event":"complete"}`, `{"event":"complete","outcome":"perhaps"}`, `{"event":"open","outcome":"passed"}`, `{"event":1}`} {
		c.ask("", "POST", "/sandbox/idpass/"+pass, body).is(t, 400, fields{"error": "VALIDATION_ERROR"})
	}
	c.ask("", "POST", "/sandbox/idpass/"+uuid.NewString(), `{"event":"open"}`).is(t, 404, problem("NOT_FOUND", "ID Pass not found"))
	c.ask("", "POST", "/sandbox/idpass/42", `{"event":"open"}`).is(t, 404, problem("NOT_FOUND", "ID Pass not found"))
	c.ask("", "POST", "/sandbox/idpass/"+pass, `{"event":"complete","outcome":"passed"}`).is(t, 200, fields{"result": "applied", "status": "complete"})
	c.ask("demo-b", "POST", "/idpass/details", id(pass)).is(t, 200, fields{"verification_status": "passed", "status": "complete"})
}

// An owed termination outlives an outage, and the deadline passes for both products.
func TestSweeps(t *testing.T) {
	c, _ := serving(t)
	v, pass := c.in("in_progress"), c.pass("opened")
	late := c.create()
	c.ask("", "POST", "/sandbox/kyc/outage", `{"down":true}`).is(t, 200, nil)
	c.ask("demo-a", "DELETE", v.path("/cancel"), `{"reason":"long enough"}`).is(t, 200, fields{"status": "cancelled"})
	c.ask("", "POST", "/sandbox/clock", `{"advance":"192h"}`).is(t, 200, nil)
	c.ask("", "GET", "/sandbox/kyc/sessions/"+v.session, "").is(t, 200, fields{"terminated": false})
	c.ask("demo-a", "GET", late.path(""), "").is(t, 200, fields{"status": "expired"})
	c.ask("demo-a", "POST", "/idpass/details", id(pass)).is(t, 200, fields{"status": "expired", "fee_refunded": false})
	c.ask("", "POST", "/sandbox/kyc/outage", `{"down":false}`).is(t, 200, nil)
	c.ask("", "POST", "/sandbox/clock", `{"advance":"1s"}`).is(t, 200, nil)
	c.ask("", "GET", "/sandbox/kyc/sessions/"+v.session, "").is(t, 200, fields{"terminated": true})
	c.whole(v.path("/audit"), 0, 0).is(t, 200, fields{"entries.3.verdict": "terminated"})
	c.whole("/idpass/"+pass+"/audit", 1, 0)
}

// Many terminations that fail in an outage keep no deadline from its turn.
func TestOutageStarvesNobody(t *testing.T) {
	c, _ := serving(t)
	late := c.create()
	var owing []validation
	for range 120 { // more than a sweep takes at once by default
		owing = append(owing, c.create())
	}
	c.ask("", "POST", "/sandbox/kyc/outage", `{"down":true}`).is(t, 200, nil)
	for _, v := range owing {
		c.ask("demo-a", "DELETE", v.path("/cancel"), `{"reason":"long enough"}`).is(t, 200, nil)
	}
	c.ask("", "POST", "/sandbox/clock", `{"advance":"192h"}`).is(t, 200, nil)
	c.ask("demo-a", "GET", late.path(""), "").is(t, 200, fields{"status": "expired"})
	c.ask("", "POST", "/sandbox/kyc/outage", `{"down":false}`).is(t, 200, nil)
	c.ask("", "POST", "/sandbox/clock", `{"advance":"1s"}`).is(t, 200, nil)
	for _, v := range owing {
		c.ask("", "GET", "/sandbox/kyc/sessions/"+v.session, "").is(t, 200, fields{"terminated": true})
	}
}

// From another machine there is no sandbox and no page.
func TestLoopbackOnly(t *testing.T) {
	h, err := open(context.Background(), filepath.Join(t.TempDir(), "host.db"), secret, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer h.close()
	for remote, want := range map[string]int{"192.0.2.1:1234": 404, "[2001:db8::1]:1234": 404, "nonsense": 404, "127.0.0.1:1234": 200, "[::1]:1234": 200} {
		for _, target := range []struct{ method, path string }{{"GET", "/"}, {"POST", "/sandbox/clock"}} {
			r := httptest.NewRequest(target.method, target.path, strings.NewReader(`{"advance":"0s"}`))
			r.RemoteAddr = remote
			r.Header.Set("X-Forwarded-For", "127.0.0.1")
			w := httptest.NewRecorder()
			if h.routes().ServeHTTP(w, r); w.Code != want {
				t.Errorf("%s %s from %s: %d, want %d", target.method, target.path, remote, w.Code, want)
			}
		}
	}
}

// A panic is INTERNAL, and neither the client nor the log hears what it said.
func TestPanic(t *testing.T) {
	log := &journal{}
	h := &host{log: slog.New(slog.NewTextHandler(log, nil))}
	w := httptest.NewRecorder()
	entrance{h, route{"GET /", anybody, nil, func(*call) (reply, error) { panic("Some Body") }}}.
		ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if w.Code != 500 || !strings.Contains(w.Body.String(), `"error":"INTERNAL"`) || strings.Contains(w.Body.String()+log.String(), "Some Body") {
		t.Errorf("%d %s %s", w.Code, w.Body, log)
	}
	// An answer that cannot be written as JSON is one, too.
	w = httptest.NewRecorder()
	entrance{h, route{"GET /", anybody, nil, func(*call) (reply, error) { return ok(func() {}), nil }}}.
		ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if w.Code != 500 || !strings.Contains(w.Body.String(), "INTERNAL") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// A database that fails is INTERNAL, and says nothing of the inside.
func TestBrokenDatabase(t *testing.T) {
	h, err := open(context.Background(), filepath.Join(t.TempDir(), "host.db"), secret, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := h.close(); err != nil {
		t.Fatal(err)
	}
	for method, path := range map[string]string{"GET": "/api/kyc/validations/" + uuid.NewString(), "POST": "/idpass/register"} {
		r := httptest.NewRequest(method, path, strings.NewReader(order(nil)))
		r.Header.Set("Authorization", "Bearer demo-a")
		w := httptest.NewRecorder()
		h.routes().ServeHTTP(w, r)
		if want := `{"error":"INTERNAL","message":"Something went wrong on our side"}`; w.Code != 500 || strings.TrimSpace(w.Body.String()) != want {
			t.Errorf("%s %s: %d %s", method, path, w.Code, w.Body)
		}
	}
}

func TestFlags(t *testing.T) {
	for name, args := range map[string][]string{"unknown": {"-nope"}, "word": {"serve"}, "no secret": {"-webhook-secret", ""}} {
		if got := run(context.Background(), args, io.Discard, io.Discard); got != 2 {
			t.Errorf("%s: exit code %d, want 2", name, got)
		}
	}
	if got := run(context.Background(), []string{"-addr", "256.0.0.1:1"}, io.Discard, io.Discard); got != 1 {
		t.Errorf("an impossible address: exit code %d, want 1", got)
	}
	broken := filepath.Join(t.TempDir(), "no.db")
	if err := os.WriteFile(broken, bytes.Repeat([]byte("not a database "), 100), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := run(context.Background(), []string{"-addr", "127.0.0.1:0", "-db", broken}, io.Discard, io.Discard); got != 1 {
		t.Errorf("no database: exit code %d, want 1", got)
	}
}

// The tour is a test, too; it must find a host that answers otherwise.
func TestTour(t *testing.T) {
	var story, complaints bytes.Buffer
	if got := run(context.Background(), []string{"-tour"}, &story, &complaints); got != 0 {
		t.Fatalf("exit code %d: %s\n%s", got, &complaints, &story)
	}
	if !strings.Contains(story.String(), "Every answer was the specified one.") {
		t.Error("the story has no end")
	}
}

// A tour of a host that answers otherwise ends with what was expected.
func TestTourFindsTheDifference(t *testing.T) {
	for name, handler := range map[string]http.HandlerFunc{
		"status": func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"status":"pending"}`) },
		"member": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(201)
			io.WriteString(w, `{"status":"approved"}`)
		},
		"no JSON": func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `ok`) },
	} {
		t.Run(name, func(t *testing.T) {
			other := httptest.NewServer(handler)
			defer other.Close()
			var story bytes.Buffer
			err := tour.Play(context.Background(), &story, other.URL, secret)
			if err == nil || !strings.Contains(story.String(), "The tour ends here: POST /api/kyc/validations: ") {
				t.Errorf("got the error %v, want one that ends the story:\n%s", err, &story)
			}
		})
	}
}

// A play that fails ends the host with its error.
func TestStopsOnTime(t *testing.T) {
	failed := errors.New("failed")
	err := start(context.Background(), options{addr: "127.0.0.1:0", secret: secret}, slog.New(slog.DiscardHandler),
		func(_ context.Context, base, db string) error {
			if response, err := http.Get(base + "/healthz"); err != nil || response.StatusCode != 200 || response.Body.Close() != nil {
				t.Errorf("it is not ready: %v", err)
			}
			return failed
		})
	if !errors.Is(err, failed) {
		t.Errorf("got the error %v, want the play's", err)
	}
}
