package kyc_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"time"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/lifecycle/lifecycletest"
	"github.com/kycle/kycle/refund"
)

type law = lifecycletest.Invariant[*stage]

// laws are the specification's promises about a validation, by section. They are said in
// plain words of their own and ask the code for nothing but what it stored.
var laws = []law{
	{Name: "nothing moves what a person decided", Why: "spec 1.5: status, flag, verifiedAt and the decision's metadata are protected, for ever", Edge: commits(protected)},
	{Name: "a final status is not current", Why: "spec 1.4: isCurrent is true exactly in pending, in_progress, in_review and approved, while none is newer", State: each(currentFollows), Edge: commits(currentFollows)},
	{Name: "one current validation", Why: "spec 1.4: an entity has at most one, and that is its newest", State: oneCurrent},
	{Name: "verified exactly while approved", Why: "spec 1.4: verifiedAt is when the provider approved, or when the approval by hand was committed", State: each(verifiedFollows), Edge: commits(verifiedFollows)},
	{Name: "charged once", Why: "spec 1.4 and 3: on the first entry into approved or rejected, once in its life", State: each(chargedOnce), Edge: commits(chargedOnce)},
	{Name: "a deadline while the customer is at it", Why: "spec 1.4: pending and in_progress have one, and no other status", State: each(deadlineFollows), Edge: commits(deadlineFollows)},
	{Name: "an owed termination is not forgotten", Why: "spec 1.4: owed from the cancel until it was done, once", State: each(terminationOwed), Edge: commits(terminationOwed)},
	{Name: "an owed termination waits after each failure", Why: "spec 1.4: record by record, longer with each, until it is done", State: each(terminationWaits), Edge: commits(terminationWaits)},
	{Name: "who decided is written down", Why: "spec 1.4: the decision's three metadata keys, exactly after a decision by hand", State: each(signed), Edge: commits(signed)},
	{Name: "the newest word holds", Why: "spec 1.3: but for a decision by hand, and for the clock's provisional verdict", State: each(wordHolds), Edge: commits(wordHolds)},
	{Name: "the history proves the status", Why: "spec 4: the chain verifies, replays to the stored status, and agrees with the postings", State: each(historyHolds)},
	{Name: "found by what it is", Why: "spec 1.4 and 1.5: the newest sits on its entity's seat; it is due exactly while a deadline or a termination is", State: each(indexed)},
	{Name: "the stored form loses nothing", Why: "spec 5: what decides the future survives the process", State: each(survives)},

	{Name: "one version a change", Why: "spec 2 and 3: every commit is guarded by the version it was decided on", Edge: commits(versioned)},
	{Name: "superseded for good", Why: "spec 1.4: it never regains the flag, nor another successor", Edge: commits(replacedForGood)},
	{Name: "what is settled at creation stays", Why: "spec 1.6: id, entity, organization, provider, session, createdAt", Edge: commits(sameOne)},
	{Name: "the deadline starts where the table says", Why: "spec 1.4: kept from pending, anew at the commit from any other status", Edge: commits(deadlineStarts)},
	{Name: "what changes has its entry", Why: "spec 4: one entry a commit, that follows the head, says what it was and changes what it says", Edge: commits(told)},
	{Name: "old values are not touched", Why: "package kyc: a decision changes nothing that it was given", Edge: untouched},
}

// each makes a rule about one validation one about all of a stage.
func each(rule func(*life) error) func(*stage) error {
	return func(s *stage) error {
		for i, l := range s.lives {
			if err := rule(l); err != nil {
				return fmt.Errorf("validation %d: %w", i+1, err)
			}
		}
		return nil
	}
}

// commits makes a rule about one commit one about all of a step. Each is given as it was
// left, and knows the life before; none, at its creation.
func commits(rule func(after *life) error) func(from, to *stage) error {
	return func(from, to *stage) error {
		for i, l := range to.lives {
			var start *life
			if i < len(from.lives) {
				start = from.lives[i]
			}
			for _, commit := range l.Since(start) {
				if err := rule(commit); err != nil {
					return fmt.Errorf("validation %d: %w", i+1, err)
				}
			}
		}
		return nil
	}
}

