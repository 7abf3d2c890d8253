package checks

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Metric is a CloudWatch metric with the statistic that is read.
type Metric struct {
	Namespace, Name, Stat string
	// Dimensions are resolved values by name.
	Dimensions map[string]Value
	// Period is in seconds; 60 where the template leaves it to a minute.
	Period int

	subject *Resource // see Operations.subject
}

// String names the metric for reports.
func (m *Metric) String() string { return m.Namespace + " " + m.Name }

// has tells whether the dimensions are exactly those named: others are another metric.
func (m *Metric) has(names ...string) bool {
	return slices.Equal(sortedKeys(m.Dimensions), names)
}

// Query is one entry of the Metrics of an alarm or scaling policy.
type Query struct {
	ID string
	// Metric or Formula says what it is.
	Metric  *Metric
	Formula *Formula
	// Returned tells whether it is the result.
	Returned bool
	// Path is the property it stands at.
	Path string
}

// Queries are all entries of an alarm or scaling policy.
type Queries []Query

// queryProblem is what is wrong with queries, and at which property. Unknown says why it cannot be told.
type queryProblem struct {
	path, found, unknown string
}

func (p *queryProblem) Error() string { return p.path + ": " + p.found + p.unknown }

// readQueries decodes a list of MetricDataQuery or TargetTrackingMetricDataQuery.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html
func readQueries(list Value, path string) (Queries, *queryProblem) {
	var queries Queries
	seen := map[string]bool{}
	for i, entry := range list.List() {
		at := fmt.Sprintf("%s[%d]", path, i)
		if why := entry.anyUnknown(); why != "" {
			return nil, &queryProblem{path: at, unknown: why}
		}
		q := Query{ID: entry.At("Id").String(), Path: at, Returned: !entry.At("ReturnData").Exists() || entry.At("ReturnData").True()}
		if q.ID == "" || seen[q.ID] {
			return nil, &queryProblem{path: at + ".Id", found: "the ID " + q.ID + " is empty or stands twice"}
		}
		seen[q.ID] = true
		if problem := q.readSource(entry); problem != nil {
			return nil, problem
		}
		queries = append(queries, q)
	}
	return queries, queries.check(path)
}

func (q *Query) readSource(entry Value) *queryProblem {
	text, stat := entry.At("Expression"), entry.At("MetricStat")
	if text.Exists() == stat.Exists() {
		return &queryProblem{path: q.Path, found: "neither or both of Expression and MetricStat"}
	}
	if stat.Exists() {
		q.Metric = readMetric(stat.At("Metric"), stat.At("Stat"), stat.At("Period"))
		return nil
	}
	formula, err := ParseFormula(text.String())
	if wrong, ok := err.(*MathError); ok && wrong.Unsupported {
		return &queryProblem{path: q.Path + ".Expression", unknown: wrong.Error()}
	}
	if err != nil {
		return &queryProblem{path: q.Path + ".Expression", found: fmt.Sprintf("%s (%v)", text.String(), err)}
	}
	q.Formula = formula
	return nil
}

func readMetric(metric, stat, period Value) *Metric {
	m := &Metric{Namespace: metric.At("Namespace").String(), Name: metric.At("MetricName").String(), Stat: stat.String(),
		Dimensions: map[string]Value{}, Period: 60}
	if seconds, ok := period.Int(); ok && seconds > 0 {
		m.Period = seconds
	}
	for _, d := range metric.At("Dimensions").List() {
		m.Dimensions[d.At("Name").String()] = d.At("Value")
	}
	return m
}

// check finds expressions of IDs that do not exist, circles, and another number of results than one.
func (q Queries) check(path string) *queryProblem {
	returned := 0
	for _, one := range q {
		if one.Returned {
			returned++
		}
		if one.Formula == nil {
			continue
		}
		if _, err := q.evaluate(one.ID, func(*Metric) Series { return noSeries(1) }, 1, Reading{}); err != nil {
			return &queryProblem{path: one.Path + ".Expression", found: fmt.Sprintf("%s (%v)", one.Formula, err)}
		}
	}
	if returned != 1 {
		return &queryProblem{path: path, found: fmt.Sprintf("%d results", returned)}
	}
	return nil
}

// returned is the entry that is the result, and result its ID; an empty one where none is.
func (q Queries) returned() Query {
	for _, one := range q {
		if one.Returned {
			return one
		}
	}
	return Query{}
}

func (q Queries) result() string { return q.returned().ID }

// metrics are the metrics, in order.
func (q Queries) metrics() []*Metric {
	var list []*Metric
	for _, one := range q {
		if one.Metric != nil {
			list = append(list, one.Metric)
		}
	}
	return list
}

// readings are those under which the result may differ: without an expression there is one.
func (q Queries) readings() []Reading {
	if slices.ContainsFunc(q, func(one Query) bool { return one.Formula != nil }) {
		return DocumentedReadings()
	}
	return DocumentedReadings()[:1]
}

// evaluate computes the entry with an ID, where lookup gives the series of metrics.
func (q Queries) evaluate(id string, lookup func(*Metric) Series, length int, reading Reading) (Series, error) {
	if len(q) == 1 && q[0].Metric != nil {
		return lookup(q[0].Metric), nil
	}
	e := queryEvaluation{queries: q, reading: reading, waiting: map[string]bool{},
		in: MathInput{Metrics: map[string]Series{}, Results: map[string]Series{}, Length: length, Period: 60}}
	for _, one := range q {
		if one.Metric != nil {
			e.in.Metrics[one.ID], e.in.Period = lookup(one.Metric), one.Metric.Period
		}
	}
	return e.entry(id)
}

type queryEvaluation struct {
	queries Queries
	reading Reading
	in      MathInput
	waiting map[string]bool
}

// entry evaluates an entry after those that it uses.
func (e *queryEvaluation) entry(id string) (Series, error) {
	if s, ok := e.in.Metrics[id]; ok {
		return s, nil
	}
	if s, ok := e.in.Results[id]; ok {
		return s, nil
	}
	i := slices.IndexFunc(e.queries, func(one Query) bool { return one.ID == id })
	if i < 0 {
		return nil, fmt.Errorf("there is no metric or expression with the ID %s", id)
	}
	if e.waiting[id] {
		return nil, fmt.Errorf("%s depends on itself", id)
	}
	e.waiting[id] = true
	for _, name := range e.queries[i].Formula.Names() {
		if _, err := e.entry(name); err != nil {
			return nil, err
		}
	}
	s, err := e.queries[i].Formula.Evaluate(e.in, e.reading)
	if err == nil {
		e.in.Results[id] = s
	}
	return s, err
}

// signature describes queries for a table of results: metrics by what they are about, as role tells.
func (q Queries) signature(role func(*Metric) string) string {
	var b strings.Builder
	for _, one := range q {
		if one.Metric != nil {
			fmt.Fprintf(&b, "%s=%s %s %s %d;", one.ID, one.Metric, role(one.Metric), one.Metric.Stat, one.Metric.Period)
			continue
		}
		fmt.Fprintf(&b, "%s=%s %t;", one.ID, one.Formula, one.Returned)
	}
	return b.String()
}

// lateSeries is a series whose newest data point is not there yet.
func lateSeries(s Series) Series {
	s = slices.Clone(s)
	s[len(s)-1] = math.NaN()
	return s
}
