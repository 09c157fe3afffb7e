package drift_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/lifecycle/drift"
)

// outcomes are all that a cell can answer, effects included.
func outcomes(c *lifecycle.Chart, from, on string) (all []string) {
	verdicts, err := c.Verdicts(from, on)
	if err != nil {
		return []string{"unknown"}
	}
	for _, o := range verdicts {
		text := string(o.Verdict) + o.To + o.Why + o.Word
		for _, term := range c.Definition().Terms {
			if o.Does(term.Name) {
				text += " " + term.Name
			}
		}
		all = append(all, text)
	}
	return all
}

// The classes mean what the package says, judged by the answers of both charts alone, for
// every pair of the loans above.
func TestClassesMeanWhatTheySay(t *testing.T) {
	var revised []*lifecycle.Chart
	for _, r := range revisions {
		def := loan()
		r.revise(&def)
		revised = append(revised, chart(def))
	}
	for i := range revisions {
		for j := range revisions {
			before, after := revised[i], revised[j]
			report := drift.Diff(before, after)
			fail := func(from, on string, was, is []string) {
				t.Errorf("%s to %s: %s in %q: %v became %v, and the class is %s", revisions[i].name, revisions[j].name, on, from, was, is, report.Class)
			}
			for _, from := range []string{"", "asked", "lent", "back", "home", "lost", "void"} {
				for _, on := range []string{"ask", "lend", "cancel", "returned", "forget", "lose", "remind", "mark"} {
					was, is := outcomes(before, from, on), outcomes(after, from, on)
					switch {
					case slices.Equal(was, is):
					case report.Class != drift.Breaking && !acts(was) && acts(is) && (before.State(from).Final && strings.HasPrefix(is[0], "move") || strings.Contains(is[0], " ")):
						fail(from, on, was, is)
					case report.Class == drift.None, report.Class == drift.Additive && acts(was):
						fail(from, on, was, is)
					case report.Class == drift.Tightening && acts(was) && acts(is) && was[0] != is[0]:
						fail(from, on, was, is)
					}
				}
			}
			for _, on := range []string{"ask", "lend", "cancel", "mark"} {
				for _, who := range []string{"person", "system", "clock", "provider"} {
					if report.Class != drift.Breaking && before.Kind(on) == lifecycle.Command && !before.By(on, who) && after.By(on, who) {
						t.Errorf("%s to %s: %s may %s now, and the class is %s", revisions[i].name, revisions[j].name, who, on, report.Class)
					}
				}
			}
			judging := func(d drift.Difference) bool {
				// No fingerprint has a policy or a spelling.
				return d.Class != drift.None && !strings.HasPrefix(d.Where, "policy ") && !strings.Contains(d.Text, "spelled")
			}
			if same := before.Fingerprint() == after.Fingerprint(); same && slices.ContainsFunc(report.Differences, judging) {
				t.Errorf("one fingerprint, and %s", report)
			}
			if back := drift.Diff(after, before); (report.Class == drift.None) != (back.Class == drift.None) {
				t.Errorf("there: %s\nand back: %s", report, back)
			}
		}
	}
}

// acts tells whether there is a row.
func acts(outcomes []string) bool {
	return slices.ContainsFunc([]string{"move", "note", "stay"}, func(verdict string) bool { return strings.HasPrefix(outcomes[0], verdict) })
}
