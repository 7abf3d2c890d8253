package checks

import (
	"fmt"
	"slices"
	"strings"
)

// What ECS takes of a health check that says nothing, and the seconds it has to end (Amazon ECS API Reference, HealthCheck and
// ContainerDefinition).
const (
	defaultInterval = 30
	defaultTimeout  = 5
	defaultRetries  = 3
	defaultStop     = 30
)

// hangSeconds is less than the three checks every 30 seconds with which a load balancer gives a task up.
const hangSeconds = 60

// number is a number of a container, or what ECS takes; false if it is none, or not known.
func (c container) number(path string, otherwise int) (int, bool) {
	v := c.value.At(path)
	if !v.Exists() {
		return otherwise, true
	}
	return v.Int()
}

func checkHealthChecks(w *World, l *Looking) {
	for _, c := range w.containers() {
		if len(c.value.Field("PortMappings").List()) == 0 || !c.essential() {
			continue
		}
		l.Look()
		c.needsHealthCheck(l)
	}
}

// needsHealthCheck wants a command of words that are not empty: ECS runs CMD as it stands, CMD-SHELL by the shell.
func (c container) needsHealthCheck(l *Looking) {
	const path = "HealthCheck.Command"
	command := c.value.At(path)
	words := command.Texts()
	if len(words) < 2 || len(words) < len(command.List()) || words[0] != "CMD" && words[0] != "CMD-SHELL" {
		l.FailUnlessExcused(c.task, c.path+"."+path, command.whole(), "a command that tells whether it is alive", "set HealthCheck")
	}
}

// checkHangs: a check counts as failed when it takes longer than Timeout; the last of Retries makes the container unhealthy.
func checkHangs(w *World, l *Looking) {
	for _, c := range w.containers() {
		if !c.value.Field("HealthCheck").Exists() {
			continue
		}
		l.Look()
		numbers, known := map[string]int{}, true
		for _, need := range []struct {
			property               string
			otherwise, least, most int
		}{{"Interval", defaultInterval, 5, 300}, {"Retries", defaultRetries, 1, 10}, {"Timeout", defaultTimeout, 2, 60}} {
			path := "HealthCheck." + need.property
			n, ok := c.number(path, need.otherwise)
			if !ok || n < need.least || n > need.most {
				known = false
				l.FailUnlessExcused(c.task, c.path+"."+path, c.value.At(path), fmt.Sprintf("%d to %d", need.least, need.most), "set "+need.property)
			}
			numbers[need.property] = n
		}
		switch seconds := numbers["Interval"] * numbers["Retries"]; {
		case !known:
		case numbers["Timeout"] > numbers["Interval"]:
			l.FailUnlessExcused(c.task, c.path+".HealthCheck.Timeout", Text(fmt.Sprintf("%d seconds", numbers["Timeout"])), "no more than Interval", "shorten Timeout")
		case seconds > hangSeconds:
			l.FailUnlessExcused(c.task, c.path+".HealthCheck", Text(fmt.Sprintf("%d seconds of failing checks", seconds)), fmt.Sprintf("at most %d", hangSeconds), "check more often, or retry less")
		}
	}
}

// finishes tells whether other containers wait for the end of the container, so that it need not run on.
func (c container) finishes() bool {
	for _, path := range expandPath(c.task.Properties, "ContainerDefinitions[*].DependsOn[*]") {
		wait := c.task.At(path)
		if wait.At("ContainerName").String() == c.value.Field("Name").String() && slices.Contains([]string{"COMPLETE", "SUCCESS"}, wait.At("Condition").String()) {
			return true
		}
	}
	return false
}

// checkRestarted: a container is started again only if it ran for the period, 300 seconds where nothing is said (Amazon ECS API
// Reference, ContainerRestartPolicy): too long for one that fails soon after its start.
func checkRestarted(w *World, l *Looking) {
	for _, c := range w.containers() {
		if why := c.value.Field("Essential").Unknown(); why != "" {
			l.Look()
			l.Unsure(c.task, c.path+".Essential", "to know whether the task ends with it", why)
			continue
		}
		if c.essential() || c.finishes() {
			continue
		}
		l.Look()
		c.needsHealthCheck(l)
		const enabled, period = "RestartPolicy.Enabled", "RestartPolicy.RestartAttemptPeriod"
		if v := c.value.At(enabled); !v.True() {
			l.FailUnlessExcused(c.task, c.path+"."+enabled, v, "true: the task goes on without the container", "start it again when it ends")
		}
		if v := c.value.At(period); !v.between(60, 120) {
			l.FailUnlessExcused(c.task, c.path+"."+period, v, "60 to 120 seconds: what ends earlier stays ended", "set RestartAttemptPeriod")
		}
	}
}

// checkDispensable wants a reason for what may fail, and what has a reason to be allowed to.
func checkDispensable(w *World, l *Looking) {
	for _, c := range w.containers() {
		l.Look()
		v := c.value.Field("Essential")
		name := c.value.Field("Name").String()
		reason := c.task.Metadata.Field("Dispensable").Field(name).String()
		switch {
		case v.Unknown() != "":
			l.Fail(c.task, c.path+".Essential", v, "true, or a reason", "")
		case !c.essential() && reason == "":
			l.FailUnlessExcused(c.task, c.path+".Essential", v, "true, or a reason in Metadata: Dispensable", "make it essential, or say why the task goes on without "+name)
		case c.essential() && reason != "":
			l.FailUnlessExcused(c.task, c.path+".Essential", v, "false: "+reason, "let the task go on without "+name)
		}
	}
}

// checkLogMode wants the mode stated: without, a setting of the account decides (Amazon ECS Developer Guide, "Account settings",
// default log driver mode).
func checkLogMode(w *World, l *Looking) {
	for _, c := range w.containers() {
		if driver := c.value.At("LogConfiguration.LogDriver"); driver.Unknown() == "" && driver.String() != "awslogs" {
			continue
		}
		l.Look()
		if v := c.value.At("LogConfiguration.Options").Field("mode"); !strings.EqualFold(v.String(), "non-blocking") {
			l.FailUnlessExcused(c.task, c.path+".LogConfiguration.Options.mode", v, "non-blocking", "set mode, and max-buffer-size for what waits")
		}
	}
}
