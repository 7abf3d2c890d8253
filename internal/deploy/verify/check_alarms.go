package verify

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/url"
	"slices"
	"time"
)

// An alarm is one of Amazon CloudWatch.
type alarm struct {
	Name    string    `xml:"AlarmName"`
	State   string    `xml:"StateValue"`
	Since   time.Time `xml:"StateUpdatedTimestamp"`
	Enabled bool      `xml:"ActionsEnabled"`
	Actions []string  `xml:"AlarmActions>member"`
}

// alarmsAtOnce is how many names one call takes (Amazon CloudWatch API reference, DescribeAlarms).
const alarmsAtOnce = 100

// askAlarms are the alarms of the stacks, by name.
func (a *account) askAlarms(ctx context.Context) (map[string]alarm, error) {
	var names []string
	for _, r := range a.Estate.Of(alarmType, compositeType) {
		names = append(names, r.ID)
	}
	found := map[string]alarm{}
	for chunk := range slices.Chunk(names, alarmsAtOnce) {
		form := url.Values{"Action": {"DescribeAlarms"}, "Version": {"2010-08-01"}, "MaxRecords": {"100"}, "AlarmTypes.member.1": {"MetricAlarm"}, "AlarmTypes.member.2": {"CompositeAlarm"}}
		for i, name := range chunk {
			form.Set(fmt.Sprintf("AlarmNames.member.%d", i+1), name)
		}
		for more := true; more; {
			var page struct {
				XMLName xml.Name
				Result  struct {
					Metric    []alarm `xml:"MetricAlarms>member"`
					Composite []alarm `xml:"CompositeAlarms>member"`
					Next      string  `xml:"NextToken"`
				} `xml:"DescribeAlarmsResult"`
			}
			if err := a.Signed.Query(ctx, "monitoring", form, &page); err != nil {
				return nil, asking("cloudwatch:DescribeAlarms", err)
			}
			for _, one := range append(page.Result.Metric, page.Result.Composite...) {
				found[one.Name] = one
			}
			form.Set("NextToken", page.Result.Next)
			more = page.Result.Next != ""
		}
	}
	return found, nil
}

// eachAlarm asks about the stacks' alarms.
func (l *look) eachAlarm(expected string, judge func(*Resource, alarm)) {
	for _, r := range l.estate.Of(alarmType, compositeType) {
		all, err := l.alarms()
		one, exists := all[r.ID]
		switch {
		case err != nil:
			l.unread(r, expected, err)
		case !exists:
			l.judge(r, false, expected, "does not exist")
		default:
			judge(r, one)
		}
	}
}

// withoutData is for how long an alarm may have had too few data points: the longest period of an alarm is a day.
const withoutData = 24 * time.Hour

// alarmsQuiet wants no alarm raised, and none without data for longer than its longest period.
func alarmsQuiet(_ context.Context, l *look) {
	const expected = "OK, or too little data for at most a day"
	now := l.Clock.Now()
	l.eachAlarm(expected, func(r *Resource, a alarm) {
		age := now.Sub(a.Since)
		observed := a.State + " since " + a.Since.UTC().Format(time.RFC3339)
		l.judge(r, a.State == "OK" || a.State == "INSUFFICIENT_DATA" && age <= withoutData, expected, observed)
	})
}

// alarmsArmed wants the actions of alarms enabled as the template says, which they are when it says nothing, and there where it names any.
func alarmsArmed(_ context.Context, l *look) {
	l.eachAlarm("actions enabled", func(r *Resource, a alarm) {
		enabled, wanted := r.property("ActionsEnabled"), r.property("AlarmActions")
		armed := enabled.text() != "false"
		expected, observed := "actions disabled", "actions disabled"
		if armed {
			expected = fmt.Sprintf("actions enabled, %d of them", len(wanted.list()))
		}
		if a.Enabled {
			observed = fmt.Sprintf("actions enabled, %d of them", len(a.Actions))
		}
		l.same(r, expected, observed)
	})
}