func wrong(is bool, format string, args ...any) error {
	if !is {
		return nil
	}
	return fmt.Errorf(format, args...)
}

var alive = map[kyc.Status]bool{kyc.Pending: true, kyc.InProgress: true, kyc.InReview: true, kyc.Approved: true}

func currentFollows(l *life) error {
	want := alive[l.Value.Status] && !wasSuperseded(l)
	return wrong(l.Value.IsCurrent != want || kyc.Index(l.Value).Current != want, "isCurrent is %t", !want)
}

func oneCurrent(s *stage) error {
	for i, l := range s.lives[:len(s.lives)-1] {
		if l.Value.IsCurrent || l.Value.SupersededBy != s.lives[i+1].Value.ID {
			return fmt.Errorf("validation %d is current, or does not name the newer one", i+1)
		}
	}
	return nil
}

// lastMove is the entry that brought the validation into its status.
func lastMove(l *life) (found audit.Entry) {
	for ; l != nil; l = l.Before {
		for _, e := range l.Change.Entries {
			if e.Verdict == audit.Moved {
				return e
			}
		}
	}
	return found
}

func verifiedFollows(l *life) error {
	var want time.Time
	if e := lastMove(l); l.Value.Status == kyc.Approved {
		want = e.OccurredAt
		if l.Value.DecidedByHand {
			want = e.RecordedAt
		}
	}
	return wrong(!l.Value.VerifiedAt.Equal(want), "verifiedAt is %v, and should be %v", l.Value.VerifiedAt, want)
}

func chargedOnce(l *life) error {
	decided := func(l *life) bool {
		return len(l.Change.Entries) > 0 && l.Change.Entries[0].Verdict == audit.Moved && (l.Value.Status == kyc.Approved || l.Value.Status == kyc.Rejected)
	}
	was, charges := false, len(l.Change.Postings) // before this commit
	for before := l.Before; before != nil; before = before.Before {
		was = was || decided(before)
	}
	first := decided(l) && !was
	switch {
	case (charges == 1) != first || l.Value.Charged != (first || was):
		return fmt.Errorf("%d charges on the first entry into a decision: %t, after one: %t", charges, first, was)
	case first:
		p := l.Change.Postings[0]
		return wrong(p.Kind != refund.Charge || p.Seq != l.Change.Entries[0].Seq || p.Amount != kyc.DefaultSettings().Fee, "the charge is %s, of entry %d", p.Line(), p.Seq)
	}
	return nil
}

func deadlineFollows(l *life) error {
	want := l.Value.Status == kyc.Pending || l.Value.Status == kyc.InProgress
	return wrong(l.Value.ExpiresAt.IsZero() == want, "it has a deadline: %t", !want)
}

func terminationOwed(l *life) error {
	var since time.Time
	cancelled, done := l.Value.Status == kyc.Cancelled, 0
	for commit := l; commit != nil && cancelled; commit = commit.Before {
		for _, e := range commit.Change.Entries {
			switch {
			case e.Verdict == "terminated" || e.Verdict == "gone":
				done++
			case e.To == string(kyc.Cancelled) && e.Verdict == audit.Moved && done == 0:
				since = e.RecordedAt
			}
		}
	}
	return wrong(!l.Value.TerminationOwed.Equal(since) || done > 1, "owed since %v, and should be since %v; terminated %d times", l.Value.TerminationOwed, since, done)
}

