package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// Every order of arrival ends in the same status and flag: that of the newest word.
func TestOrderOfArrivalDecidesNothing(t *testing.T) {
	c, _ := serving(t)
	r := rand.New(rand.NewPCG(3, 4)) // fixed: a failure comes again
	words := map[string]string{"in_progress": "in_progress", "resubmitted": "in_progress", "in_review": "in_review",
		"approved": "approved", "declined": "rejected", "expired": "expired", "abandoned": "abandoned"}
	var names []string
	for name := range words {
		names = append(names, name)
	}
	for range 12 {
		at, last := time.Time{}, ""
		said := make([]string, 5)
		for i := range said {
			said[i] = names[r.IntN(len(names))]
		}
		for range 3 { // three validations hear the same, each in another order
			v := c.create()
			begun := c.now().Truncate(time.Second)
			for _, i := range r.Perm(len(said)) {
				at, last = begun.Add(time.Duration(i)*time.Second), said[len(said)-1]
				for range 1 + r.IntN(2) { // some of it twice
					c.hook(event(fmt.Sprint(v.id, i), v.session, said[i], at)).is(t, 200, nil)
				}
			}
			status := words[last]
			current := status == "in_progress" || status == "in_review" || status == "approved"
			a := c.ask("demo-a", "GET", v.path(""), "").is(t, 200, fields{"status": status, "isCurrent": current})
			if verified := a.at("verifiedAt"); (verified != nil) != (status == "approved") {
				t.Errorf("%s, and verifiedAt is %v", status, verified)
			}
			trail := c.ask("demo-a", "GET", v.path("/audit"), "").is(t, 200, fields{"chain.verified": true, "postings.1": nil})
			stranger(t, trail)
		}
	}
}

// What follows from a provider's approval: the times, the summary, and the end of both
// after a year.
func TestApprovalByTheProvider(t *testing.T) {
	c, _ := serving(t)
	v := c.create()
	at := c.now().Add(time.Second).Truncate(time.Millisecond)
	c.hook(event("e", v.session, "approved", at)).is(t, 200, fields{"result": "applied"})
	text := at.Format(time.RFC3339Nano)
	summary := "/api/kyc/entities/" + v.entity + "/status"
	c.ask("demo-a", "GET", v.path(""), "").is(t, 200, fields{"verifiedAt": text, "expiresAt": nil, "metadata": "map[]"})
	c.ask("demo-a", "GET", summary, "").is(t, 200, fields{"isVerified": true, "lastVerifiedAt": text, "currentValidation.verifiedAt": text,
		"expiresAt": at.AddDate(1, 0, 0).Format(time.RFC3339Nano)})
	newer := c.ask("demo-a", "POST", "/api/kyc/validations", fmt.Sprintf(`{"entityId":%q,"integrationCode":%q}`, v.entity, code)).is(t, 201, nil)
	c.ask("demo-a", "GET", summary, "").is(t, 200, fields{"isVerified": false, "needsReverification": true, "lastVerifiedAt": text, "expiresAt": nil})
	trail := c.whole(v.path("/audit"), 1, 0).is(t, 200, fields{"entries.2.verdict": "superseded", "entries.2.from": "approved", "entries.2.to": "approved"})
	if !strings.Contains(trail.raw, newer.text("id")) {
		t.Error("the trail does not name the newer validation")
	}
	w := c.in("approved")
	c.ask("", "POST", "/sandbox/clock", `{"advance":"8785h"}`).is(t, 200, nil) // a year and a day, a leap year's too
	c.ask("demo-a", "GET", "/api/kyc/entities/"+w.entity+"/status", "").is(t, 200, fields{"hasKyc": true, "isVerified": false, "needsReverification": true})
}

// Two hosts on one file: a sweep of either does what is due, once.
func TestTwoHostsOnOneFile(t *testing.T) {
	db := t.TempDir() + "/host.db"
	a, b := spawn(t, db), spawn(t, db)
	v := a.in("in_progress")
	pass := a.pass("opened")
	b.ask("demo-a", "DELETE", v.path("/cancel"), `{"reason":"from the other"}`).is(t, 200, fields{"status": "cancelled"})
	atOnce(16, func(i int) {
		host := []child{a, b}[i%2]
		if answer := host.ask("demo-a", "POST", "/idpass/cancel", id(pass)); answer.status != 200 {
			answer.is(t, 400, fields{"error": "INVALID_STATUS"})
		}
	})
	late := make([]validation, 8)
	for i := range late {
		late[i] = a.create()
	}
	atOnce(2, func(i int) { []child{a, b}[i].ask("", "POST", "/sandbox/clock", `{"advance":"192h"}`).is(t, 200, nil) })
	for _, host := range []child{a, b} {
		host.whole("/idpass/"+pass+"/audit", 1, 1)
		for _, v := range late {
			host.ask("demo-a", "GET", v.path(""), "").is(t, 200, fields{"status": "expired"})
			host.whole(v.path("/audit"), 0, 0).is(t, 200, fields{"entries.2": nil})
		}
	}
}
