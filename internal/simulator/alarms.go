package simulator

import (
	"slices"
	"strings"
	"time"
)

// An alarm is one of Amazon CloudWatch.
type alarm struct {
	name, arn, state, reason string
	resource                 *resource
	at, changed              time.Time
	// rule is a composite alarm's.
	rule string
}

// The states of alarms (CloudWatch API reference, DescribeAlarms).
const (
	noData  = "INSUFFICIENT_DATA"
	fine    = "OK"
	alarmed = "ALARM"
)

// appearAlarm makes an alarm, which has no state until it is evaluated. What it measures is well until a test says otherwise.
func (s *Simulator) appearAlarm(r *resource) {
	a := &alarm{name: r.physical, arn: s.arnOf(r), state: noData, reason: "Unchecked: Initial alarm creation", at: s.present(), changed: s.present()}
	s.alarms[a.name] = a
	s.after(s.durations.of("AWS::CloudWatch::Alarm", "EVALUATE").Took, func() {
		if a.state == noData && a.changed.Equal(a.at) {
			s.turn(a, fine)
		}
	})
}

// adjustAlarm takes an alarm's properties over.
func (s *Simulator) adjustAlarm(r *resource) {
	a := s.alarms[r.physical]
	a.resource, a.rule = r, propertyText(r, "AlarmRule")
}

// turn gives an alarm another state. CodeDeploy sees it a while later, if it lasts.
func (s *Simulator) turn(a *alarm, state string) {
	a.state, a.changed, a.reason = state, s.present(), "Threshold Crossed: the simulator was told so"
	if state != alarmed {
		a.reason = "Threshold not crossed"
	}
	s.after(s.durations.of("AWS::CodeDeploy::Deployment", "ALARM").Took, func() {
		for _, d := range slices.Clone(s.releases.deployments) {
			s.watch(d)
		}
	})
}

// SetAlarm gives an alarm a state: OK, ALARM or INSUFFICIENT_DATA. That of a composite alarm follows from its rule and cannot be given.
func (s *Simulator) SetAlarm(name, state string) error { return s.SetAlarmAfter(name, state, 0) }

// SetAlarmAfter is SetAlarm a while from now.
func (s *Simulator) SetAlarmAfter(name, state string, after time.Duration) error {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.advance()
	a := s.alarms[name]
	if a == nil || a.rule != "" {
		return errAbsent("metric alarm", name)
	}
	if after == 0 {
		s.turn(a, state)
		return nil
	}
	s.after(after, func() { s.turn(a, state) })
	return nil
}

// stateOf is an alarm's state; a composite alarm's follows from its rule.
func (s *Simulator) stateOf(a *alarm) string {
	switch {
	case a.rule == "":
		return a.state
	case s.composite(a.rule):
		return alarmed
	}
	return fine
}

// describeAlarms lists alarms; composite ones only when they are asked for (CloudWatch API reference, DescribeAlarms, AlarmTypes).
func (s *Simulator) describeAlarms(c *call) (any, error) {
	names, types := c.texts("AlarmNames"), c.texts("AlarmTypes")
	if len(names) > 100 {
		return nil, invalid("The collection AlarmNames must not have a size greater than 100")
	}
	var found []*alarm
	for _, name := range sortedKeys(s.alarms) {
		a := s.alarms[name]
		typ := "MetricAlarm"
		if a.rule != "" {
			typ = "CompositeAlarm"
		}
		if len(types) == 0 && typ != "MetricAlarm" || len(types) > 0 && !slices.Contains(types, typ) || len(names) > 0 && !slices.Contains(names, name) ||
			!strings.HasPrefix(name, c.form.Get("AlarmNamePrefix")) || c.form.Get("StateValue") != "" && c.form.Get("StateValue") != s.stateOf(a) {
			continue
		}
		found = append(found, a)
	}
	found, next := cut(found, c.form.Get("NextToken"), integer(c.form.Get("MaxRecords"), 50))
	var metric, composite []any
	for _, a := range found {
		if a.rule != "" {
			composite = append(composite, a.elements(s))
			continue
		}
		metric = append(metric, a.elements(s))
	}
	return []element{{"MetricAlarms", metric}, {"CompositeAlarms", composite}, {"NextToken", next}}, nil
}

func (a *alarm) elements(s *Simulator) []element {
	e := []element{{"AlarmName", a.name}, {"AlarmArn", a.arn}, {"AlarmDescription", propertyText(a.resource, "AlarmDescription")}, {"ActionsEnabled", s.told(a.resource, "ActionsEnabled", "true") != "false"},
		{"StateValue", s.told(a.resource, "StateValue", s.stateOf(a))}, {"StateReason", a.reason}, {"StateUpdatedTimestamp", a.changed}, {"AlarmConfigurationUpdatedTimestamp", a.at}, {"AlarmRule", a.rule}}
	for _, name := range []string{"MetricName", "Namespace", "Statistic", "TreatMissingData", "ComparisonOperator", "Threshold", "EvaluationPeriods", "Period"} {
		e = append(e, element{name, propertyText(a.resource, name)})
	}
	return append(e, element{"AlarmActions", property(a.resource, "AlarmActions")}, element{"OKActions", property(a.resource, "OKActions")})
}
