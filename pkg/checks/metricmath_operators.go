package checks

import "math"

// computeMath applies an operator to two numbers; comparisons and logic give 1 or 0.
func computeMath(operator string, a, b float64) float64 {
	switch operator {
	case "+":
		return a + b
	case "-":
		return a - b
	case "*":
		return a * b
	case "/":
		return a / b
	case "^":
		return math.Pow(a, b)
	case "==":
		return oneIf(a == b)
	case "!=":
		return oneIf(a != b)
	case "<":
		return oneIf(a < b)
	case "<=":
		return oneIf(a <= b)
	case ">":
		return oneIf(a > b)
	case ">=":
		return oneIf(a >= b)
	case "AND":
		return oneIf(a != 0 && b != 0)
	}
	return oneIf(a != 0 || b != 0)
}

func isArithmetic(operator string) bool {
	return len(operator) == 1 && operator != "<" && operator != ">"
}

func oneIf(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func orZero(v float64) float64 {
	if math.IsNaN(v) {
		return 0
	}
	return v
}

// finite drops what is no number, such as the result of a division by zero.
func finite(v float64) float64 {
	if math.IsInf(v, 0) {
		return math.NaN()
	}
	return v
}

// mapSeries changes the data points that exist.
func mapSeries(s Series, change func(float64) float64) Series {
	result := make(Series, len(s))
	for i, v := range s {
		result[i] = v
		if !math.IsNaN(v) {
			result[i] = finite(change(v))
		}
	}
	return result
}
