package kyc_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/kyc/kyctest"
	"github.com/kycle/kycle/lifecycle"
)

// inputLaws judge one input of one decision.
var inputLaws = []law{
	{Name: "every input has the verdict of the table", Why: "spec 1.2 and 1.3: move, stay, refuse, ignore or duplicate, and which is left to no accident", Edge: input(asTheTable)},
	{Name: "a refused command writes nothing", Why: "spec 1.2", Edge: input(refusedWritesNothing)},
	{Name: "an ignored report writes one entry", Why: "spec 1.2: and says what came, and why it was ignored", Edge: input(ignoredIsTold)},
	{Name: "a stay writes no entry", Why: "spec 1.2: or every sync would write one", Edge: input(stayIsSilent)},
	{Name: "a duplicate does nothing", Why: "spec 1.2 and 1.5: but for the evidence that a reading brings", Edge: input(duplicateDoesNothing)},
	{Name: "a move is told with its times", Why: "spec 4: who, when it occurred, when it was recorded, where it came from", Edge: input(moveIsTold)},
	{Name: "a reading refreshes the evidence", Why: "spec 1.5: always, also where the status is protected; never with what is older", Edge: input(refreshed)},
	{Name: "the last word is the newest that was heard", Why: "spec 1.3: newest by the time it occurred, ranked within an instant", Edge: func(_, to *stage) error {
		got := to.lives[0].Value.LastWord
		return wrong(got.Status != to.newest.Status || !got.At.Equal(to.newest.At), "it is %v, and should be %v", got, to.newest)
	}},
}

// input makes a rule about one decision one about a step.
func input(rule func(before, after *life, c *came) error) func(from, to *stage) error {
	return func(from, to *stage) error {
		if to.came.in == nil {
			return nil
		}
		return rule(from.lives[0], to.lives[0], &to.came)
	}
}

func asTheTable(before, after *life, c *came) error {
	verdict, why, invalid := verdictOf(before, c.in, c.when)
	if invalid {
		return wrong(!errors.Is(c.err, lifecycle.ErrInvalid) || after != before, "it is invalid, and not said to be")
	}
	return wrong(verdict != c.verdict || why != c.why, "it should be %s", strings.TrimSpace(string(verdict)+" "+why))
}

func refusedWritesNothing(before, after *life, c *came) error {
	return wrong((c.err != nil || c.verdict == lifecycle.Refuse) && before != after, "it wrote version %d", after.Version)
}

func ignoredIsTold(before, after *life, c *came) error {
	if c.verdict != lifecycle.Ignore {
		return nil
	}
	if after.Version != before.Version+1 || len(after.Change.Entries) != 1 {
		return fmt.Errorf("%d entries", len(after.Change.Entries))
	}
	e := after.Change.Entries[0]
	return wrong(e.Event != string(c.in.Event) || e.Why != c.why || e.Source != c.in.Source || e.Body != nil, "the entry says %s, %s", e.Event, e.Why)
}

func stayIsSilent(before, after *life, c *came) error {
	return wrong(c.verdict == lifecycle.Stay && (after.Version != before.Version+1 || len(after.Change.Entries) > 0 || after.Value.Status != before.Value.Status), "it wrote %d entries", len(after.Change.Entries))
}

func duplicateDoesNothing(before, after *life, c *came) error {
	if c.verdict != lifecycle.Duplicate || before == after {
		return nil
	}
	fresh := !c.in.ReadAt.IsZero() && !c.in.ReadAt.Before(before.Value.LastReading)
	return wrong(!fresh || len(after.Change.Entries)+len(after.Change.Postings)+len(after.Change.Receipts) > 0 || after.Value.LastWord != before.Value.LastWord, "it wrote version %d", after.Version)
}

func moveIsTold(before, after *life, c *came) error {
	if c.verdict != lifecycle.Move || len(after.Change.Entries) != 1 {
		return wrong(c.verdict == lifecycle.Move, "%d entries", len(after.Change.Entries))
	}
	e, occurred := after.Change.Entries[0], c.in.Call.At
	switch {
	case c.in.Event == kyc.DeadlinePassed:
		occurred = before.Value.ExpiresAt
	case c.in.Word.Status != "":
		occurred = after.Value.LastWord.At
	}
	actor := c.in.Call.Actor
	actor.Organization = kyctest.Organization
	return wrong(!e.OccurredAt.Equal(occurred) || !e.RecordedAt.Equal(c.in.Call.At) || e.Actor != actor || e.Call != c.in.Call.ID || e.Source != c.in.Source ||
		(e.Body != nil) != (c.in.Reason != "") || !after.Value.UpdatedAt.Equal(c.in.Call.At), "the entry is %+v", e)
}

