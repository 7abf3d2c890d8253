package resources_test

import (
	"testing"

	"github.com/tierform/tierform/pkg/cfn"
	"github.com/tierform/tierform/pkg/resources"
)

func rule(edit func(*resources.TopicRuleInput)) resources.TopicRuleInput {
	in := resources.TopicRuleInput{
		Name: "rule", Description: "Something", Topic: "arn:topic", Sentence: "State of <thing> is <state>.",
		Facts:   map[string]string{"thing": "$.detail.thing", "state": "$.detail.state"},
		Pattern: resources.EventPattern{Source: "aws.x", DetailType: "X", Detail: map[string]any{"state": []string{"BAD"}}},
	}
	edit(&in)
	return in
}

// A rule tells the topic a sentence, which EventBridge wants as a JSON string.
func TestTopicRule(t *testing.T) {
	r := resources.TopicRule(rule(func(*resources.TopicRuleInput) {}))
	target := r.Targets[0]
	if *r.State != "ENABLED" || target.Arn != "arn:topic" || target.RoleArn != nil || target.InputTransformer.InputTemplate != `"State of <thing> is <state>."` {
		t.Errorf("rule: %+v", r)
	}
	pattern := r.EventPattern.(map[string]any)
	if pattern["source"].([]string)[0] != "aws.x" || pattern["detail-type"].([]string)[0] != "X" || pattern["detail"] == nil {
		t.Errorf("pattern: %v", pattern)
	}
}

func TestTopicRuleRefusesSentencesThatDoNotFit(t *testing.T) {
	for name, tc := range map[string]struct {
		want string
		edit func(*resources.TopicRuleInput)
	}{
		"fits":            {"", func(*resources.TopicRuleInput) {}},
		"fact told twice": {"", func(in *resources.TopicRuleInput) { in.Sentence += " <thing>" }},
		"quotes":          {"JSON string", func(in *resources.TopicRuleInput) { in.Sentence = `"<thing>" is <state>` }},
		"fact not told":   {"does not tell its facts", func(in *resources.TopicRuleInput) { in.Sentence = "It is <state>" }},
		"unknown fact":    {"does not tell its facts", func(in *resources.TopicRuleInput) { in.Sentence += " <why>" }},
	} {
		t.Run(name, func(t *testing.T) {
			wantInvalid(t, tc.want, func(root *cfn.Template) { cfn.Add(root, "Rule", "Tells", resources.TopicRule(rule(tc.edit))) })
		})
	}
}
