package memory_test

import (
	"testing"

	"github.com/google/uuid"

	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/memory"
	"github.com/kycle/kycle/store/storetest"
)

func TestStorePromises(t *testing.T) {
	storetest.Run(t, storetest.Things(func(*testing.T) (one, two store.Repository[storetest.Thing]) {
		s := memory.New(storetest.ThingSchema())
		return s, s
	}))
}

func make1(note string, expect uint64) store.Change[storetest.Thing] {
	id := uuid.MustParse("30000000-0000-4000-8000-000000000003")
	return store.Change[storetest.Thing]{
		Next:   storetest.MakeThing(storetest.Facts{Organization: "org_a", ID: id, Owner: "owner", Note: note}),
		Expect: expect,
	}
}

func TestUnfitChangesAreRefused(t *testing.T) {
	for _, c := range []struct {
		name, why string
		changes   func() []store.Change[storetest.Thing]
	}{
		{"three records", "no operation needs more than two", func() []store.Change[storetest.Thing] {
			return []store.Change[storetest.Thing]{make1("a", 1), make1("b", 2), make1("c", 3)}
		}},
		{"one record twice", "nor one of them twice", func() []store.Change[storetest.Thing] {
			return []store.Change[storetest.Thing]{make1("a", 1), make1("b", 1)}
		}},
		{"another exclusive key", "it is taken at creation and given up for good", func() []store.Change[storetest.Thing] {
			c := make1("a", 1)
			c.Next.ExclusiveKey = "another"
			return []store.Change[storetest.Thing]{c}
		}},
		{"another session", "a session is set at creation", func() []store.Change[storetest.Thing] {
			c := make1("a", 1)
			c.Next.Session = "another"
			return []store.Change[storetest.Thing]{c}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := memory.New(storetest.ThingSchema())
			if err := s.Commit(t.Context(), make1("made", 0)); err != nil {
				t.Fatalf("commit: %v", err)
			}
			if err := s.Commit(t.Context(), c.changes()...); err == nil {
				t.Errorf("taken: %s", c.why)
			}
			record, err := s.Load(t.Context(), store.Key{Organization: "org_a", ID: make1("", 0).Next.ID})
			if err != nil || record.Version != 1 || record.Value.Note != "made" {
				t.Errorf("left %+v, error %v", record, err)
			}
		})
	}
}
