package screen

import (
	"maps"
	"slices"
	"strings"

	"github.com/tierform/tierform/internal/deploy/report"
)

// outputs prints name and value; values are not cut, for they are there to be copied.
func (s *sheet) outputs(o report.Outputs) {
	s.add("Outputs of " + s.paint(cyan, o.Stack))
	names := 0
	for name := range o.Values {
		names = max(names, width(name))
	}
	for _, name := range slices.Sorted(maps.Keys(o.Values)) {
		s.add("  " + pad(name, names) + "  " + o.Values[name])
	}
}

// table prints rows in columns. What does not fit is wrapped within its column.
func (s *sheet) table(t report.Table) {
	s.add(s.paint(cyan, t.Title))
	if len(t.Rows) == 0 {
		s.add("  none")
		return
	}
	widths := fit(append([][]string{t.Columns}, t.Rows...), s.columns-2)
	s.row(widths, t.Columns, grey)
	for _, row := range t.Rows {
		s.row(widths, row, "")
	}
}

// Between columns, and the least that a column keeps.
const (
	between    = "  "
	leastCells = fewestCells
)

// fit gives each column the width of its longest cell, and takes from the widest what the line does not have.
func fit(rows [][]string, columns int) []int {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], width(cell))
		}
	}
	for {
		sum := len(between) * (len(widths) - 1)
		widest := 0
		for i, w := range widths {
			sum += w
			if w > widths[widest] {
				widest = i
			}
		}
		if sum <= columns || widths[widest] <= leastCells {
			return widths
		}
		widths[widest]--
	}
}

func (s *sheet) row(widths []int, cells []string, c color) {
	wrapped := make([][]string, len(cells))
	height := 1
	for i, cell := range cells {
		wrapped[i] = wrap(cell, max(1, widths[i]))
		height = max(height, len(wrapped[i]))
	}
	for at := range height {
		var line strings.Builder
		for i := range cells {
			text := ""
			if at < len(wrapped[i]) {
				text = wrapped[i][at]
			}
			line.WriteString(between + pad(text, widths[i]))
		}
		s.add(s.paint(c, strings.TrimRight(line.String(), " ")))
	}
}

// sweep prints what a destroy left, and what it kept because somebody asked for it.
func (s *sheet) sweep(w report.Sweep) {
	if len(w.Left) == 0 {
		s.add(s.paint(green, s.done) + " Nothing is left of the environment")
	} else {
		s.add(s.paint(red, s.failed) + " " + plural(len(w.Left), "thing is", "things are") + " left")
		s.leftovers(w.Left)
	}
	if len(w.Kept) > 0 {
		s.add("Kept on purpose")
		s.leftovers(w.Kept)
	}
}

func (s *sheet) leftovers(list []report.Leftover) {
	var rows [][]string
	for _, l := range list {
		rows = append(rows, []string{l.Type, l.ID, l.Why})
	}
	widths := fit(rows, s.columns-2)
	for _, row := range rows {
		s.row(widths, row, "")
	}
}
