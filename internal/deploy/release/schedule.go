package release

import (
	"regexp"
	"strconv"
	"time"
)

// shiftForms are the names of CodeDeploy's own configurations for Amazon ECS (AWS CodeDeploy User Guide, "Predefined deployment
// configurations for an Amazon ECS compute platform").
var (
	linearForm = regexp.MustCompile(`^CodeDeployDefault\.ECSLinear([0-9]+)PercentEvery([0-9]+)Minutes$`)
	canaryForm = regexp.MustCompile(`^CodeDeployDefault\.ECSCanary[0-9]+Percent([0-9]+)Minutes$`)
)

// AllAtOnce moves all traffic at one time.
const AllAtOnce = "CodeDeployDefault.ECSAllAtOnce"

// shiftTime is how long a configuration takes to shift all traffic, its last increment included; 0 for one that is not CodeDeploy's own.
func shiftTime(config string) time.Duration {
	if m := linearForm.FindStringSubmatch(config); m != nil {
		percent, _ := strconv.Atoi(m[1]) // digits
		each, _ := strconv.Atoi(m[2])
		if percent > 0 {
			return time.Duration((100+percent-1)/percent*each) * time.Minute
		}
	}
	if m := canaryForm.FindStringSubmatch(config); m != nil {
		wait, _ := strconv.Atoi(m[1])
		return time.Duration(wait) * time.Minute
	}
	return 0
}

func minutes(n int32) time.Duration { return time.Duration(n) * time.Minute }

// CodeDeploy's own limit for the installation of the new tasks (AWS CodeDeploy User Guide, "Troubleshoot Amazon ECS deployment issues"), and
// what may come on top of all steps.
const (
	installLimit = time.Hour
	slack        = 15 * time.Minute
)

// Limit is how long a release by this plan may take before nobody should wait on: installation, shift, the wait for the end of the old
// tasks, and some slack.
func (p Plan) Limit() time.Duration { return installLimit + p.Shifts + p.Waits + slack }

// left is an estimate of what remains, from when the traffic begins to shift; before that nobody can tell.
func (p Plan) left(s State, now time.Time) time.Duration {
	for _, e := range s.Steps {
		switch {
		case e.Name == "AllowTraffic" && !e.Started.IsZero() && e.Status == "InProgress":
			return max(0, e.Started.Add(p.Shifts).Sub(now)) + p.Waits
		case e.Name == "AfterAllowTraffic" && !e.Ended.IsZero():
			return max(0, e.Ended.Add(p.Waits).Sub(now))
		}
	}
	return 0
}
