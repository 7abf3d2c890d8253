package screen

import (
	"maps"
	"slices"
	"strings"

	"github.com/tierform/tierform/internal/deploy/report"
)

// outputs prints name and value; values are not cut, for they are there to be copied. One that does not fit stands below its name.
func (s *sheet) outputs(o report.Outputs) {
	s.add("Outputs of " + s.paint(cyan, o.Stack))
	names := 0
	for name := range o.Values {
		names = max(names, width(name))
	}
	for _, name := range slices.Sorted(maps.Keys(o.Values)) {
		if line := "  " + pad(name, names) + "  " + o.Values[name]; width(line) <= s.columns {
			s.add(line)
		} else {
			s.add("  "+name, "    "+o.Values[name])
		}
	}
}

// table prints rows in columns. What does not fit is wrapped between words within its column; where words do not fit either, the cells
// of a row stand below each other.
func (s *sheet) table(t report.Table) {
	s.add(s.paint(cyan, t.Title))
	if len(t.Rows) == 0 {
		s.add("  none")
		return
	}
	widths, fits := fit(append([][]string{t.Columns}, t.Rows...), s.columns-2)
	if !fits {
		s.stacked(t)
		return
	}
	s.row(widths, t.Columns, grey)
	for _, row := range t.Rows {
		s.row(widths, row, "")
	}
}

// between columns.
const between = "  "

// fit gives each column the width of its longest cell, and takes from the widest what the line does not have, down to its longest word. It
// fails where that is too much.
func fit(rows [][]string, columns int) (widths []int, fits bool) {
	var least []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths, least = append(widths, 0), append(least, 0)
			}
			widths[i] = max(widths[i], width(cell))
			for word := range strings.FieldsSeq(cell) {
				least[i] = max(least[i], width(word))
			}
		}
	}
	for {
		sum, widest := len(between)*(len(widths)-1), -1
		for i, w := range widths {
			sum += w
			if w > least[i] && w > fewestCells && (widest < 0 || w > widths[widest]) {
				widest = i
			}
		}
		if sum <= columns || widest < 0 {
			return widths, sum <= columns
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

// stacked prints the cells of each row below each other: the first two beside each other if they fit, the others with their column's name.
// What several rows in succession have in the first column heads them.
func (s *sheet) stacked(t report.Table) {
	rows, columns, indent, head := t.Rows, t.Columns, "  ", ""
	if grouped := slices.ContainsFunc(rows[1:], func(row []string) bool { return len(row) > 1 && row[0] == rows[0][0] }); grouped {
		columns, indent = columns[1:], "    "
	}
	for _, row := range rows {
		if indent != "  " {
			if row[0] != head {
				head = row[0]
				s.add("  " + s.paint(cyan, head))
			}
			row = row[1:]
		}
		s.cells(indent, columns, row)
	}
}

// cells prints one row.
func (s *sheet) cells(indent string, columns, row []string) {
	second := ""
	if len(row) > 1 {
		second = s.paint(grey, row[1])
	}
	if width(indent+row[0])+2+width(second) <= s.columns {
		s.spread(indent+row[0], second)
	} else {
		s.add(indent+row[0], indent+"  "+second)
	}
	for i, cell := range row {
		if i > 1 && cell != "" {
			s.wrapped(indent+"  "+s.paint(grey, columns[i]+":")+" ", indent+"    ", cell, "")
		}
	}
}

// sweep prints what a destroy left, and what it kept because somebody asked for it.
func (s *sheet) sweep(w report.Sweep) {
	switch {
	case len(w.Left) == 0 && len(w.Kept) == 0:
		s.add(s.paint(green, s.done) + " Nothing is left that has the environment's tag or names")
	case len(w.Left) == 0:
		s.add(s.paint(green, s.done) + " Nothing is left that has the environment's tag or names, except:")
	default:
		s.add(s.paint(red, s.failed) + " " + report.Plural(len(w.Left), "thing is", "things are") + " left")
		s.leftovers(w.Left)
	}
	if len(w.Left) > 0 && len(w.Kept) > 0 {
		s.add("What else stays, and why")
	}
	s.leftovers(w.Kept)
}

// leftovers are listed below why they are there, for many are for the same reason; their names stay whole.
func (s *sheet) leftovers(list []report.Leftover) {
	byReason, reasons, types := map[string][]report.Leftover{}, []string{}, 0
	for _, l := range list {
		if byReason[l.Why] == nil {
			reasons = append(reasons, l.Why)
		}
		byReason[l.Why], types = append(byReason[l.Why], l), max(types, width(l.Type))
	}
	for _, why := range reasons {
		s.wrapped("  ", "  ", why+":", "")
		for _, l := range byReason[why] {
			s.add("    " + pad(l.Type, types) + between + l.ID)
		}
	}
}