// terminationWaits holds when it is tried next against what became of the tries so far: one
// that failed left a commit without an entry, and when it is tried again.
func terminationWaits(l *life) error {
	v, failures, next := &l.Value, 0, l.Value.TerminationOwed
	for c := l; c.Before != nil && c.Before.Value.Status == kyc.Cancelled && !v.TerminationOwed.IsZero(); c = c.Before {
		if again := c.Value.TerminationNext; len(c.Change.Entries) == 0 && !again.Equal(c.Before.Value.TerminationNext) {
			failures++
			next = later(next, again)
		}
	}
	early := failures > 0 && !next.After(v.TerminationOwed) // how long it is, is the settings' to say
	return wrong(v.TerminationFailures != failures || early || !v.TerminationNext.Equal(next),
		"after %d failures it has counted %d, and is tried next at %v, owed since %v", failures, v.TerminationFailures, v.TerminationNext, v.TerminationOwed)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// signatures are the metadata keys of the decisions, as the specification lists them.
var signatures = map[kyc.Status][3]string{
	kyc.Approved:  {"manuallyApprovedBy", "manuallyApprovedAt", "approvalReason"},
	kyc.Rejected:  {"manuallyRejectedBy", "manuallyRejectedAt", "rejectionReason"},
	kyc.Cancelled: {"cancelledBy", "cancelledAt", "cancellationReason"},
}

func signed(l *life) error {
	v, e := &l.Value, lastMove(l)
	byHand := e.Event == "approve" || e.Event == "reject" || e.Event == "cancel"
	if !byHand || !v.DecidedByHand {
		return wrong(byHand != v.DecidedByHand || len(v.Metadata) > 0, "decided by hand %t, and its metadata has %d keys", v.DecidedByHand, len(v.Metadata))
	}
	keys := signatures[v.Status]
	for i, want := range []any{e.Actor.ID, e.RecordedAt, "because of it"} {
		text, _ := json.Marshal(want)
		if got := v.Metadata[keys[i]]; string(got) != string(text) || len(v.Metadata) != len(keys) {
			return fmt.Errorf("metadata %s is %s, and should be %s", keys[i], got, text)
		}
	}
	return nil
}

func wordHolds(l *life) error {
	v, by := &l.Value, lastMove(l).Event
	switch {
	case v.DecidedByHand:
		_, manual := signatures[v.Status]
		return wrong(!manual, "decided by hand, and it is %s", v.Status)
	case by == string(kyc.DeadlinePassed) && string(v.LastWord.Status) != string(v.Status):
		from := map[kyc.Status]kyc.ProviderStatus{kyc.Expired: "", kyc.Abandoned: kyc.ProviderInProgress}
		said, clocks := from[v.Status]
		return wrong(!clocks || said != v.LastWord.Status, "%s by the clock, after the word %q", v.Status, v.LastWord.Status)
	case v.LastWord.Status == "":
		return wrong(v.Status != kyc.Pending, "nobody said anything, and it is %s", v.Status)
	}
	return wrong(string(v.LastWord.Status) != string(v.Status), "the last word is %s", v.LastWord.Status)
}

func historyHolds(l *life) error {
	h := l.History()
	if err := audit.Verify(subjectOf(l), h.Entries, l.Head); err != nil {
		return err
	}
	if end, err := audit.Replay(h.Entries, kyc.Machine); err != nil || end != string(l.Value.Status) {
		return fmt.Errorf("it replays to %q: %v", end, err)
	}
	differences := h.Reconcile(subjectOf(l))
	return wrong(len(differences) > 0, "entries and postings: %v", differences)
}

func indexed(l *life) error {
	v, index := &l.Value, kyc.Index(l.Value)
	due := v.TerminationNext
	if !v.ExpiresAt.IsZero() {
		due = v.ExpiresAt.Add(time.Microsecond)
	}
	return wrong((index.ExclusiveKey == "") != wasSuperseded(l) || !index.Due.Equal(due) || index.Status != string(v.Status),
		"index %+v", index)
}

func survives(l *life) error {
	data, err := kyc.Schema.Encode(l.Value)
	if err != nil {
		return err
	}
	back, err := kyc.Schema.Decode(data)
	if err != nil || back.Metadata == nil {
		back.Metadata = l.Value.Metadata // none and an empty one are alike
	}
	return wrong(err != nil || !reflect.DeepEqual(back, l.Value), "it is stored as %s, %v", data, err)
}
