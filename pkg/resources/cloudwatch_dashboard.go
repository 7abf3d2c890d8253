package resources

import (
	"bytes"
	"encoding/json"
	"regexp"

	"github.com/awslabs/goformation/v7/cloudformation/cloudwatch"

	"github.com/tierform/tierform/pkg/cfn"
)

// A dashboard is 24 columns wide; widgets of a row share them.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
const (
	dashboardColumns = 24
	textHeight       = 2
	graphHeight      = 6
	alarmsHeight     = 4
)

// Dashboard collects the rows of a CloudWatch dashboard from top to bottom.
type Dashboard struct {
	widgets []widget
	y       int
}

type widget struct {
	Type       string `json:"type"`
	X          int    `json:"x"`
	Y          int    `json:"y"`
	Width      int    `json:"width"`
	Height     int    `json:"height"`
	Properties any    `json:"properties"`
}

// Graph is a diagram of metrics over time.
type Graph struct {
	// Title says what is shown.
	Title string
	// Unit labels the axis.
	Unit string
	// Limit draws a line, such as where an alarm begins; nil for none.
	Limit *Limit
	// Stacked adds the lines up.
	Stacked bool
	// Lines are what is shown.
	Lines []Line
}

// Limit is a value with a name.
type Limit struct {
	Label string  `json:"label"`
	Value float64 `json:"value"`
}

// AlarmLimit is the threshold of an alarm.
func AlarmLimit(threshold float64) *Limit { return &Limit{Label: "Alarm", Value: threshold} }

// Line is a metric in a graph.
type Line struct {
	// Label names the line.
	Label string
	// Metric is what it shows.
	Metric AlarmMetric
	// Color is a colour as #rrggbb; empty lets CloudWatch choose.
	Color string
}

type graphProperties struct {
	Title       string       `json:"title"`
	View        string       `json:"view"`
	Stacked     bool         `json:"stacked"`
	Region      string       `json:"region"`
	Period      int          `json:"period"`
	Metrics     [][]any      `json:"metrics"`
	YAxis       axes         `json:"yAxis"`
	Annotations *annotations `json:"annotations,omitempty"`
}

type axes struct {
	Left axis `json:"left"`
}

type axis struct {
	Min       int    `json:"min"`
	Label     string `json:"label,omitempty"`
	ShowUnits bool   `json:"showUnits"`
}

type annotations struct {
	Horizontal []Limit `json:"horizontal"`
}

type lineOptions struct {
	Label  string `json:"label"`
	Stat   string `json:"stat"`
	Color  string `json:"color,omitempty"`
	Period int    `json:"period,omitempty"`
}

// Text adds a row of Markdown.
func (d *Dashboard) Text(markdown string) {
	d.row(textHeight, map[string]string{"markdown": markdown}, "text")
}

// Alarms adds a row that shows the state of alarms, given by ARN.
func (d *Dashboard) Alarms(title string, arns []string) {
	d.row(alarmsHeight, map[string]any{"title": title, "alarms": arns}, "alarm")
}

// Graphs adds a row of up to four graphs.
func (d *Dashboard) Graphs(graphs ...Graph) {
	width := dashboardColumns / max(len(graphs), 1)
	for i, g := range graphs {
		d.widgets = append(d.widgets, widget{Type: "metric", X: i * width, Y: d.y, Width: width, Height: graphHeight, Properties: g.properties()})
	}
	d.y += graphHeight
}

func (d *Dashboard) row(height int, properties any, kind string) {
	d.widgets = append(d.widgets, widget{Type: kind, Y: d.y, Width: dashboardColumns, Height: height, Properties: properties})
	d.y += height
}

func (g Graph) properties() graphProperties {
	p := graphProperties{
		Title: g.Title, View: "timeSeries", Stacked: g.Stacked, Region: cfn.Region, Period: 60,
		YAxis: axes{Left: axis{Label: g.Unit}},
	}
	for _, line := range g.Lines {
		p.Metrics = append(p.Metrics, line.render())
	}
	if g.Limit != nil {
		p.Annotations = &annotations{Horizontal: []Limit{*g.Limit}}
	}
	return p
}

// render is the metric as CloudWatch wants it: namespace, name, dimensions in pairs, options.
func (l Line) render() []any {
	rendered := []any{l.Metric.Namespace, l.Metric.Name}
	for _, d := range l.Metric.Dimensions {
		rendered = append(rendered, d.Name, d.Value)
	}
	return append(rendered, lineOptions{Label: l.Label, Stat: l.Metric.Statistic, Color: l.Color, Period: l.Metric.PeriodSeconds})
}

// innermostList is a list in indented JSON that holds no other.
var innermostList = regexp.MustCompile(`\[[^\[\]]*\]`)

var lineBreak = regexp.MustCompile(`\n\s*`)

// Body is the dashboard as JSON, a metric on a line.
func (d *Dashboard) Body() string {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	_ = encoder.Encode(map[string]any{"widgets": d.widgets}) // texts and numbers always encode
	return innermostList.ReplaceAllStringFunc(body.String(), func(list string) string {
		return lineBreak.ReplaceAllString(list, " ")
	})
}

// Resource is the dashboard under a physical name.
func (d *Dashboard) Resource(name string) *cloudwatch.Dashboard {
	return &cloudwatch.Dashboard{DashboardName: new(name), DashboardBody: d.Body()}
}
