package checks

import (
	"fmt"
	"math"
	"slices"
)

// Series is a time series: one value a period, NaN where there is no data point.
type Series []float64

// Empty tells whether there is no data point at all.
func (s Series) Empty() bool {
	return !slices.ContainsFunc(s, func(v float64) bool { return !math.IsNaN(v) })
}

// noSeries is a series without data points.
func noSeries(length int) Series { return constantSeries(length, math.NaN()) }

func constantSeries(length int, value float64) Series {
	return slices.Repeat(Series{value}, length)
}

// Reading says how to take what the documentation of CloudWatch leaves open or what field reports contradict. The zero
// Reading is documented behaviour where FILL cannot fill a metric that has no data point at all.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
type Reading struct {
	// FillsEmpty has FILL give values also for a metric without any data point in the range. The documentation is silent.
	FillsEmpty bool
	// Strict drops a data point that arithmetic or IF would take from a series that has none there. Documented is that
	// such values count as 0.
	Strict bool
}

// DocumentedReadings are the readings that agree with the documentation; an expression has to work under each.
func DocumentedReadings() []Reading { return []Reading{{FillsEmpty: true}, {}} }

// MathError is what is wrong with a metric math expression, and where.
type MathError struct {
	// At is the position in the expression, from 1, in bytes.
	At int
	// Problem is what is wrong there.
	Problem string
	// Unsupported tells that CloudWatch knows the function but it is not evaluated here.
	Unsupported bool
}

// Error names the position.
func (e *MathError) Error() string { return fmt.Sprintf("position %d: %s", e.At, e.Problem) }

// MathInput is what a formula is evaluated over.
type MathInput struct {
	// Metrics are the series of the request's metrics by ID, Results those of its other expressions. All have Length values.
	Metrics, Results map[string]Series
	// Length is how many periods the range has, Period how many seconds each.
	Length, Period int
}

// Evaluate computes the formula. The result has to be one time series, as alarms and scaling policies need.
func (f *Formula) Evaluate(in MathInput, reading Reading) (Series, error) {
	e := evaluation{in: in, reading: reading}
	result, err := e.value(f.root)
	switch {
	case err != nil:
		return nil, err
	case result.kind == scalarOperand:
		return nil, f.root.wrong("the result is a number, not a time series")
	case result.kind == arrayOperand && len(result.series) != 1:
		return nil, f.root.wrong("the result is %d time series, not one", len(result.series))
	}
	return result.series[0], nil
}

// operand is an intermediate result: a number, a time series or an array of time series.
type operand struct {
	kind   operandKind
	number float64
	series []Series
}

type operandKind uint8

const (
	scalarOperand operandKind = iota
	seriesOperand
	arrayOperand
)

func scalarOf64(v float64) operand              { return operand{kind: scalarOperand, number: v} }
func seriesOf(s Series) operand                 { return operand{kind: seriesOperand, series: []Series{s}} }
func arrayOf(list ...Series) operand            { return operand{kind: arrayOperand, series: list} }
func (o operand) isTimeSeries() bool            { return o.kind != scalarOperand }
func (o operand) withSeries(l []Series) operand { return operand{kind: o.kind, series: l} }

// each applies a function to every series.
func (o operand) each(change func(Series) Series) operand {
	list := make([]Series, len(o.series))
	for i, s := range o.series {
		list[i] = change(s)
	}
	return o.withSeries(list)
}

type evaluation struct {
	in      MathInput
	reading Reading
}

// value evaluates a node.
func (e *evaluation) value(n *mathNode) (operand, error) {
	switch n.kind {
	case numberNode:
		return scalarOf64(n.number), nil
	case nameNode:
		return e.named(n)
	case arrayNode:
		return e.array(n)
	case callNode:
		return e.call(n)
	case textNode, keywordNode:
		return operand{}, n.wrong("%s stands where a value is needed", n.text)
	case negateNode:
		o, err := e.value(n.arguments[0])
		if err != nil || o.kind == scalarOperand {
			return scalarOf64(-o.number), err
		}
		return o.each(func(s Series) Series { return mapSeries(s, func(v float64) float64 { return -v }) }), nil
	}
	left, err := e.value(n.arguments[0])
	if err != nil {
		return operand{}, err
	}
	right, err := e.value(n.arguments[1])
	if err != nil {
		return operand{}, err
	}
	return e.combine(n, left, right)
}

func (e *evaluation) named(n *mathNode) (operand, error) {
	if s, ok := e.in.Metrics[n.text]; ok {
		return seriesOf(s), nil
	}
	if s, ok := e.in.Results[n.text]; ok {
		return seriesOf(s), nil
	}
	return operand{}, n.wrong("there is no metric or expression with the ID %s", n.text)
}

// array flattens arrays inside it, as [METRICS("4xx"), METRICS("5xx")] needs.
func (e *evaluation) array(n *mathNode) (operand, error) {
	var list []Series
	for _, argument := range n.arguments {
		o, err := e.value(argument)
		if err != nil {
			return operand{}, err
		}
		if !o.isTimeSeries() {
			return operand{}, argument.wrong("an array holds time series, not numbers")
		}
		list = append(list, o.series...)
	}
	return arrayOf(list...), nil
}

// combine applies an operator to numbers, series and arrays of series.
func (e *evaluation) combine(n *mathNode, left, right operand) (operand, error) {
	switch {
	case left.kind == scalarOperand && right.kind == scalarOperand:
		return scalarOf64(computeMath(n.text, left.number, right.number)), nil
	case left.kind == scalarOperand:
		return right.each(func(s Series) Series {
			return mapSeries(s, func(v float64) float64 { return computeMath(n.text, left.number, v) })
		}), nil
	case right.kind == scalarOperand:
		return left.each(func(s Series) Series {
			return mapSeries(s, func(v float64) float64 { return computeMath(n.text, v, right.number) })
		}), nil
	case left.kind == seriesOperand:
		return right.each(func(s Series) Series { return e.pair(n.text, left.series[0], s) }), nil
	case right.kind == seriesOperand:
		return left.each(func(s Series) Series { return e.pair(n.text, s, right.series[0]) }), nil
	case len(left.series) != len(right.series):
		return operand{}, n.wrong("arrays of %d and %d time series do not fit", len(left.series), len(right.series))
	}
	list := make([]Series, len(left.series))
	for i := range list {
		list[i] = e.pair(n.text, left.series[i], right.series[i])
	}
	return arrayOf(list...), nil
}

// pair combines two series point by point: "Missing values in a time series are treated as 0."
func (e *evaluation) pair(operator string, left, right Series) Series {
	result := noSeries(e.in.Length)
	strict := e.reading.Strict && isArithmetic(operator)
	for i := range result {
		a, b := left[i], right[i]
		if missing := math.IsNaN(a) || math.IsNaN(b); math.IsNaN(a) && math.IsNaN(b) || missing && strict {
			continue
		}
		result[i] = finite(computeMath(operator, orZero(a), orZero(b)))
	}
	return result
}
