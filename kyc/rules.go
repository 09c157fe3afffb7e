package kyc

import (
	"time"

	"github.com/google/uuid"
)

// Facts is what the rules of a row may look at.
type Facts struct {
	Actor      Actor
	Validation *Validation    // as it stands before the event, not to be changed; nil: there is none yet
	Reading    ProviderStatus // what a reading begun by this very call said; "": none succeeded
	Word       Word           // the provider's word that is judged
	LastWord   Word           // the newest one heard before
	Newer      uuid.UUID      // the newer validation that this commit creates; zero: none
	Now        time.Time
}

// The rules of the table. A host's own rows may ask them too (Extend).
var (
	// FreshlySynced is spec 1.3. That the status is in_review too is in the rows: it is
	// judged anew after every conflict, while the reading may be used again.
	FreshlySynced = Rule{
		Name:  "a reading of the provider begun by this very call says in_review",
		Code:  "not_freshly_synced",
		Holds: func(f Facts) bool { return f.Reading == ProviderInReview },
	}

	// Newer is spec 1.3: newest by the time at which it occurred, not at which it arrived.
	Newer = Rule{
		Name:  "it is newer than the provider's last word",
		Code:  "older",
		Holds: func(f Facts) bool { return f.Word.newer(f.LastWord) },
	}

	// Unprotected is seed 002, "Manual decisions are protected".
	Unprotected = Rule{
		Name:  "no decision made by hand stands",
		Code:  "protected",
		Holds: func(f Facts) bool { return f.Validation == nil || !f.Validation.DecidedByHand },
	}

	// Overdue is spec 1.3. On the instant of the deadline the customer is still in time.
	Overdue = Rule{
		Name:  "the deadline lies in the past",
		Code:  "not_due",
		Holds: func(f Facts) bool { return f.Validation != nil && f.Validation.overdue(f.Now) },
	}

	// Spec 1.9, "supersede".
	succeeded = Rule{
		Name:  "a newer validation is created in this commit",
		Code:  "no_newer",
		Holds: func(f Facts) bool { return f.Newer != uuid.Nil },
	}

	// Spec 1.9, "terminate".
	owed = Rule{
		Name:  "the termination is owed",
		Code:  "not_owed",
		Holds: func(f Facts) bool { return f.Validation != nil && !f.Validation.TerminationOwed.IsZero() },
	}
)
