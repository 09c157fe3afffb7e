package tour

// pass is a registered one, on its way.
type pass struct {
	*tour
	id string
}

// order is the body of a registration; slot "" is none.
func order(applicant, slot string) fields {
	o := fields{"applicant": applicant, "fee": fields{"amount": 1250, "currency": "AUD"}}
	if slot != "" {
		o["slot"] = slot
	}
	return o
}

func (t *tour) register(applicant, slot string) pass {
	a := t.ask(userA, "POST", "/idpass/register", order(applicant, slot)).is(201, fields{"status": "new"})
	return pass{t, a.text("id")}
}

// customer lets the pass's customer take a step.
func (p pass) customer(event, outcome string) {
	body := fields{"event": event}
	if outcome != "" {
		body["outcome"] = outcome
	}
	p.ask(noOne, "POST", "/sandbox/idpass/"+p.id, body).is(200, fields{"result": "applied"})
}

// cancel ends the pass as its organization; what to expect is the journey's to say.
func (p pass) cancel() answer { return p.ask(userA, "POST", "/idpass/cancel", fields{"id": p.id}) }

func (p pass) details(want fields) {
	p.ask(userA, "POST", "/idpass/details", fields{"id": p.id}).is(200, want)
}

func (p pass) trail(charges, refunds int) {
	p.tour.trail("/idpass/"+p.id+"/audit", charges, refunds)
}

// refunded is the case for which cancelling exists: an abandoned application, its fee
// recovered.
func refunded(t *tour) {
	t.heading("An ID Pass is opened, and cancelled before any step was taken")
	p := t.register("applicant-1", "")
	p.customer("open", "")
	p.cancel().is(200, fields{"status": "cancelled", "fee_refunded": true})
	t.say("What is cancelled cannot be cancelled again, and is refunded once.")
	p.cancel().is(400, fields{"error": "INVALID_STATUS", "message": notInFlight("cancelled")})
	p.trail(1, 1)
}

// notInFlight is the refusal of a cancel, to the letter.
func notInFlight(status string) string {
	return `Cannot cancel. Current status is "` + status + `". Only passes in "new", "opened" or "in_progress" can be cancelled.`
}

// kept shows the line that a refund does not cross: consent, the first verification step.
func kept(t *tour) {
	t.heading("One is cancelled past consent: the fee stays paid")
	p := t.register("applicant-2", "")
	p.customer("open", "")
	p.customer("consent", "")
	p.cancel().is(200, fields{"status": "cancelled", "fee_refunded": false})
	p.trail(1, 0)
	t.say("And one that is complete cannot be cancelled at all.")
	done := t.register("applicant-2", "")
	done.customer("consent", "")
	done.customer("complete", "passed")
	done.cancel().is(400, fields{"error": "INVALID_STATUS", "message": notInFlight("complete")})
	done.details(fields{"status": "complete", "verification_status": "passed", "fee_refunded": false})
}

// superseded issues a pass anew with other documents, so that the prior one cannot
// complete in parallel.
func superseded(t *tour) {
	t.heading("A pass is issued anew, with the prior one cancelled in the same commit")
	p := t.register("applicant-3", "applicant-3")
	body := order("applicant-3", "")
	body["id"], body["document_1_allowed_types"] = p.id, []string{"passport", "visa"}
	a := t.ask(userA, "POST", "/idpass/supersede", body).
		is(201, fields{"status": "new", "cancelled.id": p.id, "cancelled.status": "cancelled", "cancelled.fee_refunded": true})
	p.trail(1, 1)
	newer := pass{t, a.text("id")}
	newer.details(fields{"status": "new", "applicant": "applicant-3", "slot": "applicant-3", "supersedes": p.id})
	t.say("A pass that is over has nothing to give way: nothing is registered.")
	t.ask(userA, "POST", "/idpass/supersede", body).is(400, fields{"error": "INVALID_STATUS", "message": notInFlight("cancelled")})
	newer.trail(1, 0)
}

// slotTaken shows what a slot is for, and what lets go of it.
func slotTaken(t *tour) {
	t.heading("A slot holds one pass in flight")
	p := t.register("applicant-4", "visa-check")
	t.ask(userA, "POST", "/idpass/register", order("applicant-5", "visa-check")).is(409, fields{"error": "SLOT_TAKEN"})
	p.cancel().is(200, fields{"fee_refunded": true})
	t.say("Cancelled, it has let go of the slot.")
	next := t.register("applicant-5", "visa-check")
	t.say("For another organization there is no such pass.")
	t.ask(userB, "POST", "/idpass/details", fields{"id": next.id}).is(404, fields{"error": "NOT_FOUND", "message": "ID Pass not found"})
}

// passOutOfTime shows a deadline that is final, unlike a validation's: the link and the
// clock are the host's own.
func passOutOfTime(t *tour) {
	t.heading("A pass's link runs out: that is final, and nothing is refunded")
	p := t.register("applicant-6", "")
	t.ask(noOne, "POST", "/sandbox/clock", fields{"advance": "192h"}).is(200, nil)
	p.details(fields{"status": "expired", "verification_status": nil, "fee_refunded": false})
	p.ask(noOne, "POST", "/sandbox/idpass/"+p.id, fields{"event": "open"}).is(200, fields{"result": "ignored", "status": "expired"})
	p.trail(1, 0)
}
