package checks

import (
	"fmt"
	"math"
	"slices"
)

// step simulates a minute: tasks that were asked for run, metrics are published, alarms evaluated, policies followed.
func (r *ramp) step() {
	running, desired := r.least, r.least
	if r.minute > 0 {
		running, desired = r.running[r.minute-1], r.desired[r.minute-1]
	}
	r.starts = slices.DeleteFunc(r.starts, func(at int) bool {
		if at <= r.minute {
			running++
		}
		return at <= r.minute
	})
	running = min(running, desired)
	r.load, r.running = append(r.load, loadAt(r.minute)), append(r.running, running)
	for i, p := range r.policies {
		r.tracked[i] = append(r.tracked[i], r.value(i, p))
		s := &r.states[i]
		s.high = nextState(s.high, r.tracked[i], breachesToOut, breachesToOut, "missing", func(v float64) bool { return v > p.Target })
		s.low = nextState(s.low, r.tracked[i], breachesToIn, breachesToIn, "missing", func(v float64) bool { return v < lowShare*p.Target })
	}
	next := r.scale(running, desired)
	if next < desired {
		r.starts = nil
	}
	for range next - max(desired, running+len(r.starts)) {
		r.starts = append(r.starts, r.minute+startMinutes)
	}
	r.desired = append(r.desired, next)
}

// scale is the number of tasks that the policies ask for. "Application Auto Scaling scales out if any of the policies are
// ready for scale-out, but scales in only if all (with the scale-in portion enabled) are ready to scale in." A larger
// step than the last would be taken during a cooldown, too; here it waits, which is the slower course.
func (r *ramp) scale(running, desired int) int {
	next, anyOut := desired, false
	for i, p := range r.policies {
		s := &r.states[i]
		if s.high != InAlarm {
			continue
		}
		anyOut = true
		wanted := min(r.most, r.proportional(i, p, running))
		if wanted > next && r.minute-s.lastOut >= p.Out {
			next, s.lastOut = wanted, r.minute
		}
	}
	if anyOut {
		return next
	}
	return r.scaleIn(running, desired)
}

func (r *ramp) scaleIn(running, desired int) int {
	wanted, ready := r.least, false
	for i, p := range r.policies {
		if p.NoScaleIn {
			continue
		}
		s := &r.states[i]
		if s.low != InAlarm || r.minute-s.lastIn < p.In {
			return desired
		}
		ready, wanted = true, max(wanted, r.proportional(i, p, running))
	}
	if !ready || wanted >= desired {
		return desired
	}
	for i := range r.states {
		r.states[i].lastIn = r.minute
	}
	return wanted
}

// proportional is the number of tasks that would bring the metric to its target: the newest data point decides.
func (r *ramp) proportional(i int, p *ScalingPolicy, running int) int {
	newest := 0.0
	for _, v := range slices.Backward(r.tracked[i]) {
		if !math.IsNaN(v) {
			newest = v
			break
		}
	}
	// A billionth less keeps rounding errors from asking for a task more.
	return int(math.Ceil(float64(running)*newest/p.Target - 1e-9))
}

// judge looks at how the number of tasks went.
func (r *ramp) judge() rampVerdict {
	end := rampMinutes + peakMinutes
	up, down := r.desired[:end], r.desired[end:]
	reached := slices.Index(up, r.most)
	back := slices.Index(down[rampMinutes:], r.least)
	seen := fmt.Sprintf("with traffic on target group %s, tasks %s", r.active, course(r.desired))
	switch {
	case reached < 0 || reached > reachesMaxWithin:
		return rampVerdict{problem: fmt.Sprintf("the maximum of %d is not reached within %d minutes: %s", r.most, reachesMaxWithin, seen)}
	case turns(up) > 1 || turns(down) > 1:
		return rampVerdict{problem: "the number flaps: " + seen}
	case back < 0 || back > reachesMinWithin:
		return rampVerdict{problem: fmt.Sprintf("the minimum of %d is not reached within %d minutes: %s", r.least, reachesMinWithin, seen)}
	}
	return rampVerdict{}
}

// turns counts how often a course changes its direction.
func turns(course []int) int {
	count, direction := 0, 0
	for i := 1; i < len(course); i++ {
		step := min(1, max(-1, course[i]-course[i-1]))
		if step != 0 && direction != 0 && step != direction {
			count++
		}
		if step != 0 {
			direction = step
		}
	}
	return count
}

// course shows the changes of a number: "3 (minute 8) 5 (minute 11) 12".
func course(numbers []int) string {
	text := fmt.Sprint(numbers[0])
	for i := 1; i < len(numbers); i++ {
		if numbers[i] != numbers[i-1] {
			text += fmt.Sprintf(" (minute %d) %d", i, numbers[i])
		}
	}
	return text
}
