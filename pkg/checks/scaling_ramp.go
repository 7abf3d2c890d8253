package checks

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// What the simulated ramp assumes and promises, in minutes. Target tracking waits for three data points above the target
// before it adds and for fifteen below nine tenths of it before it removes: so are the alarms that Application Auto
// Scaling creates. A Fargate task serves about two minutes after it was asked for: network interface, image, health checks.
const (
	rampMinutes      = 10 // from nothing to the peak and back: as fast as a payment day begins
	peakMinutes      = 60 // at the peak
	quietMinutes     = 90 // without load afterwards
	breachesToOut    = 3
	breachesToIn     = 15
	lowShare         = 0.9 // the alarm for removing is below this share of the target
	startMinutes     = 2
	reachesMaxWithin = 30 // after the load began: a peak is served before customers go elsewhere
	reachesMinWithin = 60 // after the load ended: idle tasks are paid for an hour at most
)

// rampVerdict is what a simulated ramp showed: problem is empty when all went well.
type rampVerdict struct {
	policy  *ScalingPolicy // whose metric is to blame; nil for all together
	problem string
}

// ramp is a service under load that rises from nothing to the peak and falls back.
type ramp struct {
	least, most int
	policies    []*ScalingPolicy
	role        func(*Metric) string
	reading     Reading
	active      string // the colour with traffic: the index of its target group
	silent      bool   // the application emits no metrics

	minute  int
	load    []float64 // share of the peak
	running []int
	desired []int
	starts  []int // when tasks that were asked for begin to run, one entry a task
	tracked []Series
	peaks   []float64 // value of a policy's driving metrics at the peak
	total   []bool    // whether those are totals, which the policy divides by the tasks
	states  []policyState
}

type policyState struct {
	high, low       AlarmState
	lastOut, lastIn int
}

// rampOf simulates the service's ramp for each active colour and each documented reading.
func (o *Operations) rampOf(s *ScaledService, least, most int, silent bool) rampVerdict {
	role := o.rolesOf(s)
	all := allQueries(s.Policies)
	silent = silent && slices.ContainsFunc(all.metrics(), appMetric)
	var key strings.Builder
	fmt.Fprint(&key, least, " ", most, " ", silent, " ", len(s.Groups))
	for _, p := range s.Policies {
		key.WriteString("|" + p.signature(role))
	}
	return o.ramped.get(key.String(), func() rampVerdict {
		for color := range max(1, len(s.Groups)) {
			for _, reading := range all.readings() {
				r := &ramp{least: least, most: most, policies: s.Policies, role: role, reading: reading, active: fmt.Sprint(color), silent: silent}
				if v := r.run(); v.problem != "" {
					return v
				}
			}
		}
		return rampVerdict{}
	})
}

func allQueries(policies []*ScalingPolicy) Queries {
	var all Queries
	for _, p := range policies {
		all = append(all, p.Queries...)
	}
	return all
}

// run simulates minute by minute and judges.
func (r *ramp) run() rampVerdict {
	r.states = make([]policyState, len(r.policies))
	r.tracked = make([]Series, len(r.policies))
	r.peaks, r.total = make([]float64, len(r.policies)), make([]bool, len(r.policies))
	for i, p := range r.policies {
		r.states[i] = policyState{high: InsufficientData, low: InsufficientData, lastOut: -1 << 20, lastIn: -1 << 20}
		if problem := r.calibrate(i, p); problem != "" {
			return rampVerdict{policy: p, problem: problem}
		}
	}
	for r.minute = 0; r.minute < 2*rampMinutes+peakMinutes+quietMinutes; r.minute++ {
		r.step()
	}
	return r.judge()
}

// loadAt is the share of the peak load in a minute.
func loadAt(minute int) float64 {
	end := rampMinutes + peakMinutes
	switch {
	case minute < rampMinutes:
		return float64(minute) / rampMinutes
	case minute < end:
		return 1
	case minute < end+rampMinutes:
		return 1 - float64(minute-end)/rampMinutes
	}
	return 0
}

// calibrate finds how much of its driving metrics brings a policy to its target with the greatest number of tasks, and
// whether they are totals or per task.
func (r *ramp) calibrate(i int, p *ScalingPolicy) string {
	if p.Predefined != "" || r.silent && r.needsApplication(p) {
		return ""
	}
	const probe = 1e6
	value := func(tasks float64) float64 {
		s := r.evaluate(p, 1, func(m *Metric, _ int) float64 { return r.driver(m, probe, tasks) })
		return s[0]
	}
	one, two, most := value(1), value(2), value(float64(r.most))
	if !(most > 0) {
		return "the tracked value does not rise with the load on target group " + r.active
	}
	r.total[i] = two < 0.75*one
	r.peaks[i] = probe * p.Target / most
	return ""
}

// needsApplication tells whether nothing but the application's own metrics drives a policy.
func (r *ramp) needsApplication(p *ScalingPolicy) bool {
	for _, m := range p.Queries.metrics() {
		if !countsTasks(m) && !appMetric(m) {
			return false
		}
	}
	return true
}

// driver is the value of a metric for an amount of load: nothing for what has none.
func (r *ramp) driver(m *Metric, amount, tasks float64) float64 {
	switch role := r.role(m); {
	case countsTasks(m) && role == "service":
		return tasks
	case role == "application":
		if r.silent {
			return math.NaN()
		}
		return amount
	case role == "other", role == "service" && m.Namespace == "AWS/ECS":
		return amount
	case (role == r.active || role == "balancer") && amount > 0 && m.Stat == "Sum":
		return amount
	}
	return math.NaN()
}

// evaluate computes a policy's tracked metric over some minutes.
func (r *ramp) evaluate(p *ScalingPolicy, length int, value func(*Metric, int) float64) Series {
	s, _ := p.Queries.evaluate(p.Queries.result(), func(m *Metric) Series {
		list := make(Series, length)
		for i := range list {
			list[i] = value(m, i)
		}
		return list
	}, length, r.reading)
	return s
}

// value is what a policy tracks in the current minute.
func (r *ramp) value(i int, p *ScalingPolicy) float64 {
	tasks, load := float64(r.running[r.minute]), r.load[r.minute]
	demand := load * float64(r.most) * p.Target / tasks
	switch p.Predefined {
	case "":
	case "ECSServiceAverageCPUUtilization", "ECSServiceAverageMemoryUtilization":
		return min(demand, 100)
	case "ALBRequestCountPerTarget":
		if r.active != "0" || load == 0 {
			return math.NaN()
		}
		return demand
	default:
		return math.NaN()
	}
	first := max(0, r.minute-breachesToOut)
	s := r.evaluate(p, r.minute-first+1, func(m *Metric, at int) float64 {
		at += first
		amount := r.load[at] * r.peaks[i]
		if !r.total[i] {
			amount *= float64(r.most) / float64(r.running[at])
		}
		return r.driver(m, amount, float64(r.running[at]))
	})
	return s[len(s)-1]
}
