package checks

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

//go:embed event_sources.yaml
var eventSourcesText []byte

// eventSource is a kind of event that a service sends about resources.
type eventSource struct {
	Source     string
	DetailType string `yaml:"detail-type"`
	Of         map[string]map[string]string
	Once       bool
	Detail     map[string]any
	Told       []eventChange
	Quiet      []eventChange
}

// eventChange is what an event has of its own.
type eventChange struct {
	What   string
	Change map[string]any
}

// eventRule is an AWS::Events::Rule on the bus to which AWS services send.
type eventRule struct {
	resource *Resource
	pattern  Value
	unclear  string // why it is not known what it matches or does
	people   bool   // a target is a topic
}

// eventRules are the event rules of a world and what services send.
type eventRules struct {
	sources []eventSource
	rules   []*eventRule
	byKind  map[string][]*eventRule // by source and detail-type
	unclear string                  // why it is not known what one of them matches
}

func eventKind(source, detailType string) string { return source + " " + detailType }

// events gathers the rules once.
func (w *World) events() *eventRules {
	return w.models.events.get(func() *eventRules {
		e := &eventRules{byKind: map[string][]*eventRule{}}
		// The table is the package's own: a test reads it.
		_ = yaml.Unmarshal(eventSourcesText, &e.sources)
		for _, r := range w.OfType(eventRuleType) {
			e.add(w, r)
		}
		return e
	})
}

const eventRuleType = "AWS::Events::Rule"

// add takes a rule that is switched on, has a target and listens to AWS services.
func (e *eventRules) add(w *World, r *Resource) {
	bus := r.At("EventBusName")
	if r.At("State").String() == "DISABLED" || bus.Exists() && bus.Unknown() == "" && !strings.HasSuffix(bus.String(), "default") {
		return
	}
	rule := &eventRule{resource: r, pattern: r.At("EventPattern"), unclear: r.At("EventPattern").anyUnknown() + r.Maybe + bus.Unknown() + r.At("State").Unknown()}
	targets := 0
	for _, target := range r.At("Targets").List() {
		arn := target.At("Arn")
		if arn.Unknown() != "" {
			rule.unclear = arn.Unknown()
		}
		if arn.String() != "" {
			targets++
		}
		rule.people = rule.people || strings.Contains(arn.String(), ":sns:")
	}
	if targets == 0 && rule.unclear == "" {
		return
	}
	e.rules = append(e.rules, rule)
	if rule.unclear != "" {
		e.unclear = r.Where() + ": " + rule.unclear
	}
	for _, source := range rule.pattern.At("source").Texts() {
		for _, detailType := range rule.pattern.At("detail-type").Texts() {
			kind := eventKind(source, detailType)
			e.byKind[kind] = append(e.byKind[kind], rule)
		}
	}
}

// matching are the rules that an event reaches.
func (e *eventRules) matching(source *eventSource, event Value) (reached []*eventRule) {
	for _, rule := range e.byKind[eventKind(source.Source, source.DetailType)] {
		if rule.unclear == "" && eventMatches(rule.pattern, event) {
			reached = append(reached, rule)
		}
	}
	return reached
}

// tellsPeople tells whether a rule sends a kind of event to a topic.
func (e *eventRules) tellsPeople(source *eventSource) bool {
	return slices.ContainsFunc(e.byKind[eventKind(source.Source, source.DetailType)], func(rule *eventRule) bool { return rule.people })
}

// subjects are the resources that a kind of event is about.
func (s *eventSource) subjects(w *World) []*Resource {
	var found []*Resource
	for _, kind := range sortedKeys(s.Of) {
		list := w.OfType(kind)
		if s.Once {
			list = list[:min(1, len(list))]
		}
		found = append(found, list...)
	}
	return found
}

// sender makes events about a resource.
type sender struct {
	source *eventSource
	words  map[string]string
	detail map[string]Value
}

// about makes a sender; a reason when what the events say of the resource is not known.
func (s *eventSource) about(r *Resource) (*sender, string) {
	words, unknown := eventWords(r)
	for _, name := range slices.Sorted(maps.Keys(unknown)) {
		if strings.Contains(fmt.Sprint(s.Detail), "{"+name+"}") {
			return nil, unknown[name]
		}
	}
	maps.Copy(words, s.Of[r.Type])
	return &sender{source: s, words: words, detail: eventValue(s.Detail, words).fields}, ""
}

// event is what is sent of a change.
func (s *sender) event(change eventChange) Value {
	detail := maps.Clone(s.detail)
	maps.Copy(detail, eventValue(change.Change, s.words).fields)
	return mapOf(map[string]Value{"source": Text(s.source.Source), "detail-type": Text(s.source.DetailType), "account": Text(s.words["account"]),
		"region": Text(s.words["region"]), "detail": mapOf(detail)})
}

// eventWords are what is known of a resource, and why some of it is not.
func eventWords(r *Resource) (words, unknown map[string]string) {
	words, unknown = map[string]string{}, map[string]string{}
	note := func(name string, v Value) {
		if why := v.Unknown(); why != "" {
			unknown[name] = why
		}
		words[name] = v.String()
	}
	note("account", r.Stack.Parameters["AWS::AccountId"])
	note("region", r.Stack.Parameters["AWS::Region"])
	note("partition", r.Stack.Parameters["AWS::Partition"])
	note("Ref", r.Stack.reference(r.LogicalID, "Ref"))
	cluster := r.At("Cluster")
	switch r.Type {
	case "AWS::ECS::Service":
		note("group", r.Stack.reference(r.LogicalID, "Name"))
		words["group"] = "service:" + words["group"]
	case "AWS::Scheduler::Schedule":
		cluster = r.At("Target.Arn")
		note("group", r.At("Target.EcsParameters.TaskDefinitionArn"))
		_, family, _ := strings.Cut(words["group"], "/")
		family, _, _ = strings.Cut(family, ":")
		words["group"] = "family:" + family
	}
	note("cluster", cluster)
	if !strings.HasPrefix(words["cluster"], "arn:") {
		words["cluster"] = fmt.Sprintf("arn:%s:ecs:%s:%s:cluster/%s", words["partition"], words["region"], words["account"], words["cluster"])
	}
	return words, unknown
}

// eventValue is a part of the table with its words filled in.
func eventValue(v any, words map[string]string) Value {
	switch v := v.(type) {
	case map[string]any:
		fields := make(map[string]Value, len(v))
		for key, inside := range v {
			fields[key] = eventValue(inside, words)
		}
		return mapOf(fields)
	case []any:
		list := make([]Value, 0, len(v))
		for _, inside := range v {
			list = append(list, eventValue(inside, words))
		}
		return listOf(list)
	case int:
		return Value{kind: numberValue, text: strconv.Itoa(v)}
	}
	return Text(fillWords(fmt.Sprint(v), words))
}

// fillWords puts words in the place of their names in braces.
func fillWords(text string, words map[string]string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "{")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		var name string
		name, text, _ = strings.Cut(rest, "}")
		b.WriteString(words[name])
	}
}

// knowsKind tells whether the table has a kind of event.
func (e *eventRules) knowsKind(source, detailType string) bool {
	return slices.ContainsFunc(e.sources, func(s eventSource) bool { return s.Source == source && s.DetailType == detailType })
}
