package idpass_test

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/internal/shelf"
	"github.com/kycle/kycle/lifecycle/lifecycletest"
	"github.com/kycle/kycle/refund"
)

// life is one pass as one commit left it.
type life = shelf.Life[idpass.Pass]

// stage is where a search stands: the last two passes of one applicant, the clock, and
// what came last. A stage never changes.
type stage struct {
	lives []*life
	now   time.Time
	pace  time.Duration // until the next thing comes
	came  *came         // nil: it was no input of one decision
}

// next is when the next thing comes.
func (s *stage) next() time.Time { return s.now.Add(s.pace) }

// then is the stage one step on. Each step takes half as long as the one before, so that
// all steps to come are shorter than any time between two that were: what lies ahead stays
// ahead, until a step passes it.
func (s *stage) then(now time.Time, lives ...*life) *stage {
	return &stage{lives: lives, now: now, pace: s.pace / 2}
}

func (s *stage) show() string {
	all := make([]string, len(s.lives))
	for i, l := range s.lives {
		p := &l.Value
		list := []string{string(p.Status)}
		for _, fact := range []struct {
			is   bool
			text string
		}{
			{p.Order.Fee.Minor == 0, "for nothing"}, {p.FeeRefunded, "refunded"}, {late(l, s.next()), "deadline past"},
			{p.Slot == "", "no slot"}, {p.SupersededBy != uuid.Nil, "superseded"},
		} {
			if fact.is {
				list = append(list, fact.text)
			}
		}
		all[i] = strings.Join(list, ", ")
	}
	return strings.Join(all, "; then ")
}

// key is what decides the future of a pass. Its only time is the deadline.
type key struct {
	status                    idpass.Status
	fee, refunded, slot, past bool
}

func keyOf(l *life, now time.Time) key {
	p := &l.Value
	return key{p.Status, p.Order.Fee.Minor > 0, p.FeeRefunded, p.Slot != "", late(l, now)}
}

// open are the statuses in flight, as the specification lists them.
var open = map[idpass.Status]bool{idpass.New: true, idpass.Opened: true, idpass.InProgress: true}

func late(l *life, now time.Time) bool { return open[l.Value.Status] && l.Value.ExpiresAt.Before(now) }

type law = lifecycletest.Invariant[*stage]

// laws are the specification's promises about a pass and its postings, by section, said in
// plain words of their own.
var laws = []law{
	{Name: "the books agree", Why: "spec 2.1 and 3: charged once, at registration; refunded once, exactly by a cancel from new or opened; fee_refunded, posting and the entry's from say the same", State: each(books), Edge: commits(books)},
	{Name: "two facts", Why: "spec 2.1: verification_status and completed_at exactly in complete; consent_given_at since consent", State: each(facts), Edge: commits(facts)},
	{Name: "a slot holds one", Why: "spec 2.2: one pass in flight; any final status releases it", State: slotHoldsOne},
	{Name: "the history proves the status", Why: "spec 4: the chain verifies, replays to the stored status, and agrees with the postings", State: each(historyHolds)},
	{Name: "the stored form loses nothing", Why: "spec 5: what decides the future survives the process", State: each(survives)},
	{Name: "one version a change", Why: "spec 2 and 3: every commit is guarded by the version it was decided on", Edge: commits(versioned)},
	{Name: "final is final", Why: "spec 2.1: complete, expired, failed and cancelled absorb everything", Edge: commits(absorbs)},
	{Name: "the deadline comes first", Why: "spec 2.1: in the same commit, by every command and report that meets it", Edge: commits(deadlineFirst)},
	{Name: "what is settled at registration stays", Why: "spec 2.2: id, applicant, order, link, deadline", Edge: commits(sameOne)},
	{Name: "what changes has its entry", Why: "spec 4: entries that follow the head, say what it was, and change what they say", Edge: commits(told)},
	{Name: "never both in flight", Why: "spec 2.2: supersede cancels the prior pass and registers the new one in one commit", State: successorsFollow},
}

