package payout

import (
	"slices"
	"time"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/lifecycle"
)

// Facts is what the rules of a row may look at.
type Facts struct {
	Actor  audit.Actor
	Payout *Payout // as it stands before the event, not to be changed
	Now    time.Time
}

// The rules of the table. On the instant of the deadline an approval is still in time.
var (
	verified = only("the payee is a verified person", "unverified", func(f Facts) bool { return f.Payout.Verified })
	inTime   = only("the deadline does not lie in the past", "too_late", func(f Facts) bool { return !f.Payout.overdue(f.Now) })
	overdue  = only("the deadline lies in the past", "not_due", func(f Facts) bool { return f.Payout.overdue(f.Now) })
	notOwn   = only("another person requested it", "own_request", func(f Facts) bool { return f.Actor.ID != f.Payout.RequestedBy })
	first    = only("nobody has approved it", "approved_before", func(f Facts) bool { return len(f.Payout.ApprovedBy) == 0 })
	second   = only("somebody has approved it", "not_approved", func(f Facts) bool { return len(f.Payout.ApprovedBy) > 0 })
	another  = only("another person approved", "same_person", func(f Facts) bool { return !slices.Contains(f.Payout.ApprovedBy, f.Actor.ID) })
)

func only(name, code string, holds func(Facts) bool) lifecycle.Rule[Facts] {
	return lifecycle.Rule[Facts]{Name: name, Code: code, Holds: holds}
}
