package checks

import (
	"slices"
	"strings"
)

// gathering finds what belongs to services.
type gathering struct {
	o           *Operations
	deployments map[*Resource]*Resource        // by service
	targets     map[string]*Resource           // by resource ID
	policies    map[*Resource][]*ScalingPolicy // by scalable target
	direct      map[string][]*ScalingPolicy    // by resource ID, for policies that name no scalable target
	entries     map[*Resource][]entry          // by target group
}

// entry is a listener rule or a listener's default action that leads to a target group.
type entry struct {
	listener Value
	limited  bool // to certain addresses
}

func gatherServices(o *Operations) []*ScaledService {
	g := &gathering{o: o, deployments: map[*Resource]*Resource{}, targets: map[string]*Resource{},
		policies: map[*Resource][]*ScalingPolicy{}, direct: map[string][]*ScalingPolicy{}, entries: map[*Resource][]entry{}}
	g.gather()
	var services []*ScaledService
	for _, r := range o.world.OfType("AWS::ECS::Service") {
		s := &ScaledService{Resource: r, Deployment: g.deployments[r], Target: g.targets[serviceID(r)], Policies: g.direct[serviceID(r)]}
		if s.Target != nil {
			s.Policies = append(s.Policies, g.policies[s.Target]...)
		}
		s.Groups = g.targetGroups(s)
		g.findPublic(s)
		services = append(services, s)
	}
	return services
}

// gather indexes what names services and target groups.
func (g *gathering) gather() {
	w := g.o.world
	for _, group := range w.OfType("AWS::CodeDeploy::DeploymentGroup") {
		for _, one := range group.At("ECSServices").List() {
			if r := g.o.service(one.At("ClusterName"), one.At("ServiceName")); r != nil {
				g.deployments[r] = group
			}
		}
	}
	for _, target := range w.OfType("AWS::ApplicationAutoScaling::ScalableTarget") {
		if target.At("ScalableDimension").String() == "ecs:service:DesiredCount" {
			g.targets[target.At("ResourceId").String()] = target
		}
	}
	for _, r := range w.OfType("AWS::ApplicationAutoScaling::ScalingPolicy") {
		if target := w.Find(r.At("ScalingTargetId")); target != nil {
			g.policies[target] = append(g.policies[target], readPolicy(r))
		} else if r.At("ScalableDimension").String() == "ecs:service:DesiredCount" {
			id := r.At("ResourceId").String()
			g.direct[id] = append(g.direct[id], readPolicy(r))
		}
	}
	for _, rule := range w.OfType("AWS::ElasticLoadBalancingV2::ListenerRule") {
		g.addEntries(rule.At("Actions"), entry{listener: rule.At("ListenerArn"), limited: limitsSource(rule.At("Conditions"))})
	}
	for _, listener := range w.OfType("AWS::ElasticLoadBalancingV2::Listener") {
		g.addEntries(listener.At("DefaultActions"), entry{listener: Text(listener.Identity())})
	}
}

// service is the ECS service with a name in a cluster, or nil.
func (o *Operations) service(cluster, name Value) *Resource {
	return o.names["AWS::ECS::Service service/"+clusterName(cluster)+"/"+name.String()]
}

func (g *gathering) addEntries(actions Value, e entry) {
	for _, action := range actions.List() {
		for _, target := range append([]Value{action}, action.At("ForwardConfig.TargetGroups").List()...) {
			if group := g.o.world.Find(target.At("TargetGroupArn")); group != nil {
				g.entries[group] = append(g.entries[group], e)
			}
		}
	}
}

// targetGroups are those of the deployment group's pair, then those of the service that are not among them.
func (g *gathering) targetGroups(s *ScaledService) []*Resource {
	var groups []*Resource
	add := func(group *Resource) {
		if group != nil && !slices.Contains(groups, group) {
			groups = append(groups, group)
		}
	}
	if s.Deployment != nil {
		for _, pair := range s.Deployment.At("LoadBalancerInfo.TargetGroupPairInfoList").List() {
			for _, one := range pair.At("TargetGroups").List() {
				add(g.o.named("AWS::ElasticLoadBalancingV2::TargetGroup", one.At("Name")))
			}
		}
	}
	for _, balancer := range s.Resource.At("LoadBalancers").List() {
		add(g.o.world.Find(balancer.At("TargetGroupArn")))
	}
	return groups
}

// findPublic looks for a way from the internet to the target groups.
func (g *gathering) findPublic(s *ScaledService) {
	for _, group := range s.Groups {
		if len(g.entries[group]) > 0 {
			s.forwarded = append(s.forwarded, group)
		}
		for _, e := range g.entries[group] {
			if !e.limited {
				g.o.world.judgeListener(s, g.o.world.Find(e.listener))
			}
		}
	}
}

func (w *World) judgeListener(s *ScaledService, listener *Resource) {
	if listener == nil {
		s.Unclear = "the listener of its rule is not in the templates"
		return
	}
	balancer := w.Find(listener.At("LoadBalancerArn"))
	if balancer == nil {
		s.Unclear = "the load balancer of " + listener.Where() + " is not in the templates"
		return
	}
	if why := balancer.At("Scheme").Unknown(); why != "" {
		s.Unclear = why
		return
	}
	s.Public = s.Public || balancer.At("Scheme").String() != "internal"
}

// limitsSource tells whether a rule's conditions let in only certain addresses.
func limitsSource(conditions Value) bool {
	for _, condition := range conditions.List() {
		values := append(condition.At("SourceIpConfig.Values").List(), condition.At("Values").List()...)
		if condition.At("Field").String() == "source-ip" && len(values) > 0 &&
			!slices.ContainsFunc(values, func(v Value) bool { return strings.HasSuffix(v.String(), "/0") }) {
			return true
		}
	}
	return false
}
