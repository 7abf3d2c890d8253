package deploy

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
)

// perDescribe is how many targets DescribeScalableTargets takes (API reference).
const perDescribe = 50

// scale suspends the scaling of targets, "service/cluster/name", or lets it go on. It returns those that it changed: what is as wanted,
// or scales by nothing, stays as it is.
func (e *Engine) scale(ctx context.Context, targets []string, suspended bool) ([]string, error) {
	var changed []string
	found, err := e.scalable(ctx, targets)
	if err != nil {
		return nil, err
	}
	for _, t := range found {
		if s := t.SuspendedState; s != nil && aws.ToBool(s.DynamicScalingInSuspended) == suspended && aws.ToBool(s.DynamicScalingOutSuspended) == suspended {
			continue
		}
		state := &types.SuspendedState{DynamicScalingInSuspended: &suspended, DynamicScalingOutSuspended: &suspended, ScheduledScalingSuspended: &suspended}
		in := &applicationautoscaling.RegisterScalableTargetInput{ServiceNamespace: t.ServiceNamespace, ResourceId: t.ResourceId, ScalableDimension: t.ScalableDimension, SuspendedState: state}
		if _, err := e.Cloud.Scaling().RegisterScalableTarget(ctx, in); err != nil {
			return changed, fmt.Errorf("set the scaling of %s: %w", aws.ToString(t.ResourceId), err)
		}
		changed = append(changed, aws.ToString(t.ResourceId))
	}
	return changed, nil
}

// scaling are those of some targets that scale now: a release suspends them and no others.
func (e *Engine) scaling(ctx context.Context, targets []string) ([]string, error) {
	found, err := e.scalable(ctx, targets)
	var active []string
	for _, t := range found {
		if s := t.SuspendedState; s == nil || !aws.ToBool(s.DynamicScalingInSuspended) && !aws.ToBool(s.DynamicScalingOutSuspended) {
			active = append(active, aws.ToString(t.ResourceId))
		}
	}
	return active, err
}

// scalable reads targets.
func (e *Engine) scalable(ctx context.Context, targets []string) ([]types.ScalableTarget, error) {
	var found []types.ScalableTarget
	for chunk := range slices.Chunk(targets, perDescribe) {
		out, err := e.Cloud.Scaling().DescribeScalableTargets(ctx, &applicationautoscaling.DescribeScalableTargetsInput{ServiceNamespace: types.ServiceNamespaceEcs, ResourceIds: chunk})
		if err != nil {
			return nil, fmt.Errorf("read the services' scaling: %w", err)
		}
		found = append(found, out.ScalableTargets...)
	}
	return found, nil
}
