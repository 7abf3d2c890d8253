package resources

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/awslabs/goformation/v7/cloudformation/events"

	"github.com/tierform/tierform/pkg/cfn"
)

// EventPattern says which events a rule takes. Values of Detail are nested maps that end in lists of what is allowed.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
type EventPattern struct {
	// Source and DetailType are the event's kind, such as aws.ecs and ECS Task State Change.
	Source, DetailType string
	// Detail narrows it.
	Detail map[string]any
}

// TopicRuleInput describes a rule that tells a topic of events in a sentence.
type TopicRuleInput struct {
	// Name is the physical name.
	Name string
	// Description says what the rule watches.
	Description string
	Pattern     EventPattern
	Topic       cfn.TopicARN
	// Sentence is what people read. It holds the names of Facts in angle brackets.
	Sentence string
	// Facts are paths into the event, such as $.detail.state, by name.
	Facts map[string]string
}

var factInSentence = regexp.MustCompile(`<([A-Za-z0-9-]+)>`)

// TopicRule is a rule on the default event bus that turns events into sentences for a topic. The topic's policy lets
// EventBridge publish; no role is involved.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
func TopicRule(in TopicRuleInput) *events.Rule {
	rule := &events.Rule{
		Name:        new(in.Name),
		Description: new(in.Description),
		State:       new("ENABLED"),
		EventPattern: map[string]any{
			"source": []string{in.Pattern.Source}, "detail-type": []string{in.Pattern.DetailType}, "detail": in.Pattern.Detail,
		},
		Targets: []events.Rule_Target{{
			Id:  "topic",
			Arn: string(in.Topic),
			InputTransformer: &events.Rule_InputTransformer{
				InputPathsMap: in.Facts, InputTemplate: `"` + in.Sentence + `"`,
			},
		}},
	}
	if problem := in.problem(); problem != "" {
		rule.Description = new(problem)
	}
	return rule
}

// problem is a cfn.Invalid when sentence and facts do not belong together, else "".
func (in TopicRuleInput) problem() string {
	told := map[string]bool{}
	for _, match := range factInSentence.FindAllStringSubmatch(in.Sentence, -1) {
		told[match[1]] = true
	}
	known := slices.Sorted(maps.Keys(in.Facts))
	switch {
	case strings.ContainsAny(in.Sentence, "\"\\\n"):
		return cfn.Invalid("sentence of event rule "+in.Name+" cannot be a JSON string", in.Sentence, "no quotes, backslashes or line breaks")
	case !slices.Equal(known, slices.Sorted(maps.Keys(told))):
		return cfn.Invalid("sentence of event rule "+in.Name+" does not tell its facts", in.Sentence, "each of <"+strings.Join(known, ">, <")+">, nothing else in angle brackets")
	}
	return ""
}
