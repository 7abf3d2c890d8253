package checks

import (
	"fmt"
	"net/netip"
	"slices"
)

// longestCooldowns are the longest cooldowns in seconds: growing may wait no longer than by default, five minutes, and
// shrinking three times that.
// https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html
var longestCooldowns = map[string]int{"ScaleInCooldown": 900, "ScaleOutCooldown": 300}

// reservedAddresses are those of each subnet that nobody gets: "The first four IP addresses and the last IP address".
// https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
const reservedAddresses = 5

// judgeRoom wants addresses for the greatest number of tasks, twice where a release runs the new ones beside the old. What
// subnets are not in the templates is left to those who declare them.
func judgeRoom(w *World, l *Looking, s *ScaledService, most int) {
	room, subnets := 0, s.Resource.At("NetworkConfiguration.AwsvpcConfiguration.Subnets").List()
	for _, v := range subnets {
		subnet := w.Find(v)
		if subnet == nil {
			return
		}
		block, err := netip.ParsePrefix(subnet.At("CidrBlock").String())
		if err != nil || !block.Addr().Is4() {
			return
		}
		room += 1<<(32-block.Bits()) - reservedAddresses
	}
	need := most
	if s.Deployment != nil {
		need *= 2
	}
	if len(subnets) > 0 && need > room {
		l.Fail(s.Target, "MaxCapacity", s.Target.At("MaxCapacity"), fmt.Sprintf("%d addresses of its subnets suffice, for a release that doubles the tasks too", room), "Lower it, or take larger subnets")
	}
}

// Requests in a minute that one task can be meant to serve. The simulated ramp takes any target for the right one: it
// would not notice one that no load reaches.
const leastRequests, mostRequests = 60, 60_000

func checkRequestTarget(w *World, l *Looking) {
	for _, s := range w.Operations().Services {
		for _, p := range s.Policies {
			counts := p.Predefined == "ALBRequestCountPerTarget" || slices.ContainsFunc(p.Queries.metrics(), func(m *Metric) bool {
				return m.Namespace == "AWS/ApplicationELB" && (m.Name == "RequestCount" || m.Name == "RequestCountPerTarget")
			})
			if !counts || p.problem != nil {
				continue
			}
			l.Look()
			if p.Target < leastRequests || p.Target > mostRequests {
				path := trackingPath + ".TargetValue"
				l.Fail(p.Resource, path, p.Resource.At(path), fmt.Sprintf("%d to %d requests a minute", leastRequests, mostRequests), "Measure what a task can serve")
			}
		}
	}
}

// judgeOwnLoad wants a policy to follow its own service's load, not that of others or of all behind a load balancer.
func (o *Operations) judgeOwnLoad(l *Looking, s *ScaledService, p *ScalingPolicy) {
	balanced := 0
	for _, other := range o.Services {
		balanced += min(1, len(other.Groups))
	}
	for _, q := range p.Queries {
		if q.Metric == nil || q.Metric.subject == nil {
			continue
		}
		subject := q.Metric.subject
		owner := o.owners[subject]
		if owner != nil && owner != s || subject.Type == "AWS::ElasticLoadBalancingV2::LoadBalancer" && balanced > 1 {
			l.FailText(p.Resource, q.Path, q.Metric.String()+" of "+subject.LogicalID, "the load of "+s.Resource.LogicalID, "Name the service's own target groups or its own name")
		}
	}
}
