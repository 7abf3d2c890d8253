package checks

import (
	"math"
	"slices"
	"strings"
)

// mathKeywords stand where a function wants a choice.
var mathKeywords = []string{"REPEAT", "LINEAR"}

// mathFunction is a function with the number of its arguments.
type mathFunction struct {
	least, most int
	apply       func(*evaluation, *mathNode) (operand, error)
}

// mathFunctions lists what is evaluated. It is a function since the entries refer to what refers to it.
func mathFunctions(name string) (mathFunction, bool) {
	switch name {
	case "IF":
		return mathFunction{2, 3, (*evaluation).callIf}, true
	case "FILL":
		return mathFunction{2, 2, (*evaluation).callFill}, true
	case "METRICS":
		return mathFunction{0, 1, (*evaluation).callMetrics}, true
	case "TIME_SERIES":
		return mathFunction{1, 1, (*evaluation).callTimeSeries}, true
	case "MAX", "MIN", "SUM", "AVG", "DATAPOINT_COUNT":
		return mathFunction{1, 1, (*evaluation).callAggregate}, true
	case "ABS", "CEIL", "FLOOR", "LOG", "LOG10", "DIFF", "RATE", "RUNNING_SUM":
		return mathFunction{1, 1, (*evaluation).callPointwise}, true
	case "PERIOD", "METRIC_COUNT", "FIRST", "LAST":
		return mathFunction{1, 1, (*evaluation).callProperty}, true
	}
	return mathFunction{}, false
}

// notEvaluated are functions of CloudWatch that need more than the series, or that alarms cannot use.
const notEvaluated = " ANOMALY_DETECTION_BAND DATE DAY DB_PERF_INSIGHTS DIFF_TIME EPOCH HOUR INSIGHT_RULE_METRIC LAMBDA MINUTE MONTH" +
	" REMOVE_EMPTY SEARCH SERVICE_QUOTA SLICE SORT STDDEV YEAR "

func (p *mathParser) checkCall(n *mathNode) {
	function, known := mathFunctions(n.text)
	switch count := len(n.arguments); {
	case p.err != nil:
	case !known && strings.Contains(notEvaluated, " "+n.text+" "):
		p.err = &MathError{At: n.at, Problem: "function " + n.text + " is not evaluated", Unsupported: true}
		p.token, p.end = "", len(p.text)
	case !known:
		p.start = n.at - 1
		p.fail("there is no function %s", n.text)
	case count < function.least || count > function.most:
		p.start = n.at - 1
		p.fail("%s does not take %d arguments", n.text, count)
	}
}

func (e *evaluation) call(n *mathNode) (operand, error) {
	function, _ := mathFunctions(n.text)
	return function.apply(e, n)
}

// timeSeries evaluates the only argument, which has to be a time series or an array of them.
func (e *evaluation) timeSeries(n *mathNode) (operand, error) {
	o, err := e.value(n.arguments[0])
	if err == nil && !o.isTimeSeries() {
		err = n.arguments[0].wrong("%s takes a time series, not a number", n.text)
	}
	return o, err
}

func (e *evaluation) callIf(n *mathNode) (operand, error) {
	values := make([]operand, 3)
	for i, argument := range n.arguments {
		var err error
		if values[i], err = e.value(argument); err != nil {
			return operand{}, err
		}
		if values[i].kind == arrayOperand {
			return operand{}, argument.wrong("IF takes single time series, not arrays")
		}
	}
	if len(n.arguments) == 2 {
		values[2] = seriesOf(noSeries(e.in.Length))
	}
	if values[0].kind == scalarOperand {
		return values[1+int(oneIf(values[0].number == 0))], nil
	}
	return seriesOf(e.choose(values[0].series[0], values[1], values[2])), nil
}

// choose is IF with a series as condition: a data point that the true value lacks is 0, one that the false value lacks is
// dropped.
func (e *evaluation) choose(condition Series, yes, no operand) Series {
	result := noSeries(e.in.Length)
	for i, c := range condition {
		switch {
		case math.IsNaN(c):
		case c == 0:
			result[i] = no.at(i)
		default:
			result[i] = yes.at(i)
			if math.IsNaN(result[i]) && !e.reading.Strict {
				result[i] = 0
			}
		}
	}
	return result
}

