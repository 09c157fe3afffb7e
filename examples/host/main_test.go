package main

import (
	"bytes"
	"context"
	"regexp"
	"strings"
	"testing"
)

// What the host says at its start is true: the request that it proposes creates a
// validation, and the page is there.
func TestTheWelcomeIsTrue(t *testing.T) {
	c, _ := serving(t)
	done, cancel := context.WithCancel(context.Background())
	cancel()
	var out bytes.Buffer
	if err := announce(&out)(done, c.base, "host.db"); err != nil {
		t.Fatal(err)
	}
	proposed := regexp.MustCompile(`Bearer (\S+)' (\S+) -d '([^']+)'`).FindStringSubmatch(out.String())
	if proposed == nil {
		t.Fatalf("it proposes no request:\n%s", &out)
	}
	c.ask(proposed[1], "POST", strings.TrimPrefix(proposed[2], c.base), proposed[3]).is(t, 201, fields{"status": "pending"})
	page := regexp.MustCompile(`page.*: (\S+)`).FindStringSubmatch(out.String())
	if page == nil {
		t.Fatalf("it names no page:\n%s", &out)
	}
	if a := c.ask("", "GET", strings.TrimPrefix(page[1], c.base), ""); a.status != 200 || !strings.Contains(a.raw, "<svg") {
		t.Errorf("the page answers %d", a.status)
	}
}
