package kyc_test

import (
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/kyc"
)

func versioned(after *life) error {
	var before uint64
	if after.Before != nil {
		before = after.Before.Version
	}
	return wrong(after.Change.Expect != before || after.Version != before+1, "version %d after %d", after.Version, before)
}

func protected(after *life) error {
	if after.Before == nil || !after.Before.Value.DecidedByHand {
		return nil
	}
	was, is := &after.Before.Value, &after.Value
	flag := is.IsCurrent == was.IsCurrent || is.SupersededBy != was.SupersededBy // only a newer validation takes it
	return wrong(is.Status != was.Status || !flag || !is.DecidedByHand || !is.VerifiedAt.Equal(was.VerifiedAt) || !reflect.DeepEqual(is.Metadata, was.Metadata),
		"it was %s, and is %s", was.Status, is.Status)
}

func replacedForGood(after *life) error {
	if after.Before == nil || after.Before.Value.SupersededBy == uuid.Nil {
		return nil
	}
	return wrong(after.Value.SupersededBy != after.Before.Value.SupersededBy || after.Value.IsCurrent, "it was superseded before")
}

func sameOne(after *life) error {
	if after.Before == nil {
		return nil
	}
	was, is := &after.Before.Value, &after.Value
	return wrong(is.ID != was.ID || is.EntityID != was.EntityID || is.OrganizationID != was.OrganizationID || is.Provider != was.Provider ||
		is.ValidationSessionID != was.ValidationSessionID || !is.CreatedAt.Equal(was.CreatedAt), "it is another one")
}

func deadlineStarts(after *life) error {
	was, is, at := kyc.Status(""), &after.Value, time.Time{}
	kept := time.Time{}
	if after.Before != nil {
		was, kept = after.Before.Value.Status, after.Before.Value.ExpiresAt
	}
	if len(after.Change.Entries) > 0 {
		at = after.Change.Entries[0].RecordedAt
	}
	want := kept
	if is.Status != was && !(was == kyc.Pending && is.Status == kyc.InProgress) {
		want = time.Time{}
		if is.Status == kyc.Pending || is.Status == kyc.InProgress {
			want = at.Add(kyc.DefaultSettings().LinkValidity)
		}
	}
	return wrong(!is.ExpiresAt.Equal(want), "the deadline is %v, and should be %v", is.ExpiresAt, want)
}

// told checks the entry of a commit, or that one without an entry changed nothing that
// ought to have one.
func told(after *life) error {
	was, is, c := kyc.Validation{}, after.Value, &after.Change
	if after.Before != nil {
		was = after.Before.Value
	}
	same := is.Status == was.Status && is.IsCurrent == was.IsCurrent && is.Charged == was.Charged && is.DecidedByHand == was.DecidedByHand &&
		is.VerifiedAt.Equal(was.VerifiedAt) && is.ExpiresAt.Equal(was.ExpiresAt) && is.TerminationOwed.Equal(was.TerminationOwed)
	if len(c.Entries) != 1 {
		return wrong(len(c.Entries) > 1 || !same || len(c.Postings) > 0, "%d entries, %d postings", len(c.Entries), len(c.Postings))
	}
	e, head := c.Entries[0], audit.Head{}
	if after.Before != nil {
		head = after.Before.Head
	}
	sealed, _ := audit.Append(head, e)
	to, note, row := kyc.Machine.Next(e.From, e.Event)
	switch {
	case sealed.Hash != e.Hash || e.Seq != head.Seq+1:
		return fmt.Errorf("entry %d does not follow entry %d, or was not sealed", e.Seq, head.Seq)
	case e.From != string(was.Status) || e.To != string(is.Status) || e.Subject != subjectOf(after):
		return fmt.Errorf("the entry goes from %q to %q", e.From, e.To)
	case (e.Verdict == audit.Moved) != (is.Status != was.Status), e.Verdict == audit.Moved && (!row || to != e.To):
		return fmt.Errorf("the entry says %s by %s, from %q to %q", e.Verdict, e.Event, e.From, e.To)
	case e.Verdict != audit.Moved && e.Verdict != audit.Ignored && (!row || note != string(e.Verdict) || len(c.Postings) > 0):
		return fmt.Errorf("the entry says %s by %s, which is no note of a row", e.Verdict, e.Event)
	case e.Verdict == audit.Ignored && (!same || len(c.Postings) > 0 || e.Why == ""):
		return errors.New("what was ignored changed something, or does not say why")
	case e.Actor.Organization != is.OrganizationID || !lawful(e):
		return fmt.Errorf("%s by a %s of %q", e.Event, e.Actor.Kind, e.Actor.Organization)
	}
	return nil
}

// lawful tells whether the kind of actor may have caused the entry (spec, page 1 and 1.3).
func lawful(e audit.Entry) bool {
	kinds := map[string]string{"create": audit.Person, "approve": audit.Person, "reject": audit.Person, "cancel": audit.Person,
		"supersede": audit.Person, "deadline_passed": audit.Clock, "terminate": audit.System, "terminate_found_gone": audit.System}
	kind, there := kinds[e.Event]
	return e.Actor.Kind == kind || !there && e.Actor.Kind == audit.Provider
}

func untouched(from, _ *stage) error {
	for _, l := range from.lives {
		if l.Value.DecidedByHand != (len(l.Value.Metadata) > 0) {
			return errors.New("the metadata of the life before has changed")
		}
	}
	return nil
}
