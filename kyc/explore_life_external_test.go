package kyc_test

import (
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/internal/shelf"
	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/kyc/kyctest"
	"github.com/kycle/kycle/lifecycle"
)

// life is one validation as one commit left it.
type life = shelf.Life[kyc.Validation]

func subjectOf(l *life) audit.Subject {
	return audit.Subject{Organization: l.Value.OrganizationID, Kind: kyc.Kind, ID: l.Value.ID}
}

// wasSuperseded tells whether a newer validation exists, by what was written of it.
func wasSuperseded(l *life) bool {
	for ; l != nil; l = l.Before {
		for _, e := range l.Change.Entries {
			if e.Verdict == "superseded" {
				return true
			}
		}
	}
	return false
}

// stage is where a search stands: the validations of one entity in the order of their
// creation, the clock, and what came last. A stage never changes.
type stage struct {
	lives  []*life
	now    time.Time
	pace   time.Duration // until the next thing comes
	newest kyc.Word      // of all words that the first validation ever heard
	came   came
}

// came is what brought the search to a stage, for the rules that judge steps.
type came struct {
	in      *kyc.Input // nil: it was no input of one decision
	when    instant    // of its word
	verdict lifecycle.Verdict
	why     string
	err     error
}

// next is when the next thing comes.
func (s *stage) next() time.Time { return s.now.Add(s.pace) }

// then is the stage one step on. Each step takes half as long as the one before, so that
// all steps to come are shorter than any time between two that were: what lies ahead stays
// ahead, until a step passes it.
func (s *stage) then(now time.Time, lives ...*life) *stage {
	return &stage{lives: lives, now: now, pace: s.pace / 2, newest: s.newest}
}

func (s *stage) show() string {
	all := make([]string, len(s.lives))
	for i, l := range s.lives {
		all[i] = showLife(l, s.next())
	}
	return strings.Join(all, "; then ")
}

func showLife(l *life, now time.Time) string {
	v := &l.Value
	list := []string{string(v.Status)}
	add := func(is bool, text string) {
		if is {
			list = append(list, text)
		}
	}
	add(v.DecidedByHand, "by hand")
	add(v.IsCurrent, "current")
	add(v.SupersededBy != uuid.Nil, "superseded")
	add(v.Charged, "charged")
	add(!v.TerminationOwed.IsZero(), "termination owed")
	add(v.TerminationNext.After(now), "which waits")
	add(!v.ExpiresAt.IsZero() && !v.ExpiresAt.Before(now), "deadline ahead")
	add(!v.ExpiresAt.IsZero() && v.ExpiresAt.Before(now), "deadline past")
	if said := v.LastWord.Status; said != "" && string(said) != string(v.Status) {
		list = append(list, "last word "+string(said))
	}
	return strings.Join(list, ", ")
}

// key is what decides the future of one validation. Times are in it by their order alone:
// see instant.
type key struct {
	status                          kyc.Status
	byHand, charged, owed, replaced bool
	overdue, waits                  bool // of the deadline, and of the next try to terminate
	last                            kyc.ProviderStatus
	lastToCreation, readingToLast   int // before, at, after: -1, 0, 1; 2: there is none
}

func keyOf(l *life, now time.Time) key {
	v := &l.Value
	k := key{
		status: v.Status, byHand: v.DecidedByHand, charged: v.Charged, owed: !v.TerminationOwed.IsZero(), replaced: v.SupersededBy != uuid.Nil,
		overdue: !v.ExpiresAt.IsZero() && v.ExpiresAt.Before(now), waits: v.TerminationNext.After(now), last: v.LastWord.Status, lastToCreation: 2, readingToLast: 2,
	}
	if v.LastWord.Status != "" {
		k.lastToCreation = v.LastWord.At.Compare(v.CreatedAt)
	}
	if !v.LastReading.IsZero() {
		k.readingToLast = v.LastReading.Compare(v.LastWord.At)
	}
	return k
}

var (
	someone = kyc.Actor{Organization: kyctest.Organization, Kind: audit.Person, ID: "user_a"}
	outside = kyc.Actor{Kind: audit.Provider, ID: kyctest.Code}
	alarm   = kyc.Actor{Organization: kyctest.Organization, Kind: audit.Clock, ID: "deadline"}
)

// dated is an id that no other time and place in a search has.
func dated(now time.Time, n byte) uuid.UUID {
	id := uuid.UUID{6: 0x80, 8: 0x80, 15: n}
	at := now.UnixMicro()
	for i := range 6 {
		id[i] = byte(at >> (8 * i))
	}
	return id
}
