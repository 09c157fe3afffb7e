package storetest

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"strings"
	"time"

	"github.com/kycle/kycle/refund"
	"github.com/kycle/kycle/store"
)

func exactCases[A any]() []testCase[A] {
	return []testCase[A]{
		{6, "organizations never meet", "another organization's record is not found, never forbidden", organizations[A]},
		{6, "organizations never meet in a race", "equal ids and exclusive keys of two of them are no rivals", raceOrganizations[A]},
		{6, "a record is found by id, exclusive key and session", "and by nothing else", found[A]},
		{6, "text comes back exactly", "names and reasons are in every script", exactText[A]},
		{6, "amounts, bytes and times come back exactly", "what was hashed must be what is read", exactNumbers[A]},
		{6, "bad text is refused", "a database that drops or replaces it alters evidence", badText[A]},
		{6, "a microsecond decides", "what is due and what is newer is told by the time as it was given", exactIndex[A]},
		{6, "texts that look alike are not the same", "a collation that folds them lets one customer's event silence another's", alike[A]},
	}
}

func organizations[A any](s *suite[A]) {
	var changes []store.Change[A]
	for i, organization := range []string{"org_a", "org_b", "ORG_A", "org_a "} {
		f := facts(1)
		f.Organization, f.Session, f.Note = organization, facts(i).Session, organization
		c := s.change(store.Record[A]{}, f, with{effects: []string{refund.Charged}, receipts: map[string]string{"key": organization}})
		s.commit(c)
		changes = append(changes, c)
	}
	for _, c := range changes {
		s.is(c)
		index := s.Index(c.Next)
		s.books(index.Key(), 1, 1)
		if got := s.load(index.Key(), "key").Receipts["key"]; got != index.Organization {
			s.Fatalf("the receipt of %q is that of %q", index.Organization, got)
		}
		if got := s.load(store.Key{Organization: index.Organization, ExclusiveKey: index.ExclusiveKey}); !s.Equal(got.Value, c.Next) {
			s.Fatalf("the exclusive key of %q finds %+v", index.Organization, got.Value)
		}
		s.lists(store.Query{Organization: index.Organization, Owner: index.Owner, Limit: 9}, []store.Index{index}, 1)
	}
	index := s.Index(changes[0].Next)
	for _, organization := range []string{"org_c", "", "Org_a", " org_a"} {
		s.missing(store.Key{Organization: organization, ID: index.ID})
		s.missing(store.Key{Organization: organization, ExclusiveKey: index.ExclusiveKey})
		s.books(store.Key{Organization: organization, ID: index.ID}, 0, 0)
		s.lists(store.Query{Organization: organization, Owner: index.Owner, Limit: 9}, nil, 0)
	}
}

func raceOrganizations[A any](s *suite[A]) {
	for n := range rounds {
		changes := make([]store.Change[A], rivals)
		for i := range changes {
			f := facts(n)
			f.Organization, f.Session = fmt.Sprint("org_", i), facts(n*rivals+i).Session
			changes[i] = s.change(store.Record[A]{}, f, with{effects: []string{refund.Charged}})
		}
		errs := s.race(rivals, func(i int, repo store.Repository[A]) error { return repo.Commit(s.ctx, changes[i]) })
		if err := errors.Join(errs...); err != nil {
			s.Fatalf("commit: %v", err)
		}
		for _, c := range changes {
			s.is(c)
			s.books(s.Index(c.Next).Key(), 1, 1)
		}
	}
}

func found[A any](s *suite[A]) {
	f := facts(1)
	c := s.create(f)
	s.create(facts(2))
	index := s.Index(c.Next)
	keys := []store.Key{f.key(), {Organization: f.Organization, ExclusiveKey: index.ExclusiveKey}}
	if index.Session != "" {
		keys = append(keys, store.Key{Session: index.Session})
	}
	for _, key := range keys {
		if got := s.load(key); !s.Equal(got.Value, c.Next) || got.Version != 1 || got.Head.Seq != 1 {
			s.Fatalf("%+v finds %+v", key, got)
		}
	}
	for _, key := range []store.Key{
		{}, {Organization: f.Organization}, facts(3).key(), {Organization: f.Organization, ExclusiveKey: index.ExclusiveKey + " "},
		{Session: "unknown"}, {Session: index.Session + " "}, {Organization: "org_a\x00", ID: f.ID}, {Session: "\xff"},
	} {
		if _, err := s.two.Load(s.ctx, key); !errors.Is(err, store.ErrNotFound) && !errors.Is(err, store.ErrText) {
			s.Errorf("load of %+v: error %v, want %v", key, err, store.ErrNotFound)
		}
	}
}

var texts = []string{
	"", " a b  ", "line\r\nline\ttab", `"quoted" \ back 'single' ; -- $1 ?`, "e\u0301 and \u00e9 are two", "日本語, עברית, हिन्दी",
	"👩‍👩‍👧 \U0010ffff", "\ufeffmark, \u2028 and \u2029", "\ufffd stands for itself", "\x01\x1f\x7f", `{"a":[1,null]}`, "<&>",
	strings.Repeat("long ", 1600),
}

func exactText[A any](s *suite[A]) {
	for i, text := range texts {
		f := facts(i).noted(text)
		receipts := map[string]string{"key " + text: text}
		c := s.change(store.Record[A]{}, f, with{receipts: receipts, salt: []byte("salt"), body: []byte(fmt.Sprintf(`{"reason":%q}`, text))})
		s.commit(c)
		s.is(c)
		s.books(f.key(), 1, 0)
		if got := s.load(f.key(), "key "+text).Receipts; !maps.Equal(got, receipts) {
			s.Fatalf("receipts %q, want %q", got, receipts)
		}
		if got := s.history(f.key(), 0, 0).Entries[0].Body; string(got) != string(c.Entries[0].Body) {
			s.Fatalf("body %q, want %q", got, c.Entries[0].Body)
		}
	}
}

