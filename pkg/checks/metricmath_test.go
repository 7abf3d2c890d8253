package checks

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// points reads a series such as "1 - 2.5"; "-" is no data point.
func points(text string) Series {
	var s Series
	for word := range strings.FieldsSeq(text) {
		s = append(s, numberOrNone(word))
	}
	return s
}

// sameSeries compares series whose missing data points are NaN.
var sameSeries = cmp.Options{cmpopts.EquateNaNs(), cmpopts.EquateEmpty(), cmpopts.EquateApprox(0, 1e-9)}

func evaluateText(text string, metrics map[string]string, reading Reading) (Series, error) {
	f, err := ParseFormula(text)
	if err != nil {
		return nil, err
	}
	in := MathInput{Metrics: map[string]Series{}, Results: map[string]Series{"e1": {7, 7, 7, 7, 7}}, Length: 5, Period: 60}
	for id, series := range metrics {
		in.Metrics[id] = points(series)
	}
	return f.Evaluate(in, reading)
}

// The first cases are the examples of the documentation.
func TestFormulaEvaluate(t *testing.T) {
	metrics := map[string]string{"metric1": "30 20 0 0 -", "metric2": "20 - 20 - -", "c": "1 1 0 0 -", "a": "30 - 0 0 30", "b": "0 0 20 - 20",
		"none": "- - - - -", "gap": "- 2 - 8 -", "neg": "-1 2.5 - 4 9"}
	cases := []struct{ text, want string }{
		{"metric1 < metric2", "0 0 1 0 -"},
		{"metric1 >= 30", "1 0 0 0 -"},
		{"metric1 > 15 AND metric2 > 15", "1 0 0 0 -"},
		{"IF(c, a, b)", "30 0 20 - -"},
		{"IF(c, 5, b)", "5 5 20 - -"},
		{"IF(c, a, 5)", "30 0 5 5 -"},
		{"IF(c, a)", "30 0 - - -"},
		{"IF(1, a, b)", "30 - 0 0 30"},
		{"IF(0, a, b)", "0 0 20 - 20"},
		{"metric1+metric2", "50 20 20 0 -"},
		{"metric1 - metric2", "10 20 -20 0 -"},
		{"metric1*metric2", "600 0 0 0 -"},
		{"metric1/metric2", "1.5 - 0 - -"},
		{"2^metric2", "1048576 - 1048576 - -"},
		{"metric1^2/10", "90 40 0 0 -"},
		{"100/metric1", "3.3333333333333335 5 - - -"},
		{"1+2*metric1-3", "58 38 -2 -2 -"},
		{"2^3^2*(metric1==30)", "64 0 0 0 -"},
		{"-metric1", "-30 -20 0 0 -"},
		{"- -2*metric1", "60 40 0 0 -"},
		{"metric1 != 30 || metric2 == 20", "1 1 1 1 -"},
		{"metric1 <= 20 && metric1 > 0", "0 1 0 0 -"},
		{"(metric1 > 0) OR metric2", "1 1 1 0 -"},
		{"FILL(gap, 1)", "1 2 1 8 1"},
		{"FILL(gap, metric1)", "30 2 0 8 -"},
		{"FILL(gap, REPEAT)", "- 2 2 8 8"},
		{"FILL(gap, LINEAR)", "- 2 5 8 -"},
		{"FILL(gap, MIN(gap))", "2 2 2 8 2"},
		{"SUM(FILL([gap, none], 1))", "1 2 1 8 1"},
		{"SUM([metric1, metric2])", "50 20 20 0 -"},
		{"MAX([metric1, metric2])", "30 20 20 0 -"},
		{"MIN([metric1, metric2])", "20 20 0 0 -"},
		{"AVG([metric1, metric2])", "25 10 10 0 -"},
		{"DATAPOINT_COUNT([metric1, metric2])", "2 1 2 1 0"},
		{"metric1 - AVG(metric1)", "17.5 7.5 -12.5 -12.5 -"},
		{"TIME_SERIES(SUM(metric1)/DATAPOINT_COUNT(metric1))", "12.5 12.5 12.5 12.5 12.5"},
		{"TIME_SERIES(1/0)", "- - - - -"},
		{"ABS(neg)", "1 2.5 - 4 9"},
		{"CEIL(neg)", "-1 3 - 4 9"},
		{"FLOOR(neg)", "-1 2 - 4 9"},
		{"LOG10(100*metric1/30)", "2 1.8239087409443187 - - -"},
		{"LOG(metric1/metric1)", "0 0 - - -"},
		{"DIFF(gap)", "- - - 6 -"},
		{"RATE(gap)", "- - - 0.05 -"},
		{"RUNNING_SUM(gap)", "- 2 - 10 -"},
		{"gap/PERIOD(gap)", "- 0.03333333333333333 - 0.13333333333333333 -"},
		{"gap*METRIC_COUNT([a, b, c])", "- 6 - 24 -"},
		{"FIRST([a, b])", "30 - 0 0 30"},
		{"LAST([a, b])", "0 0 20 - 20"},
		{`SUM(METRICS("metric"))`, "50 20 20 0 -"},
		{"SUM([METRICS('metric1'), METRICS('metric2')])", "50 20 20 0 -"},
		{"DATAPOINT_COUNT(METRICS())", "6 5 5 5 3"},
		{"SUM(-[metric1, metric2])", "-50 -20 -20 0 -"},
		{"SUM([metric1, metric2]/10)", "5 2 2 0 -"},
		{"SUM(100/[metric1, metric2])", "8.333333333333334 5 5 - -"},
		{"SUM([metric1, metric2]*gap)", "0 40 0 0 -"},
		{"SUM(gap+[metric1])", "30 22 0 8 -"},
		{"SUM([metric1]+[metric2])", "50 20 20 0 -"},
		{"e1 + 0.5", "7.5 7.5 7.5 7.5 7.5"},
		{"[metric1]", "30 20 0 0 -"},
	}
	for _, c := range cases {
		t.Run(c.text, func(t *testing.T) {
			got, err := evaluateText(c.text, metrics, Reading{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(points(c.want), got, sameSeries); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// What each reading makes of a metric without data, and of a data point that only one side has.
func TestReading(t *testing.T) {
	metrics := map[string]string{"blue": "1 2 3 4 5", "green": "- - - - -", "gap": "1 - 3 - 5"}
	cases := []struct {
		text    string
		reading Reading
		want    string
	}{
		{"FILL(green,0)", Reading{FillsEmpty: true}, "0 0 0 0 0"},
		{"FILL(green,0)", Reading{}, "- - - - -"},
		{"FILL(blue,0)+FILL(green,0)", Reading{}, "1 2 3 4 5"},
		{"FILL(blue,0)+FILL(green,0)", Reading{Strict: true}, "- - - - -"},
		{"FILL(blue,0)+FILL(green,0)", Reading{Strict: true, FillsEmpty: true}, "1 2 3 4 5"},
		{"blue+gap", Reading{}, "2 2 6 4 10"},
		{"blue+gap", Reading{Strict: true}, "2 - 6 - 10"},
		{"blue>gap", Reading{Strict: true}, "0 1 0 1 0"},
		{"IF(blue>0,gap,0)", Reading{}, "1 0 3 0 5"},
		{"IF(blue>0,gap,0)", Reading{Strict: true}, "1 - 3 - 5"},
		{"MAX([blue,green])", Reading{Strict: true}, "1 2 3 4 5"},
	}
	for _, c := range cases {
		got, err := evaluateText(c.text, metrics, c.reading)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(points(c.want), got, sameSeries); diff != "" {
			t.Errorf("%s under %+v: %s", c.text, c.reading, diff)
		}
	}
}

func TestFormulaErrors(t *testing.T) {
	cases := []struct {
		text, want string
		at         int
	}{
		{"", "the expression ends here", 1},
		{"a+", "the expression ends here", 3},
		{"a b", `"b" does not belong here`, 3},
		{"(a", ") is missing", 3},
		{"[a", "] is missing", 3},
		{"a+)", `")" does not belong here`, 3},
		{"a # b", `"#" does not belong here`, 3},
		{"1.2.3*a", `"1.2.3" is no number`, 1},
		{"a.b", `"a.b" is no ID`, 1},
		{"a+Blue", `"Blue" is no ID: those begin with a lower-case letter`, 3},
		{"a+NOTHING(a)", "there is no function NOTHING", 3},
		{"FILL(a)", "FILL does not take 1 arguments", 1},
		{"IF(a,b,c,d)", "IF does not take 4 arguments", 1},
		{"FILL(a,", "the expression ends here", 8},
		{`METRICS("a)`, "the text is not closed", 9},
		{"a+SEARCH('x')", "function SEARCH is not evaluated", 3},
		{"a+b", "there is no metric or expression with the ID b", 3},
		{"b+a", "there is no metric or expression with the ID b", 1},
		{"-b", "there is no metric or expression with the ID b", 2},
		{"[b]", "there is no metric or expression with the ID b", 2},
		{"IF(b,a,a)", "there is no metric or expression with the ID b", 4},
		{"FILL(b,0)", "there is no metric or expression with the ID b", 6},
		{"FILL(a,b)", "there is no metric or expression with the ID b", 8},
		{"ABS(b)", "there is no metric or expression with the ID b", 5},
		{"SUM(b)", "there is no metric or expression with the ID b", 5},
		{"FIRST(b)", "there is no metric or expression with the ID b", 7},
		{"TIME_SERIES(b)", "there is no metric or expression with the ID b", 13},
		{"MAX(a)", "the result is a number, not a time series", 1},
		{"[a,a]", "the result is 2 time series, not one", 1},
		{"[a,1]", "an array holds time series, not numbers", 4},
		{"[a]+[a,a]", "arrays of 1 and 2 time series do not fit", 4},
		{"ABS(1)", "ABS takes a time series, not a number", 5},
		{"IF(a,[a],a)", "IF takes single time series, not arrays", 6},
		{"FILL(a,[a])", "FILL takes a number, a time series, REPEAT or LINEAR", 8},
		{"METRICS(a)", "METRICS takes a quoted text", 9},
		{"TIME_SERIES(a)", "TIME_SERIES takes a number", 13},
		{`FIRST(METRICS("x"))`, "FIRST of an array without time series", 7},
		{strings.Repeat("(", 100) + "a", "nested deeper than 64 levels", 66},
		{strings.Repeat("-", 100) + "a", "nested deeper than 64 levels", 66},
		{strings.Repeat("a+", 2000), "longer than 2048 characters", 2049},
		{"REPEAT", "REPEAT stands where a value is needed", 1},
		{`"x"+a`, "x stands where a value is needed", 1},
	}
	for _, c := range cases {
		_, err := evaluateText(c.text, map[string]string{"a": "1 2 3 4 5"}, Reading{})
		var wrong *MathError
		if !errors.As(err, &wrong) {
			t.Errorf("%.20s: error %v", c.text, err)
			continue
		}
		if diff := cmp.Diff(MathError{At: c.at, Problem: c.want, Unsupported: strings.Contains(c.want, "not evaluated")}, *wrong); diff != "" {
			t.Errorf("%.20s: %s", c.text, diff)
		}
	}
	if got := (&MathError{At: 3, Problem: "wrong"}).Error(); got != "position 3: wrong" {
		t.Error(got)
	}
}

func TestFormulaNames(t *testing.T) {
	f, err := ParseFormula("IF(tasks>0,FILL(backlog,0)/tasks,0)")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"backlog", "tasks"}, f.Names()); diff != "" {
		t.Error(diff)
	}
	if f.String() != "IF(tasks>0,FILL(backlog,0)/tasks,0)" {
		t.Error(f)
	}
}

func FuzzParseFormula(f *testing.F) {
	for _, seed := range []string{"IF(a>0,(FILL(b,0)+FILL(c,0))/a,0)", "MAX([FILL(a,REPEAT),-b^2])", `SUM(METRICS("x"))`, "((((", "a..b", "'", "\x00\xff", "1e9"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		formula, err := ParseFormula(text)
		if err != nil {
			var wrong *MathError
			if !errors.As(err, &wrong) || wrong.At < 1 || wrong.At > len(text)+1 {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		in := MathInput{Metrics: map[string]Series{"a": {1, math.NaN()}, "b": {0, -1}, "c": noSeries(2)}, Length: 2, Period: 60}
		for _, reading := range []Reading{{}, {FillsEmpty: true, Strict: true}} {
			if s, err := formula.Evaluate(in, reading); err == nil && len(s) != 2 {
				t.Fatalf("%q gives %v", text, s)
			}
		}
	})
}
