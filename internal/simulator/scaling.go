package simulator

import (
	"slices"
	"time"
)

// A scalable is a target of Application Auto Scaling.
type scalable struct {
	resource, dimension string
	least, most         int
	suspended           map[string]any
	at                  time.Time
}

func (s *Simulator) scalingActions() map[string]action {
	return map[string]action{"DescribeScalableTargets": s.describeScalableTargets, "RegisterScalableTarget": s.registerScalableTarget}
}

func (s *Simulator) describeScalableTargets(c *call) (any, error) {
	list := []any{}
	for _, id := range sortedKeys(s.scalables) {
		t := s.scalables[id]
		if ids := c.texts("ResourceIds"); len(ids) > 0 && !slices.Contains(ids, t.resource) {
			continue
		}
		list = append(list, map[string]any{"ServiceNamespace": "ecs", "ResourceId": t.resource, "ScalableDimension": t.dimension, "MinCapacity": t.least, "MaxCapacity": t.most,
			"SuspendedState": t.suspended, "CreationTime": epochSeconds(t.at), "RoleARN": s.arn("iam", "role/aws-service-role/ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService")})
	}
	return paged(c, "ScalableTargets", "NextToken", c.number("MaxResults", 50), list), nil
}

// registerScalableTarget registers a target or changes what a call gives of one.
func (s *Simulator) registerScalableTarget(c *call) (any, error) {
	id := c.text("ResourceId")
	t := s.scalables[id]
	if t == nil {
		if c.body["MinCapacity"] == nil || c.body["MaxCapacity"] == nil {
			return nil, refuse("ValidationException", "MinCapacity and MaxCapacity are required when registering a new scalable target")
		}
		t = newScalable(id, s.present())
		s.scalables[id] = t
	}
	t.least, t.most = c.number("MinCapacity", t.least), c.number("MaxCapacity", t.most)
	given, _ := c.body["SuspendedState"].(map[string]any)
	for name, v := range given {
		t.suspended[name] = v
	}
	return map[string]any{"ScalableTargetARN": s.arn("application-autoscaling", "scalable-target/"+id)}, nil
}

func newScalable(id string, at time.Time) *scalable {
	return &scalable{resource: id, dimension: "ecs:service:DesiredCount", at: at,
		suspended: map[string]any{"DynamicScalingInSuspended": false, "DynamicScalingOutSuspended": false, "ScheduledScalingSuspended": false}}
}
