package main

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/examples/host/internal/body"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/product"
)

// call is one request on its way.
type call struct {
	*http.Request
	header http.Header // of the answer
	actor  audit.Actor // whoever the token belongs to
}

// tokens are the demonstration's users. A real host keeps digests of keys, as here.
var tokens = map[[sha256.Size]byte]audit.Actor{
	sha256.Sum256([]byte("demo-a")): {Organization: "org_a", Kind: audit.Person, ID: "user_a"},
	sha256.Sum256([]byte("demo-b")): {Organization: "org_b", Kind: audit.Person, ID: "user_b"},
}

// authenticate finds out whose bearer token a request has.
func authenticate(r *http.Request) (audit.Actor, error) {
	given := r.Header.Values("Authorization") // of two keys neither is believed
	if len(given) != 1 {
		return audit.Actor{}, unauthorized
	}
	scheme, key, _ := strings.Cut(given[0], " ")
	sum := sha256.Sum256([]byte(key))
	for known, actor := range tokens {
		if strings.EqualFold(scheme, "Bearer") && subtle.ConstantTimeCompare(known[:], sum[:]) == 1 {
			return actor, nil
		}
	}
	return audit.Actor{}, unauthorized
}

// fields reads the request's body, strictly.
func (c *call) fields(into body.Fields) error {
	raw, err := body.Read(c.Body)
	if err != nil {
		return err
	}
	return body.Object(raw, into)
}

// optional is fields for a body that may be missing altogether.
func (c *call) optional(into body.Fields) error {
	raw, err := body.Read(c.Body)
	if err != nil || len(bytes.TrimSpace(raw)) == 0 {
		return err
	}
	return body.Object(raw, into)
}

// idempotencyKey is that of the header; "" where there is none.
func (c *call) idempotencyKey() (string, error) {
	// Two keys would be two wishes; only one could be kept.
	switch keys := c.Header.Values("Idempotency-Key"); {
	case len(keys) > 1:
		return "", &lifecycle.Invalid{Field: "Idempotency-Key", Problem: "is there twice"}
	case len(keys) == 1 && keys[0] == "":
		// Whoever sends an empty key believes to be protected and is not.
		return "", &lifecycle.Invalid{Field: "Idempotency-Key", Problem: "is empty"}
	case len(keys) == 1:
		return keys[0], nil
	}
	return "", nil
}

// id is the one in the path.
func (c *call) id() uuid.UUID { return parseID(c.PathValue("id")) }

// parseID reads a UUID in its usual form. Everything else is the zero UUID, which no
// record has: so a malformed id is "not found" by the very path that an unknown one
// takes, after everything that is checked before.
func parseID(text string) uuid.UUID {
	const usual = 36 // uuid.Parse takes braces, URNs and bare hex as well
	id, err := uuid.Parse(text)
	if err != nil || len(text) != usual {
		return uuid.Nil
	}
	return id
}

// reply is a successful answer.
type reply struct {
	status int
	body   any    // as JSON, unless
	html   []byte // is there
}

// ok and created are the two ways in which a request succeeds.
func ok(body any) reply      { return reply{status: http.StatusOK, body: body} }
func created(body any) reply { return reply{status: http.StatusCreated, body: body} }

// escaped is JSON in which what HTML would read (<, > and &) is escaped, as the objects of
// both products have always been here. The rest of an answer is not, for it holds nothing
// of a caller's, or, like an audit body, is hashed as it stands.
type escaped struct{ document any }

func (e escaped) MarshalJSON() ([]byte, error) { return json.Marshal(e.document) }

// write sends the reply and returns the status sent: a body that cannot be written as
// JSON never gets out by halves.
func (a reply) write(w http.ResponseWriter) int {
	content, kind := a.html, "text/html; charset=utf-8"
	if a.html == nil {
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		if e.Encode(a.body) != nil {
			return reply{status: internal.HTTP, body: product.Problem(internal)}.write(w)
		}
		content, kind = b.Bytes(), "application/json"
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if a.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(content) // a client that has gone away needs no answer
	return a.status
}

// fault is an error that the host itself knows, and not the library.
type fault product.Problem

func (f fault) Error() string { return f.Message }

// Texts for a caller. None of them says whether what it could not have exists.
var (
	unauthorized = fault{HTTP: 401, Code: "UNAUTHORIZED", Message: "A valid API key is needed"}
	badSignature = fault{HTTP: 401, Code: "UNAUTHORIZED", Message: "The webhook's signature is wrong or stale"}
	unknownRoute = fault{HTTP: 404, Code: "NOT_FOUND", Message: "There is no such route"}
	noSession    = fault{HTTP: 404, Code: "NOT_FOUND", Message: "Session not found"}
	tooLarge     = fault{HTTP: 413, Code: "VALIDATION_ERROR", Message: "body: must be at most 65536 bytes"}
	internal     = fault(product.Explain(nil, nil))
)

// explain gives the one problem of an error: the host's own, or the product's.
func explain(err error, words func(error) product.Problem) product.Problem {
	var own fault
	switch {
	case errors.As(err, &own):
		return product.Problem(own)
	case errors.Is(err, body.ErrTooLarge):
		return product.Problem(tooLarge)
	}
	return words(err)
}
