package checks

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Seconds that a container has between the signal to end and its end: no program ends in less, Fargate gives no more (Amazon ECS
// API Reference, ContainerDefinition, stopTimeout).
const (
	leastStop = 5
	mostStop  = 120
)

// endVariable is a variable that tells a program how long it may take to end.
var endVariable = regexp.MustCompile(`(?i)(STOP|SHUTDOWN|TERMINATION)_?(TIMEOUT|GRACE|SECONDS|PERIOD)`)

// stop is how many seconds a container has to end; false when that is not known.
func (c container) stop() (int, bool) { return c.number("StopTimeout", defaultStop) }

func checkEnds(w *World, l *Looking) {
	for _, c := range w.containers() {
		l.Look()
		seconds, ok := c.stop()
		if !ok || seconds < leastStop || seconds > mostStop {
			l.FailUnlessExcused(c.task, c.path+".StopTimeout", c.value.Field("StopTimeout"), fmt.Sprintf("%d to %d seconds", leastStop, mostStop), "set StopTimeout")
			continue
		}
		for _, path := range expandPath(c.value, "Environment[*]") {
			variable := c.value.At(path)
			told, ok := duration(variable.At("Value"))
			if ok && endVariable.MatchString(variable.At("Name").String()) && told > time.Duration(seconds)*time.Second {
				l.FailUnlessExcused(c.task, c.path+"."+path+".Value", variable.At("Value"), fmt.Sprintf("at most the %d seconds of StopTimeout", seconds), "tell the program of no more time than it has")
			}
		}
	}
}

// duration reads a duration as Go writes it, or a number of seconds.
func duration(v Value) (time.Duration, bool) {
	if seconds, ok := v.Int(); ok {
		return time.Duration(seconds) * time.Second, true
	}
	d, err := time.ParseDuration(v.String())
	return d, err == nil
}

// anyAddress finds the unspecified address, which stands for all addresses of the task, with a port.
var anyAddress = regexp.MustCompile(`(?:\b0\.0\.0\.0|\[::\]):(\d+)`)

// checkOpenPorts reads what the environment says: programs with a configuration of their own are not seen.
func checkOpenPorts(w *World, l *Looking) {
	for _, c := range w.containers() {
		var mapped []int
		for _, path := range expandPath(c.value, "PortMappings[*].ContainerPort") {
			port, _ := c.value.At(path).Int()
			mapped = append(mapped, port)
		}
		for _, path := range expandPath(c.value, "Environment[*].Value") {
			l.Look()
			v := c.value.At(path)
			if why := v.Unknown(); why != "" {
				l.Unsure(c.task, c.path+"."+path, "no address but 127.0.0.1, or a port that is mapped", why)
			}
			if !strings.Contains(v.String(), "0.0.0.0") && !strings.Contains(v.String(), "[::]") {
				continue // most, and reading them is slow
			}
			for _, match := range anyAddress.FindAllStringSubmatch(v.String(), -1) {
				if port, _ := strconv.Atoi(match[1]); !slices.Contains(mapped, port) {
					l.FailUnlessExcused(c.task, c.path+"."+path, Text(match[0]), "127.0.0.1, or a port that is mapped", "stay on the loopback")
					break
				}
			}
		}
	}
}
