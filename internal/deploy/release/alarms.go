package release

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/signed"
)

// Alarms reads the states of CloudWatch alarms, composite ones too, sorted by name (Amazon CloudWatch API reference, DescribeAlarms). One
// that does not exist has the state "MISSING".
func Alarms(ctx context.Context, c signed.Client, names []string) ([]report.Alarm, error) {
	if len(names) == 0 {
		return nil, nil
	}
	form := url.Values{"Action": {"DescribeAlarms"}, "Version": {"2010-08-01"}, "AlarmTypes.member.1": {"MetricAlarm"}, "AlarmTypes.member.2": {"CompositeAlarm"}}
	for i, name := range names {
		form.Set(fmt.Sprintf("AlarmNames.member.%d", i+1), name)
	}
	states := map[string]string{}
	for {
		var page struct {
			XMLName xml.Name
			Metric  []alarmState `xml:"DescribeAlarmsResult>MetricAlarms>member"`
			Whole   []alarmState `xml:"DescribeAlarmsResult>CompositeAlarms>member"`
			Next    string       `xml:"DescribeAlarmsResult>NextToken"`
		}
		if err := c.Query(ctx, "monitoring", form, &page); err != nil {
			return nil, fmt.Errorf("read the alarms: %w", err)
		}
		for _, a := range append(page.Metric, page.Whole...) {
			states[a.Name] = a.State
		}
		if page.Next == "" {
			break
		}
		form.Set("NextToken", page.Next)
	}
	var alarms []report.Alarm
	for _, name := range names {
		state := states[name]
		if state == "" {
			state = "MISSING"
		}
		alarms = append(alarms, report.Alarm{Name: name, State: state})
	}
	slices.SortFunc(alarms, func(a, b report.Alarm) int { return strings.Compare(a.Name, b.Name) })
	return alarms, nil
}

type alarmState struct {
	Name  string `xml:"AlarmName"`
	State string `xml:"StateValue"`
}
