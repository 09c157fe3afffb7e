package storetest

import (
	"maps"
	"reflect"

	"github.com/kycle/kycle/refund"
	"github.com/kycle/kycle/store"
)

// ownCases hold a store to what is whose: the caller's values and the answers it gives.
func ownCases[A any]() []testCase[A] {
	return []testCase[A]{
		{6, "what was handed in is not kept", "a caller may go on to use its own maps and bytes", notKept[A]},
		{6, "what a load returns is the caller's", "the next reader must not see the scribbles of this one", handedOut[A]},
	}
}

func notKept[A any](s *suite[A]) {
	f, w := facts(1), func() with {
		return with{
			effects: []string{refund.Charged}, receipts: map[string]string{"key": "1"},
			salt: []byte("salt"), body: []byte(`{"reason":"because"}`),
		}
	}
	given, same := s.change(store.Record[A]{}, f, w()), s.change(store.Record[A]{}, f, w())
	s.commit(given)
	if !reflect.DeepEqual(given.Entries, same.Entries) || !reflect.DeepEqual(given.Postings, same.Postings) ||
		!maps.Equal(given.Receipts, same.Receipts) || !s.Equal(given.Next, same.Next) {
		s.Fatalf("the commit changed what it was given")
	}
	scribble(reflect.ValueOf(&given).Elem())
	s.is(same)
	s.books(f.key(), 1, 1)
	if got := s.load(f.key(), "key").Receipts; !maps.Equal(got, same.Receipts) {
		s.Fatalf("receipts %v, want %v", got, same.Receipts)
	}
}

func handedOut[A any](s *suite[A]) {
	f := facts(1)
	w := with{effects: []string{refund.Charged}, receipts: map[string]string{"key": "1"}, salt: []byte("salt"), body: []byte(`{}`)}
	c := s.change(store.Record[A]{}, f, w)
	s.commit(c)
	q := store.Query{Organization: f.Organization, Owner: f.Owner, Limit: 1}
	for range 2 {
		s.is(c)
		s.books(f.key(), 1, 1)
		record, page, h := s.load(f.key(), "key"), s.list(q), s.history(f.key(), 0, 0)
		if len(page.Records) != 1 || !s.Equal(page.Records[0].Value, c.Next) || record.Receipts["key"] != "1" {
			s.Fatalf("loaded %+v, listed %+v", record, page)
		}
		scribble(reflect.ValueOf(&record).Elem())
		scribble(reflect.ValueOf(&page).Elem())
		scribble(reflect.ValueOf(&h).Elem())
	}
}

// scribble overwrites whatever a holder of v could overwrite for others too: the elements
// of slices, and maps. What stands behind a pointer is left alone, unless it is a plain
// value: it may belong to the program.
func scribble(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			scribble(v.Field(i))
		}
	case reflect.Slice:
		for i := range v.Len() {
			scribble(v.Index(i))
			if v.Index(i).CanSet() {
				v.Index(i).SetZero()
			}
		}
	case reflect.Map:
		if v.CanInterface() && !v.IsNil() {
			v.Clear()
		}
	case reflect.Pointer:
		if plain := v.Type().Elem(); !v.IsNil() && v.Elem().CanSet() && (plain.Kind() <= reflect.Complex128 || plain.Kind() == reflect.String) {
			v.Elem().SetZero()
		}
	}
}
