package fault_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/fault"
	"github.com/kycle/kycle/store/memory"
	"github.com/kycle/kycle/store/storetest"
)

type thing = storetest.Thing

var (
	key     = store.Key{Organization: "org_a", ID: uuid.MustParse("30000000-0000-4000-8000-000000000003")}
	errDisk = errors.New("test: disk on fire")
)

func over(plans ...fault.Plan) *fault.Store[thing] {
	return fault.New(memory.New(storetest.ThingSchema()), plans...)
}

// change is one with an entry, on a record as it was loaded.
func change(on store.Record[thing], note string) store.Change[thing] {
	next := storetest.MakeThing(storetest.Facts{Organization: key.Organization, ID: key.ID, Owner: "owner", Note: note})
	e, _ := audit.Append(on.Head, audit.Entry{
		Subject: audit.Subject{Organization: key.Organization, Kind: "thing", ID: key.ID}, Event: "told", Verdict: audit.Moved,
	})
	return store.Change[thing]{Next: next, Expect: on.Version, Entries: []audit.Entry{e}}
}

func TestWithoutAPlanNothingGoesWrong(t *testing.T) {
	storetest.Run(t, storetest.Things(func(*testing.T) (one, two store.Repository[thing]) {
		s := memory.New(storetest.ThingSchema())
		return fault.New(s), fault.New(s, fault.Script(fault.Commit))
	}))
}

func TestEachFaultOfACommit(t *testing.T) {
	for _, c := range []struct {
		name, why string
		fault     fault.Fault
		want      error
		there     bool // once it has answered
		landed    bool // after the history was read
	}{
		{"none", "the commit is made", fault.None, nil, true, true},
		{"conflict", "a caller must decide anew for no reason at all", fault.Conflict, store.ErrConflict, false, false},
		{"error before", "nothing has happened", fault.Fail(errDisk), errDisk, false, false},
		{"lost request", "unknown, and it did not happen", fault.LostRequest, store.ErrUnknownOutcome, false, false},
		{"lost answer", "unknown, and it happened", fault.LostAnswer, store.ErrUnknownOutcome, true, true},
		{"late", "unknown, and it happens behind the back of who looks for it", fault.Late, store.ErrUnknownOutcome, false, true},
		{"wait", "a delay changes nothing", fault.Wait(func(context.Context) error { return nil }), nil, true, true},
		{"wait that fails", "it is not made", fault.Wait(func(context.Context) error { return errDisk }), errDisk, false, false},
		{"hold", "a delay changes nothing", fault.Hold(func(context.Context) error { return nil }), nil, true, true},
		{"hold that fails", "it is there all the same", fault.Hold(func(context.Context) error { return errDisk }), errDisk, true, true},
		{"stale", "only a read can be", fault.Stale, fault.ErrMisplaced, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := over(fault.Script(fault.Commit, c.fault))
			there := func() bool { _, err := s.Load(t.Context(), key); return err == nil }
			if err := s.Commit(t.Context(), change(store.Record[thing]{}, "made")); !errors.Is(err, c.want) {
				t.Errorf("error %v, want %v: %s", err, c.want, c.why)
			}
			if got := there(); got != c.there {
				t.Errorf("there %t, want %t: %s", got, c.there, c.why)
			}
			h, err := s.History(t.Context(), key, 0, 0)
			if seen := len(h.Entries) > 0; err != nil || seen != c.there || there() != c.landed {
				t.Errorf("seen in the history %t, then there %t, want %t and %t: %s", seen, there(), c.there, c.landed, c.why)
			}
		})
	}
}

func TestFaultsOfReads(t *testing.T) {
	calls := map[fault.Method]func(s *fault.Store[thing]) error{
		fault.Load:    func(s *fault.Store[thing]) error { _, err := s.Load(t.Context(), key); return err },
		fault.List:    func(s *fault.Store[thing]) error { _, err := s.List(t.Context(), store.Query{Limit: 1}); return err },
		fault.Due:     func(s *fault.Store[thing]) error { _, err := s.Due(t.Context(), time.Now(), 0, 1); return err },
		fault.History: func(s *fault.Store[thing]) error { _, err := s.History(t.Context(), key, 0, 0); return err },
		fault.Count:   func(s *fault.Store[thing]) error { _, err := s.Count(t.Context(), "", 1); return err },
	}
	for method, call := range calls {
		s := over()
		if err := s.Commit(t.Context(), change(store.Record[thing]{}, "made")); err != nil {
			t.Fatal(err)
		}
		s.Follow(fault.Script(method, fault.None, fault.Fail(errDisk), fault.Late))
		for n, want := range []error{nil, errDisk, fault.ErrMisplaced, nil} {
			if err := call(s); !errors.Is(err, want) {
				t.Errorf("method %d, call %d: %v, want %v", method, n+1, err, want)
			}
		}
		if s.Calls(method) != 4 || s.Calls(fault.Commit) != 1 {
			t.Errorf("method %d: counted %d", method, s.Calls(method))
		}
	}
}

