package checks

import (
	"encoding/json"
	"maps"
	"slices"
)

// shownMetric is a metric on a dashboard.
type shownMetric struct {
	namespace, name string
	dimensions      map[string]string
	lines           []float64 // horizontal annotations of its widget
}

// dashboardViews are what dashboards show.
type dashboardViews struct {
	shown   []shownMetric
	unknown string // why it is not known of one
}

// dashboardBody is the part of a dashboard's body that is read.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
type dashboardBody struct {
	Widgets []struct {
		Properties struct {
			Metrics     [][]any
			Annotations struct {
				Horizontal []any
			}
		}
	}
}

// readDashboards reads all dashboards of a world.
func readDashboards(w *World) *dashboardViews {
	d := &dashboardViews{}
	for _, r := range w.OfType("AWS::CloudWatch::Dashboard") {
		var body dashboardBody
		text := r.At("DashboardBody")
		if why := text.Unknown() + r.Maybe; why != "" {
			d.unknown = r.Where() + ": " + why
		} else if err := json.Unmarshal([]byte(text.String()), &body); err != nil {
			d.unknown = r.Where() + ": " + err.Error()
		}
		for _, widget := range body.Widgets {
			var lines []float64
			for _, line := range widget.Properties.Annotations.Horizontal {
				if fields, ok := line.(map[string]any); ok {
					if at, isNumber := fields["value"].(float64); isNumber {
						lines = append(lines, at)
					}
				}
			}
			d.addRows(widget.Properties.Metrics, lines)
		}
	}
	return d
}

// addRows reads the metrics of a widget: namespace, name, then dimensions in pairs. "." stands for what is in the row
// above, "..." for as much of it as is needed: then the row has as many texts as the one above.
func (d *dashboardViews) addRows(rows [][]any, lines []float64) {
	var above []string
	for _, row := range rows {
		var texts []string
		for i, item := range row {
			text, isText := item.(string)
			if !isText {
				break
			}
			if text == "..." {
				texts = append(texts, above[:max(0, len(above)-len(textsOf(row[i+1:])))]...)
				continue
			}
			if text == "." && len(texts) < len(above) {
				text = above[len(texts)]
			}
			texts = append(texts, text)
		}
		if len(texts) < 2 {
			continue
		}
		above = texts
		m := shownMetric{namespace: texts[0], name: texts[1], dimensions: map[string]string{}, lines: lines}
		for i := 2; i+1 < len(texts); i += 2 {
			m.dimensions[texts[i]] = texts[i+1]
		}
		d.shown = append(d.shown, m)
	}
}

// textsOf are the texts at the start of a row.
func textsOf(row []any) []any {
	end := slices.IndexFunc(row, func(item any) bool { _, isText := item.(string); return !isText })
	if end < 0 {
		return row
	}
	return row[:end]
}

// lines are the lines beside a metric, and whether a dashboard shows it.
func (d *dashboardViews) lines(m *Metric) (lines []float64, shown bool) {
	dimensions := map[string]string{}
	for name, value := range m.Dimensions {
		dimensions[name] = value.String()
	}
	for _, s := range d.shown {
		if s.namespace == m.Namespace && s.name == m.Name && maps.Equal(s.dimensions, dimensions) {
			lines, shown = append(lines, s.lines...), true
		}
	}
	return lines, shown
}
