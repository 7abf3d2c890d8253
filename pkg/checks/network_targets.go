package checks

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// listenersOf lists the listeners of a load balancer, and the text says why there may be others.
func (n *Network) listenersOf(balancer *Node) ([]*Resource, string) {
	return n.below[balancer.Resource], n.anyListener
}

// listenerRulesOf lists the rules of a listener.
func (n *Network) listenerRulesOf(listener *Resource) []*Resource { return n.below[listener] }

// readListeners finds which listeners are a load balancer's, and which rules are a listener's.
func (n *Network) readListeners() {
	n.below = map[*Resource][]*Resource{}
	for _, r := range n.world.OfType("AWS::ElasticLoadBalancingV2::Listener") {
		v := r.At("LoadBalancerArn")
		n.anyListener = cmp.Or(n.anyListener, v.Unknown())
		n.below[n.world.Find(v)] = append(n.below[n.world.Find(v)], r)
	}
	for _, r := range n.world.OfType("AWS::ElasticLoadBalancingV2::ListenerRule") {
		n.below[n.world.Find(r.At("ListenerArn"))] = append(n.below[n.world.Find(r.At("ListenerArn"))], r)
	}
	delete(n.below, nil)
}

// netForwards lists the target groups to which actions forward; the text says why there may be others.
func (w *World) netForwards(actions Value) ([]*Resource, string) {
	var groups []*Resource
	maybe := ""
	for _, action := range actions.List() {
		targets := []Value{action.At("TargetGroupArn")}
		for _, tuple := range action.At("ForwardConfig.TargetGroups").List() {
			targets = append(targets, tuple.At("TargetGroupArn"))
		}
		for _, v := range targets {
			r := w.Find(v)
			switch {
			case r == nil && v.Exists():
				maybe = cmp.Or(v.Unknown(), "target group "+v.String()+" is not in the templates")
			case r != nil && !slices.Contains(groups, r):
				groups = append(groups, r)
			}
		}
	}
	return groups, maybe
}

// targetsOf are the tasks behind a load balancer with the ports on which it speaks to them; the text says why there may
// be others.
func (n *Network) targetsOf(balancer *Node) (map[*Node][]int, string) {
	listeners, maybe := n.listenersOf(balancer)
	targets := map[*Node][]int{}
	for _, listener := range listeners {
		groups, doubt := n.world.netForwards(listener.At("DefaultActions"))
		for _, rule := range n.listenerRulesOf(listener) {
			more, why := n.world.netForwards(rule.At("Actions"))
			groups, doubt = append(groups, more...), cmp.Or(doubt, why)
		}
		maybe = cmp.Or(maybe, doubt)
		for _, g := range groups {
			node, port := n.servedBy(g)
			if node == nil {
				continue
			}
			ports := []int{port}
			if health, ok := g.At("HealthCheckPort").Int(); ok {
				ports = append(ports, health)
			}
			for _, p := range ports {
				if !slices.Contains(targets[node], p) {
					targets[node] = append(targets[node], p)
				}
			}
		}
	}
	return targets, maybe
}

// servedBy is the service whose tasks are in a target group, by itself or when CodeDeploy moves them there, and their port.
func (n *Network) servedBy(targets *Resource) (*Node, int) {
	found := n.served[targets]
	return found.node, found.port
}

// readTargets finds who is behind which target group.
func (n *Network) readTargets() {
	n.served = map[*Resource]served{}
	for _, node := range n.OfKind(Tasks) {
		for _, v := range node.Resource.At("LoadBalancers").List() {
			if g := n.world.Find(v.At("TargetGroupArn")); g != nil {
				port, _ := v.At("ContainerPort").Int()
				n.served[g] = served{node, port}
			}
		}
	}
	byName := map[string]*Resource{}
	for _, r := range n.world.OfType("AWS::ElasticLoadBalancingV2::TargetGroup") {
		byName[r.At("Name").String()] = r
	}
	delete(byName, "")
	for _, r := range n.world.OfType("AWS::CodeDeploy::DeploymentGroup") {
		for _, pair := range r.At("LoadBalancerInfo.TargetGroupPairInfoList").List() {
			n.pair(mapped(pair.At("TargetGroups").List(), func(v Value) *Resource {
				return cmp.Or(n.world.Find(v.At("Name")), byName[v.At("Name").String()])
			}))
		}
	}
}

