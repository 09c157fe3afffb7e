package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
)

// TestMain lets this test binary be the host itself, as a child process that can be
// killed.
func TestMain(m *testing.M) {
	if args, child := os.LookupEnv(childEnv); child {
		os.Exit(run(context.Background(), strings.Fields(args), os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

const childEnv = "KYCLE_TEST_HOST_ARGS"

const (
	code   = "global_gueno_validation_kyc"
	secret = "test-secret"
)

// client talks to one running host, over HTTP and with nothing else.
type client struct {
	t    testing.TB
	base string
}

// serving starts a host of its own for one test, with its log at hand.
func serving(t testing.TB) (client, *journal) {
	t.Helper()
	log := &journal{}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h, err := open(context.Background(), filepath.Join(t.TempDir(), "host.db"), secret, slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	up, down := make(chan struct{}), make(chan error, 1)
	go func() {
		down <- h.serve(ctx, listener, func(ctx context.Context) error {
			close(up)
			<-ctx.Done()
			return nil
		})
	}()
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections() // the host would wait for one that was opened in vain
		cancel()
		if err := <-down; err != nil {
			t.Errorf("the host did not stop well: %v", err)
		}
		if err := h.close(); err != nil {
			t.Error(err)
		}
	})
	<-up
	return client{t, h.base}, log
}

// journal is a log that may be written and read at once.
type journal struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.Write(b)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.String()
}

// answer is what a request got.
type answer struct {
	status int
	header http.Header
	raw    string
	body   map[string]any
}

// headers are given as name, value, name, value.
func (c client) ask(token, method, path, body string, headers ...string) answer {
	c.t.Helper()
	a, err := c.try(token, method, path, body, headers...)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	return a
}

func (c client) try(token, method, path, body string, headers ...string) (a answer, err error) {
	request, err := http.NewRequest(method, c.base+path, strings.NewReader(body))
	if err != nil {
		return a, err
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Add(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return a, err
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	a = answer{status: response.StatusCode, header: response.Header, raw: string(raw)}
	_ = json.Unmarshal(raw, &a.body) // the page is no JSON
	return a, err
}

// is checks the status and the members named, by paths with dots.
func (a answer) is(t testing.TB, status int, want fields) answer {
	t.Helper()
	if a.status != status {
		t.Fatalf("status %d, want %d: %s", a.status, status, a.raw)
	}
	for path, value := range want {
		if got := a.at(path); fmt.Sprint(got) != fmt.Sprint(value) {
			t.Errorf("%s is %v, want %v: %s", path, got, value, a.raw)
		}
	}
	return a
}

type fields = map[string]any

func (a answer) at(path string) any {
	var value any = a.body
	for name := range strings.SplitSeq(path, ".") {
		switch v := value.(type) {
		case fields:
			value = v[name]
		case []any:
			i, _ := strconv.Atoi(name)
			if i >= len(v) {
				return nil
			}
			value = v[i]
		default:
			return nil
		}
	}
	return value
}

func (a answer) text(path string) string {
	text, _ := a.at(path).(string)
	return text
}

// problem is what every error looks like.
func problem(code, message string) fields { return fields{"error": code, "message": message} }

// validation is one that was created for a test.
type validation struct {
	client
	id, entity, session string
}

func (c client) create() validation {
	c.t.Helper()
	entity := uuid.NewString()
	a := c.ask("demo-a", "POST", "/api/kyc/validations", fmt.Sprintf(`{"entityId":%q,"integrationCode":%q}`, entity, code)).is(c.t, 201, nil)
	return validation{c, a.text("id"), entity, a.text("validationSessionId")}
}

func (v validation) path(verb string) string { return "/api/kyc/validations/" + v.id + verb }

// customer sets the status at the provider, and lets it notify the host or not.
func (v validation) customer(status string, notify bool) answer {
	v.t.Helper()
	return v.ask("", "POST", "/sandbox/kyc/sessions/"+v.session, fmt.Sprintf(`{"status":%q,"notify":%t}`, status, notify)).is(v.t, 200, nil)
}

// in brings a validation to a status by the provider's word, or by hand to cancelled.
func (c client) in(status string) validation {
	c.t.Helper()
	v := c.create()
	word := map[string]string{"rejected": "declined"}[status]
	switch {
	case status == "pending":
	case status == "cancelled":
		v.ask("demo-a", "DELETE", v.path("/cancel"), `{"reason":"made for a test"}`).is(c.t, 200, nil)
	case word != "":
		v.customer(word, true)
	default:
		v.customer(status, true)
	}
	return v
}

// now is the host's time.
func (c client) now() time.Time {
	c.t.Helper()
	now, err := time.Parse(time.RFC3339, c.ask("", "POST", "/sandbox/clock", `{"advance":"0s"}`).is(c.t, 200, nil).text("now"))
	if err != nil {
		c.t.Fatal(err)
	}
	return now
}

// register makes a pass; extra replaces or adds members of the body.
func (c client) register(extra fields) answer {
	c.t.Helper()
	return c.ask("demo-a", "POST", "/idpass/register", order(extra))
}

func order(extra fields) string {
	body := fields{"applicant": "applicant-1", "fee": fields{"amount": 500, "currency": "AUD"}}
	maps.Copy(body, extra)
	raw, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return string(raw)
}

// sign is the webhook's signature, written from the specification.
func sign(key, stamp, body string) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(stamp))
	mac.Write([]byte("."))
	mac.Write([]byte(body))
	return hex.EncodeToString(mac.Sum(nil))
}

// hook delivers a well-signed webhook with any body.
func (c client) hook(body string) answer {
	c.t.Helper()
	stamp := strconv.FormatInt(c.now().Unix(), 10)
	return c.ask("", "POST", "/webhooks/kyc", body, "X-Webhook-Timestamp", stamp, "X-Webhook-Signature", sign(secret, stamp, body))
}

func event(id, session, status string, at time.Time) string {
	return fmt.Sprintf(`{"eventId":%q,"sessionId":%q,"status":%q,"occurredAt":%q}`, id, session, status, at.Format(time.RFC3339Nano))
}

// whole checks that a trail verifies and how the books stand.
func (c client) whole(path string, charges, refunds int) answer {
	c.t.Helper()
	a := c.ask("demo-a", "GET", path, "").is(c.t, 200, fields{"chain.verified": true, "chain.fault": nil})
	count := map[string]int{}
	postings, _ := a.at("postings").([]any)
	for _, p := range postings {
		count[fmt.Sprint(p.(fields)["kind"])]++
	}
	if count["charge"] != charges || count["refund"] != refunds {
		c.t.Errorf("%s: charged and refunded %v, want %d and %d", path, count, charges, refunds)
	}
	return a
}
