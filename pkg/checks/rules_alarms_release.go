package checks

import (
	"fmt"
	"strings"
)

// maxRollbackAlarms is the quota of a deployment group.
// https://docs.aws.amazon.com/codedeploy/latest/userguide/limits.html
const maxRollbackAlarms = 10

func checkRollbackAlarms(w *World, l *Looking) {
	o := w.Operations()
	for _, s := range o.Services {
		if s.Deployment == nil {
			continue
		}
		l.Look()
		const path = "AlarmConfiguration"
		group := s.Deployment
		if enabled := group.At(path + ".Enabled"); !enabled.True() {
			l.Fail(group, path+".Enabled", enabled, "true", "Switch it on")
		}
		if ignored := group.At(path + ".IgnorePollAlarmFailure"); ignored.Exists() && ignored.String() != "false" {
			l.Fail(group, path+".IgnorePollAlarmFailure", ignored, "false", "A release whose alarms cannot be read must stop")
		}
		judgeRollbackAlarms(o, l, s, path+".Alarms")
	}
}

// judgeRollbackAlarms looks at the alarms that a deployment group names.
func judgeRollbackAlarms(o *Operations, l *Looking, s *ScaledService, path string) {
	list := s.Deployment.At(path).List()
	if len(list) == 0 || len(list) > maxRollbackAlarms {
		l.FailText(s.Deployment, path, fmt.Sprintf("%d alarms", len(list)), fmt.Sprintf("1 to %d alarms", maxRollbackAlarms), "Name the service's alarms on errors and latency")
	}
	var alarms []*Alarm
	unknown := false
	for i, named := range list {
		at := fmt.Sprintf("%s[%d].Name", path, i)
		found := o.alarmNamed(named.At("Name"))
		if found == nil {
			unknown = true
			l.Unsure(s.Deployment, at, "an alarm that exists", "no alarm of the templates is called "+named.At("Name").Show())
			continue
		}
		alarms = append(alarms, found...)
	}
	for _, metric := range strings.Fields("HTTPCode_Target_5XX_Count TargetResponseTime") {
		for _, color := range s.Groups {
			covers := o.watches(alarms, color, wantedAlarm{namespace: "AWS/ApplicationELB", metric: metric})
			if !covers && !unknown && len(list) > 0 {
				l.FailText(s.Deployment, path, "no alarm on "+metric+" of "+color.LogicalID, "alarms on errors and latency of both target groups", "Name the alarm")
			}
		}
	}
}

// alarmNamed finds metric alarms by name; a composite alarm stands for those that its rule names.
func (o *Operations) alarmNamed(name Value) []*Alarm {
	if r := o.named("AWS::CloudWatch::Alarm", name); r != nil {
		return []*Alarm{o.alarms[r]}
	}
	if composite := o.named("AWS::CloudWatch::CompositeAlarm", name); composite != nil {
		var inside []*Alarm
		rule := composite.At("AlarmRule").String()
		for _, a := range o.Alarms {
			if n := a.Resource.At("AlarmName").String(); n != "" && (strings.Contains(rule, "("+n+")") || strings.Contains(rule, `"`+n+`"`)) {
				inside = append(inside, a)
			}
		}
		return inside
	}
	return nil
}

// checkDashboard looks for each service's name or target groups in the dashboards.
func checkDashboard(w *World, l *Looking) {
	dashboards := w.OfType("AWS::CloudWatch::Dashboard")
	for _, s := range w.Operations().Services {
		l.Look()
		shown, unknown := false, ""
		for _, dashboard := range dashboards {
			body := dashboard.At("DashboardBody")
			if unknown == "" {
				unknown = body.Unknown()
			}
			for _, name := range []string{s.Resource.At("ServiceName").String(), s.Resource.Identity()} {
				shown = shown || name != "" && strings.Contains(body.String(), `"`+name+`"`)
			}
		}
		switch {
		case shown:
		case unknown != "":
			l.Unsure(s.Resource, "", "a dashboard that shows it", unknown)
		default:
			l.FailText(s.Resource, "", fmt.Sprintf("none of %d dashboards shows it", len(dashboards)), "a dashboard that shows it", "Add its metrics to a dashboard")
		}
	}
}
