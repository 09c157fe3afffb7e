package page

import (
	"slices"

	"github.com/kycle/kycle/lifecycle"
)

// lanes is a lifecycle as a drawing: a column for each status, a lane for each row of the
// table, with a dot where the row comes from and a ring where it leads. Lanes never
// cross, however many arrows a table has.
type lanes struct {
	Width, Height, Left int
	Columns             []column
	Lanes               []lane
}

type column struct {
	X          int
	Name       string
	Final      bool
	Top, Floor int
}

type lane struct {
	Y, From, To, Target int // the line, and the middle of the ring
	Label, Effects      string
	Command             bool
	Dots                []int
}

const (
	laneLeft, laneTop      = 190, 60 // room for the labels
	laneWidth, laneSpacing = 95, 34
)

func lanesOf[S, E ~string, F any](def lifecycle.Definition[S, E, F]) lanes {
	d := lanes{Left: laneLeft, Width: laneLeft + laneWidth*(len(def.States)+1), Height: laneTop + laneSpacing*(len(def.Rows)+1)}
	x := map[S]int{"": laneLeft + laneWidth/2} // no record yet
	d.Columns = append(d.Columns, column{X: x[""], Name: "(none)", Top: laneTop - 20, Floor: d.Height - laneSpacing/2})
	for i, s := range def.States {
		x[s.Name] = laneLeft + laneWidth*(i+1) + laneWidth/2
		d.Columns = append(d.Columns, column{x[s.Name], string(s.Name), s.Final, laneTop - 20, d.Height - laneSpacing/2})
	}
	for i, row := range def.Rows {
		l := lane{Y: laneTop + laneSpacing*i, Target: x[row.To], Label: string(row.On)}
		l.Command = slices.ContainsFunc(def.Events, func(e lifecycle.Event[E]) bool { return e.Name == row.On && e.Kind == lifecycle.Command })
		for j, effect := range row.Does {
			if j > 0 {
				l.Effects += ", "
			}
			l.Effects += effect
		}
		from := row.From
		if len(from) == 0 {
			from = []S{""}
		}
		for _, s := range from {
			l.Dots = append(l.Dots, x[s])
		}
		ends := append(slices.Clone(l.Dots), l.Target)
		l.From, l.To = slices.Min(ends), slices.Max(ends)
		d.Lanes = append(d.Lanes, l)
	}
	return d
}
