package tour

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/examples/host/internal/sandbox"
)

const validations = "/api/kyc/validations"

// validation is a created one, on its way.
type validation struct {
	*tour
	id, entity, session string
}

func (t *tour) create() validation { return t.createFor(uuid.NewString()) }

func (t *tour) createFor(entity string) validation {
	a := t.ask(userA, "POST", validations, fields{"entityId": entity, "integrationCode": sandbox.Code}).
		is(201, fields{"status": "pending", "isCurrent": true, "entityId": entity, "verifiedAt": nil, "provider": sandbox.Code})
	return validation{t, a.text("id"), entity, a.text("validationSessionId")}
}

func (v validation) path(verb string) string { return validations + "/" + v.id + verb }

// customer lets the sandbox's customer do something, and the provider tell of it or not.
func (v validation) customer(status string, notify bool) answer {
	want := fields{"status": status}
	if notify {
		want["webhook.status"], want["webhook.answer.result"] = 200, "applied"
	}
	return v.ask(noOne, "POST", "/sandbox/kyc/sessions/"+v.session, fields{"status": status, "notify": notify}).is(200, want)
}

// rejected is the whole way of a validation, as the provider's API describes it: created,
// filled in, reviewed by hand, and from then on protected against everybody.
func rejected(t *tour) {
	t.heading("A validation is created, filled in, reviewed and rejected by hand")
	v := t.create()
	t.say("The customer starts, and finishes; the provider's webhooks tell us so.")
	v.customer("in_progress", true)
	v.customer("in_review", true)
	t.say("A reason of four characters is none.")
	t.ask(userA, "POST", v.path("/reject"), fields{"reason": "nope"}).
		is(400, fields{"error": "VALIDATION_ERROR", "message": "Reason must be at least 5 characters"})
	t.ask(userA, "POST", v.path("/reject"), fields{"reason": "The document looks altered"}).is(200, fields{
		"status": "rejected", "isCurrent": false, "verifiedAt": nil, "expiresAt": nil,
		"metadata.manuallyRejectedBy": "user_a", "metadata.rejectionReason": "The document looks altered",
	})
	t.say("A second reject is refused: nothing acts on a decision made by hand.")
	t.ask(userA, "POST", v.path("/reject"), fields{"reason": "Rejected once more"}).is(400, refusal("reject", "rejection", "rejected"))
	t.say("Nor does the provider's change of mind; the trail says that it came.")
	v.ask(noOne, "POST", "/sandbox/kyc/sessions/"+v.session, fields{"status": "approved", "notify": true}).
		is(200, fields{"webhook.answer.result": "ignored", "webhook.answer.why": "protected"})
	t.ask(userA, "GET", v.path(""), nil).is(200, fields{"status": "rejected", "isCurrent": false})
	t.trail(v.path("/audit"), 1, 0)
}

// refusal is the answer to a decision by hand in the wrong status, to the letter.
func refusal(verb, noun, status string) fields {
	return fields{"error": "INVALID_STATUS", "message": fmt.Sprintf("Cannot manually %s. Current status is %q. "+
		"Manual %s is only allowed when status is \"in_review\" (validation requires manual review from compliance team).", verb, status, noun)}
}

// approvedByHand shows that a decision rests on a reading made for it, and that a newer
// validation takes the flag from the older one, whatever that one's status.
func approvedByHand(t *tour) {
	t.heading("A validation is approved by hand, on fresh data")
	v := t.create()
	t.say("The customer finishes, and the webhook is lost. Approve asks the provider itself.")
	v.customer("in_review", false)
	t.ask(userA, "POST", v.path("/approve"), fields{"reason": "Looked at by two people"}).
		is(200, fields{"status": "approved", "isCurrent": true, "metadata.manuallyApprovedBy": "user_a", "metadata.approvalReason": "Looked at by two people"})
	t.ask(userA, "GET", "/api/kyc/entities/"+v.entity+"/status", nil).
		is(200, fields{"hasKyc": true, "isVerified": true, "needsReverification": false, "currentValidation.id": v.id})
	t.trail(v.path("/audit"), 1, 0)
	t.say("A newer validation of the same entity takes the flag, and leaves the decision alone.")
	newer := t.createFor(v.entity)
	t.ask(userA, "GET", "/api/kyc/entities/"+v.entity+"/current", nil).is(200, fields{"id": newer.id})
	t.ask(userA, "GET", v.path(""), nil).is(200, fields{"status": "approved", "isCurrent": false})
}

