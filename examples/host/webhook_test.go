package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
)

// Every word of the sandbox, to the status that it makes.
func TestWords(t *testing.T) {
	c, _ := serving(t)
	for word, status := range map[string]string{
		"in_progress": "in_progress", "resubmitted": "in_progress", "in_review": "in_review", "approved": "approved",
		"declined": "rejected", "expired": "expired", "abandoned": "abandoned",
	} {
		v := c.create()
		v.customer(word, true).is(t, 200, fields{"webhook.status": 200, "webhook.answer.result": "applied", "webhook.answer.why": nil})
		c.ask("demo-a", "GET", v.path(""), "").is(t, 200, fields{"status": status})
	}
	v := c.create()
	v.customer("not_started", true).is(t, 200, fields{"webhook.answer.result": "ignored", "webhook.answer.why": "no_row"})
}

func TestVerdictsOfWebhooks(t *testing.T) {
	c, _ := serving(t)
	v := c.create()
	at := c.now()
	c.hook(event("e2", v.session, "in_review", at.Add(2*time.Second))).is(t, 200, fields{"result": "applied", "why": nil})
	c.hook(event("e2", v.session, "in_review", at.Add(2*time.Second))).is(t, 200, fields{"result": "duplicate", "why": nil})
	c.hook(event("e2", v.session, "approved", at.Add(9*time.Second))).is(t, 200, fields{"result": "duplicate", "why": "event_reused"})
	c.hook(event("e3", v.session, "in_review", at.Add(2*time.Second))).is(t, 200, fields{"result": "duplicate"}) // the same word in another event
	c.hook(event("e1", v.session, "in_progress", at.Add(time.Second))).is(t, 200, fields{"result": "ignored", "why": "older"})
	c.hook(event("e4", v.session, "in_review", at.Add(3*time.Second))).is(t, 200, fields{"result": "applied", "why": nil}) // a stay
	c.whole(v.path("/audit"), 0, 0).is(t, 200, fields{"entries.2.verdict": "ignored", "entries.2.why": "older", "entries.3": nil})
}

func TestForgedOrStale(t *testing.T) {
	c, _ := serving(t)
	v := c.create()
	now := c.now()
	body := event("forged", v.session, "approved", now)
	stamp := strconv.FormatInt(now.Unix(), 10)
	shifted := func(seconds int64) []string {
		s := strconv.FormatInt(now.Unix()+seconds, 10)
		return []string{"X-Webhook-Timestamp", s, "X-Webhook-Signature", sign(secret, s, body)}
	}
	for _, row := range []struct {
		name, why string
		header    []string
	}{
		{"unsigned", "anybody could", nil},
		{"no timestamp", "it could be sent again for ever", []string{"X-Webhook-Signature", sign(secret, stamp, body)}},
		{"no signature", "anybody could", []string{"X-Webhook-Timestamp", stamp}},
		{"another key", "somebody else's", []string{"X-Webhook-Timestamp", stamp, "X-Webhook-Signature", sign("another", stamp, body)}},
		{"another body", "changed on its way", []string{"X-Webhook-Timestamp", stamp, "X-Webhook-Signature", sign(secret, stamp, body+" ")}},
		{"another timestamp", "made young again", []string{"X-Webhook-Timestamp", strconv.FormatInt(now.Unix()+1, 10), "X-Webhook-Signature", sign(secret, stamp, body)}},
		{"body alone", "the timestamp is not covered", []string{"X-Webhook-Timestamp", stamp, "X-Webhook-Signature", sign(secret, "", body)}},
		{"cut short", "half a proof is none", []string{"X-Webhook-Timestamp", stamp, "X-Webhook-Signature", sign(secret, stamp, body)[:32]}},
		{"no hex", "nonsense", []string{"X-Webhook-Timestamp", stamp, "X-Webhook-Signature", "zz"}},
		{"stale", "it could be sent again for ever", shifted(-3600)},
		{"from the future", "as good as for ever", shifted(3600)},
		{"timestamp as text", "no number", []string{"X-Webhook-Timestamp", "now", "X-Webhook-Signature", sign(secret, "now", body)}},
		{"timestamp too large", "beyond every clock", []string{"X-Webhook-Timestamp", strings.Repeat("9", 30), "X-Webhook-Signature", sign(secret, strings.Repeat("9", 30), body)}},
		{"two timestamps", "which one was signed?", append(shifted(0), "X-Webhook-Timestamp", stamp)},
	} {
		t.Run(row.name, func(t *testing.T) {
			client{t, c.base}.ask("", "POST", "/webhooks/kyc", body, row.header...).is(t, 401, fields{"error": "UNAUTHORIZED"})
		})
	}
	c.ask("demo-a", "GET", v.path(""), "").is(t, 200, fields{"status": "pending"})
	c.ask("", "POST", "/webhooks/kyc", body, shifted(0)...).is(t, 200, fields{"result": "applied"})
}

