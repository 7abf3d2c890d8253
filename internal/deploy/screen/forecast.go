package screen

import (
	"fmt"

	"github.com/tierform/tierform/internal/deploy/report"
)

// forecast prints what a first deployment is spent on, and below it how long that takes, in one line of 80 columns.
func (s *sheet) forecast(f report.Forecast) {
	t := report.Table{Title: "Critical path of a first deployment", Columns: []string{"Resource", "Type", "Minutes"}}
	for _, link := range f.CriticalPath {
		t.Rows = append(t.Rows, []string{report.Place(link.Path, link.LogicalID), link.Type, minutes(link.Seconds)})
	}
	s.table(t)
	s.wrapped("", "  ", fmt.Sprintf("Predicted: %s minutes, %.2f times the least of %s; %.0f %% rests on estimates", minutes(f.Seconds), f.Ratio, minutes(f.LeastSeconds), 100*f.EstimatedShare), "")
}

// minutes are seconds in minutes.
func minutes(n float64) string { return fmt.Sprintf("%.1f", seconds(n).Minutes()) }