// cancelledInAnOutage shows the two halves of a cancel: what the organization decides holds
// at once; what the provider must do for it is owed until it is done.
func cancelledInAnOutage(t *tour) {
	t.heading("A cancel while the provider is down, and the termination it owes")
	v := t.create()
	v.customer("in_progress", true)
	t.ask(noOne, "POST", "/sandbox/kyc/outage", fields{"down": true}).is(200, fields{"down": true})
	t.say("Nobody decides on stale data: without a reading there is no approval.")
	t.ask(userA, "POST", v.path("/approve"), fields{"reason": "Good enough for me"}).is(502, fields{"error": "PROVIDER_ERROR"})
	t.say("A cancel needs no reading. It holds at once; the session's end is owed.")
	t.ask(userA, "DELETE", v.path("/cancel"), fields{"reason": "The customer changed their mind"}).
		is(200, fields{"status": "cancelled", "isCurrent": false, "metadata.cancelledBy": "user_a"})
	t.ask(noOne, "GET", "/sandbox/kyc/sessions/"+v.session, nil).is(200, fields{"terminated": false})
	t.say("The provider is back. The next sweep does what is owed.")
	t.ask(noOne, "POST", "/sandbox/kyc/outage", fields{"down": false}).is(200, fields{"down": false})
	t.ask(noOne, "POST", "/sandbox/clock", fields{"advance": "1s"}).is(200, nil)
	t.ask(noOne, "GET", "/sandbox/kyc/sessions/"+v.session, nil).is(200, fields{"terminated": true})
	t.ask(userA, "DELETE", v.path("/cancel"), fields{"reason": "Cancelled once more"}).is(400, fields{
		"error":   "INVALID_STATUS",
		"message": `Cannot cancel. Current status is "cancelled". Cancellation is only allowed when status is "pending", "in_progress" or "in_review".`,
	})
	t.trail(v.path("/audit"), 0, 0)
}

// webhook delivers a report as the provider would.
func (v validation) webhook(event, status string, at time.Time) answer {
	body := fields{"eventId": event, "sessionId": v.session, "status": status, "occurredAt": at}
	raw, err := json.Marshal(body)
	if err != nil {
		v.fail("webhook: %w", err)
	}
	stamp := strconv.FormatInt(v.now().Unix(), 10)
	return v.send(noOne, "POST", "/webhooks/kyc", json.RawMessage(raw), http.Header{
		sandbox.TimestampHeader: {stamp}, sandbox.SignatureHeader: {sandbox.Sign(v.secret, stamp, raw)},
	})
}

// now asks for the host's time, since a webhook is judged by it. That is no part of the
// story.
func (t *tour) now() time.Time {
	out := t.out
	t.out = io.Discard
	defer func() { t.out = out }()
	now, err := time.Parse(time.RFC3339, t.ask(noOne, "POST", "/sandbox/clock", fields{"advance": "0s"}).is(200, nil).text("now"))
	if err != nil {
		t.fail("the clock: %w", err)
	}
	return now
}

