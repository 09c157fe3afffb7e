package storetest

import (
	"context"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/store"
)

// Subject is what the suite must know of an aggregate and of the storage under test.
type Subject[A any] struct {
	// Kind is the kind of the audit entries' subjects.
	Kind string
	// Open gives two handles on one new and empty store: two connections or pools, as two
	// processes would have them. It is called once a case; clean up with t.Cleanup.
	Open func(t *testing.T) (one, two store.Repository[A])
	// Make gives a value with these facts: equal values for equal facts, sharing nothing.
	Make func(Facts) A
	// Index gives the facts of a value, as store.Schema does.
	Index func(A) store.Index
	// Equal compares two values; nil means reflect.DeepEqual.
	Equal func(a, b A) bool
}

// Facts are the few things that the suite asks of a value. Everything else about it is
// Make's to choose, and the suite reads it back through Index.
type Facts struct {
	Organization string
	ID           uuid.UUID
	Owner        string // a UUID in lower case: an entity, an applicant
	// Exclusive: the value holds its owner's exclusive key. Values with one organization and
	// owner want the same key. A validation holds it while it is its entity's newest.
	Exclusive bool
	// Ended: the value is in a final status, otherwise in the one it is created in. Never
	// asked for together with Exclusive, since a pass that has ended gives up its slot.
	Ended   bool
	Status  string    // "": as Ended says; to be left out where an aggregate has statuses of its own alone
	Session string    // unique; to be left out where the aggregate has none
	Due     time.Time // zero: none; in microseconds, UTC
	DueRank uint8     // to be left out where all that the aggregate owes has one rank
	Created time.Time // in microseconds, UTC
	Note    string    // any text; the value holds it unaltered, or the store refuses it
}

// Run runs every case as a subtest, each on a store of its own. The cases of promises that
// a store need not give, those of store.Counter, are skipped where it does not give them,
// and say so.
func Run[A any](t *testing.T, subject Subject[A]) {
	t.Helper()
	subject = subject.complete()
	for _, c := range cases[A]() {
		t.Run(fmt.Sprintf("promise %d: %s", c.promise, c.name), func(t *testing.T) {
			t.Cleanup(func() {
				if t.Failed() {
					t.Logf("broken: promise %d. %s\nthe case: %s", c.promise, promises[c.promise-1], c.why)
				}
			})
			s := &suite[A]{reporter: t, Subject: subject, ctx: context.Background()}
			s.one, s.two = subject.Open(t)
			c.run(s)
		})
	}
}

// complete fills in what may be left out.
func (s Subject[A]) complete() Subject[A] {
	if s.Equal == nil {
		s.Equal = func(a, b A) bool { return reflect.DeepEqual(a, b) }
	}
	return s
}

// testCase is one case of the suite.
type testCase[A any] struct {
	promise int // from 1
	name    string
	why     string
	run     func(*suite[A])
}

func cases[A any]() []testCase[A] {
	var all []testCase[A]
	for _, some := range [][]testCase[A]{
		commitCases[A](), raceCases[A](), outcomeCases[A](), keyCases[A](),
		exactCases[A](), ownCases[A](), historyCases[A](), listCases[A](), dueCases[A](), cancelCases[A](), countCases[A](),
	} {
		all = append(all, some...)
	}
	return all
}

// promises are those of the package comment of store, word for word: a test keeps the
// two equal. A case prints the one that it saw broken.
var promises = []string{
	"Commit is all or nothing over state, entries, postings and receipts of one " +
		"record, or of a new record and the one it replaces, the one replaced first. No other " +
		"combination is ever asked for.",
	"Commit succeeds only if every record is at the version its Change expects " +
		"(0: it must not exist), and leaves it at one more. The version decides, not the status: " +
		"a status may come round again.",
	"Of any number of writers racing on one version, or on one exclusive key, " +
		"exactly one succeeds; the others get ErrConflict, never an error of the driver. A stale " +
		"version is told before a duplicate key. An exclusive key that a record outside the commit " +
		"holds is a conflict too, and so is the session of another record.",
	"A Commit that returns no error is there, for every reader. One that returns " +
		"an error other than ErrUnknownOutcome has left nothing. ErrUnknownOutcome says that the " +
		"change may be there or may yet appear; Update settles it by the entry that carries the " +
		"call's id.",
	"Postings and receipts belong to their record. A posting's key is there once " +
		"in an organization, a receipt's once in a record, for ever; a second one is " +
		"ErrDuplicate.",
	"Organizations never meet, even with equal ids and keys. Strings, bytes, " +
		"amounts and microsecond times come back exactly as they went in. Text with NUL or " +
		"invalid UTF-8 is refused with ErrText. What the caller handed in is neither kept nor " +
		"changed, and what a load returns is the caller's.",
	"A history can be appended to and read, never changed, through the port. Its " +
		"entries come back in sequence, its postings in the order of theirs; an entry that can " +
		"no longer be read comes back marked, so that audit.Verify can name it.",
	"List orders newest first, ties by id, and pages of one listing neither " +
		"repeat nor leave out a record that was there throughout. Due orders by rank, the lowest " +
		"first, then by time, ties by id: no number of records of one rank keeps those of a lower " +
		"rank from their turn. It leases what it returns: until the lease ends, or the record is " +
		"committed, no other call returns it.",
	"A context that has ended ends every method with an error that wraps " +
		"context.Cause, and nothing is done. Where it ends under way the method gives its " +
		"answer or such an error, and a Commit keeps promise 4.",
	"Count tells each status that a record of the organization has, or of any " +
		"where none is named, once, in order of the status, and no status that none has. A count " +
		"is exact up to most, and beyond it most and More.",
	"A Count is of one moment: a record that changes its status meanwhile is " +
		"counted once.",
}
