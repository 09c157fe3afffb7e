package kyc_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/lifecycle/export"
	"github.com/kycle/kycle/store"
)

// cells is every (status, event) cell of the machine with every verdict it can have: the
// specification's table, written out by hand. What stands after a slash is the verdict if
// the rule of that name says no.
var cells = map[kyc.Status]string{
	"": `create: move pending; approve: refuse; reject: refuse; cancel: refuse; supersede: refuse; terminate: refuse;
		terminate_found_gone: refuse; not_started_at_provider: ignore no_row; in_progress_at_provider: ignore no_row;
		in_review_at_provider: ignore no_row; approved_by_provider: ignore no_row; rejected_by_provider: ignore no_row;
		expired_at_provider: ignore no_row; abandoned_at_provider: ignore no_row; deadline_passed: ignore no_row`,
	kyc.Pending: `approve: refuse; reject: refuse; cancel: move cancelled; deadline_passed: move expired / ignore not_due;` +
		superseded + unowed + heard("pending"),
	kyc.InProgress: `approve: refuse; reject: refuse; cancel: move cancelled; deadline_passed: move abandoned / ignore not_due;` +
		superseded + unowed + heard("in_progress"),
	kyc.InReview: `approve: move approved / refuse not_freshly_synced; reject: move rejected / refuse not_freshly_synced; cancel: move cancelled;
		deadline_passed: ignore no_row;` + superseded + unowed + heard("in_review"),
	kyc.Approved:  final + superseded + unowed + heard("approved"),
	kyc.Rejected:  final + superseded + unowed + heard("rejected"),
	kyc.Expired:   final + superseded + unowed + heard("expired"),
	kyc.Abandoned: final + superseded + unowed + heard("abandoned"),
	kyc.Cancelled: final + superseded + `terminate: note terminated / refuse not_owed; terminate_found_gone: note gone / refuse not_owed;
		create: refuse; not_started_at_provider: ignore no_row; in_progress_at_provider: ignore no_row;
		in_review_at_provider: ignore no_row; approved_by_provider: ignore no_row; rejected_by_provider: ignore no_row;
		expired_at_provider: ignore no_row; abandoned_at_provider: ignore no_row`,
}

const (
	final      = `approve: refuse; reject: refuse; cancel: refuse; deadline_passed: ignore no_row;`
	superseded = `supersede: note superseded / refuse no_newer;`
	unowed     = `terminate: refuse; terminate_found_gone: refuse;` // but in cancelled, which alone owes it
)

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
		case out.Verdict == lifecycle.Note:
			part += " " + out.Word
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
			h := newHost(t, nil)
			v := map[bool]func(kyc.Status) kyc.Validation{false: h.In, true: h.ByHand}[byHand](state.Name)
			r := stored(t, h, v)
			for _, event := range kyc.Machine.Definition().Events {
				if event.Name == kyc.Create {
					continue // a decision is on a record that is there
				}
				for _, broken := range []string{"", "older", "not_freshly_synced", "not_due", "no_newer", "not_owed"} {
					t.Run(fmt.Sprintf("%s/%s/hand=%t/%s", state.Name, event.Name, byHand, broken), func(t *testing.T) {
						decideCell(t, r, event, broken)
					})
				}
			}
		}
	}
}

// cellInput is an input of the event under which exactly the rule that is broken says no.
func cellInput(r *store.Record[kyc.Validation], on lifecycle.Event[kyc.Event], broken string) kyc.Input {
	now := r.Value.UpdatedAt.Add(time.Hour)
	in := kyc.Input{Event: on.Name, Reason: "because", Reading: kyc.ProviderInReview, Newer: kyctestID(3), Call: callAt(now)}
	in.Call.Actor.Kind = on.By[0]
	switch broken {
	case "not_freshly_synced":
		in.Reading = kyc.ProviderInProgress
	case "no_newer":
		in.Newer = uuid.Nil
	}
	if r.Value.Status == kyc.Cancelled {
		r.Value.TerminationOwed = map[bool]time.Time{true: r.Value.UpdatedAt}[broken != "not_owed"]
	}
	if kyc.Machine.State(r.Value.Status).Deadline == on.Name && broken != "not_due" {
		in.Call.At = r.Value.ExpiresAt.Add(time.Second)
	}
	for _, said := range order {
		if event, _ := said.Event(); event == on.Name {
			in.Word = kyc.Word{Status: said, At: now}
			if broken == "older" {
				r.Value.LastWord = kyc.Word{Status: kyc.ProviderExpired, At: now.Add(time.Second)}
			}
		}
	}
	return in
}

