package verify

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	scaling "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
)

// scalingOn wants each scalable target registered between the template's bounds and not suspended. A release suspends scaling while it
// shifts the traffic.
func scalingOn(_ context.Context, l *look) {
	for _, r := range l.estate.Of(scalableType) {
		id, least, most := r.property("ResourceId"), r.property("MinCapacity"), r.property("MaxCapacity")
		if space := r.property("ServiceNamespace").text(); space != "ecs" {
			l.inapplicable(r, "", "the target is of "+named(space)+", not of ECS")
			continue
		}
		if id.text() == "" || least.text() == "" || most.text() == "" {
			l.untold(r, "resource and bounds")
			continue
		}
		expected := fmt.Sprintf("%s to %s tasks, not suspended", least.text(), most.text())
		all, err := l.targets()
		if err != nil {
			l.unread(r, expected, err)
			continue
		}
		t, exists := all[id.text()]
		observed := "not registered"
		if exists {
			observed = fmt.Sprintf("%d to %d tasks, %s", aws.ToInt32(t.MinCapacity), aws.ToInt32(t.MaxCapacity), l.suspension(t))
		}
		holds := observed == expected || observed == fmt.Sprintf("%s to %s tasks, %s", least.text(), most.text(), suspendedByRelease)
		l.add(nil, Finding{Resource: id.text(), Place: r.Place(), Type: r.Type, Expected: expected, Observed: observed, Result: result(holds)})
	}
}

const suspendedByRelease = "suspended by the release that runs"

// suspension tells whether scaling is suspended, and whether a release did it.
func (l *look) suspension(t scaling.ScalableTarget) string {
	s := t.SuspendedState
	if s == nil || !aws.ToBool(s.DynamicScalingInSuspended) && !aws.ToBool(s.DynamicScalingOutSuspended) && !aws.ToBool(s.ScheduledScalingSuspended) {
		return "not suspended"
	}
	services, _ := l.services() // of one that cannot be read nobody knows a release
	for arn, one := range services {
		if lastPart(arn) == lastPart(aws.ToString(t.ResourceId)) && releasing(one) {
			return suspendedByRelease
		}
	}
	return "suspended"
}
