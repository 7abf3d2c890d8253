package checks

import (
	"cmp"
	_ "embed"
	"maps"
	"slices"
	"strings"
)

// checkFirstDeployment wants services and scheduled tasks created after their task definition, the way out of their tasks, the
// rules of their security groups and, for services, a listener that sends to them; and trails and load balancers after the
// policy that lets them write to their bucket.
func checkFirstDeployment(w *World, l *Looking) {
	for _, r := range w.OfType(serviceType) {
		l.Look()
		l.afterWayOut(w, r, r.At("NetworkConfiguration.AwsvpcConfiguration"), r.At("Cluster"))
		checkAttached(w, l, r)
	}
	checkScheduled(w, l)
	for _, use := range w.archives() {
		if use.writer.Type != trailType && use.writer.Type != "AWS::ElasticLoadBalancingV2::LoadBalancer" {
			continue
		}
		bucket := w.bucket(use.bucket)
		for _, policy := range w.OfType("AWS::S3::BucketPolicy") {
			if bucket == nil || w.bucket(policy.At("Bucket")) != bucket {
				continue
			}
			l.Look()
			if !w.waits(use.writer, policy) {
				l.FailUnlessExcused(use.writer, use.path, Text("nothing that leads to "+policy.Where()), "the policy that lets it write, there before it", "add the bucket's policy to DependsOn")
			}
		}
	}
}

// afterWayOut wants what runs tasks after all that leads out of their network.
func (l *Looking) afterWayOut(w *World, r *Resource, network, cluster Value) {
	for _, other := range w.wayOut(network, cluster) {
		if !w.waits(r, other) {
			l.FailUnlessExcused(r, "DependsOn", Text("nothing that leads to "+other.Where()), "what the tasks need to start, there before "+r.LogicalID, "let it, or the nested stack that holds it, depend on it")
		}
	}
}

// wayOut lists what tasks in a network need to reach anything: routes and endpoints of their subnets, rules of their security
// groups, and the capacity providers of their cluster.
func (w *World) wayOut(network, cluster Value) []*Resource {
	var needed []*Resource
	seen := map[*Resource]bool{}
	add := func(kind, property string, texts []string) {
		for _, text := range texts {
			for _, r := range w.having(kind, property, text) {
				if !seen[r] {
					seen[r], needed = true, append(needed, r)
				}
			}
		}
	}
	subnets, groups := network.At("Subnets").Texts(), network.At("SecurityGroups").Texts()
	add("AWS::EC2::SubnetRouteTableAssociation", "SubnetId", subnets)
	var tables []string
	for _, r := range needed {
		tables = append(tables, r.At("RouteTableId").Texts()...)
	}
	add("AWS::EC2::Route", "RouteTableId", tables)
	add("AWS::EC2::VPCEndpoint", "SubnetIds", subnets)
	add("AWS::EC2::VPCEndpoint", "RouteTableIds", tables)
	add("AWS::EC2::SecurityGroupEgress", "GroupId", groups)
	add("AWS::EC2::SecurityGroupIngress", "GroupId", groups)
	add("AWS::ECS::ClusterCapacityProviderAssociations", "Cluster", cluster.Texts())
	return needed
}

// checkAttached wants a listener to send to the service's target group first: a service cannot register with a target group
// that no load balancer has (Amazon ECS API Reference, CreateService).
func checkAttached(w *World, l *Looking, service *Resource) {
	for _, path := range expandPath(service.Properties, "LoadBalancers[*].TargetGroupArn") {
		group := w.Find(service.At(path))
		if group == nil {
			continue
		}
		if !slices.ContainsFunc(w.forwards(group), func(f forward) bool { return w.waits(service, f.listener) }) {
			l.FailUnlessExcused(service, path, Text("no listener that is there before sends to "+group.LogicalID), "a listener rule, there before the service", "add the listener rule to DependsOn")
		}
	}
}

//go:embed lifecycle_outputs.txt
var neededOutputs string

func checkRootOutputs(w *World, l *Looking) {
	outputs := map[*Stack]map[string]bool{}
	unknown := map[*Stack]string{}
	for _, s := range w.Stacks {
		outputs[s] = map[string]bool{}
		for _, name := range slices.Sorted(maps.Keys(s.Outputs)) {
			v := s.Outputs[name]
			outputs[s][v.String()] = true
			unknown[s] = cmp.Or(unknown[s], v.Unknown())
		}
	}
	for _, row := range tableRows(neededOutputs) {
		for _, r := range w.OfType(row[0]) {
			root := r.Stack
			for root.as != nil {
				root = root.as.Stack
			}
			l.Look()
			needed := "one of " + strings.Join(row[1:], ", ") + " among the root's outputs"
			if slices.ContainsFunc(row[1:], func(attribute string) bool { return outputs[root][r.putOut(attribute)] }) {
				continue
			}
			if why := unknown[root]; why != "" {
				l.Unsure(r, "", needed, why)
				continue
			}
			l.FailUnlessExcused(r, "", Text("no output of "+root.Template.Name+" tells it"), needed, "add an output")
		}
	}
}

// putOut is what an output of an attribute would say.
func (r *Resource) putOut(attribute string) string {
	v := r.Stack.reference(r.LogicalID, attribute)
	if property, isProperty := strings.CutPrefix(attribute, "."); isProperty {
		v = r.At(property)
	}
	if v.String() == "" {
		return r.Identity()
	}
	return v.String()
}
