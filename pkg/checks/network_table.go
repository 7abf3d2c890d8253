package checks

import (
	"fmt"
	"strings"
)

// Paths lists all paths, known and unknown, sorted by the names of their ends.
func (n *Network) Paths() []Path {
	var all []Path
	for _, from := range n.nodes {
		for _, to := range n.nodes {
			all = append(all, n.Reach(from, to)...)
		}
	}
	return all
}

// Table prints all paths, sorted, one line each with its reason.
func (n *Network) Table() string {
	rows := [][]string{{"FROM", "TO", "PORT", "BECAUSE OF"}}
	for _, p := range n.Paths() {
		because := "unknown: " + p.Unknown
		if p.Unknown == "" {
			because = strings.Join(mapped(p.Via, Step.String), ", ")
		}
		rows = append(rows, []string{p.From.Name, p.To.Name, p.Flow.String(), because})
	}
	return columns(rows)
}

func mapped[T, U any](items []T, f func(T) U) []U {
	list := make([]U, len(items))
	for i, item := range items {
		list[i] = f(item)
	}
	return list
}

// columns pads all cells but the last of each row to the width of their column.
func columns(rows [][]string) string {
	widths := map[int]int{}
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], len(cell))
		}
	}
	var b strings.Builder
	for _, row := range rows {
		for i, cell := range row[:len(row)-1] {
			fmt.Fprintf(&b, "%-*s  ", widths[i], cell)
		}
		b.WriteString(row[len(row)-1] + "\n")
	}
	return b.String()
}
