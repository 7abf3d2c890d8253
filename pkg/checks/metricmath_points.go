package checks

import (
	"maps"
	"math"
	"slices"
)

// sortedKeys are a map's keys in order.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// callPointwise evaluates the functions that give a series for each series.
func (e *evaluation) callPointwise(n *mathNode) (operand, error) {
	o, err := e.timeSeries(n)
	if err != nil {
		return operand{}, err
	}
	return o.each(func(s Series) Series {
		switch n.text {
		case "ABS":
			return mapSeries(s, math.Abs)
		case "CEIL":
			return mapSeries(s, math.Ceil)
		case "FLOOR":
			return mapSeries(s, math.Floor)
		case "LOG":
			return mapSeries(s, math.Log)
		case "LOG10":
			return mapSeries(s, math.Log10)
		case "RUNNING_SUM":
			sum := 0.0
			return mapSeries(s, func(v float64) float64 { sum += v; return sum })
		}
		return e.differences(s, n.text == "RATE")
	}), nil
}

// differences are those to the data point before, per second for a rate.
func (e *evaluation) differences(s Series, rate bool) Series {
	result, last := noSeries(e.in.Length), -1
	for i, v := range s {
		if math.IsNaN(v) {
			continue
		}
		if last >= 0 {
			result[i] = v - s[last]
			if rate {
				result[i] = finite(result[i] / float64((i-last)*e.in.Period))
			}
		}
		last = i
	}
	return result
}

// callProperty evaluates the functions that look at a series or array as a whole.
func (e *evaluation) callProperty(n *mathNode) (operand, error) {
	o, err := e.timeSeries(n)
	if err != nil {
		return operand{}, err
	}
	switch {
	case n.text == "PERIOD":
		return scalarOf64(float64(e.in.Period)), nil
	case n.text == "METRIC_COUNT":
		return scalarOf64(float64(len(o.series))), nil
	case len(o.series) == 0:
		return operand{}, n.arguments[0].wrong("%s of an array without time series", n.text)
	case n.text == "FIRST":
		return seriesOf(o.series[0]), nil
	}
	return seriesOf(o.series[len(o.series)-1]), nil
}
