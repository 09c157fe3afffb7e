package lifecycle_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/kycle/kycle/lifecycle"
)

// Whatever is drawn: a claim holds exactly if no path breaks it, all paths being walked one
// after the other, the shortest first; and the witness is as short as the first that does.
func TestClaimsAreJudgedAsByWalkingAllPaths(t *testing.T) {
	const longest = 6
	rapid.Check(t, func(t *rapid.T) {
		def := drawn(t)
		for i := range def.Events {
			def.Events[i].By = rapid.SampledFrom([][]string{{"person"}, {"clock"}, {"person", "clock"}}).Draw(t, "by")
		}
		m, err := lifecycle.New(def)
		if err != nil {
			t.Fatal(err)
		}
		for range 30 {
			c := drawnClaim(t, &def)
			walked := 0
			for n := 1; n <= longest && walked == 0; n++ {
				if somePath(&def, nil, n, func(path []taken) bool { return breaks(c, path) }) {
					walked = n
				}
			}
			found := m.Broken(lifecycle.Policy{Claims: []lifecycle.Claim{c}})
			switch {
			case len(found) > 0 && found[0].Path == nil: // it speaks of nothing that there is
			case len(found) == 0 && walked > 0, len(found) > 0 && walked > 0 && len(found[0].Path) != walked, len(found) > 0 && walked == 0 && len(found[0].Path) <= longest:
				t.Fatalf("%s: walking all paths says %d steps, the judge %v", c, walked, found)
			}
		}
	})
}

// taken is one step of a path, with the row and the event it is of.
type taken struct {
	from, to string
	row      row
	event    lifecycle.Event[event]
}

func somePath(def *definition, path []taken, n int, want func([]taken) bool) bool {
	if len(path) == n {
		return want(path)
	}
	at := ""
	if len(path) > 0 {
		at = path[len(path)-1].to
	}
	for _, r := range def.Rows {
		if len(r.From) == 0 && at != "" || len(r.From) > 0 && !slices.Contains(r.From, state(at)) {
			continue
		}
		e := def.Events[slices.IndexFunc(def.Events, func(e lifecycle.Event[event]) bool { return e.Name == r.On })]
		to := string(r.To)
		if r.Note != "" {
			to = at
		}
		if somePath(def, append(slices.Clone(path), taken{at, to, r, e}), n, want) {
			return true
		}
	}
	return false
}

func drawnClaim(t *rapid.T, def *definition) lifecycle.Claim {
	of, with := drawnSteps(t, def), drawnSteps(t, def)
	word := rapid.SampledFrom([]string{"older", "closed"}).Draw(t, "word")
	return rapid.SampledFrom([]lifecycle.Claim{
		lifecycle.Never(of), lifecycle.Only(of, with), lifecycle.MustPass(of, with), lifecycle.Precedes(with, of), lifecycle.AtMostOnce(of),
		lifecycle.FrozenAfter(of, word), lifecycle.NoSingleActor(of, with, ""), lifecycle.NoSingleActor(of, with, word),
		lifecycle.Absorbing(def.States[len(def.States)-1].Name),
	}).Draw(t, "claim")
}

func drawnSteps(t *rapid.T, def *definition) lifecycle.Pattern {
	var s lifecycle.Pattern
	some := func(name string) bool { return rapid.IntRange(0, 2).Draw(t, name) == 0 }
	if some("on") {
		s.On = []string{string(rapid.SampledFrom(def.Events).Draw(t, "event").Name)}
	}
	if some("from") {
		s.From = []string{"s0", "s1"}
	}
	if some("to") {
		s.To = []string{string(rapid.SampledFrom(def.States).Draw(t, "state").Name)}
	}
	if some("by") {
		s.By = []string{"clock"}
	}
	if some("only by") {
		s.OnlyBy = []string{"person"}
	}
	if some("if") {
		s.If = []string{"older"}
	}
	if some("does") {
		s.Does = []string{"effect"}
	}
	if some("notes") && slices.ContainsFunc(def.Rows, func(r row) bool { return r.Note == "said" }) {
		s.Notes = []string{"said"}
	}
	s.Moves = some("moves")
	return s
}

// fits is lifecycle's matching once more, in plain ifs.
func fits(p lifecycle.Pattern, s taken) bool {
	clock, person := slices.Contains(s.event.By, "clock"), slices.Contains(s.event.By, "person")
	asks := func(word string) bool {
		return slices.ContainsFunc(s.row.If, func(r rule) bool { return r.Code == word })
	}
	note := s.row.Note != ""
	switch {
	case p.On != nil && p.On[0] != string(s.event.Name), p.From != nil && s.from != "s0" && s.from != "s1":
		return false
	case p.To != nil && (note || p.To[0] != s.to), p.Notes != nil && p.Notes[0] != s.row.Note:
		return false
	case p.By != nil && !clock, p.OnlyBy != nil && (clock || !person), p.Moves && s.from == s.to:
		return false
	case p.If != nil && !asks(p.If[0]), p.Does != nil && (s.from == s.to && !note || len(s.row.Does) == 0):
		return false
	}
	return true
}

// breaks tells whether the last step of a path breaks a claim.
func breaks(c lifecycle.Claim, path []taken) bool {
	last, before := path[len(path)-1], path[:len(path)-1]
	earlier := func(p lifecycle.Pattern) bool {
		return slices.ContainsFunc(before, func(s taken) bool { return fits(p, s) })
	}
	unguarded := !slices.ContainsFunc(last.row.If, func(r rule) bool { return r.Code == c.Word })
	switch c.Kind {
	case lifecycle.ClaimAbsorbing:
		return last.from == c.States[0] && last.row.Note == ""
	case lifecycle.ClaimNever:
		return fits(*c.Of, last)
	case lifecycle.ClaimOnly:
		return fits(*c.Of, last) && !fits(c.With[0], last)
	case lifecycle.ClaimMustPass:
		return fits(*c.Of, last) && !fits(c.With[0], last) && !earlier(c.With[0])
	case lifecycle.ClaimPrecedes:
		return fits(*c.Of, last) && !earlier(c.With[0])
	case lifecycle.ClaimAtMostOnce:
		return fits(*c.Of, last) && earlier(*c.Of)
	case lifecycle.ClaimFrozenAfter:
		return len(before) > 0 && fits(*c.Of, before[len(before)-1]) && unguarded && last.row.Note == ""
	}
	return fits(c.With[0], last) && unguarded && slices.ContainsFunc(before, func(s taken) bool {
		return fits(*c.Of, s) && slices.ContainsFunc(s.event.By, func(by string) bool { return slices.Contains(last.event.By, by) })
	})
}
