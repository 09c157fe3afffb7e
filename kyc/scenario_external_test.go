package kyc_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/kyc/kyctest"
)

var update = flag.Bool("update", false, "write the scenarios' answers anew")

// TestScenarios plays the transcripts in testdata/scenarios: lines after "> " are what
// somebody does, the lines below are what becomes of it. Each file opens with why it
// exists. To write the answers anew: go test ./kyc -run Scenarios -update
func TestScenarios(t *testing.T) {
	files, err := filepath.Glob("testdata/scenarios/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := play(t, string(want))
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if got != string(want) {
				t.Errorf("it went otherwise:\n%s", got)
			}
			if !strings.HasPrefix(got, "# ") {
				t.Error("a scenario opens with why it exists")
			}
		})
	}
}

// play does every line after "> " and writes the transcript that comes of it.
func play(t *testing.T, script string) string {
	s := &scene{h: newHost(t, nil, func(s *kyc.Settings) { s.SweepLease = 0 })}
	var out strings.Builder
	for line := range strings.Lines(script) {
		switch {
		case strings.HasPrefix(line, "#"), line == "\n":
			out.WriteString(line)
		case strings.HasPrefix(line, "> "):
			out.WriteString(line + s.do(t, strings.Fields(line[2:])) + "\n")
		}
	}
	return out.String()
}

type scene struct {
	h     *kyctest.Host
	v     kyc.Validation
	start time.Time
	seen  int // audit entries shown
}

func (s *scene) do(t *testing.T, words []string) string {
	verb, rest := words[0], strings.Join(words[1:], " ")
	person := func(do func(context.Context, kyc.Actor, uuid.UUID, string) (kyc.Validation, error)) string {
		_, err := do(ctx, s.h.Person, s.v.ID, rest)
		return s.answer(t, err)
	}
	switch verb {
	case "create":
		s.v, s.start, s.seen = s.h.Create(), s.h.Clock.Now(), 0
		return s.answer(t, nil)
	case "create-again":
		s.h.CreateFor(s.v.EntityID)
		return s.answer(t, nil)
	case "advance":
		d, err := time.ParseDuration(rest)
		if err != nil {
			t.Fatal(err)
		}
		return "it is " + s.h.Clock.Advance(d).Sub(s.start).String() + " after the creation"
	case "says": // the provider changes its mind, and no webhook comes
		s.h.Provider.Say(s.v.ValidationSessionID, kyc.ProviderStatus(rest))
		return "noted"
	case "webhook": // webhook EVENT STATUS OCCURRED, a duration after the creation
		return s.webhook(t, words[1], kyc.ProviderStatus(words[2]), words[3])
	case "sync":
		_, err := s.h.Sync(ctx, s.h.Person, s.v.ID, rest == "forced")
		return s.answer(t, err)
	case "approve":
		return person(s.h.Approve)
	case "reject":
		return person(s.h.Reject)
	case "cancel":
		return person(s.h.Cancel)
	case "sweep":
		done, err := s.h.Sweep(ctx)
		return fmt.Sprintf("%+v\n", done) + s.answer(t, err)
	case "provider":
		s.h.Provider.Down(rest == "down")
		return "noted"
	}
	t.Fatalf("nobody knows how to %s", verb)
	return ""
}

func (s *scene) webhook(t *testing.T, event string, status kyc.ProviderStatus, occurred string) string {
	after, err := time.ParseDuration(occurred)
	if err != nil {
		t.Fatal(err)
	}
	d, err := s.h.Observe(ctx, kyc.ProviderReport{Source: kyctest.Code, EventID: event, Session: s.v.ValidationSessionID,
		Status: status, OccurredAt: s.start.Add(after)})
	return strings.TrimSpace(fmt.Sprint(d.Verdict, " ", d.Why)) + "\n" + s.answer(t, err)
}

// answer is the error's problem if there is one, how the validation stands, and the audit
// entries that are new.
func (s *scene) answer(t *testing.T, err error) string {
	var lines []string
	if err != nil {
		p := kyc.Explain(err)
		lines = append(lines, fmt.Sprint(p.HTTP, " ", p.Code, ": ", p.Message))
	}
	v, history := stored(t, s.h, s.v).Value, trail(t, s.h, s.v)
	lines = append(lines, fmt.Sprintf("status %s, current %t, charges %d", v.Status, v.IsCurrent, len(history.Postings)))
	for _, e := range history.Entries[s.seen:] {
		lines = append(lines, "  "+strings.TrimSpace(fmt.Sprintf("entry %d: %s by %s, %s %s", e.Seq, e.Event, e.Actor.Kind, e.Verdict, e.Why)))
	}
	s.seen = len(history.Entries)
	return strings.Join(lines, "\n")
}
