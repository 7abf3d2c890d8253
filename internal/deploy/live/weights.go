package live

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	balancing "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// Weights are the shares of the target groups behind a listener or one of its rules, by the target group's ARN.
type Weights map[string]int

// A Target is a target group that an action forwards to (Elastic Load Balancing API reference, TargetGroupTuple).
type Target struct {
	Group  string
	Weight int
}

const (
	// Unsaid is the weight of a target group for which none is said; Elastic Load Balancing shows it as 1.
	Unsaid = 1
	// whole is what a target group takes that shares with no other.
	whole = 100
)

// Forward adds the target groups of one action: several share by weight, one alone takes everything, whatever its weight.
func (w Weights) Forward(targets ...Target) {
	for _, t := range targets {
		if len(targets) == 1 {
			t.Weight = whole
		}
		w[t.Group] += t.Weight
	}
}

// WeightsOf are those of the actions of a listener or a rule. An action names its target groups in ForwardConfig, or the only one beside it
// (Elastic Load Balancing API reference, Action).
func WeightsOf(actions []balancing.Action) Weights {
	found := Weights{}
	for _, a := range actions {
		var targets []Target
		if a.ForwardConfig != nil {
			for _, g := range a.ForwardConfig.TargetGroups {
				t := Target{Group: aws.ToString(g.TargetGroupArn), Weight: Unsaid}
				if g.Weight != nil {
					t.Weight = int(*g.Weight)
				}
				targets = append(targets, t)
			}
		}
		if len(targets) == 0 && a.TargetGroupArn != nil {
			targets = []Target{{Group: *a.TargetGroupArn}}
		}
		found.Forward(targets...)
	}
	return found
}

// Shares are the weights in percent: 1 and 0 are the same as 100 and 0. Target groups without a share are left out.
func (w Weights) Shares() map[string]int {
	total := 0
	for _, n := range w {
		total += n
	}
	found := map[string]int{}
	for group, n := range w {
		if n > 0 {
			found[group] = 100 * n / total
		}
	}
	return found
}
