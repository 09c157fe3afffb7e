package kyc_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/kyc/kyctest"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/lifecycle/export"
	"github.com/kycle/kycle/store"
)

// cells is every (status, event) cell of the machine with every verdict it can have: the
// specification's table, written out by hand. What stands after a slash is the verdict if
// the rule of that name says no.
var cells = map[kyc.Status]string{
	"": `create: move pending; approve: refuse; reject: refuse; cancel: refuse; not_started_at_provider: ignore no_row;
		in_progress_at_provider: ignore no_row; in_review_at_provider: ignore no_row; approved_by_provider: ignore no_row;
		rejected_by_provider: ignore no_row; expired_at_provider: ignore no_row; abandoned_at_provider: ignore no_row; deadline_passed: ignore no_row`,
	kyc.Pending:    `approve: refuse; reject: refuse; cancel: move cancelled; deadline_passed: move expired / ignore not_due;` + heard("pending"),
	kyc.InProgress: `approve: refuse; reject: refuse; cancel: move cancelled; deadline_passed: move abandoned / ignore not_due;` + heard("in_progress"),
	kyc.InReview: `approve: move approved / refuse not_freshly_synced; reject: move rejected / refuse not_freshly_synced; cancel: move cancelled;
		deadline_passed: ignore no_row;` + heard("in_review"),
	kyc.Approved:  final + heard("approved"),
	kyc.Rejected:  final + heard("rejected"),
	kyc.Expired:   final + heard("expired"),
	kyc.Abandoned: final + heard("abandoned"),
	kyc.Cancelled: final + `create: refuse; not_started_at_provider: ignore no_row; in_progress_at_provider: ignore no_row;
		in_review_at_provider: ignore no_row; approved_by_provider: ignore no_row; rejected_by_provider: ignore no_row;
		expired_at_provider: ignore no_row; abandoned_at_provider: ignore no_row`,
}

const final = `approve: refuse; reject: refuse; cancel: refuse; deadline_passed: ignore no_row;`

// heard is what the provider's words do in every status but cancelled.
func heard(status string) string {
	cells := "create: refuse; not_started_at_provider: ignore no_row"
	for event, to := range map[string]string{
		"in_progress_at_provider": "in_progress", "in_review_at_provider": "in_review", "approved_by_provider": "approved",
		"rejected_by_provider": "rejected", "expired_at_provider": "expired", "abandoned_at_provider": "abandoned",
	} {
		verdict := "move " + to
		if to == status {
			verdict = "stay"
		}
		cells += "; " + event + ": " + verdict + " / ignore older / ignore protected"
	}
	return cells
}

func TestEveryCellHasTheVerdictOfTheSpecification(t *testing.T) {
	definition := kyc.Machine.Definition()
	if len(cells) != len(definition.States)+1 {
		t.Fatalf("the test lists %d statuses, the machine has %d", len(cells)-1, len(definition.States))
	}
	for status, list := range cells {
		want := map[string]string{}
		for _, cell := range strings.Split(list, ";") {
			event, verdict, _ := strings.Cut(strings.TrimSpace(cell), ": ")
			want[event] = verdict
		}
		if len(want) != len(definition.Events) {
			t.Errorf("%q: the test lists %d events, the machine has %d", status, len(want), len(definition.Events))
		}
		for _, event := range definition.Events {
			if got := read(t, status, event.Name); got != want[string(event.Name)] {
				t.Errorf("%s in %q: got %q, want %q", event.Name, status, got, want[string(event.Name)])
			}
		}
	}
}