func exactNumbers[A any](s *suite[A]) {
	times := []time.Time{
		epoch, epoch.Add(time.Microsecond), time.Unix(0, 0).UTC(), time.Date(1969, 12, 31, 23, 59, 59, 999999000, time.UTC),
		time.Date(2261, 1, 2, 3, 4, 5, 6000, time.UTC),
	}
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	for i, at := range times {
		f := facts(i)
		f.Created, f.Due = at, at.Add(time.Hour+time.Microsecond)
		amount := []int64{1, math.MaxInt64, 1 << 53, 1<<53 + 1, 999}[i]
		c := s.change(store.Record[A]{}, f, with{at: at, amount: amount, effects: []string{refund.Charged}, salt: every, body: []byte(`{}`)})
		s.commit(c)
		s.is(c)
		s.books(f.key(), 1, 1)
		h := s.history(f.key(), 0, 0)
		e, p := h.Entries[0], h.Postings[0]
		if !e.OccurredAt.Equal(at) || !p.At.Equal(at) || p.Minor != amount || string(e.Salt) != string(every) {
			s.Fatalf("entry of %v, posting of %d at %v; want %d at %v", e.OccurredAt, p.Minor, p.At, amount, at)
		}
		want := c.Postings[0]
		if p.At = want.At; p != want {
			s.Fatalf("posting %+v, want %+v", p, want)
		}
	}
}

func badText[A any](s *suite[A]) {
	for i, bad := range []string{"\x00", "a\x00b", "\xff", "a\xc3", "\xed\xa0\x80"} {
		f := facts(i)
		spoil := map[string]func(f *Facts, w *with){
			"session":             func(f *Facts, _ *with) { f.Session = bad },
			"organization":        func(f *Facts, _ *with) { f.Organization = bad },
			"note":                func(f *Facts, _ *with) { f.Note = bad },
			"receipt key":         func(_ *Facts, w *with) { w.receipts = map[string]string{bad: ""} },
			"receipt fingerprint": func(_ *Facts, w *with) { w.receipts = map[string]string{"key": bad} },
			"body":                func(_ *Facts, w *with) { w.salt, w.body = []byte{1}, []byte(bad) },
			"reason":              func(_ *Facts, w *with) { w.why = bad },
		}
		if s.Index(s.Make(f)).Session == "" {
			delete(spoil, "session")
		}
		for where, spoil := range spoil {
			f, w := f, with{effects: []string{refund.Charged}}
			spoil(&f, &w)
			err := s.one.Commit(s.ctx, s.change(store.Record[A]{}, f, w))
			if !errors.Is(err, store.ErrText) {
				s.Errorf("%q as %s: error %v, want %v", bad, where, err, store.ErrText)
			}
		}
		s.missing(f.key())
		s.create(f)
	}
}

func exactIndex[A any](s *suite[A]) {
	f, g := facts(1), facts(2)
	g.Owner, g.Exclusive = f.Owner, false
	f.Due, g.Due = epoch.Add(2*time.Microsecond), epoch.Add(time.Microsecond)
	f.Created, g.Created = epoch.Add(999_998*time.Microsecond), epoch.Add(999_999*time.Microsecond)
	older, newer := s.Index(s.create(f).Next), s.Index(s.create(g).Next)
	s.lists(store.Query{Organization: f.Organization, Owner: f.Owner, Limit: 9}, []store.Index{newer, older}, 2)
	s.due(epoch, 0, 9, nil)
	s.due(epoch.Add(time.Microsecond), 0, 9, []store.Key{g.key()})
	s.due(epoch.Add(2*time.Microsecond), 0, 9, []store.Key{g.key(), f.key()})
}

// lookalikes are different texts that a collation, a trim or a normalization might take
// for one another.
var lookalikes = []string{
	"key", "KEY", "key ", " key", "caf\u00e9", "cafe\u0301", "stra\u00dfe", "strasse", "\u212bngstr\u00f6m", "\u00c5ngstr\u00f6m",
	"👩", "👩\u200d", "\u0131", "i", "1", "01", "1.0", "%", "_", "k%",
}

func alike[A any](s *suite[A]) {
	receipts := map[string]string{}
	for i, text := range lookalikes {
		receipts[text] = fmt.Sprint(i)
	}
	f := facts(0)
	s.commit(s.change(store.Record[A]{}, f, with{receipts: receipts}))
	for i, text := range lookalikes {
		if got := s.load(f.key(), text).Receipts; len(got) != 1 || got[text] != fmt.Sprint(i) {
			s.Fatalf("the receipt %q is %q, want %d alone", text, got, i)
		}
	}
	for i, text := range lookalikes {
		c := s.change(store.Record[A]{}, withText(facts(1+i), text), with{})
		s.commit(c)
		receipts[text] = s.Index(c.Next).Session
	}
	for i, text := range lookalikes {
		s.is(s.change(store.Record[A]{}, withText(facts(1+i), text), with{}))
		session := store.Key{Session: receipts[text]}
		if session.Session == "" {
			continue // this aggregate has no sessions
		}
		if got := s.Index(s.load(session).Value); got.Organization != text || got.ID != facts(1+i).ID {
			s.Fatalf("the session of %q finds %+v", text, got)
		}
	}
}

func withText(f Facts, text string) Facts {
	f.Organization, f.Session = text, text
	return f
}
