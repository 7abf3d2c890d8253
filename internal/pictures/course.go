package pictures

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/tierform/tierform/pkg/checks"
)

// course draws a release in time: what happens when, who gets the traffic, and until when there is a way back. Services that are released
// alike share a drawing.
func course(w *checks.World) string {
	flows, names := flowsOf(w)
	c := &canvas{}
	for _, f := range flows {
		c.course(f, strings.Join(names[fmt.Sprint(f)], ", "))
	}
	for _, line := range []string{"The minutes count from the first traffic that green gets; how long green takes to become healthy before is up to its image.",
		"deploy release does all of this, for one service after the other. With the next release the colours change places."} {
		c.text(canvasEdge, c.top+12, "start", pale, line)
		c.top += 16
	}
	c.top += 4
	return c.svg()
}

// Where the parts of a release begin, in pixels: its registration, the installation of green, the shift; and where the wait after it ends.
const (
	registers = 92.0
	installs  = 200.0
	shifts    = 300.0
	settled   = 716.0
	finished  = canvasWidth - canvasEdge
)

// course draws one release below what is drawn already.
func (c *canvas) course(f flow, services string) {
	steps, takes := increments(f.config)
	wait, _ := strconv.Atoi(f.wait) // none where only the deployed stack knows
	at := func(minute int) float64 {
		return shifts + float64(minute)*(settled-shifts)/float64(takes+wait)
	}
	c.text(canvasEdge, c.top+18, "start", dark, "Release of "+services+", in time")
	c.top += 28
	c.lane("step", 36, block{registers, installs, grey, []string{"CloudFormation:", "new revision"}}, block{installs, shifts, green, []string{"Install:", "green starts"}},
		block{shifts, at(takes), blue, []string{"AllowTraffic:", strings.ReplaceAll(f.shift, "\n", " ")}}, block{at(takes), settled, green, []string{"AfterAllowTraffic, then", "old tasks are kept"}},
		block{settled, finished, grey, []string{"CloudFormation:", "stack is level"}})
	c.traffic(steps, at)
	c.axis(at, takes, wait)
	c.lane("tasks", 20, block{registers, settled, blue, []string{"blue: run on, ready to take over"}})
	c.lane("", 20, block{installs, finished, green, []string{"green: start, become healthy, serve"}})
	c.lane("scaling", 20, block{registers, installs, white, []string{"on"}}, block{installs, settled, amber, []string{"suspended: a change of the number of tasks makes a shift fail"}},
		block{settled, finished, white, []string{"on"}})
	c.lane("alarms", 20, block{installs, settled, amber, []string{"CodeDeploy watches: " + f.alarms}})
	c.lane("way back", 36, block{installs, settled, amber, []string{"all traffic to blue at once, green stops:", "on " + f.events + " (deploy release stop)"}},
		block{settled, finished, grey, []string{"deploy release", "rollback"}})
}

// traffic draws the shares of both colours.
func (c *canvas) traffic(steps []increment, at func(int) float64) {
	const high = 110.0
	bottom, before := c.top+high, 0.0
	c.text(canvasEdge, c.top+high/2+4, "start", pale, "traffic")
	c.text(registers-4, c.top+10, "end", pale, "100 %")
	c.text(registers-4, bottom, "end", pale, "0 %")
	c.area("#b6e3ff #0969da", point(registers, c.top), point(finished, c.top), point(finished, bottom), point(registers, bottom))
	points := []string{point(at(0), bottom)}
	for _, s := range steps {
		share := float64(s.percent) / 100
		points = append(points, point(at(s.minute), bottom-high*before), point(at(s.minute), bottom-high*share))
		before = share
	}
	c.area("#aceebb #1a7f37", append(points, point(finished, c.top), point(finished, bottom))...)
	c.text((registers+shifts)/2, c.top+high/2+4, "middle", dark, "blue answers")
	c.text((settled+finished)/2, c.top+high/2+4, "middle", dark, "green answers")
	c.top = bottom
}

// axis counts the minutes of the shift and of the wait.
func (c *canvas) axis(at func(int) float64, takes, wait int) {
	for m := 0; m <= takes+wait; m += max(1, (takes+wait)/10) {
		fmt.Fprintf(c, `<path fill="none" stroke="#57606a" d="M%.1f %.1fv5"/>`+"\n", at(m), c.top)
		c.text(at(m), c.top+17, "middle", pale, strconv.Itoa(m))
	}
	c.text(shifts-12, c.top+17, "end", pale, "minutes")
	c.top += 28
}

// An increment is the share of the traffic from a minute on.
type increment struct{ minute, percent int }

// The predefined configurations for Amazon ECS.
// https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html
var (
	linear = regexp.MustCompile(`^CodeDeployDefault\.ECSLinear([1-9]\d*)PercentEvery(\d+)Minutes$`)
	canary = regexp.MustCompile(`^CodeDeployDefault\.ECSCanary(\d+)Percent(\d+)Minutes$`)
)

// increments are those of a configuration, with the minutes that all of them take. A linear one shifts at the start of each increment
// (CodeDeploy API reference, TimeBasedLinear). Others than the predefined ones are drawn as one.
func increments(config string) (steps []increment, takes int) {
	if m := linear.FindStringSubmatch(config); m != nil {
		percent, _ := strconv.Atoi(m[1]) // digits
		every, _ := strconv.Atoi(m[2])
		for share := 0; share < 100; takes += every {
			share = min(share+percent, 100)
			steps = append(steps, increment{takes, share})
		}
		return steps, takes
	}
	if m := canary.FindStringSubmatch(config); m != nil {
		percent, _ := strconv.Atoi(m[1])
		every, _ := strconv.Atoi(m[2])
		return []increment{{0, percent}, {every, 100}}, every
	}
	return []increment{{0, 100}}, 1
}
