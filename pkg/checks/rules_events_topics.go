package checks

import (
	"slices"
	"strings"
)

// checkSubscribers judges the topics that alarms, event rules and database events name, and the subscriptions.
func checkSubscribers(w *World, l *Looking) {
	for _, r := range w.OfType("AWS::SNS::Subscription") {
		l.Look()
		for _, property := range []string{"Endpoint", "Protocol", "TopicArn"} {
			if v := r.At(property); v.String() == "" {
				l.Fail(r, property, v, "a topic, a protocol and an address", "Say it")
			}
		}
	}
	for _, topic := range toldTopics(w) {
		l.Look()
		judgeSubscriber(w, l, topic)
	}
}

// toldTopics are the topics of the templates that somebody tells something.
func toldTopics(w *World) []*Resource {
	var topics []*Resource
	for _, told := range [][2]string{{"AWS::CloudWatch::Alarm", "AlarmActions[*]"}, {eventRuleType, "Targets[*].Arn"}, {eventSubscriptionType, "SnsTopicArn"}} {
		for _, r := range w.OfType(told[0]) {
			for _, path := range expandPath(r.Properties, told[1]) {
				if topic := w.Find(r.At(path)); topic != nil && topic.Type == "AWS::SNS::Topic" && !slices.Contains(topics, topic) {
					topics = append(topics, topic)
				}
			}
		}
	}
	return topics
}

func judgeSubscriber(w *World, l *Looking, topic *Resource) {
	const needed = "a subscription"
	unknown := ""
	for _, s := range w.OfType("AWS::SNS::Subscription") {
		v := s.At("TopicArn")
		switch {
		case w.Find(v) == topic && s.Maybe == "":
			return
		case w.Find(v) == topic || v.Unknown() != "":
			unknown = s.Where() + ": " + s.Maybe + v.Unknown()
		}
	}
	switch {
	case len(topic.At("Subscription").List()) > 0:
	case unknown != "":
		l.Unsure(topic, "", needed, unknown)
	default:
		if left := leftOut(topic); left != "" {
			l.Exempt(topic, "", "no subscriber", needed, left+" does not exist under these conditions: subscribe by hand")
			return
		}
		l.FailUnlessExcused(topic, "", Text("nobody who reads it"), needed, "Declare AWS::SNS::Subscription")
	}
}

// leftOut is a subscription to a topic in its own template that the conditions leave out.
func leftOut(topic *Resource) string {
	s := topic.Stack
	resources := s.Template.section("Resources")
	arn := s.reference(topic.LogicalID, "Ref").String()
	for i, id := range resources.keys {
		e := resources.items[i]
		if s.byID[id] == nil && e.field("Type").scalar() == "AWS::SNS::Subscription" && s.resolve(e.field("Properties").field("TopicArn")).String() == arn {
			return id
		}
	}
	return ""
}

// checkScheduledTasks looks at tasks that EventBridge starts, by schedule or by rule. What it leaves to defaults is the
// launch type EC2 and whatever platform is the latest.
// https://docs.aws.amazon.com/scheduler/latest/APIReference/API_EcsParameters.html
func checkScheduledTasks(w *World, l *Looking) {
	for _, r := range w.OfType("AWS::Scheduler::Schedule", eventRuleType) {
		targets := expandPath(r.Properties, "Targets[*]")
		if r.Type != eventRuleType {
			targets = []string{"Target"}
		}
		for _, path := range targets {
			if strings.Contains(r.At(path+".Arn").String(), ":cluster/") {
				l.Look()
				judgeScheduledTask(l, r, path+".EcsParameters")
			}
		}
	}
}

func judgeScheduledTask(l *Looking, r *Resource, path string) {
	need := func(property, needed string, fits func(v Value) bool) {
		if v := r.At(path + "." + property); !fits(v) {
			l.FailUnlessExcused(r, path+"."+property, v, needed, "Set it")
		}
	}
	text := func(texts ...string) func(Value) bool {
		return func(v Value) bool { return slices.Contains(texts, v.String()) && v.Exists() }
	}
	const network = "NetworkConfiguration.AwsvpcConfiguration."
	need("TaskDefinitionArn", "a task definition", func(v Value) bool { return v.String() != "" })
	if !r.At(path + ".CapacityProviderStrategy").Exists() {
		need("LaunchType", "FARGATE", text("FARGATE"))
	}
	need("PlatformVersion", "1.4.0, LATEST or nothing", func(v Value) bool { return !v.Exists() || text("1.4.0", "LATEST")(v) })
	need(network+"AssignPublicIp", "DISABLED", text("DISABLED"))
	need(network+"Subnets", "subnets", func(v Value) bool { return len(v.List()) > 0 })
}