func each(rule func(*life) error) func(*stage) error {
	return func(s *stage) error {
		for i, l := range s.lives {
			if err := rule(l); err != nil {
				return fmt.Errorf("pass %d: %w", i+1, err)
			}
		}
		return nil
	}
}

// commits makes a rule about one commit one about all of a step. Each is given as it was
// left, and knows the life before; none, at its registration.
func commits(rule func(after *life) error) func(from, to *stage) error {
	return func(from, to *stage) error {
		known := map[uuid.UUID]*life{}
		for _, l := range from.lives {
			known[l.Value.ID] = l
		}
		for i, l := range to.lives {
			for _, commit := range l.Since(known[l.Value.ID]) {
				if err := rule(commit); err != nil {
					return fmt.Errorf("pass %d: %w", i+1, err)
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

func books(l *life) error {
	h, p := l.History(), &l.Value
	var want []refund.Posting
	subject := refund.Subject{Organization: p.OrganizationID, Kind: idpass.Kind, ID: p.ID}
	put := func(kind refund.Kind, e audit.Entry) {
		posting := refund.Posting{Key: refund.Key(subject, kind), Subject: subject, Kind: kind, Amount: p.Order.Fee, Seq: e.Seq, At: e.RecordedAt}
		if kind == refund.Refund {
			posting.Reverses = refund.Key(subject, refund.Charge)
		}
		if p.Order.Fee.Minor > 0 {
			want = append(want, posting)
		}
	}
	for _, e := range h.Entries {
		switch {
		case e.Seq == 1:
			put(refund.Charge, e)
		case e.Event == "cancel" && e.Verdict == audit.Moved && (e.From == "new" || e.From == "opened"):
			put(refund.Refund, e)
		}
	}
	return wrong(!reflect.DeepEqual(h.Postings, want) || p.FeeRefunded != (len(want) == 2),
		"the postings are [%s], and should be [%s]; fee_refunded is %t", lines(h.Postings), lines(want), p.FeeRefunded)
}

func lines(postings []refund.Posting) string {
	all := make([]string, len(postings))
	for i, p := range postings {
		all[i] = fmt.Sprintf("%s %d at entry %d", p.Kind, p.Minor, p.Seq)
	}
	return strings.Join(all, ", ")
}

func facts(l *life) error {
	p, consented := &l.Value, false
	for _, e := range l.History().Entries {
		consented = consented || e.Event == "consent" && e.Verdict == audit.Moved
	}
	complete := p.Status == idpass.Complete
	return wrong((p.Verification != "") != complete || p.CompletedAt.IsZero() == complete || p.ConsentGivenAt.IsZero() == consented,
		"verification_status %q, completed_at %v, consent_given_at %v", p.Verification, p.CompletedAt, p.ConsentGivenAt)
}

func slotHoldsOne(s *stage) error {
	held := map[string]bool{}
	for i, l := range s.lives {
		p, index := &l.Value, idpass.Index(l.Value)
		slot := p.Slot
		if !open[p.Status] {
			slot = ""
		}
		if slot != "" && held[slot] || index.ExclusiveKey != slot || index.Due.IsZero() == open[p.Status] {
			return fmt.Errorf("pass %d is %s and sits on %q, due %v", i+1, p.Status, index.ExclusiveKey, index.Due)
		}
		held[slot] = true
	}
	return nil
}

func successorsFollow(s *stage) error {
	for i, l := range s.lives {
		p := &l.Value
		if p.SupersededBy != uuid.Nil && (p.Status != idpass.Cancelled || i+1 < len(s.lives) && s.lives[i+1].Value.Supersedes != p.ID) {
			return fmt.Errorf("pass %d is superseded and %s", i+1, p.Status)
		}
		if p.Supersedes != uuid.Nil && i > 0 && s.lives[i-1].Value.SupersededBy != p.ID {
			return fmt.Errorf("pass %d supersedes one that does not know it", i+1)
		}
	}
	return nil
}

func historyHolds(l *life) error {
	h, subject := l.History(), audit.Subject{Organization: l.Value.OrganizationID, Kind: idpass.Kind, ID: l.Value.ID}
	if err := audit.Verify(subject, h.Entries, l.Head); err != nil {
		return err
	}
	if end, err := audit.Replay(h.Entries, idpass.Machine); err != nil || end != string(l.Value.Status) {
		return fmt.Errorf("it replays to %q: %v", end, err)
	}
	differences := h.Reconcile(subject)
	return wrong(len(differences) > 0, "entries and postings: %v", differences)
}

func survives(l *life) error {
	data, err := idpass.Schema.Encode(l.Value)
	if err != nil {
		return err
	}
	back, err := idpass.Schema.Decode(data)
	return wrong(err != nil || !reflect.DeepEqual(back, l.Value), "it is stored as %s, %v", data, err)
}

func versioned(after *life) error {
	var before uint64
	if after.Before != nil {
		before = after.Before.Version
	}
	return wrong(after.Change.Expect != before || after.Version != before+1 || len(after.Change.Entries) == 0, "version %d after %d, with %d entries", after.Version, before, len(after.Change.Entries))
}

func absorbs(after *life) error {
	if after.Before == nil || open[after.Before.Value.Status] {
		return nil
	}
	return wrong(!reflect.DeepEqual(after.Value, after.Before.Value) || len(after.Change.Postings) > 0, "it was %s, and is %s", after.Before.Value.Status, after.Value.Status)
}

func deadlineFirst(after *life) error {
	if after.Before == nil || !late(after.Before, after.Change.Entries[0].RecordedAt) {
		return nil
	}
	e := after.Change.Entries[0]
	return wrong(after.Value.Status != idpass.Expired || e.Event != "expire" || e.Actor.Kind != audit.Clock || !e.OccurredAt.Equal(after.Before.Value.ExpiresAt) || e.Source != "" || len(after.Change.Postings) > 0,
		"it became %s, by %s of the %s", after.Value.Status, e.Event, e.Actor.Kind)
}

func sameOne(after *life) error {
	if after.Before == nil {
		return nil
	}
	was, is := after.Before.Value, after.Value
	is.Status, is.Verification, is.FeeRefunded, is.SupersededBy = was.Status, was.Verification, was.FeeRefunded, was.SupersededBy
	is.UpdatedAt, is.ConsentGivenAt, is.CompletedAt = was.UpdatedAt, was.ConsentGivenAt, was.CompletedAt
	return wrong(!reflect.DeepEqual(was, is), "it is another one")
}

// told checks the entries of a commit: one, or two if the deadline came first.
func told(after *life) error {
	status, head := "", audit.Head{}
	if after.Before != nil {
		status, head = string(after.Before.Value.Status), after.Before.Head
	}
	for _, e := range after.Change.Entries {
		sealed, _ := audit.Append(head, e)
		to, _, row := idpass.Machine.Next(e.From, e.Event)
		switch {
		case sealed.Hash != e.Hash || e.Seq != head.Seq+1 || e.From != status:
			return fmt.Errorf("entry %d from %q does not follow entry %d", e.Seq, e.From, head.Seq)
		case (e.Verdict == audit.Moved) != (e.To != e.From), e.Verdict == audit.Moved && (!row || to != e.To), e.Verdict == audit.Ignored && e.Why != "no_row":
			return fmt.Errorf("the entry says %s by %s, from %q to %q", e.Verdict, e.Event, e.From, e.To)
		case e.Actor.Organization != after.Value.OrganizationID || !idpass.Machine.By(idpass.Event(e.Event), e.Actor.Kind):
			return fmt.Errorf("%s by a %s of %q", e.Event, e.Actor.Kind, e.Actor.Organization)
		}
		status, head = e.To, e.Head()
	}
	return wrong(status != string(after.Value.Status) || len(after.Change.Entries) > 2, "%d entries lead to %q", len(after.Change.Entries), status)
}