// The version of a stale read is out of date, so what is decided on it meets a conflict.
func TestAStaleReadIsDecidedOnInVain(t *testing.T) {
	s := over(fault.Script(fault.Load, fault.Stale))
	if _, err := s.Load(t.Context(), key); !errors.Is(err, store.ErrNotFound) {
		t.Fatalf("what is not there cannot be stale: %v", err)
	}
	if err := s.Commit(t.Context(), change(store.Record[thing]{}, "made")); err != nil {
		t.Fatal(err)
	}
	s.Follow(fault.Script(fault.Load, fault.Stale))
	old, err := s.Load(t.Context(), key)
	if err != nil || old.Version != 1 {
		t.Fatal(old, err)
	}
	if err := s.Commit(t.Context(), change(old, "stale")); !errors.Is(err, store.ErrConflict) {
		t.Errorf("error %v, want %v", err, store.ErrConflict)
	}
	fresh, err := s.Load(t.Context(), key)
	if err != nil || fresh.Version != 2 || fresh.Value.Note != "made" || fresh.Head != old.Head {
		t.Errorf("the rival wrote %+v, %v: only the version may differ", fresh, err)
	}
}

func TestLandIsALateCommitsSecondWay(t *testing.T) {
	s := over(fault.Script(fault.Commit, fault.Late, fault.Late))
	made := change(store.Record[thing]{}, "made")
	for range 2 {
		if err := s.Commit(t.Context(), made); !errors.Is(err, store.ErrUnknownOutcome) {
			t.Fatal(err)
		}
	}
	if err := s.Land(t.Context()); !errors.Is(err, store.ErrConflict) {
		t.Errorf("the second lost to the first: %v", err)
	}
	if r, err := s.Load(t.Context(), key); err != nil || r.Version != 1 {
		t.Error(r, err)
	}
	if err := s.Land(t.Context()); err != nil {
		t.Errorf("nothing is late any more: %v", err)
	}
}

func TestPlans(t *testing.T) {
	f, g := fault.Fail(errDisk), fault.Conflict
	errs := func(plans ...fault.Plan) (got []error) {
		s := over(plans...)
		for range 6 {
			_, err := s.List(t.Context(), store.Query{})
			got = append(got, errors.Unwrap(err), err) // of a conflict, what it wraps
		}
		return got
	}
	none := errs()
	for _, c := range []struct {
		name, why string
		plans     []fault.Plan
		want      []fault.Fault
	}{
		{"script", "one by one, then nothing", []fault.Plan{fault.Script(fault.List, fault.None, f, g)}, []fault.Fault{{}, f, g, {}, {}, {}}},
		{"always", "each", []fault.Plan{fault.Always(fault.List, f)}, []fault.Fault{f, f, f, f, f, f}},
		{"every", "each third", []fault.Plan{fault.Every(3, fault.List, f)}, []fault.Fault{{}, {}, f, {}, {}, f}},
		{"two", "the first that has one", []fault.Plan{fault.Every(2, fault.List, g), fault.Always(fault.List, f)}, []fault.Fault{f, g, f, g, f, g}},
		{"another method's", "it is not asked for", []fault.Plan{fault.Always(fault.Load, f)}, make([]fault.Fault, 6)},
		{"certain", "a chance of 1", []fault.Plan{fault.Random(1, fault.List, 1, f)}, []fault.Fault{f, f, f, f, f, f}},
		{"no chance", "a chance of 0", []fault.Plan{fault.Random(1, fault.List, 0, f)}, make([]fault.Fault, 6)},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, want := errs(c.plans...), errs(fault.Script(fault.List, c.want...)); !slices.Equal(got, want) {
				t.Errorf("got %v, want %v: %s", got, want, c.why)
			}
		})
	}
	if a, b := errs(fault.Random(7, fault.List, 0.5, f, g)), errs(fault.Random(7, fault.List, 0.5, f, g)); !slices.Equal(a, b) || slices.Equal(a, none) {
		t.Errorf("equal seeds gave %v and %v", a, b)
	}
}
