package store_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/fault"
	"github.com/kycle/kycle/store/storetest"
)

// With no attempt left, a commit in doubt is looked for once more.
func TestUpdateSettlesItsLastAttempt(t *testing.T) {
	for _, row := range []struct {
		name, why string
		commit    func(real func() error) error
		broken    bool // the repository cannot be read any more
		want      []error
	}{
		{"it happened", "the entry with the call's id is there: a host's one attempt is a success",
			func(real func() error) error { return errors.Join(store.ErrUnknownOutcome, real()) }, false, nil},
		{"it did not", "nobody can know whether it still will",
			func(func() error) error { return store.ErrUnknownOutcome }, false, []error{store.ErrUnknownOutcome}},
		{"it happened, and nothing can be read", "what cannot be seen stays in doubt",
			func(real func() error) error { return errors.Join(store.ErrUnknownOutcome, real()) }, true, []error{store.ErrUnknownOutcome}},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := newScripted(t)
			s.commit = func(s *scripted, _ int, real func() error) error {
				if row.broken {
					s.load = func() error { return errBreak }
				}
				return row.commit(real)
			}
			err := update(t.Context(), s, store.Limits{Attempts: 1}, func(found store.Record[thing]) ([]store.Change[thing], error) {
				return []store.Change[thing]{decided(found, call, "done")}, nil
			})
			wants(t, row.why, err, row.want...)
		})
	}
}

// A rival's commit makes the one in doubt impossible, and comes only after the decision was
// refused. One more attempt sees it, and the caller hears a plain refusal.
func TestUpdateInDoubtAndRefusedLooksAgain(t *testing.T) {
	s, decisions := newScripted(t), 0
	s.commit = func(*scripted, int, func() error) error { return store.ErrUnknownOutcome }
	err := update(t.Context(), s, store.Limits{}, func(found store.Record[thing]) ([]store.Change[thing], error) {
		switch decisions++; decisions {
		case 1:
			return []store.Change[thing]{decided(found, call, "mine")}, nil
		case 2:
			s.overtake()
		}
		return nil, errBreak
	})
	if err != errBreak || decisions != 3 {
		t.Errorf("error %v after %d decisions, want the refusal alone after 3", err, decisions)
	}
}

// In doubt, and then the history cannot be read: it is not decided again, for the first
// commit may be there.
func TestUpdateInDoubtNeedsTheHistory(t *testing.T) {
	f := fault.New(newScripted(t).Store, fault.Always(fault.Commit, fault.LostAnswer), fault.Always(fault.History, fault.Fail(errBreak)))
	decisions := 0
	err := update(t.Context(), f, store.Limits{}, func(found store.Record[thing]) ([]store.Change[thing], error) {
		decisions++
		return []store.Change[thing]{decided(found, call, "done")}, nil
	})
	wants(t, "nothing settles it", err, store.ErrUnknownOutcome, errBreak)
	if decisions != 1 {
		t.Errorf("%d decisions, want 1", decisions)
	}
}

// A commit in doubt stays so while later attempts write no entry: it is looked for, and not
// decided once more.
func TestUpdateInDoubtRemembersItOverAStay(t *testing.T) {
	s, decisions := newScripted(t), 0
	var late func() error
	s.commit = func(_ *scripted, n int, real func() error) error {
		if n == 1 {
			late = real
			return store.ErrUnknownOutcome
		}
		return errors.Join(store.ErrUnknownOutcome, late())
	}
	err := update(t.Context(), s, store.Limits{}, func(found store.Record[thing]) ([]store.Change[thing], error) {
		c := decided(found, call, "done")
		if decisions++; decisions > 1 {
			c.Entries = nil
		}
		return []store.Change[thing]{c}, nil
	})
	wants(t, "the first commit appeared", err)
	if decisions != 2 || s.written() != 1 {
		t.Errorf("%d decisions and %d entries, want 2 and 1", decisions, s.written())
	}
}

// The error tells what the repository saw, in doubt and after a lost race.
func TestUpdateTellsWhatWasSeen(t *testing.T) {
	for _, row := range []struct {
		name, why string
		said      error
		want, but error
	}{
		{"in doubt", "an operator looks for the cause", store.ErrUnknownOutcome, store.ErrUnknownOutcome, store.ErrConflict},
		{"a lost race", "the same", store.ErrConflict, store.ErrConflict, store.ErrUnknownOutcome},
		{"a duplicate to the end", "it is a conflict that nobody told as one", store.ErrDuplicate, store.ErrConflict, store.ErrDuplicate},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := newScripted(t)
			s.commit = func(*scripted, int, func() error) error { return fmt.Errorf("%w: %w", row.said, errBreak) }
			err := update(t.Context(), s, store.Limits{Attempts: 3}, func(found store.Record[thing]) ([]store.Change[thing], error) {
				return []store.Change[thing]{decided(found, call, "done")}, nil
			})
			if !errors.Is(err, row.want) || errors.Is(err, row.but) || !strings.Contains(err.Error(), errBreak.Error()) {
				t.Errorf("error %v, want %v with what was seen, and not %v: %s", err, row.want, row.but, row.why)
			}
		})
	}
}

// A new record and a holder whose change has no entry are one commit: the entry of the new
// record tells that both happened.
func TestUpdateSettlesByTheEntryThatThereIs(t *testing.T) {
	s := newScripted(t)
	s.commit = func(_ *scripted, n int, real func() error) error {
		if err := real(); err != nil || n > 1 {
			return err
		}
		return store.ErrUnknownOutcome
	}
	next := key
	next.ID[0]++
	made, _ := audit.Append(audit.Head{}, audit.Entry{
		Subject: audit.Subject{Organization: next.Organization, Kind: "thing", ID: next.ID}, Call: call, Event: "made", Verdict: audit.Moved,
	})
	decisions := 0
	err := update(t.Context(), s, store.Limits{}, func(found store.Record[thing]) ([]store.Change[thing], error) {
		decisions++
		return []store.Change[thing]{{Next: noted("replaced"), Expect: found.Version}, {
			Next:    storetest.MakeThing(storetest.Facts{Organization: next.Organization, ID: next.ID, Owner: "owner", Created: created}),
			Entries: []audit.Entry{made},
		}}, nil
	})
	if err != nil || decisions != 1 {
		t.Errorf("error %v after %d decisions, want none after 1: the record is there", err, decisions)
	}
}
