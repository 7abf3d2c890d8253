package pictures

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"

	"github.com/tierform/tierform/pkg/checks"
)

// release draws how CodeDeploy moves a service from one colour to the other. Services that are released alike share a
// frame, which names them.
func release(w *checks.World) string {
	flows, names := flowsOf(w)
	d := begin("Release", "TB", `nodesep="0.17"`, `ranksep="0.4"`)
	for i, f := range flows {
		d.frame(fmt.Sprint(i), "Release of "+strings.Join(names[fmt.Sprint(f)], ", "), white)
		f.draw(d, i)
		d.close()
		if i > 0 {
			d.edge(at(fmt.Sprint("rollback ", i-1)), at(fmt.Sprint("start ", i)), `style="invis"`) // below one another
		}
	}
	return d.end("Step 1 is a change set of CloudFormation, steps 2 to 5 are a deployment of CodeDeploy. Below each: the share of the",
		"requests that blue and green answer. With the next release the colours change places.")
}

// flowsOf are the ways in which services are released, each with the names of its services.
func flowsOf(w *checks.World) (flows []flow, names map[string][]string) {
	names = map[string][]string{}
	for _, s := range w.Operations().Services {
		if s.Deployment == nil {
			continue
		}
		f := readFlow(w, s.Deployment)
		key := fmt.Sprint(f)
		if names[key] == nil {
			flows = append(flows, f)
		}
		for _, n := range w.Network().NodesOf(s.Resource) {
			names[key] = append(names[key], n.Name)
		}
	}
	return flows, names
}

// flow is how a service is released.
type flow struct{ config, health, shift, wait, events, alarms string }

func readFlow(w *checks.World, group *checks.Resource) flow {
	return flow{
		config: group.At("DeploymentConfigName").String(),
		health: health(w, group),
		shift:  shifting(group.At("DeploymentConfigName").String()),
		wait:   group.At("BlueGreenDeploymentConfiguration.TerminateBlueInstancesOnDeploymentSuccess.TerminationWaitTimeInMinutes").Show(),
		events: events(group),
		alarms: alarms(w, group),
	}
}

func (f flow) draw(d *document, number int) {
	id := func(step string) string { return fmt.Sprint(step, " ", number) }
	steps := []struct {
		id          string
		box         table
		blue, green string
	}{
		{"revision", table{"1 new revision", grey, say("of the task definition;\nrunning tasks stay")}, "100 %", ""},
		{"start", table{"2 green starts", green, say("beside blue, until\n" + f.health)}, "100 %", "0 %"},
		{"shift", table{"3 traffic shifts", blue, say(f.shift)}, "100 → 0 %", "0 → 100 %"},
		{"bake", table{"4 green serves", green, say("blue waits " + f.wait + " min,\nready to take over")}, "0 %", "100 %"},
		{"done", table{"5 blue stops", grey, say("next change set:\nActiveColor green")}, "", "100 %"},
	}
	var ids []string
	for i, s := range steps {
		s.box.rows = append(s.box.rows, shares(s.blue, s.green))
		d.box(id(s.id), s.box)
		ids = append(ids, id(s.id))
		if i > 0 {
			d.edge(at(ids[i-1]), at(ids[i]), `penwidth="1.6"`)
		}
	}
	d.row(ids)
	d.box(id("rollback"), table{"rollback: all traffic to blue, green stops", amber, say("on "+f.events, "alarms: "+f.alarms)})
	for _, from := range ids[1:4] {
		d.edge(at(from), at(id("rollback")), `color="#9a6700"`, `style="dashed"`)
	}
}

// shares are the parts of the traffic that the colours get.
func shares(toBlue, toGreen string) row {
	var r row
	if toBlue != "" {
		r = append(r, cell{text: toBlue, fill: "#b6e3ff #0969da"})
	}
	if toGreen != "" {
		r = append(r, cell{text: toGreen, fill: "#aceebb #1a7f37"})
	}
	return r
}

// health are the checks of the target group to which new tasks come.
func health(w *checks.World, group *checks.Resource) string {
	second := group.At("LoadBalancerInfo.TargetGroupPairInfoList[0].TargetGroups[1].Name").String()
	for _, r := range w.OfType("AWS::ElasticLoadBalancingV2::TargetGroup") {
		if second == r.At("Name").String() || second == r.Identity() {
			return fmt.Sprintf("%s says %s\n%s times, %s s apart", r.At("HealthCheckPath").Show(), r.At("Matcher.HttpCode").Show(),
				r.At("HealthyThresholdCount").Show(), r.At("HealthCheckIntervalSeconds").Show())
		}
	}
	return "healthy"
}

// shifting puts a predefined configuration of CodeDeploy into words.
// https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html
func shifting(config string) string {
	name := strings.TrimPrefix(config, "CodeDeployDefault.ECS")
	if m := regexp.MustCompile(`^Linear(\d+)PercentEvery(\d+)Minutes$`).FindStringSubmatch(name); m != nil {
		return m[1] + " % more to green\nevery " + m[2] + " min"
	}
	if m := regexp.MustCompile(`^Canary(\d+)Percent(\d+)Minutes$`).FindStringSubmatch(name); m != nil {
		return m[1] + " % to green,\nall after " + m[2] + " min"
	}
	return name
}

// events are what makes CodeDeploy roll back.
func events(group *checks.Resource) string {
	words := map[string]string{"DEPLOYMENT_FAILURE": "a failure", "DEPLOYMENT_STOP_ON_ALARM": "an alarm", "DEPLOYMENT_STOP_ON_REQUEST": "a request to stop"}
	return strings.Join(mapped(group.At("AutoRollbackConfiguration.Events").Texts(), func(e string) string { return cmp.Or(words[e], e) }), ", ")
}

func alarms(w *checks.World, group *checks.Resource) string {
	return strings.Join(mapped(group.At("AlarmConfiguration.Alarms").List(), func(a checks.Value) string { return alarmLabel(w, a.At("Name").String()) }), ", ")
}

// alarmLabel is what an alarm watches, without the name of its service.
func alarmLabel(w *checks.World, name string) string {
	for _, r := range w.OfType("AWS::CloudWatch::Alarm") {
		if r.At("AlarmName").String() != name && r.Identity() != name {
			continue
		}
		_, about, _ := strings.Cut(r.Metadata.At("Description").String(), ": ")
		return cmp.Or(about, name)
	}
	return name
}
