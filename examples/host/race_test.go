package main

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// atOnce runs n writers that start together.
func atOnce(n int, write func(i int)) {
	start := make(chan struct{})
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			<-start
			write(i)
		})
	}
	close(start)
	all.Wait()
}

// Webhook, forced sync and approve meet on one validation: one outcome, one charge.
func TestRacesOnOneValidation(t *testing.T) {
	c, _ := serving(t)
	for range 4 {
		v := c.in("in_review")
		at := c.now()
		answers := make([]answer, 16)
		atOnce(len(answers), func(i int) {
			switch i % 4 {
			case 0:
				answers[i] = c.ask("demo-a", "POST", v.path("/approve"), fmt.Sprintf(`{"reason":"writer %d"}`, i))
			case 1:
				answers[i] = c.ask("demo-a", "POST", v.path("/reject"), fmt.Sprintf(`{"reason":"writer %d"}`, i))
			case 2:
				answers[i] = c.ask("demo-a", "POST", v.path("/sync"), `{"force":true}`)
			case 3:
				answers[i] = c.hook(event(fmt.Sprint("race-", i), v.session, []string{"approved", "declined"}[i/4%2], at))
			}
		})
		decided := 0
		for i, a := range answers {
			switch {
			case i%4 < 2 && a.status == http.StatusOK:
				decided++
			case i%4 < 2:
				a.is(t, 400, fields{"error": "INVALID_STATUS"})
			default:
				a.is(t, 200, nil)
			}
		}
		if decided > 1 {
			t.Errorf("%d decisions by hand were made", decided)
		}
		trail := c.whole(v.path("/audit"), 1, 0)
		stranger(t, trail)
		final := c.ask("demo-a", "GET", v.path(""), "").is(t, 200, nil)
		if byHand := strings.Count(trail.raw, `"event":"approve"`) + strings.Count(trail.raw, `"event":"reject"`); byHand != decided {
			t.Errorf("the trail tells of %d decisions by hand, the answers of %d", byHand, decided)
		}
		if status := final.text("status"); status != "approved" && status != "rejected" {
			t.Errorf("it ends in %s", status)
		}
	}
}

func TestRacesOnCreationsAndSlots(t *testing.T) {
	c, _ := serving(t)
	v := c.create()
	body := fmt.Sprintf(`{"entityId":%q,"integrationCode":%q}`, v.entity, code)
	ids := make([]string, 16)
	atOnce(len(ids), func(i int) {
		ids[i] = c.ask("demo-a", "POST", "/api/kyc/validations", body, "Idempotency-Key", "same").is(t, 201, nil).text("id")
	})
	for _, id := range ids {
		if id != ids[0] {
			t.Fatal("equal creates made several validations")
		}
	}
	c.ask("demo-a", "GET", "/api/kyc/entities/"+v.entity+"/validations?isCurrent=true", "").is(t, 200, fields{"total": 1})
	atOnce(16, func(int) { c.ask("demo-a", "POST", "/api/kyc/validations", body).is(t, 201, nil) })
	c.ask("demo-a", "GET", "/api/kyc/entities/"+v.entity+"/validations?isCurrent=true", "").is(t, 200, fields{"total": 1})
	c.ask("demo-a", "GET", "/api/kyc/entities/"+v.entity+"/validations", "").is(t, 200, fields{"total": 18})

	var taken sync.Map
	atOnce(16, func(i int) {
		if a := c.register(fields{"slot": "one"}); a.status == 201 {
			taken.Store(a.text("id"), true)
		} else {
			a.is(t, 409, fields{"error": "SLOT_TAKEN"})
		}
	})
	count := 0
	taken.Range(func(any, any) bool { count++; return true })
	if count != 1 {
		t.Errorf("%d passes took one slot", count)
	}
}

// Cancel and consent meet: fee, flag and trail never disagree.
func TestRacesOnOnePass(t *testing.T) {
	c, _ := serving(t)
	for range 8 {
		pass := c.pass("opened")
		answers := make([]answer, 16)
		atOnce(len(answers), func(i int) {
			if i%2 == 0 {
				answers[i] = c.ask("demo-a", "POST", "/idpass/cancel", id(pass))
			} else {
				answers[i] = c.ask("", "POST", "/sandbox/idpass/"+pass, `{"event":"consent"}`)
			}
		})
		refunds, cancels := 0, 0
		for i, a := range answers {
			switch {
			case i%2 != 0:
				a.is(t, 200, nil)
			case a.status == http.StatusOK:
				cancels++
				if a.at("fee_refunded") == true {
					refunds++
				}
			default:
				a.is(t, 400, fields{"error": "INVALID_STATUS"})
			}
		}
		if cancels != 1 {
			t.Errorf("it was cancelled %d times", cancels)
		}
		c.ask("demo-a", "POST", "/idpass/details", id(pass)).is(t, 200, fields{"status": "cancelled", "fee_refunded": refunds == 1})
		stranger(t, c.whole("/idpass/"+pass+"/audit", 1, refunds))
	}
}
