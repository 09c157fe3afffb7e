package page

import (
	"errors"
	"strings"
	"testing"
)

const drawnSquare = `<svg viewBox="0.00 0.00 200.00 100.00"><style>.lifecycle{}</style>
<g id="door" class="graph lifecycle" transform="scale(1 1) rotate(0) translate(4 96)"><title>door</title>
<text x="0" y="-20" font-size="10.00">the legend</text>
<g id="door&#45;shut" class="node status"><title>shut</title><path d="M10,-60C10,-60 50,-80 50,-80"/><text>shut</text></g>
<g id="door&#45;shut&#45;open" class="edge command"><path d="M50,-70L90,-70"/></g></g></svg>`

func TestPictureOf(t *testing.T) {
	for _, row := range []struct {
		name, old, new, why string
		fails               bool
	}{
		{name: "as drawn", why: "it shows every status"},
		{name: "no box", old: `id="door&#45;shut" `, new: `id="door&#45;open" `, fails: true, why: "the count of shut would be shown nowhere"},
		{name: "no line", old: `<path d="M10,-60C10,-60 50,-80 50,-80"/>`, new: ``, fails: true, why: "there is no corner to put the count on"},
		{name: "no style", old: `<style>.lifecycle{}</style>`, new: ``, fails: true, why: "it would be dark on dark"},
		{name: "turned", old: `rotate(0)`, new: `rotate(90)`, fails: true, why: "up would not be up"},
		{name: "no size", old: `viewBox="0.00 0.00 200.00 100.00"`, new: ``, fails: true, why: "it would be drawn anywhere"},
		{name: "not whole", old: `</svg>`, new: ``, fails: true, why: "it is no XML"},
	} {
		t.Run(row.name, func(t *testing.T) {
			p, err := pictureOf("door", []string{"shut"}, []byte(strings.Replace(drawnSquare, row.old, row.new, 1)))
			if errors.Is(err, errPicture) != row.fails || (err == nil) == row.fails {
				t.Fatalf("got the error %v, fails %v is wanted: %s", err, row.fails, row.why)
			}
			if row.fails {
				return
			}
			if p.Height != 66 || p.Width != 200 { // without the legend, which begins at 96 - 20 - 10
				t.Errorf("it is %g by %g", p.Width, p.Height)
			}
			if len(p.Parts) != 2 || p.Parts[0].Status != "shut" || p.Parts[0].Right != 50 || p.Parts[0].Top != -80 || p.Parts[1].Status != "" {
				t.Errorf("it consists of %+v", p.Parts)
			}
			if b := p.Parts[0].Badge(12345); b.Text != "shut: 12345 records" || b.X+b.Width != 58 {
				t.Errorf("the count is %+v", b)
			}
		})
	}
}