// wordsOutOfOrder shows that the order of arrival decides nothing: the provider's newest
// word holds, by the time at which it occurred.
func wordsOutOfOrder(t *tour) {
	t.heading("A webhook that comes twice, one that comes late")
	v := t.create()
	now := t.now()
	t.say("The approval overtakes the news that the customer began.")
	// The times lie a little ahead, as those of a provider's own clock may.
	v.webhook("event-2", "approved", now.Add(2*time.Second)).is(200, fields{"result": "applied", "why": nil})
	v.webhook("event-1", "in_progress", now.Add(time.Second)).is(200, fields{"result": "ignored", "why": "older"})
	t.say("And the provider, having seen no answer, sends the approval again.")
	v.webhook("event-2", "approved", now.Add(2*time.Second)).is(200, fields{"result": "duplicate"})
	t.ask(userA, "GET", v.path(""), nil).is(200, fields{"status": "approved", "isCurrent": true})
	t.say("What a person decided is theirs; what the provider decided, the provider may revise. It is charged once.")
	v.webhook("event-3", "declined", now.Add(3*time.Second)).is(200, fields{"result": "applied"})
	t.ask(userA, "GET", v.path(""), nil).is(200, fields{"status": "rejected", "isCurrent": false, "verifiedAt": nil})
	t.trail(v.path("/audit"), 1, 0)
}

// meetsTheProvider shows who wins: whoever decided first, if that was the provider before
// the person looked; and the person for ever, once they have decided.
func meetsTheProvider(t *tour) {
	t.heading("A decision by hand and the provider meet")
	v := t.create()
	v.customer("in_review", true)
	t.say("The provider approves, and the webhook is lost. The person's reject asks first, and finds it decided.")
	v.customer("approved", false)
	t.ask(userA, "POST", v.path("/reject"), fields{"reason": "Something is odd here"}).is(400, refusal("reject", "rejection", "approved"))
	w := t.create()
	w.customer("in_review", true)
	t.ask(userA, "POST", w.path("/approve"), fields{"reason": "Looked at by two people"}).is(200, fields{"status": "approved"})
	t.say("The other way round: a sync, forced, that finds the provider of another mind than the person.")
	w.customer("declined", false)
	t.ask(userA, "POST", w.path("/sync"), fields{"force": true}).
		is(200, fields{"status": "approved", "isCurrent": true, "metadata.manuallyApprovedBy": "user_a"})
	t.trail(w.path("/audit"), 1, 0)
}

// outOfTime moves the clock past the validity of the links: eight days, where seven are
// the default.
func outOfTime(t *tour) {
	t.heading("Nobody comes, and a week and a day goes by")
	v, w := t.create(), t.create()
	w.customer("in_progress", true)
	t.ask(noOne, "POST", "/sandbox/clock", fields{"advance": "192h"}).is(200, nil)
	t.ask(userA, "GET", v.path(""), nil).is(200, fields{"status": "expired", "isCurrent": false, "expiresAt": nil})
	t.ask(userA, "GET", w.path(""), nil).is(200, fields{"status": "abandoned", "isCurrent": false})
	t.say("The clock's verdict is provisional: the customer who comes back after all is not lost.")
	w.customer("in_review", true)
	t.ask(userA, "GET", w.path(""), nil).is(200, fields{"status": "in_review", "isCurrent": true})
	t.trail(w.path("/audit"), 0, 0)
}

// foreign shows that another organization's record is "not found", never "forbidden": that
// it exists is nobody else's business.
func foreign(t *tour) {
	t.heading("One organization reaches for the other's record")
	v := t.create()
	none := fields{"error": "NOT_FOUND", "message": "Validation not found"}
	t.ask(userB, "GET", v.path(""), nil).is(404, none)
	t.ask(userB, "DELETE", v.path("/cancel"), fields{"reason": "It is not even mine"}).is(404, none)
	t.ask(userB, "GET", v.path("/audit"), nil).is(404, none)
	t.say("Without a key there is nobody to answer to.")
	a := t.send("unknown-key", "GET", v.path(""), nil, nil)
	a.is(401, fields{"error": "UNAUTHORIZED"})
}