// at is the number, or the series' value at an index.
func (o operand) at(i int) float64 {
	if o.kind == scalarOperand {
		return o.number
	}
	return o.series[0][i]
}

func (e *evaluation) callFill(n *mathNode) (operand, error) {
	o, err := e.timeSeries(n)
	if err != nil {
		return operand{}, err
	}
	how := n.arguments[1]
	if how.kind == keywordNode {
		if how.text == "REPEAT" {
			return o.each(fillRepeat), nil
		}
		return o.each(fillLinear), nil
	}
	filler, err := e.value(how)
	if err == nil && filler.kind == arrayOperand {
		err = how.wrong("FILL takes a number, a time series, REPEAT or LINEAR")
	}
	return o.each(func(s Series) Series { return e.fill(s, filler) }), err
}

func (e *evaluation) fill(s Series, filler operand) Series {
	if s.Empty() && !e.reading.FillsEmpty {
		return s
	}
	result := slices.Clone(s)
	for i, v := range s {
		if math.IsNaN(v) {
			result[i] = filler.at(i)
		}
	}
	return result
}

// fillRepeat fills "with the most recent actual value of the metric before the missing value".
func fillRepeat(s Series) Series {
	result, last := slices.Clone(s), math.NaN()
	for i, v := range s {
		if !math.IsNaN(v) {
			last = v
		}
		result[i] = last
	}
	return result
}

// fillLinear fills with "a linear interpolation between the values at the beginning and the end of the gap".
func fillLinear(s Series) Series {
	result, last := slices.Clone(s), -1
	for i, v := range s {
		if math.IsNaN(v) {
			continue
		}
		for gap := last + 1; last >= 0 && gap < i; gap++ {
			result[gap] = s[last] + (v-s[last])*float64(gap-last)/float64(i-last)
		}
		last = i
	}
	return result
}

func (e *evaluation) callMetrics(n *mathNode) (operand, error) {
	part := ""
	if len(n.arguments) == 1 {
		if n.arguments[0].kind != textNode {
			return operand{}, n.arguments[0].wrong("METRICS takes a quoted text")
		}
		part = n.arguments[0].text
	}
	var list []Series
	for _, id := range sortedKeys(e.in.Metrics) {
		if strings.Contains(id, part) {
			list = append(list, e.in.Metrics[id])
		}
	}
	return arrayOf(list...), nil
}

func (e *evaluation) callTimeSeries(n *mathNode) (operand, error) {
	o, err := e.value(n.arguments[0])
	if err == nil && o.kind != scalarOperand {
		err = n.arguments[0].wrong("TIME_SERIES takes a number")
	}
	return seriesOf(constantSeries(e.in.Length, finite(o.number))), err
}

// callAggregate makes a number of one series, and one series of an array.
func (e *evaluation) callAggregate(n *mathNode) (operand, error) {
	o, err := e.timeSeries(n)
	if err != nil {
		return operand{}, err
	}
	if o.kind == seriesOperand {
		return scalarOf64(aggregate(n.text, o.series[0], 0)), nil
	}
	result, column := noSeries(e.in.Length), make(Series, len(o.series))
	for i := range result {
		for j, s := range o.series {
			column[j] = s[i]
		}
		result[i] = aggregate(n.text, column, len(column))
	}
	return seriesOf(result), nil
}

// aggregate computes over the values that exist. An average over an array treats missing ones as 0: it is over count
// values, where count is not 0. Without any value there is no result.
func aggregate(function string, values Series, count int) float64 {
	present := slices.DeleteFunc(slices.Clone(values), math.IsNaN)
	sum := 0.0
	for _, v := range present {
		sum += v
	}
	switch {
	case function == "DATAPOINT_COUNT":
		return float64(len(present))
	case len(present) == 0:
		return math.NaN()
	case function == "MAX":
		return slices.Max(present)
	case function == "MIN":
		return slices.Min(present)
	case function == "AVG":
		return sum / float64(max(count, len(present)))
	}
	return sum
}
