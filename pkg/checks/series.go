package checks

import (
	_ "embed"
	"fmt"
	"math"
	"strconv"
	"strings"
)

//go:embed metrics.txt
var metricsText string

// sample is a metric's value when all is well and when it is not.
type sample struct {
	healthy, sick float64
}

// samples reads the table of values, by namespace and name.
func samples() map[string]sample {
	table := map[string]sample{}
	for _, row := range tableRows(metricsText) {
		table[row[0]+" "+row[1]] = sample{healthy: numberOrNone(row[2]), sick: numberOrNone(row[3])}
	}
	return table
}

// numberOrNone reads a number; "-" is NaN, no data point.
func numberOrNone(text string) float64 {
	if v, err := strconv.ParseFloat(text, 64); err == nil {
		return v
	}
	return math.NaN()
}

// scene is a course of events over which alarms are evaluated.
type scene struct {
	name string
	// share is a colour's part of the requests in a period; nil for none at all.
	share func(color, period int) float64
	// sick tells whether a colour is ill in a period; color is -1 for what has no colours.
	sick func(color, period int) bool
	// nothing tells that no metric has a data point in a period.
	nothing func(period int) bool
	// late has the newest data point missing.
	late bool
	// grace is how many periods longer an alarm may take: a missing data point begins N of N periods anew.
	grace int
}

// sceneOnset is the period in which a fault begins, after the alarm has seen its whole range in good order.
func sceneOnset(a *Alarm) int { return evaluationRange(a.Periods) + 2 }

func allOn(color int) func(int, int) float64 {
	return func(c, _ int) float64 { return oneIf(c == color) }
}

func neverNothing(int) bool { return false }

// releaseShare shifts a tenth of the traffic to the second colour in each period.
func releaseShare(onset int) func(int, int) float64 {
	return func(color, period int) float64 {
		green := min(1, max(0, float64(period-onset+1)/10))
		if color == 1 {
			return green
		}
		return 1 - green
	}
}

// quietScenes are those in which no alarm may be raised; the first has no data at all.
func quietScenes(onset, colors int) []scene {
	healthy := func(int, int) bool { return false }
	scenes := []scene{
		{name: "without any data", sick: healthy, nothing: func(int) bool { return true }},
		{name: "when idle", sick: healthy, nothing: neverNothing},
		{name: "in normal operation", share: allOn(0), sick: healthy, nothing: neverNothing},
		{name: "in normal operation with a minute without data", share: allOn(0), sick: healthy, nothing: func(p int) bool { return p == onset+2 }},
	}
	if colors > 1 {
		scenes = append(scenes, scene{name: "with all traffic on the second colour", share: allOn(1), sick: healthy, nothing: neverNothing},
			scene{name: "during a release that goes well", share: releaseShare(onset), sick: healthy, nothing: neverNothing})
	}
	return scenes
}

// faultScenes are those in which an alarm on what is ill has to be raised.
func faultScenes(onset, colors int) []scene {
	var scenes []scene
	for color := range max(1, colors) {
		sick := func(c, period int) bool { return (c == color || c < 0) && period >= onset }
		suffix := ""
		if colors > 1 {
			suffix = fmt.Sprintf(" with all traffic on target group %d of %d", color+1, colors)
		}
		scenes = append(scenes, scene{name: "a fault" + suffix, share: allOn(color), sick: sick, nothing: neverNothing},
			scene{name: "a fault and a minute without data" + suffix, share: allOn(color), sick: sick, nothing: func(p int) bool { return p == onset+1 }, grace: 2},
			scene{name: "a fault and data that arrive a minute late" + suffix, share: allOn(color), sick: sick, nothing: neverNothing, late: true, grace: 1})
	}
	if colors > 1 {
		half := func(int, int) float64 { return 0.5 }
		scenes = append(scenes,
			scene{name: "a fault with the traffic split between both colours", share: half, sick: func(_, p int) bool { return p >= onset }, nothing: neverNothing},
			scene{name: "a release whose new version fails", share: releaseShare(onset), sick: func(c, p int) bool { return c != 0 && p >= onset }, nothing: neverNothing})
	}
	return scenes
}

// sceneMetrics gives the values of metrics in scenes, for the roles that they have.
type sceneMetrics struct {
	samples     map[*Metric]sample
	roles       map[*Metric]string
	least, most int  // tasks
	falling     bool // the alarm asks for too few tasks, not for too many
}

// value is a metric's value in a period of a scene.
func (v *sceneMetrics) value(sc scene, m *Metric, period int) float64 {
	role := v.roles[m]
	if sc.nothing(period) || role == "" {
		return math.NaN()
	}
	if color, err := strconv.Atoi(role); err == nil {
		return v.colorValue(sc, m, color, period)
	}
	if countsTasks(m) && role == "service" {
		return v.tasks(sc.sick(-1, period))
	}
	s := v.samples[m]
	switch {
	case role == "balancer" && isCount(m) && (sc.share == nil || m.Stat != "Sum"):
		return math.NaN()
	case sc.sick(-1, period):
		return s.sick
	}
	return s.healthy
}

// tasks is the number of tasks: the minimum, or, when ill, one less, or the maximum for an alarm on that.
func (v *sceneMetrics) tasks(sick bool) float64 {
	switch {
	case sick && v.falling:
		return float64(v.least - 1)
	case sick:
		return float64(v.most)
	}
	return float64(v.least)
}

// colorValue is the value of a target group's metric: nothing while the target group has no traffic. Of counts only the
// sum means something.
func (v *sceneMetrics) colorValue(sc scene, m *Metric, color, period int) float64 {
	s, share := v.samples[m], 0.0
	if sc.share != nil {
		share = sc.share(color, period)
	}
	value := s.healthy
	if sc.sick(color, period) {
		value = s.sick
	}
	switch {
	case share == 0:
		return math.NaN()
	case isCount(m) && m.Stat != "Sum":
		return 1
	case isCount(m):
		return value * share
	}
	return value
}

// isCount tells whether a metric of the load balancer counts requests: "The only meaningful statistic is Sum."
func isCount(m *Metric) bool {
	return m.Namespace == "AWS/ApplicationELB" && (m.Name == "RequestCount" || strings.HasPrefix(m.Name, "HTTPCode_"))
}