// How far a timestamp may be from the host's clock, to the second: by one that stands still.
// The session of a genuine one is nobody's.
func TestTimestampsOfWebhooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, err := open(context.Background(), filepath.Join(t.TempDir(), "host.db"), secret, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		defer h.close()
		for seconds, want := range map[int64]int{-301: 401, -300: 404, 0: 404, 300: 404, 301: 401} {
			body := event("e", "nobody's", "approved", h.clock.Now())
			stamp := strconv.FormatInt(h.clock.Now().Unix()+seconds, 10)
			r := httptest.NewRequest("POST", "/webhooks/kyc", strings.NewReader(body))
			r.Header.Set("X-Webhook-Timestamp", stamp)
			r.Header.Set("X-Webhook-Signature", sign(secret, stamp, body))
			w := httptest.NewRecorder()
			if h.routes().ServeHTTP(w, r); w.Code != want {
				t.Errorf("%d s: %d, want %d: %s", seconds, w.Code, want, w.Body)
			}
		}
	})
}

func TestWebhookBodies(t *testing.T) {
	c, _ := serving(t)
	v := c.create()
	now := c.now().Format(time.RFC3339Nano)
	with := func(eventID, session, status, at string) string {
		return fmt.Sprintf(`{"eventId":%q,"sessionId":%q,"status":%q,"occurredAt":%q}`, eventID, session, status, at)
	}
	for _, row := range []struct{ name, why, body, field string }{
		{"unknown status", "spec: an unknown one is 400", with("e", v.session, "verified", now), "status"},
		{"the library's word", "the sandbox says declined", with("e", v.session, "rejected", now), "status"},
		{"no status", "it says nothing", with("e", v.session, "", now), "status"},
		{"no event id", "it could not be told from its repeat", with("", v.session, "approved", now), "eventId"},
		{"long event id", "255 bytes at most", with(strings.Repeat("e", 256), v.session, "approved", now), "eventId"},
		{"no session", "whose is it?", with("e", "", "approved", now), "sessionId"},
		{"no time", "its place among the words is unknown", fmt.Sprintf(`{"eventId":"e","sessionId":%q,"status":"approved"}`, v.session), "occurredAt"},
		{"no RFC 3339", "one form", with("e", v.session, "approved", "yesterday"), "occurredAt"},
		{"a comma", "Go's parser would take it", with("e", v.session, "approved", "2026-01-01T00:00:00,5Z"), "occurredAt"},
		{"year 0", "before the creation", with("e", v.session, "approved", "0000-01-01T00:00:00Z"), "occurredAt"},
		{"before year 0", "no year at all in UTC", with("e", v.session, "approved", "0000-01-01T00:00:00+14:00"), "occurredAt"},
		{"year 1", "Go's zero time is no time", with("e", v.session, "approved", "0001-01-01T00:00:00Z"), "occurredAt"},
		{"year 9999", "it would silence every later word", with("e", v.session, "approved", "9999-12-31T23:59:59Z"), "occurredAt"},
		{"beyond year 9999", "no RFC 3339 in UTC", with("e", v.session, "approved", "9999-12-31T23:59:59-14:00"), "occurredAt"},
		{"unknown field", "strict everywhere", strings.Replace(with("e", v.session, "approved", now), "{", `{"evidence":{},`, 1), "evidence"},
	} {
		t.Run(row.name, func(t *testing.T) {
			a := client{t, c.base}.hook(row.body).is(t, 400, fields{"error": "VALIDATION_ERROR"})
			if !strings.HasPrefix(a.text("message"), row.field+": ") {
				t.Errorf("it does not name %s: %s", row.field, a.raw)
			}
		})
	}
	c.hook(with("e", "session_"+uuid.NewString(), "approved", now)).is(t, 404, fields{"error": "NOT_FOUND"})
	c.ask("demo-a", "GET", v.path(""), "").is(t, 200, fields{"status": "pending"})
	c.whole(v.path("/audit"), 0, 0).is(t, 200, fields{"entries.1": nil})
}
