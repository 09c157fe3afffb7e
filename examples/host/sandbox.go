package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/examples/host/internal/body"
	"github.com/kycle/kycle/examples/host/internal/sandbox"
	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/store"
)

// The sandbox's controls: what a provider's customer, a network and a calendar would do.
// They have no token, because they answer on the loopback only.

// say lets a session's status change and, if told to, delivers the webhook of it.
func (h *host) say(c *call) (reply, error) {
	var word, occurred string
	var notify bool
	err := c.fields(body.Fields{"status": &word, "notify": &notify, "occurredAt": &occurred})
	if err != nil {
		return reply{}, err
	}
	if _, known := sandbox.Translate(word); !known {
		return reply{}, &lifecycle.Invalid{Field: "status", Problem: "is not a status of the sandbox"}
	}
	at, err := moment("occurredAt", occurred)
	if err != nil {
		return reply{}, err
	}
	id := c.PathValue("id")
	said, err := h.provider.Say(c.Context(), id, word, at)
	if err != nil {
		return reply{}, orNoSession(err)
	}
	answer := struct {
		sandbox.Session
		Webhook *delivery `json:"webhook"` // null if none was wanted
	}{Session: said}
	if notify {
		answer.Webhook, err = h.deliver(c.Context(), id, said)
	}
	return ok(answer), err
}

// delivery is what the host answered to a webhook of the sandbox's.
type delivery struct {
	EventID string          `json:"eventId"`
	Status  int             `json:"status"`
	Answer  json.RawMessage `json:"answer"`
}

// deliver sends the host the signed webhook of a status, over HTTP like any provider.
func (h *host) deliver(ctx context.Context, id string, said sandbox.Session) (*delivery, error) {
	d := &delivery{EventID: "event_" + uuid.NewString()}
	raw, err := json.Marshal(map[string]any{
		"eventId": d.EventID, "sessionId": id, "status": said.Status, "occurredAt": said.OccurredAt,
	})
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, h.base+"/webhooks/kyc", bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	stamp := strconv.FormatInt(h.clock.Now().Unix(), 10)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set(sandbox.TimestampHeader, stamp)
	request.Header.Set(sandbox.SignatureHeader, sandbox.Sign(h.secret, stamp, raw))
	response, err := h.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	d.Status = response.StatusCode
	d.Answer, err = body.Read(response.Body)
	return d, err
}

// session shows how a session stands, without the provider noticing: looking does not
// count as a reading.
func (h *host) session(c *call) (reply, error) {
	s, err := h.provider.Session(c.Context(), c.PathValue("id"))
	return ok(s), orNoSession(err)
}

// orNoSession keeps the sandbox's sessions apart from the library's validations, whose
// "not found" has another message.
func orNoSession(err error) error {
	if errors.Is(err, sandbox.ErrNoSession) {
		return noSession
	}
	return err
}

// outage takes the provider down, or brings it back. The flag is required: an empty body
// would otherwise end an outage that somebody is in the middle of watching.
func (h *host) outage(c *call) (reply, error) {
	var down *bool
	if err := c.fields(body.Fields{"down": &down}); err != nil {
		return reply{}, err
	}
	if down == nil {
		return reply{}, &lifecycle.Invalid{Field: "down", Problem: "is required: true or false"}
	}
	h.provider.Outage(*down)
	return ok(map[string]bool{"down": *down}), nil
}

// progress lets a pass's customer take a step, as the vendor would report it.
func (h *host) progress(c *call) (reply, error) {
	var event, outcome string
	if err := c.fields(body.Fields{"event": &event, "outcome": &outcome}); err != nil {
		return reply{}, err
	}
	report, err := h.step(event, idpass.Outcome(outcome))
	if err != nil {
		return reply{}, err
	}
	id := c.id()
	for _, person := range tokens { // the sandbox has no token: the pass is some organization's
		vendor := idpass.Actor{Organization: person.Organization, Kind: audit.Provider, ID: "sandbox"}
		d, err := report(c.Context(), vendor, id)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		return ok(struct {
			ID           uuid.UUID      `json:"id"`
			Status       idpass.Status  `json:"status"`
			Verification idpass.Outcome `json:"verification_status,omitempty"`
			result
		}{d.Value.ID, d.Value.Status, d.Value.Verification, resultOf(d.Verdict, d.Why)}), err
	}
	return reply{}, store.ErrNotFound
}

// report is a step of a pass's customer, ready to be reported by a vendor.
type report func(context.Context, idpass.Actor, uuid.UUID) (idpass.Result, error)

// step is the library's method for an event of the sandbox's.
func (h *host) step(event string, outcome idpass.Outcome) (report, error) {
	plain := map[string]func(context.Context, idpass.Actor, uuid.UUID, idpass.Report) (idpass.Result, error){
		"open": h.idpass.Open, "consent": h.idpass.Consent, "fail": h.idpass.Fail,
	}[event]
	switch {
	case plain != nil && outcome != "":
		return nil, &lifecycle.Invalid{Field: "outcome", Problem: "belongs to complete only"}
	case plain != nil:
		return func(ctx context.Context, a idpass.Actor, id uuid.UUID) (idpass.Result, error) {
			return plain(ctx, a, id, idpass.Report{})
		}, nil
	case event == "complete":
		return func(ctx context.Context, a idpass.Actor, id uuid.UUID) (idpass.Result, error) {
			return h.idpass.Complete(ctx, a, id, outcome, idpass.Report{})
		}, nil
	}
	return nil, &lifecycle.Invalid{Field: "event", Problem: "must be open, consent, complete or fail"}
}

// advance moves the host's clock, and then makes happen what is due by it.
func (h *host) advance(c *call) (reply, error) {
	var text string
	if err := c.fields(body.Fields{"advance": &text}); err != nil {
		return reply{}, err
	}
	by, err := time.ParseDuration(text) // negative ones parse: the clock refuses them
	if err == nil {
		err = h.clock.Advance(c.Context(), by)
		if err != nil && !errors.Is(err, sandbox.ErrAdvance) {
			return reply{}, err
		}
	}
	if err != nil {
		return reply{}, &lifecycle.Invalid{Field: "advance", Problem: `must be a duration such as "192h", forward, 100 years in all at most`}
	}
	if err := h.sweep(c.Context()); err != nil {
		return reply{}, err
	}
	return ok(map[string]time.Time{"now": h.clock.Now()}), nil
}
