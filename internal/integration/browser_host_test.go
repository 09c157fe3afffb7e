package integration

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// exampleHost is the example host as a user runs it: its binary, on a file of its own.
type exampleHost struct {
	t    testing.TB
	base string
}

var hostAddress = regexp.MustCompile(`http://[0-9.:]+`)

func startHost(t *testing.T) exampleHost {
	t.Helper()
	folder := t.TempDir()
	binary := filepath.Join(folder, "host")
	build := exec.CommandContext(t.Context(), "go", "build", "-ldflags=-s -w", "-o", binary, "./host")
	build.Dir = filepath.Join("..", "..", "examples")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	c := exec.Command(binary, "-addr", "127.0.0.1:0", "-db", filepath.Join(folder, "host.db"))
	output, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Process.Signal(os.Interrupt); err != nil {
			t.Error(err)
		}
		if err := c.Wait(); err != nil {
			t.Errorf("the host did not stop well: %v", err)
		}
	})
	line, err := bufio.NewReader(output).ReadString('\n') // it comes once the host listens
	base := hostAddress.FindString(line)
	if err != nil || base == "" {
		t.Fatalf("the host does not say where it is: %q, %v", line, err)
	}
	return exampleHost{t, base}
}

// ask makes one request and returns the members of the answer.
func (h exampleHost) ask(token, method, path string, body any) map[string]any {
	h.t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		h.t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(h.t.Context(), method, h.base+path, strings.NewReader(string(raw)))
	if err != nil {
		h.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		h.t.Fatal(err)
	}
	defer response.Body.Close()
	var answer map[string]any
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || response.StatusCode >= 400 {
		h.t.Fatalf("%s %s: %d %v %v", method, path, response.StatusCode, answer, err)
	}
	return answer
}

// journey is a record to be made and what is then to happen to it.
type journey struct {
	token, product string
	steps          string
	times          int
}

// journeys lead to some statuses and leave others empty, in two organizations.
var journeys = []journey{
	{"demo-a", "kyc", "", 3},
	{"demo-a", "kyc", "in_progress", 4},
	{"demo-a", "kyc", "in_progress in_review", 2},
	{"demo-b", "kyc", "in_review", 1},
	{"demo-a", "kyc", "in_review approve", 1},
	{"demo-b", "kyc", "in_progress approved", 11},
	{"demo-a", "kyc", "approved declined", 2},
	{"demo-a", "kyc", "in_progress cancel", 1},
	{"demo-a", "idpass", "", 1},
	{"demo-a", "idpass", "open", 2},
	{"demo-b", "idpass", "open consent", 1},
	{"demo-a", "idpass", "open consent complete", 5},
	{"demo-b", "idpass", "consent fail", 1},
	{"demo-a", "idpass", "open cancel", 1},
}

// made is a record and where its API shows it.
type made struct{ token, product, id string }

func (h exampleHost) travel(all []journey) (records []made) {
	h.t.Helper()
	for _, j := range all {
		for range j.times {
			records = append(records, h.make(j))
		}
	}
	return records
}

func (h exampleHost) make(j journey) made {
	h.t.Helper()
	if j.product == "idpass" {
		id := h.ask(j.token, "POST", "/idpass/register", params{"applicant": "applicant-1", "fee": params{"amount": 500, "currency": "AUD"}})["id"].(string)
		for step := range strings.FieldsSeq(j.steps) {
			switch step {
			case "cancel":
				h.ask(j.token, "POST", "/idpass/cancel", params{"id": id})
			case "complete":
				h.ask("", "POST", "/sandbox/idpass/"+id, params{"event": step, "outcome": "passed"})
			default:
				h.ask("", "POST", "/sandbox/idpass/"+id, params{"event": step})
			}
		}
		return made{j.token, j.product, id}
	}
	v := h.ask(j.token, "POST", "/api/kyc/validations", params{"entityId": uuid.NewString(), "integrationCode": "global_gueno_validation_kyc"})
	id := v["id"].(string)
	for step := range strings.FieldsSeq(j.steps) {
		switch step {
		case "cancel":
			h.ask(j.token, "DELETE", "/api/kyc/validations/"+id+"/cancel", params{"reason": "made for a test"})
		case "approve":
			h.ask(j.token, "POST", "/api/kyc/validations/"+id+"/approve", params{"reason": "made for a test"})
		default:
			h.ask("", "POST", fmt.Sprint("/sandbox/kyc/sessions/", v["validationSessionId"]), params{"status": step, "notify": true})
		}
	}
	return made{j.token, j.product, id}
}

// statuses asks the API for each record and counts them as the page's boxes are called.
func (h exampleHost) statuses(records []made) map[string]int {
	h.t.Helper()
	count := map[string]int{}
	for _, r := range records {
		if r.product == "idpass" {
			count["id_pass-"+h.ask(r.token, "POST", "/idpass/details", params{"id": r.id})["status"].(string)]++
		} else {
			count["kyc_validation-"+h.ask(r.token, "GET", "/api/kyc/validations/"+r.id, nil)["status"].(string)]++
		}
	}
	return count
}
