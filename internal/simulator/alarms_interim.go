package simulator

import "slices"

// alarmActions are those of Amazon CloudWatch.
func (s *Simulator) alarmActions() map[string]action {
	return map[string]action{"DescribeAlarms": s.describeAlarms}
}

// describeAlarms tells the states of alarms: OK since they were made (Amazon CloudWatch API reference, DescribeAlarms).
func (s *Simulator) describeAlarms(c *call) (any, error) {
	var all []any
	for _, r := range s.ofType("AWS::CloudWatch::Alarm") {
		if names := c.texts("AlarmNames"); len(names) > 0 && !slices.Contains(names, r.physical) {
			continue
		}
		actions, _ := property(r, "AlarmActions").([]any)
		all = append(all, []element{{"AlarmName", r.physical}, {"AlarmArn", s.arnOf(r)}, {"StateValue", s.told(r, "StateValue", "OK")}, {"StateUpdatedTimestamp", r.ended},
			{"ActionsEnabled", s.told(r, "ActionsEnabled", "true") == "true"}, {"AlarmActions", actions}})
	}
	page, next := cut(all, c.form.Get("NextToken"), min(integer(c.form.Get("MaxRecords"), 50), s.options.PageSize))
	return []element{{"MetricAlarms", page}, {"NextToken", next}}, nil
}