func refreshed(before, after *life, c *came) error {
	if c.in.Word.Status == "" || c.err != nil {
		return nil
	}
	reading := !c.in.ReadAt.IsZero()
	fresh := reading && !c.in.ReadAt.Before(before.Value.LastReading)
	taken := fresh || !reading && (c.verdict == lifecycle.Move || c.verdict == lifecycle.Stay) && c.in.Word.At.After(before.Value.LastReading)
	brought, last := before.Value.Evidence.ExtractedData, before.Value.LastReading
	if taken {
		brought = c.in.Evidence.ExtractedData
	}
	if fresh {
		last = c.in.ReadAt
	}
	return wrong(string(after.Value.Evidence.ExtractedData) != string(brought) || !after.Value.LastReading.Equal(last), "the evidence is %s of %v, and should be %s of %v",
		after.Value.Evidence.ExtractedData, after.Value.LastReading, brought, last)
}

// repeats are what must hold whenever the same thing comes again: the second of two
// equal webhooks, or a caller who heard no answer and tries once more.
func repeats(decide decider) []law {
	again := func(l *life, in kyc.Input, keys ...string) (kyc.Decision, error) {
		return decide(l.Asked(keys...), in, kyc.DefaultSettings())
	}
	return []law{
		{Name: "received before is a duplicate", Why: "spec 1.2 and 1.5: by event id, and by session, status and occurred-at", State: func(s *stage) error {
			in := kyc.Input{Event: kyc.ApprovedByProvider, Word: kyc.Word{Status: kyc.ProviderApproved, At: s.next()}}
			in.Call.At = s.next()
			for l := s.lives[0]; l != nil; l = l.Before {
				for key := range l.Change.Receipts {
					in.Receipts = map[string]string{key: ""}
					d, err := again(s.lives[0], in, key)
					if err != nil || d.Verdict != lifecycle.Duplicate || len(d.Changes) > 0 {
						return fmt.Errorf("%s: %s %v", key, d.Verdict, err)
					}
				}
			}
			return nil
		}},
		{Name: "the same once more moves nothing", Why: "spec 1.2: a crash between commit and answer costs nothing", Edge: input(func(_, after *life, c *came) error {
			d, err := again(after, *c.in, slices.Collect(maps.Keys(c.in.Receipts))...)
			moved := err == nil && len(d.Changes) > 0 && (len(d.Changes[0].Postings) > 0 || d.Value.Status != after.Value.Status)
			told := err == nil && c.in.Word.Status != "" && len(d.Changes) > 0 && len(d.Changes[0].Entries) > 0
			return wrong(moved || told || c.in.Word.Status != "" && c.err == nil && d.Verdict != lifecycle.Duplicate, "it is %s now, and leaves %s", d.Verdict, d.Value.Status)
		})},
	}
}

// verdictOf is what an input comes to: the table of spec 1.3 once more, in plain words.
// invalid is an occurred-at that the specification refuses.
func verdictOf(l *life, in *kyc.Input, when instant) (v lifecycle.Verdict, why string, invalid bool) {
	status, overdue := l.Value.Status, !l.Value.ExpiresAt.IsZero() && l.Value.ExpiresAt.Before(in.Call.At)
	may := map[bool]lifecycle.Verdict{true: lifecycle.Move, false: lifecycle.Refuse}
	switch in.Event {
	case kyc.Approve, kyc.Reject:
		return may[status == kyc.InReview && in.Reading == kyc.ProviderInReview], "", false
	case kyc.Cancel:
		return may[!overdue && (status == kyc.Pending || status == kyc.InProgress || status == kyc.InReview)], "", false
	case kyc.DeadlinePassed:
		switch {
		case status != kyc.Pending && status != kyc.InProgress:
			return lifecycle.Ignore, "no_row", false
		case !overdue:
			return lifecycle.Ignore, "not_due", false
		}
		return lifecycle.Move, "", false
	}
	newer, again, invalid := hears(l, in, when)
	for key := range in.Receipts {
		_, there := l.Receipt(key)
		again = again || there
	}
	switch {
	case invalid:
		return "", "", true
	case again:
		return lifecycle.Duplicate, "", false
	case status == kyc.Cancelled || in.Word.Status == kyc.ProviderNotStarted:
		return lifecycle.Ignore, "no_row", false
	case !newer:
		return lifecycle.Ignore, "older", false
	case l.Value.DecidedByHand:
		return lifecycle.Ignore, "protected", false
	case string(in.Word.Status) == string(status):
		return lifecycle.Stay, "", false
	}
	return lifecycle.Move, "", false
}
