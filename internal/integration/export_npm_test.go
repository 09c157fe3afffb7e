package integration

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/lifecycle/export"
)

type (
	jsArrow   struct{ From, To, Label string }
	jsVerdict struct {
		Verdict lifecycle.Verdict
		To      string
		Word    string // of a note
		Does    []string
	}
	jsAnswer struct {
		Versions map[string]string
		Mermaid  map[string]struct {
			Arrows       []jsArrow
			Descriptions map[string]string
			Notes        map[string]string
		}
		XState map[string][]jsVerdict
	}
	jsCell struct {
		From string   `json:"from"`
		On   string   `json:"on"`
		No   []string `json:"no"`
	}
	jsMachine struct {
		Config json.RawMessage `json:"config"`
		Cells  []jsCell        `json:"cells"`
	}
)

// askJS runs js/check.mjs once for all tests, on all machines.
var askJS = sync.OnceValue(func() func(t *testing.T) (jsAnswer, map[string]jsMachine) {
	charts, machines := map[string]string{}, map[string]jsMachine{}
	for _, m := range exported() {
		charts[m.name] = export.Mermaid(m.Chart)
		machines[m.name] = jsMachine{json.RawMessage(export.XState(m.Chart)), jsCells(m.Chart)}
	}
	var once sync.Once
	var answer jsAnswer
	return func(t *testing.T) (jsAnswer, map[string]jsMachine) {
		t.Helper()
		node := needProgram(t, "node", "apt-get install nodejs npm")
		_, err := os.Stat("js/node_modules/.package-lock.json")
		needTool(t, err == nil, "the npm packages are not there", "npm ci --ignore-scripts --prefix internal/integration/js")
		once.Do(func() {
			var manifest struct{ Dependencies map[string]string }
			readJSON(t, "js/package.json", &manifest)
			question, err := json.Marshal(map[string]any{"packages": keys(manifest.Dependencies), "mermaid": charts, "xstate": machines})
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal([]byte(consult(t, string(question), node, "js/check.mjs")), &answer); err != nil {
				t.Fatal(err)
			}
			for name, want := range manifest.Dependencies {
				if got := answer.Versions[name]; got != want {
					t.Errorf("%s is %s and not %s: run npm ci in internal/integration/js", name, got, want)
				}
			}
		})
		if answer.XState == nil {
			t.Fatal("js/check.mjs did not answer")
		}
		return answer, machines
	}
})

func readJSON(t *testing.T, path string, into any) {
	t.Helper()
	text, err := os.ReadFile(filepath.FromSlash(path))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatal(err)
	}
}

func keys(m map[string]string) []string {
	var all []string
	for k := range m {
		all = append(all, k)
	}
	return all
}

