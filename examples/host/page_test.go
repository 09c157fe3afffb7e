package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/kyc"
)

func TestPage(t *testing.T) {
	c, _ := serving(t)
	v := c.in("in_review")
	c.ask("demo-a", "POST", v.path("/approve"), `{"reason":"reason for the page"}`).is(t, 200, nil)
	c.in("approved")
	c.in("pending")
	pass := c.pass("opened")
	a := c.ask("", "GET", "/", "").is(t, 200, nil)
	for _, part := range []string{
		"<svg", "approved: 2 records", "pending: 1 record<", "rejected: 0 records", "opened: 1 record<", // the pictures
		"not_freshly_synced", "protected", "move → cancelled", // the matrices
		"KYC-01", "PASS-01", v.id, pass, "in_review → approved", "<td>person</td>", "trail verified",
	} {
		if !strings.Contains(a.raw, part) {
			t.Errorf("the page lacks %q", part)
		}
	}
	for _, part := range []string{"reason for the page", "applicant-1", v.entity, v.session, "user_a", "org_a", "<script", "style=", "does not hold"} {
		if strings.Contains(a.raw, part) {
			t.Errorf("the page shows %q", part)
		}
	}
	if policy := a.header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'; style-src 'sha256-") || strings.Contains(policy, "unsafe") {
		t.Errorf("Content-Security-Policy: %s", policy)
	}
}

// A long trail is shown from its end.
func TestPageOfALongTrail(t *testing.T) {
	c, _ := serving(t)
	v := c.create()
	for i := range entriesMost + 2 { // and the creation
		v.customer([]string{"in_progress", "in_review"}[i%2], true)
	}
	a := c.ask("", "GET", "/", "").is(t, 200, nil)
	if !strings.Contains(a.raw, "3 earlier entries are not shown") || !strings.Contains(a.raw, fmt.Sprintf("<td>%d</td>", entriesMost+3)) ||
		!strings.Contains(a.raw, "<td>4</td>") || strings.Contains(a.raw, "<td>3</td>") {
		t.Error("the page does not show the last entries, or not only those")
	}
}

// Whoever tampers with the file is told on: the page names the fault and still shows the rest.
func TestPageTellsOfAFault(t *testing.T) {
	h, err := open(context.Background(), filepath.Join(t.TempDir(), "host.db"), secret, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer h.close()
	ask := func(method, path, body string) string {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.RemoteAddr = "127.0.0.1:1234"
		r.Header.Set("Authorization", "Bearer demo-a")
		w := httptest.NewRecorder()
		if h.routes().ServeHTTP(w, r); w.Code >= 300 {
			t.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
		}
		return w.Body.String()
	}
	for range 3 {
		ask("POST", "/api/kyc/validations", fmt.Sprintf(`{"entityId":%q,"integrationCode":%q}`, uuid.NewString(), code))
	}
	if page := ask("GET", "/", ""); strings.Count(page, "trail verified") != 3 || !strings.Contains(page, "3 of 3") {
		t.Error("not all trails are verified")
	}
	for _, statement := range []string{
		`update kycle_record set data = json_set(data, '$.status', 'approved'), status = 'approved' where id = (select id from host_recent where number = 1)`,
		`delete from kycle_record where id = (select id from host_recent where number = 2)`,
	} {
		if result, err := h.db.Exec(statement); err != nil {
			t.Fatal(err)
		} else if n, _ := result.RowsAffected(); n != 1 {
			t.Fatalf("%d rows: %s", n, statement)
		}
	}
	page := ask("GET", "/", "")
	for part, times := range map[string]int{"trail verified": 1, "trail does not hold": 2, "1 of 3": 1, "is stored": 1, "the record cannot be read": 1, "unreadable": 1} {
		if got := strings.Count(page, part); got != times {
			t.Errorf("the page says %q %d times, want %d", part, got, times)
		}
	}
}

// The counts touch no record, however many there are: one walk through an index.
func TestPageCountsByTheIndex(t *testing.T) {
	h, err := open(context.Background(), filepath.Join(t.TempDir(), "host.db"), secret, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer h.close()
	rows, err := h.db.Query("explain query plan "+countQuery, kyc.Kind, idpass.Kind)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var plan []string
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		plan = append(plan, step)
	}
	if err := rows.Err(); err != nil || len(plan) != 1 || !strings.Contains(plan[0], "COVERING INDEX host_count") {
		t.Errorf("the plan is %q, error %v, want one walk through the index", plan, err)
	}
}

// A page that cannot be counted is INTERNAL, like everything else that fails.
func TestPageOfABrokenDatabase(t *testing.T) {
	h, err := open(context.Background(), filepath.Join(t.TempDir(), "host.db"), secret, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := h.close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.RemoteAddr = "127.0.0.1:1234"
	w := httptest.NewRecorder()
	if h.routes().ServeHTTP(w, r); w.Code != 500 || !strings.Contains(w.Body.String(), "INTERNAL") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
