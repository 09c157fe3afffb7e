package storetest

import (
	"errors"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/refund"
	"github.com/kycle/kycle/store"
)

func historyCases[A any]() []testCase[A] {
	return []testCase[A]{
		{7, "entries come back in sequence", "a chain read in another order does not verify", inSequence[A]},
		{7, "a history can be read in parts", "a long one must not be held at once", inParts[A]},
		{7, "who has no history has the empty one", "that is no error", emptyHistory[A]},
		{7, "an entry that is there cannot be written anew", "what was recorded stays, also against the writer", writtenAnew[A]},
	}
}

func inSequence[A any](s *suite[A]) {
	f := facts(1)
	var want []audit.Entry
	on := store.Record[A]{}
	for n := range 40 {
		w := with{call: name("call", n), entries: 1 + n%3, salt: []byte{0, 255, byte(n)}, body: []byte(`{"reason":"because"}`)}
		if n == 3 {
			w.effects = []string{refund.Charged}
		}
		if n == 20 {
			w.effects = []string{refund.Refunded}
		}
		c := s.change(on, f.noted("again"), w)
		s.commit(c)
		want = append(want, c.Entries...)
		on = s.load(f.key())
	}
	s.books(f.key(), len(want), 2)
	h := s.history(f.key(), 0, 0)
	for i, e := range h.Entries {
		if string(e.Encode()) != string(want[i].Encode()) {
			s.Fatalf("entry %d came back as %+v, want %+v", i+1, e, want[i])
		}
	}
	if first, second := h.Postings[0].Kind, h.Postings[1].Kind; first != refund.Charge || second != refund.Refund {
		s.Fatalf("postings %s, %s: not in the order of their entries", first, second)
	}
}

func inParts[A any](s *suite[A]) {
	f := facts(1)
	const count = 25
	s.commit(s.change(store.Record[A]{}, f, with{entries: count, effects: []string{refund.Charged}}))
	for _, limit := range []int{1, 7, count, count + 1, 0} {
		var next uint64
		for next < count {
			h := s.history(f.key(), next, limit)
			want := count - int(next)
			if limit > 0 {
				want = min(want, limit)
			}
			if len(h.Entries) != want || len(h.Postings) != 1 {
				s.Fatalf("after %d, limit %d: %d entries and %d postings, want %d and 1", next, limit, len(h.Entries), len(h.Postings), want)
			}
			for _, e := range h.Entries {
				if next++; e.Seq != next {
					s.Fatalf("limit %d: entry %d where %d should be", limit, e.Seq, next)
				}
			}
		}
	}
	for _, after := range []uint64{count, count + 1, 1<<64 - 1} {
		if h := s.history(f.key(), after, 0); len(h.Entries) != 0 || len(h.Postings) != 1 {
			s.Fatalf("after %d: %d entries and %d postings, want 0 and 1", after, len(h.Entries), len(h.Postings))
		}
	}
}

func emptyHistory[A any](s *suite[A]) {
	s.create(facts(1))
	s.books(facts(2).key(), 0, 0)
	f := facts(3)
	s.commit(s.change(store.Record[A]{}, f, with{entries: -1}))
	s.books(f.key(), 0, 0)
	if got := s.load(f.key()).Head; got != (audit.Head{}) {
		s.Fatalf("head %+v of an empty history", got)
	}
}

func writtenAnew[A any](s *suite[A]) {
	f := facts(1)
	made := s.change(store.Record[A]{}, f, with{entries: 2})
	s.commit(made)
	record := s.load(f.key())
	for _, head := range []audit.Head{{}, made.Entries[0].Head()} {
		forged := record
		forged.Head = head // the version is right, only the entry's place is not
		err := s.one.Commit(s.ctx, s.change(forged, f.noted("forged"), with{}))
		if err == nil || errors.Is(err, store.ErrUnknownOutcome) {
			s.Fatalf("an entry %d was taken where one is there: %v", head.Seq+1, err)
		}
		s.is(made)
		h := s.history(f.key(), 0, 0)
		for i, e := range h.Entries {
			if len(h.Entries) != 2 || e.Hash != made.Entries[i].Hash {
				s.Fatalf("the history was changed: %d entries", len(h.Entries))
			}
		}
	}
}
