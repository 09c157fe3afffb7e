package main

import (
	"io"
	"net"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/product"
)

// guard says who may use a route.
type guard int

const (
	token    guard = iota // whoever has a bearer token
	signed                // whoever can sign: the handler checks, since it needs the body
	loopback              // this machine; for everybody else there is no such route
	anybody
)

// route is one line of the host's table.
type route struct {
	pattern string // method and path
	guard   guard
	explain func(error) product.Problem // the product's own words for its errors
	serve   func(*call) (reply, error)
}

// table is the whole surface of the host. ID Pass has its id in the body, as its API
// has had it since before this host; validations have theirs in the path.
func (h *host) table() []route {
	return []route{
		{"POST /api/kyc/validations", token, kyc.Explain, h.create},
		{"GET /api/kyc/validations/{id}", token, kyc.Explain, h.validation},
		{"POST /api/kyc/validations/{id}/sync", token, kyc.Explain, h.sync},
		{"POST /api/kyc/validations/{id}/approve", token, kyc.Explain, h.decide(h.kyc.Approve)},
		{"POST /api/kyc/validations/{id}/reject", token, kyc.Explain, h.decide(h.kyc.Reject)},
		{"DELETE /api/kyc/validations/{id}/cancel", token, kyc.Explain, h.decide(h.kyc.Cancel)},
		{"GET /api/kyc/validations/{id}/audit", token, kyc.Explain, h.validationAudit},
		{"GET /api/kyc/entities/{id}/current", token, kyc.Explain, h.current},
		{"GET /api/kyc/entities/{id}/status", token, kyc.Explain, h.status},
		{"GET /api/kyc/entities/{id}/validations", token, kyc.Explain, h.list},
		{"POST /webhooks/kyc", signed, kyc.Explain, h.webhook},

		{"POST /idpass/register", token, idpass.Explain, h.register},
		{"POST /idpass/details", token, idpass.Explain, h.details},
		{"POST /idpass/cancel", token, idpass.Explain, h.cancelPass},
		{"POST /idpass/supersede", token, idpass.Explain, h.supersede},
		{"GET /idpass/{id}/audit", token, idpass.Explain, h.passAudit},

		{"POST /sandbox/kyc/sessions/{id}", loopback, kyc.Explain, h.say},
		{"GET /sandbox/kyc/sessions/{id}", loopback, kyc.Explain, h.session},
		{"POST /sandbox/kyc/outage", loopback, kyc.Explain, h.outage},
		{"POST /sandbox/idpass/{id}", loopback, idpass.Explain, h.progress},
		{"POST /sandbox/clock", loopback, kyc.Explain, h.advance},

		{"GET /{$}", loopback, kyc.Explain, h.page},
		{"GET /healthz", anybody, kyc.Explain, h.healthy},
	}
}

// routes is the handler of all requests. A request that no line of the table takes is
// answered in JSON like every other; a route is its method and its path.
func (h *host) routes() http.Handler {
	mux := http.NewServeMux()
	for _, r := range h.table() {
		mux.Handle(r.pattern, entrance{h, r})
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, pattern := mux.Handler(r)
		if pattern != "" && path.Clean(r.URL.Path) == r.URL.Path {
			mux.ServeHTTP(w, r) // which fills in the path's values
			return
		}
		entrance{h, route{"(none)", anybody, kyc.Explain, func(*call) (reply, error) { return reply{}, unknownRoute }}}.ServeHTTP(w, r)
	})
}

// entrance is where every request comes in: who is there, what came of it, one line of
// log.
type entrance struct {
	host  *host
	route route
}

// drained is how much of a body that nobody reads is taken in before the answer, so that
// a client which is still sending can read it.
const drained = 4 << 20

func (e entrance) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	c := &call{Request: r, header: w.Header()}
	answer, err := e.answer(c)
	var code string // of a success: none
	if err != nil {
		p := explain(err, e.route.explain)
		answer, code = reply{status: p.HTTP, body: p}, p.Code
	}
	status := answer.write(w)
	if status != answer.status { // it could not be written as JSON
		code = internal.Code
	}
	method := r.Method
	if !strings.Contains(" GET HEAD POST PUT PATCH DELETE OPTIONS ", " "+method+" ") {
		method = "(other)" // a client can write anything there
	}
	e.host.log.Info("request", "method", method, "route", e.route.pattern, "status", status,
		"duration", time.Since(began).Round(time.Microsecond), "code", code)
}

// answer lets the right ones in and the handler work. A panic is INTERNAL and says
// nothing of the inside, to the client or to the log.
func (e entrance) answer(c *call) (answer reply, err error) {
	defer func() {
		if recover() != nil {
			answer, err = reply{}, internal
		}
		// Best effort: whether the sender is still there makes no difference to the answer.
		_, _ = io.CopyN(io.Discard, c.Body, drained)
	}()
	switch e.route.guard {
	case token:
		if c.actor, err = authenticate(c.Request); err != nil {
			return reply{}, err
		}
	case loopback:
		if !fromHere(c.RemoteAddr) {
			return reply{}, unknownRoute
		}
	}
	return e.route.serve(c)
}

// fromHere tells whether a request came over the loopback. Headers that name another
// origin are not looked at: anybody can write them.
func fromHere(remote string) bool {
	address, _, err := net.SplitHostPort(remote)
	ip := net.ParseIP(address)
	return err == nil && ip != nil && ip.IsLoopback()
}

// healthy answers when the database does.
func (h *host) healthy(c *call) (reply, error) {
	if err := h.db.PingContext(c.Context()); err != nil {
		return reply{}, err
	}
	return ok(map[string]string{"status": "ok"}), nil
}
