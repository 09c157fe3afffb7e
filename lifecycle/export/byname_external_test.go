package export_test

import (
	"fmt"
	"slices"

	"github.com/kycle/kycle/lifecycle"
)

// The parts of a definition by name: a test that counts rows breaks when one is added.

// find gives the part that is looked for. A test cannot go on without it.
func find[T any](list []T, what string, is func(T) bool) *T {
	i := slices.IndexFunc(list, is)
	if i < 0 {
		panic(fmt.Sprintf("the definition has no %s", what))
	}
	return &list[i]
}

func stateOf[S, E ~string, F any](d *lifecycle.Definition[S, E, F], name S) *lifecycle.State[S, E] {
	return find(d.States, "state "+string(name), func(s lifecycle.State[S, E]) bool { return s.Name == name })
}

func eventOf[S, E ~string, F any](d *lifecycle.Definition[S, E, F], name E) *lifecycle.Event[E] {
	return find(d.Events, "event "+string(name), func(e lifecycle.Event[E]) bool { return e.Name == name })
}

// rowOf is the row of the event in the state; "" is no record.
func rowOf[S, E ~string, F any](d *lifecycle.Definition[S, E, F], on E, from S) *lifecycle.Row[S, E, F] {
	return find(d.Rows, fmt.Sprintf("row of %s in %q", on, from), func(r lifecycle.Row[S, E, F]) bool {
		return r.On == on && slices.Contains(r.Sources(), from)
	})
}

// ruleOf is the rule of the row that has the word.
func ruleOf[S, E ~string, F any](r *lifecycle.Row[S, E, F], word string) *lifecycle.Rule[F] {
	return find(r.If, "rule "+word, func(rule lifecycle.Rule[F]) bool { return rule.Code == word })
}

func termOf[S, E ~string, F any](d *lifecycle.Definition[S, E, F], name string) *lifecycle.Term {
	return find(d.Terms, "term "+name, func(t lifecycle.Term) bool { return t.Name == name })
}
