package live_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	balancing "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy/live"
)

// to forwards to target groups a, b, … with weights; a negative one is not said.
func to(weights ...int32) balancing.Action {
	config := &balancing.ForwardActionConfig{}
	for i, weight := range weights {
		group := balancing.TargetGroupTuple{TargetGroupArn: aws.String(string(rune('a' + i)))}
		if weight >= 0 {
			group.Weight = &weight
		}
		config.TargetGroups = append(config.TargetGroups, group)
	}
	return balancing.Action{Type: balancing.ActionTypeEnumForward, ForwardConfig: config}
}

// What takes the traffic, however the actions name it.
func TestWeights(t *testing.T) {
	old := balancing.Action{Type: balancing.ActionTypeEnumForward, TargetGroupArn: aws.String("a")}
	both := to(7)
	both.TargetGroupArn = aws.String("a")
	for name, test := range map[string]struct {
		actions []balancing.Action
		want    live.Weights
		shares  map[string]int
	}{
		"two":                          {[]balancing.Action{to(100, 0)}, live.Weights{"a": 100, "b": 0}, map[string]int{"a": 100}},
		"two in other numbers":         {[]balancing.Action{to(1, 3)}, live.Weights{"a": 1, "b": 3}, map[string]int{"a": 25, "b": 75}},
		"two without traffic":          {[]balancing.Action{to(0, 0)}, live.Weights{"a": 0, "b": 0}, map[string]int{}},
		"two, one says nothing":        {[]balancing.Action{to(3, -1)}, live.Weights{"a": 3, "b": 1}, map[string]int{"a": 75, "b": 25}},
		"one":                          {[]balancing.Action{to(1)}, live.Weights{"a": 100}, map[string]int{"a": 100}},
		"one of weight 0":              {[]balancing.Action{to(0)}, live.Weights{"a": 100}, map[string]int{"a": 100}},
		"one that says nothing":        {[]balancing.Action{to(-1)}, live.Weights{"a": 100}, map[string]int{"a": 100}},
		"one beside ForwardConfig":     {[]balancing.Action{old}, live.Weights{"a": 100}, map[string]int{"a": 100}},
		"one in both places":           {[]balancing.Action{both}, live.Weights{"a": 100}, map[string]int{"a": 100}},
		"ForwardConfig names none":     {[]balancing.Action{{TargetGroupArn: aws.String("a"), ForwardConfig: &balancing.ForwardActionConfig{}}}, live.Weights{"a": 100}, map[string]int{"a": 100}},
		"behind another action":        {[]balancing.Action{{Type: balancing.ActionTypeEnumAuthenticateOidc}, to(30, 70)}, live.Weights{"a": 30, "b": 70}, map[string]int{"a": 30, "b": 70}},
		"nothing that forwards":        {[]balancing.Action{{Type: balancing.ActionTypeEnumFixedResponse}}, live.Weights{}, map[string]int{}},
		"no action (rule disappeared)": {nil, live.Weights{}, map[string]int{}},
	} {
		t.Run(name, func(t *testing.T) {
			got := live.WeightsOf(test.actions)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(test.shares, got.Shares()); diff != "" {
				t.Error(diff)
			}
		})
	}
}
