package integration

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"
)

// chromium is a browser that is spoken to over two pipes, one JSON message after another,
// each ended by a zero byte: the Chrome DevTools Protocol, and no client of it to install.
// It ends when the pipes close, however this process ends.
type chromium struct {
	t       testing.TB
	ctx     context.Context
	to      io.Writer
	arrived chan message
	sent    int
}

// message is an order, the answer to one, or an event.
type message struct {
	ID      int                       `json:"id,omitempty"`
	Session string                    `json:"sessionId,omitempty"`
	Method  string                    `json:"method,omitempty"`
	Params  any                       `json:"params,omitempty"`
	Result  json.RawMessage           `json:"result,omitempty"`
	Error   *struct{ Message string } `json:"error,omitempty"`
}

// params are those of an order.
type params = map[string]any

// chromiumNames are what a browser of this kind is called on the PATH.
var chromiumNames = []string{"chromium", "chromium-browser", "google-chrome"}

// chromiumPath finds the browser. Where none is installed the test is skipped, and fails
// where CI is set.
func chromiumPath(t *testing.T) string {
	t.Helper()
	var path string
	err := errors.New("no name to look for")
	for _, name := range chromiumNames {
		if path, err = exec.LookPath(name); err == nil {
			break
		}
	}
	switch {
	case err != nil && os.Getenv("CI") != "":
		t.Fatalf("CI is set and there is no browser: none of %v is on the PATH; install it: apt-get install chromium", chromiumNames)
	case err != nil:
		t.Skipf("SKIPPED, NOT PROVEN: nobody looked at the page: none of %v is on the PATH; install it: apt-get install chromium", chromiumNames)
	}
	return path
}

// startChromium runs the browser for one test.
func startChromium(t *testing.T, path string) *chromium {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	profile, err := os.MkdirTemp("", "kycle")
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"--headless", "--remote-debugging-pipe", "--user-data-dir=" + profile, "--hide-scrollbars", "--disable-gpu",
		"--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update", "--no-first-run"}
	if os.Geteuid() == 0 {
		args = append(args, "--no-sandbox") // its sandbox refuses root
	}
	theirs, to := pipe(t)
	from, answers := pipe(t)
	c := exec.Command(path, args...)
	c.ExtraFiles = []*os.File{theirs, answers} // 3 and 4
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(theirs.Close(), answers.Close()); err != nil {
		t.Fatal(err)
	}
	b := &chromium{t: t, ctx: ctx, to: to, arrived: make(chan message, 10_000)}
	go b.read(from)
	t.Cleanup(func() {
		_ = to.Close()
		stop := time.AfterFunc(time.Minute, func() { _ = c.Process.Kill() })
		defer stop.Stop()
		_ = c.Wait() // its exit code says nothing
		_ = from.Close()
		for end := time.Now().Add(patience); os.RemoveAll(profile) != nil; { // the last of its processes may still write to it
			if time.Now().After(end) {
				t.Errorf("%s cannot be removed", profile)
				return
			}
		}
	})
	return b
}

func pipe(t testing.TB) (r, w *os.File) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	return r, w
}

func (b *chromium) read(from io.Reader) {
	defer close(b.arrived)
	lines := bufio.NewReaderSize(from, 1<<20)
	for {
		raw, err := lines.ReadBytes(0)
		if err != nil {
			return
		}
		var m message
		if json.Unmarshal(bytes.TrimSuffix(raw, []byte{0}), &m) == nil {
			b.arrived <- m
		}
	}
}

// next is what the browser says next.
func (b *chromium) next() message {
	b.t.Helper()
	select {
	case m, open := <-b.arrived:
		if !open {
			b.t.Fatal("the browser is gone")
		}
		return m
	case <-b.ctx.Done():
		b.t.Fatal("the browser does not answer")
	}
	return message{}
}

// tab is one page of the browser. It keeps the events that came while something else was
// waited for.
type tab struct {
	*chromium
	session string
	events  []message
}

