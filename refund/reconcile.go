package refund

import (
	"fmt"
	"time"

	"github.com/google/uuid"
)

// Cause is one posting as an audit entry names it, and when the entry was recorded.
type Cause struct {
	Seq  uint64
	Line string
	At   time.Time
}

// cause is a Cause that can be a key: times are told to the microsecond.
type cause struct {
	seq   uint64
	line  string
	micro int64
}

func (c Cause) key() cause { return cause{c.Seq, c.Line, c.At.UnixMicro()} }

// Difference is one way in which the books and the audit trail do not agree.
type Difference struct {
	Seq     uint64    // the audit entry concerned
	Key     uuid.UUID // of the posting; zero where there is only the entry
	Problem string
}

func (d Difference) String() string {
	return fmt.Sprintf("entry %d, posting %s: %s", d.Seq, d.Key, d.Problem)
}

// Reconcile compares what one subject's audit entries say they posted with the postings
// that are there, both ways, and the postings with each other. It returns every
// difference; none means that the books agree.
func Reconcile(s Subject, causes []Cause, postings []Posting) []Difference {
	var found []Difference
	add := func(seq uint64, key uuid.UUID, problem string) {
		found = append(found, Difference{seq, key, problem})
	}
	claimed, there, byKey := map[cause]int{}, map[cause]bool{}, map[uuid.UUID]Posting{}
	for _, c := range causes {
		claimed[c.key()]++
	}
	for _, p := range postings {
		if _, twice := byKey[p.Key]; twice {
			add(p.Seq, p.Key, "posted twice")
		}
		byKey[p.Key] = p
	}
	for _, p := range postings {
		c := Cause{p.Seq, p.Line(), p.At}.key()
		there[c] = true
		if p.Subject != s {
			add(p.Seq, p.Key, "belongs to another subject")
		}
		if p.Check() != nil {
			add(p.Seq, p.Key, "key, kind, amount and what it reverses do not belong together")
		}
		if charge := byKey[p.Reverses]; p.Kind == Refund && (charge.Kind != Charge || charge.Amount != p.Amount) {
			add(p.Seq, p.Key, "refunds no charge of that amount")
		}
		if claimed[c] == 0 {
			add(p.Seq, p.Key, "no audit entry names it so")
		}
	}
	for _, c := range causes {
		if !there[c.key()] {
			add(c.Seq, uuid.Nil, "is not there: "+c.Line)
		}
		if claimed[c.key()] > 1 {
			add(c.Seq, uuid.Nil, "an audit entry names it twice: "+c.Line)
			claimed[c.key()] = 1 // said once
		}
	}
	return found
}
