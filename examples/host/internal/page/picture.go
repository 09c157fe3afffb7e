package page

import (
	"encoding/xml"
	"errors"
	"fmt"
	"html/template"
	"math"
	"regexp"
	"strconv"
)

// picture is one lifecycle as Graphviz drew it, part by part. Its legend is left out: the
// page has it as text, which wraps.
type picture struct {
	Width, Height float64
	Left, Down    float64 // where the drawing's own origin is
	Parts         []part
	style         string // how the drawing looks in light and in dark
}

// part is a box or an arrow. One of a status is to have a count.
type part struct {
	ID, Class  string
	Drawn      template.HTML // copied out of the file
	Status     string
	Right, Top float64 // of the box
}

// errPicture: the file is not laid out as Graphviz lays out what export.DOT writes.
var errPicture = errors.New("page: not a picture of the lifecycle")

// pictureOf reads the drawing of a machine. It fails with errPicture where a status has no
// box of its own: a count that is shown nowhere would be missed by nobody.
func pictureOf(name string, statuses []string, svg []byte) (p picture, err error) {
	var file struct {
		ViewBox string `xml:"viewBox,attr"`
		Style   string `xml:"style"`
		Graph   struct {
			Transform string `xml:"transform,attr"`
			Legend    []struct {
				Y    float64 `xml:"y,attr"`
				Size float64 `xml:"font-size,attr"`
			} `xml:"text"`
			Parts []struct {
				ID    string `xml:"id,attr"`
				Class string `xml:"class,attr"`
				Drawn string `xml:",innerxml"`
				Lines []struct {
					D string `xml:"d,attr"`
				} `xml:"path"`
			} `xml:"g"`
		} `xml:"g"`
	}
	if err := xml.Unmarshal(svg, &file); err != nil {
		return p, fmt.Errorf("%w: %s: %v", errPicture, name, err)
	}
	_, sized := fmt.Sscanf(file.ViewBox, "0.00 0.00 %g %g", &p.Width, &p.Height)
	_, moved := fmt.Sscanf(file.Graph.Transform, "scale(1 1) rotate(0) translate(%g %g)", &p.Left, &p.Down)
	if err := errors.Join(sized, moved); err != nil {
		return p, fmt.Errorf("%w: %s: %v", errPicture, name, err)
	}
	for _, line := range file.Graph.Legend { // it stands below everything else
		p.Height = min(p.Height, p.Down+line.Y-line.Size)
	}
	p.style = file.Style
	boxes := map[string]string{} // id to status
	for _, s := range statuses {
		boxes[name+"-"+s] = s
	}
	for _, g := range file.Graph.Parts {
		next := part{ID: g.ID, Class: g.Class, Drawn: template.HTML(g.Drawn), Status: boxes[g.ID], Right: math.Inf(-1), Top: math.Inf(1)}
		for _, line := range g.Lines {
			next.Right, next.Top = grow(next.Right, next.Top, line.D)
		}
		if next.Status != "" && !math.IsInf(next.Top, 0) {
			delete(boxes, g.ID)
		}
		p.Parts = append(p.Parts, next)
	}
	if len(boxes) > 0 || p.style == "" {
		return p, fmt.Errorf("%w: %s has no style, or %d statuses have no box", errPicture, name, len(boxes))
	}
	return p, nil
}

var coordinate = regexp.MustCompile(`-?[0-9.]+`)

// grow takes a line's corner in: its coordinates are absolute, x and y in turn.
func grow(right, top float64, line string) (float64, float64) {
	for i, text := range coordinate.FindAllString(line, -1) {
		n, err := strconv.ParseFloat(text, 64)
		switch {
		case err != nil: // not a number, and nothing that Graphviz writes
		case i%2 == 0:
			right = max(right, n)
		default:
			top = min(top, n)
		}
	}
	return right, top
}

// badge is the count on the upper right corner of a box.
type badge struct {
	Text          string // for those who do not see where it stands
	Count         int
	X, Y          float64 // the upper left corner
	Width, Height float64
	Middle, Foot  float64 // of the digits
}

// Badge places the count so that it covers neither the name in the box nor the picture's
// edge: it grows to the left.
func (p part) Badge(count int) badge {
	const height, digit, padding, over = 18, 7.5, 6, 8
	b := badge{Text: fmt.Sprintf("%s: %s", p.Status, records(count)), Count: count, Height: height}
	b.Width = max(height+4, 2*padding+digit*float64(len(strconv.Itoa(count))))
	b.X, b.Y = p.Right+over-b.Width, p.Top-height*2/3
	b.Middle, b.Foot = b.X+b.Width/2, b.Y+height-5
	return b
}

// records counts in words.
func records(n int) string {
	if n == 1 {
		return "1 record"
	}
	return fmt.Sprintf("%d records", n)
}
