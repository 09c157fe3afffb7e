package main

import (
	"crypto/hmac"
	"encoding/hex"
	"regexp"
	"strconv"
	"time"

	"github.com/kycle/kycle/examples/host/internal/body"
	"github.com/kycle/kycle/examples/host/internal/sandbox"
	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/lifecycle"
)

// webhookAge is how far a webhook's timestamp may be from the host's clock, either way.
const webhookAge = 300 // seconds

// result is what became of a report. Why is null unless it was ignored, or bears the id of
// another event.
type result struct {
	Result string  `json:"result"`
	Why    *string `json:"why"`
}

func resultOf(v lifecycle.Verdict, why string) result {
	switch v {
	case lifecycle.Duplicate:
		if why == "" {
			return result{Result: "duplicate"}
		}
		return result{Result: "duplicate", Why: &why}
	case lifecycle.Ignore:
		return result{Result: "ignored", Why: &why}
	}
	return result{Result: "applied"} // a stay too: the report is taken in
}

// webhook takes one report of the provider: proof first, form second, and only then the
// question whose it is. An unknown session is 404 although the proof was good, since the
// create that opened it may not have committed yet: the provider will try again.
func (h *host) webhook(c *call) (reply, error) {
	raw, err := h.genuine(c)
	if err != nil {
		return reply{}, err
	}
	report, err := reportOf(raw)
	if err != nil {
		return reply{}, err
	}
	decision, err := h.kyc.Observe(c.Context(), report)
	return ok(resultOf(decision.Verdict, decision.Why)), err
}

// unixSeconds keeps out signs, spaces and numbers beyond every clock.
var unixSeconds = regexp.MustCompile(`^[0-9]{1,12}$`)

// genuine reads the body and checks that the provider signed it, and lately: a signature
// that never grew old could be sent again by whoever once saw it.
func (h *host) genuine(c *call) ([]byte, error) {
	stamps, signatures := c.Header.Values(sandbox.TimestampHeader), c.Header.Values(sandbox.SignatureHeader)
	if len(stamps) != 1 || len(signatures) != 1 || !unixSeconds.MatchString(stamps[0]) {
		return nil, badSignature
	}
	at, err := strconv.ParseInt(stamps[0], 10, 64)
	now := h.clock.Now().Unix()
	if err != nil || at < now-webhookAge || at > now+webhookAge {
		return nil, badSignature
	}
	raw, err := body.Read(c.Body)
	if err != nil {
		return nil, err
	}
	// The text of a hex number has two spellings for each letter; its bytes have one.
	given, err := hex.DecodeString(signatures[0])
	if err != nil || !hmac.Equal(sandbox.Sum(h.secret, stamps[0], raw), given) {
		return nil, badSignature
	}
	return raw, nil
}

// reportOf translates a webhook's body into the library's terms.
func reportOf(raw []byte) (kyc.ProviderReport, error) {
	var word, occurred string
	r := kyc.ProviderReport{Source: sandbox.Code}
	err := body.Object(raw, body.Fields{"eventId": &r.EventID, "sessionId": &r.Session, "status": &word, "occurredAt": &occurred})
	if err != nil {
		return r, err
	}
	var known bool
	if r.Status, known = sandbox.Translate(word); !known {
		return r, &lifecycle.Invalid{Field: "status", Problem: "is not a status of this provider"}
	}
	if r.OccurredAt, err = moment("occurredAt", occurred); err == nil && r.OccurredAt.IsZero() {
		err = &lifecycle.Invalid{Field: "occurredAt", Problem: "is required: a time as in RFC 3339"}
	}
	return r, err
}

// moment reads a time as in RFC 3339, strictly; "" is the zero time.
func moment(field, text string) (t time.Time, err error) {
	if text != "" && t.UnmarshalText([]byte(text)) != nil {
		return time.Time{}, &lifecycle.Invalid{Field: field, Problem: "must be a time as in RFC 3339"}
	}
	return t, nil
}