// pair puts the service behind one target group of a blue/green pair behind the other as well.
func (n *Network) pair(groups []*Resource) {
	for _, one := range groups {
		for _, other := range groups {
			if found, ok := n.served[one]; ok && other != nil && n.served[other].node == nil {
				n.served[other] = found
			}
		}
	}
}

// isApplication tells whether a load balancer speaks HTTP.
func (n *Node) isApplication() bool {
	kind := n.Resource.At("Type").String()
	return n.Resource.Type == "AWS::ElasticLoadBalancingV2::LoadBalancer" && (kind == "" || kind == "application")
}

// needsOf are the AWS services that tasks call, by the last part of their endpoints' names, each with the reason; the text
// says why there may be others.
// Source: "Amazon ECS interface VPC endpoints" in the ECS developer guide.
func (n *Network) needsOf(node *Node) (map[string]string, string) {
	needs := map[string]string{}
	if node.Task == nil {
		return needs, "the task definition is not in the templates"
	}
	maybe := ""
	for _, container := range node.Task.At("ContainerDefinitions").List() {
		maybe = cmp.Or(maybe, container.At("Image").Unknown())
		if strings.Contains(container.At("Image").String(), ".dkr.ecr.") {
			needs["ecr.api"], needs["ecr.dkr"], needs["s3"] = "pulls images", "pulls images", "pulls layers of images"
		}
		if container.At("LogConfiguration.LogDriver").String() == "awslogs" {
			needs["logs"] = "writes its log"
		}
		for _, secret := range container.At("Secrets").List() {
			service := "ssm"
			if strings.Contains(secret.At("ValueFrom").String(), ":secretsmanager:") {
				service = "secretsmanager"
			}
			needs[service] = "has secrets injected"
		}
	}
	maps.Copy(needs, n.world.callsOf(n.world.Find(node.Task.At("TaskRoleArn"))))
	return needs, maybe
}

// callsOf are the AWS services that a role lets tasks call by themselves.
func (w *World) callsOf(role *Resource) map[string]string {
	needs := map[string]string{}
	if role == nil {
		return needs
	}
	for _, policy := range role.At("Policies").List() {
		for _, statement := range policy.At("PolicyDocument.Statement").List() {
			if mentionsKey(statement.At("Condition"), "kms:ViaService") || statement.At("Effect").String() != "Allow" {
				continue // with the condition, another service calls KMS
			}
			for _, action := range statement.At("Action").Texts() {
				prefix, _, _ := strings.Cut(action, ":")
				if service := endpointNames()[prefix]; service != "" {
					needs[service] = "may " + action
				}
			}
		}
	}
	return needs
}

// endpointNames are the endpoints of the services that actions belong to.
// Source: "AWS services that integrate with AWS PrivateLink" in the AWS PrivateLink guide.
func endpointNames() map[string]string {
	return map[string]string{"cloudwatch": "monitoring", "dynamodb": "dynamodb", "ecr": "ecr.api", "events": "events", "firehose": "kinesis-firehose",
		"kinesis": "kinesis-streams", "kms": "kms", "logs": "logs", "s3": "s3", "secretsmanager": "secretsmanager", "sns": "sns", "sqs": "sqs",
		"ssm": "ssm", "states": "states", "sts": "sts", "xray": "xray"}
}

func mentionsKey(v Value, key string) bool {
	for _, k := range v.Keys() {
		if k == key || mentionsKey(v.fields[k], key) {
			return true
		}
	}
	return false
}