// read gives a cell's verdicts in the words of cells.
func read(t *testing.T, status kyc.Status, on kyc.Event) string {
	all, err := kyc.Machine.Verdicts(status, on)
	if err != nil {
		t.Fatal(err)
	}
	var parts []string
	for _, out := range all {
		part := string(out.Verdict)
		switch {
		case out.Verdict == lifecycle.Move:
			part += " " + string(out.To)
		case out.Why != "" && !(out.Verdict == lifecycle.Refuse && out.Why == lifecycle.NoRow):
			part += " " + out.Why
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, " / ")
}

// TestDecideFollowsEveryCell drives a real record in every status, decided by hand and
// not, through every event with its rules holding and with each of them broken.
func TestDecideFollowsEveryCell(t *testing.T) {
	for _, byHand := range []bool{false, true} {
		for _, state := range kyc.Machine.Definition().States {
			if byHand && state.Name != kyc.Approved && state.Name != kyc.Rejected && state.Name != kyc.Cancelled {
				continue
			}
			h := kyctest.NewHost(t, nil)
			v := map[bool]func(kyc.Status) kyc.Validation{false: h.In, true: h.ByHand}[byHand](state.Name)
			r, err := h.Repository.Load(context.Background(), kyc.Index(v).Key())
			if err != nil {
				t.Fatal(err)
			}
			for _, event := range kyc.Machine.Definition().Events[1:] {
				for _, broken := range []string{"", "older", "not_freshly_synced", "not_due"} {
					t.Run(fmt.Sprintf("%s/%s/hand=%t/%s", state.Name, event.Name, byHand, broken), func(t *testing.T) {
						decideCell(t, r, event.Name, broken)
					})
				}
			}
		}
	}
}

func decideCell(t *testing.T, r store.Record[kyc.Validation], on kyc.Event, broken string) {
	now := r.Value.UpdatedAt.Add(time.Hour)
	in := kyc.Input{Event: on, Reason: "because", Reading: kyc.ProviderInReview, Call: audit.Call{
		ID: kyctestID(1), Salt: kyctestID(2), At: now, Actor: kyc.Actor{Organization: kyctest.Organization, Kind: "person", ID: "user_a"}}}
	if broken == "not_freshly_synced" {
		in.Reading = kyc.ProviderInProgress
	}
	if kyc.Machine.State(r.Value.Status).Deadline == on && broken != "not_due" {
		in.Call.At = r.Value.ExpiresAt.Add(time.Second)
	}
	for _, said := range []kyc.ProviderStatus{"not_started", "in_progress", "in_review", "approved", "rejected", "expired", "abandoned"} {
		if event, _ := said.Event(); event == on {
			in.Word = kyc.Word{Status: said, At: now}
			if broken == "older" {
				r.Value.LastWord = kyc.Word{Status: kyc.ProviderExpired, At: now.Add(time.Second)}
			}
		}
	}
	want := expected(t, r.Value, on, broken)
	got, err := kyc.Decide(r, in, kyc.DefaultSettings())
	var denied *lifecycle.Denied
	switch {
	case want.Verdict == lifecycle.Refuse:
		if !errors.As(err, &denied) || !errors.Is(err, lifecycle.ErrNotAllowed) || len(got.Changes) > 0 {
			t.Fatalf("want a refusal and nothing to write, got %v and %d changes", err, len(got.Changes))
		}
	case err != nil:
		t.Fatal(err)
	case got.Verdict != want.Verdict || got.Why != want.Why || got.Value.Status != want.To:
		t.Fatalf("got %s %q to %s, want %s %q to %s", got.Verdict, got.Why, got.Value.Status, want.Verdict, want.Why, want.To)
	case len(got.Changes) != 1 || len(got.Changes[0].Entries) != map[lifecycle.Verdict]int{lifecycle.Move: 1, lifecycle.Ignore: 1}[want.Verdict]:
		t.Fatalf("%s writes %d changes: %+v", want.Verdict, len(got.Changes), got.Changes)
	case want.Verdict != lifecycle.Move && (got.Value.VerifiedAt != r.Value.VerifiedAt || got.Value.Charged != r.Value.Charged):
		t.Fatal("what does not move changes nothing but what is known of the provider")
	}
}

// expected picks the verdict of the cell under the rule that is broken.
func expected(t *testing.T, v kyc.Validation, on kyc.Event, broken string) lifecycle.Outcome[kyc.Status, kyc.Event] {
	all, err := kyc.Machine.Verdicts(v.Status, on)
	if err != nil {
		t.Fatal(err)
	}
	for _, out := range all[1:] {
		if out.Why == broken {
			return out
		}
	}
	for _, out := range all[1:] {
		if v.DecidedByHand && out.Why == "protected" {
			return out
		}
	}
	return all[0]
}

func TestTheStoredStringsAreAFileFormat(t *testing.T) {
	definition := kyc.Machine.Definition()
	var states, events []string
	for _, s := range definition.States {
		states = append(states, string(s.Name))
	}
	for _, e := range definition.Events {
		events = append(events, string(e.Name))
	}
	if got, want := strings.Join(states, " "), "pending in_progress in_review approved rejected expired abandoned cancelled"; got != want {
		t.Errorf("statuses are stored: got %s, want %s", got, want)
	}
	want := "create approve reject cancel not_started_at_provider in_progress_at_provider in_review_at_provider approved_by_provider " +
		"rejected_by_provider expired_at_provider abandoned_at_provider deadline_passed"
	if got := strings.Join(events, " "); got != want {
		t.Errorf("events stand in audit entries: got %s, want %s", got, want)
	}
}

func TestTheGeneratedPageIsTrue(t *testing.T) {
	page, err := os.ReadFile("LIFECYCLE.md")
	if err != nil || string(page) != "<!-- Code generated by go generate; DO NOT EDIT. -->\n\n"+export.Illustrated(kyc.Machine.Chart(), "LIFECYCLE.svg") {
		t.Fatalf("LIFECYCLE.md is not what the table says (%v); run: go generate ./kyc", err)
	}
}