// The lock file pins every package and names no host: whoever installs asks the registry
// that he is set up for.
func TestPackagesAreLocked(t *testing.T) {
	var lock struct {
		Packages map[string]struct{ Version, Resolved, Integrity string }
	}
	readJSON(t, "js/package-lock.json", &lock)
	if len(lock.Packages) < 3 {
		t.Fatal("there is nothing in it")
	}
	for name, p := range lock.Packages {
		if name != "" && (p.Version == "" || p.Integrity == "") || p.Resolved != "" && !strings.HasPrefix(p.Resolved, "https://registry.npmjs.org/") {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

// jsCells lists every cell under every combination of what the rules of its row say.
func jsCells(m *lifecycle.Chart) []jsCell {
	var all []jsCell
	def := m.Definition()
	states := []string{"_none"}
	for _, s := range def.States {
		states = append(states, s.Name)
	}
	for _, s := range states {
		for _, e := range def.Events {
			words := []string{}
			if at, _ := m.Cell(strings.TrimPrefix(s, "_none"), e.Name); at.Row >= 0 {
				for _, rule := range def.Rows[at.Row].If {
					words = append(words, rule.Code)
				}
			}
			for set := range 1 << len(words) {
				no := []string{}
				for i, w := range words {
					if set>>i&1 == 1 {
						no = append(no, w)
					}
				}
				all = append(all, jsCell{s, e.Name, no})
			}
		}
	}
	return all
}

// XState loads each machine, and says of every cell, whatever the rules say, what we say:
// the verdict, the target and the effects in their order.
func TestXStateJudgesLikeUs(t *testing.T) {
	answer, machines := askJS()(t)
	for _, m := range exported() {
		t.Run(m.name, func(t *testing.T) {
			cells, theirs := machines[m.name].Cells, answer.XState[m.name]
			if len(theirs) != len(cells) || len(cells) < 10 {
				t.Fatalf("%d answers to %d questions", len(theirs), len(cells))
			}
			for i, c := range cells {
				from := strings.TrimPrefix(c.From, "_none")
				want := jsVerdict{Verdict: lifecycle.Refuse, To: c.From}
				if out, err := m.Decide(from, c.On, c.No); err == nil {
					want.Verdict, want.Word = out.Verdict, out.Word
					if out.To != "" {
						want.To = out.To
					}
					if at, _ := m.Cell(from, c.On); out.Verdict == lifecycle.Move || out.Verdict == lifecycle.Note {
						want.Does = m.Definition().Rows[at.Row].Does
					}
				}
				if got := theirs[i]; got.Verdict != want.Verdict || got.To != want.To || got.Word != want.Word || !slices.Equal(got.Does, want.Does) {
					t.Errorf("%s in %s, vetoed by %v: XState says %+v, we say %+v", c.On, c.From, c.No, got, want)
				}
			}
		})
	}
}

// entity is how Mermaid keeps a character that was given by its number, until it draws it.
var entity = regexp.MustCompile(`ﬂ°°(\d+)¶ß`)

// drawn is a text of Mermaid's as it is seen.
func drawn(text string) string {
	return shown(entity.ReplaceAllStringFunc(text, func(e string) string {
		n, _ := strconv.Atoi(entity.FindStringSubmatch(e)[1])
		return string(rune(n))
	}))
}

// Mermaid reads exactly our arrows out of the chart, with their labels.
func TestMermaidReadsOurArrows(t *testing.T) {
	answer, _ := askJS()(t)
	for _, m := range exported() {
		t.Run(m.name, func(t *testing.T) {
			read := answer.Mermaid[m.name]
			name := mermaidNames(m.Chart)
			got := map[jsArrow]int{}
			for _, a := range read.Arrows {
				for label := range strings.SplitSeq(a.Label, "<br>") {
					got[jsArrow{name(a.From), name(a.To), drawn(label)}]++
				}
			}
			want := map[jsArrow]int{}
			for _, s := range moves(m.Chart) {
				want[jsArrow{s.from, s.To, s.notation()}]++
			}
			for _, s := range m.Definition().States {
				if s.Final {
					want[jsArrow{s.Name, "", ""}]++
				}
			}
			for a, n := range want {
				if got[a] != n {
					t.Errorf("Mermaid has %d and not %d of %+v", got[a], n, a)
				}
			}
			if len(got) != len(want) {
				t.Errorf("Mermaid read %d arrows and not %d: %v", len(got), len(want), got)
			}
		})
	}
}

// mermaidNames gives the name of a state by what Mermaid calls it.
func mermaidNames(m *lifecycle.Chart) func(id string) string {
	real := map[string]string{"root_start": "", "root_end": ""}
	for _, s := range m.Definition().States {
		real[s.Name+"_"] = s.Name
	}
	return func(id string) string {
		if alias, is := real[id]; is {
			return alias
		}
		return id
	}
}

// Mermaid writes each state as it is spelled, and beside it exactly its notes; those of many
// states stand beside the first.
func TestMermaidReadsOurNotes(t *testing.T) {
	answer, _ := askJS()(t)
	for _, m := range exported() {
		t.Run(m.name, func(t *testing.T) {
			read := answer.Mermaid[m.name]
			name := mermaidNames(m.Chart)
			got := map[string][]string{}
			for id, text := range read.Notes {
				for line := range strings.SplitSeq(text, "\n") {
					got[name(id)] = append(got[name(id)], drawn(line))
				}
			}
			own, common := noteLines(m.Chart)
			birth := m.Chart.PathTo(m.Definition().States[0].Name)[0].To
			for _, s := range m.Definition().States {
				want := own[s.Name]
				if s.Name == birth {
					want = append(want, common...)
				}
				if lines := slices.DeleteFunc(slices.Clone(got[s.Name]), func(line string) bool { return strings.HasPrefix(line, "in any status") }); !slices.Equal(lines, want) {
					t.Errorf("%s: got %q, want %q", s.Name, lines, want)
				}
				for id, text := range read.Descriptions {
					if name(id) == s.Name && text != "" && drawn(text) != shown(s.Spelled()) {
						t.Errorf("%s is called %q, and not %q", s.Name, drawn(text), shown(s.Spelled()))
					}
				}
				if s.Spelling != "" && read.Descriptions[s.Name]+read.Descriptions[s.Name+"_"] == "" {
					t.Errorf("%s is not called %q", s.Name, shown(s.Spelled()))
				}
			}
		})
	}
}

// noteLines lists the lines of notes: those in each status, and those that are made in many.
func noteLines(m *lifecycle.Chart) (own map[string][]string, common []string) {
	own = map[string][]string{}
	for _, s := range steps(m, true) {
		switch many := len(s.From) > 3 || len(s.From) == len(m.Definition().States); {
		case !many:
			own[s.from] = append(own[s.from], s.notation())
		case s.from == s.From[0]:
			common = append(common, s.notation())
		}
	}
	return own, common
}

// What XState shows of a state, and tells of it, is how the outside calls it.
func TestXStateTellsSpellings(t *testing.T) {
	for _, m := range exported() {
		type about struct{ Spelling string }
		var config struct {
			States map[string]struct {
				Description string
				Meta        about
			}
			Meta struct{ Events map[string]about }
		}
		if err := json.Unmarshal([]byte(export.XState(m.Chart)), &config); err != nil {
			t.Fatal(err)
		}
		for _, s := range m.Definition().States {
			got := config.States[s.Name]
			if prefix := shown(s.Spelling); got.Meta.Spelling != strings.ToValidUTF8(s.Spelling, "\ufffd") || !strings.HasPrefix(shown(got.Description), prefix) {
				t.Errorf("%s: %s is told as %+v, and not by %q", m.name, s.Name, got, s.Spelling)
			}
		}
		for _, e := range m.Definition().Events {
			if got := config.Meta.Events[e.Name].Spelling; got != strings.ToValidUTF8(e.Spelling, "\ufffd") {
				t.Errorf("%s: %s is told as %q, and not as %q", m.name, e.Name, got, e.Spelling)
			}
		}
	}
}
