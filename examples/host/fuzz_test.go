package main

import (
	"bytes"
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/examples/host/internal/sandbox"
	"github.com/kycle/kycle/lifecycle"
)

// Whatever a provider signs is either understood or refused as invalid.
func FuzzWebhookBody(f *testing.F) {
	f.Add([]byte(event("e", "session_1", "approved", time.Unix(1_800_000_000, 0))))
	f.Add([]byte(`{"eventId":"e","sessionId":"s","status":"declined","occurredAt":"0000-01-01T00:00:00Z"}`))
	f.Add([]byte(`{"eventId":null}`))
	f.Add([]byte(`{}x`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		report, err := reportOf(raw)
		if err != nil {
			if !errors.Is(err, lifecycle.ErrInvalid) {
				t.Fatalf("not a refusal: %v", err)
			}
			return
		}
		if _, known := report.Status.Event(); !known || report.OccurredAt.IsZero() || report.Source != sandbox.Code {
			t.Fatalf("taken, and not understood: %+v", report)
		}
	})
}

// The whole way of a signed webhook: no body makes the host fail.
func FuzzWebhook(f *testing.F) {
	c, _ := serving(f)
	v := c.create()
	f.Add([]byte(event(uuid.NewString(), v.session, "approved", c.now())))
	f.Add([]byte(`{"eventId":"\u0000","sessionId":"s","status":"approved","occurredAt":"2026-01-01T00:00:00Z"}`))
	f.Add(bytes.Repeat([]byte("["), 2000))
	f.Fuzz(func(t *testing.T, raw []byte) {
		stamp := strconv.FormatInt(time.Now().Unix(), 10)
		a := client{t, c.base}.ask("", "POST", "/webhooks/kyc", string(raw), "X-Webhook-Timestamp", stamp, "X-Webhook-Signature", sign(secret, stamp, string(raw)))
		if a.status >= 500 || a.status == 401 || a.status != 200 && a.text("message") == "" {
			t.Fatalf("%d %s", a.status, a.raw)
		}
	})
}
