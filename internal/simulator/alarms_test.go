package simulator_test

import (
	"encoding/xml"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tierform/tierform/internal/simulator"
)

// alarms are those that CloudWatch tells of, in words.
func (a *account) alarms(members ...string) (string, error) {
	form := url.Values{"Version": {"2010-08-01"}, "Action": {"DescribeAlarms"}}
	for i := 0; i+1 < len(members); i += 2 {
		form.Set(members[i], members[i+1])
	}
	type alarm struct {
		AlarmName, StateValue, AlarmRule string
		Actions                          []string `xml:"AlarmActions>member"`
	}
	var out struct {
		XMLName xml.Name
		Metric  []alarm `xml:"DescribeAlarmsResult>MetricAlarms>member"`
		All     []alarm `xml:"DescribeAlarmsResult>CompositeAlarms>member"`
		Next    string  `xml:"DescribeAlarmsResult>NextToken"`
	}
	err := a.signed().Query(a.Context(), "monitoring", form, &out)
	var words []string
	for _, one := range append(out.Metric, out.All...) {
		words = append(words, strings.TrimSpace(fmt.Sprint(one.AlarmName, " ", one.StateValue, " ", strings.Join(one.Actions, ","))))
	}
	return strings.Join(append(words, out.Next), "|"), err
}

// TestAlarms: alarms of stacks have a state after a while, and the one that somebody gives them; composite ones follow.
func TestAlarms(t *testing.T) {
	a := open(t, simulator.Options{})
	const body = `{Resources: {One: {Type: AWS::CloudWatch::Alarm, Properties: {AlarmName: one, AlarmActions: [topic]}}, Two: {Type: AWS::CloudWatch::Alarm, Properties: {AlarmName: two, TreatMissingData: notBreaching}},
  Both: {Type: AWS::CloudWatch::CompositeAlarm, Properties: {AlarmName: both, AlarmRule: !Sub 'ALARM("${One}") AND ALARM(two)'}}, Either: {Type: AWS::CloudWatch::CompositeAlarm, Properties: {AlarmName: either, AlarmRule: !Sub '(ALARM(${One.Arn}) OR ALARM(both)) AND NOT FALSE'}},
  Calm: {Type: AWS::CloudWatch::CompositeAlarm, Properties: {AlarmName: calm, AlarmRule: 'OK(one) OR INSUFFICIENT_DATA(one) AND TRUE OR ALARM(nobody'}}}}`
	a.execute(proposal{stack: "s", body: body})
	a.wait(30 * time.Second)
	tell := func(want string, members ...string) {
		t.Helper()
		if got := must(a.alarms(members...)); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	tell("one INSUFFICIENT_DATA topic|two INSUFFICIENT_DATA|")
	a.wait(5 * time.Minute)
	tell("one OK topic|two OK|")
	composite := []string{"AlarmTypes.member.1", "CompositeAlarm"}
	tell("both OK|calm ALARM|either OK|", composite...)
	for _, err := range []error{a.sim.SetAlarm("one", "ALARM"), a.sim.SetAlarmAfter("two", "ALARM", time.Minute)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	tell("both OK|calm OK|either ALARM|", composite...)
	a.wait(time.Minute)
	tell("one ALARM topic|two ALARM|both ALARM|calm OK|either ALARM|", "AlarmTypes.member.1", "CompositeAlarm", "AlarmTypes.member.2", "MetricAlarm")
	tell("two ALARM|", "AlarmNames.member.1", "two", "AlarmNames.member.2", "both")
	tell("one ALARM topic|", "AlarmNamePrefix", "o")
	tell("", "StateValue", "OK")
	tell("one ALARM topic|1", "MaxRecords", "1")
	tell("two ALARM|", "MaxRecords", "1", "NextToken", "1")
	if err := a.sim.SetAlarm("both", "OK"); err == nil {
		t.Error("a composite alarm was given a state")
	}
	many := []string{}
	for i := range 101 {
		many = append(many, fmt.Sprintf("AlarmNames.member.%d", i+1), "x")
	}
	if _, err := a.alarms(many...); code(err) != "ValidationError" {
		t.Error(err)
	}
	if got := a.deploy(proposal{stack: "s", body: strings.Replace(body, "Two: {Type: AWS::CloudWatch::Alarm, Properties: {AlarmName: two, TreatMissingData: notBreaching}},", "", 1), update: true}); got != "UPDATE_COMPLETE" {
		t.Fatal(got)
	}
	tell("one ALARM topic|")
}
