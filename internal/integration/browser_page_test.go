package integration

import (
	"flag"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/kyc"
)

var browserShots = flag.String("browser.shots", "", "folder to keep the screenshots of the lifecycle page in; default a temporary one")

// views are the ways in which the page is looked at.
var views = []struct {
	name          string
	width, height int
	scheme, why   string
}{
	{"desktop light", 1440, 900, "light", "at a desk"},
	{"desktop dark", 1440, 900, "dark", "at a desk, at night"},
	{"tablet light", 820, 1180, "light", "between the two layouts"},
	{"phone light", 360, 740, "light", "the narrowest that is common"},
	{"phone dark", 360, 740, "dark", "the same, at night"},
}

// The lifecycle page of the example host, in a real browser, while records are moving.
func TestBrowserSeesTheLifecyclePage(t *testing.T) {
	path := chromiumPath(t)
	host := startHost(t)
	browser := startChromium(t, path) // and ends first: the host waits for its connections
	records := host.travel(journeys)
	shots := *browserShots
	if shots == "" {
		shots = t.TempDir()
	}
	for _, v := range views {
		t.Run(v.name, func(t *testing.T) {
			p := browser.in(t).open()
			p.look(v.width, v.height, "", v.scheme)
			p.load(host.base + "/")
			p.shoot(filepath.Join(shots, strings.ReplaceAll(v.name, " ", "-")+".png"))
			p.counts(host.statuses(records))
			for _, state := range []string{"as it comes", "with everything open"} {
				p.reports("overflow, "+state, overflow, v.width)
				p.reports("contrast, "+state, contrast)
				p.unfold()
			}
			if *browserShots != "" {
				p.shoot(filepath.Join(shots, strings.ReplaceAll(v.name, " ", "-")+"-open.png"))
			}
			for _, c := range p.complaints(host.base + "/") {
				t.Error(c)
			}
		})
	}
	t.Run("print", func(t *testing.T) {
		p := browser.in(t).open()
		p.look(paper, 700, "print", "light")
		p.load(host.base + "/")
		p.reports("overflow", printed, paper)
		p.reports("contrast", contrast)
		p.shoot(filepath.Join(shots, "print.png"))
	})
	t.Run("keyboard", func(t *testing.T) { browser.in(t).open().keyboard(host.base + "/") })
	t.Run("live", func(t *testing.T) {
		p := browser.in(t).open()
		for range 2 {
			records = append(records, host.travel([]journey{{"demo-a", "kyc", "in_review cancel", 1}})...)
			p.load(host.base + "/")
			p.counts(host.statuses(records))
		}
	})
}

// paper is how many CSS pixels A4 has across, landscape, between its margins.
const paper = 1031

// in is the browser for one subtest.
func (b *chromium) in(t *testing.T) *chromium {
	again := *b
	again.t = t
	return &again
}

// counts checks the numbers in both pictures against those of the API: what is seen, what
// is read out, and that each stands on its box and hides no word.
func (p *tab) counts(want map[string]int) {
	p.t.Helper()
	var found map[string]struct {
		Text, Tile            string
		Inside, Hides, Buried bool
	}
	p.ask(badges, &found)
	var names []string
	for _, s := range kyc.Machine.Definition().States {
		names = append(names, "kyc_validation-"+string(s.Name))
	}
	for _, s := range idpass.Machine.Definition().States {
		names = append(names, "id_pass-"+string(s.Name))
	}
	spoken := p.spoken()
	for _, name := range names {
		b, text := found[name], fmt.Sprint(want[name])
		if b.Text != text || b.Tile != text {
			p.t.Errorf("%s: the picture says %q and the list %q, the API %s", name, b.Text, b.Tile, text)
		}
		if !b.Inside || b.Hides || b.Buried {
			p.t.Errorf("%s: the count is off its box, hides a word, or is not read out: %+v", name, b)
		}
		_, status, _ := strings.Cut(name, "-")
		aloud := status + ": " + text + " records"
		if want[name] == 1 {
			aloud = status + ": 1 record"
		}
		if i := slices.Index(spoken, aloud); i >= 0 { // both pictures may say the same
			spoken = slices.Delete(spoken, i, i+1)
		} else {
			p.t.Errorf("nobody reads out %q", aloud)
		}
	}
	if len(found) != len(names) {
		p.t.Errorf("%d counts, want %d", len(found), len(names))
	}
}

// spoken lists the images that a screen reader would read out.
func (p *tab) spoken() (all []string) {
	p.t.Helper()
	type value struct{ Value any }
	var tree struct {
		Nodes []struct {
			Ignored    bool
			Role, Name value
		}
	}
	p.order("Accessibility.getFullAXTree", nil, &tree)
	for _, n := range tree.Nodes {
		if !n.Ignored && (n.Role.Value == "image" || n.Role.Value == "img") {
			all = append(all, fmt.Sprint(n.Name.Value))
		}
	}
	return all
}

// reports runs a script that looks for something wrong, and counts what it looked at.
func (p *tab) reports(what, script string, args ...any) {
	p.t.Helper()
	var found struct {
		Looked int
		Wrong  []string
	}
	p.ask(fmt.Sprintf(script, args...), &found)
	for _, w := range found.Wrong[:min(10, len(found.Wrong))] {
		p.t.Errorf("%s: %s", what, w)
	}
	if found.Looked < 20 {
		p.t.Errorf("%s: it looked at %d things only", what, found.Looked)
	}
}

// unfold opens everything that can be opened.
func (p *tab) unfold() {
	p.t.Helper()
	var opened int
	p.ask(`document.querySelectorAll('details').forEach(d => d.open = true); document.querySelectorAll('details[open]').length`, &opened)
	if opened < 20 {
		p.t.Errorf("%d parts to open", opened)
	}
}

// keyboard walks through the page as somebody does who has no mouse.
func (p *tab) keyboard(url string) {
	p.t.Helper()
	p.look(1440, 900, "", "light")
	p.load(url)
	var place string
	p.press("Tab", 9, "")
	p.press("Enter", 13, "\r")
	if p.ask(`document.activeElement.id`, &place); place != "main" {
		p.t.Errorf("the first key leads to %q, want main", place)
	}
	p.load(url)
	var want []string
	p.ask(`[...document.querySelectorAll('a[href],summary,[tabindex="0"]')].filter(e => e.checkVisibility({contentVisibilityAuto: true})).map(`+named+`)`, &want)
	record := slices.IndexFunc(want, func(s string) bool { return strings.Contains(s, "trail verified") })
	if record < 0 {
		p.t.Fatalf("no record among %q", want)
	}
	for _, name := range want[:record+1] {
		p.press("Tab", 9, "")
		var at struct {
			Name         string
			Seen, Marked bool
		}
		p.ask(focus, &at)
		if at.Name != name || !at.Seen || !at.Marked {
			p.t.Fatalf("the key leads to %+v, want %q, seen and marked", at, name)
		}
	}
	var open bool
	p.press("Enter", 13, "\r")
	if p.ask(`document.activeElement.parentNode.open`, &open); !open {
		p.t.Error("the key does not open the record")
	}
	p.press("Tab", 9, "")
	if p.ask(`(`+named+`)(document.activeElement)`, &place); !strings.HasPrefix(place, "Audit trail of ") {
		p.t.Errorf("behind an open record the key leads to %q, want its trail", place)
	}
	p.press("Tab", 9, "")
	if p.ask(`(`+named+`)(document.activeElement)`, &place); place != want[record+1] {
		p.t.Errorf("behind the trail the key leads to %q, want %q", place, want[record+1])
	}
}
