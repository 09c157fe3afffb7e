package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
)

// child is a host in a process of its own.
type child struct {
	client
	process *os.Process
	wait    func() error
}

var announced = regexp.MustCompile(`on (http://\S+) `)

// spawn starts a host on a file and returns once it listens.
func spawn(t *testing.T, db string) child {
	t.Helper()
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), childEnv+"=-addr 127.0.0.1:0 -webhook-secret "+secret+" -db "+db)
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	c := child{process: command.Process, wait: sync.OnceValue(command.Wait)}
	t.Cleanup(func() {
		_ = c.process.Kill() // it may be dead already
		_ = c.wait()
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	found := announced.FindStringSubmatch(line)
	if err != nil || found == nil {
		t.Fatalf("the host does not say where it is: %q, %v", line, err)
	}
	c.client = client{t, found[1]}
	return c
}

// ledger is what the host answered for, before it died.
type ledger struct {
	mu          sync.Mutex
	validations map[string]string // id to the last status answered
	passes      map[string]string
}

func (l *ledger) note(to map[string]string, id, status string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	to[id] = status
}

// work writes until the host is gone, and notes each answer it got.
func (l *ledger) work(c client) {
	for {
		a, err := c.try("demo-a", "POST", "/api/kyc/validations", fmt.Sprintf(`{"entityId":%q,"integrationCode":%q}`, uuid.NewString(), code))
		if err != nil || a.status != 201 {
			return
		}
		v, session := a.text("id"), a.text("validationSessionId")
		l.note(l.validations, v, "pending")
		if a, err = c.try("", "POST", "/sandbox/kyc/sessions/"+session, `{"status":"in_review","notify":true}`); err != nil || a.status != 200 {
			return
		}
		if a.at("webhook.answer.result") == "applied" {
			l.note(l.validations, v, "in_review")
		}
		if a, err = c.try("demo-a", "POST", "/api/kyc/validations/"+v+"/approve", `{"reason":"long enough"}`); err != nil || a.status != 200 {
			return
		}
		l.note(l.validations, v, "approved")
		if a, err = c.try("demo-a", "POST", "/idpass/register", order(nil)); err != nil || a.status != 201 {
			return
		}
		pass := a.text("id")
		l.note(l.passes, pass, "new")
		if a, err = c.try("demo-a", "POST", "/idpass/cancel", id(pass)); err != nil || a.status != 200 {
			return
		}
		l.note(l.passes, pass, "cancelled")
	}
}

// further tells whether a record stands where it was answered to stand, or at what the
// request in flight made of it, whose answer was never read.
var further = map[string][]string{
	"pending": {"pending", "in_review"}, "in_review": {"in_review", "approved"}, "approved": {"approved"},
	"new": {"new", "cancelled"}, "cancelled": {"cancelled"},
}

func among(list []string, text string) bool {
	for _, s := range list {
		if s == text {
			return true
		}
	}
	return false
}

// check reads back everything that was answered.
func (l *ledger) check(t *testing.T, c client) {
	t.Helper()
	for v, status := range l.validations {
		a := c.ask("demo-a", "GET", "/api/kyc/validations/"+v, "").is(t, 200, nil)
		if !among(further[status], a.text("status")) {
			t.Errorf("validation %s was answered to be %s and is %s", v, status, a.text("status"))
		}
		charges := 0
		if a.text("status") == "approved" {
			charges = 1
		}
		c.whole("/api/kyc/validations/"+v+"/audit", charges, 0)
	}
	for pass, status := range l.passes {
		a := c.ask("demo-a", "POST", "/idpass/details", id(pass)).is(t, 200, nil)
		if !among(further[status], a.text("status")) {
			t.Errorf("pass %s was answered to be %s and is %s", pass, status, a.text("status"))
		}
		refunds := 0
		if a.text("status") == "cancelled" {
			refunds = 1
		}
		a.is(t, 200, fields{"fee_refunded": refunds == 1})
		c.whole("/idpass/"+pass+"/audit", 1, refunds)
	}
}

// Killed with SIGKILL at any moment and started again on the same file, it has lost
// nothing it had answered for, and owes what it owed.
func TestKilledAndStartedAgain(t *testing.T) {
	db := filepath.Join(t.TempDir(), "host.db")
	l := &ledger{validations: map[string]string{}, passes: map[string]string{}}
	c := spawn(t, db)
	for round := range 6 {
		// A duty that the dead process leaves behind: the outage ends with it.
		owing := c.in("in_progress")
		c.ask("", "POST", "/sandbox/kyc/outage", `{"down":true}`).is(t, 200, nil)
		c.ask("demo-a", "DELETE", owing.path("/cancel"), `{"reason":"long enough"}`).is(t, 200, fields{"status": "cancelled"})
		c.ask("", "GET", "/sandbox/kyc/sessions/"+owing.session, "").is(t, 200, fields{"terminated": false})
		late := c.now().Add(time.Hour)
		c.ask("", "POST", "/sandbox/clock", `{"advance":"1h"}`).is(t, 200, nil)
		// Every second round writes with the provider up, so that there is more to lose.
		if round%2 == 0 {
			owing.id = ""
			c.ask("", "POST", "/sandbox/kyc/outage", `{"down":false}`).is(t, 200, nil)
		}
		var writers sync.WaitGroup
		enough := make(chan struct{})
		var once sync.Once
		for range 4 {
			writers.Go(func() { l.work(c.client) })
		}
		if round%2 == 0 {
			go func() { // it dies in the middle of the writing, after some answers
				for begun := l.size(); l.size() < begun+20+round; {
					if _, err := c.try("", "GET", "/healthz", ""); err != nil {
						break
					}
				}
				once.Do(func() { close(enough) })
			}()
			<-enough
		}
		if err := c.process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = c.wait() // it was killed: that is its error
		writers.Wait()
		c = spawn(t, db)
		if now := c.now(); now.Before(late) {
			t.Errorf("the clock went back to %v", now)
		}
		if owing.id != "" {
			c.ask("", "POST", "/sandbox/clock", `{"advance":"1s"}`).is(t, 200, nil)
			c.ask("", "GET", "/sandbox/kyc/sessions/"+owing.session, "").is(t, 200, fields{"terminated": true})
			c.whole(owing.path("/audit"), 0, 0).is(t, 200, fields{"entries.3.verdict": "terminated"})
		}
		l.check(t, c.client)
	}
	if len(l.passes) == 0 {
		t.Error("nothing was written in time: this test has shown nothing")
	}
}

func (l *ledger) size() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.validations) + len(l.passes)
}