func (b *chromium) open() *tab {
	b.t.Helper()
	var target struct{ TargetID string }
	var attached struct{ SessionID string }
	first := &tab{chromium: b}
	first.order("Target.createTarget", params{"url": "about:blank"}, &target)
	first.order("Target.attachToTarget", params{"targetId": target.TargetID, "flatten": true}, &attached)
	p := &tab{chromium: b, session: attached.SessionID}
	for _, domain := range []string{"Page", "Runtime", "Log", "Network", "Accessibility", "DOM"} {
		p.order(domain+".enable", nil, nil)
	}
	return p
}

// order tells the tab something and waits for the answer.
func (p *tab) order(method string, with params, into any) {
	p.t.Helper()
	p.sent++
	raw, err := json.Marshal(message{ID: p.sent, Session: p.session, Method: method, Params: with})
	if err == nil {
		_, err = p.to.Write(append(raw, 0))
	}
	if err != nil {
		p.t.Fatalf("%s: %v", method, err)
	}
	for {
		m := p.next()
		switch {
		case m.ID != p.sent:
			p.keep(m)
			continue
		case m.Error != nil:
			p.t.Fatalf("%s: %s", method, m.Error.Message)
		case into != nil:
			if err := json.Unmarshal(m.Result, into); err != nil {
				p.t.Fatalf("%s: %v", method, err)
			}
		}
		return
	}
}

// keep keeps an event of this tab's own.
func (p *tab) keep(m message) {
	if m.Session == p.session {
		p.events = append(p.events, m)
	}
}

// load opens an address and waits until everything is there.
func (p *tab) load(url string) {
	p.t.Helper()
	p.events = nil
	p.order("Page.navigate", params{"url": url}, nil)
	for i := 0; ; i++ {
		for i >= len(p.events) {
			p.keep(p.next())
		}
		if p.events[i].Method == "Page.loadEventFired" {
			return
		}
	}
}

// ask evaluates a script of this test's in the page.
func (p *tab) ask(script string, into any) {
	p.t.Helper()
	var answer struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails *struct{ Exception struct{ Description string } }
	}
	p.order("Runtime.evaluate", params{"expression": script, "returnByValue": true}, &answer)
	if answer.ExceptionDetails != nil {
		p.t.Fatalf("%s\n%s", script, answer.ExceptionDetails.Exception.Description)
	}
	if err := json.Unmarshal(answer.Result.Value, into); err != nil {
		p.t.Fatalf("%s\n%v", script, err)
	}
}

// press presses a key and lets it go.
func (p *tab) press(key string, code int, text string) {
	p.t.Helper()
	for _, kind := range []string{"keyDown", "keyUp"} {
		with := params{"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code}
		if kind == "keyDown" && text != "" {
			with["text"] = text
		}
		p.order("Input.dispatchKeyEvent", with, nil)
	}
}

// look sets the size of the window and what the reader prefers.
func (p *tab) look(width, height int, media, scheme string) {
	p.t.Helper()
	p.order("Emulation.setDeviceMetricsOverride", params{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}, nil)
	p.order("Emulation.setEmulatedMedia", params{"media": media, "features": []params{{"name": "prefers-color-scheme", "value": scheme}}}, nil)
}

// shoot writes the whole page as a picture.
func (p *tab) shoot(file string) {
	p.t.Helper()
	var layout struct {
		CSSContentSize struct{ Width, Height float64 }
	}
	var shot struct{ Data []byte }
	p.order("Page.getLayoutMetrics", nil, &layout)
	size := layout.CSSContentSize
	p.order("Page.captureScreenshot", params{"captureBeyondViewport": true,
		"clip": params{"x": 0, "y": 0, "width": size.Width, "height": size.Height, "scale": 1}}, &shot)
	if err := os.WriteFile(file, shot.Data, 0o644); err != nil {
		p.t.Fatal(err)
	}
}

// complaints are what the console had to say, and what the page loaded besides itself.
func (p *tab) complaints(own string) (all []string) {
	for _, e := range p.events {
		raw, _ := json.Marshal(e.Params) // it came as JSON
		var request struct{ Request struct{ URL string } }
		switch e.Method {
		case "Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown":
			all = append(all, fmt.Sprintf("%s: %s", e.Method, raw))
		case "Network.requestWillBeSent":
			if json.Unmarshal(raw, &request) != nil || request.Request.URL != own && request.Request.URL != "data:," {
				all = append(all, "it asked for "+request.Request.URL)
			}
		}
	}
	return all
}