func decideCell(t *testing.T, r store.Record[kyc.Validation], on lifecycle.Event[kyc.Event], broken string) {
	in := cellInput(&r, on, broken)
	want := expected(t, r.Value, on.Name, broken)
	got, err := kyc.Decide(r, in, kyc.DefaultSettings())
	var denied *lifecycle.Denied
	if want.Verdict == lifecycle.Refuse {
		if !errors.As(err, &denied) || !errors.Is(err, lifecycle.ErrNotAllowed) || len(got.Changes) > 0 {
			t.Fatalf("got error %v and %d changes, want a refusal and nothing to write", err, len(got.Changes))
		}
		return
	}
	if err != nil {
		t.Fatalf("got error %v, want %s", err, want.Verdict)
	}
	entries := map[lifecycle.Verdict]int{lifecycle.Move: 1, lifecycle.Note: 1, lifecycle.Ignore: 1}[want.Verdict]
	switch {
	case got.Verdict != want.Verdict || got.Why != want.Why || got.Value.Status != want.To:
		t.Fatalf("got %s %q to %s, want %s %q to %s", got.Verdict, got.Why, got.Value.Status, want.Verdict, want.Why, want.To)
	case len(got.Changes) != 1 || len(got.Changes[0].Entries) != entries:
		t.Fatalf("%s writes %d changes: %+v, want one with %d entries", want.Verdict, len(got.Changes), got.Changes, entries)
	case want.Verdict != lifecycle.Move && (got.Value.VerifiedAt != r.Value.VerifiedAt || got.Value.Charged != r.Value.Charged):
		t.Fatal("a verdict that is no move changed when it was verified, or whether it is charged")
	}
	for _, e := range got.Changes[0].Entries {
		word := map[lifecycle.Verdict]string{lifecycle.Move: "moved", lifecycle.Note: want.Word, lifecycle.Ignore: "ignored"}[want.Verdict]
		if string(e.Verdict) != word || e.From != string(want.From) || e.To != string(want.To) || e.Actor.Kind != on.By[0] {
			t.Errorf("the entry is %s from %q to %q by %s, want %s from %q to %q by %s",
				e.Verdict, e.From, e.To, e.Actor.Kind, word, want.From, want.To, on.By[0])
		}
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
	var states, events, words []string
	for _, s := range definition.States {
		states = append(states, string(s.Name))
	}
	for _, e := range definition.Events {
		events = append(events, string(e.Name))
	}
	for _, r := range definition.Rows {
		if r.Note != "" {
			words = append(words, r.Note)
		}
	}
	if got, want := strings.Join(states, " "), "pending in_progress in_review approved rejected expired abandoned cancelled"; got != want {
		t.Errorf("statuses are stored: got %s, want %s", got, want)
	}
	want := "create approve reject cancel supersede terminate terminate_found_gone not_started_at_provider in_progress_at_provider " +
		"in_review_at_provider approved_by_provider rejected_by_provider expired_at_provider abandoned_at_provider deadline_passed"
	if got := strings.Join(events, " "); got != want {
		t.Errorf("events stand in audit entries: got %s, want %s", got, want)
	}
	if got, want := strings.Join(words, " "), "superseded terminated gone"; got != want {
		t.Errorf("the words of notes stand in audit entries: got %s, want %s", got, want)
	}
}

func TestTheGeneratedPageIsTrue(t *testing.T) {
	page, err := os.ReadFile("LIFECYCLE.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(page) != "<!-- Code generated by go generate; DO NOT EDIT. -->\n\n"+export.Illustrated(kyc.Machine.Chart(), "LIFECYCLE.svg") {
		t.Fatal("LIFECYCLE.md is not what the table says; run: go generate ./kyc")
	}
}
