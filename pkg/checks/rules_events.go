package checks

import (
	"fmt"
	"strings"
)

// eventRuleRules prove that operators hear of what they must act on, and of nothing else.
func eventRuleRules() []Rule {
	return []Rule{
		{ID: "EVE001", Title: "An event rule is switched on, asks for events or has a schedule, and has a target", Requirements: []string{"R13"}, PCI: []string{"10.7.2"}, Severity: High, Check: checkEventRules},
		{ID: "EVE002", Title: "An event pattern is one that EventBridge takes and names source and kind of the events", Requirements: []string{"R13"}, PCI: []string{"10.7.2"}, Severity: High, Check: checkEventPatterns},
		{ID: "EVE003", Title: "Events on which somebody must act reach a target: failed releases, services, tasks and scans, issues of AWS", Requirements: []string{"R6", "R13", "R17"}, PCI: []string{"6.3.1", "10.7.2", "12.10.5"}, Severity: High, Check: checkToldEvents},
		{ID: "EVE004", Title: "No topic is told of events that need no action or are another environment's", Requirements: []string{"R13"}, Severity: Low, Check: checkQuietEvents},
		{ID: "EVE005", Title: "A topic that alarms and events tell has a subscriber", Requirements: []string{"R13"}, PCI: []string{"12.10.5"}, Severity: High, Check: checkSubscribers},
		{ID: "EVE006", Title: "A scheduled task runs on Fargate, on a maintained platform, in named subnets and without public address", Requirements: []string{"R1", "R14"}, PCI: []string{"1.4.4", "6.3.3"}, Severity: High, Check: checkScheduledTasks},
	}
}

func checkEventRules(w *World, l *Looking) {
	for _, r := range w.OfType(eventRuleType) {
		l.Look()
		if state := r.At("State"); state.Exists() && !strings.HasPrefix(state.String(), "ENABLED") {
			l.FailUnlessExcused(r, "State", state, "ENABLED, or nothing", "Switch it on, or take the rule away")
		}
		if !r.At("EventPattern").Exists() && r.At("ScheduleExpression").String() == "" {
			l.Fail(r, "EventPattern", r.At("EventPattern"), "a pattern or a schedule", "Say what the rule is for")
		}
		targets := expandPath(r.Properties, "Targets[*]")
		if len(targets) == 0 {
			l.Fail(r, "Targets", r.At("Targets"), "a target", "Name who is told")
		}
		for _, path := range targets {
			if arn := r.At(path + ".Arn"); arn.String() == "" {
				l.Fail(r, path+".Arn", arn, "the ARN of a target", "Name it")
			}
		}
	}
}

func checkEventPatterns(w *World, l *Looking) {
	const path = "EventPattern"
	for _, r := range w.OfType(eventRuleType) {
		pattern := r.At(path)
		if !pattern.Exists() {
			continue
		}
		l.Look()
		if why := pattern.anyUnknown(); why != "" {
			l.Unsure(r, path, "a pattern that EventBridge takes", why)
			continue
		}
		at, problem := patternProblem(pattern, path)
		if e := r.Stack.written(r.source, "Properties."+at); problem != "" && e != nil && len(e.items) > 0 && e.kind == listExpression && len(r.At(at).List()) == 0 {
			l.Unsure(r, at, "a pattern that EventBridge takes", "null, which resources leave out")
			continue
		}
		if problem != "" {
			l.FailText(r, at, problem, "a pattern that EventBridge takes", "Give a list of values, or an object with one operator, for each field")
			continue
		}
		for _, key := range []string{"source", "detail-type"} {
			if v := pattern.Field(key); len(v.Texts()) == 0 {
				l.FailUnlessExcused(r, path+"."+key, v, "the "+key+" of the events", "Name it: others may send events with the same fields")
			}
		}
		judgeEventKinds(w, l, r, pattern)
	}
}

// judgeEventKinds asks the table whether AWS services send what the pattern asks for.
func judgeEventKinds(w *World, l *Looking, r *Resource, pattern Value) {
	for _, source := range pattern.Field("source").Texts() {
		for _, kind := range pattern.Field("detail-type").Texts() {
			if strings.HasPrefix(source, "aws.") && !w.events().knowsKind(source, kind) {
				l.Unsure(r, "EventPattern.detail-type", "a kind of event that "+source+" sends", fmt.Sprintf("%q of %s is not in the table of events", kind, source))
			}
		}
	}
}

// tellsAnybody tells whether operators are meant to be told by this world at all: it has a topic or an event rule.
func tellsAnybody(w *World) bool { return len(w.OfType("AWS::SNS::Topic", eventRuleType)) > 0 }

func checkToldEvents(w *World, l *Looking) {
	if !tellsAnybody(w) {
		return
	}
	e := w.events()
	for i := range e.sources {
		source := &e.sources[i]
		for _, r := range source.subjects(w) {
			e.judgeTold(l, source, r)
		}
	}
}

func (e *eventRules) judgeTold(l *Looking, source *eventSource, r *Resource) {
	sender, unknown := source.about(r)
	for _, change := range source.Told {
		l.Look()
		needed := fmt.Sprintf("a rule for %q of %s: %s", source.DetailType, source.Source, change.What)
		switch {
		case unknown != "":
			l.Unsure(r, "", needed, unknown)
		case len(e.matching(source, sender.event(change))) > 0:
		case e.unclear != "":
			l.Unsure(r, "", needed, e.unclear)
		default:
			l.FailUnlessExcused(r, "", Text("no event rule that tells of "+change.What), needed, "Declare "+eventRuleType+" with a topic as target, or correct the pattern")
		}
	}
}

func checkQuietEvents(w *World, l *Looking) {
	e := w.events()
	for _, rule := range e.rules {
		if rule.people && rule.pattern.Exists() {
			l.Look()
		}
	}
	for i := range e.sources {
		source := &e.sources[i]
		if !e.tellsPeople(source) {
			continue
		}
		for _, r := range source.subjects(w) {
			e.judgeQuiet(l, source, r)
		}
	}
}

func (e *eventRules) judgeQuiet(l *Looking, source *eventSource, r *Resource) {
	sender, unknown := source.about(r)
	if unknown != "" {
		return
	}
	for _, change := range source.Quiet {
		for _, rule := range e.matching(source, sender.event(change)) {
			if rule.people {
				l.FailUnlessExcused(rule.resource, "EventPattern", Text("tells of "+change.What), "events that need action, of this environment's resources only", "Narrow the pattern")
			}
		}
	}
}
