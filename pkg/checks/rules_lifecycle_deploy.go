package checks

import (
	"fmt"
	"regexp"
	"slices"
)

const (
	serviceType        = "AWS::ECS::Service"
	taskDefinitionType = "AWS::ECS::TaskDefinition"
	targetGroupType    = "AWS::ElasticLoadBalancingV2::TargetGroup"
)

// revision ends what names a revision of a task definition.
var revision = regexp.MustCompile(`:\d+$`)

// checkDeployedServices holds services whose deployment controller is CodeDeploy to what CloudFormation may say about them:
// UpdateService refuses another task definition (Amazon ECS API Reference, UpdateService), and scaling owns the count.
func checkDeployedServices(w *World, l *Looking) {
	for _, r := range w.OfType(serviceType) {
		switch v := r.At("DeploymentController.Type"); {
		case v.Unknown() != "":
			l.Look()
			l.Fail(r, "DeploymentController.Type", v, "a deployment controller that is known", "")
		case v.String() == "CODE_DEPLOY":
			l.Look()
			checkFamily(w, l, r)
			if v := r.At("DesiredCount"); v.Exists() {
				l.FailUnlessExcused(r, "DesiredCount", v, "nothing: scaling owns the number of tasks", "remove DesiredCount")
			}
		}
	}
}

// checkFamily wants the task definition named by its family, and there before the service.
func checkFamily(w *World, l *Looking, r *Resource) {
	const path, needed = "TaskDefinition", "the family of a task definition, without revision"
	const mend = "write the family as text and add the task definition to DependsOn"
	v := r.At(path)
	for _, m := range r.source.field("Properties").field(path).mentions() {
		if other := r.Stack.byID[m.name]; other != nil && other.Type == taskDefinitionType {
			l.FailUnlessExcused(r, path, Text("a reference to "+m.name+", which names a revision"), needed, mend)
			return
		}
	}
	if v.Unknown() != "" || !v.Exists() || revision.MatchString(v.String()) {
		l.FailUnlessExcused(r, path, v, needed, mend)
		return
	}
	definition := w.taskDefinition(v)
	switch {
	case definition == nil:
		l.Unsure(r, path, needed, "no template has a task definition "+v.String())
	case !w.waits(r, definition):
		l.FailUnlessExcused(r, "DependsOn", Text("nothing that leads to "+definition.LogicalID), "the task definition, there before the service", "add "+definition.LogicalID+" to DependsOn")
	}
}

// checkListenerWeights wants each rule that sends to a deployment group's target groups to name both, with weights that a
// parameter of the root sets: CodeDeploy moves them, and an update must not move them back.
func checkListenerWeights(w *World, l *Looking) {
	for _, group := range w.OfType("AWS::CodeDeploy::DeploymentGroup") {
		for _, path := range expandPath(group.Properties, "LoadBalancerInfo.TargetGroupPairInfoList[*]") {
			l.Look()
			checkColours(w, l, group, path)
		}
	}
}

func checkColours(w *World, l *Looking, group *Resource, path string) {
	var pair []*Resource
	targets := group.At(path + ".TargetGroups")
	for _, target := range targets.List() {
		if r := w.Find(target.At("Name")); r != nil && r.Type == targetGroupType && !slices.Contains(pair, r) {
			pair = append(pair, r)
		}
	}
	if why := targets.anyUnknown(); why != "" && len(pair) != 2 {
		l.Unsure(group, path+".TargetGroups", "two target groups", why)
		return
	}
	if len(pair) != 2 {
		l.FailUnlessExcused(group, path+".TargetGroups", targets, "two target groups of the templates", "name the blue and the green one")
		return
	}
	judged := map[forward]bool{}
	for _, f := range append(w.forwards(pair[0]), w.forwards(pair[1])...) {
		if !judged[f] {
			judged[f] = true
			checkWeights(w, l, f.listener, f.path, pair)
		}
	}
	if len(judged) == 0 {
		l.FailUnlessExcused(group, path, Text("no listener sends to its target groups"), "a listener rule with both target groups", "declare a rule")
	}
}

// forward is an action of a listener, or of one of its rules, that sends requests to a target group.
type forward struct {
	listener *Resource
	path     string
}

// forwards lists the actions that send to a target group.
func (w *World) forwards(group *Resource) []forward {
	if w.order.forwards == nil {
		w.order.forwards = map[*Resource][]forward{}
		for _, r := range w.OfType("AWS::ElasticLoadBalancingV2::ListenerRule", "AWS::ElasticLoadBalancingV2::Listener") {
			for _, path := range append(expandPath(r.Properties, "Actions[*]"), expandPath(r.Properties, "DefaultActions[*]")...) {
				action := r.At(path)
				for _, target := range append(action.At("ForwardConfig.TargetGroups").List(), action) {
					if to := w.Find(target.At("TargetGroupArn")); to != nil {
						w.order.forwards[to] = append(w.order.forwards[to], forward{r, path})
					}
				}
			}
		}
	}
	return slices.Clone(w.order.forwards[group])
}

func checkWeights(w *World, l *Looking, r *Resource, at string, pair []*Resource) {
	path := at + ".ForwardConfig.TargetGroups"
	targets := r.At(path)
	carried, live := map[*Resource]bool{}, 0
	for i, target := range targets.List() {
		weight := target.At("Weight")
		if n, ok := weight.Int(); ok && n > 0 {
			live++
		}
		carried[w.Find(target.At("TargetGroupArn"))] = true
		written := r.Stack.written(r.source.field("Properties"), fmt.Sprintf("%s[%d]", path, i)+".Weight")
		if len(r.Stack.rootParameters(written)) == 0 {
			l.FailUnlessExcused(r, fmt.Sprintf("%s[%d]", path, i)+".Weight", weight, "a weight that a parameter of the root sets", "let the weight depend on the live colour")
		}
	}
	switch {
	case !carried[pair[0]] || !carried[pair[1]]:
		l.FailUnlessExcused(r, path, targets, "both target groups of the deployment group", "add the other target group with its weight")
	case targets.anyUnknown() != "":
		l.Unsure(r, path, "all weight on one of the two", targets.anyUnknown())
	case live != 1:
		l.FailUnlessExcused(r, path, targets, "all weight on one of the two", "give one of them 0")
	}
}
